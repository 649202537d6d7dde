"""The figures of lesson 10, shared weights.

Each function draws one figure and returns its axes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from nasedu.classroom.claims import Interval, interval
from nasedu.core.palette import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY
from nasedu.plots.axes import legend_above, new_axes, tidy

COLOURS = (BLUE, ORANGE, RED, SKY, GREEN, BLACK, PURPLE)
MARKERS = "osD^v*P"


def clear(lead: Any) -> int:
    """Return 1 if a lead is more than three standard errors above 0, -1 if it is as far below, else 0.

    With five seeds, three standard errors are a little more than the 95% interval of Student's t.
    """
    return int(lead.mean > 1.5 * lead.half) - int(lead.mean < -1.5 * lead.half)


def orders(found: Mapping[str, Mapping[str, Any]], title: str = "Kendall's tau with the true order") -> Axes:
    """Draw how well several orders agree with the true one: a row for each task, a mark for each order.

    Args:
        found: by name of the order, then by task: a number, or the numbers of several seeds.
    """
    tasks = list(next(iter(found.values())))
    ax = new_axes(7.5, 1.5 + 0.62 * len(tasks))
    for place, (name, by_task) in enumerate(found.items()):
        colour, marker = COLOURS[place], MARKERS[place]
        up = 0.32 - 0.64 * place / max(len(found) - 1, 1)
        for row, task in enumerate(tasks):
            values = np.atleast_1d(by_task[task])
            label = name if row == 0 else None
            if len(values) > 1:
                ax.plot(values, np.full(len(values), row - up), ".", color=colour, alpha=0.45)
                one = interval(values)
                ax.errorbar(one.mean, row - up, xerr=one.half, color=colour, capsize=4)
            ax.plot(values.mean(), row - up, marker, color=colour, markersize=8, label=label, linestyle="none")
    for row in range(0, len(tasks), 2):
        ax.axhspan(row - 0.5, row + 0.5, color=GREY, alpha=0.12, linewidth=0)
    ax.axvline(0, color=GREY, linewidth=1)
    ax.set(yticks=range(len(tasks)), yticklabels=tasks, ylim=(len(tasks) - 0.5, -0.5), xlabel=title)
    legend_above(ax)
    return tidy(ax)


def paired(leads: Mapping[str, Interval], left: str, right: str, title: str) -> Axes:
    """Draw paired differences with their 95% intervals, one row for each; grey is what is not clear.

    Args:
        left, right: what is true on the left of zero, and on the right.
    """
    ax = new_axes(7.5, 1.4 + 0.45 * len(leads))
    for row, one in enumerate(leads.values()):
        colour = (GREY, BLUE, ORANGE)[clear(one)]
        ax.plot([0, one.mean], [row, row], color=colour, linewidth=6, alpha=0.35, solid_capstyle="butt")
        ax.errorbar(one.mean, row, xerr=one.half, fmt="o", color=colour, capsize=4)
    ax.axvline(0, color=GREY)
    reach = max(max(abs(one.low), abs(one.high)) for one in leads.values()) * 1.15
    ax.set(yticks=range(len(leads)), yticklabels=list(leads), ylim=(len(leads) - 0.5, -0.5), xlim=(-reach, reach))
    bold: dict[str, Any] = {"weight": "bold", "annotation_clip": False, "va": "bottom"}
    for words, colour, side, x in ((f"← {left}", ORANGE, "right", -6), (f"{right} →", BLUE, "left", 6)):
        ax.annotate(words, (0, -0.5), (x, 4), "data", "offset points", ha=side, color=colour, **bold)
    ax.set_xlabel(title)
    return tidy(ax)


def equal_seconds(
    trainings: Sequence[int], random: Mapping[str, Sequence[float]], shared: Mapping[str, tuple[float, Interval]]
) -> Axes:
    """Draw the true score of what random search finds, by the number of its trainings, and of what sharing finds.

    Args:
        trainings: of random search.
        random: by task, the mean true score of its best.
        shared: by task, how many trainings take as many seconds, and the true score of its best over seeds.
    """
    _, panels = plt.subplots(1, len(random), figsize=(2.6 * len(random), 3), layout="constrained", squeeze=False)
    for ax, (task, means) in zip(panels[0], random.items(), strict=True):
        cost, found = shared[task]
        ax.plot(trainings, means, color=GREY, linewidth=3, label="random search")
        ax.errorbar(cost, found.mean, yerr=found.half, fmt="o", color=BLUE, capsize=5, label="shared weights")
        ax.set_title(task, fontsize=11)
        ax.set_xlabel("own trainings")
        tidy(ax)
    panels[0, 0].set_ylabel("true score of the best")
    panels[0, -1].legend(loc="lower right", fontsize=9)
    return panels[0, 0]
