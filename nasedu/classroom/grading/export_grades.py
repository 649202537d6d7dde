"""nbgrader's grades.csv without formulas: `nbgrader export` in a course of nasedu writes it."""

from collections.abc import Iterable
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin

from nasedu.classroom.grading.spreadsheet import write_table

GRADES = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)
"""The columns of nbgrader's grades.csv."""


class HarmlessExport(CsvExportPlugin):
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
