"""Predict first, see the answer later: the two widgets of a prediction, with buttons."""

from typing import Any

from nasedu.core import BadValue
from nasedu.core.html import marked
from nasedu.widgets.question import COVERED, Question

GUESS = "That is my guess"


class Predict(Question):
    """Asks the question of a prediction with radio buttons, and records the answer, as `prediction.record` does.

    Args:
        prediction: a `nasedu.classroom.Prediction`. The student can take it back until its answer is revealed.
    """

    def __init__(self, prediction: Any):
        self.prediction = prediction
        super().__init__(prediction)

    def _clicked(self, choice: str) -> None:
        if self.prediction.recorded is None:
            self.prediction.record(choice)

    def _taken_back(self) -> None:
        self.prediction.take_back()

    def _plain(self) -> dict[str, Any]:
        recorded, revealed = self.prediction.recorded, self.prediction.revealed is not None
        button, change = ("", "") if revealed else ("", "Change") if recorded else (GUESS, "")
        locked = not button
        return self._state("Predict", recorded, locked=locked, button=button, change=change, note=self._note())

    def _note(self) -> str:
        recorded = self.prediction.recorded
        if self.prediction.revealed is not None:
            stands = f"your prediction stands: {recorded}" if recorded else "there was no prediction"
            return f"The answer has been shown, and {stands}."
        if recorded is None:
            return "Choose what you expect. Nothing is lost by being wrong."
        return f"Written down: {recorded}. You can change it until the answer is shown; then it stands."

    def words(self) -> str:
        return f"{self.question} {', '.join(self.choices)}. {self._note()}"

    def static(self) -> str:
        return self._asked("Predict")


class Reveal(Question):
    """Shows the answer together with the prediction; hides the answer until there is a prediction.

    If all cells run at once, the student had no time to predict. Then this widget asks the question again, and shows
    the answer after a click.

    Args:
        prediction: a `nasedu.classroom.Prediction`.
        answer: one of its choices, or several joined by " and " for a tie.
        because: one or two sentences to show with the answer.
        show: what gives the answer away, covered together with it: figures or axes of matplotlib, tables, widgets,
            sentences such as those of `asserted` (see `content_html`). Draw a figure in the cell of its `Reveal`: the
            end of any other cell shows it.

    Attributes:
        covered: whether the answer is still hidden.

    Raises:
        BadValue: the answer is none of the choices.
    """

    def __init__(self, prediction: Any, answer: str, because: str = "", show: Any = ()):
        parts = [answer] if answer in prediction.choices else str(answer).split(" and ")
        if not all(part in prediction.choices for part in parts):
            raise BadValue(
                f"{answer!r} is none of the prediction's choices {', '.join(map(repr, prediction.choices))}, nor "
                'several of them joined by " and "'
            )
        self.prediction = prediction
        self.answer = answer
        self.because = because
        self._verdict: Any = None
        self.covered = True
        if prediction.recorded is not None or prediction.revealed is not None:
            self._uncover()
        super().__init__(prediction, show)

    def _changed(self) -> None:
        if self.prediction.revealed is not None:
            self._uncover()
        self._show()

    def _uncover(self) -> None:
        if self.covered:
            self.covered = False  # first: `reveal` calls the prediction's watchers, and this widget is one
            self._verdict = self.prediction.reveal(self.answer)

    def _clicked(self, choice: str) -> None:
        if self.covered and self.prediction.recorded is None:
            self.prediction.record(choice)
        self._uncover()

    def _skipped(self) -> None:
        self._uncover()

    def _plain(self) -> dict[str, Any]:
        recorded = self.prediction.recorded
        if self._verdict is None:
            if recorded:
                note = f"You predicted: {recorded}."
                return self._state("Guess first", recorded, locked=True, button="Show the answer", note=note)
            return self._state("Guess first", None, button=GUESS, skip="Show me without a guess", note=COVERED)
        told = [["You predicted", recorded or "nothing"], ["It was", self.answer]]
        mood = {"right": "right", "wrong": "wrong"}.get(self._verdict.status, "")
        note, sign = self.because, self._verdict.sign
        return self._state("Prediction", recorded, locked=True, sign=sign, mood=mood, answers=told, note=note)

    def words(self) -> str:
        if self._verdict is None:
            return f"{self.question} {', '.join(self.choices)}. {COVERED}"
        return f"{self._verdict.sign} {self._verdict.message}"

    def static(self) -> str:
        because = f"<p>{marked(self.because)}</p>" if self.because else ""
        return self._asked("Prediction", f"<p>It was: {marked(self.answer)}</p>{because}")
