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
    """The result of `nasedu.race`.

    Attributes:
        table, task: what was raced on.
        evaluations: different networks in the longest runs.
        seeds: the seeds, in order.
        labels: the controllers, in order.
        runs: for a label and a length, one `Run` for each seed.
        best: the highest score there is, in the table's own unit; regret is measured from it.
    """

    table: Table
    task: str
    evaluations: int
    seeds: list[int]
    labels: list[str]
    runs: dict[tuple[str, int], list[Run]] = field(repr=False)
    best: float

    def at(self, evaluations: int, of: str = "best") -> dict[str, np.ndarray]:
        """Return for each controller the score after this number of different networks, (seeds,).

        If a controller with a `budget` has runs with this budget, the score is that at their end; otherwise it is
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
        runs = self.runs.get((label, length or self.evaluations))
        if runs is None:
            known = ", ".join(f"{name} for {n}" for name, n in self.runs)
            raise BadValue(
                f"nobody called {label!r} ran for {length or self.evaluations} evaluations; there are: {known}"
            )
        return self._measure(np.stack([one.best for one in runs]), of)

    def _measure(self, scores: np.ndarray, of: str) -> np.ndarray:
        if of not in ("best", "regret"):
            raise BadValue(f"of is 'best' or 'regret'; given {of!r}")
        return scores if of == "best" else self.best - scores

    def to_dataframe(self) -> Any:
        """Return every step of every run as a row of a pandas DataFrame.

        Columns: controller, budget (the length of the run), seed, evaluations (different networks so far), best (the
        true score of the network that looked best so far, in the table's own unit) and regret (how far below the
        best of the table).
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
            of: "best" (the score found) or "regret" (how far below the best of the table).
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

    def _ended(self, how: str) -> dict[str, int]:
        counts = {label: sum(one.end == how for one in self.runs[label, self.evaluations]) for label in self.labels}
        return {label: count for label, count in counts.items() if count}

    def __repr__(self) -> str:
        lines = [
            f"A race of {len(self.labels)} controllers x {len(self.seeds)} seeds x {self.evaluations} networks on "
            f"{self.table.name}, {self.task} (the best there is: {self.best:g})"
        ]
        lines += [f"  Note: {self.table.note}"] if self.table.note else []
        lines += [f"  {name}: {n} runs given up, they only repeated themselves" for name, n in self.stuck.items()]
        lines += [f"  {name}: {n} runs had nothing left to ask" for name, n in self.exhausted.items()]
        return "\n".join(lines)
