"""Rules of a contract, and the suite that runs them."""

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
    """A rule does not hold; the message gives what was seen and what to change."""

    def __init__(self, seen: str, mend: str):
        super().__init__(f"{seen}\n  to mend: {mend}")
        self.seen = seen
        self.mend = mend


def expect(held: bool, seen: str, mend: str) -> None:
    """Raise Broken, with an example and how to mend it, unless the rule held."""
    if not held:
        raise Broken(seen, mend)


class Suite:
    """The rules of one contract. Each is a small function: its name and its first line state the rule.

    Args:
        contract: the kind of object that the rules are for ("space").
    """

    def __init__(self, contract: str):
        self.contract = contract
        self.checks: list[Check] = []
        self.foundation: set[str] = set()
        """Rules on which all others rely: where one is broken, another could go on for ever."""

    def first(self, check: Check) -> Check:
        """Add a function as `rule` does; the rules that follow are tried only if it holds."""
        self.foundation.add(check.__name__)
        return self.rule(check)

    def rule(self, check: Check) -> Check:
        """Add a function to the suite; its errors then name the rule."""
        sentence = (check.__doc__ or "").partition("\n")[0].removeprefix("Check that ")
        heading = f"{self.contract} rule {check.__name__!r}: {sentence[:1].upper()}{sentence[1:]}"

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
        """Check every rule in turn, except those in `without`. Raise AssertionError at the first broken one."""
        for check in self._chosen(without):
            check(*subject)

    def run_all(self, *subject: Any, without: Sequence[str] = ()) -> None:
        """Check every rule, except those in `without`. Raise one AssertionError that names all broken ones.

        Rules that are broken for the same reason as one before are omitted. The other rules are not tried where one of
        the `foundation` is broken.
        """
        chosen = self._chosen(without)
        broken: dict[str, AssertionError] = {}
        founded = True
        for check in chosen:
            if founded or check.__name__ in self.foundation:
                try:
                    check(*subject)
                except AssertionError as error:
                    broken.setdefault(str(error).partition("\n")[2], error)
                    founded = founded and check.__name__ not in self.foundation
        if not broken:
            return
        said = [f"{len(broken)} rules are broken."] * (len(broken) > 1) + [str(error) for error in broken.values()]
        if not founded:
            tried = sum(check.__name__ in self.foundation for check in chosen)
            said.append(f"The {len(chosen) - tried} other rules rely on this: check again once it is mended.")
        raise AssertionError("\n\n".join(said)) from next(iter(broken.values()))

    def _chosen(self, without: Sequence[str]) -> list[Check]:
        """Return the rules but those in `without`. Raise BadValue for a name that no rule has."""
        names = [check.__name__ for check in self.checks]
        for name in without:
            if name not in names:
                raise BadValue(f"there is no {self.contract} rule {name!r}; there are: {', '.join(names)}")
        return [check for check in self.checks if check.__name__ not in without]


def must_raise(kind: type[Exception], action: Callable[[], Any], what: str, mend: str) -> None:
    """Raise Broken unless the action raises an error of this kind."""
    try:
        result = action()
    except kind:
        return
    except Exception as error:
        broken = Broken(f"{what} raised {type(error).__name__} ({error}); expected {kind.__name__}", mend)
        raise broken from error
    raise Broken(f"{what} gave {short(result)}; expected {kind.__name__}", mend)


def short(value: Any, most: int = 200) -> str:
    """Return the value as text for a message, at most `most` characters."""
    text = repr(value)
    return text if len(text) <= most else text[: most - 1] + "…"


# ---------------------------------------------------------------------- the global generators, which no class may use


def global_randomness() -> tuple[bytes, ...]:
    """Return the states of the global generators of Python, numpy and (if it is imported) torch, to compare them."""
    name, keys, *rest = np.random.get_state(legacy=True)
    states = [repr(random.getstate()).encode(), np.asarray(keys).tobytes() + repr((name, rest)).encode()]
    if "torch" in sys.modules:
        states.append(sys.modules["torch"].get_rng_state().numpy().tobytes())
    return tuple(states)


@contextmanager
def global_seed(seed: int) -> Iterator[None]:
    """Set the global generators to this seed inside the block, and restore their states afterwards."""
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
    """Return whether the action draws from a global generator, or sets one."""
    with global_seed(5):
        before = global_randomness()
        action()
        after = global_randomness()
    return after[: len(before)] != before
