"""A prediction: recorded before the answer can be seen, and shown again together with the answer."""

from collections.abc import Callable, Sequence

from nasedu.classroom.counterexamples import show
from nasedu.classroom.verdict import Verdict
from nasedu.core import BadValue


class Prediction:
    """A question whose answer the lesson shows later.

        winner = Prediction("Which will win?", ("left", "right"))
        winner.record("left")           # at the top of the lesson
        winner.reveal("right")          # where the answer is known

    With buttons: `widgets.Predict(winner)` and `widgets.Reveal(winner, "right")`. The latter hides the answer until
    a prediction is recorded, also when all cells are run at once.

    Args:
        question: what to predict.
        choices: the possible answers; upper and lower case are the same.

    Attributes:
        recorded: the predicted answer; None before.
        revealed: the shown answer; None before.
        watchers: functions without arguments, called when one of the two changes. Widgets add themselves here.

    Raises:
        BadValue: fewer than two choices, or two choices that differ only in upper and lower case.
    """

    def __init__(self, question: str, choices: Sequence[str]):
        if len(choices) < 2:
            raise BadValue(f"a prediction needs two choices or more; given {list(choices)}")
        self._same = {choice.strip().lower(): choice for choice in choices}
        if len(self._same) < len(choices):
            raise BadValue(f"the choices of a prediction must be told apart; given {list(choices)}")
        self.question = question
        self.choices = tuple(choices)
        self.recorded: str | None = None
        self.revealed: str | None = None
        self.watchers: list[Callable[[], None]] = []

    def record(self, answer: object) -> Verdict:
        """Record a prediction. It can be changed until the answer is revealed."""
        if self.revealed is not None:
            kept = f"your prediction of before stands: {self.recorded}" if self.recorded else "there was no prediction"
            return Verdict("not attempted", f"The answer has been shown already, so {kept}.", "… Too late.")
        if answer is ... or answer is None:
            return Verdict("not attempted", f"{self.question} Write one of: {self._listed()}.", "… No prediction yet.")
        choice = self._same.get(answer.strip().lower()) if isinstance(answer, str) else None
        if choice is None:
            return Verdict("wrong", f"{show(answer)} is none of the answers. Write one of: {self._listed()}.")
        self.recorded = choice
        self._tell()
        return Verdict("right", f"{self.recorded}. You will see it again when the answer is known.", "✔ Written down:")

    def take_back(self) -> None:
        """Forget the recorded prediction; do nothing once the answer is revealed: then it stands."""
        if self.revealed is None:
            self.recorded = None
            self._tell()

    def reveal(self, answer: str) -> Verdict:
        """Show the answer together with the prediction.

        Args:
            answer: one of the choices, or several joined by " and " for a tie.
        """
        self.revealed = answer
        self._tell()
        if self.recorded is None:
            return Verdict("not attempted", f"{self.question} It was: {answer}.", "… No prediction.")
        right = self.recorded in (answer, *answer.split(" and "))
        message = f"{self.question} You predicted: {self.recorded}. It was: {answer}."
        return Verdict("right", message) if right else Verdict("wrong", message, "✘ It went another way.")

    def _tell(self) -> None:
        for watcher in self.watchers:
            watcher()

    def _listed(self) -> str:
        return ", ".join(f'"{choice}"' for choice in self.choices)

    def _repr_markdown_(self) -> str:
        return f"**Predict.** {self.question} {self._listed()}"
