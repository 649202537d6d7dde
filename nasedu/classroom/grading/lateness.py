"""Late work: by how many days, which of them are free, and what the others cost.

    c.Lateness.free_days = 3            # for each student, over all assignments of the course
    c.Lateness.penalty_per_day = 0.1    # the share of an assignment's points that a further day costs

These lines belong into `nbgrader_config.py`. By default days are shown, and no points change. The due date is that of
nbgrader's gradebook, with its extensions, or a line of `due.csv` in the course folder:

    assignment,due
    lesson_04,2026-11-09 23:59:59 UTC
"""

import csv
import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nbgrader.utils import parse_utc
from traitlets import Float, Integer
from traitlets.config import Configurable, PyFileConfigLoader

from nasedu.core import BadValue

DAY = 24 * 60 * 60
FILE = "due.csv"


class Lateness(Configurable):
    """What late work costs in a course."""

    free_days = Integer(0, min=0, help="Late days that cost nothing, for each student in the whole course.").tag(
        config=True
    )
    penalty_per_day = Float(
        0.0, min=0.0, max=1.0, help="Share of an assignment's points that each further late day costs."
    ).tag(config=True)


def read_rules(course: Path) -> Lateness:
    """Return the rules in `nbgrader_config.py` of a course."""
    return Lateness(config=PyFileConfigLoader("nbgrader_config.py", path=str(course.resolve())).load_config())


def read_due(course: Path) -> dict[str, datetime]:
    """Return the due dates of `due.csv`, in UTC without a zone; empty if there is no such file.

    Raises:
        BadValue: a line has no time that can be read.
    """
    path = course / FILE
    due: dict[str, datetime] = {}
    if not path.is_file():
        return due
    for row in csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()):
        name, text = (row.get("assignment") or "").strip(), (row.get("due") or "").strip()
        try:
            due[name] = parse_utc(text)
        except Exception:  # the library raises many kinds of errors
            raise BadValue(f"{path}: {text!r} is no time; write it as 2026-11-09 23:59:59 UTC") from None
    return due


def days_late(due: datetime | None, submission: Any, origin: Mapping[str, Any]) -> int:
    """Return by how many days a submission is late, rounded up; 0 if a due date or a time is not known.

    Args:
        due: of the assignment, in UTC without a zone.
        submission: of nbgrader's gradebook, with its time and its extension; None if it is not graded.
        origin: what collection noted; its time counts if nbgrader has none.
    """
    when, extension = (getattr(submission, name, None) for name in ("timestamp", "extension"))
    if when is None and origin.get("time"):
        try:
            when = parse_utc(str(origin["time"]))
        except Exception:  # a time that cannot be read counts as on time, as in folders.py
            return 0
    if due is None or when is None:
        return 0
    return max(0, math.ceil((when - due - (extension or timedelta())).total_seconds() / DAY))
