"""Many seeds of many controllers on one table: what a race is, and what is refused at its door."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nasedu.core import BadValue, Mismatch, describe
from nasedu.racing import run
from nasedu.racing.contestant import Contestant, Entry, contestants
from nasedu.racing.result import RaceResult
from nasedu.racing.workers import run_all
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
    workers: int = 2,
) -> RaceResult:
    """Run many seeds of many controllers on a table, and compare what they find.

        result = nasedu.race(space, table, ["random", "q-learning"], evaluations=300, seeds=50)
        result.summary(at=(50, 100, 300))
        result.plot()

    Evaluations are counted in *different* networks: one that was asked before (or one that builds the same function,
    if the space can tell) is answered again and costs nothing. A controller that has a `budget` is told it. A run
    ends early if its controller is exhausted, or asks only what it was told before; its best stays what it was.

    The same seeds give the same result, whatever the number of workers. Used in lesson 04.

    Args:
        space: what is searched.
        table: what each network is worth; `table.note` is shown with every result.
        controllers: registered names, pairs (name, parameters), or classes and functions `(space, *, seed)`; a
            dictionary gives them labels of your own.
        evaluations: different networks in a run.
        seeds: how many (0, 1, 2, ...), or which.
        budgets: shorter lengths that are asked about too: a controller with a `budget` runs once for each, since its
            exploration falls over its budget, and a long search looked at early is no short search.
        task: of the table; may be left out if it has one.
        reward: "mean" tells a controller the mean over the recorded seeds; "one-seed" tells it one recorded training
            (number `seed % recorded seeds`), as in life. What counts in the end is always the mean.
        epochs: tell it what was known after so many epochs; what counts in the end is the last recorded.
        workers: processes. Off Linux, a race with something that cannot be pickled runs in a single one.

    Raises:
        UnknownName, BadValue, Mismatch: before anything runs.
    """
    lengths = check_lengths(evaluations, budgets)
    check_workers(workers)
    benchmark, runners, numbers = enter(space, table, controllers, evaluations, seeds, task, reward, epochs)
    starts = [
        (place, seed, length)
        for length in lengths  # the longest first: the last ones to end should be short
        for seed in numbers
        for place, runner in enumerate(runners)
        if length == evaluations or runner.plans
    ]
    runs = dict(zip(starts, run_all(benchmark, runners, starts, workers), strict=True))
    result = RaceResult(
        table=table,
        task=table.task(task).column,
        evaluations=evaluations,
        seeds=numbers,
        labels=[runner.label for runner in runners],
        runs={
            (runner.label, length): [runs[place, seed, length] for seed in numbers]
            for place, runner in enumerate(runners)
            for length in lengths
            if length == evaluations or runner.plans
        },
        best=max(benchmark.truth),
    )
    warn_of_repeats(result)
    return result


# ---------------------------------------------------------------------- at the door


def enter(
    space: Any,
    table: Table,
    controllers: Mapping[str, Entry] | Iterable[Entry],
    evaluations: int,
    seeds: int | Sequence[int],
    task: str | None,
    reward: str,
    epochs: int | None,
) -> tuple[run.Benchmark, list[Contestant], list[int]]:
    """What every run looks up, who runs, and with which seeds. Arguments and errors as for `race`."""
    runners = contestants(controllers)
    numbers = seed_numbers(seeds)
    check_lengths(evaluations, ())
    if table.space is not space and describe(table.space) != describe(space):
        raise Mismatch(f"the table {table.name!r} is of {table.space!r}; the space given is {space!r}")
    if reward not in ("mean", "one-seed"):
        raise BadValue(f"reward is 'mean' or 'one-seed'; given {reward!r}")
    benchmark = run.benchmark(space, table, task, reward, epochs)
    for runner in runners:
        runner.fresh(space, numbers[0], evaluations)  # a parameter out of its range is refused here
    return benchmark, runners, numbers


def seed_numbers(seeds: int | Sequence[int]) -> list[int]:
    numbers = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    if not numbers or len(set(numbers)) < len(numbers) or not all(isinstance(s, int) for s in numbers):
        raise BadValue(f"seeds is how many seeds (at least 1) or a list of different ones; given {seeds!r}")
    return numbers


def check_lengths(evaluations: int, budgets: Sequence[int]) -> list[int]:
    """All lengths of the race, the longest first."""
    for length in (evaluations, *budgets):
        if not isinstance(length, int) or isinstance(length, bool) or not 1 <= length <= evaluations:
            raise BadValue(
                "evaluations and budgets are whole numbers of at least 1, and no budget is above evaluations; given "
                f"evaluations={evaluations!r}, budgets={tuple(budgets)!r}"
            )
    return sorted({evaluations, *budgets}, reverse=True)


def check_workers(workers: int) -> None:
    if not isinstance(workers, int) or workers < 1:
        raise BadValue(f"workers is a number of processes, at least 1; given {workers!r}")


def warn_of_repeats(result: RaceResult) -> None:
    for label, count in result.stuck.items():
        warnings.warn(
            f"{label}: {count} of {len(result.seeds)} runs were given up early, since the controller asked nothing but "
            f"networks that it had been told before ({run.MOST_REPEATS:,} in a row); their best stays as it was then",
            stacklevel=3,
        )
