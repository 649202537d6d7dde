"""What grading says of one answer, and the files in which a course keeps that."""

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
        name: of the exercise.
        status: `stopped`: a limit was met, or the program ended itself; `unreadable`: the notebook could not be read;
            `by hand`: the cell is no test of ours. Only `right` earns points.
        message: the sentence for the student.
        notes: what is worth knowing about the notebook (a cell that was gone, say).
        same_as_published: whether the answer is the published solution, comments and spaces aside. That is legitimate
            code, and information for the instructor. Never set for a prediction, which has but one right answer.
        seconds: on the clock.
        fence: what held the student's process.
    """

    lesson: str
    name: str
    status: Status
    message: str = ""
    notes: list[str] = field(default_factory=list)
    same_as_published: bool = False
    seconds: float = 0.0
    fence: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.message = tidy(self.message)

    def __str__(self) -> str:
        heads = {"right": "Right.", "wrong": "Not yet.", "not attempted": "Not attempted."}
        head = heads.get(self.status, f"{self.status.capitalize()}.")
        notes = "".join(f"\nNote: {note}" for note in self.notes)
        return "\n".join(map(_wrapped, f"{SIGNS[self.status]} {head} {self.message}{notes}".rstrip().split("\n")))


def _wrapped(line: str) -> str:
    """A line as wide as a feedback page, which cuts longer ones at its edge."""
    return textwrap.fill(line, 100, break_long_words=False, break_on_hyphens=False)


def tidy(text: str) -> str:
    """Text that may quote a student: no control characters, not too long."""
    text = "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def write(course: Path, assignment: str, student: str, notebook: str, results: list[Result]) -> Path:
    """Keep the results of one notebook."""
    path = course / FOLDER / assignment / student / f"{notebook}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    data = [asdict(result) for result in results]
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def read(course: Path, assignment: str) -> Iterator[tuple[str, Result]]:
    """Student and result, of all that is kept for an assignment."""
    for path in sorted((course / FOLDER / assignment).glob("*/*.json")):
        for entry in json.loads(path.read_text(encoding="utf-8")):
            yield path.parent.name, Result(**_known(entry))


def _known(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key in Result.__dataclass_fields__}
