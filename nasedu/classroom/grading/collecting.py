"""Collects what a class has handed in on a learning platform into submitted/STUDENT/ASSIGNMENT/.

The platform's own names decide whose a file is. One student's fault (a broken archive, no notebook) becomes that
student's result, with its reason, and the collection goes on. Collecting again replaces what has changed.
"""

import hashlib
import io
import shutil
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

from nasedu.classroom.grading.archives import MOST_FILES, Budget, Entry, Refused, entries, entries_of_zip, safe_name
from nasedu.classroom.grading.course import is_course, needs_nbgrader
from nasedu.classroom.grading.downloads import HandedIn, sort_by_student
from nasedu.classroom.grading.origin import note, read_origin
from nasedu.classroom.grading.roster import ORIGIN, Roster, read_roster
from nasedu.core import BadValue

PACKED = (".rar", ".7z", ".gz", ".tgz", ".tar", ".bz2", ".xz")


@dataclass
class Collected:
    """What was collected, by the ids of the students.

    Attributes:
        platform: whose download it was.
        new, changed, unchanged: the students whose work was collected; all together, everybody who handed in.
        problems: the reason, for each student whose work has nothing to grade.
        notes: what was odd, for each student.
        lost: a line for each file that belongs to nobody.
        missing: students of the roster who handed in nothing.
        graded: students whose work has changed after it was graded.
    """

    platform: str
    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    graded: list[str] = field(default_factory=list)


def collect(course: Path, download: Path, assignment: str | None = None, platform: str | None = None) -> Collected:
    """Collect the submissions in a download of a learning platform.

    Args:
        course: the course folder.
        download: the archive as it was downloaded, or a folder with its content.
        assignment: its name; None if the course has only one.
        platform: "moodle", "canvas", "gradescope" or "folders"; None looks at the names of the files.

    Raises:
        MissingExtra: nbgrader is not installed.
        BadValue: the course, the assignment or the download does not exist, or nobody's work is in the download.
    """
    needs_nbgrader()
    assignment = _assignment(course, assignment)
    platform, handed, lost = sort_by_student(entries(download), assignment, platform)
    if not handed:
        why = f"; for example {lost[0]}" if lost else ""
        raise BadValue(
            f"{download} holds nobody's work, as {platform} names it{why}: choose the platform with --platform"
        )
    roster = read_roster(course)
    made = Collected(platform, lost=lost)
    for who, one in _identified(handed, platform, roster):
        try:
            _collect_one(course, assignment, who, one, made)
        except OSError as error:  # a full disk, a name that this system refuses: the others are collected
            made.problems[who] = f"could not be written: {error.strerror}"
        if one.notes:
            made.notes[who] = list(dict.fromkeys(one.notes))
    here = {roster.identify(path.parent.name) for path in course.glob(f"submitted/*/{assignment}")}
    made.missing = [who for who in roster.students if who not in here]
    return made


def _assignment(course: Path, name: str | None) -> str:
    if not is_course(course):
        raise BadValue(f"{course} is no course of nasedu: give the folder that holds nbgrader_config.py with --course")
    known = sorted(path.name for path in course.glob("source/*") if any(path.glob("*.ipynb")))
    if name is None and len(known) == 1:
        return known[0]
    if name not in known:
        given = "say which assignment it is, with --assignment" if name is None else f"no assignment {name!r}"
        raise BadValue(f"{given}; known: {', '.join(known) or 'none'}")
    return name


# ---------------------------------------------------------------------- whose it is


def _identified(handed: Sequence[HandedIn], platform: str, roster: Roster) -> Iterator[tuple[str, HandedIn]]:
    """Yield each student's id with what the student handed in; no id twice, and none for somebody else's work."""
    ids = [_id(one, platform, roster) for one in handed]
    count = Counter(safe_name(who).casefold() for who in ids)
    taken: set[str] = set()
    for one, who in zip(handed, ids, strict=True):
        safe = safe_name(who)
        if count[safe.casefold()] > 1:
            one.notes.append(f"{count[safe.casefold()]} of this name handed in ({who}): told apart by their numbers")
            safe = safe_name("_".join(filter(None, (one.name, one.number))))
        number, free = 2, safe
        while free.casefold() in taken:
            free, number = f"{safe}-{number}", number + 1
        taken.add(free.casefold())
        if roster.students and not roster.is_id(free):
            one.notes.append("students.csv, or the gradebook, has nobody of this name")
        yield free, one


