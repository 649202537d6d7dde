"""Feedback as the archive that Moodle takes back: "Upload multiple feedback files in a zip".

Moodle looks for the folder names of its own download, `Ann Smith_1234_assignsubmission_file_`: a full name, then the
number of the participant in this assignment. Collection notes the folder in `origin.json` beside the notebook.
"""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from nasedu.classroom.grading.origin import read_origin
from nasedu.classroom.grading.report import Assignment
from nasedu.classroom.grading.roster import ORIGIN, Roster
from nasedu.core import BadValue

ENDING = "_assignsubmission_file_"
FOLDER = re.compile(r"(?P<who>[^/\\]+_\d+)_assignsubmission_file_?")


@dataclass(frozen=True)
class Packed:
    """What was packed.

    Attributes:
        path: the archive.
        students: the number of students in it.
        missing: what the instructor should know, each in one line.
    """

    path: Path
    students: int
    missing: list[str]


def pack_feedback(course: Path, assignment: Assignment, path: Path) -> Packed:
    """Write the feedback pages of an assignment into an archive with Moodle's folder names.

    Raises:
        BadValue: there are no pages yet, or the archive is there already.
    """
    if path.exists():
        raise BadValue(f"{path} is there already: move it away, or give another name with --out")
    pages = {folder: sorted(folder.glob("*.html")) for folder in sorted(course.glob(f"feedback/*/{assignment.name}"))}
    pages = {folder: files for folder, files in pages.items() if files}
    if not pages:
        raise BadValue(
            f"there are no feedback pages yet: run `nbgrader generate_feedback {assignment.name}` in {course}"
        )
    noted = {folder.parent.name: _noted(course, folder.parent.name, assignment) for folder in pages}
    claimed = Counter(name for name in noted.values() if name)
    guessed: list[str] = []
    skipped: list[str] = []
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for folder, files in pages.items():
            who = folder.parent.name
            name = noted[who] if claimed[noted[who]] == 1 else ""
            if not name:
                name = _by_roster(who, assignment.roster)
                (guessed if name else skipped).append(who)
            for file in files if name else ():
                archive.write(file, f"{name}/{file.name}")
    missing = [
        *_one_line(guessed, f"no folder of Moodle's was noted ({ORIGIN}): their folders are made from name and number"),
        *_one_line(
            skipped, "no number of Moodle's is known: they are not in the archive; add lms_user_id to students.csv"
        ),
    ]
    return Packed(path, len(pages) - len(skipped), missing)


def _noted(course: Path, student: str, assignment: Assignment) -> str:
    """Return the folder that collection noted; empty if it is no folder of Moodle's, or that of another student.

    A student can hand in a file of this name, and must not send own feedback to another student.
    """
    noted = read_origin(course / "submitted" / student / assignment.name).get("folder")
    folder = noted.strip("/") if isinstance(noted, str) else ""
    found = FOLDER.fullmatch(folder)
    if not found:
        return ""
    roster = assignment.roster
    owner = roster.identify(found["who"])
    return folder if owner not in roster.students or owner == roster.identify(student) else ""


def _by_roster(who: str, roster: Roster) -> str:
    """Return a folder from the student's own folder, or from name and number in the roster; empty without a number."""
    if re.fullmatch(r"[^/\\]+_\d+", who):
        return who + ENDING
    student = roster.student(roster.identify(who))
    if not student.lms_user_id.isdecimal():
        return ""
    name = re.sub(r"[_/\\]", " ", student.name)
    return f"{name}_{student.lms_user_id}{ENDING}"


def _one_line(who: list[str], words: str) -> list[str]:
    names = ", ".join(who[:3]) + (f" and {len(who) - 3} more" if len(who) > 3 else "")
    return [f"{names}: {words}"] if who else []
