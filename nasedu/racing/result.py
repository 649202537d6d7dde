"""The result of a race: every run as a dataframe, a summary in numbers, and a picture."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nasedu.core import BadValue
from nasedu.core.statistics import standard_error
from nasedu.racing.run import Run
from nasedu.tables import Table


@dataclass(frozen=True)
class RaceResult:
    """The result of `nasedu.race`, which says what reward, report and test are.

    Attributes:
        table, task: what was raced on.
        evaluations: different networks in the longest runs.
        seeds: the seeds, in order.
        labels: the controllers, in order.
        runs: for a label and a length, one `Run` for each seed.
        report: what is reported of a network: its "score", or its "test" score (see `nasedu.race`).
        reports: that number for each row of the table, in the table's own unit; (rows,).
        seconds: the limit beside the number of evaluations; None if there was none.
    """

    table: Table
    task: str
    evaluations: int
    seeds: list[int]
    labels: list[str]
    runs: dict[tuple[str, int], list[Run]] = field(repr=False)
    report: str
    reports: np.ndarray = field(repr=False)
    seconds: float | None = None

    @property
    def best(self) -> float:
        """Return the highest report there is, in the table's own unit; regret is measured from it."""
        return float(self.reports.max())

    @property
    def networks(self) -> np.ndarray:
        """Return the rows of the different networks: of rows that build one function, the first."""
        return self.table.networks

    def at(self, evaluations: int, of: str = "best") -> dict[str, np.ndarray]:
        """Return for each controller what is reported after this number of different networks, (seeds,).

        If a controller with a `budget` has runs with this budget, the report is that at their end; otherwise it is
        that of its longest runs at this point.

        Raises:
            BadValue: more evaluations than were run, or `of` neither "best" nor "regret".
        """
        if not 1 <= evaluations <= self.evaluations:
            raise BadValue(f"the race ran for {self.evaluations} evaluations; given {evaluations!r}")
        found = {}
        for label in self.labels:
            runs = self.runs.get((label, evaluations)) or self.runs[label, self.evaluations]
            found[label] = self._measure(np.array([one.best[evaluations - 1] for one in runs]), of)
        return found

    def curves(self, label: str, of: str = "best", length: int | None = None) -> np.ndarray:
        """Return all runs of a controller, (seeds, length); the longest runs, if no length is given.

        Raises:
            BadValue: an unknown label, a length that was not run, or `of` neither "best" nor "regret".
        """
        return self._measure(np.stack([one.best for one in self._runs(label, length)]), of)

    def _runs(self, label: str, length: int | None = None) -> list[Run]:
        runs = self.runs.get((label, length or self.evaluations))
        if runs is None:
            known = ", ".join(f"{name} for {n}" for name, n in self.runs)
            raise BadValue(
                f"nobody called {label!r} ran for {length or self.evaluations} evaluations; there are: {known}"
            )
        return runs

    def reached(self, share: float = 0.01) -> Any:
        """Return how many different networks each search evaluated until one was among the best of the table.

        The best are those with the highest reports. Whether the controller could know that it was one does not matter.
        On a tie, all networks with the lowest report among the best count.

        Args:
            share: how many of the table's networks are the best, above 0 and at most 1; at least one network.

        Returns:
            A DataFrame, a row for each controller and a column for each seed, of the longest runs. A search that
            evaluated none of them has inf. The name of the columns says how many the best are, and the limit. A median
            over the columns is one of all searches, as long as fewer than half have inf.

        Raises:
            BadValue: a share that is impossible.
        """
        import pandas as pd

        if not isinstance(share, int | float) or not 0 < share <= 1:
            raise BadValue(f"share is how many of the networks are the best, above 0 and at most 1; given {share!r}")
        ranked = np.sort(self.reports[self.networks])[::-1]
        count = max(int(share * len(ranked) + 1e-9), 1)
        is_best = self.reports >= ranked[count - 1]
        found = {label: [_first(is_best[run.networks]) for run in self._runs(label)] for label in self.labels}
        frame = pd.DataFrame(found, index=self.seeds).T.rename_axis(index="controller")
        frame.columns.name = f"seed (best {count:,} of {len(ranked):,}; inf: not {self.limit})"
        return frame

    def found(self, label: str) -> Any:
        """Return what each search of a controller found: the network with the highest reward.

        Returns:
            A DataFrame with a row for each seed. Columns: architecture (as it was asked), reward (what the controller
            was told for it), report (its score or test score, in the table's own unit; see `report`) and evaluations
            (how many different networks the search evaluated). With a limit of seconds, also seconds (what the
            trainings took).

        Raises:
            BadValue: an unknown label.
        """
        import pandas as pd

        runs = self._runs(label)
        columns = {"architecture": [run.found for run in runs], "reward": [run.reward for run in runs]}
        columns |= {"report": [float(run.best[-1]) for run in runs], "evaluations": [run.length for run in runs]}
        if self.seconds is not None:
            columns["seconds"] = [run.seconds for run in runs]
        return pd.DataFrame(columns, index=pd.Index(self.seeds, name="seed"))

    @property
    def limit(self) -> str:
        """Return in words how long a search may be: "within 100 evaluations"."""
        return f"within {self.evaluations:,} evaluations" + (f" and {self.seconds:g} s" if self.seconds else "")

    def _measure(self, scores: np.ndarray, of: str) -> np.ndarray:
        if of not in ("best", "regret"):
            raise BadValue(f"of is 'best' or 'regret'; given {of!r}")
        return scores if of == "best" else self.best - scores

    def to_dataframe(self) -> Any:
        """Return every step of every run as a row of a pandas DataFrame.

        Columns: controller, budget (the length of the run), seed, evaluations (different networks so far), best (what
        is reported of the network with the highest reward so far, in the table's own unit) and regret (how far below
        the best of the table).
        """
        import pandas as pd

        parts = []
        for (label, length), runs in self.runs.items():
            best = np.concatenate([one.best for one in runs])
            columns = {"controller": label, "budget": length, "seed": np.repeat(self.seeds, length)}
            columns |= {"evaluations": np.tile(np.arange(1, length + 1), len(runs)), "best": best}
            parts.append(pd.DataFrame(columns | {"regret": self.best - best}))
        return pd.concat(parts, ignore_index=True)

    def summary(self, at: tuple[int, ...] = (), of: str = "best") -> Any:
        """Return mean and standard error over the seeds, as a DataFrame with a row for each controller.

        Args:
            at: after these numbers of different networks; every length that was run, if none is given.
            of: "best" (what is reported) or "regret" (how far below the best of the table).
        """
        import pandas as pd

        columns = {}
        for n in at or sorted({length for _, length in self.runs}):
            found = self.at(n, of)
            columns[n, "mean"] = {label: float(values.mean()) for label, values in found.items()}
            columns[n, "error"] = {label: float(standard_error(values)) for label, values in found.items()}
        frame = pd.DataFrame(columns, index=pd.Index(self.labels, name="controller"))
        frame.columns.names = ["networks", f"{of} of {len(self.seeds)} seeds"]
        return frame

    def plot(self, ax: Any = None, of: str = "regret", band: str = "error") -> Any:
        """Draw mean and band of every controller, and return the axes; see `nasedu.racing.picture.draw`."""
        from nasedu.racing import picture

        return picture.draw(self, ax, of, band)

    @property
    def stuck(self) -> dict[str, int]:
        """Return for each controller how many runs were given up because it repeated only known questions."""
        return self._ended("repeats")

    @property
    def exhausted(self) -> dict[str, int]:
        """Return for each controller how many runs ended because it had nothing left to ask."""
        return self._ended("exhausted")

    @property
    def timed_out(self) -> dict[str, int]:
        """Return for each controller how many runs ended because their seconds were over."""
        return self._ended("seconds")

    def _ended(self, how: str) -> dict[str, int]:
        counts = {label: sum(one.end == how for one in self.runs[label, self.evaluations]) for label in self.labels}
        return {label: count for label, count in counts.items() if count}

    def __repr__(self) -> str:
        lines = [
            f"A race of {len(self.labels)} controllers x {len(self.seeds)} seeds x {self.evaluations} networks on "
            f"{self.table.name}, {self.task} (the best {self.report} there is: {self.best:g})"
        ]
        lines += [f"  Note: {self.table.note}"] if self.table.note else []
        lines += [f"  {name}: {n} runs given up, they only repeated themselves" for name, n in self.stuck.items()]
        lines += [f"  {name}: {n} runs had nothing left to ask" for name, n in self.exhausted.items()]
        lines += [f"  {name}: {n} runs ended after {self.seconds:g} s" for name, n in self.timed_out.items()]
        return "\n".join(lines)


def _first(is_best: np.ndarray) -> float:
    """Return the number, from 1, of the first that is true; inf if none is."""
    places = np.flatnonzero(is_best)
    return float(places[0] + 1) if len(places) else float("inf")