def _id(one: HandedIn, platform: str, roster: Roster) -> str:
    """Return the id in the roster; else a name that is the same for all assignments, if the platform gives one.

    Students can choose their names on a platform. So a name is never compared with an id, but for plain folders.
    """
    if platform == "folders":
        return roster.identify(one.name)
    people = list(roster.students.values())
    by_email = [one_.id for one_ in people if one.email and _key(one_.email) == _key(one.email)]
    numbered = platform != "moodle" and bool(one.number)  # a number of Moodle's is another one in each assignment
    by_number = [one_.id for one_ in people if numbered and one.number in (one_.lms_user_id, one_.id)]
    names = {one_.id: (_key(one_.name), _key(one_.last_name + one_.first_name)) for one_ in people}
    by_name = [who for who, keys in names.items() if _key(one.name) in keys]
    for found in (by_email, by_number, by_name):
        if len(found) == 1:
            return found[0]
    if len(by_name) > 1 or roster.is_id(safe_name(one.name)) or (platform == "canvas" and one.number):
        return f"{one.name}_{one.number}"
    return one.number if numbered else one.name


def _key(text: str) -> str:
    """Return a name or an address as it is compared: platforms differ in capitals, spaces, signs and accents' codes."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFC", text))).casefold()


# ---------------------------------------------------------------------- one student


def _collect_one(course: Path, assignment: str, who: str, one: HandedIn, made: Collected) -> None:
    place = course / "submitted" / who / assignment
    content, refused = content_of(one, made.platform)
    one.notes += refused
    digest = hashlib.sha256(
        b"".join(name.encode() + b"\0" + data for name, data in sorted(content.items()))
    ).hexdigest()
    if read_origin(place).get("digest") == digest:
        made.unchanged.append(who)
    else:
        (made.changed if place.exists() else made.new).append(who)
        if place.exists() and (course / "autograded" / who / assignment).exists():
            made.graded.append(who)
        with tempfile.TemporaryDirectory(dir=course, prefix=".collecting-") as scratch:
            folder = Path(scratch, assignment)
            write_submission(folder, one, content, course / "source" / assignment)
            note(folder, platform=made.platform, number=one.number, digest=digest, notes=refused)
            _move(folder, place)
    if problem := read_origin(place).get("problem"):
        made.problems[who] = problem


def write_submission(folder: Path, one: HandedIn, content: Mapping[str, bytes], source: Path) -> None:
    """Write what a student handed in into a new folder, its notebook named as in the source of the assignment."""
    from nasedu.classroom.grading.folders import prepare_submission

    folder.mkdir(parents=True)
    for name, data in content.items():
        (folder / name).write_bytes(data)
    time = f"{one.time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if one.time else ""
    if time:
        (folder / "timestamp.txt").write_text(time)
    if not content:
        note(folder, problem=f"Nothing could be read: {'; '.join(one.notes) or 'the folder is empty'}.")
    prepare_submission(folder, source)
    note(folder, folder=one.folder, time=time)


def _move(folder: Path, place: Path) -> None:
    if place.is_symlink():
        place.unlink()
    elif place.exists():
        shutil.rmtree(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(place)


def content_of(one: HandedIn, platform: str) -> tuple[dict[str, bytes], list[str]]:
    """Return the files of a student by safe names, and a sentence for each that is refused.

    Folders inside are flattened: what lies nearest to the top keeps its name. A zip archive inside is opened once.
    A time that a student wrote is no time of a platform.
    """
    without = {ORIGIN} if platform == "folders" else {ORIGIN, "timestamp.txt"}
    budget, refused = Budget(), list[str]()
    content: dict[str, bytes] = {}

    def take(files: Sequence[Entry], unpack: bool) -> None:
        for entry in sorted(files, key=lambda entry: (len(entry.parts), entry.parts)):
            name = safe_name(entry.name)
            if name.casefold() in without:
                continue
            try:
                if name.lower().endswith(PACKED) or (name.lower().endswith(".zip") and not unpack):
                    raise Refused(f"{entry.name} is an archive that is not opened: hand in the notebook itself")
                data = budget.read(entry)
                if name.lower().endswith(".zip"):
                    take(_inside(entry, data), unpack=False)
                elif data not in content.values() or not name.lower().endswith(".ipynb"):
                    if name in content:
                        refused.append(f"there are several files {name}: the first one counts")
                    content[_free(name, content)] = data
            except Refused as error:
                refused.append(str(error))

    take(one.files, unpack=True)
    return content, list(dict.fromkeys(refused))


def _inside(entry: Entry, data: bytes) -> list[Entry]:
    try:
        return entries_of_zip(io.BytesIO(data), MOST_FILES)
    except Refused as error:
        raise Refused(f"{entry.name} {error}") from None


def _free(name: str, taken: dict[str, bytes]) -> str:
    lower, number, free = {one.casefold() for one in taken}, 2, name
    stem, dot, end = name.rpartition(".")
    while free.casefold() in lower:
        free, number = f"{stem}-{number}{dot}{end}", number + 1
    return free
