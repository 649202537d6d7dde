"""A multiple-choice question inside a lesson, with buttons."""

from typing import Any

from nasedu.core.html import marked
from nasedu.widgets.question import COVERED, Question


class Quiz(Question):
    """A multiple-choice question with radio buttons. The first answer counts, also if the cell runs again.

    Args:
        multiple_choice: a `nasedu.classroom.MultipleChoice`.
        show: what gives the answer away, covered until there is one: figures, sentences (see `content_html`).
    """

    def __init__(self, multiple_choice: Any, show: Any = ()):
        self.multiple_choice = multiple_choice
        super().__init__(multiple_choice, show)

    def _clicked(self, choice: str) -> None:
        self.multiple_choice.pick(choice)

    def _plain(self) -> dict[str, Any]:
        asked, verdict = self.multiple_choice, self.multiple_choice.verdict()
        if asked.answer is None:
            return self._state("Quiz", None, button="That is my answer")
        told = [[f"You said: {asked.answer}", verdict.message]]
        if asked.answer != asked.right:
            told.append([f"The right answer: {asked.right}", asked.why.get(asked.right, "")])
        return self._state("Quiz", asked.answer, locked=True, sign=verdict.sign, mood=verdict.status, answers=told)

    def words(self) -> str:
        asked = self.multiple_choice
        told = f"You said: {asked.answer}. {asked.verdict().sign}" if asked.answer else COVERED
        return f"{self.question} {', '.join(self.choices)}. {told}"

    def static(self) -> str:
        asked = self.multiple_choice
        sentences = "".join(f"<li>{marked(choice)}: {marked(text)}</li>" for choice, text in asked.why.items())
        return self._asked("Quiz", f"<p>{marked(asked.right)}</p><ul>{sentences}</ul>")
