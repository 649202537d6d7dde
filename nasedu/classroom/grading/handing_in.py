"""Looks at a notebook before it is handed in: `nasedu handin check 04.ipynb`. It needs no nbgrader.

It says whether grading will find every answer, and never whether an answer is right.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nasedu.classroom.grading.ask import exercises, find, lessons
from nasedu.classroom.grading.cell_names import names_of
from nasedu.classroom.grading.judge import same_code
from nasedu.classroom.grading.notebook import NO_NAME, role
from nasedu.classroom.grading.notebook_file import MOST_BYTES, FoundCell, Unreadable, parse_notebook
from nasedu.classroom.grading.notebook_names import COPY, NOTEBOOK
from nasedu.classroom.grading.notebook_syntax import bound_names, parsed, plain_cells
from nasedu.classroom.grading.own_exercises import OWN
from nasedu.core import BadValue


@dataclass
class Look:
    """What a look at a notebook found.

    Attributes:
        path: the file.
        size: in bytes.
        answers: for each exercise, by lesson and name, what there is: "answered", "empty", "broken" or "missing".
        faults: what must change before it is handed in.
        hints: what is odd, but can be graded.
    """

    path: Path
    size: int
    answers: dict[tuple[str, str], str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)

    @property
    def in_order(self) -> bool:
        return not self.faults and set(self.answers.values()) <= {"answered"}

    def summary(self) -> str:
        """Return the lines for the terminal."""
        answered = [what for what in self.answers.values() if what == "answered"]
        words = f", {len(answered)} of {len(self.answers)} answered" if self.answers else ""
        lines = [f"{self.path.name}: {_size(self.size)}{words}"]
        lines += [f"  … {name}: {SAYS[what]}" for (_, name), what in self.answers.items() if what != "answered"]
        lines += [f"  ✘ {line}" for line in self.faults]
        lines += [f"  ! {line}" for line in self.hints]
        if self.in_order:
            lines.append("It can be handed in. This check does not say which answers are right.")
        return "\n".join(lines)


SAYS = {
    "empty": "not answered; the cell is as it was given out",
    "broken": "its cell is no Python, so it will not run",
    "missing": "no cell defines it, and its own cell is gone",
}


def look_at(path: Path) -> Look:
    """Look at a notebook. Raise BadValue if there is no such file."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        found = Look(path, path.stat().st_size)
    except OSError as error:
        raise BadValue(
            f"{path} cannot be read ({error.strerror}): give the notebook that you want to hand in"
        ) from None
    try:
        cells = parse_notebook(data)
    except Unreadable as error:
        found.faults.append(f"this cannot be graded: {error}.")
        return found
    given = _assignment(cells)
    if not given:
        found.faults.append("it has no exercise of a lesson: is it the notebook that you got from your instructor?")
        return found
    found.answers = _answers(cells, given)
    found.hints += _about_the_name(path.name, given)
    names = names_of(cells, given)
    tests = [name for name in given if name.startswith("test-") and name not in names]
    if tests:
        found.hints.append(f"{len(tests)} of its checks are gone; grading puts them back")
    if any(cell.source.strip() == NO_NAME for cell in cells):
        found.faults.append("your name is missing: write it into the first code cell; your numbers depend on it")
    if not any(cell.name for cell in cells):
        found.hints.append(
            "a platform has dropped the names of its cells; grading finds the answers by what they define"
        )
    return found


def _assignment(cells: Sequence[FoundCell]) -> list[str]:
    """Return the names of the cells of the assignment: of each exercise that a cell is named after, or checks.

    If nearly all names are gone, the lesson with most exercises in the notebook counts.
    """
    every = {lesson: exercises(lesson) for lesson in lessons()}
    possible = [f"{part}-{lesson}-{name}" for lesson in every for name in every[lesson] for part in ("answer", "test")]
    named = [known for name in names_of(cells, [n for n in possible if n.startswith("test-")]) if (known := role(name))]
    marked = [known for cell in cells if (known := role(cell.name)) and known[0] in ("answer", "test")]
    named += [known for known in marked if known[1] == OWN or known[2] in every.get(known[1], ())]
    found = list(dict.fromkeys(known[1:] for known in named))
    if not found:
        bound = {name for source in _sources(cells) if (tree := parsed(source)) for name in bound_names(tree)}
        lesson = max(every, key=lambda one: len(bound & every[one].keys()))
        found = [(lesson, name) for name in every[lesson]] if bound & every[lesson].keys() else []
    return [f"{part}-{lesson}-{name}" for lesson, name in found for part in ("answer", "test")]


def _sources(cells: Sequence[FoundCell]) -> list[str]:
    return plain_cells(cell.source if cell.kind == "code" else "" for cell in cells)


def _answers(cells: Sequence[FoundCell], given: Sequence[str]) -> dict[tuple[str, str], str]:
    names, sources = names_of(cells, given), _sources(cells)
    bound = {name for source in sources if (tree := parsed(source)) for name in bound_names(tree)}
    made = {}
    for lesson, name in (known[1:] for known in map(role, given) if known and known[0] == "answer"):
        own = [number for number, one in enumerate(names) if one == f"answer-{lesson}-{name}"]
        written = [sources[n] for n in own if not _as_given_out(sources[n], lesson, name)]
        elsewhere = name in bound and not any(name in _bound(sources[n]) for n in own)
        if elsewhere or any(name in _bound(source) for source in written):
            made[lesson, name] = "answered"
        elif any(source.strip() and parsed(source) is None for source in written):
            made[lesson, name] = "broken"
        else:
            made[lesson, name] = "empty" if own else "missing"
    return made


def _as_given_out(source: str, lesson: str, name: str) -> bool:
    """Return whether an answer is the stub. That of a course's own exercise is not here, but it contains `...`."""
    if lesson != OWN:
        return same_code(source, find(lesson, name).stub)
    tree = parsed(source)
    return tree is not None and any(isinstance(node, ast.Constant) and node.value is ... for node in ast.walk(tree))


def _bound(source: str) -> set[str]:
    tree = parsed(source)
    return set(bound_names(tree)) if tree else set()


def _about_the_name(name: str, given: Sequence[str]) -> list[str]:
    """Return a hint if a file is not called as it was given out, as far as its exercises tell."""
    found = NOTEBOOK.fullmatch(name)
    stem = found["stem"] if found else name
    lessons_in = {known[1] for known in map(role, given) if known}
    wanted = f"{lessons_in.pop()}.ipynb" if len(lessons_in) == 1 else "the name that it had"
    if found and name.endswith(".ipynb") and (stem == COPY.sub("", stem) and (name == wanted or " " in wanted)):
        return []
    return [f"it is called {name}; hand it in as {wanted}, if your instructor gave it out so"]


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"
