"""Exercises of a course's own: `exercises.py` in the course folder. docs/OWN_EXERCISES.md shows how to write one."""

import keyword
import runpy
from functools import cache
from pathlib import Path

from nasedu.classroom.exercise import Exercise
from nasedu.core import BadValue

OWN = "own"
"""In place of a lesson's two digits, in names of cells and in `nasedu assignment create own`."""
FILE = "exercises.py"
HEAD = '''"""The exercises of this course. `nasedu assignment test` checks them; see docs/OWN_EXERCISES.md of nasedu."""

from nasedu.classroom import Exercise
from nasedu.classroom.counterexamples import against, fresh

exercises = ()
'''
TEMPLATE = '''

def {name}_reference(numbers):
    """Return what a right answer returns."""
    return max(numbers) - min(numbers)


def {name}_why_wrong(answer):
    """Return an empty string for a right answer, otherwise a sentence with a small counter-example."""
    rng = fresh()  # other numbers in every check, so that nobody can learn them by heart
    cases = [([3, 1, 2],), ([5],)]
    cases += [([int(n) for n in rng.integers(-99, 99, 6)],) for _ in range(20)]
    return against("{name}", answer, {name}_reference, cases)


{name} = Exercise(
    name="{name}",
    kind="code",
    prompt="Write `{name}(numbers)`. It returns the largest number of a list minus the smallest one.",
    stub="def {name}(numbers):\\n    ...",
    solved="def {name}(numbers):\\n    return max(numbers) - min(numbers)",
    hints=(),
    why_wrong={name}_why_wrong,
    wrong={{  # what students will write, each with its sentence
        "def {name}(numbers):\\n    return max(numbers)": "That is the largest number: subtract the smallest one.",
        "def {name}(numbers):\\n    return min(numbers) - max(numbers)": "The sign is the other way round.",
        "def {name}(numbers):\\n    return len(numbers)": "That counts the numbers.",
    }},
    praise="The range of the numbers.",
    examples=("{name}([3, 1, 2]) == 2",),  # what students can run; grading runs the check
)
exercises += ({name},)
'''


def load(course: Path) -> dict[str, Exercise]:
    """Return the exercises of a course's own by name, in their order.

    Raises:
        BadValue: there is no file, it ends in an error, or its `exercises` are not exercises with different names.
    """
    path = course / FILE
    if not path.is_file():
        raise BadValue(f"{course} has no {FILE}: begin one with `nasedu assignment new-exercise NAME --out {course}`")
    status = path.stat()
    return dict(_loaded(path.resolve(), status.st_mtime_ns, status.st_size))


@cache
def _loaded(path: Path, *version: int) -> dict[str, Exercise]:
    """Run the file; once for each version of it, because grading asks for every cell."""
    try:
        found = runpy.run_path(str(path)).get("exercises")
    except Exception as error:
        raise BadValue(f"{path} ends in an error: {type(error).__name__}: {error}") from error
    if not isinstance(found, tuple | list) or not all(isinstance(one, Exercise) for one in found):
        raise BadValue(f"{path} must define `exercises`, a tuple of Exercise; given {found!r}")
    if not found:
        raise BadValue(f"{path} has no exercise yet: begin one with `nasedu assignment new-exercise NAME`")
    names = [one.name for one in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise BadValue(f"{path} has two exercises of the name {twice.pop()!r}: rename one of them")
    if silent := [one.name for one in found if one.kind == "code" and not one.examples]:
        raise BadValue(f"{path}: {silent[0]} needs examples=(...) that students can run, as its check is not with them")
    return {one.name: one for one in found}


def course_around(folder: Path) -> Path:
    """Return the course that a folder is in: the nearest folder above it, or itself, with an nbgrader_config.py.

    Raises:
        BadValue: there is none. Students have none, so their notebooks do not ask for these exercises.
    """
    for place in (folder, *folder.parents):
        if (place / "nbgrader_config.py").is_file():
            return place
    raise BadValue(
        f"{folder} is in no course, so the course's own exercises cannot be found: work in the course folder"
    )


def add_template(course: Path, name: str) -> Path:
    """Append a complete exercise to change to the file of a course; make the file if it does not exist.

    Raises:
        BadValue: the name cannot be the name of a function, or the file has it already.
    """
    path = course / FILE
    if not name.isidentifier() or keyword.iskeyword(name) or not name.isascii():
        raise BadValue(f"an exercise has the name of its answer, such as spread_of; given {name!r}")
    text = path.read_text(encoding="utf-8") if path.exists() else HEAD
    if f'name="{name}"' in text:
        raise BadValue(f"{path} has an exercise {name} already: give another name")
    path.write_text(text + TEMPLATE.format(name=name), encoding="utf-8")
    return path
