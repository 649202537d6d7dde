"""Work that a student starts, stops and takes further: piece by piece, each asked for by the browser.

The page asks for the next piece when it has drawn the last one; the kernel does it, answers, and is free again. So no
thread, timer or task lives in the kernel, cells can run between two pieces, Stop takes hold in the page at once, and
when the page is closed nothing goes on.
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
from nasedu.widgets.base import HERE, Widget, javascript

KEEP_EVERY = 1.0
"""Seconds between two pictures for the saved notebook while work goes on."""


class Refused(BadValue):
    """A choice that is impossible, and the name of the field that it was made in; "" if it is not one alone."""

    def __init__(self, field: str, words: str):
        super().__init__(words)
        self.field = field


@contextmanager
def reading(field: str) -> Iterator[None]:
    """What is refused in here is the fault of this field. Raises Refused for any error of nasedu."""
    try:
        yield
    except NaseduError as error:
        raise Refused(field, str(error)) from error


class Engine(Widget):
    """A widget with the buttons Go on and Stop. A subclass writes what a piece of work is, and what there is to see.

    To be written: `piece`, `done`, `total`, `ending`, `draw`, `listing`, `words`, `static`; and `says` for the page.

    Attributes:
        says: the words of the page that stay the same: of the buttons, of the progress bar, of a failure.
        view: what the page shows now, as plain data.
        form: what can be chosen, as plain data; a list of fields, see `Race`.

    What is changed in the form stays in the page until the button begins with it; so nothing runs that the form does
    not say.
    """

    _esm = javascript("engine_form.js", "engine_loop.js", "engine.js")
    _css = HERE / "engine.css"
    says: Mapping[str, str] = {
        "unit": "pieces",
        "one": "piece",
        "hint": "Go on begins.",
        "go": "Go on until everything is done, or until you press Stop",
        "stop": "Stop after the piece that is under way; Go on continues",
        "failed": "The work stopped with an error.",
        "kept": "What was found before is kept; Go on tries again.",
        "begin": "Begin with what the form says",
        "changed": "The form has changed: Begin begins with it, Undo changes puts it back.",
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
        """What the page gets for one question: one piece, or as many as fit into about 0.1 s."""
        self.piece()

    def choose(self, values: Mapping[str, Any]) -> None:
        """Take over what was chosen in the form. Raises Refused and its like for what is impossible."""

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
        """Why there is nothing left to do; empty as long as there is."""
        raise NotImplementedError

    @property
    def last(self) -> str:
        """What the last piece brought, in a few words."""
        return ""

    @property
    def place(self) -> str:
        """Where the work stands, to follow the word Stopped: "after trial 3 of 24"."""
        return f"after {self.done} of {self.total}"

    @property
    def stands(self) -> str:
        """What is still on show after a choice was refused, in one sentence."""
        return ""

    def draw(self) -> str:
        """The picture, an SVG. Texts in it are escaped."""
        raise NotImplementedError

    def listing(self) -> str:
        """The same as an HTML table. Texts in it are escaped."""
        raise NotImplementedError

    # ------------------------------------------------------------------ running

    def advance(self) -> bool:
        """Do one piece of work here and now; whether there is more to do. Whatever the work raises is raised."""
        if not self.ending:
            try:
                self.piece()
            finally:
                self.view = self.look()
        return not self.ending

    def run(self) -> None:
        """Do all of it here and now."""
        while self.advance():
            pass

    def look(self, answer: str = "", alert: str = "", field: str = "") -> dict[str, Any]:
        """What the page shows: plain data, of which only `svg` and `table` hold markup.

        Args:
            answer: the question of the page that this answers.
            alert: what went wrong.
            field: where it was chosen, if it is about one field of the form.
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
        """A question of the page: {"ask": a name for it}, for a piece of work; or one that also has

        - "values": what was chosen, to begin with it;
        - "check": what was chosen, to hear whether it is possible;
        - "rest": the page has stopped, and nothing is to be done.

        JupyterLab has the messages of widgets read in a thread of their own, beside the cells. Work is done where the
        cells run, between two of them: neither a study nor an interrupt would stand the other place.
        """
        if not isinstance(content, dict) or not isinstance(content.get("ask"), str):
            return
        if self._loop is None or threading.current_thread() is threading.main_thread():
            self._answer(content)
        else:
            self._loop.call_soon_threadsafe(self._answer, content)

    def _answer(self, content: Mapping[str, Any]) -> None:
        """Do what is asked. It is always answered: the page waits for it, and sees nothing else of what was raised."""
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

    def _keep(self, now: bool = False) -> None:
        """Renew the picture that a saved notebook keeps: at once, at the end, or when the last one has become old."""
        if now or self.ending or time.monotonic() - self._kept >= KEEP_EVERY:
            self._kept = time.monotonic()
            self.keep()


def main_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop on which the cells run; None where there is none, such as in a script."""
    if threading.current_thread() is not threading.main_thread():
        return None
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


@contextmanager
def interruptible() -> Iterator[None]:
    """Let "Interrupt the kernel" reach what runs now; a kernel hears it only while it runs a cell."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
