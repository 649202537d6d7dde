"""The same race one run after another, for whoever wants to watch it, or to stop in the middle."""

import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from nasedu.core import BadValue
from nasedu.racing import run
from nasedu.racing.contestant import Entry
from nasedu.racing.result import RaceResult
from nasedu.racing.run import Run
from nasedu.racing.start import enter
from nasedu.tables import Table


class IncrementalRace:
    """A race that goes on for as long as it is asked to; its runs are those of `nasedu.race`.

        race = IncrementalRace(space, table, ["random", "q-learning"], evaluations=100, seeds=10)
        while race.advance():
            print(race.curves("random").mean(axis=0)[-1])
        race.result.summary()

    Everyone runs with the first seed, then everyone with the second, so all curves grow together.

    Args:
        space, table, controllers, evaluations, seeds, task, reward, epochs: as for `nasedu.race`.

    Attributes:
        labels: the controllers, in order.
        seeds: the numbers of the seeds, in order.
        task: of the table, by name.
        best: the highest score there is, in the table's own unit.
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
    ):
        self._course, runners, self.seeds = enter(space, table, controllers, evaluations, seeds, task, reward, epochs)
        self.table = table
        self.evaluations = evaluations
        self.task = table.task(task).column
        self.labels = [runner.label for runner in runners]
        self.best = max(self._course.truth)
        self.runs: dict[tuple[str, int], Run] = {}
        self._starts = [(runner, seed) for seed in self.seeds for runner in runners]
        self._going: Generator[int, None, Run] | None = None

    @property
    def total(self) -> int:
        """How many runs there are, run or not."""
        return len(self._starts)

    @property
    def complete(self) -> bool:
        return len(self.runs) == self.total

    def advance(self, seconds: float | None = None) -> bool:
        """Complete one run, or go on for about so many seconds and stop there, perhaps in the middle of a run.

        Returns:
            Whether there is more to run.

        Raises:
            Whatever a controller raises; its run begins anew with the next call, the runs before it are kept.
        """
        if seconds is None:
            while not self.complete and not self._step():
                pass
        else:
            end = time.perf_counter() + seconds
            while not self.complete:
                self._step()
                if time.perf_counter() >= end:
                    break
        return not self.complete

    def _step(self) -> bool:
        """One question of the run under way; whether that was its last."""
        runner, seed = self._starts[len(self.runs)]
        going = self._going or run.steps(self._course, runner, seed, self.evaluations)
        self._going = None  # stays so if a controller raises: then its run begins anew
        try:
            next(going)
        except StopIteration as end:
            self.runs[runner.label, seed] = end.value
            return True
        except Exception as error:
            error.add_note(f"in a race, where {runner.label} ran with seed {seed}")
            raise
        self._going = going
        return False

    def curves(self, label: str, of: str = "regret") -> np.ndarray:
        """Return what a controller found in each complete run, (runs, evaluations); `of` as in `RaceResult.curves`."""
        runs = [one for (name, _), one in self.runs.items() if name == label]
        best = np.array([one.best for one in runs]).reshape(len(runs), self.evaluations)
        return best if of == "best" else self.best - best

    @property
    def result(self) -> RaceResult:
        """What came of the seeds with which everyone has run. Raises BadValue as long as there is none."""
        run = [seed for seed in self.seeds if all((label, seed) in self.runs for label in self.labels)]
        if not run:
            raise BadValue("not everyone has run with the first seed yet: call advance() a few times, or run()")
        return RaceResult(
            table=self.table,
            task=self.task,
            evaluations=self.evaluations,
            seeds=run,
            labels=self.labels,
            runs={(label, self.evaluations): [self.runs[label, seed] for seed in run] for label in self.labels},
            best=self.best,
        )
