"""A trainer that trains nothing: it looks up what a training was found to be worth. It runs without torch."""

from collections.abc import Sequence
from typing import Any

from nasedu.core import Architecture, BadValue, Evaluation, Mismatch, NoTest, describe
from nasedu.core.evaluation import best_of_curve
from nasedu.tables import Table, TableTask
from nasedu.trainers.base import check_epochs, one_seed_each
from nasedu.trainers.jobs import jobs_for, one_state_each


class TableTrainer:
    """Serves recorded scores of a table, with the recorded cost or none.

        table = Table.from_csv("nasbench_macro.csv", space, architecture="code", separator="", scores=..., scale=100)
        trainer = trainers.load("table", space, table.task("cifar10"))

    It never sleeps: a search that took its authors a GPU-year takes a second, and `seconds` says what it would have
    cost. Look at `table.note` before reporting what such a search finds: the scores may be those of the test split.

    Args:
        space: reads the architectures.
        task: `table.task("cifar10")`, or a table with a single task.
        seeds: "recorded" serves one recorded seed, number `seed % recorded seeds`; "mean" serves the mean over them,
            the same for every seed.
        cost: "recorded" says in `seconds` what the training took, in proportion to its epochs; "none" says 0.

    Raises:
        Mismatch: a table of another space, or a task that comes from no table.
        BadValue: an unknown word for seeds or cost, or the recorded cost of a table that has none.
    """

    name = "table"
    preferred_batch = 1024

    def __init__(self, space: Any, task: Any, *, seeds: str = "recorded", cost: str = "none"):
        task = task.task() if isinstance(task, Table) else task
        if not isinstance(task, TableTask):
            raise Mismatch(
                f"the table trainer looks scores up, and task {getattr(task, 'name', task)!r} comes from no table: "
                "give it table.task('...') (see nasedu.tables)"
            )
        if task.table.space is not space and describe(task.table.space) != describe(space):
            raise Mismatch(f"the table {task.table.name!r} is of {task.table.space!r}; the space given is {space!r}")
        if seeds not in ("recorded", "mean") or cost not in ("recorded", "none"):
            raise BadValue(
                f"seeds is 'recorded' or 'mean', cost is 'recorded' or 'none'; given seeds={seeds!r}, cost={cost!r}"
            )
        if cost == "recorded" and task.table.seconds is None:
            raise BadValue(f"the table {task.table.name!r} has no column of seconds: cost='none' is what it can serve")
        self.space = space
        self.task = task
        self.seeds = seeds
        self.cost = cost
        self._table = task.table
        self._values = task.table.values[:, task.place] / task.table.scale

    def __call__(
        self, architectures: Sequence[Architecture], *, epochs: int, seed: int | Sequence[int]
    ) -> list[Evaluation]:
        """See `nasedu.trainers.base.Trainer`.

        Scores that are final ones are served for any number of epochs; where learning curves were recorded, `epochs`
        is one of theirs, the score is the best until then, and the curve is there if every epoch was recorded.

        Raises:
            BadArchitecture: one that is in no row of the table.
            BadValue: a number of epochs that was not recorded.
        """
        check_epochs(epochs)
        seeds = one_seed_each(architectures, seed)
        recorded = self._table.recorded(epochs)
        rows = [self._row(architecture) for architecture in architectures]
        every_epoch = self._table.epochs[:recorded] == tuple(range(1, recorded + 1))
        found = []
        for architecture, row, own_seed in zip(architectures, rows, seeds, strict=True):
            curve = self._curve(row, own_seed, recorded)
            shown = curve if every_epoch else ()
            found.append(self._evaluation(architecture, max(curve), shown, row, epochs, own_seed))
        return found

    def extend(
        self,
        architectures: Sequence[Architecture],
        *,
        epochs: int,
        seed: int | Sequence[int],
        total: int,
        states: Sequence[int | None] | None = None,
    ) -> list[tuple[Evaluation, int]]:
        """See `nasedu.trainers.base.Continuing`; a state is the number of epochs that were looked at.

        Raises:
            BadArchitecture: one that is in no row of the table.
            BadValue: epochs after which no score was recorded: a table of final scores alone knows nothing of how a
                training began, and successive halving on it would see the end from the first rung.
        """
        jobs = jobs_for(self.space, architectures, epochs, seed, total=total)
        one_state_each(jobs, states)
        self._check_recorded(epochs)
        self._check_recorded(total)
        return [(evaluation, epochs) for evaluation in self(architectures, epochs=epochs, seed=seed)]

    def _check_recorded(self, epochs: int) -> None:
        recorded = self._table.epochs
        if epochs not in recorded:
            what = f"after {', '.join(map(str, recorded))} epochs" if recorded else "at the end of its trainings alone"
            raise BadValue(
                f"the table {self._table.name!r} has scores {what}, and none after {epochs}: a training that is left "
                "and taken up again needs one at every stop, such as every rung of successive halving"
            )

    def retrain_and_test(
        self, architecture: Architecture, *, epochs: int, seed: int, best_epoch: int | None = None
    ) -> Evaluation:
        """Return the recorded test score of the training that the search saw, where its validation score was best.

        A table with one test score for each network has no other to give.

        Raises:
            NoTest: a table without test scores.
        """
        check_epochs(epochs)
        row = self._row(architecture)
        if self._table.test is None:
            note = self._table.note or "nothing can be said of its networks on unseen examples"
            raise NoTest(f"the table {self._table.name!r} has no test scores beside those it rewards with: {note}")
        tests = self._table.test[row, self.task.place] / self._table.scale  # (seeds, epochs)
        seen = self._table.recorded(best_epoch or epochs)  # a race may have ended it before its last epoch
        curve = self._curve(row, seed, seen)
        at = best_of_curve(curve) - 1 if tests.shape[1] == self._values.shape[2] else -1
        score = tests[:, at].mean() if self.seeds == "mean" else tests[seed % len(tests), at]
        return self._evaluation(architecture, float(score), (), row, epochs, seed)

    def _row(self, architecture: Architecture) -> int:
        row = self._table.rows.get(architecture)
        if row is None:
            self.space.walk(architecture)
            row = self._table.row(architecture)
        return row

    def _curve(self, row: int, seed: int, recorded: int) -> list[float]:
        values = self._values[row, :, :recorded]
        return (values.mean(axis=0) if self.seeds == "mean" else values[seed % len(values)]).tolist()

    def _evaluation(
        self, architecture: Architecture, score: float, curve: Sequence[float], row: int, epochs: int, seed: int
    ) -> Evaluation:
        table = self._table
        return Evaluation(
            architecture,
            score,
            metrics={"score": score},
            curve=curve,
            seconds=self._seconds(row, epochs),
            parameters=None if table.parameters is None else int(table.parameters[row]),
            flops=None if table.flops is None else int(table.flops[row]),
            epochs=epochs,
            seed=seed,
        )

    def _seconds(self, row: int, epochs: int) -> float:
        seconds = self._table.seconds
        if self.cost == "none" or seconds is None:
            return 0.0
        share = min(epochs / self._table.epochs[-1], 1.0) if self._table.epochs else 1.0
        return float(seconds[row]) * share
