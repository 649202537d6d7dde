"""A table that is never cut: where a terminal is too narrow for it, each row becomes a few lines."""

from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text

PROSE = 14
"""Letters that a column of longer text needs: narrower, it is a tower of words."""


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
        sizes = [self._sizes(column, console, options) for column in self.columns]
        around = (self.padding[1] + self.padding[3]) * len(sizes)
        left = options.max_width - around - sum(least for least, _ in sizes)
        if left < 0 and self.instead is not None:
            yield self.instead
            return
        if self.heading:
            yield Text(self.heading, "bold")
        if left < 0:
            yield from self._list()
            return
        # rich would take the room from the widest column, also where that cuts a word. Here the least wish comes first.
        by_wish = sorted(zip(sizes, self.columns, strict=True), key=lambda pair: pair[0][1] - pair[0][0])
        for before, ((least, most), column) in enumerate(by_wish):
            more = min(most - least, left // (len(by_wish) - before))
            column.width, left = least + more, left - more
        yield from super().__rich_console__(console, options)

    def _sizes(self, column: Column, console: Console, options: ConsoleOptions) -> tuple[int, int]:
        """Return the least width of a column in which nothing is cut and its head is one line; and that without folds.

        A cell needs its longest word, or its whole line if it may not be wrapped.
        """
        wide = options.update(width=10_000)
        head = Text.from_markup(column.header) if isinstance(column.header, str) else column.header
        most = [Measurement.get(console, wide, one).maximum for one in (head, *column.cells)]
        words = [Measurement.get(console, wide, cell).minimum for cell in column.cells]
        least = max(most) if column.no_wrap else max([most[0], *words, min(max(most), PROSE)])
        return max(least, column.min_width or 0), max(*most, column.min_width or 0)

    def _list(self) -> RenderResult:
        for row in zip(*(column.cells for column in self.columns), strict=True):
            for column, cell in zip(self.columns, row, strict=True):
                if isinstance(cell, Text) and cell.plain:
                    head = Text.from_markup(str(column.header))
                    yield Text.assemble((f"{head.plain}: ", "bold"), cell) if head.plain else cell
            yield Text()
        if self.caption:
            yield Text(str(self.caption), "dim")
