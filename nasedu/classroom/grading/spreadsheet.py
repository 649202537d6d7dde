"""Tables for spreadsheets: no text in them is evaluated as a formula.

Students choose names and quote themselves in messages. A spreadsheet evaluates a cell that begins with =, +, - or @,
also after spaces, tabs or line breaks, and it may split cells at semicolons (OWASP, "CSV Injection").
"""

import csv
import re
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin

NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*", re.I | re.A)
FORMULA = re.compile(r"(^|[;\t\r\n])(\s*)(?=[=+\-@＝＋－＠])")  # noqa: RUF001 (spreadsheets take wide signs, too)
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


class HarmlessExport(CsvExportPlugin):  # type: ignore[misc]
    """Writes nbgrader's grades.csv, every cell harmless: `nbgrader export` uses it in a course of nasedu.

    nbgrader's own plugin puts names into the file as they are. A comma in a name would even move the points.
    """

    def export(self, gradebook: Gradebook) -> None:
        """Write one row for each assignment and student, with the columns of nbgrader's own plugin."""
        with open(self.to or "grades.csv", "w", newline="", encoding="utf-8") as file:
            write_table(file, GRADES, self._rows(gradebook))

    def _rows(self, gradebook: Gradebook) -> Iterable[list[Any]]:
        for assignment in gradebook.assignments:
            if self.assignment and assignment.name not in map(str, self.assignment):
                continue
            handed_in = {submission.student_id: submission for submission in assignment.submissions}
            for student in gradebook.students:
                if self.student and student.id not in map(str, self.student):
                    continue
                mine = handed_in.get(student.id)
                raw = mine.score if mine else 0.0
                penalty = mine.late_submission_penalty if mine else 0.0
                who = [student.id, student.last_name, student.first_name, student.email]
                times = [assignment.duedate, mine.timestamp if mine else None]
                points = [raw, penalty, max(0.0, raw - penalty), assignment.max_score]
                yield [assignment.name, *times, *who, *points]


GRADES = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)
"""The columns of nbgrader's grades.csv."""
