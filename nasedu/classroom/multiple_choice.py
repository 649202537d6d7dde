"""A multiple-choice question inside a lesson: one answer is right, and each has an explanation."""

from collections.abc import Callable, Mapping, Sequence

from nasedu.classroom.verdict import Verdict
from nasedu.core import BadValue


class MultipleChoice:
    """A question with one right answer. The first answer counts and gets its explanation.

        layers = MultipleChoice("How many layers has `('gap', 'stop')`?", ("one", "two"), right="two", why={
            "one": "Whatever was chosen, the last layer is a linear one: the task asks for it.",
            "two": "`gap`, and the linear layer that gives the answers.",
        })
        layers.pick("one")

    `widgets.Quiz(layers)` shows it with buttons, and text between backticks as code.

    Args:
        question: the question.
        choices: the answers to choose from, at least two.
        right: the right one of the choices.
        why: an explanation for each choice. A student who chose it reads it; all students read that of the right one.

    Attributes:
        answer: the first choice; None before.
        watchers: functions without arguments, called when there is an answer. Widgets add themselves here.

    Raises:
        BadValue: fewer than two choices, two equal choices, or `right` or a key of `why` that is no choice.
    """

    def __init__(self, question: str, choices: Sequence[str], right: str, why: Mapping[str, str] | None = None):
        self.question, self.choices = question, tuple(choices)
        if len(self.choices) < 2 or len(set(self.choices)) < len(self.choices):
            raise BadValue(f"a multiple-choice question needs two different choices or more; given {list(choices)}")
        self.right, self.why = right, dict(why or {})
        for choice in (right, *self.why):
            self._known(choice)
        self.answer: str | None = None
        self.watchers: list[Callable[[], None]] = []

    def pick(self, choice: str) -> Verdict:
        """Answer, and return the verdict. Only the first answer counts. Raise BadValue if it is no choice."""
        self._known(choice)
        if self.answer is None:
            self.answer = choice
            for watcher in self.watchers:
                watcher()
        return self.verdict()

    def verdict(self) -> Verdict:
        """Return the verdict on the answer, with its explanation."""
        if self.answer is None:
            return Verdict("not attempted", f"{self.question} {', '.join(self.choices)}.", "… No answer yet.")
        if self.answer == self.right:
            return Verdict("right", self.why.get(self.answer, ""))
        return Verdict("wrong", self.why.get(self.answer, ""), "✘ Not right.")

    def _known(self, choice: str) -> None:
        if choice not in self.choices:
            raise BadValue(f"{choice!r} is none of the choices of this question: {', '.join(map(repr, self.choices))}")

    def _repr_markdown_(self) -> str:
        return f"**Question.** {self.question} {', '.join(self.choices)}."
