"""The same race one run after another, to be watched, or stopped in the middle."""

import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from nasedu.core import BadValue
from nasedu.racing.contestant import Entry
from nasedu.racing.result import RaceResult
from nasedu.racing.run import Run, run_steps
from nasedu.racing.start import prepare
from nasedu.tables import Table


class IncrementalRace:
    """A race that advances run by run, as long as it is asked to; its runs are those of `nasedu.race`.

        race = IncrementalRace(space, table, ["random", "q-learning"], evaluations=100, seeds=10)
        while race.advance():
            print(race.curves("random").mean(axis=0)[-1])
        race.result.summary()

    Each contestant runs with the first seed, then each with the second, so all curves grow together.

    Args:
        space, table, controllers, evaluations, seeds, task, reward, epochs, report, seconds: as for `nasedu.race`.

    Attributes:
        labels: the controllers, in order.
        seeds: the numbers of the seeds, in order.
        task: of the table, by name.
        best: the highest report there is, in the table's own unit.
        runs: those that are complete, by (label, seed).

    Raises:
        UnknownName, BadValue, Mismatch: before anything runs, as for `nasedu.race`.
    """

    def __init__(
        self,
        space: Any,
        table: Table,
        controllers: Mapping[str, Entry] | Iterable[Entry],
        evaluations: int,
        seeds: int | Sequence[int],
        *,
        task: str | None = None,
        reward: str = "mean",
        epochs: int | None = None,
        report: str = "score",
        seconds: float | None = None,
    ):
        self._benchmark, contestants, self.seeds = prepare(
            space, table, controllers, evaluations, seeds, task, reward, epochs, report, seconds
        )
        self.report, self.seconds = report, seconds
        self.table = table
        self.evaluations = evaluations
        self.task = table.task(task).column
        self.labels = [contestant.label for contestant in contestants]
        self.best = float(self._benchmark.reports.max())
        self.runs: dict[tuple[str, int], Run] = {}
        self._order = [(contestant, seed) for seed in self.seeds for contestant in contestants]
        self._steps: Generator[int, None, Run] | None = None

    @property
    def total(self) -> int:
        """Return the number of runs, complete or not."""
        return len(self._order)

    @property
    def complete(self) -> bool:
        """Return whether all runs are complete."""
        return len(self.runs) == self.total

    def advance(self, seconds: float | None = None) -> bool:
        """Complete one run, or run for about this number of seconds and stop there, perhaps in the middle of a run.

        Returns:
            Whether there is more to run.

        Raises:
            Any error of a controller: its run begins again with the next call, and the runs before it are kept.
        """
        end = None if seconds is None else time.perf_counter() + seconds
        while not self.complete:
            run_ended = self._step()
            if run_ended if end is None else time.perf_counter() >= end:
                break
        return not self.complete

    def _step(self) -> bool:
        """Ask one question of the current run; whether that was its last."""
        contestant, seed = self._order[len(self.runs)]
        steps = self._steps or run_steps(self._benchmark, contestant, seed, self.evaluations)
        self._steps = None  # stays None if a controller raises: then its run begins again
        try:
            next(steps)
        except StopIteration as end:
            self.runs[contestant.label, seed] = end.value
            return True
        self._steps = steps
        return False

    def curves(self, label: str, of: str = "regret") -> np.ndarray:
        """Return what a controller found in each complete run, (runs, evaluations); `of` as in `RaceResult.curves`."""
        runs = [one for (name, _), one in self.runs.items() if name == label]
        best = np.array([one.best for one in runs]).reshape(len(runs), self.evaluations)
        return best if of == "best" else self.best - best

    @property
    def result(self) -> RaceResult:
        """Return the result for the seeds with which each contestant has run. Raises BadValue if there is none yet."""
        done = [seed for seed in self.seeds if all((label, seed) in self.runs for label in self.labels)]
        if not done:
            raise BadValue("not everyone has run with the first seed yet: call advance() a few times, or run()")
        return RaceResult(
            table=self.table,
            task=self.task,
            evaluations=self.evaluations,
            seeds=done,
            labels=self.labels,
            runs={(label, self.evaluations): [self.runs[label, seed] for seed in done] for label in self.labels},
            report=self.report,
            reports=self._benchmark.reports,
            seconds=self.seconds,
        )
