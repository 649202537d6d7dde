"""Sine waves: the regression family of the MAML paper.

C. Finn, P. Abbeel, S. Levine, "Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks", ICML 2017,
section 5.1: y = A sin(x - p), with the amplitude A from 0.1 to 5.0, the phase p from 0 to pi, and x from -5 to 5, all
drawn uniformly. Each wave is a task of its own. A meta-learner can learn what the waves have in common.

Inputs lie on a grid of 1/1024, and answers are rounded to 1/4096. Two machines may disagree on the last digit of a
sine; rounding removes that digit.
"""

import math
from numbers import Integral, Real

import numpy as np

from nasedu.core import BadValue, rng_from
from nasedu.tasks.base import Split, Task
from nasedu.tasks.preparing import task_of

AMPLITUDES = (0.1, 5.0)
PHASES = (0.0, math.pi)
REACH = 5.0
"""Inputs run from -REACH to REACH."""

GRID = 1024
MOST_NUMBER = 10**9
"""The last wave that has a number."""

HELD_BACK = 200
"""Examples of the validation split, and of the test split."""


def sinusoids(number: int = 0, *, shots: int = 100) -> Task:
    """Predict the height of a sine wave at x: one wave of MAML's family, selected by its number.

    Args:
        number: which wave: 0, 1, 2, ...; the same number gives the same wave everywhere. `load("sinusoids/7")` gives
            number 7.
        shots: training examples, from 2 to 5,000; validation and test have 200 each.

    Returns:
        A regression task: inputs (1,), one output.

    Raises:
        BadValue: a number below 0 or above a billion, or shots out of range.
    """
    if not isinstance(number, Integral) or isinstance(number, bool) or not 0 <= number <= MOST_NUMBER:
        raise BadValue(f"waves are numbered 0, 1, 2, ..., {MOST_NUMBER:,}; given {number!r}")
    _check_shots(shots)
    rng = rng_from(0, "sinusoids", number)
    amplitude, phase = rng.uniform(*AMPLITUDES), rng.uniform(*PHASES)
    name = f"sinusoids/{number}" if number else "sinusoids"
    return _task(name, amplitude, phase, shots, rng)


def sinusoids_named(text: str) -> Task:
    """Predict the height of the wave with this number at x.

    Raises:
        BadValue: it is no number.
    """
    if not text.isdecimal() or len(text) > len(str(MOST_NUMBER)):
        raise BadValue(f"waves are numbered 0, 1, 2, ..., as in sinusoids/7; given sinusoids/{text}")
    return sinusoids(int(text))


def sinusoid(amplitude: float, phase: float, *, shots: int = 100, seed: int = 0) -> Task:
    """Predict the height of the wave `amplitude * sin(x - phase)` at x: any wave, also outside MAML's family.

    The task has no registered name: to resume a study of it, make the same wave again.

    Args:
        amplitude: in units of the answer; MAML's are 0.1 to 5.0.
        phase: in radians; MAML's are 0 to pi.
        shots: training examples, from 2 to 5,000.
        seed: of the random inputs.

    Raises:
        BadValue: an amplitude of 0, a number that is not finite, or shots out of range.
    """
    for name, value in (("amplitude", amplitude), ("phase", phase)):
        if not isinstance(value, Real) or not math.isfinite(value):
            raise BadValue(f"{name} is a finite number; given {value!r}")
    if amplitude == 0:
        raise BadValue("amplitude 0 is a flat line, on which nothing can be learned; give another")
    _check_shots(shots)
    return _task(f"sinusoid({amplitude:g}, {phase:g})", amplitude, phase, shots, rng_from(seed, "sinusoid"))


def waves(count: int, shots: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return many waves at once, with a few examples of each: a batch of tasks for a meta-learner.

    Args:
        count: waves.
        shots: examples of each wave.
        rng: the caller's own generator, so that each call gives new waves.

    Returns:
        X: float32, (count, shots, 1), from -5 to 5. y: float32, (count, shots, 1). amplitude, phase: float64, (count,).

    Raises:
        BadValue: a count or shots below 1.
    """
    for name, value in (("count", count), ("shots", shots)):
        if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
            raise BadValue(f"{name} is a whole number of at least 1; given {value!r}")
    amplitude, phase = rng.uniform(*AMPLITUDES, count), rng.uniform(*PHASES, count)
    edge = round(REACH * GRID)
    X = rng.integers(-edge, edge + 1, size=(count, shots, 1)) / GRID
    y = heights_of(X, amplitude[:, None, None], phase[:, None, None])
    return X.astype(np.float32), y, amplitude, phase


def heights_of(X: np.ndarray, amplitude: np.ndarray | float, phase: np.ndarray | float) -> np.ndarray:
    """Return `amplitude * sin(X - phase)` as float32, rounded to 1/4096."""
    exact = amplitude * np.sin(np.asarray(X, np.float64) - phase)
    return (np.round(exact * 4096) / 4096).astype(np.float32)


def _check_shots(shots: int) -> None:
    if not isinstance(shots, Integral) or isinstance(shots, bool) or not 2 <= shots <= 5000:
        raise BadValue(f"shots is a whole number from 2 to 5,000; given {shots!r}")


def _task(name: str, amplitude: float, phase: float, shots: int, rng: np.random.Generator) -> Task:
    edge = round(REACH * GRID)
    places = rng.choice(2 * edge + 1, size=shots + 2 * HELD_BACK, replace=False) - edge  # no x comes twice
    X = (places / GRID).astype(np.float32)[:, None]
    y = heights_of(X, amplitude, phase)
    cuts = [shots, shots + HELD_BACK]
    return task_of(
        [Split(*parts) for parts in zip(np.split(X, cuts), np.split(y, cuts), strict=True)],
        name=name,
        summary=f"Predict the height of the wave {amplitude:.3g} sin(x - {phase:.3g}) at x.",
        outputs=1,
        kind="regression",
        source="drawn as in C. Finn, P. Abbeel, S. Levine, Model-Agnostic Meta-Learning, ICML 2017, section 5.1",
        licence="CC0",
    )
