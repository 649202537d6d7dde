"""Tables for spreadsheets: no text in them is evaluated as a formula.

Students choose names and quote themselves in messages. A spreadsheet evaluates a cell that begins with =, +, - or @,
also after spaces, tabs or line breaks, and it may split cells at semicolons (OWASP, "CSV Injection").
"""

import csv
import re
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*", re.I | re.A)
FORMULA = re.compile(r"(^|[;\t\r\n])(\s*)(?=[=+\-@＝＋－＠])")  # wide signs, too
CONTROL = re.compile(r"^[\t\r\n]")


def harmless(value: Any) -> Any:
    """Return a value that no spreadsheet evaluates: a text that begins like a formula gets an apostrophe in front.

    Numbers stay numbers, also numbers in a text.
    """
    if not isinstance(value, str) or NUMBER.fullmatch(value):
        return value
    return CONTROL.sub(lambda found: f"'{found[0]}", FORMULA.sub(r"\1\2'", value))


def write_table(file: TextIO, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table as CSV, every cell harmless. None becomes an empty cell."""
    writer = csv.writer(file)
    for row in (head, *rows):
        writer.writerow(["" if value is None else harmless(value) for value in row])
