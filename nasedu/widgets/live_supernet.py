"""The training of a supernet that a student starts, stops and continues with two buttons. Lesson 10."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nasedu.core.palette import ORANGE
from nasedu.core.themes import FAINT, GREY
from nasedu.widgets import base
from nasedu.widgets.engine import Engine
from nasedu.widgets.films.plot import Plot
from nasedu.widgets.svg import curve, document, path

WIDTH, HEIGHT = 640, 260
PIECE = 10
"""Steps for one request of the page: about a tenth of a second."""
MEAN = 50
"""Steps over which the line takes the mean: each step has another path and another batch."""


class LiveSupernet(Engine):
    """Shows the training of a supernet: progress, the loss of each step, its mean, and two buttons: Go on, Stop.

        LiveSupernet(SupernetTraining(supernet, task, steps=1500))

    Cells use the same training: afterwards, its supernet has the new weights. See `nasedu.widgets.engine`.

    Args:
        training: a `nasedu.oneshot.spos.SupernetTraining`, not begun or left anywhere.
    """

    says: Mapping[str, str] = {
        "title": "A supernet in training",
        "work": "training",
        "unit": "steps",
        "one": "step",
        "hint": "Go on trains the shared weights.",
        "go": "Train until all steps are taken, or until you press Stop",
        "stop": "Stop after these steps; Go on continues",
        "failed": "The training stopped with an error.",
        "table": "The mean loss, as a table",
    }

    def __init__(self, training: Any):
        self.training = training
        self.losses: dict[int, float] = {}
        self.path = ""
        super().__init__()

    def piece(self) -> None:
        """Take ten steps."""
        for step in self.training:
            self.losses[step.number] = step.loss
            self.path = " ".join(step.paths[-1])
            if step.number % PIECE == 0:
                break

    @property
    def done(self) -> int:
        return self.training.done

    @property
    def total(self) -> int:
        return self.training.steps

    @property
    def ending(self) -> str:
        return f"all {self.total:,} steps are taken." if self.done >= self.total else ""

    @property
    def last(self) -> str:
        return f"Last path: {self.path}" if self.path else ""

    @property
    def place(self) -> str:
        return f"after step {self.done} of {self.total}" if self.done else ""

    @property
    def means(self) -> list[tuple[int, float]]:
        """Return the last step of each full stretch of 50 steps, with the mean loss of the stretch."""
        numbers = sorted(self.losses)
        stretches = [numbers[a : a + MEAN] for a in range(0, len(numbers) - MEAN + 1, MEAN)]
        return [(own[-1], float(np.mean([self.losses[n] for n in own]))) for own in stretches]

    def draw(self) -> str:
        high = max([*self.losses.values(), 1.0])
        plot = Plot(52, 26, WIDTH - 72, HEIGHT - 66, (0, self.total), (0, float(np.ceil(high))))
        dots = "".join("M{:.0f} {:.0f}h0".format(*plot.at(n, loss)) for n, loss in self.losses.items())
        parts = plot.axes("step", f"training loss: a dot for each path, a line for the mean of {MEAN}")
        if dots:
            line = path(dots, GREY, 3, opacity=0.6)
            parts.append(line.replace("<path ", '<path stroke-linecap="round" ', 1))
        parts.append(curve([plot.at(n, mean) for n, mean in self.means], ORANGE, 3))
        x, _ = plot.at(self.done, 0)
        parts.append(path(f"M{x:.1f} {plot.y}v{plot.height}", FAINT, 2))
        return document(WIDTH, HEIGHT, self.words(), parts)

    def listing(self) -> str:
        if not self.means:
            return base.table([], self.words())
        shown = self.means[:: max(len(self.means) // 6, 1)]
        rows = [("steps", "mean loss"), *((f"{max(n - MEAN, 0) + 1} to {n}", f"{mean:.3f}") for n, mean in shown)]
        return base.table(rows, self.words())

    def words(self) -> str:
        if not self.done:
            return f"No step yet of {self.total:,}."
        mean = f"; mean loss of {MEAN} steps: {self.means[-1][1]:.3f}" if self.means else ""
        return f"{self.done:,} of {self.total:,} steps{mean}."
