"""What an exercise is: a question, a stub to fill in, a check that explains, hints in stages, a solution.

    EXERCISE = Exercise(
        name="double",
        kind="code",
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
from types import CodeType, FunctionType
from typing import Any, Literal

from nasedu.classroom.to_plain import to_plain
from nasedu.core import BadValue
from nasedu.core.palette import GREEN, GREY, RED

Kind = Literal["predict", "code", "refute", "choose"]
Status = Literal["right", "wrong", "not attempted"]
SIGNS = {"right": "✔ Right.", "wrong": "✘ Not yet.", "not attempted": "… Not attempted yet."}
NOT_WRITTEN = ("__module__", "__dict__", "__weakref__", "__firstlineno__", "__static_attributes__", "_abc_impl")
"""What Python puts into a class by itself; it may differ where nothing was changed."""

EDGES = {"right": GREEN, "wrong": RED, "not attempted": GREY}


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
        kind: what is asked for: a prediction; code; an experiment that refutes a claim; or a choice of one's own.
        prompt: the question, in Markdown.
        stub: code that a student starts from; its answer is `...`, or a function or class with that in it.
        solved: code that answers it.
        hints: from a nudge to nearly all of it.
        why_wrong: takes the answer; an empty string if it is right, otherwise a sentence with a small counter-example.
            What an answer gives arrives as plain data, whatever library it computes with (`to_plain`).
        wrong: code of answers that students give, each with a part of the sentence that it must be told.
        praise: what a right answer is told.
        methods: where the answer is a class, the methods that the check calls on its objects; nothing else of a class
            is within reach where answers are graded, in a process of their own.
        material: what the question speaks of and the lesson shows in a cell of its own, such as a listing, in
            Markdown, for where the lesson is not at hand.
        survivors: changes of the solution that the check rightly lets through, as `ast.unparse` writes them, each with
            the reason (`a - b` where b is always 0, for instance).
    """

    name: str
    kind: Kind
    prompt: str
    stub: str
    solved: str
    hints: tuple[str, ...]
    why_wrong: Callable[[Any], str]
    wrong: Mapping[str, str]
    praise: str = ""
    methods: tuple[str, ...] = ()
    material: str = ""
    survivors: Mapping[str, str] = field(default_factory=dict)
    _hinted: int = field(default=0, init=False)

    def check(self, answer: Any) -> Verdict:
        """Right, wrong with a sentence that helps, or not attempted yet. Never an exception of the answer's own."""
        if self._is_stub(answer):
            return Verdict("not attempted", f"Give {self.name} its value in the cell above, then run this one again.")
        try:
            objection = self.objection(answer)
        except (Exception, SystemExit) as error:
            if self.methods and isinstance(answer, FunctionType):
                return Verdict("wrong", f"{self.name} is to be a class: keep the line that begins with class.")
            return Verdict("wrong", f"Your answer ended in an error: {type(error).__name__}: {error}")
        return Verdict("wrong", objection) if objection else Verdict("right", self.praise)

    def objection(self, answer: Any) -> str:
        """Why an answer is wrong; empty if it is right. Errors of the answer's own go through."""
        return self.why_wrong(to_plain(answer, self.methods))

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
        return _bones(answer) == _bones(self.answer_of(self.stub))

    def __repr__(self) -> str:
        return f"<Exercise {self.name!r}>"

    def _repr_markdown_(self) -> str:
        return self.prompt


def _bones(answer: Any) -> Any:
    """What two answers share if one of them is the other with names of its own and nothing else changed."""
    if isinstance(answer, FunctionType):
        return _bones(answer.__code__)
    if isinstance(answer, CodeType):  # of a function, of another one inside it
        return answer.co_code, tuple(map(_bones, answer.co_consts)), answer.co_names
    if isinstance(answer, classmethod | staticmethod):
        return _bones(answer.__func__)
    if isinstance(answer, property):
        return _bones(answer.fget)
    if isinstance(answer, type):
        own = {name: part for name, part in vars(answer).items() if name not in NOT_WRITTEN}
        return "class", answer.__name__, {name: _bones(part) for name, part in own.items()}
    plain = isinstance(answer, bool | int | float | str | tuple | list | dict)
    return (type(answer), repr(answer)) if plain else id(answer)


class _Text(str):
    """Text that shows itself as it is, without quotation marks, as the output of a cell."""

    def __repr__(self) -> str:
        return str(self)
