"""The preparation of a table as plain Python, for a file that is used without nasedu."""

import inspect
import pprint
import textwrap
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from nasedu.tasks.table import cell_dates, cell_numbers

_PREPARE = '''
def prepare(rows):
    """Return the inputs of rows: float32, (rows, {width}).

    A row is a dictionary of cells by column: `csv.DictReader(file)` gives such rows, and so does
    `frame.to_dict("records")` of a pandas frame. Columns that are not in COLUMNS are not used.
    """
    return torch.tensor([[x for column in COLUMNS for x in _inputs(column, row[column["name"]])] for row in rows])


def _inputs(column, cell):
    """Return the standardised inputs of one cell: a number, or 0 and 1 for each value of a category."""
    text = "" if cell is None or cell != cell else unicodedata.normalize("NFC", str(cell).strip())
    if column["values"] is None:
        number = float(cell) if isinstance(cell, int | float) else {number}
        raw = [column["fill"] if math.isnan(number) or math.isinf(number) else number]
    else:
        text = text.removesuffix(".0") if isinstance(cell, float) else text
        raw = [float(text == value) for value in column["values"]]
    return [(x - mean) / deviation for x, mean, deviation in zip(raw, column["mean"], column["deviation"])]
'''

_READ = '''

def read(path):
    """Return the rows of a CSV file whose first line names the columns."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        first = file.readline()
        file.seek(0)
        table = csv.reader(file, delimiter=max(",;\\t|", key=first.count), skipinitialspace=True)
        names = [name.strip() for name in next(table)]
        return [dict(zip(names, row)) for row in table if any(row)]
'''

_RESTORE = '''

def restore(outputs):
    """Return the outputs of the network in the units of the column {name!r}."""
    return outputs * {deviation!r} + {mean!r}
'''


def plain_source(columns: Sequence[Any], answer: Any) -> str:
    """Return Python that defines `prepare(rows)`, `read(path)`, and for a regression `restore(outputs)`.

    Args:
        columns, answer: those of `nasedu.tasks.table.preparation.Table`.
    """
    wanted = ("name", "values", "decimal", "mark", "date", "fill", "mean", "deviation")
    data = [{name: _plain(getattr(column, name)) for name in wanted} for column in columns]
    dates = any(column.date for column in columns)
    readers = [cell_numbers, *([cell_dates] if dates else [])]
    number = 'read_number(text, column["decimal"], column["mark"])'
    number = f'(read_days(text, column["date"]) if column["date"] else {number})' if dates else number
    width = sum(column.width for column in columns)
    rows = [textwrap.indent(pprint.pformat(row, width=110, sort_dicts=False), "    ") + "," for row in data]
    code = "\n".join(["import csv", "import unicodedata", *map(_code, readers), "", "COLUMNS = [", *rows, "]", "", ""])
    code += _PREPARE.replace("{width}", str(width)).replace("{number}", number)
    code += _READ
    restore = _RESTORE.format(name=answer.name, deviation=answer.deviation, mean=answer.mean)
    return code + ("" if answer.classes else restore)


def _code(module: ModuleType) -> str:
    """Return the code of a module without its docstring."""
    return inspect.getsource(module).partition('"""\n')[2]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
