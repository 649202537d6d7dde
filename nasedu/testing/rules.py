"""What a rule of a contract is, and how a suite of them runs."""

import functools
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from nasedu.core import BadValue

Check = Callable[..., None]


class Broken(AssertionError):
    """A rule does not hold: what was seen, and what to change."""

    def __init__(self, seen: str, mend: str):
        super().__init__(f"{seen}\n  to mend: {mend}")
        self.seen = seen
        self.mend = mend


def expect(held: bool, seen: str, mend: str) -> None:
    """Raises Broken with an example and the way to mend it, unless the rule held."""
    if not held:
        raise Broken(seen, mend)


class Suite:
    """The rules of one contract, each a small function whose name and first line say the rule.

    Args:
        contract: what the rules are about ("space").
    """

    def __init__(self, contract: str):
        self.contract = contract
        self.checks: list[Check] = []

    def rule(self, check: Check) -> Check:
        """Add a function to the suite; what it raises says which rule was being checked."""
        sentence = (check.__doc__ or "").partition("\n")[0]
        heading = f"{self.contract} rule {check.__name__!r}: {sentence}"

        @functools.wraps(check)
        def held(*subject: Any) -> None:
            try:
                check(*subject)
            except Broken as broken:
                raise AssertionError(
                    f"{heading}\n  seen: {broken.seen}\n  to mend: {broken.mend}"
                ) from broken.__cause__
            except Exception as error:
                raise AssertionError(
                    f"{heading}\n  seen: {type(error).__name__}: {error}\n  to mend: follow the traceback above"
                ) from error

        self.checks.append(held)
        return held

    def run(self, *subject: Any, without: Sequence[str] = ()) -> None:
        """Every rule in turn, but for those named in `without`. Raises AssertionError at the first that is broken."""
        names = [check.__name__ for check in self.checks]
        for name in without:
            if name not in names:
                raise BadValue(f"there is no {self.contract} rule {name!r}; there are: {', '.join(names)}")
        for check in self.checks:
            if check.__name__ not in without:
                check(*subject)


def must_raise(kind: type[Exception], action: Callable[[], Any], what: str, mend: str) -> None:
    """Raises Broken unless the action raises an error of this kind."""
    try:
        result = action()
    except kind:
        return
    except Exception as error:
        broken = Broken(f"{what} raised {type(error).__name__} ({error}); expected {kind.__name__}", mend)
        raise broken from error
    raise Broken(f"{what} gave {short(result)}; expected {kind.__name__}", mend)


def short(value: Any, most: int = 200) -> str:
    """The value for a message, cut where it gets long."""
    text = repr(value)
    return text if len(text) <= most else text[: most - 1] + "…"


# ---------------------------------------------------------------------- the global generators that nobody may use


def global_randomness() -> tuple[bytes, ...]:
    """The state of Python's, numpy's and (if it is imported) torch's global generator, to compare."""
    name, keys, *rest = np.random.get_state(legacy=True)
    states = [repr(random.getstate()).encode(), np.asarray(keys).tobytes() + repr((name, rest)).encode()]
    if "torch" in sys.modules:
        states.append(sys.modules["torch"].get_rng_state().numpy().tobytes())
    return tuple(states)


@contextmanager
def global_seed(seed: int) -> Iterator[None]:
    """Inside, the global generators stand at this seed; afterwards they are as they were before."""
    torch = sys.modules.get("torch")
    before = random.getstate(), np.random.get_state(), torch.get_rng_state() if torch else None
    random.seed(seed)
    np.random.seed(seed)
    if torch:
        torch.random.default_generator.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
        if torch and before[2] is not None:
            torch.set_rng_state(before[2])


def touches_global_randomness(action: Callable[[], Any]) -> bool:
    """Whether the action draws from a global generator, or sets one."""
    with global_seed(5):
        before = global_randomness()
        action()
        after = global_randomness()
    return after[: len(before)] != before
