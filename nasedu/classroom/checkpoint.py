"""A question on the way through a lesson: has the point come across? One answer is right, and each is told why."""

from collections.abc import Callable, Mapping, Sequence

from nasedu.classroom.exercise import Verdict
from nasedu.core import BadValue


class MultipleChoice:
    """A question with one right answer. The first answer counts; then it is told what is to be said about it.

        layers = MultipleChoice("How many layers has `('gap', 'stop')`?", ("one", "two"), right="two", why={
            "one": "Whatever was chosen, the last layer is a linear one: the task asks for it.",
            "two": "`gap`, and the linear layer that gives the answers.",
        })
        layers.pick("one")

    With buttons: `widgets.Quiz(layers)`. Text between backticks is set as code there.

    Args:
        question: what is asked.
        choices: the answers to choose from, at least two.
        right: the one of them that is right.
        why: for a choice the sentence that helps whoever made it. The one of the right answer is told to all.

    Attributes:
        answer: what was picked first; None before.
        watchers: each is called, without arguments, when there is an answer. Widgets put themselves here.

    Raises:
        BadValue: fewer than two choices, two that are equal, or `right` or a key of `why` that is none of them.
    """

    def __init__(self, question: str, choices: Sequence[str], right: str, why: Mapping[str, str] | None = None):
        self.question, self.choices = question, tuple(choices)
        if len(self.choices) < 2 or len(set(self.choices)) < len(self.choices):
            raise BadValue(f"a checkpoint needs two different choices or more; given {list(choices)}")
        self.right, self.why = right, dict(why or {})
        for choice in (right, *self.why):
            self._known(choice)
        self.answer: str | None = None
        self.watchers: list[Callable[[], None]] = []

    def pick(self, choice: str) -> Verdict:
        """Answer. The first answer stands, and what is told about it is given back. Raises BadValue for no choice."""
        self._known(choice)
        if self.answer is None:
            self.answer = choice
            for watcher in self.watchers:
                watcher()
        return self.verdict()

    def verdict(self) -> Verdict:
        """What is told about the answer."""
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
