"""The result of grading one answer, and the files in which a course stores results."""

import json
import textwrap
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Status = Literal["right", "wrong", "not attempted", "stopped", "unreadable", "by hand"]
SIGNS: dict[str, str] = {
    "right": "✔",
    "wrong": "✘",
    "not attempted": "…",
    "stopped": "!",
    "unreadable": "?",
    "by hand": "✎",
}
FOLDER = "verdicts"
LONGEST = 800


@dataclass
class Result:
    """The outcome of one exercise of one submission.

    Attributes:
        lesson: two digits.
        name: the name of the exercise.
        status: `stopped`: the code reached a limit or ended the program; `unreadable`: the notebook could not be read;
            `by hand`: the test is not ours. `right` earns all points; others earn their `share`, by default none.
        message: the sentence for the student.
        notes: notes on the notebook for the instructor (for example, on a missing cell).
        same_as_published: whether the answer equals the published solution, apart from comments and spaces. This is
            allowed, and information for the instructor. Never set for a prediction, which has only one right answer.
        share: the share of the points that the passed checks earn, from 0 to 1; None if points are all or none.
        seconds: wall-clock time.
        confinement: for files, network, processes and use of the machine: the mechanism that confined the process.
    """

    lesson: str
    name: str
    status: Status
    message: str = ""
    notes: list[str] = field(default_factory=list)
    same_as_published: bool = False
    share: float | None = None
    seconds: float = 0.0
    confinement: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.message = tidy(self.message)

    def __str__(self) -> str:
        heads = {"right": "Right.", "wrong": "Not yet.", "not attempted": "Not attempted."}
        head = heads.get(self.status, f"{self.status.capitalize()}.")
        notes = "".join(f"\nNote: {note}" for note in self.notes)
        return "\n".join(map(_wrapped, f"{SIGNS[self.status]} {head} {self.message}{notes}".rstrip().split("\n")))


def _wrapped(line: str) -> str:
    """Wrap a line to the width of a feedback page, which cuts longer lines."""
    return textwrap.fill(line, 100, break_long_words=False, break_on_hyphens=False)


def tidy(text: str) -> str:
    """Return text that may quote a student, without control characters, of at most `LONGEST` characters."""
    text = "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def write(course: Path, assignment: str, student: str, notebook: str, results: list[Result]) -> Path:
    """Write the results of one notebook, and return the path of the file."""
    path = course / FOLDER / assignment / student / f"{notebook}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    data = [asdict(result) for result in results]
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def read(course: Path, assignment: str) -> Iterator[tuple[str, Result]]:
    """Yield student and result, for all results of an assignment."""
    for path in sorted((course / FOLDER / assignment).glob("*/*.json")):
        for entry in json.loads(path.read_text(encoding="utf-8")):
            yield path.parent.name, Result(**_known(entry))


def _known(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key in Result.__dataclass_fields__}
