"""Axes for films: where a value stands in the picture."""

from dataclasses import dataclass

from nasedu.core.themes import FAINT, GREY
from nasedu.widgets.svg import path, text, ticks


@dataclass(frozen=True)
class Plot:
    """A plot in the picture: its rectangle, and the values at its sides.

    `across` goes from left to right, `up` from bottom to top; either may fall, as a rank does.
    """

    x: float
    y: float
    width: float
    height: float
    across: tuple[float, float]
    up: tuple[float, float]

    def at(self, across: float, up: float) -> tuple[float, float]:
        """Return the position (x, y) of a pair of values in the picture."""
        (a, b), (c, d) = self.across, self.up
        return self.x + self.width * (across - a) / ((b - a) or 1), self.y + self.height * (d - up) / ((d - c) or 1)

    def axes(self, across: str, up: str) -> list[str]:
        """Draw lines and numbers at round values, and the titles of both axes."""
        parts = []
        for value in ticks(min(self.up), max(self.up)):
            _, y = self.at(0, value)
            parts.append(path(f"M{self.x:.1f} {y:.1f}h{self.width:.1f}", FAINT))
            parts.append(text(self.x - 6, y + 4, f"{value:g}", size=12, anchor="end"))
        for value in ticks(min(self.across), max(self.across)):
            x, _ = self.at(value, 0)
            parts.append(path(f"M{x:.1f} {self.y + self.height:.1f}v4", GREY))
            parts.append(text(x, self.y + self.height + 15, f"{value:g}", size=12, anchor="middle"))
        parts.append(text(self.x, self.y - 6, up, size=13, bold=True))
        parts.append(text(self.x + self.width, self.y + self.height + 28, across, size=13, anchor="end", bold=True))
        return parts
