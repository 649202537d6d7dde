"""The global generators of Python, numpy and torch, kept apart for each training of somebody else's function."""

import random
import sys
from types import TracebackType
from typing import Any, Self

import numpy as np


class GlobalRandomness:
    """Gives the code inside its own global generators, and puts back those outside: `with randomness: ...`.

    Entered for the first time, they are seeded; entered again, they stand where they were left. So a training that is
    left and gone on with, others in between, draws what it would have drawn alone. Global generators belong to the
    whole process: code that draws from them in several threads at once is not kept apart.

    Args:
        seed: of the generators, a whole number of at least 0.
    """

    def __init__(self, seed: int):
        self._seed = seed
        self._inside: dict[str, Any] = {}
        self._outside: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self._outside = _states()
        if self._inside:
            _restore(self._inside)
        else:
            random.seed(self._seed)
            np.random.seed(self._seed % 2**32)  # all that numpy accepts
            if torch := sys.modules.get("torch"):
                torch.manual_seed(self._seed)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._inside = _states()
        _restore(self._outside)


def _states() -> dict[str, Any]:
    found: dict[str, Any] = {"random": random.getstate(), "numpy": np.random.get_state()}
    if torch := sys.modules.get("torch"):
        found["torch"] = torch.get_rng_state()
        if torch.cuda.is_initialized():
            found["cuda"] = torch.cuda.get_rng_state_all()
    return found


def _restore(states: dict[str, Any]) -> None:
    random.setstate(states["random"])
    np.random.set_state(states["numpy"])
    if "torch" in states:
        sys.modules["torch"].set_rng_state(states["torch"])
    if "cuda" in states:
        sys.modules["torch"].cuda.set_rng_state_all(states["cuda"])
