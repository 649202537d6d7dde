"""A class of 100: what each student hands in on Moodle, and what is due to each, by hand.

Most students are honest and write on their own. Each of the others is one kind of damage, of haste or of malice.
"""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from nasedu.classroom.grading.ask import find
from nasedu.classroom.own_numbers import own_key
from tests.classroom.grading.attacks import FOOLS
from tests.classroom.grading.made_up_answers import copied, written_by

LESSON, SIZE = "02", 100
GRADED = {"guessing_loss": LESSON, "stops_after": LESSON, "slope": LESSON, "flips": "08"}
"""The exercises of the assignment. The first one has own numbers for each student; few answer the last one."""
DUE = datetime(2026, 11, 9, 12, tzinfo=UTC)
ENDING = "_assignsubmission_file_"
FORMULA = "=1+1"
FIRST = ("Ada", "Bob", "Cleo", "Dan", "Eve", "Finn", "Gül", "Hugo", "Iris", "Jo")
LAST = ("Abel", "Berg", "Çelik", "Diaz", "Evans", "Fox", "García", "Hahn", "Ito", "Jung")
STATUS = {"R": "right", "W": "wrong", "-": "not attempted", "S": "stopped", "U": "unreadable"}
UNREAD = "UUUU"


@dataclass
class Student:
    """Somebody of the class.

    Attributes:
        number: the place in the class; also in the number that Moodle gives in this assignment.
        kind: what is special, "honest" if nothing is.
        due: a letter of `STATUS` for each exercise.
        words: are in a message, a note of the report, or what collection says.
        days: by how many days the work is late.
        files: what stands in the student's folder of the archive.
    """

    number: int
    first: str
    last: str
    kind: str = "honest"
    due: str = "RRR-"
    words: str = ""
    days: int = 0
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"s[{self.number}]*" if self.kind == "a pattern in the id" else f"s{self.number:03d}"

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def folder(self) -> str:
        return f"{self.name}_{88_000 + self.number}{ENDING}"


@dataclass(frozen=True)
class Kind:
    due: str
    make: Callable[..., object]
    words: str = ""
    days: int = 0


# ---------------------------------------------------------------------- notebooks and files


def cell_of(notebook, name):
    return next(cell for cell in notebook["cells"] if cell["metadata"]["nbgrader"]["grade_id"] == name)


def code(source, **more):
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None, **more}


def before(name, *sources):
    """The notebook with cells of the student's own above an answer."""

    def made(notebook, me):
        here = notebook["cells"].index(cell_of(notebook, f"answer-{LESSON}-{name}"))
        notebook["cells"][here:here] = [code(source) for source in sources]
        return notebook

    return made


def after(name, text):
    return answered(**{name: lambda old: f"{old}\n{text}"})


def answered(**sources):
    """The notebook with other answers: a text, or a function of what the student wrote."""

    def made(notebook, me):
        for name, source in sources.items():
            cell = cell_of(notebook, f"answer-{LESSON}-{name}")
            cell["source"] = source(cell["source"]) if callable(source) else source
        return notebook

    return made


def each_cell(change):
    def made(notebook, me):
        for cell in notebook["cells"]:
            change(cell)
        return notebook

    return made


def stripped(notebook, me):
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        del cell["id"]
    return {"cells": notebook["cells"]}


def without_keys(notebook, me):
    for cell in notebook["cells"]:
        for key in ("id", "outputs", "execution_count"):
            cell.pop(key, None)
    return {"cells": notebook["cells"], "metadata": None}


def odd_ids(cell):
    cell["id"] = "an id with blanks"
    cell["attachments"] = None


def outputs(count, text):
    one = {"output_type": "stream", "name": "stdout", "text": text}

    def made(notebook, me):
        cell_of(notebook, f"answer-{LESSON}-slope")["outputs"] = [one] * count
        return notebook

    return made


def deleted(*names):
    def made(notebook, me):
        gone = [cell_of(notebook, name) for name in names]
        return {**notebook, "cells": [cell for cell in notebook["cells"] if cell not in gone]}

    return made


