"""The progress of `nasedu meta`: a live bar at a terminal, a line for each trial in a file."""

from rich.console import Console

from nasedu.cli.meta_report import learned_line, opened_line, space_line
from nasedu.cli.progress import LiveBar, line_of
from nasedu.meta.events import Event, Opened, SpaceChosen, Tried
from nasedu.meta.rivals import COLD
from nasedu.meta.search import MetaSearch


class MetaProgress(LiveBar):
    """Shows the progress of a loop over tasks; used as a context.

    Args:
        console: where to show it: standard error, so that standard output holds nothing but results.
    """

    def __init__(self, console: Console):
        super().__init__(console)
        self.trials = 0  # of each search
        self.total = 0  # of all searches
        self.done = 0
        self.in_search = 0  # trials of the current search
        self.best = 0.0
        self._search = ("", "")  # its task, and what the search is called; "" for the one that is opened

    def begin(self, loop: MetaSearch) -> None:
        """Show that everything is loaded, and this loop begins."""
        self.trials = loop.trials
        later = len(loop.tasks) - 1
        self.total = loop.trials * (len(loop.tasks) + later * (loop.compare + len(loop.rivals)))
        self._bar.reset(self._task, total=self.total, description="searching")

    def step(self, step: Event) -> None:
        """Show a step of the loop."""
        if isinstance(step, SpaceChosen):
            self.say(f"{step.task}: {space_line(step)}")
        elif isinstance(step, Opened):
            self._opened(step)
        elif isinstance(step, Tried):
            self._tried(step)
        else:
            self.say(f"{step.task}: {learned_line(step)}")

    def _opened(self, step: Opened) -> None:
        search = (step.task, (step.twin or COLD) if step.cold else step.rival)
        if self._search != search:
            self._search, self.in_search, self.best = search, 0, float("-inf")
        self.in_search += len(step.earlier)
        self.done += len(step.earlier)
        self.best = max([self.best, *(trial.score for trial in step.earlier)])
        self.say(f"{step.task}: {opened_line(step)}")
        self._show_numbers(dict(step.status))

    def _tried(self, step: Tried) -> None:
        self.in_search += 1
        self.done += 1
        self.best = max(self.best, step.trial.score)
        self._show_numbers(step.trial.status)
        self._line.plain = line_of(step.trial)
        count = f"{self.done:>{len(str(self.total))}}/{self.total}  {self._which}"
        self._say_in_a_file(f"{count}  best {self.best:.4f}  {line_of(step.trial)}")

    @property
    def _which(self) -> str:
        return ", ".join(filter(None, self._search))

    def _show_numbers(self, status: dict[str, float]) -> None:
        numbers = [f"{self.in_search}/{self.trials}"]
        numbers += [f"best {self.best:.4f}"] if self.in_search else []
        numbers += [f"{name} {value:.2f}" for name, value in status.items()]
        self._bar.update(self._task, completed=self.done, description=self._which, numbers="  ".join(numbers))
