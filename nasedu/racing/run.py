"""One run: a controller with one seed on a table. Reported is the best network after each number of networks."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self

import numpy as np

from nasedu.core import Architecture, BadValue, Exhausted
from nasedu.racing.contestant import Contestant
from nasedu.tables import Table

MOST_REPEATS = 1000
"""A controller that asks this number of known networks in a row has nothing new to ask."""

End = Literal["", "exhausted", "repeats", "seconds"]
REPORTS = ("score", "test")


@dataclass
class TabularBenchmark:
    """A table as plain dictionaries and lists: a run does nothing else than ask, look up and tell.

    Attributes:
        space, table: as given to the race.
        classes: row to the first row that builds the same function; different networks are counted by it.
        rewards: row to the reward that a controller is told; one list for each recorded seed, or a single one.
        reports: row to the score that is reported, in the table's own unit; (rows,).
        costs: row to the seconds of a training; None if they do not matter.
        seconds: no training begins after this number of seconds; None for no limit.
    """

    space: Any
    table: Table
    classes: list[int]
    rewards: list[list[float]]
    reports: np.ndarray
    costs: list[float] | None = None
    seconds: float | None = None

    @classmethod
    def of(
        cls,
        space: Any,
        table: Table,
        task: str | None,
        reward: str,
        epochs: int | None,
        report: str = "score",
        seconds: float | None = None,
    ) -> Self:
        """Look everything up once. All numbers are those of the first row that builds the same function.

        Raises:
            BadValue: a word or number that is not known, or what the table does not record.
        """
        if reward not in ("mean", "one-seed"):
            raise BadValue(f"reward is 'mean' or 'one-seed'; given {reward!r}")
        seeds = [None] if reward == "mean" else range(table.values.shape[2])
        classes = table.classes
        rewards = [(table.scores(task, seed=seed, epochs=epochs) / table.scale)[classes].tolist() for seed in seeds]
        reports = _reports(table, task, report)[classes]
        costs = None if seconds is None else _costs(table, epochs, seconds)[classes].tolist()
        return cls(space, table, classes.tolist(), rewards, reports, costs, seconds)


def _reports(table: Table, task: str | None, report: str) -> np.ndarray:
    """Return what is reported of every row, (rows,): its score, or its test score where its score was best."""
    if report not in REPORTS:
        raise BadValue(f"report is 'score' or 'test'; given {report!r}")
    scores = table.scores(task)
    if report == "score":
        return scores
    if table.test is None:
        raise BadValue(f"the table {table.name!r} has no test scores; report='score' reports its scores")
    tests = table.test[:, table.task(task).place].mean(axis=1)  # (rows, epochs)
    curves = table.curves(task)
    at = curves.argmax(axis=1) if tests.shape == curves.shape else np.full(len(tests), -1)
    return tests[np.arange(len(tests)), at]


def _costs(table: Table, epochs: int | None, seconds: float) -> np.ndarray:
    """Return the seconds that a training of every row takes, (rows,), in proportion to its epochs."""
    if table.seconds is None:
        raise BadValue(f"the table {table.name!r} records no seconds: leave out seconds={seconds!r}")
    if not isinstance(seconds, int | float) or not 0 < seconds < float("inf"):
        raise BadValue(f"seconds is how long a search trains, above 0; given {seconds!r}")
    share = 1.0 if epochs is None or not table.epochs else epochs / table.epochs[-1]
    return table.seconds * share


class Run(NamedTuple):
    """The result of one run.

    best: what is reported of the network with the highest reward so far, after 1, 2, ... different networks; (budget,).
        From the last network on, it stays as it was.
    networks: the different networks in the order in which they were evaluated, by their rows; (length,).
    found: the architecture with the highest reward, as it was asked.
    reward: what the controller was told for it.
    end: "exhausted" if its controller had nothing left to ask, "repeats" if it asked nothing new, "seconds" if its time
        was over; else "".
    seconds: what its trainings took; 0 where a race has no limit of seconds.
    """

    best: np.ndarray
    networks: np.ndarray
    found: Architecture
    reward: float
    end: End
    seconds: float

    @property
    def length(self) -> int:
        """Return how many different networks it evaluated."""
        return len(self.networks)


def complete_run(benchmark: TabularBenchmark, contestant: Contestant, seed: int, budget: int) -> Run:
    """Make a whole run at once. Arguments and errors as for `run_steps`."""
    steps = run_steps(benchmark, contestant, seed, budget)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def run_steps(benchmark: TabularBenchmark, contestant: Contestant, seed: int, budget: int) -> Generator[int, None, Run]:
    """Ask, look up and tell until `budget` different networks were evaluated, or the seconds are over.

    Repeats are answered, and not counted.

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
    rows, classes, reports, costs = benchmark.table.rows, benchmark.classes, benchmark.reports, benchmark.costs
    rewards = benchmark.rewards[seed % len(benchmark.rewards)]
    seen: dict[int, None] = {}
    best: list[float] = []
    found: Architecture = ()
    highest, repeats, spent = float("-inf"), 0, 0.0
    end: End = ""
    while len(best) < budget:
        if costs and benchmark.seconds is not None and spent >= benchmark.seconds:
            end = "seconds"
            break
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
            seen[network] = None
            spent += costs[network] if costs else 0.0
            if reward > highest:
                highest, found, reported = reward, architecture, float(reports[network])
            best.append(reported)
        yield len(best)
    if not best:
        raise BadValue(f"{contestant.label} with seed {seed} asked for no network at all: it was exhausted at once")
    padded = np.array(best + best[-1:] * (budget - len(best)))
    return Run(padded, np.array(list(seen)), found, highest, end, spent)
