"""A course folder for nbgrader: its configuration, and for each assignment a source with solutions and hidden tests."""

import json
import re
import secrets
from collections.abc import Sequence
from pathlib import Path

from nasedu.classroom.exercise import Exercise
from nasedu.classroom.grading.ask import exercises
from nasedu.classroom.grading.notebook import source_notebook
from nasedu.classroom.grading.own_exercises import OWN, load
from nasedu.classroom.grading.process import Limits
from nasedu.core import BadValue, UnknownName, check_extra

MARK = "# Written by `nasedu assignment create`"
CONFIG = f"""{MARK}; yours to change. See docs/INSTRUCTORS.md of nasedu.
import os

from nasedu.classroom.grading.folders import prepare

c = get_config()  # noqa: F821

c.CourseDirectory.root = os.path.dirname(os.path.abspath(__file__))
c.CourseDirectory.course_id = {{course_id!r}}
c.CourseDirectory.ignore.append("origin.json")  # notes of `nasedu assignment collect`
prepare(c.CourseDirectory.root)

# For `nbgrader zip_collect`; `nasedu assignment collect` does more. Archives are read within limits, and the first
# folder of Moodle's download says whose a file is: "Ann Smith_1234_assignsubmission_file_/04.ipynb" is of the student
# "Ann Smith_1234".
c.ZipCollectApp.extractor_plugin = "nasedu.classroom.grading.zip_collect.SafeExtractor"
c.FileNameCollectorPlugin.named_regexp = r".*/extracted/(?P<student_id>[^/]+)/(?P<file_id>[^/]+)$"
c.FileNameCollectorPlugin.valid_ext = [".ipynb", ".json"]

# Each solution is replaced by the stub of its exercise.
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.LockCells",
    "nasedu.classroom.grading.steps.InsertStubs",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# No kernel runs a student's cells: each answer is judged in a process of its own.
c.Autograde.exporter_class = "nasedu.classroom.grading.submission.SubmissionExporter"
c.Autograde.pre_convert_hook = "nasedu.classroom.grading.folders.plain_files"
c.Autograde.sanitize_preprocessors = [
    "nasedu.classroom.grading.submission.RestoreCells",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "nasedu.classroom.grading.steps.Grade",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nasedu.classroom.grading.steps.RequestManualGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# A feedback page that loads nothing, with the exercises by name and without tests.
c.GenerateFeedback.exporter_class = "nasedu.classroom.grading.feedback.FeedbackPage"
c.GenerateFeedback.preprocessors = ["nbgrader.preprocessors.GetGrades"]

# What one answer may use. A slower machine needs more.
c.Grade.seconds = {{seconds:g}}
c.Grade.cell_seconds = {{cell_seconds:g}}
c.Grade.megabytes = {{megabytes}}

# No name in grades.csv is evaluated as a formula by a spreadsheet.
c.ExportApp.plugin_class = "nasedu.classroom.grading.export_grades.HarmlessExport"

# Late days are shown, and change no points. Free days for each student, and the share of the points that each further
# day costs (0.1: a tenth):
c.Lateness.free_days = 0
c.Lateness.penalty_per_day = 0.0
"""


NUMBERS_KEY = "numbers_key.txt"
"""Makes the numbers of the students differ between courses. Every notebook contains it, so it is no secret."""


def create(
    lesson: str,
    out: Path,
    name: str | None = None,
    points: float = 1.0,
    own_numbers: bool = False,
    add: Sequence[str] = (),
) -> Path:
    """Write the assignment of a lesson into a course folder, which is made if it does not exist.

    Args:
        lesson: two digits, such as "04"; "own" for all exercises of the course's own.
        out: the course folder: a new or empty folder, or one that this function made before.
        name: the name of the assignment; by default `lesson_04`.
        points: the points for each exercise.
        own_numbers: give each student other numbers, where an exercise of the lesson asks for a number.
        add: names of exercises of the course's own that follow those of the lesson.

    Returns:
        The path of the source notebook.

    Raises:
        MissingExtra: nbgrader is not installed.
        UnknownName: the lesson does not exist or has no exercises, or there is no exercise to add of this name.
        BadValue: the folder contains something else, or this assignment already; or no exercise has other numbers.
    """
    needs_nbgrader()
    known = load(out) if lesson == OWN else exercises(lesson)
    added = _added(out, add)
    name = name or (OWN if lesson == OWN else f"lesson_{lesson}")
    if own_numbers and (lesson == OWN or not any(exercise.versions for exercise in known.values())):
        raise BadValue(f"no exercise of {lesson} has other numbers for each student: create it without own numbers")
    if not re.fullmatch(r"\w[\w-]*", name):
        raise BadValue(f"an assignment is named with letters, digits, - and _; given {name!r}")
    if not points > 0:
        raise BadValue(f"an exercise is worth more than 0 points; given {points:g}")
    open_course(out)
    path = out / "source" / name / f"{lesson}.ipynb"
    if path.parent.exists():
        raise BadValue(f"{path.parent} is there already: give the assignment another --name, or move the folder away")
    path.parent.mkdir(parents=True)
    data = source_notebook(lesson, known, points, Limits().seconds, added, _numbers_key(out) if own_numbers else "")
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    return path


def _added(out: Path, names: Sequence[str]) -> dict[str, Exercise]:
    """Return some of the course's own exercises."""
    own = load(out) if names else {}
    if unknown := [name for name in names if name not in own]:
        raise UnknownName(f"the course has no exercise {unknown[0]!r}; its own exercises: {', '.join(own)}")
    return {name: own[name] for name in names}


def _numbers_key(out: Path) -> str:
    """Return the key of the course, which is drawn once."""
    path = out / NUMBERS_KEY
    if not path.exists():
        path.write_text(secrets.token_hex(4) + "\n", encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def needs_nbgrader() -> None:
    """Raise MissingExtra, with the command that mends it."""
    check_extra("nbgrader", "classroom", "assignments")


def is_course(folder: Path) -> bool:
    """Return whether a folder was made by `create`."""
    config = folder / "nbgrader_config.py"
    return config.is_file() and config.read_text(encoding="utf-8").startswith(MARK)


def course_at(given: str | None) -> Path:
    """Return the course folder that a command means: the given one, else this folder if it is one, else `course`."""
    return Path(given) if given else Path() if is_course(Path()) else Path("course")


def open_course(out: Path) -> None:
    """Make a course folder, unless it is one. Raise BadValue if it contains something else."""
    if is_course(out):
        return
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadValue(f"{out} is there already and is no course of nasedu: give a new folder with --out")
    out.mkdir(parents=True, exist_ok=True)
    limits = Limits()
    config = CONFIG.format(
        course_id=re.sub(r"\W+", "-", out.resolve().name) or "course",
        seconds=limits.seconds,
        cell_seconds=limits.cell_seconds,
        megabytes=limits.megabytes,
    )
    (out / "nbgrader_config.py").write_text(config, encoding="utf-8")
