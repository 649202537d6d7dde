"""The answer of a prediction, from what a lesson measured: so the page does not tell it before it is asked."""

from collections.abc import Collection, Sequence

import numpy as np

from nasedu.classroom.claims import Interval
from nasedu.classroom.prediction import Prediction


def outcome(prediction: Prediction, drop: Interval) -> str:
    """Return the last of three choices if a score fell, the first if it rose, and else the one in the middle."""
    return prediction.choices[1 + (drop.low > 0) - (drop.high < 0)]


def closest(prediction: Prediction, numbers: Sequence[float], measured: float) -> str:
    """Return the choice whose number is closest to a measured one, as a ratio; `numbers` has one for each choice."""
    return prediction.choices[int(np.abs(np.log(numbers) - np.log(measured)).argmin())]


def across(prediction: Prediction, better: Collection[str], worse: Collection[str]) -> str:
    """Return the first of three choices if nothing is worse, the second if some are, the last if nothing is better.

    Args:
        prediction: asks on which tasks something is better.
        better: the tasks on which it is clearly better.
        worse: the tasks on which it is clearly worse.
    """
    return prediction.choices[2 if not better else bool(worse)]