def at_the_end(name):
    def made(notebook, me):
        cells = notebook["cells"]
        cells.append(cells.pop(cells.index(cell_of(notebook, name))))
        return notebook

    return made


def as_text(notebook, me):
    cell = cell_of(notebook, f"answer-{LESSON}-slope")
    cell["cell_type"] = "markdown"
    return notebook


def with_text(text):
    def made(notebook, me):
        notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "source": text})
        return notebook

    return made


def forged(notebook, me):
    """Points of its own, and no answer that earns them."""
    marks = cell_of(notebook, f"test-{LESSON}-slope")["metadata"]["nbgrader"]
    marks |= {"points": 1000, "schema_version": 99, "locked": False}
    cell_of(notebook, f"answer-{LESSON}-slope")["source"] = "def slope(z, y): return 1000"
    return notebook


def as_bytes(**options):
    return lambda notebook: json.dumps(notebook, **options).encode()


plain = as_bytes()


def file(name, pack=plain):
    """The notebook as a file of this name."""
    return lambda notebook, me: {name: pack(notebook)}


def packed(*names):
    """A zip archive with such files: a name, or a name and its content."""

    def made(notebook):
        data = io.BytesIO()
        with ZipFile(data, "w", ZIP_DEFLATED) as archive:
            for name in names:
                name, content = (name, plain(notebook)) if isinstance(name, str) else name
                archive.writestr(name, content)
        return data.getvalue()

    return made


def both(name, content):
    """The notebook, and another file next to it."""
    return lambda notebook, me: {f"{LESSON}.ipynb": plain(notebook), name: content}


def only(name, content):
    return lambda notebook, me: {name: content}


