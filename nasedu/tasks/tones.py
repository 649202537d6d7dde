"""Sounds of one channel: classify the pitch, the timbre or the glide.

Three tasks use the same kind of sound: 256 samples at 4,000 Hz (64 ms), float32 of shape (1, 256) from -1 to 1, with
a random phase, loudness and some noise. Each asks something different of a network. A pitch is a period, for any wave
shape. A timbre is a wave shape, for any period. A glide is a change of the period.

The bytes are the same on every machine. Sines of two machines may differ in their last digit, so all samples are
rounded to 1/128 (an eight-bit sound), far coarser than that digit; the noise is drawn in whole steps of 1/128.
"""

from collections.abc import Callable

import numpy as np

from nasedu.core import rng_from
from nasedu.tasks.base import Sealed, Split, Task

RATE = 4000
"""Samples a second."""

LENGTH = 256
STEPS = 128
"""Samples are whole numbers of 1/STEPS."""

LOUDNESS = (32, 112)
"""The range of a wave's height, in steps."""

NOISE = 16
"""The noise on each sample is at most this many steps up or down."""

SIZES = (500, 1000, 1000)
"""Training, validation and test examples; the classes of each are balanced to within one example."""

PITCHES = ("C4", "D4", "E4", "F4", "G4", "A4", "B4", "C5")
HERTZ = (261.63, 293.66, 329.63, 349.23, 392.00, 440.00, 493.88, 523.25)
"""The pitches in equal temperament, A4 at 440 Hz."""

DETUNED = 0.02
"""A played pitch is wrong by at most this share; the nearest two pitches, B4 and C5, are 0.06 apart."""

Wave = Callable[[np.ndarray], np.ndarray]

TIMBRES: dict[str, Wave] = {
    "sine": lambda turn: np.sin(2 * np.pi * turn),
    "square": lambda turn: np.where(turn % 1 < 0.5, 1.0, -1.0),
    "sawtooth": lambda turn: 2 * (turn % 1) - 1,
    "triangle": lambda turn: 1 - 4 * np.abs(turn % 1 - 0.5),
    "pulse": lambda turn: np.where(turn % 1 < 0.125, 1.0, -1 / 7),
}
"""The wave's height, -1 to 1, after `turn` periods. Each has a mean of 0: another mean would identify the wave."""

CHIRPS = ("up", "down", "up and down", "down and up", "steady")


def tones_pitch() -> Task:
    """Classify eight pitches, C4 to C5, played by any instrument."""

    def sound(label: int, rng: np.random.Generator) -> np.ndarray:
        shape = list(TIMBRES.values())[rng.integers(len(TIMBRES))]
        hertz = HERTZ[label] * rng.uniform(1 - DETUNED, 1 + DETUNED)
        return shape(_turns(np.full(LENGTH, hertz), rng))

    return _task("tones/pitch", tones_pitch, len(PITCHES), sound)


def tones_timbre() -> Task:
    """Classify five wave shapes at any pitch: sine, square, sawtooth, triangle or narrow pulse."""

    def sound(label: int, rng: np.random.Generator) -> np.ndarray:
        shape = list(TIMBRES.values())[label]
        return shape(_turns(np.full(LENGTH, rng.uniform(HERTZ[0], HERTZ[-1])), rng))

    return _task("tones/timbre", tones_timbre, len(TIMBRES), sound)


def tones_chirps() -> Task:
    """Classify how the pitch moves: up, down, up and down, down and up, or not at all."""

    def sound(label: int, rng: np.random.Generator) -> np.ndarray:
        low, span = rng.uniform(100, 300), rng.uniform(150, 400)
        along = np.linspace(0, 1, LENGTH)
        there_and_back = 1 - np.abs(2 * along - 1)
        steady = np.full(LENGTH, rng.uniform())
        glide = (along, 1 - along, there_and_back, 1 - there_and_back, steady)[label]
        return TIMBRES["sine"](_turns(low + span * glide, rng))

    return _task("tones/chirps", tones_chirps, len(CHIRPS), sound)


def _turns(hertz: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the number of periods up to each sample, from a random phase, at the frequency of each sample."""
    return rng.uniform() + np.cumsum(hertz / RATE)


def _task(
    name: str, maker: Callable[[], Task], classes: int, sound: Callable[[int, np.random.Generator], np.ndarray]
) -> Task:
    splits = []
    for part, size in zip(("train", "validation", "test"), SIZES, strict=True):
        rng = rng_from(0, name, part)
        y = rng.permutation(np.arange(size, dtype=np.int64) % classes)
        heights = np.stack([rng.uniform(*LOUDNESS) * sound(int(label), rng) for label in y])
        steps = np.round(heights) + rng.integers(-NOISE, NOISE + 1, size=heights.shape)
        splits.append(Split((steps / STEPS).astype(np.float32)[:, None], y))
    train, validation, test = splits
    return Task(
        name=name,
        summary=(maker.__doc__ or "").partition("\n")[0],
        train=train,
        validation=validation,
        test=Sealed(test),
        outputs=classes,
        source="made by nasedu from waves and noise",
        licence="CC0",
    )
