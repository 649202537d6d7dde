"""Many seeds of many controllers on one table: the race, and the checks of its arguments."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nasedu.core import BadValue, Mismatch, check_counts, describe
from nasedu.racing.contestant import Contestant, Entry, contestants_from
from nasedu.racing.result import RaceResult
from nasedu.racing.run import MOST_REPEATS, TabularBenchmark
from nasedu.racing.workers import RunSpec, run_all
from nasedu.tables import Table


def race(
    space: Any,
    table: Table,
    controllers: Mapping[str, Entry] | Iterable[Entry],
    evaluations: int,
    seeds: int | Sequence[int],
    *,
    budgets: Sequence[int] = (),
    task: str | None = None,
    reward: str = "mean",
    epochs: int | None = None,
    report: str = "score",
    seconds: float | None = None,
    workers: int = 2,
) -> RaceResult:
    """Run many seeds of many controllers on a table, and compare what they find.

        result = nasedu.race(space, table, ["random", "q-learning"], evaluations=300, seeds=50)
        result.summary(at=(50, 100, 300))
        result.reached(share=0.01).median(axis=1)   # evaluations until one of the best 1% was evaluated
        result.found("q-learning")                  # by seed: architecture, reward, report
        result.plot()

    Three numbers of a network have three names:

    - its **reward** is what a controller is told;
    - its **report** is what the result shows of the network with the highest reward so far;
    - its **test** score is what the table recorded on a test split. No controller is ever told it.

    Evaluations are counted in *different* networks. One that was asked before is answered again and costs nothing; so
    does one that builds the same function, if the space can tell. A controller that takes a `budget` is told the
    length of its run. A run ends early if its controller is exhausted, or repeats only known questions; its best
    stays as it was.

    The same seeds give the same result with any number of workers. Used in lesson 04.

    Args:
        space: what is searched.
        table: what each network is worth; `table.note` is shown with every result.
        controllers: registered names, pairs (name, parameters), or classes and functions `(space, *, seed)`; a
            dictionary gives them labels of your own.
        evaluations: different networks in a run.
        seeds: how many (0, 1, 2, ...), or which.
        budgets: shorter lengths to measure, too. A controller with a `budget` runs once for each: its exploration
            falls over its budget, so the first part of a long search is no short search.
        task: of the table; None if it has only one.
        reward: "mean" tells a controller the mean score over the recorded seeds; "one-seed" tells it the score of one
            recorded training (number `seed % recorded seeds`), as in a real search.
        epochs: tell a controller the best score within this number of epochs; None for all that were recorded.
        report: "score" reports the mean score over the recorded seeds, of all epochs; "test" reports the mean test
            score, where the table has one, at the epoch with the best mean score.
        seconds: a limit beside `evaluations`, where the table records seconds: no training begins after it. The last
            training is completed. A shorter training (`epochs`) costs its share of the seconds.
        workers: processes. On other systems than Linux, a race that cannot be pickled runs in this process.

    Raises:
        UnknownName, BadValue, Mismatch: before anything runs.
    """
    lengths = check_lengths(evaluations, budgets)
    check_counts(workers=workers)
    benchmark, contestants, numbers = prepare(
        space, table, controllers, evaluations, seeds, task, reward, epochs, report, seconds
    )
    specs = [
        RunSpec(number, seed, length)
        for length in lengths  # the longest first: the last ones to end should be short
        for seed in numbers
        for number, contestant in enumerate(contestants)
        if length == evaluations or contestant.needs_budget
    ]
    found = dict(zip(specs, run_all(benchmark, contestants, specs, workers), strict=True))
    result = RaceResult(
        table=table,
        task=table.task(task).column,
        evaluations=evaluations,
        seeds=numbers,
        labels=[contestant.label for contestant in contestants],
        runs={
            (contestant.label, length): [found[RunSpec(number, seed, length)] for seed in numbers]
            for number, contestant in enumerate(contestants)
            for length in lengths
            if length == evaluations or contestant.needs_budget
        },
        report=report,
        reports=benchmark.reports,
        seconds=seconds,
    )
    _warn_of_repeats(result)
    return result


# ---------------------------------------------------------------------- checks


def prepare(
    space: Any,
    table: Table,
    controllers: Mapping[str, Entry] | Iterable[Entry],
    evaluations: int,
    seeds: int | Sequence[int],
    task: str | None,
    reward: str,
    epochs: int | None,
    report: str,
    seconds: float | None,
) -> tuple[TabularBenchmark, list[Contestant], list[int]]:
    """Return what every run looks up, the contestants, and the seeds. Arguments and errors as for `race`."""
    contestants = contestants_from(controllers)
    numbers = seed_numbers(seeds)
    check_lengths(evaluations, ())
    if table.space is not space and describe(table.space) != describe(space):
        raise Mismatch(f"the table {table.name!r} is of {table.space!r}; the space given is {space!r}")
    benchmark = TabularBenchmark.of(space, table, task, reward, epochs, report, seconds)
    for contestant in contestants:
        contestant.fresh(space, numbers[0], evaluations)  # a parameter out of its range is refused here
    return benchmark, contestants, numbers


def seed_numbers(seeds: int | Sequence[int]) -> list[int]:
    """Return the numbers of the seeds, given how many or which. Raises BadValue for none, or for one given twice."""
    numbers = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    if not numbers or len(set(numbers)) < len(numbers) or not all(isinstance(s, int) for s in numbers):
        raise BadValue(f"seeds is how many seeds (at least 1) or a list of different ones; given {seeds!r}")
    return numbers


def check_lengths(evaluations: int, budgets: Sequence[int]) -> list[int]:
    """Return all lengths of the race, the longest first. Raises BadValue for one that is impossible."""
    for length in (evaluations, *budgets):
        if not isinstance(length, int) or isinstance(length, bool) or not 1 <= length <= evaluations:
            raise BadValue(
                "evaluations and budgets are whole numbers of at least 1, and no budget is above evaluations; given "
                f"evaluations={evaluations!r}, budgets={tuple(budgets)!r}"
            )
    return sorted({evaluations, *budgets}, reverse=True)


def _warn_of_repeats(result: RaceResult) -> None:
    for label, count in result.stuck.items():
        warnings.warn(
            f"{label}: {count} of {len(result.seeds)} runs were given up early, since the controller asked only "
            f"networks that it had been told before ({MOST_REPEATS:,} in a row); their best stays as it was then",
            stacklevel=3,
        )