UNUSUAL = {
    "stops_after": """def stops_after(curve, patience):
    from itertools import accumulate
    peaks = list(accumulate(curve, max))
    fresh = [n for n, peak in enumerate(peaks) if n == 0 or peak > peaks[n - 1]]
    gaps = [later - earlier for earlier, later in zip(fresh, [*fresh[1:], len(curve)])]
    for start, gap in zip(fresh, gaps):
        if gap > patience:
            return start + patience + 1
    return len(curve)""",
    "slope": """def slope(z, y):
    import math
    shares = {place: math.exp(value - max(z)) for place, value in enumerate(z)}
    whole = math.fsum(shares.values())
    made = []
    for place in sorted(shares):
        share = shares.pop(place)
        made.append(share / whole - (place == y))
    return made""",
    "flips": """def flips(differences):
    sums = [0]
    for step in differences:
        sums = [total + change for total in sums for change in (step, -step)]
    seen = abs(sum(differences)) - 1e-9
    far = sum(map(lambda total: total >= seen or total <= -seen, sums))
    return far / len(sums)""",
}
STUBS = {name: find(lesson, name).stub for name, lesson in GRADED.items() if lesson == LESSON}
LOST = "def slope(z, y):\n    return [0.0] * len(z)"
KILL = FOOLS["kill the grader"].replace("standard_error(p, n)", "slope(z, y)")
BOMB = packed(("bomb.ipynb", b"\0" * 61_000_000))({})
STEAL = "from nasedu.classroom.lessons.lesson_02 import exercises\nexec(exercises.slope.solved)"
KINDS = {
    # what a platform or an editor does to a notebook
    "metadata stripped": Kind("RRR", stripped),
    "a byte-order mark": Kind("RRR", file("02.ipynb", lambda nb: b"\xef\xbb\xbf" + plain(nb))),
    "UTF-16": Kind("RRR", file("02.ipynb", lambda nb: json.dumps(nb).encode("utf-16"))),
    "keys missing": Kind("RRR", without_keys),
    "odd ids": Kind("RRR", each_cell(odd_ids)),
    "sources as lists": Kind("RRR", each_cell(lambda c: c.update(source=c["source"].splitlines(keepends=True)))),
    "Windows' ends of lines": Kind("RRR", each_cell(lambda c: c.update(source=c["source"].replace("\n", "\r\n")))),
    "numbers that JSON does not know": Kind("RRR", lambda nb, me: {**nb, "metadata": {"score": float("nan")}}),
    "40,000 empty outputs": Kind("RRR", outputs(40_000, "")),
    "30 MB of output": Kind("RRR", outputs(30, "x" * 1_000_000)),
    "the file without its end": Kind(UNREAD, file("02.ipynb", lambda nb: plain(nb)[:-900]), "damaged or not whole"),
    "an empty file": Kind(UNREAD, only("02.ipynb", b""), "it is empty"),
    "no notebook inside": Kind(UNREAD, only("02.ipynb", b'{"cells": 7}'), "could not be read as a notebook"),
    # names of files
    "a name of the browser's": Kind("RRR", file("02 (1).ipynb")),
    "capitals": Kind("RRR", file("02.IPYNB")),
    "a second ending": Kind("RRR", file("02.ipynb.txt")),
    "a name of one's own": Kind("RRR", file("homework final.ipynb")),
    "two other names": Kind(
        UNREAD,
        lambda nb, me: {"first.ipynb": plain(nb), "final.ipynb": plain({**nb, "metadata": {}})},
        "hand in one file",
    ),
    "the same file twice": Kind("RRR", lambda nb, me: {"02.ipynb": plain(nb), "02 (1).ipynb": plain(nb)}),
    "an essay": Kind(UNREAD, only("essay.pdf", b"%PDF"), "only essay.pdf"),
    "a folder inside": Kind("RRR", file("work/02.ipynb")),
    "a zip": Kind("RRR", file("02.zip", packed("work/02.ipynb"))),
    "a zip in a zip": Kind(UNREAD, file("02.zip", packed(("in.zip", packed("02.ipynb")({})))), "not opened"),
    "no zip": Kind(UNREAD, only("02.zip", b"no zip"), "no zip archive"),
    "a bomb": Kind(UNREAD, only("02.zip", BOMB), "too large"),
    "a rar": Kind(UNREAD, only("02.rar", b"Rar!"), "not opened"),
    "rubbish of an operating system": Kind("RRR", both("__MACOSX/._02.ipynb", b"x")),
    # what is written in the cells
    "a question mark": Kind("RRR", after("slope", "slope?")),
    "a shell's output": Kind("RRR", after("slope", "here = !ls")),
    "%timeit": Kind("RRR", after("slope", "%timeit slope([0.0, 1.0], 0)")),
    "%%time": Kind("RRR", answered(slope=lambda old: f"%%time\n{old}")),
    "await": Kind("RRR", after("slope", "import asyncio\nawait asyncio.sleep(0.001)")),
    "own cells above": Kind("RRR", before("slope", "!pip install numpy", "1 / 0", "print('x' * 10**6)")),
    "half a letter": Kind("RRR", after("slope", "# \ud800")),
    "an answer as text": Kind("RRR", as_text, "no code cell any more"),
    "an answer moved": Kind("RRR", at_the_end(f"answer-{LESSON}-slope"), "stands below its test"),
    "an answer deleted": Kind("RR-", deleted(f"answer-{LESSON}-slope"), "is gone"),
    "a test deleted": Kind("RRR", deleted(f"test-{LESSON}-slope"), "test was gone"),
    "not Python": Kind("RRW", answered(slope="def slope(z, y) return z"), "SyntaxError"),
    "Python 2": Kind("RRW", answered(slope=f"{LOST}\nprint slope"), "SyntaxError"),
    "nested quotes": Kind("RRR", with_text("> - " * 150 + "a")),
    "a script in the text": Kind("RRR", with_text("<img src=x onerror=alert(1)>")),
    "nothing answered": Kind("---", answered(**STUBS)),
    # malice
    "a loop that never ends": Kind("RRS", answered(slope=FOOLS["an endless loop"]), "took longer than"),
    "a call that never ends": Kind("RRS", answered(slope="def slope(z, y):\n    while True: pass"), "took longer"),
    "kills what it can": Kind("RRW", answered(slope=KILL)),
    "ends its process": Kind("RRS", answered(slope=f"{LOST}\nimport os\nos._exit(0)"), "ended the program"),
    "eats memory": Kind("RRW", answered(slope=f"hog = [bytearray(10**8) for _ in range(100)]\n{LOST}"), "MemoryError"),
    "a huge answer": Kind("RRW", answered(slope="slope = list(range(3 * 10**6))"), "parts"),
    "steals the solution": Kind("RRW", answered(slope=STEAL)),
    "equals everything": Kind("RRW", answered(slope="class slope(list):\n    def __eq__(self, other): return True")),
    "points of its own": Kind("RRW", forged),
    "hands in for another": Kind("RRR", both(f"Ada Abel_88000{ENDING}/02.ipynb", b"{}"), "several files"),
    "hands in by a file's name": Kind("RRR", file(f"Ada Abel_88000{ENDING}02.ipynb")),
    "a forged origin": Kind(
        "RRR", both("origin.json", json.dumps({"folder": f"Ada Abel_88000{ENDING}", "time": "2020-01-01"}).encode())
    ),
    "a forged time": Kind("RRR", both("timestamp.txt", b"2020-01-01 00:00:00 UTC"), days=2),
    "the number of another": Kind("WRR", lambda nb, me: nb),
    "an unusual way": Kind("RRRR", lambda nb, me: nb),
    "a renamed copy": Kind("RRRR", lambda nb, me: nb),
    # late
    "an hour late": Kind("RRR", lambda nb, me: nb, days=1),
    "five days late": Kind("RRR", lambda nb, me: nb, days=5),
}
NAMES = {  # names that are hard for file systems, spreadsheets or nbgrader
    "a pattern in the name": ("Max [B]", "Stern*"),
    "a formula as a name": (FORMULA, "Marks"),
    "a long name": ("Maximilian" * 9, "Wolf"),
    "an accent in two letters": ("U\u0308mit", "Kaya"),
    "one name, first": ("Zoe", "Twin"),
    "one name, second": ("Zoe", "Twin"),
    "a pattern in the id": ("Pat", "Tern"),
}


