"""The figures of lesson 00, a search in ten minutes.

Each function draws one figure and returns its axes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from nasedu import plots
from nasedu.plots.axes import ABOVE_LEGEND


def progress(trials: Sequence[Any]) -> Axes:
    """Draw the score of every trial of a search, and epsilon below.

    The title gives the mean score of the first and of the second half of the trials.
    """
    _, (above, below) = plt.subplots(2, 1, figsize=(7, 5), height_ratios=[3, 1], layout="constrained")
    plots.scores(trials, above).set_xlabel("")
    plots.epsilon(trials, below)
    half = len(trials) // 2
    first, second = (np.mean([trial.score for trial in part]) for part in (trials[:half], trials[half:]))
    title = f"mean score of the first {half}: {first:.3f}; of the other {len(trials) - half}: {second:.3f}"
    above.set_title(title, pad=ABOVE_LEGEND)
    return above


def abreast(searches: Mapping[str, Sequence[Any]]) -> Axes:
    """Draw the trials of some searches in panels side by side, on one scale, each with its mean score."""
    width = 4.5 * len(searches)
    _, panels = plt.subplots(1, len(searches), figsize=(width, 3.4), sharey=True, squeeze=False, layout="constrained")
    for ax, (name, trials) in zip(panels[0], searches.items(), strict=True):
        mean = np.mean([trial.score for trial in trials])
        plots.scores(trials, ax).set_title(f"{name}: mean {mean:.3f}", pad=ABOVE_LEGEND)
        ax.label_outer()
    return panels[0, 0]
