"""Few-shot learning on letters: a few examples of letters never seen before, then questions about them.

O. Vinyals, C. Blundell, T. Lillicrap, K. Kavukcuoglu, D. Wierstra, "Matching Networks for One Shot Learning", NeurIPS
2016, section 3 (episodes of `ways` classes and `shots` examples of each); B. Lake and others, Science 350, 2015 (the
letters of an episode come from one alphabet, so that they cannot be told apart by their style).
"""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple

import numpy as np

from nasedu.core import BadValue, check_counts, rng_from
from nasedu.tasks.alphabets import ALIKE, SCRIPTS, letters
from nasedu.tasks.base import Split
from nasedu.tasks.drawing import check_side, draw_distinct
from nasedu.tasks.raster import LEVELS


class Episode(NamedTuple):
    """A small task: learn from `support`, answer `query`.

    The images are float32, (examples, 1, side, side), from 0 to 1; the answers int64, from 0 to ways - 1, in order.
    All images differ.

    Attributes:
        support: shots examples of every letter.
        query: queries examples of every letter.
        characters: the letters, in the order of their classes.
        script: the script of all these letters.
    """

    support: Split
    query: Split
    characters: tuple[str, ...]
    script: str


class Episodes:
    """An endless sequence of episodes: iteration begins at number 0; `episodes(...)[n]` is number n.

    An episode depends only on its number and the arguments, so it is the same on every machine and in any order.
    `episodes` makes this object and explains the arguments.
    """

    def __init__(
        self, ways: int, shots: int, scripts: str | Sequence[str], *, queries: int = 5, side: int = 12, seed: int = 0
    ):
        self.ways, self.shots, self.queries, self.side, self.seed = ways, shots, queries, side, seed
        self.scripts = (scripts,) if isinstance(scripts, str) else tuple(scripts)
        check_counts(2, ways=ways)
        check_counts(shots=shots, queries=queries)
        check_counts(0, seed=seed)
        check_side(side)
        if not self.scripts:
            raise BadValue(f"episodes need at least one script, and none was given; there are {', '.join(SCRIPTS)}")
        for script in self.scripts:
            if ways > len(letters(script)):
                raise BadValue(
                    f"an episode of {ways} ways needs {ways} letters of one script, and {script} has "
                    f"{len(letters(script))}; take fewer ways, or leave {script} out"
                )

    def __getitem__(self, number: int) -> Episode:
        """Return the episode of this number, from 0. Raise BadValue for any other value."""
        if not isinstance(number, int | np.integer) or number < 0:
            raise BadValue(f"episodes are numbered 0, 1, 2 and so on, without end; given {number!r}")
        rng = rng_from(self.seed, "glyphs", "episode", number)
        script = self.scripts[rng.integers(len(self.scripts))]
        known = letters(script)
        characters = tuple(known[place] for place in rng.permutation(len(known))[: self.ways])
        y = np.concatenate([np.repeat(np.arange(self.ways), each) for each in (self.shots, self.queries)])
        images = draw_distinct([characters[label] for label in y], rng, side=self.side)
        X, cut = (images / LEVELS).astype(np.float32)[:, None], self.ways * self.shots
        return Episode(Split(X[:cut], y[:cut]), Split(X[cut:], y[cut:]), characters, script)

    def __iter__(self) -> Iterator[Episode]:
        return (self[number] for number in count())


def episodes(
    ways: int, shots: int, scripts: str | Sequence[str], *, queries: int = 5, side: int = 12, seed: int = 0
) -> Episodes:
    """Return an endless sequence of few-shot tasks, each of letters of one script.

    Args:
        ways: letters of an episode, at least 2 and at most those of every script given.
        shots: examples of each letter to learn from, at least 1.
        scripts: names of scripts; each episode draws one of them. `held_out` says which to learn from.
        queries: examples of each letter to be asked about, at least 1.
        side: height and width of an image in pixels.
        seed: another seed gives other episodes.

    Raises:
        UnknownName: an unknown script.
        BadValue: a number out of its range, no script, or more ways than a script has letters.
    """
    return Episodes(ways, shots, scripts, queries=queries, side=side, seed=seed)


def held_out(seed: int = 0) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return scripts to learn from, to choose by, and to report on: 8, 3 and 3, no script in two of them.

    Latin, Greek, Cyrillic and Lisu share many letters, so they are always in the first part. No letter of the other two
    parts then appears there under another name, except simple shapes that every script has (a circle, a triangle, a T).
    """
    others = [script for script in SCRIPTS if script not in ALIKE]
    order = [others[place] for place in rng_from(seed, "glyphs", "held out").permutation(len(others))]
    cuts = len(others) - 6, len(others) - 3
    return tuple(sorted((*ALIKE, *order[: cuts[0]]))), tuple(order[slice(*cuts)]), tuple(order[cuts[1] :])
