"""Few-shot tasks from a pool of images that are drawn, or read, once.

O. Vinyals, C. Blundell, T. Lillicrap, K. Kavukcuoglu, D. Wierstra, "Matching Networks for One Shot Learning", NeurIPS
2016, section 3: an episode has `ways` classes and `shots` examples of each to learn from.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from nasedu.core import BadValue, check_counts
from nasedu.metalearning.task_distribution import TaskBatch
from nasedu.tasks.base import Split


@dataclass(frozen=True)
class Pool:
    """Examples of many classes. The classes of one episode are always from one group, such as one script.

    Attributes:
        name: such as "glyphs".
        X: float32, (examples, *input_shape).
        y: int64, (examples,): the class of each example, 0, 1, ...
        groups: int64, (classes,): the group of each class, 0, 1, ...
        classes: the names of the classes.
        group_names: the names of the groups.
    """

    name: str
    X: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)
    groups: np.ndarray = field(repr=False)
    classes: tuple[str, ...] = field(repr=False)
    group_names: tuple[str, ...]

    def digest(self) -> str:
        """Return a hash of the examples and their classes."""
        total = hashlib.sha256()
        for array in (self.X, self.y, self.groups):
            total.update(f"{array.dtype.str} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
        return total.hexdigest()[:16]


@dataclass(frozen=True)
class FewShotTasks:
    """Classification: each task has a few classes of one group of a pool, and a few examples of each.

    Args:
        pool: where the examples come from. All examples of one task differ, as far as those of the pool do.
        ways: classes of a task.
        shots: examples of each class to learn from.
        queries: examples of each class to be asked about.
        turned: turn all images of a task by the same number of quarter turns, drawn at random: more classes to learn
            from (Santoro et al., ICML 2016). Never for a test.

    Raises:
        BadValue: a number out of its range, more ways than a group has classes, or a class with too few examples.
    """

    pool: Pool
    ways: int = 5
    shots: int = 1
    queries: int = 5
    turned: bool = False
    places: np.ndarray = field(init=False, repr=False, compare=False)
    members: list[np.ndarray] = field(init=False, repr=False, compare=False)

    kind: ClassVar[str] = "classification"

    def __post_init__(self) -> None:
        check_counts(2, ways=self.ways)
        check_counts(shots=self.shots, queries=self.queries)
        sizes, wanted = np.bincount(self.pool.groups), self.shots + self.queries
        if (least := int(sizes.min())) < self.ways:
            group = self.pool.group_names[int(sizes.argmin())]
            raise BadValue(
                f"{self.name}: {self.ways} ways need {self.ways} classes of one group, and {group!r} has {least}; "
                f"take at most {least} ways, or leave {group!r} out"
            )
        counts = np.bincount(self.pool.y, minlength=len(self.pool.classes))
        if (least := int(counts.min())) < wanted:
            label = self.pool.classes[int(counts.argmin())]
            raise BadValue(
                f"{self.name}: {self.shots} shots and {self.queries} queries need {wanted} examples of each class, and "
                f"{label!r} has {least}; take fewer, or put more examples into the pool"
            )
        if self.turned and self.pool.X.ndim != 4:
            raise BadValue(f"{self.name}: turned=True turns images, and one example is {self.input_shape}")
        # The places of the examples of each class, one row a class, filled up with -1.
        places = np.full((len(counts), int(counts.max())), -1, np.int64)
        order = np.argsort(self.pool.y, kind="stable")
        places[np.arange(places.shape[1]) < counts[:, None]] = order
        object.__setattr__(self, "places", places)
        object.__setattr__(self, "members", [np.flatnonzero(self.pool.groups == g) for g in range(len(sizes))])

    @property
    def name(self) -> str:
        return self.pool.name

    @property
    def input_shape(self) -> tuple[int, ...]:
        return self.pool.X.shape[1:]

    @property
    def outputs(self) -> int:
        return self.ways

    def draw(self, count: int, rng: np.random.Generator) -> TaskBatch:
        """Return new episodes, each of one group that is drawn evenly; `origin` is (count, ways): the classes' numbers.

        The examples of class 0 come first, then those of class 1, and so on.
        """
        groups = rng.integers(len(self.members), size=count)
        classes = np.stack([rng.permutation(self.members[group])[: self.ways] for group in groups])
        places = self.places[classes]  # (count, ways, examples)
        keys = np.where(places < 0, 2.0, rng.random(places.shape))
        chosen = np.argsort(keys, axis=-1, kind="stable")[..., : self.shots + self.queries]
        places = np.take_along_axis(places, chosen, axis=-1)
        turns = rng.integers(4, size=count) if self.turned else np.zeros(count, np.int64)
        support, query = (self._split(places[..., of], turns) for of in (slice(self.shots), slice(self.shots, None)))
        return TaskBatch(support, query, classes)

    def _split(self, places: np.ndarray, turns: np.ndarray) -> Split:
        count, ways, each = places.shape
        X = self.pool.X[places.reshape(count, -1)]
        for turn in np.unique(turns[turns > 0]):
            X[turns == turn] = np.rot90(X[turns == turn], int(turn), axes=(-2, -1))
        return Split(X, np.tile(np.repeat(np.arange(ways), each), (count, 1)))

    def describe(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "ways": self.ways,
            "shots": self.shots,
            "queries": self.queries,
            "turned": self.turned,
            "pool": self.pool.digest(),
        }
