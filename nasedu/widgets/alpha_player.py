"""A player for differentiable searches: alpha, losses and the derived cell, step by step. Lesson 11."""

from collections.abc import Iterable
from typing import Any

from nasedu.widgets.films.alpha import alpha
from nasedu.widgets.player import MOST_BYTES, Player, size_of

FRAMES = (40, 30, 20, 15, 10, 7, 5, 3, 2)
"""How many frames are tried, until a film fits into a notebook."""


class AlphaPlayer(Player):
    """Plays a differentiable search: the shares on each edge over time, losses, the eigenvalue, the derived cell.

        AlphaPlayer(Darts(space, task, steps=200).run(), space)

    It is a player: buttons, slider, keys, and a saved page that plays without a kernel. The search runs to its end
    before the widget is made. What is shown is what its steps say.

    Args:
        steps: of `run` of `Darts` or `PDarts`.
        space: the space of the search.
        at: the first frame to show, from 0; -1 is the last one.
        frames: how many of the steps are shown; None for as many as a notebook can hold.
        title: replaces "A differentiable search".

    Raises:
        BadValue: no step, fewer than two frames, or more than a notebook can hold.
    """

    def __init__(self, steps: Iterable[Any], space: Any, at: int = 0, *, frames: int | None = None, title: str = ""):
        steps = list(steps)
        films = (
            alpha(steps, space, frames=count, title=title) for count in ([frames] if frames is not None else FRAMES)
        )
        for film in films:
            if size_of(film.data()) <= MOST_BYTES:
                break
        super().__init__(film, at=at)
