"""One run: a controller with one seed on a table. Measured is the best network after each number of networks."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self

import numpy as np

from nasedu.core import BadValue, Exhausted
from nasedu.racing.contestant import Contestant
from nasedu.tables import Table

MOST_REPEATS = 1000
"""A controller that asks this number of known networks in a row has nothing new to ask."""

End = Literal["", "exhausted", "repeats"]


@dataclass
class TabularBenchmark:
    """A table as plain dictionaries and lists: a run does nothing else than ask, look up and tell.

    Attributes:
        space, table: as given to the race.
        classes: row to the first row that builds the same function; different networks are counted by it.
        rewards: row to the reward that a controller is told; one list for each recorded seed, or a single one.
        true_scores: row to the score that is measured, in the table's own unit.
    """

    space: Any
    table: Table
    classes: list[int]
    rewards: list[list[float]]
    true_scores: list[float]

    @classmethod
    def of(cls, space: Any, table: Table, task: str | None, reward: str, epochs: int | None) -> Self:
        """Look everything up once. Rewards and scores are those of the first row that builds the same function."""
        seeds = [None] if reward == "mean" else range(table.values.shape[2])
        classes = table.classes
        rewards = [(table.scores(task, seed=seed, epochs=epochs) / table.scale)[classes].tolist() for seed in seeds]
        return cls(space, table, classes.tolist(), rewards, table.scores(task)[classes].tolist())


class Run(NamedTuple):
    """The result of one run.

    best: the true score of the network that looked best so far, after 1, 2, ... different networks; (budget,).
    length: how many different networks it had evaluated; from there on, `best` stays as it was.
    end: "exhausted" if its controller had nothing left to ask, "repeats" if it asked nothing new; else "".
    """

    best: np.ndarray
    length: int
    end: End


def complete_run(benchmark: TabularBenchmark, contestant: Contestant, seed: int, budget: int) -> Run:
    """Make a whole run at once. Arguments and errors as for `run_steps`."""
    steps = run_steps(benchmark, contestant, seed, budget)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def run_steps(benchmark: TabularBenchmark, contestant: Contestant, seed: int, budget: int) -> Generator[int, None, Run]:
    """Ask, look up and tell until `budget` different networks were evaluated. Repeats are answered, and not counted.

    After each answer it yields the number of different networks so far. It can be left there, and continued later.

    Raises:
        BadValue: the controller asks for no network at all.
        Any error of the controller, with the contestant and the seed in a note.
    """
    try:
        return (yield from _run_steps(benchmark, contestant, seed, budget))
    except Exception as error:
        error.add_note(f"in a race, where {contestant.label} ran with seed {seed}")
        raise


def _run_steps(
    benchmark: TabularBenchmark, contestant: Contestant, seed: int, budget: int
) -> Generator[int, None, Run]:
    controller = contestant.fresh(benchmark.space, seed, budget)
    rows, classes, true_scores = benchmark.table.rows, benchmark.classes, benchmark.true_scores
    rewards = benchmark.rewards[seed % len(benchmark.rewards)]
    seen: set[int] = set()
    best: list[float] = []
    highest, repeats = float("-inf"), 0
    end: End = ""
    while len(best) < budget:
        try:
            architecture = tuple(controller.ask())
        except Exhausted:
            end = "exhausted"
            break
        row = rows.get(architecture)
        network = classes[benchmark.table.row(architecture) if row is None else row]
        reward = rewards[network]
        controller.tell(architecture, reward)
        if network in seen:
            repeats += 1
            if repeats == MOST_REPEATS:
                end = "repeats"
                break
        else:
            repeats = 0
            seen.add(network)
            if reward > highest:
                highest, score = reward, true_scores[network]
            best.append(score)
        yield len(best)
    if not best:
        raise BadValue(f"{contestant.label} with seed {seed} asked for no network at all: it was exhausted at once")
    return Run(np.array(best + best[-1:] * (budget - len(best))), len(best), end)
