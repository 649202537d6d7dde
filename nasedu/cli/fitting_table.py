"""A table that is never cut: where a terminal is too narrow for it, each row becomes a few lines."""

from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text


class FittingTable(Table):
    """A table of text, with a list of its rows for narrow terminals. Text is shown as it is: `[x]` is no style.

    Args:
        heading: a line above it, over the whole width; empty for none.
        instead: what is shown on a narrow terminal in place of the heading and the list.
        options: of rich's `Table`; by default it has no lines, and two blanks between its columns.
    """

    def __init__(self, heading: str = "", *, instead: RenderableType | None = None, **options: Any):
        super().__init__(**{"box": None, "padding": (0, 2, 0, 0), **options})
        self.heading = heading
        self.instead = instead

    def add_row(self, *cells: Any, **options: Any) -> None:
        super().add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in cells), **options)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        fits = sum(self._needs(column, console, options) for column in self.columns) <= options.max_width
        if not fits and self.instead is not None:
            yield self.instead
            return
        if self.heading:
            yield Text(self.heading, "bold")
        yield from super().__rich_console__(console, options) if fits else self._list()

    def _needs(self, column: Column, console: Console, options: ConsoleOptions) -> int:
        """Return the width of a column in which nothing is cut: its longest word, or line if it may not be wrapped."""
        shown = [Text.from_markup(column.header) if isinstance(column.header, str) else column.header, *column.cells]
        measured = [Measurement.get(console, options.update(width=10_000), one) for one in shown]
        widest = max(one.maximum if column.no_wrap else one.minimum for one in measured)
        return max(widest, column.min_width or 0) + self.padding[1] + self.padding[3]

    def _list(self) -> RenderResult:
        for row in zip(*(column.cells for column in self.columns), strict=True):
            for column, cell in zip(self.columns, row, strict=True):
                if isinstance(cell, Text) and cell.plain:
                    head = Text.from_markup(str(column.header))
                    yield Text.assemble((f"{head.plain}: ", "bold"), cell) if head.plain else cell
            yield Text()
        if self.caption:
            yield Text(str(self.caption), "dim")
