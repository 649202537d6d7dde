"""One widget plays every algorithm that yields its steps: forward, back, anywhere, at any speed."""

import json
from typing import Any

import traitlets

from nasedu.core import BadValue
from nasedu.widgets.base import HERE, Widget, alive, javascript, table
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.show import picture

__all__ = ["Film", "Frame", "Player"]

MOST_BYTES = 190_000  # of the film; with the JavaScript the whole state stays under 200 kB


class Player(Widget):
    """Plays a film: play and pause, a step forward or back, a slider over all steps, a speed; all by keyboard, too.

        Player(films.q_learning(controller, told))

    The whole film is in the browser, so no kernel is needed to look at it, and a page saved with
    `jupyter nbconvert --to html` plays it as well.

    Keys, when the player has the focus: space plays and pauses, the arrows left and right step, Home and End go to the
    first and the last step.

    Args:
        film: what to play.
        at: the frame to begin with, from 0; -1 is the last one.

    Attributes:
        at: where it stands, from 0. What is clicked in the browser arrives here.

    Raises:
        BadValue: no such frame, or a film of more than 200 kB.
    """

    _esm = javascript("player.js")
    _css = HERE / "player.css"
    _film = traitlets.Dict().tag(sync=True)
    at = traitlets.Int(0).tag(sync=True)

    def __init__(self, film: Film, at: int = 0):
        if not isinstance(film, Film):
            raise BadValue(f"a player plays a Film, such as films.q_learning(...) gives; given a {type(film).__name__}")
        self.film = film
        data = film.data()
        check_size(data, len(film.frames))
        super().__init__(_film=data, at=self._place(at))

    @property
    def frame(self) -> Frame:
        """What it shows now."""
        return self.film.frames[self.at]

    def forward(self) -> Frame:
        """One step on; at the last frame it stays."""
        return self.go(min(self.at + 1, len(self.film.frames) - 1))

    def back(self) -> Frame:
        """One step back; at the first frame it stays."""
        return self.go(max(self.at - 1, 0))

    def go(self, at: int) -> Frame:
        """To any frame, counted from 0; -1 is the last one. Raises BadValue if there is no such frame."""
        self.at = self._place(at)
        return self.frame

    def _place(self, at: Any) -> int:
        count = len(self.film.frames)
        if not isinstance(at, int) or isinstance(at, bool) or not -count <= at < count:
            raise BadValue(f"this film has the frames 0 to {count - 1}; given {at!r}")
        return at % count

    @traitlets.validate("at")
    def _check_at(self, proposal: Any) -> int:
        return self._place(proposal["value"])

    def words(self) -> str:
        place = f" ({self.frame.label})" if self.film.choose else f" (step {self.at + 1} of {len(self.film.frames)})"
        return f"{self.film.title or 'A film'}{place}. {self.frame.words}"

    def static(self) -> str:
        return picture(self.film.svg(self.at)) + table(self.frame.rows, self.frame.words)

    def page(self) -> str:
        """The picture and its table, with the player behind them for pages that may run a script."""
        return alive(self.static(), str(self._esm), str(self._css), {"_film": self._film, "at": self.at})


def check_size(data: dict[str, Any], frames: int) -> None:
    """Raises BadValue for a film that would make the notebook too large."""
    size = len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())
    if size > MOST_BYTES:
        raise BadValue(
            f"this film of {frames} frames takes {size:,} bytes; a player takes at most {MOST_BYTES:,}, so that a "
            f"notebook stays small: show fewer steps (about {max(frames * MOST_BYTES // size, 1)} would do)"
        )
