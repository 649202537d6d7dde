"""Finds out whose each file of a download is: by Moodle, Canvas, Gradescope, or folders with the students' names.

| platform | what the archive holds |
|---|---|
| Moodle | `Ann Smith_1234_assignsubmission_file_/04.ipynb`, or without folders `..._assignsubmission_file_04.ipynb` |
| Canvas | `smithann_LATE_1234_5678_04.ipynb`: name, lateness, number of the student, number of the file |
| Gradescope | `assignment_9_export/submission_1234/04.ipynb` and `submission_metadata.yml` |
| folders | `ann/04.ipynb` or `ann/lesson_04/04.ipynb` |

Only what the platform itself has written decides. A student chooses the name of a file, and all that comes behind the
first folder.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from nasedu.classroom.grading.archives import Budget, Entry, Refused
from nasedu.core import BadValue

MOODLE_FOLDER = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_?", re.DOTALL)
MOODLE_FILE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_(?P<rest>.+)", re.DOTALL)
CANVAS = re.compile(r"(?P<name>[^_]+)(?:_LATE)?_(?P<number>[0-9A-Za-z]+)_\d+_(?P<rest>.+)", re.DOTALL)
GRADESCOPE = "submission_metadata.yml"
SUBMISSION = re.compile(r"submission_\d+")
EXPORT = re.compile(r"assignment_\d+_export.*")


@dataclass
class HandedIn:
    """What one student handed in, by a platform.

    Attributes:
        folder: the name that the platform gave to the student's folder, or the beginning of the names of the files.
        name: the student's full name there.
        number: the student's number there, empty if there is none. Moodle's differs between assignments.
        email: the student's address, empty if it is unknown.
        files: the files; only their own names count.
        time: the time of handing in.
        notes: what is odd, in words for the instructor.
    """

    folder: str
    name: str
    number: str = ""
    email: str = ""
    files: list[Entry] = field(default_factory=list)
    time: datetime | None = None
    notes: list[str] = field(default_factory=list)


def sort_by_student(
    files: Sequence[Entry], assignment: str, platform: str | None = None
) -> tuple[str, list[HandedIn], list[str]]:
    """Sort the files of a download by the student who handed them in.

    Args:
        files: the files of the archive or the folder.
        assignment: the name of the assignment, which may be a folder in the path.
        platform: one of `PLATFORMS`; None looks at the names of the files.

    Returns:
        The platform, what each student handed in, and a line for each file that belongs to nobody.
    """
    if platform is not None and platform not in PLATFORMS:
        raise BadValue(f"no platform {platform!r}; known: {', '.join(PLATFORMS)}")
    files = _without_a_folder_around(files, assignment)
    platform = platform or _recognised(files)
    handed, lost = PLATFORMS[platform](files, assignment)
    return platform, handed, lost


def _recognised(files: Sequence[Entry]) -> str:
    """Return the platform that named most of the folders and files at the top; a student can name only a few.

    Every file of Canvas matches its pattern, whatever a student called it; so Canvas comes before Moodle.
    """
    tops = {entry.parts[0]: entry for entry in files}
    folders = [entry.parts[0] for entry in files if len(entry.parts) > 1]
    if GRADESCOPE in tops and folders and all(SUBMISSION.fullmatch(folder) for folder in folders):
        return "gradescope"
    flat = [name for name, entry in tops.items() if len(entry.parts) == 1]
    counts = {
        "canvas": sum(CANVAS.fullmatch(name) is not None for name in flat),
        "moodle": sum(_moodle(entry) is not None for entry in tops.values()),
    }
    likely = max(counts, key=lambda platform: counts[platform])
    return likely if counts[likely] and counts[likely] * 2 >= len(tops) else "folders"


def _without_a_folder_around(files: Sequence[Entry], assignment: str) -> list[Entry]:
    """Return the files without a folder that holds all others: an archive that was unpacked and packed again.

    The name of a student's folder is never such a folder, whatever the student put into it.
    """
    files = list(files)
    while files and all(len(entry.parts) > 1 and entry.parts[0] == files[0].parts[0] for entry in files):
        around = files[0].parts[0]
        inside = [replace(entry, parts=entry.parts[1:]) for entry in files]
        is_class = around in ("submitted", assignment) or _recognised(inside) == "moodle"
        if MOODLE_FOLDER.fullmatch(around) or not (is_class or EXPORT.fullmatch(around)):
            break
        files = inside
    return files


# ---------------------------------------------------------------------- one function for each platform


def _by_moodle(files: Sequence[Entry], assignment: str) -> tuple[list[HandedIn], list[str]]:
    handed: dict[tuple[str, str], HandedIn] = {}
    lost = []
    for entry in files:
        found = _moodle(entry)
        if not found:
            lost.append(f"{'/'.join(entry.parts)}: no folder of Moodle's says whose it is")
            continue
        who = found["name"], found["number"]
        folder = entry.parts[0] if len(entry.parts) > 1 else entry.name[: found.start("rest")]
        one = handed.setdefault(who, HandedIn(folder, *who))
        if len(entry.parts) == 1:
            rest = found["rest"]
            entry = replace(entry, parts=(rest,))
            if "_assignsubmission_" in rest:
                one.notes.append(f"the file {rest!r} is called like the work of somebody else")
        elif "_assignsubmission_" in found["name"]:
            one.notes.append("the name of the folder holds the name of another one")
        if "_onlinetext" in folder and "_file" not in folder:
            continue  # a text in Moodle's own field is no file
        one.files.append(entry)
        one.folder = folder
        one.time = max(filter(None, (one.time, entry.time)), default=None)
    return list(handed.values()), lost


def _moodle(entry: Entry) -> re.Match[str] | None:
    pattern = MOODLE_FOLDER if len(entry.parts) > 1 else MOODLE_FILE
    return pattern.fullmatch(entry.parts[0])


def _by_canvas(files: Sequence[Entry], assignment: str) -> tuple[list[HandedIn], list[str]]:
    handed: dict[str, HandedIn] = {}
    lost = []
    for entry in files:
        found = CANVAS.fullmatch(entry.name) if len(entry.parts) == 1 else None
        if not found:
            lost.append(f"{'/'.join(entry.parts)}: it is not called as Canvas calls files")
            continue
        folder = entry.name[: found.start("rest")]
        one = handed.setdefault(found["number"], HandedIn(folder, found["name"], found["number"]))
        one.files.append(replace(entry, parts=(found["rest"],)))
        one.time = max(filter(None, (one.time, entry.time)), default=None)
        if "_LATE_" in folder and "Canvas says that it is late" not in one.notes:
            one.notes.append("Canvas says that it is late")
    return list(handed.values()), lost


def _by_gradescope(files: Sequence[Entry], assignment: str) -> tuple[list[HandedIn], list[str]]:
    about = next((entry for entry in files if entry.parts == (GRADESCOPE,)), None)
    if about is None:
        raise BadValue(f"an archive of Gradescope has a file {GRADESCOPE} at its top; this one has none")
    known = _gradescope_metadata(about)
    handed: dict[str, HandedIn] = {}
    lost = []
    for entry in files:
        folder = entry.parts[0]
        if entry is about:
            continue
        if len(entry.parts) < 2 or folder not in known:
            lost.append(f"{'/'.join(entry.parts)}: {GRADESCOPE} does not say whose it is")
            continue
        for name, number, email, time in known[folder]:  # a group has several members
            one = handed.setdefault(f"{folder} {number or name}", HandedIn(folder, name, number, email, time=time))
            one.files.append(entry)
    return list(handed.values()), lost


def _gradescope_metadata(about: Entry) -> dict[str, list[tuple[str, str, str, datetime | None]]]:
    import yaml  # type: ignore[import-untyped]

    try:
        data = yaml.load(Budget().read(about), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (Refused, yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadValue(f"{GRADESCOPE} cannot be read: {str(error)[:200]}") from None
    found: dict[str, list[tuple[str, str, str, datetime | None]]] = defaultdict(list)
    for folder, said in data.items() if isinstance(data, dict) else ():
        said = said if isinstance(said, dict) else {}
        time = said.get(":created_at")
        time = time.astimezone() if isinstance(time, datetime) else None
        members = said.get(":submitters")
        for one in members if isinstance(members, list) else ():
            words = [str(one.get(key) or "") for key in (":name", ":sid", ":email")] if isinstance(one, dict) else []
            if any(words):
                found[str(folder)].append((words[0], words[1], words[2], time))
    return found


def _by_folders(files: Sequence[Entry], assignment: str) -> tuple[list[HandedIn], list[str]]:
    handed: dict[str, HandedIn] = {}
    lost = []
    for entry in files:
        folder, *rest = entry.parts
        if not rest:
            lost.append(f"{folder}: no folder says whose it is")
            continue
        one = handed.setdefault(folder, HandedIn(folder, folder))
        one.files.append(entry)
    for one in handed.values():  # a folder for each assignment: the others are no part of this one
        one.files = [entry for entry in one.files if entry.parts[1] == assignment] or one.files
    return list(handed.values()), lost


PLATFORMS: dict[str, Callable[[Sequence[Entry], str], tuple[list[HandedIn], list[str]]]] = {
    "moodle": _by_moodle,
    "canvas": _by_canvas,
    "gradescope": _by_gradescope,
    "folders": _by_folders,
}
"""How each platform names the work of a student."""
