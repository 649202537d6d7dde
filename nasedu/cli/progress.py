"""The progress of a search: a live bar at a terminal, a line for each trial in a file."""

import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.constrain import Constrain
from rich.live import Live
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.table import Column
from rich.text import Text

from nasedu.cli.study_record import words
from nasedu.store import Trial


class LiveBar:
    """A line and a bar at a terminal, nothing in a file. Used as a context.

    Args:
        console: where to show it: standard error, so that standard output holds nothing but results.
    """

    def __init__(self, console: Console):
        self.console = console
        self._line = Text("")
        numbers = [] if self._narrow else [TextColumn("{task.fields[numbers]}", markup=False)]
        self._bar = Progress(
            TextColumn("{task.description}", markup=False, table_column=Column(overflow="fold")),
            BarColumn(bar_width=None),
            *numbers,
            TimeLeft(),
            console=console,
            expand=True,
            auto_refresh=False,
        )
        self._task = self._bar.add_task("loading", total=None, numbers="")
        self._live = Live(get_renderable=self._picture, console=console, transient=True)

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._live.stop()

    def say(self, line: str) -> None:
        """Print a line above the bar, or into the file where there is no bar."""
        if self.console.is_terminal:
            self.console.print(Text(line, "dim"))
        else:
            self._say_in_a_file(line)

    def _say_in_a_file(self, line: str) -> None:
        """Write a line where there is no bar; a log that is full does not end a search."""
        if not self.console.is_terminal:
            with suppress(OSError):
                print(line, file=self.console.file, flush=True)

    @property
    def _narrow(self) -> bool:
        """Whether the numbers have no room beside the bar, and need a line of their own."""
        return self.console.width < 70

    def _picture(self) -> Constrain:
        """Lines a little narrower than the terminal: the "^C" that it prints itself must not begin a new one."""
        numbers = [Text(self._bar.tasks[0].fields["numbers"])] if self._narrow else []
        return Constrain(Group(self._line, *numbers, self._bar), max(self.console.width - 3, 20))


class SearchProgress(LiveBar):
    """Shows the progress of a search; used as a context.

    Args:
        console: where to show it: standard error, so that standard output holds nothing but results.
        trials: how many there will be; None for as many as the time allows.
        minutes: how long the search goes on; None for any time.
    """

    def __init__(self, console: Console, trials: int | None, minutes: float | None = None):
        self.trials = trials
        self.minutes = minutes
        self.best: float | None = None
        self.done = 0
        self._end: float | None = None  # when the time is over
        super().__init__(console)  # draws the first picture

    def begin(self, earlier: list[Trial], status: dict[str, float], note: str = "") -> None:
        """Show that the study is open, with the trials that it has already."""
        if note:
            self.say(note)
        self.done = sum(not t.imported for t in earlier)
        self.best = max((t.score for t in earlier), default=None)
        if self.minutes is not None:
            self._end = time.monotonic() + 60 * self.minutes
        self._bar.reset(self._task, completed=self._reached, description="searching", end=self._end)
        self._show_numbers(status)

    @property
    def _of(self) -> str:
        """How many trials there will be, behind a slash; empty where only the time is known."""
        return "" if self.trials is None else f"/{max(self.trials, self.done)}"

    @property
    def _reached(self) -> int:
        """How far it is, on the scale of the bar: the trials, or the seconds where only the time is known."""
        if self.trials is not None or self._end is None or self.minutes is None:
            return self.done
        return int(60 * self.minutes - max(self._end - time.monotonic(), 0))

    def _picture(self) -> Constrain:
        self._bar.update(self._task, completed=self._reached)
        return super()._picture()

    def trial(self, trial: Trial) -> None:
        """Show one more evaluated trial."""
        assert trial.evaluation is not None
        self.best = trial.score if self.best is None else max(self.best, trial.score)
        self.done += 1
        self._show_numbers(trial.status)
        self._line.plain = line_of(trial)
        count = f"{self.done:>{len(str(self.trials or 0))}}{self._of}"
        self._say_in_a_file(f"{count}  best {self.best:.4f}  {line_of(trial)}")

    def testing(self) -> None:
        """Show that the search is over, and that its best network and the hand-picked ones are tested."""
        self._line.plain = "retraining the best network and the hand-picked ones, then testing each once"
        self._bar.update(self._task, description="testing", end=None)

    def _show_numbers(self, status: dict[str, float]) -> None:
        numbers = [f"{self.done}{self._of or (' trial' if self.done == 1 else ' trials')}"]
        numbers += [] if self.best is None else [f"best {self.best:.4f}"]
        numbers += [f"{name} {value:.2f}" for name, value in status.items()]
        total = 60 * (self.minutes or 0) if self.trials is None else max(self.trials, self.done)
        self._bar.update(self._task, total=total, completed=self._reached, numbers="  ".join(numbers))


class TimeLeft(ProgressColumn):
    """The time left: an estimate, once there is something to estimate it from, and no more than what was given."""

    max_refresh = 0.5

    def render(self, task: Task) -> Text:
        if task.total is None or task.finished:
            return Text("")
        end = task.fields.get("end")
        known = [] if end is None else [max(end - time.monotonic(), 0)]
        known += [] if task.time_remaining is None else [task.time_remaining]
        if not known:
            return Text("")
        minutes, seconds = divmod(int(min(known)), 60)
        hours, minutes = divmod(minutes, 60)
        clock = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
        return Text(f"{clock} left", style="cyan")


def line_of(trial: Trial) -> str:
    """Return one trial on one line: number, score, the controller's numbers, architecture; for a failure its reason.

    A trial of successive halving also has its number of epochs.
    """
    e = trial.evaluation
    assert e is not None
    parts = [f"trial {trial.number + 1}", f"{e.score:.4f}"]
    parts += [f"epochs {e.epochs}"] if "rung" in e.metrics else []
    parts += [f"{name} {value:.2f}" for name, value in trial.status.items()]
    parts += [words(trial.architecture)] + ([f"({trial.origin})"] if trial.origin != "asked" else [])
    return "  ".join(parts) + ("" if e.ok else f"  ({e.status}: {e.reason})")
