"""From the text of a CSV file to named columns: its separator, its header, and what is neither."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path

import numpy as np

from nasedu.core import BadValue, counted
from nasedu.tasks.preparing import listed
from nasedu.tasks.table.cells import Cells, texts
from nasedu.tasks.table.notation import is_number
from nasedu.tasks.table.packed_files import text_of

SEPARATORS = ",;\t|"
RARE = ":^~"
"""Those that are tried if no other separates the cells, nor a blank."""

SAMPLE = 200
"""Lines by which the separator is chosen."""

Row = tuple[list[str], int]
"""The cells of a row, and the line of the file in which it begins."""


@dataclass(frozen=True)
class Sheet:
    """A table as it was given.

    Attributes:
        columns: the cells by the name of their column.
        lines: int64, (rows,): the line of the file where each row begins; for a frame None.
        separator: what stands between two cells; empty for a frame.
        notes: a sentence for each thing in the file that is neither header nor row.
        headless: whether the header looks like a row of numbers.
    """

    columns: dict[str, Cells]
    lines: np.ndarray | None = None
    separator: str = ""
    notes: list[str] = field(default_factory=list)
    headless: bool = False

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def place(self, row: int) -> str:
        """Return where a row stands, for a message: "line 7", or "row 5" of a frame, counted from 0."""
        return f"row {row}" if self.lines is None else f"line {self.lines[row]}"

    def take(self, rows: np.ndarray) -> "Sheet":
        """Return the sheet of these rows."""
        columns: dict[str, Cells] = {
            name: cells[rows] if isinstance(cells, np.ndarray) else cells.take(rows)
            for name, cells in self.columns.items()
        }
        lines = None if self.lines is None else self.lines[rows]
        return Sheet(columns, lines, self.separator, self.notes, self.headless)


def read_sheet(path: str | Path, where: str) -> Sheet:
    """Read a CSV file, which may be packed (.gz, .bz2, .xz, .zip).

    Raises:
        BadValue: no such file, no CSV, a row with more cells than the header, or a name that comes twice.
    """
    text = text_of(Path(path).expanduser(), where)
    text, above, separator = _separated(text)
    rows = list(_rows(text, separator, above, where))
    _refuse_open_quote(text, rows, above, where)
    if not rows:
        raise BadValue(f"{where} cannot be read as CSV: it is empty; expected a line of names, and rows below it")
    rows, notes = _without_comments(rows)
    first = rows[0][0]
    names, body = _header(rows)
    body, more = _without_others(first, body)
    notes += more
    widths = {len(cells) for cells, _ in body}
    if widths == {len(names) + 1}:
        if any(cells[-1].strip() for cells, _ in body):  # the header has no name for the names of the rows
            names = ["", *names]
        else:  # each row ends with a separator
            body = [(cells[:-1], line) for cells, line in body]
    body, short = _of_one_width(body, len(names), where)
    notes += [f"filled up {counted(short, 'row')} with fewer cells than the header"] if short else []
    cells_by_column = list(zip(*(cells for cells, _ in body), strict=True)) or [()] * len(names)
    columns = dict(zip(_named(names, where), cells_by_column, strict=True))
    return Sheet(
        {name: texts(cells) for name, cells in columns.items() if not _is_blank(name, cells)},
        np.array([line for _, line in body], np.int64),
        separator,
        notes,
        headless=_is_row(names, cells_by_column),
    )


# ---------------------------------------------------------------------- separators and rows


def _separated(text: str) -> tuple[str, int, str]:
    """Return the text to read, the number of lines that were cut from its beginning, and the separator."""
    said = re.match(r'"?sep=(.)"?(?:\r\n|\r|\n)', text, re.I)  # Excel's own first line
    if said:
        return text[said.end() :], 1, said[1]
    best = max(SEPARATORS, key=lambda separator: _agreement(text, separator))
    if _agreement(text, best)[2] < 2:
        if _agreement(text, " ") >= (1.0, True, 2):
            return "\n".join(line.strip() for line in text.splitlines()), 0, " "
        best = next((rare for rare in RARE if _agreement(text, rare) >= (1.0, True, 2)), best)
    return text, 0, best


def _agreement(text: str, separator: str) -> tuple[float, bool, int]:
    """Return the share of the first lines that have the most frequent number of cells, and this number.

    A header may be one cell short; the truth value says whether it is not.
    """
    try:
        lines = list(islice(_cells(text, separator), SAMPLE))
    except csv.Error:
        return 0.0, False, 0
    widths = [len(cells) for cells, _ in lines if any(cell.strip() for cell in cells)]
    if not widths or max(widths) < 2:
        return 0.0, False, 0
    width, _ = max(Counter(w for w in widths if w > 1).items(), key=lambda item: item[1])
    agreeing = sum(w == width for w in widths[1:]) + (widths[0] in (width, width - 1))
    return round(agreeing / len(widths), 2), widths[0] == width, width


def _cells(text: str, separator: str) -> Iterator[Row]:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=separator != "\t")
    begins = 1
    for cells in lines:
        yield cells, begins
        begins = lines.line_num + 1


def _rows(text: str, separator: str, above: int, where: str) -> Iterator[Row]:
    """Yield the rows; those without any cell that is filled are omitted."""
    try:
        for cells, line in _cells(text, separator):
            if any(cell and not cell.isspace() for cell in cells):
                yield cells, line + above
    except csv.Error as error:
        raise BadValue(f"{where} cannot be read as CSV: {error}; is a quote not closed?") from error


def _refuse_open_quote(text: str, rows: list[Row], above: int, where: str) -> None:
    """Raise BadValue if a quote is opened and not closed: the rest of the file would be one cell."""
    lines = text.splitlines()
    last = lines[rows[-1][1] - 1 - above :] if rows else []
    if sum(bool(line.strip()) for line in last) > 1 and "\n".join(last).count('"') % 2:
        raise BadValue(f"{where} cannot be read as CSV: a quote that opens in line {rows[-1][1]} is never closed")


# ---------------------------------------------------------------------- header and comments


def _without_comments(rows: list[Row]) -> tuple[list[Row], list[str]]:
    """Return the rows from the header on, without titles above it and comments below them; a sentence says how many."""
    width = Counter(len(cells) for cells, _ in rows).most_common(1)[0][0]
    start, end = 0, len(rows)
    while start + 1 < end and _is_above_header(rows[start][0], rows[start + 1][0], width):
        start += 1
    while end - 1 > start and rows[end - 1][0][0].startswith("#") and len(rows[end - 1][0]) != width:
        end -= 1
    left = [("above the header", start), ("of comment at the end", len(rows) - end)]
    return rows[start:end], [f"left out {counted(count, 'line')} {what}" for what, count in left if count]


def _is_above_header(cells: list[str], following: list[str], width: int) -> bool:
    if cells[0].startswith("#"):  # it may be the header: "#chromosome,position"
        return len(cells) != width or not any(map(is_number, following)) or any(map(is_number, cells))
    filled = sum(bool(cell.strip()) for cell in cells)
    return len(cells) < width - 1 or (len(cells) == 1 < width) or (filled <= 1 and width >= 3)


def _header(rows: list[Row]) -> tuple[list[str], list[Row]]:
    (first, _), body = rows[0], rows[1:]
    names = [name.strip() for name in first]
    if names[0].startswith("#") and names[0].strip("# "):
        names[0] = names[0].lstrip("# ")
    return names, body


def _without_others(first: list[str], body: list[Row]) -> tuple[list[Row], list[str]]:
    """Return the rows without comments and without copies of the header; a sentence says how many there were."""
    comments = [row for row in body if row[0][0].startswith("#") and len(row[0]) != len(first)]
    headers = [row for row in body if row[0] == first]
    gone = {line for _, line in comments + headers}
    told = [("of comment", comments), ("like the header", headers)]
    notes = [
        f"left out {counted(len(rows), 'line')} {what}, the first in line {rows[0][1]}" for what, rows in told if rows
    ]
    return [row for row in body if row[1] not in gone] if gone else body, notes


def _is_row(names: list[str], columns: list[tuple[str, ...]]) -> bool:
    """Return whether a header looks like a row: numbers, or words that stand below it, too."""
    numbers = [name for name in names if is_number(name)]
    if len(numbers) > len(names) / 2:
        steps = {int(b) - int(a) for a, b in pairwise(numbers)} if all(map(str.isdigit, numbers)) else set()
        return len(steps) != 1  # 2001, 2002, 2003 are names
    words = [bool(name) and not is_number(name) for name in names]
    below = [word and name in cells[:SAMPLE] for word, name, cells in zip(words, names, columns, strict=False)]
    return sum(below) >= 2 and sum(below) == sum(words)


def _of_one_width(body: list[Row], width: int, where: str) -> tuple[list[Row], int]:
    """Return the rows, short ones filled up with empty cells as spreadsheets mean them, and how many were short."""
    short = 0
    for number, (cells, line) in enumerate(body):
        if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            body[number] = cells[:width], line
        elif len(cells) > width:
            raise BadValue(
                f"{where} cannot be read as CSV: line {line} has {len(cells)} cells, and the header has {width}; put "
                "a cell that holds the separator in quotes"
            )
        elif len(cells) < width:
            body[number] = [*cells, *[""] * (width - len(cells))], line
            short += 1
    return body, short


def _named(names: list[str], where: str) -> list[str]:
    """Return the names, and for a column without one what pandas calls it."""
    twice = [name for name, count in Counter(filter(None, names)).items() if count > 1]
    if twice:
        places = [number for number, name in enumerate(names, 1) if name == twice[0]]
        raise BadValue(
            f"{where}: {listed([repr(name) for name in twice])} names more than one column (columns "
            f"{listed(places)}); rename or remove all but one, as a copy of the answer would give it away"
        )
    return [name or f"Unnamed: {number}" for number, name in enumerate(names)]


def _is_blank(name: str, cells: tuple[str, ...]) -> bool:
    """Return whether a column has neither a name nor a value: each line ends with a separator."""
    return name.startswith("Unnamed: ") and not any(cell.strip() for cell in cells)
