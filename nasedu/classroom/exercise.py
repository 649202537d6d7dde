"""What an exercise is: a question, a stub to fill in, a check that explains, hints in stages, a solution.

    EXERCISE = Exercise(
        name="double",
        prompt="Write a function that gives back twice its number.",
        stub="def double(x):\\n    ...",
        solved="def double(x):\\n    return 2 * x",
        hints=("How much is 3 + 3?",),
        why_wrong=lambda double: "" if double(3) == 6 else f"double(3) should be 6; yours gives {double(3)}",
        wrong={"def double(x):\\n    return x ** 2": "double(3) should be 6; yours gives 9"},
    )

    EXERCISE.check(double)      # right, wrong with a sentence that helps, or not attempted yet

Stub, solution (`solved`) and wrong answers are code that defines one name, the exercise's own. The tests run all of
them: every solution must pass, every stub counts as not attempted, every wrong answer must fail with its own sentence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from types import FunctionType
from typing import Any, Literal

from nasedu.core import BadValue

Status = Literal["right", "wrong", "not attempted"]
SIGNS = {"right": "✔ Right.", "wrong": "✘ Not yet.", "not attempted": "… Not attempted yet."}
EDGES = {"right": "#009e73", "wrong": "#d55e00", "not attempted": "#999999"}


@dataclass(frozen=True)
class Verdict:
    """What a check says of an answer; shows itself as the output of a cell."""

    status: Status
    message: str = ""
    heading: str = ""
    """What stands before the message; by default the status in words."""

    @property
    def sign(self) -> str:
        return self.heading or SIGNS[self.status]

    def __bool__(self) -> bool:
        return self.status == "right"

    def __repr__(self) -> str:
        return f"{self.sign} {self.message}".rstrip()

    def _repr_html_(self) -> str:
        return (
            f'<div role="status" style="border-left:4px solid {EDGES[self.status]};padding:0.3em 0.8em;'
            f'white-space:pre-wrap"><strong>{escape(self.sign)}</strong> {escape(self.message)}</div>'
        )


@dataclass(repr=False)
class Exercise:
    """One exercise of a lesson.

    Attributes:
        name: the name that an answer is given, in the stub and in the solution.
        prompt: the question, in Markdown.
        stub: code that a student starts from; its answer is `...`, or a function that holds nothing else.
        solved: code that answers it.
        hints: from a nudge to nearly all of it.
        why_wrong: takes the answer; an empty string if it is right, otherwise a sentence with a small counter-example.
        wrong: code of answers that students give, each with a part of the sentence that it must be told.
        praise: what a right answer is told.
    """

    name: str
    prompt: str
    stub: str
    solved: str
    hints: tuple[str, ...]
    why_wrong: Callable[[Any], str]
    wrong: Mapping[str, str]
    praise: str = ""
    _hinted: int = field(default=0, init=False)

    def check(self, answer: Any) -> Verdict:
        """Right, wrong with a sentence that helps, or not attempted yet. Never an exception of the answer's own."""
        if self._is_stub(answer):
            return Verdict("not attempted", f"Give {self.name} its value in the cell above, then run this one again.")
        try:
            objection = self.why_wrong(answer)
        except Exception as error:
            return Verdict("wrong", f"Your answer ended in an error: {type(error).__name__}: {error}")
        return Verdict("wrong", objection) if objection else Verdict("right", self.praise)

    def hint(self) -> str:
        """The next hint; after the last one, the last one again."""
        if not self.hints:
            return _Text("There are no hints for this one.")
        self._hinted = min(self._hinted + 1, len(self.hints))
        return _Text(f"Hint {self._hinted} of {len(self.hints)}: {self.hints[self._hinted - 1]}")

    def solution(self) -> str:
        """The code that answers it."""
        return _Text(self.solved)

    def answer_of(self, code: str) -> Any:
        """The answer that some code gives: what it calls by the exercise's name.

        Raises:
            BadValue: the code defines no such name.
        """
        names: dict[str, Any] = {}
        exec(code, names)
        if self.name not in names:
            raise BadValue(f"this code defines no {self.name!r}: {code!r}")
        return names[self.name]

    def _is_stub(self, answer: Any) -> bool:
        if answer is None or answer is ...:
            return True
        stub = self.answer_of(self.stub)
        if not isinstance(answer, FunctionType) or not isinstance(stub, FunctionType):
            return False
        mine, theirs = answer.__code__, stub.__code__
        return (mine.co_code, mine.co_consts, mine.co_names) == (theirs.co_code, theirs.co_consts, theirs.co_names)

    def __repr__(self) -> str:
        return f"<Exercise {self.name!r}>"

    def _repr_markdown_(self) -> str:
        return self.prompt


class _Text(str):
    """Text that shows itself as it is, without quotation marks, as the output of a cell."""

    def __repr__(self) -> str:
        return str(self)
