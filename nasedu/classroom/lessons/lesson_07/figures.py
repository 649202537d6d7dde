"""The figures of lesson 07, surrogates. Each function draws one figure and returns its axes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from nasedu.core.palette import BLUE, GREEN, GREY, LINES, ORANGE, RED
from nasedu.core.palette import task as task_colour
from nasedu.core.statistics import Z95, standard_error
from nasedu.plots.axes import MARKERS, name_lines, new_axes, tidy

LOOKS = ((RED, "-"), (BLUE, "--"), (GREEN, "-."), (ORANGE, ":"))


def along(values: Mapping[str, np.ndarray], known: Sequence[int]) -> Axes:
    """Draw what trials are worth at each place of a walk, one line for each function, scaled to its largest value.

    Args:
        values: by name, (places,), none negative.
        known: places whose scores are known: dotted lines.
    """
    ax = new_axes(7, 2.8)
    for (name, worth), (colour, style) in zip(values.items(), LOOKS, strict=False):
        ax.plot(range(1, len(worth) + 1), worth / worth.max(), color=colour, linestyle=style, label=name)
    for place in known:
        ax.axvline(place + 1, color=GREY, linestyle=":", linewidth=1)
    ax.set(xlabel="place in the walk; dotted: known", ylabel="share of its largest")
    name_lines(ax)
    return tidy(ax)


def dial(saved: Mapping[str, Mapping[float, np.ndarray]]) -> Axes:
    """Draw what each value of the dial saves on each task, with its interval; the dotted line is chance.

    Args:
        saved: by task, then by value of the dial, one for each walk.
    """
    ax = new_axes(7, 3.2)
    values = list(next(iter(saved.values())))
    for place, ((name, of), marker) in enumerate(zip(saved.items(), MARKERS, strict=False)):
        at = np.arange(len(values)) + 0.1 * (place - (len(saved) - 1) / 2)
        heights, halves = _means(of.values())
        ax.errorbar(at, heights, yerr=halves, fmt=marker, color=task_colour(name), capsize=3, label=name)
    ax.axhline(0, color=GREY, linestyle=":")
    ax.set_xticks(range(len(values)), [f"{value:g}" for value in values])
    ax.set(xlabel="dial: 0 exploits, the largest explores", ylabel="share of chance's regret saved", ylim=(None, 1))
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return tidy(ax)


def judged(found: Mapping[str, Mapping[str, Any]], joined: Sequence[str]) -> Axes:
    """Draw each predictor on each task by rank correlation and by precision among the top 5%.

    Args:
        found: by predictor, then by task: (seeds, 3) of `measuring.Judged`.
        joined: predictors that a line joins on each task.
    """
    ax = new_axes(7, 4)
    means = {kind: {task: runs.mean(0) for task, runs in of.items()} for kind, of in found.items()}
    for task in next(iter(means.values())):
        ax.plot(*np.array([means[kind][task][:2] for kind in joined]).T, color=GREY, linewidth=0.8, zorder=1)
    for (kind, of), marker, (colour, _) in zip(means.items(), MARKERS, LOOKS, strict=False):
        rank, top, _found = np.array(list(of.values())).T
        ax.scatter(rank, top, color=colour, marker=marker, label=kind, zorder=2)
    ax.set(xlabel="rank correlation over all other networks", ylabel="precision among the top 5%")
    ax.legend(loc="upper left")
    return tidy(ax)


def rates(scores: Mapping[str, Sequence[float]], values: Sequence[float]) -> Axes:
    """Draw the score of each network over the learning rate."""
    ax = new_axes(6.5, 3)
    for (name, of), marker, (colour, style) in zip(scores.items(), MARKERS, LOOKS, strict=False):
        ax.semilogx(values, of, marker=marker, color=colour, linestyle=style, label=name)
    ax.set(xlabel="learning rate", ylabel="validation accuracy")
    name_lines(ax)
    return tidy(ax)


def raced(regret: Mapping[str, Mapping[str, np.ndarray]]) -> Axes:
    """Draw each controller's regret on each task as a share of random search's, with its interval.

    Args:
        regret: by task, then by controller, one for each seed; one controller is "random": the dotted line.
    """
    ax = new_axes(8, 3.6)
    names = [name for name in next(iter(regret.values())) if name != "random"]
    for place, (name, marker) in enumerate(zip(names, MARKERS, strict=False)):
        shares = [of[name] / of["random"].mean() for of in regret.values()]
        means, halves = _means(shares)
        at = np.arange(len(shares)) + 0.12 * (place - (len(names) - 1) / 2)
        ax.errorbar(at, means, yerr=halves, fmt=marker, color=LINES[place], capsize=3, label=name, zorder=3)
    ax.axhline(1, color=GREY, linestyle=":")
    ax.set_xticks(range(len(regret)), [name.replace("/", "/\n") for name in regret])
    ax.set(ylabel="share of random's regret", ylim=(-0.05, None))
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return tidy(ax)


def _means(runs: Iterable[np.ndarray]) -> tuple[list[float], list[float]]:
    """Return means and half 95% intervals, one for each array of runs."""
    kept = list(runs)
    return [float(one.mean()) for one in kept], [float(Z95 * standard_error(one)) for one in kept]
