"""Searches of one task that were opened in several ways, with the same seeds: who is ahead, and by how much."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from nasedu.core import BadValue
from nasedu.core.statistics import Z95, standard_error
from nasedu.meta.rivals import COLD

MARKS = (1, 2, 5, 10, 20, 50, 100, 200, 500)


class Paired:
    """What `Comparison` and `TaskComparison` have in common.

    Attributes:
        twins: by way, the way with the same mind and no memory; a way that is missing has the cold start as its twin.
    """

    twins: Mapping[str, str]
    lower_is_better: ClassVar[bool] = False

    @property
    def curves(self) -> Mapping[str, np.ndarray]:
        """Return by way what counts after 1, 2, ... different networks, (seeds, evaluations)."""
        raise NotImplementedError

    @property
    def evaluations(self) -> int:
        """Return the number of different networks in a search."""
        return min(curve.shape[1] for curve in self.curves.values())

    def lead(self, way: str, over: str = COLD, after: int | None = None) -> tuple[float, float]:
        """Return by how much one way is ahead of another: (mean, half of its 95% interval).

        Both ways ran with the same seeds, so this is the mean of paired differences. Below 0, the first way is behind.

        Args:
            after: number of different networks; all of them, if None.

        Raises:
            BadValue: an unknown way, or more networks than were run.
        """
        last = self.evaluations if after is None else after
        if not {way, over} <= set(self.curves) or not 1 <= last <= self.evaluations:
            raise BadValue(
                f"this comparison has {', '.join(self.curves)} for 1 to {self.evaluations} networks; given {way!r} "
                f"over {over!r} after {after!r}"
            )
        first, second = (way, over) if not self.lower_is_better else (over, way)
        lead = self.curves[first][:, last - 1] - self.curves[second][:, last - 1]
        return float(lead.mean()), float(Z95 * standard_error(lead))

    def summary(self, at: Sequence[int] = ()) -> Any:
        """Return a DataFrame with a row for each way, and how far each prior is ahead of its own cold twin.

        Columns: after each number of different networks, mean and half of the 95% interval over the seeds; then the
        twin of the way, and the lead over it at the end, with half of its interval. A baseline has no twin.

        Args:
            at: numbers of different networks; 1, 2, 5, 10, ... and all of them, if none are given.

        Raises:
            BadValue: more networks than were run.
        """
        import pandas as pd

        marks = list(at) or sorted({n for n in MARKS if n < self.evaluations} | {self.evaluations})
        rows = {}
        for way, curve in self.curves.items():
            row: dict[tuple[Any, str], Any] = {}
            for n in marks:
                if not 1 <= n <= self.evaluations:
                    raise BadValue(f"this comparison has 1 to {self.evaluations} networks; given at={list(at)}")
                found = curve[:, n - 1]
                row[f"after {n}", "mean"] = float(found.mean())
                row[f"after {n}", "±"] = float(Z95 * standard_error(found))
            if way in self.twins:
                mean, half = self.lead(way, self.twins[way])
                row |= {("twin", ""): self.twins[way], ("lead over it", "mean"): mean, ("lead over it", "±"): half}
            rows[way] = row
        frame = pd.DataFrame.from_dict(rows, orient="index")
        return frame.set_axis(pd.MultiIndex.from_tuples(frame.columns), axis="columns").rename_axis(index="way")
