"""Work that a student starts, stops and takes further: piece by piece, each asked for by the browser.

The page asks for the next piece when it has drawn the last one; the kernel does it, answers, and is free again. So no
thread, timer or task lives in the kernel, cells can run between two pieces, Stop takes hold in the page at once, and
when the page is closed nothing goes on.
"""

import asyncio
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import traitlets

from nasedu.core import NaseduError
from nasedu.widgets.base import HERE, Widget


class Engine(Widget):
    """A widget with the buttons Go on and Stop. A subclass writes what a piece of work is, and what there is to see.

    To be written: `piece`, `done`, `total`, `ending`, `draw`, `listing`, `words`, `static`; and `says` for the page.

    Attributes:
        says: the words of the page that stay the same: of the buttons, of the progress bar, of a failure.
        view: what the page shows now, as plain data.
        form: what can be chosen, as plain data; a list of fields, see `Race`.
    """

    _esm = HERE / "engine.js"
    _css = HERE / "engine.css"
    says: Mapping[str, str] = {
        "unit": "pieces",
        "one": "piece",
        "hint": "Go on begins.",
        "go": "Go on until everything is done, or until you press Stop",
        "stop": "Stop after the piece that is under way; Go on continues",
        "failed": "The work stopped with an error.",
        "kept": "What was found before is kept; Go on tries again.",
        "table": "The same as a table",
    }
    _says = traitlets.Dict().tag(sync=True)
    view = traitlets.Dict().tag(sync=True)
    form: Any = traitlets.List().tag(sync=True)

    def __init__(self) -> None:
        self._loop = main_loop()
        super().__init__(_says={**Engine.says, **self.says}, view=self.look())
        self.on_msg(self._hear)

    # ------------------------------------------------------------------ to be written

    def piece(self) -> None:
        """Do one piece of work: at most about 0.2 s, or one training."""
        raise NotImplementedError

    def pieces(self) -> None:
        """What the page gets for one question: one piece, or as many as fit into about 0.1 s."""
        self.piece()

    def choose(self, values: Mapping[str, Any]) -> None:
        """Take over what was chosen in the form. Raises BadValue and its like for what is impossible."""

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

    def look(self, answer: str = "", alert: str = "") -> dict[str, Any]:
        """What the page shows: plain data, of which only `svg` and `table` hold markup.

        Args:
            answer: the question of the page that this answers.
            alert: what went wrong.
        """
        return {
            "answer": answer,
            "alert": alert,
            "done": self.done,
            "total": self.total,
            "ending": self.ending,
            "last": self.last,
            "svg": self.draw(),
            "table": self.listing(),
        }

    # ------------------------------------------------------------------ the page

    def _hear(self, _: Any, content: Any, buffers: Any) -> None:
        """A question of the page: {"ask": a name for it, "values": what was chosen, if that is what it is about}.

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
        alert = ""
        try:
            with interruptible():
                if "values" in content:
                    self.choose(content["values"])
                elif not self.ending:
                    self.pieces()
        except NaseduError as error:
            alert = str(error)
        except Exception as error:
            alert = f"{type(error).__name__}: {error}"
        except KeyboardInterrupt:
            alert = "It was interrupted."
        self.view = self.look(content["ask"], alert)


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