def the_class() -> list[Student]:
    """Return the class without its files."""
    made = [Student(n, first, last) for n, (first, last) in enumerate(product(FIRST, LAST))]
    for student, (kind, about) in zip(made[1:], KINDS.items(), strict=False):
        student.kind, student.due = kind, about.due.ljust(len(GRADED), "-")
        student.words, student.days = about.words, about.days
    for student, (kind, (first, last)) in zip(made[::-1], NAMES.items(), strict=False):
        student.kind, student.first, student.last = kind, first, last
    return made


def fill_folders(students: list[Student], release: str, course: str) -> None:
    """Give each student the files to hand in, from the notebook that was given out."""
    answers = {one.id: {**written_by(9000 + one.number), "flips": find("08", "flips").stub} for one in students}
    by_kind = {one.kind: one.id for one in students}
    answers[by_kind["an unusual way"]] = UNUSUAL
    answers[by_kind["a renamed copy"]] = copied(UNUSUAL, 1)
    solved = {one.id: find(LESSON, "guessing_loss").for_student(own_key(course, one.name)).solved for one in students}
    mine = by_kind["the number of another"]
    solved[mine] = next(other for other in solved.values() if other != solved[mine])
    for one in students:
        notebook = each_cell(lambda cell: cell.update(source="".join(cell["source"])))(json.loads(release), one)
        cell_of(notebook, f"student-{LESSON}")["source"] = f"student = {one.name!r}"
        for name, lesson in GRADED.items():
            source = answers[one.id].get(name, solved[one.id])
            cell_of(notebook, f"answer-{lesson}-{name}")["source"] = source
        made = KINDS[one.kind].make(notebook, one) if one.kind in KINDS else notebook
        one.files = made if "cells" not in made else {f"{LESSON}.ipynb": plain(made)}


def archive_of(students: list[Student]) -> bytes:
    """Return the archive that Moodle gives."""
    data = io.BytesIO()
    with ZipFile(data, "w", ZIP_DEFLATED) as archive:
        for one in students:
            when = (DUE + timedelta(days=one.days, hours=-1)).astimezone()  # an archive has the local time
            for name, content in one.files.items():
                info = ZipInfo(f"{one.folder}/{name}", when.timetuple()[:6])
                info.compress_type = ZIP_DEFLATED
                archive.writestr(info, content)
    return data.getvalue()
