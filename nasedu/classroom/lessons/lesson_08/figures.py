"""The figures of lesson 08, a fair race.

Each function draws one figure and returns its axes.
"""

from collections.abc import Mapping

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from nasedu.core.palette import BLUE
from nasedu.plots.axes import new_axes


def humps(values: Mapping[str, np.ndarray], xlabel: str) -> Axes:
    """Draw histograms one above the other, on the same axes, with a dotted line at the mean of each."""
    size = (7, 1.8 * len(values))
    _, panels = plt.subplots(
        len(values), 1, figsize=size, sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    bins = np.linspace(0, max(float(np.max(numbers)) for numbers in values.values()), 20)
    for ax, (name, numbers) in zip(panels[:, 0], values.items(), strict=True):
        ax.hist(numbers, bins.tolist(), color=BLUE, edgecolor="white")
        ax.axvline(np.mean(numbers), color="black", linestyle=":")
        ax.set_title(f"{name}: mean {np.mean(numbers):.3f}", loc="right", y=0.72, size=11)
        ax.set_ylabel(f"of {len(numbers)} seeds")
    panels[-1, 0].set_xlabel(xlabel)
    axes: Axes = panels[-1, 0]
    return axes


def kept_promises(coverage: Mapping[int, float]) -> Axes:
    """Draw how often intervals from n seeds contain the true value, compared with the promised 95%."""
    ax = new_axes(6, 2.6)
    ax.plot(list(coverage), list(coverage.values()), marker="o")
    ax.axhline(0.95, color="black", linestyle=":", label="promised")
    ax.set(xscale="log", xlabel="seeds", ylabel="intervals that hold the truth")
    ax.set_xticks(list(coverage), [str(n) for n in coverage])
    ax.minorticks_off()
    ax.legend()
    return ax
