"""The progress of `nasedu metatrain`: a live bar at a terminal, some lines in a file."""

import time

from rich.console import Console

from nasedu.cli.metatrain_report import named, score_of
from nasedu.cli.metatrain_run import Event, MetaTraining
from nasedu.cli.progress import LiveBar
from nasedu.metalearning.learner import MetaStep

LINES = 20
"""Lines of a training in a file."""
SMOOTH = 0.95
"""Share of the loss before in the loss that is shown: that of a few tasks jumps."""


class MetaTrainProgress(LiveBar):
    """Shows a meta-training and its test; used as a context.

    Args:
        console: where to show it: standard error, so that standard output holds nothing but results.
    """

    def __init__(self, console: Console):
        super().__init__(console)

    def begin(self, run: MetaTraining) -> None:
        """Show that everything is loaded, and where the training is."""
        self.run, self._told = run, 0.0
        self._loss: float | None = None
        for loss in run.losses:  # of earlier runs of this command
            self._smooth(loss)
        if run.finished:
            self.say(f"{run.path} has this training, and its test: nothing is left to do")
        elif run.losses:
            self.say(f"{run.path} has this training {run.where()}; going on from there")
        self._move()

    def event(self, event: Event) -> None:
        """Show a step or a test."""
        if isinstance(event, MetaStep):
            self._smooth(event.loss)
            self._move()
            if self._reached - self._told >= self._total / LINES or self._reached >= self._total:
                self._told = self._reached
                self._say_in_a_file(self._bar.tasks[0].fields["numbers"])
        else:
            self._line.plain = f"tested: {named(event)}  {score_of(event)}"
            self._say_in_a_file(self._line.plain)
            of = self.run.tests
            self._bar.reset(self._task, total=of, completed=len(self.run.tested), description="testing", numbers="")

    def _smooth(self, loss: float) -> None:
        self._loss = loss if self._loss is None else SMOOTH * self._loss + (1 - SMOOTH) * loss

    @property
    def _total(self) -> float:
        """The length of the training on the scale of the bar: in steps, or in seconds where only the time is known."""
        return self.run.steps or 60 * (self.run.minutes or 0)

    @property
    def _reached(self) -> float:
        return self.run.learner.done if self.run.steps else min(self.run.elapsed, self._total)

    def _move(self) -> None:
        of = "" if self.run.steps is None else f"/{self.run.steps}"
        numbers = [f"step {self.run.learner.done}{of}"] + ([] if self._loss is None else [f"loss {self._loss:.3f}"])
        begins = self._bar.tasks[0].description == "loading"
        if begins:  # the time left is that of this run alone
            self._bar.reset(self._task, total=self._total, completed=int(self._reached), description="learning")
        end = None if self.run.minutes is None else time.monotonic() + self._total - self._reached
        told = {"numbers": "  ".join(numbers), "end": end}
        self._bar.update(self._task, total=self._total, completed=self._reached, **told)  # type: ignore[arg-type]
