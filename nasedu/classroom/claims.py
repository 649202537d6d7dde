"""Claims of a lesson, asserted in the lesson itself: a lesson builds only if all its claims hold.

scores = interval(runs)                                       # over seeds: 0.912 ± 0.004
claim(f"random needs {a} trials, q-learning {b}", b < a)      # ✔ random needs 61 trials, q-learning 34
Reveal(guess, "b", because=asserted("b is faster", b < a))    # the same, covered until there is a guess
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nasedu.core import BadValue
from nasedu.core.statistics import Z95, standard_error


def claim(sentence: str, holds: Any) -> None:
    """Print a sentence with its measured numbers, after a check that it is true.

    Args:
        sentence: the claim, with the measured numbers in it.
        holds: the condition, computed from the same numbers.

    Raises:
        AssertionError: the condition is false; the message is the sentence.
        BadValue: `holds` is no single truth value (a text, a list or an array could count as true by accident).
    """
    print(asserted(sentence, holds))


def asserted(sentence: str, holds: Any) -> str:
    """Return a sentence after a check that it is true; unlike `claim`, print nothing.

    For what a prediction or a question covers: `Reveal(..., because=asserted(...))` or `show=[asserted(...), ax]`.

    Raises:
        AssertionError, BadValue: see `claim`.
    """
    if not isinstance(holds, bool | np.bool_):
        raise BadValue(f"a claim needs a condition that is True or False; given {holds!r} for: {sentence}")
    if not holds:
        raise AssertionError(f"this does not hold: {sentence}")
    return f"✔ {sentence}"


@dataclass(frozen=True)
class Interval:
    """A mean over seeds with its 95% interval: 95 of 100 such intervals contain the true mean."""

    mean: float
    half: float

    @property
    def low(self) -> float:
        return self.mean - self.half

    @property
    def high(self) -> float:
        return self.mean + self.half

    def __str__(self) -> str:
        return f"{self.mean:.3f} ± {self.half:.3f}"

    def __format__(self, spec: str) -> str:
        return f"{self.mean:{spec}} ± {self.half:{spec}}" if spec else str(self)


def interval(values: Iterable[float]) -> Interval:
    """Return the mean of runs from different seeds, ± 1.96 standard errors.

    Raises:
        BadValue: fewer than two values: one run gives no standard error.
    """
    numbers = np.asarray(list(values), float)
    if numbers.ndim != 1 or len(numbers) < 2:
        raise BadValue(f"an interval needs two runs or more, each one number; given {numbers.shape}")
    return Interval(float(numbers.mean()), float(Z95 * standard_error(numbers)))
