"""The figures of lesson 02, what one architecture is worth.

Each function draws one figure and returns its axes.
"""

from collections.abc import Sequence
from typing import Any

from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from nasedu import plots
from nasedu.classroom.claims import interval


def training(evaluations: Sequence[Any]) -> Axes:
    """Draw training loss and validation score for each epoch; for several trainings the means, with bands."""
    _, panels = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
    for ax, name, ylabel in zip(panels, ("losses", "curve"), ("training loss", "validation score"), strict=True):
        by_epoch = list(zip(*(getattr(one, name) for one in evaluations), strict=True))
        epochs = range(1, len(by_epoch) + 1)
        if len(evaluations) > 1:
            plots.band(epochs, [interval(values) for values in by_epoch], ax)
        else:
            plots.lines(epochs, {" ".join(evaluations[0].architecture): [value for (value,) in by_epoch]}, ax)
        ax.set(xlabel="epoch", ylabel=ylabel)
    axes: Axes = panels[0]
    return axes
