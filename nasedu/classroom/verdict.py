"""The verdict of a check; under it unfold the hints, one inside the other, and inside the last one the solution.

Nothing in a cell has to be edited to read a hint, so that a hint never hides a verdict. `<details>` also works by
keyboard, and in a saved page where no kernel runs.
"""

from dataclasses import dataclass
from html import escape
from typing import Literal

from nasedu.core.html import marked
from nasedu.core.palette import GREEN, GREY, RED

Status = Literal["right", "wrong", "not attempted"]
SIGNS = {"right": "✔ Right.", "wrong": "✘ Not yet.", "not attempted": "… Not attempted yet."}
EDGES = {"right": GREEN, "wrong": RED, "not attempted": GREY}
KEYS = 'data-lm-suppress-shortcuts="true"'
"""Leaves keys to the part that has the focus: JupyterLab would insert a cell at b, and some versions edit at Enter."""


@dataclass(frozen=True, repr=False)
class Verdict:
    """The result of a check. As the output of a cell it shows its sign and message, and below them hints to unfold.

    `str` gives sign and message alone, without hints and solution: assignments and grading use it.
    """

    status: Status
    message: str = ""
    heading: str = ""
    """The text before the message; by default the status in words."""
    hints: tuple[str, ...] = ()
    solution: str = ""
    """Code; after a right answer it unfolds without hints, for comparison."""

    @property
    def sign(self) -> str:
        return self.heading or SIGNS[self.status]

    def __bool__(self) -> bool:
        return self.status == "right"

    def __str__(self) -> str:
        return f"{self.sign} {self.message}".rstrip()

    def __repr__(self) -> str:
        return f"{self}\nFor a hint: .hint() in place of .check(...)." if self.hints and not self else str(self)

    def _repr_html_(self) -> str:
        return (
            f'<div style="border-left:4px solid {EDGES[self.status]};padding:0.3em 0.8em">'
            f'<div role="status" style="white-space:pre-wrap"><strong>{escape(self.sign)}</strong> '
            f"{escape(self.message)}</div>{self._help()}</div>"
        )

    def _help(self) -> str:
        if self:
            return _solution("Compare with our solution", self.solution)
        inner = _solution("Show the solution", self.solution)
        for number, hint in reversed(list(enumerate(self.hints, 1))):
            inner = _unfolding(f"Hint {number} of {len(self.hints)}", f"<div>{marked(hint)}</div>{inner}")
        return inner


def _solution(title: str, code: str) -> str:
    style = "white-space:pre;overflow-x:auto;margin-top:0.3em"
    return _unfolding(title, f'<pre style="{style}">{escape(code)}</pre>') if code else ""


def _unfolding(title: str, content: str) -> str:
    return f'<details style="margin-top:0.3em"><summary {KEYS}>{title}</summary>{content}</details>'
