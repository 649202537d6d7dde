"""An exercise: a question, a stub, a check that explains mistakes, hints, and a solution.

    EXERCISE = Exercise(
        name="double",
        kind="code",
        prompt="Write a function that returns twice its number.",
        stub="def double(x):\\n    ...",
        solved="def double(x):\\n    return 2 * x",
        hints=("How much is 3 + 3?",),
        why_wrong=lambda double: "" if double(3) == 6 else f"double(3) should be 6; yours gives {double(3)}",
        wrong={"def double(x):\\n    return x ** 2": "double(3) should be 6; yours gives 9"},
    )

    EXERCISE.check(double)      # right, wrong with a sentence that helps, or not attempted yet

Stub, solution (`solved`) and wrong answers are code that defines one name: the name of the exercise. The tests run all
of them. Every solution must pass, every stub is not attempted, every wrong answer must fail with its own sentence.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from types import CodeType, FunctionType
from typing import Any, Literal

from nasedu.classroom.counterexamples import Difference
from nasedu.classroom.to_plain import to_plain
from nasedu.classroom.verdict import Status, Verdict
from nasedu.core import BadValue

Kind = Literal["predict", "code", "refute", "choose"]
NOT_WRITTEN = ("__module__", "__dict__", "__weakref__", "__firstlineno__", "__static_attributes__", "_abc_impl")
"""Attributes that Python adds to every class; they may differ between two classes with the same code."""


@dataclass(frozen=True)
class Part:
    """A step of an answer that earns points of its own.

    Attributes:
        name: what the answer does if the step is right, for the student: "asks for each network once".
        share: its share of the points, above 0. The shares of an exercise add up to 1.
        why_wrong: a function of the answer; it returns an empty string if the step is right. It must not depend on the
            other steps. An error counts as not right.
    """

    name: str
    share: float
    why_wrong: Callable[[Any], str]

    def __post_init__(self) -> None:
        if not self.share > 0:
            raise BadValue(f"a part of an exercise has a share above 0; given {self.share} for {self.name!r}")

    def passes(self, answer: Any) -> bool:
        try:
            return not self.why_wrong(answer)
        except (Exception, SystemExit):
            return False


@dataclass(repr=False)
class Exercise:
    """One exercise of a lesson.

    Attributes:
        name: the variable name of the answer, in the stub and in the solution.
        kind: a prediction; code; an experiment that refutes a claim; or a free choice.
        prompt: the question, in Markdown.
        stub: the code that a student starts from; its answer is `...`, or a function or class that contains `...`.
        solved: the code of the solution.
        hints: from a small hint to nearly the whole solution.
        why_wrong: a function of the answer. It returns an empty string if the answer is right, otherwise a sentence
            with a small counter-example. It gets plain data from answers of any library (see `to_plain`).
        wrong: the code of typical wrong answers, each with a part of the sentence that its author must get. A pair
            (old, new) stands for the solution with a piece of it replaced. If an answer gives the same as one of them
            in all cases of `against`, the check says its sentence.
        also_right: the code of right answers in other forms, as in `wrong`.
        praise: the sentence for a right answer.
        methods: if the answer is a class, the methods that the check calls on its objects. The check can use nothing
            else of the class, because graded answers run in another process.
        material: what the question refers to and the lesson shows in another cell, such as a listing, in Markdown.
            The assignment contains it, because students read it without the lesson.
        survivors: changes of the solution that the check accepts for a good reason, each with the reason (for instance
            `a - b` if b is always 0). It is code, as `ast.unparse` writes it, or a name of `tests/classroom/variants`.
        parts: the steps of the answer, for partial credit; by default an answer gets all points or none.
        examples: expressions that are true for a right answer, such as "double(3) == 6". Only exercises of a course
            need them: students see and run these, and grading runs the check (see docs/OWN_EXERCISES.md).
        versions: functions that return this exercise with other numbers (see `own_numbers`).
    """

    name: str
    kind: Kind
    prompt: str
    stub: str
    solved: str
    hints: tuple[str, ...]
    why_wrong: Callable[[Any], str]
    wrong: Mapping[Any, str]
    also_right: Sequence[Any] = ()
    praise: str = ""
    methods: tuple[str, ...] = ()
    material: str = ""
    survivors: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    examples: tuple[str, ...] = ()
    versions: Sequence[Callable[[], "Exercise"]] = ()
    _hinted: int = field(default=0, init=False)
    _last: Verdict | None = field(default=None, init=False, compare=False)

    def __post_init__(self) -> None:
        self.wrong = {self._code(answer): sentence for answer, sentence in self.wrong.items()}
        self.also_right = tuple(map(self._code, self.also_right))
        if self.parts and abs(sum(part.share for part in self.parts) - 1) > 1e-9:
            raise BadValue(f"the shares of the parts of {self.name} must add up to 1; given {self.parts}")

    def _code(self, answer: Any) -> str:
        return answer if isinstance(answer, str) else self.solved.replace(*answer)

    def check(self, answer: Any) -> Verdict:
        """Return the verdict: right, wrong with a sentence that helps, or not attempted. Catch errors of the answer.

        As the output of a cell, hints and solution unfold below it.
        """
        status, message = self._judge(answer)
        self._last = Verdict(status, message, hints=self.hints, solution=self.solved)
        return self._last

    def _judge(self, answer: Any) -> tuple[Status, str]:
        if self._is_stub(answer):
            return "not attempted", f"Give {self.name} its value in the cell above, then run this one again."
        try:
            objection = self.objection(answer)
        except (Exception, SystemExit) as error:
            if self.methods and isinstance(answer, FunctionType):
                return "wrong", f"{self.name} is to be a class: keep the line that begins with class."
            return "wrong", f"Your answer ended in an error: {type(error).__name__}: {error}"
        return ("wrong", f"{objection}{self.step_report(answer)[1]}") if objection else ("right", self.praise)

    def objection(self, answer: Any) -> str:
        """Return why an answer is wrong; empty if it is right. Errors that the answer raises are not caught."""
        found = self.why_wrong(to_plain(answer, self.methods))
        if isinstance(found, Difference):
            for code, sentence in self.wrong.items():
                if found.is_made_by(to_plain(self.answer_of(code))):
                    return found.explained(sentence)
        return str(found)

    def step_report(self, answer: Any, times: int = 1) -> tuple[float | None, str]:
        """Return what a wrong answer earns for its parts, and a sentence on them, which begins with a space.

        Args:
            answer: an answer that the check has rejected.
            times: how often each part is checked; it must pass every time.

        Returns:
            The share of the points, from 0 to less than 1, and the sentence; None and "" if the exercise has no parts.
        """
        if not self.parts:
            return None, ""
        plain = to_plain(answer, self.methods)
        passed = [part for part in self.parts if all(part.passes(plain) for _ in range(times))]
        if len(passed) == len(self.parts):  # the check has seen more than its parts: a wrong answer never gets all
            passed.remove(min(passed, key=lambda part: part.share))
        share = sum(part.share for part in passed)
        names = "; ".join(part.name for part in passed) or "none"
        return share, f" Steps that pass: {names} ({share:.0%} of the points)."

    def for_student(self, key: str) -> "Exercise":
        """Return the version with a student's own numbers; this exercise if it has no versions.

        A version with the answer of this exercise is passed over, because that answer is published.

        Args:
            key: names course and student; the same key always gives the same version. The empty one gives this.
        """
        if not key or not self.versions:
            return self
        published = self.answer_of(self.solved)
        first = int.from_bytes(sha256(f"{self.name} {key}".encode()).digest()[:8], "big")
        for number in range(first, first + len(self.versions)):
            version = self.versions[number % len(self.versions)]()
            if version.answer_of(version.solved) != published:
                return version
        raise BadValue(f"all versions of {self.name} have the answer of the lesson: give its numbers more values")

    def hint(self) -> str:
        """Return the next hint, for the terminal; after the last hint, the last one again.

        It begins with the verdict of the last check, because only the last line of a cell is shown.
        """
        verdict = f"{self._last}\n\n" if self._last is not None else ""
        if self._last is not None and self._last.status == "right":
            return _Text(f"{verdict}No hint is needed.")
        if not self.hints:
            return _Text(f"{verdict}There are no hints for this one.")
        self._hinted = min(self._hinted + 1, len(self.hints))
        return _Text(f"{verdict}Hint {self._hinted} of {len(self.hints)}: {self.hints[self._hinted - 1]}")

    def solution(self) -> str:
        """Return the code of the solution; the verdict of the last check stands above it, as a comment."""
        if self._last is None:
            return _Text(self.solved)
        verdict = "\n".join(f"# {line}".rstrip() for line in str(self._last).splitlines())
        return _Text(f"{verdict}\n\n{self.solved}")

    def answer_of(self, code: str) -> Any:
        """Return the answer that some code defines: the value of the exercise's name.

        Raises:
            BadValue: the code does not define the name.
        """
        names: dict[str, Any] = {}
        exec(code, names)
        if self.name not in names:
            raise BadValue(f"this code defines no {self.name!r}: {code!r}")
        return names[self.name]

    def _is_stub(self, answer: Any) -> bool:
        if answer is None or answer is ...:
            return True
        return _structure(answer) == _structure(self.answer_of(self.stub))

    @property
    def question(self) -> str:
        """Return the prompt and the material, as an assignment shows them."""
        return "\n\n".join(filter(None, [self.prompt, self.material]))

    def __repr__(self) -> str:
        return f"<Exercise {self.name!r}>"

    def _repr_markdown_(self) -> str:
        return self.prompt


def _structure(answer: Any) -> Any:
    """Return the code of an answer without its local names: equal for two answers that differ in these names only."""
    if isinstance(answer, FunctionType):
        return _structure(answer.__code__)
    if isinstance(answer, CodeType):  # of a function, of another one inside it
        return answer.co_code, tuple(map(_structure, answer.co_consts)), answer.co_names
    if isinstance(answer, classmethod | staticmethod):
        return _structure(answer.__func__)
    if isinstance(answer, property):
        return _structure(answer.fget)
    if isinstance(answer, type):
        own = {name: part for name, part in vars(answer).items() if name not in NOT_WRITTEN}
        return "class", answer.__name__, {name: _structure(part) for name, part in own.items()}
    plain = isinstance(answer, bool | int | float | str | tuple | list | dict)
    return (type(answer), repr(answer)) if plain else id(answer)


class _Text(str):
    """A string that a cell shows without quotation marks."""

    def __repr__(self) -> str:
        return str(self)
