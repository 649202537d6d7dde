"""The material of task variants: handwritten digits or drawn letters, in any size, one pool for each split."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from nasedu.tasks.base import split_indices

SIDE = 12

Draw = Callable[..., np.ndarray]
"""draw(kinds, side, rng, around=0, alone=False): one thing of each kind (0 to 9), as images of brightness 0 to 16.

`side` is the side of the thing, in pixels. `around` is its greatest distance from the middle of a 12x12 image. `alone`
gives the things without an image around them, (examples, side, side).
"""


@dataclass(frozen=True)
class Material:
    """Things of ten kinds.

    Attributes:
        drawer: from the name of a split to a function that draws things for it.
        source, licence: as of a task.
    """

    drawer: Callable[[str], Draw]
    source: str
    licence: str


def material_of(name: str | None) -> Material:
    """Return the material of this name: handwritten digits, the letters of a script, or nothing."""
    if name is None:
        return Material(lambda split: _nothing, "computed here, from a seed", "CC0 1.0")
    if name == "digits":
        from nasedu.tasks.digits import LICENCE, SOURCE

        return Material(lambda split: _placed(_Digits(split)), SOURCE, LICENCE)
    from nasedu.tasks.glyphs import LICENCE, SOURCE

    return Material(lambda split: _placed(_Letters(name)), SOURCE, LICENCE)


def _nothing(*_: Any, **__: Any) -> np.ndarray:
    raise AssertionError("a task of no material draws nothing")


def _placed(things: Callable[[np.ndarray, int, np.random.Generator], np.ndarray]) -> Draw:
    def draw(
        kinds: np.ndarray, side: int, rng: np.random.Generator, *, around: int = 0, alone: bool = False
    ) -> np.ndarray:
        small = things(np.asarray(kinds), side, rng)
        return small if alone else _on_a_canvas(small, rng, around)

    return draw


def _on_a_canvas(small: np.ndarray, rng: np.random.Generator, around: int) -> np.ndarray:
    """Return images with each thing at its own random place, at most `around` pixels from the middle."""
    room = SIDE - small.shape[1]
    low, high = max(room // 2 - around, 0), min((room + 1) // 2 + around, room)
    images = np.zeros((len(small), SIDE, SIDE), dtype=np.int64)
    for image, thing, (top, left) in zip(images, small, rng.integers(low, high + 1, size=(len(small), 2)), strict=True):
        image[top : top + len(thing), left : left + len(thing)] = thing
    return images


class _Digits:
    """Real digits, from the writings of one split; smaller sizes are means over the pixels that a new pixel covers."""

    def __init__(self, split: str):
        images, y = _digits()
        places = dict(zip(("train", "validation", "test"), split_indices(y), strict=True))[split]
        self.images, self.y = images[places], y[places]

    def __call__(self, kinds: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
        chosen = np.empty(len(kinds), dtype=np.int64)
        for kind in np.unique(kinds):
            wanted, pool = np.flatnonzero(kinds == kind), np.flatnonzero(self.y == kind)
            rounds = [rng.permutation(pool) for _ in range(-(-len(wanted) // len(pool)))]  # use all once, then repeat
            chosen[wanted] = np.concatenate(rounds)[: len(wanted)]
        return shrunk(self.images[chosen], side)


class _Letters:
    """Ten letters of a script, drawn again for each image."""

    def __init__(self, script: str):
        from nasedu.tasks.glyphs import ten_of

        self.characters = ten_of(script)

    def __call__(self, kinds: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
        from nasedu.tasks.glyphs import draw

        size = max(side, 8)  # draw a letter at a legible size, then shrink it
        images = draw([self.characters[kind] for kind in kinds], rng, side=size, shift=0.0, noise=0).astype(np.int64)
        return shrunk(images, side)


def shrunk(images: np.ndarray, side: int) -> np.ndarray:
    """Scale images down by whole-number means: a new pixel is the mean of the old pixels that it covers."""
    old = images.shape[1]
    if side == old:
        return images
    # Old pixel i covers [i * side, (i + 1) * side) of a line of old * side units, new pixel j a stretch of `old`.
    edges = np.arange(old) * side
    starts = np.arange(side) * old
    cover = np.minimum(edges[None] + side, starts[:, None] + old) - np.maximum(edges[None], starts[:, None])
    cover = np.maximum(cover, 0)
    sums = np.einsum("ji,nik,lk->njl", cover, images, cover)
    return (2 * sums + old * old) // (2 * old * old)


@lru_cache(maxsize=1)
def _digits() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits  # half a second, and only when a task is loaded

    data = load_digits()
    return data.images.astype(np.int64), data.target.astype(np.int64)
