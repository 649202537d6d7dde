"""A widget that plays the film of any algorithm that yields its steps: forward, back, to any step, at any speed."""

import json
from typing import Any

import traitlets

from nasedu.core import BadValue
from nasedu.widgets.base import Widget, interactive_html, javascript, stylesheet, table
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.show import picture

__all__ = ["Film", "Frame", "Player"]

MOST_BYTES = 190_000  # of the film; so the whole state, with the JavaScript, stays under 200 kB


class Player(Widget):
    """Plays a film, with buttons to play, pause and step, a slider over all steps, and a choice of speed.

        Player(films.q_learning(controller, told))

    The whole film is in the browser, so it plays without a kernel. A page saved with `jupyter nbconvert --to html` can
    play it, too.

    Keys, when the player has the focus: space plays and pauses, the left and right arrows step, Home and End go to the
    first and the last step.

    Args:
        film: the film to play.
        at: the first frame to show, from 0; -1 is the last one.

    Attributes:
        at: the current frame, from 0. Clicks in the browser change it.

    Raises:
        BadValue: the frame does not exist, or the film takes more than 190 kB.
    """

    _esm = javascript("player.js")
    _css = stylesheet("player.css", ".nasedu-player")
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
        """Return the current frame."""
        return self.film.frames[self.at]

    def forward(self) -> Frame:
        """Go one step forward, and return the frame; stay at the last frame."""
        return self.go(min(self.at + 1, len(self.film.frames) - 1))

    def back(self) -> Frame:
        """Go one step back, and return the frame; stay at the first frame."""
        return self.go(max(self.at - 1, 0))

    def go(self, at: int) -> Frame:
        """Go to a frame, counted from 0 (-1 is the last one), and return it. Raise BadValue if it does not exist."""
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
        """Return the picture and its table, with a player for pages that may run a script."""
        return interactive_html(self.static(), str(self._esm), str(self._css), {"_film": self._film, "at": self.at})


def check_size(data: dict[str, Any], frames: int) -> None:
    """Raise BadValue if a film would make the notebook too large."""
    if (size := size_of(data)) > MOST_BYTES:
        raise BadValue(
            f"this film of {frames} frames takes {size:,} bytes; a player takes at most {MOST_BYTES:,}, so that a "
            f"notebook stays small: show fewer steps (about {max(frames * MOST_BYTES // size, 1)} would do)"
        )


def size_of(data: dict[str, Any]) -> int:
    """Return how many bytes a film takes in a notebook."""
    return len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())
