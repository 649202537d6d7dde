"""The preparation of a table as plain Python, for a file that is used without nasedu."""

import pprint
import textwrap
from collections.abc import Sequence
from typing import Any

_PREPARE = '''
def prepare(rows):
    """Return the inputs of rows: float32, (rows, {width}).

    A row is a dictionary of cells by column: `csv.DictReader(file)` gives such rows, and so does
    `frame.to_dict("records")` of a pandas frame. Columns that are not in COLUMNS are not used.
    """
    return torch.tensor([[x for column in COLUMNS for x in _inputs(column, row[column["name"]])] for row in rows])


def _inputs(column, cell):
    """Return the standardised inputs of one cell: a number, or 0 and 1 for each value of a category."""
    text = "" if cell is None or cell != cell else str(cell).strip()
    if column["values"] is None:
        number = float(cell) if isinstance(cell, int | float) else {number}
        raw = [column["fill"] if math.isnan(number) or math.isinf(number) else number]
    else:
        text = text.removesuffix(".0") if isinstance(cell, float) else text
        raw = [float(text == value) for value in column["values"]]
    return [(x - mean) / deviation for x, mean, deviation in zip(raw, column["mean"], column["deviation"])]


def _number(text, column):
    """Return a number as the table writes it, NaN for a missing one."""
    other = "," if column["decimal"] == "." else "."
    text = text.replace("\\u2212", "-")
    percent, minus = text.endswith("%"), text.startswith("(") or text.endswith("-")
    for sign in (column["mark"], other, " ", "\\u00a0", "\\u202f", "'", "\\u2019", "(", ")"):
        text = text.replace(sign, "") if sign else text
    try:
        value = float(text.rstrip("-").replace(column["decimal"], "."))
    except ValueError:
        return math.nan
    return (-value if minus else value) / (100 if percent else 1)
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

_DAYS = '''

def _days(text, column):
    """Return the days since 1970 of a date, NaN for a missing one."""
    found = re.match(r"(\\d+)[-/.](\\d+)[-/.](\\d+)(?:[T ]\\s*(\\d+):(\\d+)(?::(\\d+))?)?", text)
    if not found:
        return math.nan
    parts = dict(zip(column["date"], map(int, found.groups()[:3])))
    year = parts["y"] + (0 if parts["y"] > 99 else 2000 if parts["y"] < 70 else 1900)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[3:])
    try:
        day = datetime(year, parts["m"], parts["d"], hours, minutes, seconds)
    except ValueError:
        return math.nan
    return (day - datetime(1970, 1, 1)) / timedelta(days=1)
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
    imports = [
        "import csv",
        "import math",
        *(["import re", "from datetime import datetime, timedelta"] if dates else []),
    ]
    number = '(_days if column["date"] else _number)(text, column)' if dates else "_number(text, column)"
    width = sum(column.width for column in columns)
    rows = [textwrap.indent(pprint.pformat(row, width=110, sort_dicts=False), "    ") + "," for row in data]
    code = "\n".join([*imports, "", "COLUMNS = [", *rows, "]", "", ""])
    code += _PREPARE.replace("{width}", str(width)).replace("{number}", number)
    code += (_DAYS if dates else "") + _READ
    restore = _RESTORE.format(name=answer.name, deviation=answer.deviation, mean=answer.mean)
    return code + ("" if answer.classes else restore)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
