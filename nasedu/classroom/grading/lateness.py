"""Late work: by how many days, which of them are free, and what the others cost.

    c.Lateness.free_days = 3            # for each student, over all assignments of the course
    c.Lateness.penalty_per_day = 0.1    # the share of an assignment's points that a further day costs

These lines belong into `nbgrader_config.py`. By default days are shown, and no points change. The due date is that of
nbgrader's gradebook, with its extensions, or a line of `due.csv` in the course folder:

    assignment,due
    lesson_04,2026-11-09 23:59:59 UTC
"""

import csv
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.utils import parse_utc
from traitlets import Float, Integer
from traitlets.config import Configurable, PyFileConfigLoader

from nasedu.core import BadValue

DAY = 24 * 60 * 60
FILE = "due.csv"
ORIGIN = "origin.json"
"""Beside a collected notebook: the platform's name of the folder, and the time at which it was handed in."""


class Lateness(Configurable):  # type: ignore[misc]
    """What late work costs in a course."""

    free_days = Integer(0, min=0, help="Late days that cost nothing, for each student in the whole course.").tag(
        config=True
    )
    penalty_per_day = Float(
        0.0, min=0.0, max=1.0, help="Share of an assignment's points that each further late day costs."
    ).tag(config=True)


@dataclass(frozen=True)
class Late:
    """How late one student's work in one assignment is.

    Attributes:
        days: late days, rounded up; 0 if it was on time, or if a due date or a time is not known.
        free: how many of them are free.
        share: the share of the points that the other days cost, from 0 to 1.
    """

    days: int = 0
    free: int = 0
    share: float = 0.0


def read_rules(course: Path) -> Lateness:
    """Return the rules in `nbgrader_config.py` of a course."""
    return Lateness(config=PyFileConfigLoader("nbgrader_config.py", path=str(course.resolve())).load_config())


def read_due(course: Path) -> dict[str, datetime]:
    """Return the due dates of `due.csv`, in UTC without a zone; empty if there is no such file.

    Raises:
        BadValue: a line has no time that can be read.
    """
    path, due = course / FILE, {}
    if not path.is_file():
        return due
    for row in csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()):
        name, text = (row.get("assignment") or "").strip(), (row.get("due") or "").strip()
        try:
            due[name] = parse_utc(text)
        except Exception:  # the library raises many kinds of errors
            raise BadValue(f"{path}: {text!r} is no time; write it as 2026-11-09 23:59:59 UTC") from None
    return due


def read_origin(folder: Path) -> dict[str, str]:
    """Return what collection noted about a submission: `folder` and `time`; empty if it noted nothing."""
    try:
        noted = json.loads((folder / ORIGIN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {key: noted[key] for key in ("folder", "time") if isinstance(noted, dict) and isinstance(noted.get(key), str)}


def days_late(due: datetime | None, extension: Any, submission: Any, origin: Mapping[str, str]) -> int:
    """Return by how many days a submission is late, rounded up.

    Args:
        due: of the assignment, in UTC without a zone.
        extension: of this student, as a time difference; None if there is none.
        submission: of the gradebook, or None; it has the time of nbgrader.
        origin: what collection noted; its time counts if nbgrader has none.
    """
    when = getattr(submission, "timestamp", None)
    if when is None and origin.get("time"):
        try:
            when = parse_utc(origin["time"])
        except Exception:  # a time that cannot be read counts as on time, as in folders.py
            return 0
    if due is None or when is None:
        return 0
    return max(0, math.ceil((when - due - (extension or due - due)).total_seconds() / DAY))


def spend(days: Mapping[str, int], rules: Lateness) -> dict[str, Late]:
    """Return the late days of one student by assignment: free days are spent in the order of the mapping."""
    left, made = rules.free_days, {}
    for name, late in days.items():
        free = min(left, late)
        left -= free
        made[name] = Late(late, free, min(1.0, (late - free) * rules.penalty_per_day))
    return made
