"""A command that is stopped between two of its steps, so that what it writes is whole."""

import signal
import threading
from types import FrameType
from typing import Any, Self

from nasedu.cli.messages import EXIT_CODES, say


class Stopping:
    """Ctrl-C and requests to end wait for the end of a step, so that what is written is whole. Used as a context.

    A second Ctrl-C does not wait: the file then has what was written last.
    """

    def __init__(self) -> None:
        self.asked: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._ask) for number in EXIT_CODES}
        return self

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked is not None:
            self.now()
        self.asked = number
        say("stopping at the end of this step; Ctrl-C again stops at once")

    def now(self) -> None:
        """Stop as a signal stops any command."""
        assert self.asked is not None
        self._before[self.asked](self.asked, None)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
