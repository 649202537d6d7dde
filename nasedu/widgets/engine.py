"""Work that a student starts, stops and continues, in pieces that the browser asks for.

The page asks for the next piece when it has drawn the last one. The kernel does the piece, answers, and is free again.
So the kernel needs no thread, timer or task, and cells can run between two pieces. Stop takes effect in the page at
once, and the work stops when the page is closed.
"""

import asyncio
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import traitlets

from nasedu.core import BadValue, NaseduError
from nasedu.widgets.base import Widget, javascript, stylesheet
from nasedu.widgets.show import picture

KEEP_EVERY = 1.0
"""Seconds between two updates of the picture in the saved notebook during the work."""


class Refused(BadValue):
    """A choice is impossible; `field` names its field in the form, and is "" if it is not about one field."""

    def __init__(self, field: str, words: str):
        super().__init__(words)
        self.field = field


@contextmanager
def field_errors(field: str) -> Iterator[None]:
    """Raise Refused, with this field, for any error of nasedu inside the block."""
    try:
        yield
    except NaseduError as error:
        raise Refused(field, str(error)) from error


class Engine(Widget):
    """A widget with the buttons Go on and Stop. A subclass defines a piece of work, and what the page shows.

    It writes `piece`, `done`, `total`, `ending`, `draw`, `listing` and `words`, and `says` for the page.

    Attributes:
        says: the fixed words of the page: of the buttons, of the progress bar, of a failure.
        view: what the page shows now, as plain data.
        form: the fields of the form, as plain data; see `Race`.

    Changes in the form stay in the page until its button sends them. So the running work always agrees with the form.
    """

    _esm = javascript("engine_form.js", "engine_loop.js", "engine.js")
    _css = stylesheet("engine.css", ".nasedu-engine")
    says: Mapping[str, str] = {
        "work": "work",
        "unit": "pieces",
        "one": "piece",
        "hint": "Go on begins.",
        "go": "Go on until everything is done, or until you press Stop",
        "stop": "Stop after the piece that is under way; Go on continues",
        "failed": "The work stopped with an error.",
        "kept": "All earlier results are kept; Go on tries again.",
        "begin": "Begin with the choices of the form",
        "changed": "The form has changed: Begin begins with it, Undo changes resets it.",
        "new": "Begin",
        "table": "The same as a table",
    }
    _says = traitlets.Dict().tag(sync=True)
    view = traitlets.Dict().tag(sync=True)
    form: Any = traitlets.List().tag(sync=True)

    def __init__(self) -> None:
        self._loop = main_loop()
        self._kept = 0.0
        super().__init__(_says={**Engine.says, **self.says}, view=self.look())
        self.on_msg(self._hear)
        self.observe(lambda _: self._keep(), "view")

    # ------------------------------------------------------------------ to be written

    def piece(self) -> None:
        """Do one piece of work: at most about 0.2 s, or one training."""
        raise NotImplementedError

    def pieces(self) -> None:
        """Do the work for one request of the page: one piece, or as many as fit into about 0.1 s."""
        self.piece()

    def choose(self, values: Mapping[str, Any]) -> None:
        """Take over the choices of the form. Raise Refused, or another error of nasedu, if they are impossible."""

    def check(self, values: Mapping[str, Any]) -> None:
        """Raise what `choose` would raise, and change nothing."""

    @property
    def done(self) -> int:
        raise NotImplementedError

    @property
    def total(self) -> int:
        raise NotImplementedError

    @property
    def ending(self) -> str:
        """Return why no work is left; empty if there is work left."""
        raise NotImplementedError

    @property
    def last(self) -> str:
        """Return the result of the last piece, in a few words."""
        return ""

    @property
    def place(self) -> str:
        """Return the progress as words that follow "Stopped": "after trial 3 of 24"."""
        return f"after {self.done} of {self.total}"

    @property
    def stands(self) -> str:
        """Return a sentence on what the page still shows after a refused choice."""
        return ""

    def draw(self) -> str:
        """Return the picture as SVG. Texts in it are escaped."""
        raise NotImplementedError

    def listing(self) -> str:
        """Return the content of the picture as an HTML table. Texts in it are escaped."""
        raise NotImplementedError

    # ------------------------------------------------------------------ running

    def advance(self) -> bool:
        """Do one piece of work now, and return whether work is left. Errors of the work are raised."""
        if not self.ending:
            try:
                self.piece()
            finally:
                self.view = self.look()
        return not self.ending

    def run(self, until: int | None = None) -> None:
        """Do all the work now, or go on until this much of it is done. The saved notebook then shows the pause."""
        try:
            while (until is None or self.done < until) and self.advance():
                pass
        finally:
            self._keep(now=True)

    def look(self, answer: str = "", alert: str = "", field: str = "") -> dict[str, Any]:
        """Return what the page shows, as plain data. Only `svg` and `table` contain markup.

        Args:
            answer: the request of the page that this answers.
            alert: what went wrong.
            field: the field of the form that is wrong, if it is one field.
        """
        return {
            "answer": answer,
            "alert": alert,
            "field": field,
            "done": self.done,
            "total": self.total,
            "ending": self.ending,
            "last": self.last,
            "place": self.place,
            "stands": self.stands,
            "svg": self.draw(),
            "table": self.listing(),
        }

    # ------------------------------------------------------------------ the page

    def _hear(self, _: Any, content: Any, buffers: Any) -> None:
        """Receive a request of the page: {"ask": its name}, for a piece of work. It can also have one of these:

        - "values": the choices to begin with;
        - "check": choices to check;
        - "rest": the page has stopped, and there is nothing to do.

        JupyterLab reads the messages of widgets in another thread than the cells. The work runs in the thread of the
        cells, between two cells, because studies and interrupts work only there.
        """
        if not isinstance(content, dict) or not isinstance(content.get("ask"), str):
            return
        if self._loop is None or threading.current_thread() is threading.main_thread():
            self._answer(content)
        else:
            self._loop.call_soon_threadsafe(self._answer, content)

    def _answer(self, content: Mapping[str, Any]) -> None:
        """Do what is asked, and always answer: the page waits for the answer, which also reports errors."""
        alert = field = ""
        try:
            with interruptible():
                self._do(content)
        except NaseduError as error:
            alert, field = str(error), error.field if isinstance(error, Refused) else ""
        except Exception as error:
            alert = f"{type(error).__name__}: {error}"
        except KeyboardInterrupt:
            alert = "It was interrupted."
        self.view = self.look(content["ask"], alert, field)
        if alert or "values" in content or "rest" in content:
            self._keep(now=True)

    def _do(self, content: Mapping[str, Any]) -> None:
        if "values" in content:
            self.choose(content["values"])
        elif "check" in content:
            self.check(content["check"])
        elif "rest" not in content and not self.ending:
            self.pieces()

    # ------------------------------------------------------------------ the saved notebook

    def static(self) -> str:
        kept = f"The {self._says['work']} as this notebook last kept it."
        note = f"<p><em>{kept} Run this cell to get the buttons Go on and Stop.</em></p>"
        return picture(self.draw()) + self.listing() + note

    def _keep(self, now: bool = False) -> None:
        """Update the picture in the saved notebook: at once, at the end, or if the last update is old enough."""
        if now or self.ending or time.monotonic() - self._kept >= KEEP_EVERY:
            self._kept = time.monotonic()
            self.keep()


def main_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop of the cells; None if there is none, as in a script."""
    if threading.current_thread() is not threading.main_thread():
        return None
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


@contextmanager
def interruptible() -> Iterator[None]:
    """Let "Interrupt the kernel" stop the code of the block: a kernel reacts to it only while a cell runs."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
