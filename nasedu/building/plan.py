"""The plan of a table: every network of a space, on which tasks, with how many seeds and epochs."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from nasedu import spaces, tasks
from nasedu.core import Architecture, BadValue, describe, rng_from
from nasedu.tasks import Task
from nasedu.tasks.base import digest_of
from nasedu.trainers import Recipe

MOST_NETWORKS = 100_000
"""The number of networks in the largest space that is trained completely."""


@dataclass(frozen=True)
class Part:
    """Some networks on some tasks of one shape: one worker trains them at once, and one file keeps them."""

    tasks: tuple[str, ...]
    architectures: tuple[Architecture, ...]
    key: str


@dataclass(frozen=True)
class Plan:
    """How a table is built.

    Args:
        name: of the table.
        space: a registered name.
        tasks: registered names; tasks of one shape are trained together.
        epochs: of every training.
        record_test_at: epochs after which validation and test score are recorded, the last of them `epochs`.
        seeds: trainings of each network on each task; their seeds are 0, 1, ...
        space_parameters, recipe: arguments of the space and of `nasedu.trainers.Recipe`, as plain data.
        trainer: "population" or "sequential".
        precision: of the products, as of `nasedu.trainers.single.sequential.SequentialTrainer`.
        chunk: networks of one part; if the build is stopped, at most this number is lost.
        together: greatest number of tasks in one part.
        note: what a reader of any result must know.

    Raises:
        BadValue: a space that is too large to be trained completely, tasks that it cannot serve as one space, or
            epochs that do not fit.
    """

    name: str
    space: str
    tasks: tuple[str, ...]
    epochs: int
    record_test_at: tuple[int, ...]
    seeds: int = 3
    space_parameters: Mapping[str, Any] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)
    trainer: str = "population"
    precision: str = "float32"
    chunk: int = 32
    together: int = 6
    note: str = ""

    def __post_init__(self) -> None:
        if not self.record_test_at or self.record_test_at[-1] != self.epochs:
            raise BadValue(
                f"the last epoch of record_test_at is the last of the training; given {self.record_test_at}, "
                f"{self.epochs}"
            )
        if min(self.seeds, self.chunk, self.together) < 1 or not self.tasks:
            raise BadValue(
                f"a plan needs a task, and seeds, chunk and together of at least 1; given {self.tasks}, "
                f"seeds={self.seeds}, chunk={self.chunk}, together={self.together}"
            )
        if len(set(self.tasks)) < len(self.tasks):
            raise BadValue(f"a task is there twice: {', '.join(self.tasks)}")
        for name in self.tasks:
            tasks.check_name(name)
        spaces.registry.check_parameters(self.space, dict(self.space_parameters))
        try:
            Recipe(**self.recipe)
        except TypeError as error:
            raise BadValue(f"the recipe does not fit: {error}") from error

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Plan":
        """Return the plan of `asdict(plan)`, also after a conversion to JSON and back."""
        return cls(**{**data, "tasks": tuple(data["tasks"]), "record_test_at": tuple(data["record_test_at"])})

    # ------------------------------------------------------------------ tasks, networks, parts

    @cached_property
    def loaded(self) -> dict[str, Task]:
        """Return the tasks by name."""
        return {name: tasks.load(name) for name in self.tasks}

    def space_for(self, task: Any) -> Any:
        return spaces.load(self.space, task, **self.space_parameters)

    @cached_property
    def architectures(self) -> tuple[Architecture, ...]:
        """Return every different network of the space, in a random order drawn once: the first parts are a fair sample.

        Raises:
            BadValue: too many, or a task whose networks are not those of the first.
        """
        first, *others = [self.space_for(task) for task in self.loaded.values()]
        if first.size() > MOST_NETWORKS:
            raise BadValue(
                f"a table trains every network; {self.space} has {first.size():,} architectures: give it smaller "
                "parameters"
            )
        members = _different(first)
        for space, name in zip(others, self.tasks[1:], strict=True):
            if space.size() != first.size() or any(members[i] not in space for i in (0, -1)):
                raise BadValue(
                    f"{self.space} has other networks for {name!r} than for {self.tasks[0]!r}: one table, one space"
                )
        order = rng_from(0, "order of the table", self.name).permutation(len(members))
        return tuple(members[i] for i in order)

    @cached_property
    def groups(self) -> list[tuple[str, ...]]:
        """Return groups of tasks with one shape, outputs, kind and metrics, at most `together` in a group."""
        same: dict[Any, list[str]] = {}
        for name, task in self.loaded.items():
            same.setdefault((task.input_shape, task.outputs, task.kind, task.metrics), []).append(name)
        return [
            tuple(names[first : first + self.together])
            for names in same.values()
            for first in range(0, len(names), self.together)
        ]

    @cached_property
    def parts(self) -> list[Part]:
        """Return all parts; parts with the same networks are adjacent."""
        found = []
        about = {group: self._about(group) for group in self.groups}
        for first in range(0, len(self.architectures), self.chunk):
            members = self.architectures[first : first + self.chunk]
            for group in self.groups:
                text = json.dumps([about[group], members], sort_keys=True)
                found.append(Part(group, members, hashlib.sha256(text.encode()).hexdigest()[:20]))
        return found

    def _about(self, group: tuple[str, ...]) -> list[Any]:
        """Return all that a score depends on, except the network: it keeps apart the parts of different plans."""
        return [
            [(name, digest_of(self.loaded[name])) for name in group],
            describe(self.space_for(self.loaded[group[0]])),
            dict(self.recipe),
            [self.epochs, list(self.record_test_at), self.seeds, self.trainer, self.precision],
        ]


def _different(space: Any) -> list[Architecture]:
    """Return one of each group of networks that the space calls the same, in the space's order."""
    found: dict[Any, Architecture] = {}
    for architecture in space.enumerate():
        found.setdefault(space.canonical(architecture), architecture)
    return list(found.values())
