"""The picture of a meta-training: its loss, and how what was learned adapts to new tasks."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nasedu.cli.metatrain_report import judged, lower_is_better, mean_of, metric, named, rivals
from nasedu.core import BadValue, counted, rng_from
from nasedu.core.palette import BLUE, GREEN, ORANGE, RED
from nasedu.core.statistics import Z95
from nasedu.core.themes import GREY, INK
from nasedu.metalearning.task_distribution import one_task

if TYPE_CHECKING:
    from nasedu.cli.metatrain_run import MetaTraining

CURVES = 3
"""New tasks of numbers that are drawn."""
COLOURS = {0: GREY, 1: ORANGE, 5: BLUE}
"""Of a curve, by its inner steps; others are green."""


def picture(run: "MetaTraining") -> Figure:
    """Return the figure: above the loss and the test; below, for waves, some new ones before and after adaptation."""
    waves = run.tasks.test.input_shape == (1,) and lower_is_better(run)
    figure = Figure(figsize=(11, 7.2 if waves else 4.4), layout="constrained")
    figure.suptitle(f"{run.method} on {run.tasks.train.name}, seed {run.seed}", weight="bold")
    above, *below = figure.subfigures(2 if waves else 1, 1, squeeze=False)[:, 0]
    left, right = above.subplots(1, 2)
    _loss(left, run)
    if lower_is_better(run):
        _errors(right, run)
    else:
        _accuracies(right, run)
    for part in below:
        _curves(part, run)
    return figure


def _loss(ax: Axes, run: "MetaTraining") -> None:
    """Draw the loss of each step, and its running mean."""
    losses = np.array(run.losses)
    width = max(1, len(losses) // 50)
    ax.plot(np.arange(1, len(losses) + 1), losses, color=GREY, linewidth=0.8, alpha=0.5)
    ax.plot(np.arange(width, len(losses) + 1), np.convolve(losses, np.ones(width) / width, mode="valid"), color=BLUE)
    ax.set(xlabel="step of meta-training", ylabel=f"loss (line: mean of {width})", ylim=(0, None))
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.grid(alpha=0.3)


def _errors(ax: Axes, run: "MetaTraining") -> None:
    """Draw the error on new tasks after some inner steps, with its interval, and the errors of the rivals."""
    own = [(t.steps or 0, *found) for t in run.tested if t.who == run.method and (found := mean_of(t.scores))]
    steps, means, halves = np.array(own).reshape(-1, 3).T
    ax.errorbar(steps, means, halves, color=BLUE, marker="o", capsize=4, label=run.method)
    for rival, colour in zip(rivals(run), (ORANGE, RED, GREEN), strict=False):
        if found := mean_of(rival.scores):
            ax.axhline(found[0], color=colour, linestyle="--", label=named(rival))
    ax.set(xlabel="inner steps", ylabel=f"{metric(run)}, {run.episodes} new tasks", ylim=(0, None))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(alpha=0.3)
    ax.legend(loc="center right")


def _accuracies(ax: Axes, run: "MetaTraining") -> None:
    """Draw the mean accuracy over more and more episodes, with its 95% interval."""
    counts = np.arange(2, run.episodes + 1)
    for tested, colour in zip([judged(run), *rivals(run)], (BLUE, ORANGE, RED, GREEN), strict=False):
        scores = tested.scores
        if mean_of(scores) is None:
            continue
        means = np.cumsum(scores)[1:] / counts
        spread = np.sqrt(np.maximum(np.cumsum(scores**2)[1:] / counts - means**2, 0) * counts / (counts - 1))
        half = Z95 * spread / np.sqrt(counts)
        ax.plot(counts, means, color=colour, label=f"{named(tested)}: {means[-1]:.3f}")
        ax.fill_between(counts, means - half, means + half, color=colour, alpha=0.2, linewidth=0)
    ax.set(xlabel="episodes", ylabel="mean accuracy (band: 95%)", ylim=(0, 1.02), xlim=(0, run.episodes))
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.grid(alpha=0.3)
    ax.legend(loc="lower right")


def _curves(part: "Figure", run: "MetaTraining") -> None:
    """Draw new waves: the truth, the support set, and the network before and after its inner steps."""
    batch = run.tasks.test.draw(CURVES, rng_from(run.seed, "picture"))
    x = np.linspace(-5, 5, 200, dtype=np.float32)[:, None]
    counts = [tested.steps for tested in run.tested if tested.who == run.method]
    panels = part.subplots(1, CURVES, sharey=True)
    for number, ax in enumerate(panels):
        support, _ = one_task(batch, number)
        amplitude, phase = batch.origin[number]
        ax.plot(x, amplitude * np.sin(x - phase), color=INK, linestyle=":", linewidth=2.2, label="the new wave")
        for count in counts:
            how = {} if count is None else {"steps": count}
            try:
                curve = run.learner.adapt(support, **how)(x)
            except BadValue:  # it explodes, and the table says so
                continue
            ax.plot(
                x, curve, color=COLOURS.get(count or 0, GREEN), linewidth=1.8, label=counted(count or 0, "inner step")
            )
        ax.plot(*support, "^", color=INK, markersize=6, label="support")
        ax.set(xlabel="x", title=f"new wave {number + 1}")
        ax.grid(alpha=0.3)
    panels[0].set_ylabel("y")
    handles, labels = panels[0].get_legend_handles_labels()
    part.legend(handles, labels, loc="outside upper center", ncols=len(labels))
