"""Architectures with recorded scores: a table of ground truth, checked once when it is made."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from nasedu.core import Architecture, BadArchitecture, BadValue, NaseduError, counted
from nasedu.tables import columns, files, validation
from nasedu.tables.columns import Columns, Path_, Which
from nasedu.tables.task import TableTask

Reader = str | Sequence[str] | Callable[[dict[str, Any]], Architecture]


class Best(NamedTuple):
    """The best network of a table, and its score in the table's own unit."""

    architecture: Architecture
    score: float


class Table:
    """Scores of architectures on one or more tasks, for one or more seeds and epochs.

    Made with `Table.from_csv`, `from_npz`, `from_parquet` (anyone's files) or `Table.load` (what `save` wrote). Scores
    keep the file's unit; a controller or a study is told `score / scale`. Used in lesson 04.

    The scores of a published table are often those of the test split. NAS-Bench-Macro (Su et al., CVPR 2021) has test
    accuracies only, and no validation split. You may compare controllers on such a table. You may not report a network
    found on it as if it had been tested. Say such things in `note`: races print it.

    Args:
        space: reads the architectures; networks that it calls the same (`space.canonical`) share a row if only one
            of them has one.
        architectures: one for each row.
        scores: task to an array of (rows,), (rows, seeds) or (rows, seeds, epochs); higher is better.
        test: the same for scores on a test split; they are never a reward (`nasedu.race` says what reward, report and
            test are).
        seconds, parameters, flops: cost of one training, size and arithmetic of each network: arrays of (rows,).
        epochs: after which epochs the scores were taken; default 1, 2, 3, ... Scores without an axis for epochs are
            final ones, and are used for a training of any length.
        scale: scores are divided by it before they are told; 100 for percent.
        name: short, for figures and stores.
        note: what a reader of any result must know.
        complete: refuse a table that lacks a member of the space.
        where: the place of a row in its file, for messages.

    Raises:
        BadArchitecture, BadValue: any error in it, with the row and the value.

    Attributes:
        values: the scores, float64, (architectures, tasks, seeds, epochs).
        rows: architecture to row.
    """

    def __init__(
        self,
        space: Any,
        architectures: Sequence[Architecture],
        scores: Mapping[str, Any],
        *,
        test: Mapping[str, Any] | None = None,
        seconds: Any = None,
        parameters: Any = None,
        flops: Any = None,
        epochs: Sequence[int] | None = None,
        scale: float = 1.0,
        name: str = "table",
        note: str = "",
        complete: bool = False,
        where: Callable[[int], str] = columns.row_number,
    ):
        if not isinstance(scale, int | float) or not 0 < scale < float("inf"):
            raise BadValue(f"scale is what scores are divided by, above 0: 100 for percent; given {scale!r}")
        self.space = space
        self.name = name
        self.note = note
        self.scale = float(scale)
        self._digests: dict[str, str] = {}
        self.tasks = tuple(scores)
        count = len(architectures)
        if not count:
            raise BadValue("a table needs at least one architecture")
        # The architectures are read last: the space walks every one of them, which takes long for a large table.
        self.values = validation.by_seed_and_epoch(scores, count, "score", where)
        self.epochs = validation.check_epochs(epochs, self.values.shape[3])
        self.test = None if test is None else self._test_scores(test, count, where)
        self.seconds = validation.amounts(seconds, count, "seconds", where)
        self.parameters = validation.amounts(parameters, count, "parameters", where, whole=True)
        self.flops = validation.amounts(flops, count, "flops", where, whole=True)
        self.rows = validation.rows_of(architectures, space, where)
        if complete:
            validation.check_complete(space, self.rows, self.__contains__)

    def _test_scores(self, test: Mapping[str, Any], rows: int, where: Callable[[int], str]) -> np.ndarray:
        if set(test) != set(self.tasks):
            raise BadValue(
                f"test scores are for {', '.join(test)}, and scores for {', '.join(self.tasks)}: name the same"
            )
        return validation.by_seed_and_epoch({task: test[task] for task in self.tasks}, rows, "test score", where)

    # ------------------------------------------------------------------ reading and writing

    @classmethod
    def from_csv(
        cls, path: Path_, space: Any, *, architecture: Reader, scores: Mapping[str, Which], **more: Any
    ) -> "Table":
        """Return a table from comma-separated text with a header.

        Args:
            path: the file.
            space: reads the architectures.
            architecture: the column that holds the choices, divided by `separator`; or the columns that hold one
                choice each; or a function from a row (a dictionary, column to text) to an architecture.
            scores: task to its column; or to a list of columns, one for each seed; or to a list of such lists, seeds
                then epochs: `{"cifar10": ["acc_seed1", "acc_seed2"]}`.
            **more: `separator` (" "; "" makes every character a choice), `test` (as `scores`), `seconds`,
                `parameters`, `flops` (a column each), and `epochs`, `scale`, `name`, `note`, `complete` as for `Table`.

        Raises:
            BadArchitecture, BadValue: with line and value.
        """
        return cls._from_columns(columns.read_csv(path), space, architecture, scores, **more)

    @classmethod
    def from_npz(
        cls, path: Path_, space: Any, *, architecture: Reader, scores: Mapping[str, Which], **more: Any
    ) -> "Table":
        """Return a table from numpy arrays whose first axis is the networks; arguments as for `from_csv`.

        A task's column may itself be of (rows, seeds) or (rows, seeds, epochs).
        """
        return cls._from_columns(columns.read_npz(path), space, architecture, scores, **more)

    @classmethod
    def from_parquet(
        cls, path: Path_, space: Any, *, architecture: Reader, scores: Mapping[str, Which], **more: Any
    ) -> "Table":
        """Return a table from parquet; arguments as for `from_csv`. Needs the extra `tables` (pyarrow)."""
        return cls._from_columns(columns.read_parquet(path), space, architecture, scores, **more)

    @classmethod
    def _from_columns(
        cls,
        source: Columns,
        space: Any,
        architecture: Reader,
        scores: Mapping[str, Which],
        *,
        separator: str = " ",
        test: Mapping[str, Which] | None = None,
        **more: Any,
    ) -> "Table":
        if not isinstance(scores, Mapping):
            raise BadValue(f"scores maps a task to its columns, such as {{'cifar10': {scores!r}}}; given {scores!r}")
        # The scores come first: reading the architectures of a large file takes long, and a name is soon misspelt.
        values = {task: source.numbers(which) for task, which in scores.items()}
        tests = None if test is None else {task: source.numbers(which) for task, which in test.items()}
        costs = [name for name in ("seconds", "parameters", "flops") if more.get(name) is not None]
        more |= {name: source.numbers(more[name]) for name in costs}
        more.setdefault("name", source.file.partition(".")[0])
        return cls(
            space,
            source.architectures(architecture, separator),
            values,
            test=tests,
            where=lambda row: f"{source.file}, {source.place(row)}",
            **more,
        )

    def save(self, path: Path_) -> None:
        """Write the table as one npz file, which `Table.load` reads. Raise BadValue if the path cannot be written."""
        files.save(self, path)

    @classmethod
    def load(cls, path: Path_, space: Any = None, *, complete: bool = False) -> "Table":
        """Return a table that `save` wrote.

        Args:
            path: the file.
            space: optional if the file describes it, as it does for every registered space.
            complete: refuse a table that lacks a member of the space.

        Raises:
            BadValue: another file.
            Mismatch, BadArchitecture: another space.
        """
        return cls(complete=complete, **files.load(path, space))

    # ------------------------------------------------------------------ looking up

    def __len__(self) -> int:
        """Return the number of rows; see `networks`."""
        return len(self.rows)

    def __contains__(self, architecture: object) -> bool:
        try:
            self.row(architecture)  # type: ignore[arg-type]
        except NaseduError:
            return False
        return True

    @property
    def architectures(self) -> list[Architecture]:
        """Return every architecture, in the order of the rows."""
        return list(self.rows)

    def row(self, architecture: Architecture) -> int:
        """Return the row of an architecture, or of another that builds the same function.

        Raises:
            BadArchitecture: one that the space cannot read, or that is in no row.
        """
        row = self.rows.get(architecture)
        if row is None:
            self.space.walk(architecture)
            row = self._first_of_class.get(self.space.canonical(architecture))
        if row is None:
            raise BadArchitecture(
                f"{architecture} is in no row of the table {self.name!r}, which holds {self.size_in_words} of the "
                f"space {self.space.title!r}; ask one of table.architectures"
            )
        return row

    @cached_property
    def _first_of_class(self) -> dict[Architecture, int]:
        """Return a map from a canonical architecture to the first row that builds its function."""
        first: dict[Architecture, int] = {}
        for architecture, row in self.rows.items():
            first.setdefault(self.space.canonical(architecture), row)
        return first

    @cached_property
    def classes(self) -> np.ndarray:
        """Return for each row the first row that builds the same function, mostly itself. Whole numbers, (rows,)."""
        return np.array([self._first_of_class[self.space.canonical(a)] for a in self.rows])

    @cached_property
    def networks(self) -> np.ndarray:
        """Return the rows of the different networks: of rows that build one function, the first. (networks,)."""
        return np.unique(self.classes)

    @property
    def size_in_words(self) -> str:
        """Return in words how many different networks there are, and in how many rows, if that is another number."""
        rows = f" in {len(self):,} rows" if len(self.networks) < len(self) else ""
        return counted(len(self.networks), "network") + rows

    # ------------------------------------------------------------------ scores

    def task(self, task: str | None = None) -> TableTask:
        """Return one task of the table, for a trainer: `trainers.load("table", space, table.task("cifar10"))`.

        Raises:
            BadValue: an unknown task, or none named where there are several.
        """
        if task is None and len(self.tasks) == 1:
            task = self.tasks[0]
        if task not in self.tasks:
            given = "none was named" if task is None else f"given {task!r}"
            raise BadValue(f"the table {self.name!r} has the tasks {', '.join(self.tasks)}; {given}")
        return TableTask(self, task)

    def curves(self, task: str | None = None, *, seed: int | None = None, epochs: int | None = None) -> np.ndarray:
        """Return the recorded scores of every architecture after each epoch: (architectures, epochs).

        Args:
            task: optional if there is only one.
            seed: the place of one recorded seed, from 0; None is the mean over them.
            epochs: omit what was recorded after more epochs than these; None keeps all.

        Raises:
            BadValue: a task, seed or number of epochs that was not recorded.
        """
        values = self.values[:, self.task(task).place, :, : self.recorded(epochs)]
        if seed is None:
            return values.mean(axis=1)
        if not 0 <= seed < values.shape[1]:
            raise BadValue(f"the table {self.name!r} has seeds 0 to {values.shape[1] - 1}; given {seed}")
        return values[:, seed]

    def scores(self, task: str | None = None, *, seed: int | None = None, epochs: int | None = None) -> np.ndarray:
        """Return the score of every architecture, (architectures,): the best of its curve, as in every trainer.

        Arguments as for `curves`.
        """
        return self.curves(task, seed=seed, epochs=epochs).max(axis=1)

    def recorded(self, epochs: int | None) -> int:
        """Return how many scores a training of `epochs` has. Raise BadValue if none was recorded after `epochs`.

        The score after a nearby epoch would report a shorter training as a longer one.
        """
        if epochs is None or not self.epochs:
            return self.values.shape[3]
        if epochs not in self.epochs:
            raise BadValue(
                f"the table {self.name!r} was recorded after {', '.join(map(str, self.epochs))} epochs; given {epochs}"
            )
        return self.epochs.index(epochs) + 1

    def digest(self, task: str) -> str:
        """Return a hash of all that is recorded of a task: networks, their scores with scale and epochs, their cost."""
        if task not in self._digests:
            place = self.tasks.index(task)
            total = hashlib.sha256("\n".join(map(repr, self.rows)).encode())
            for scores in (self.values, self.test):
                total.update(b"" if scores is None else np.ascontiguousarray(scores[:, place]).tobytes())
            total.update(repr((self.scale, self.epochs)).encode())
            for name in ("seconds", "parameters", "flops"):
                amounts = getattr(self, name)
                total.update(name.encode() if amounts is None else np.ascontiguousarray(amounts).tobytes())
            self._digests[task] = total.hexdigest()[:16]
        return self._digests[task]

    def spread(self, task: str | None = None) -> np.ndarray:
        """Return the standard deviation over the seeds of every architecture's last score, (architectures,)."""
        return self.values[:, self.task(task).place, :, -1].std(axis=1)

    def best(self, task: str | None = None) -> Best:
        """Return the architecture with the highest score (mean over seeds); on a tie, the smaller network."""
        scores = self.scores(task)
        highest = np.flatnonzero(scores == scores.max())
        row = int(highest[0] if self.parameters is None else highest[self.parameters[highest].argmin()])
        return Best(self.architectures[row], float(scores[row]))

    def regret(self, architecture: Architecture, task: str | None = None) -> float:
        """Return how far an architecture's score is below the best (means over seeds), in the table's own unit."""
        scores = self.scores(task)
        return float(scores.max() - scores[self.row(architecture)])

    def __repr__(self) -> str:
        _, tasks, seeds, epochs = self.values.shape
        note = f": {self.note}" if self.note else ""
        return f"<Table {self.name!r}, {self.size_in_words} x {tasks} tasks x {seeds} seeds x {epochs} epochs{note}>"
