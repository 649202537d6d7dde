"""A question with one right answer, and a sentence that helps for each answer that is given."""

from collections.abc import Mapping, Sequence
from typing import Any

from nasedu.core import BadValue
from nasedu.widgets.question import COVERED, Question, marked


class Quiz(Question):
    """A question with one right answer. The first answer counts; then it is told what is to be said about it.

        Quiz("How many layers has ('gap', 'stop')?", ("one", "two"), right="one", why={
            "one": "`stop` ends the network and builds nothing.",
            "two": "`stop` is a choice, and no layer.",
        })

    Text between backticks is set as code.

    Args:
        question: what is asked.
        choices: the answers to choose from, at least two.
        right: the one of them that is right.
        why: for a choice the sentence that helps whoever made it. The one of the right answer is told to all.

    Attributes:
        answer: what was picked first; None before.

    Raises:
        BadValue: fewer than two choices, two that are equal, or `right` or a key of `why` that is none of them.
    """

    def __init__(self, question: str, choices: Sequence[str], right: str, why: Mapping[str, str] | None = None):
        choices = tuple(choices)
        if len(choices) < 2 or len(set(choices)) < len(choices):
            raise BadValue(f"a quiz needs two different choices or more; given {list(choices)}")
        unknown = [choice for choice in (right, *(why or {})) if choice not in choices]
        if unknown:
            raise BadValue(f"{unknown[0]!r} is none of the choices of this quiz: {', '.join(map(repr, choices))}")
        self.right = right
        self.why = dict(why or {})
        self.answer: str | None = None
        super().__init__(question, choices)

    def pick(self, choice: str) -> str:
        """Answer. The first answer stands; what is told about it is given back. Raises BadValue for no choice."""
        if choice not in self.choices:
            raise BadValue(f"{choice!r} is none of the choices of this quiz: {', '.join(map(repr, self.choices))}")
        if self.answer is None:
            self.answer = choice
            self._show()
        return " ".join(part for part in (self._sign(), self.why.get(self.answer, "")) if part)

    def _clicked(self, choice: str) -> None:
        self.pick(choice)

    def _sign(self) -> str:
        return "✔ Right." if self.answer == self.right else "✘ Not right."

    def _plain(self) -> dict[str, Any]:
        if self.answer is None:
            return self._state("Quiz", None, button="That is my answer")
        told = [[f"You said: {self.answer}", self.why.get(self.answer, "")]]
        if self.answer != self.right:
            told.append([f"The right answer: {self.right}", self.why.get(self.right, "")])
        mood = "right" if self.answer == self.right else "wrong"
        return self._state("Quiz", self.answer, locked=True, sign=self._sign(), mood=mood, answers=told)

    def words(self) -> str:
        told = f"You said: {self.answer}. {self._sign()}" if self.answer else COVERED
        return f"{self.question} {', '.join(self.choices)}. {told}"

    def static(self) -> str:
        sentences = "".join(f"<li>{marked(choice)}: {marked(text)}</li>" for choice, text in self.why.items())
        return self._asked("Quiz", f"<p>{marked(self.right)}</p><ul>{sentences}</ul>")
