"""The progress of `nasedu oneshot`: a live bar at a terminal, some lines in a file."""

from rich.console import Console

from nasedu.cli.oneshot_report import short
from nasedu.cli.oneshot_run import Event, OneshotRun
from nasedu.cli.progress import LiveBar
from nasedu.core import Architecture
from nasedu.oneshot.against_random import Trained
from nasedu.oneshot.edges import SKIP
from nasedu.oneshot.searches import Step

LINES = 20
"""Lines of the search in a file."""


class OneshotProgress(LiveBar):
    """Shows a search, its selection and what is trained afterwards; used as a context.

    Args:
        console: where to show it: standard error, so that standard output holds nothing but results.
    """

    def __init__(self, console: Console):
        super().__init__(console)

    def begin(self, run: OneshotRun) -> None:
        """Show that everything is loaded, and where the search is."""
        self.run = run
        if run.finished:
            self.say(f"{run.path} has this search, and all that follows it: nothing is left to do")
        elif run.architecture is not None:
            self.say(f"{run.path} has this search; going on with what its network is worth")
        elif run.done:
            self.say(f"{run.path} has {run.done} of {run.method.of} steps of this search; going on from there")
        self._show("searching", run.method.of, run.done)

    def event(self, event: Event) -> None:
        """Show a step, a decision or a training."""
        if isinstance(event, Step):
            self._step(event)
        elif isinstance(event, Trained):
            self._trained(event)
        else:
            place = len(self.run.decisions)
            self._line.plain = f"decided: {event.chosen}, of {', '.join(event.candidates)}"
            self._show("selecting", None, place, f"decision {place}")
            self._say_in_a_file(f"decision {place}  {self._line.plain}")

    def _step(self, step: Step) -> None:
        numbers = [f"step {step.number}/{step.of}"]
        numbers += [step.turn] if step.turn else []
        numbers += [f"loss {step.loss:.2f}"] if step.loss is not None else []
        if step.validation is not None:
            kind = "score" if self.run.method.higher_is_better else "validation loss"
            numbers.append(f"{kind} {step.validation:.2f}")
        self._line.plain = "" if step.architecture is None else self._cell(step.architecture)
        self._show("searching", step.of, step.number, "  ".join(numbers))
        if step.number % max(1, step.of // LINES) == 0 or step.number == step.of:
            self._say_in_a_file("  ".join([*numbers, self._line.plain]).rstrip())

    def _cell(self, architecture: Architecture) -> str:
        skips = sum(SKIP in choice for choice in architecture)
        told = f"  ({skips} skip{'' if skips == 1 else 's'})" if any("_" in choice for choice in architecture) else ""
        return short(architecture) + told

    def _trained(self, trained: Trained) -> None:
        against = self.run.against()
        found = trained.evaluation
        told = f"{trained.role}  validation {found.score:.4f}  {short(found.architecture)}"
        if trained.role in ("derived", "random"):
            count = len(against.of("random"))
            best = f"  best {against.best.score:.4f}" if count else ""
            self._show("random networks", against.budget, against.used, f"{count} trained{best}")
        else:  # a score of the test is told at the end, with all others
            done = len(against.of("derived tested")) + len(against.of("random tested"))
            told = f"{done}/{2 * against.repeats}  {trained.role} with seed {found.seed}"
            self._show("testing", 2 * against.repeats, done, f"{done}/{2 * against.repeats}")
        self._line.plain = told
        self._say_in_a_file(told)

    def _show(self, what: str, total: float | None, done: float, numbers: str = "") -> None:
        """Move the bar; of another phase it begins again, so that the time left is that of this phase."""
        if self._bar.tasks[0].description != what:
            self._bar.reset(self._task, total=total, description=what, numbers=numbers)
        self._bar.update(self._task, total=total, completed=done, numbers=numbers)
