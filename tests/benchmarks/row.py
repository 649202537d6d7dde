"""One line of a benchmark's table."""

from dataclasses import dataclass


@dataclass
class Row:
    """What was promised, what was measured, and whether the promise was kept (None: nothing was promised)."""

    what: str
    promised: str
    measured: str
    kept: bool | None = None

    @property
    def verdict(self) -> str:
        return {True: "kept", False: "MISSED", None: ""}[self.kept]

    def markdown(self) -> str:
        return f"| {self.what} | {self.promised} | {self.measured} | {self.verdict} |"


def skipped(what: str, reason: str) -> list[Row]:
    return [Row(what, "", f"not measured: {reason}")]


def mean_and_error(values: list[float], digits: int = 3) -> str:
    """Mean ± standard error of the mean."""
    import numpy as np

    error = np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    return f"{np.mean(values):.{digits}f} ± {error:.{digits}f}"


def spread(values: list[float], digits: int = 2) -> str:
    """Mean ± half of the 95% interval, by Student's t; a single value has none."""
    import numpy as np

    said = f"{np.mean(values):.{digits}f}"
    return f"{said} ± {half_width(values):.{digits}f}" if len(values) > 1 else f"{said} (one seed)"


def half_width(values: list[float]) -> float:
    import numpy as np
    from scipy.stats import t

    return float(t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
