"""One controller, one seed, one table: what is measured is what it found after so many different networks."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from nasedu.core import BadValue, Exhausted
from nasedu.racing.contestant import Contestant
from nasedu.tables import Table

MOST_REPEATS = 1000
"""A controller that asks so many known networks in a row has nothing new to ask."""

End = Literal["", "exhausted", "repeats"]


@dataclass
class Benchmark:
    """What every run looks up, as plain dictionaries and lists: a run does nothing else than ask, look up and tell.

    Attributes:
        space, table: as given to the race.
        classes: row to the first row that builds the same function; different networks are counted by it.
        told: one list for each recorded seed (or a single one): row to the reward that a controller is told.
        truth: row to the score that counts in the end, in the table's own unit.
    """

    space: Any
    table: Table
    classes: list[int]
    told: list[list[float]]
    truth: list[float]


class Run(NamedTuple):
    """What came of one run.

    best: the true score of the network that looked best so far, after 1, 2, ... different networks; (budget,).
    length: how many different networks it had evaluated; from there on, `best` stays as it was.
    end: "exhausted" if its controller had nothing left to ask, "repeats" if it asked nothing new; "" if it went on.
    """

    best: np.ndarray
    length: int
    end: End


def benchmark(space: Any, table: Table, task: str | None, reward: str, epochs: int | None) -> Benchmark:
    """Look everything up once. Rewards and truth are those of the first row that builds the same function."""
    seeds = [None] if reward == "mean" else range(table.values.shape[2])
    classes = table.classes
    told = [(table.scores(task, seed=seed, epochs=epochs) / table.scale)[classes].tolist() for seed in seeds]
    return Benchmark(space, table, classes.tolist(), told, table.scores(task)[classes].tolist())


def run(benchmark: Benchmark, contestant: Contestant, seed: int, budget: int) -> Run:
    """A whole run at once."""
    going = steps(benchmark, contestant, seed, budget)
    while True:
        try:
            next(going)
        except StopIteration as end:
            return end.value


def steps(benchmark: Benchmark, contestant: Contestant, seed: int, budget: int) -> Generator[int, None, Run]:
    """Ask, look up and tell until so many different networks were evaluated. Repeats are answered, and not counted.

    Yields after each answer how many different networks there are so far; can be left there, and gone on with later.
    """
    controller = contestant.fresh(benchmark.space, seed, budget)
    rows, classes, truth = benchmark.table.rows, benchmark.classes, benchmark.truth
    told = benchmark.told[seed % len(benchmark.told)]
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
        reward = told[network]
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
                highest, score = reward, truth[network]
            best.append(score)
        yield len(best)
    if not best:
        raise BadValue(f"{contestant.label} with seed {seed} asked for no network at all: it was exhausted at once")
    return Run(np.array(best + best[-1:] * (budget - len(best))), len(best), end)
