"""A search that a student starts, stops and takes further with two buttons. Lesson 00."""

import asyncio
import time
from html import escape
from typing import Any

import ipywidgets as widgets

from nasedu.core import BadValue
from nasedu.study import Study
from nasedu.widgets import dots
from nasedu.widgets.show import picture

PAUSE = 0.02  # seconds between two trials: long enough for the kernel to take a click from its queue


class LiveStudy(widgets.VBox):
    """Progress, the best so far, a dot for each trial, and two buttons: Go on, Stop.

        LiveStudy(study, trials=24)

    The trials run one after the other as a task on the kernel's own event loop. Between two of them the kernel looks
    for clicks, so Stop takes hold when the trial under way is done; there is no thread that could get in its way. The
    study is the one that cells use too: what was found by clicking is in `study.trials` afterwards.

    Args:
        study: the search to go on with; it may already have trials.
        trials: how many it shall have in the end.
        batch: how many are asked together (see `Study.run`).

    Raises:
        BadValue: trials or batch below 1.
    """

    def __init__(self, study: Study, trials: int = 40, batch: int = 1):
        study.run(trials, batch)  # a generator that nobody iterates over: only its look at the numbers counts
        self.study = study
        self.trials = trials
        self.batch = batch
        self.task: asyncio.Task[None] | None = None
        self._stopping = False
        self._parts()
        super().__init__([self.bar, self.buttons, self.status, self.plot, self.table])
        self.show(f"Stopped. Go on runs the search up to {trials} trials.")

    def _parts(self) -> None:
        wide = widgets.Layout(width="100%", max_width="640px")
        self.bar = widgets.IntProgress(0, 0, self.trials, description="Trials", layout=wide)
        self.bar.tooltip = "How many of the trials are done"
        self.go = widgets.Button(description="Go on", icon="play", button_style="primary")
        self.go.tooltip = "Run trials until the search has all of them, or until you press Stop"
        self.stop = widgets.Button(description="Stop", icon="stop")
        self.stop.tooltip = "Stop after the trial that is under way; Go on continues"
        self.go.on_click(lambda _: self.start())
        self.stop.on_click(lambda _: self.halt())
        self.buttons = widgets.HBox([self.go, self.stop])
        self.status, self.plot, self.table = widgets.HTML(), widgets.HTML(), widgets.HTML()

    # ------------------------------------------------------------------ running

    @property
    def running(self) -> bool:
        return self.task is not None and not self.task.done()

    def start(self) -> None:
        """Go on. Returns at once; the trials run whenever the kernel has nothing else to do."""
        if self.running:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError as error:
            raise BadValue("nothing runs an event loop here: use `for trial in study.run(...)` instead") from error
        self._stopping = False
        self.show("Running.", busy=True)
        self.task = loop.create_task(self._run())

    def halt(self) -> None:
        """Stop after the trial that is under way."""
        if self.running:
            self._stopping = True
            self.show("Stopping after this trial.", busy=True)

    async def _run(self) -> None:
        started, before = time.perf_counter(), len(self.study.trials)
        try:
            await asyncio.sleep(PAUSE)
            for _ in self.study.run(self.trials, self.batch):
                each = (time.perf_counter() - started) / (len(self.study.trials) - before)
                self.show(f"Running, {each:.1f} s for a trial.", busy=True)
                await asyncio.sleep(PAUSE)
                if self._stopping:
                    break
        except Exception as error:  # nobody waits for this task, so an error that is not shown is lost
            self.show(_alert(error))
        else:
            self.show(self._ending())

    def _ending(self) -> str:
        if len(self.study.trials) >= self.trials:
            return f"Done: all {self.trials} trials have run."
        if self.study.exhausted:
            return "Done: the controller has nothing left to ask."
        return "Stopped. Go on continues where it stopped."

    # ------------------------------------------------------------------ looking

    def search(self) -> dots.Search:
        """What there is to see now."""
        found = [dots.Dot(t.architecture, t.score, bool(t.evaluation and t.evaluation.ok)) for t in self.study.trials]
        return dots.Search(found, self.trials)

    def show(self, message: str, busy: bool = False) -> None:
        """Bring every part up to date, with a message (HTML) under the buttons."""
        search = self.search()
        complete = len(search.dots) >= self.trials or self.study.exhausted
        self.bar.value = min(len(search.dots), self.trials)
        self.go.disabled = busy or complete
        self.stop.disabled = not busy or self._stopping
        self.status.value = f'<div role="status" aria-live="polite">{message}{_last(search)}</div>'
        self.plot.value = dots.svg(search)
        self.table.value = dots.table(search)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The widget where a kernel runs; picture and table where none does, such as in a saved notebook."""
        bundle: dict[str, Any] = dict(super()._repr_mimebundle_(**kwargs) or {})
        search = self.search()
        note = "<p><em>Run this cell to get the buttons Go on and Stop.</em></p>"
        bundle["text/plain"] = f"LiveStudy: {search.words}"
        bundle["text/html"] = picture(dots.svg(search)) + dots.table(search) + note
        return bundle


def _last(search: dots.Search) -> str:
    """The last trial in words."""
    if not search.dots:
        return ""
    last = search.dots[-1]
    return (
        f"<br>Last: trial {len(search.dots)}, score {last.score:.3f}, "
        f"<code>{escape(' '.join(last.architecture))}</code>"
    )


def _alert(error: Exception) -> str:
    return (
        f'<div role="alert"><strong>The search stopped with an error.</strong> {escape(type(error).__name__)}: '
        f"{escape(str(error))}<br>What was found before is kept; Go on tries again.</div>"
    )
