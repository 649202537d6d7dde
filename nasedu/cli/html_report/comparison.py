"""Whose answers are better on the same test examples, and whether the examples are enough to tell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from nasedu.cli.report import difference, examples, wilson
from nasedu.core import Evaluation, rng_from

RESAMPLES = 500
"""Of the test examples, for an interval of a metric that is no share of right answers."""

Interval = tuple[float, float]
Metric = Callable[[np.ndarray, np.ndarray], float]
"""The score of outputs: from the truth and the outputs of the same examples."""


@dataclass(frozen=True)
class Contender:
    """One model that answered the test examples.

    Attributes:
        name: who it is, such as "random forest" or "picked by hand".
        role: "search", "hand-picked", "random search", "rival" or "trivial".
        score: of the test.
        detail: its architecture, on one line.
        tested: its evaluation, for a network of the study.
        outputs: its outputs for each test example, (examples, outputs); None if they were not kept.
        seconds: of its training.
        interval: of its true score, 95%; None if it cannot be known.
        lead: the 95% interval of the true lead of the search over it; None if it cannot be known.
    """

    name: str
    role: str
    score: float
    detail: str = ""
    tested: Evaluation | None = None
    outputs: np.ndarray | None = None
    seconds: float | None = None
    interval: Interval | None = None
    lead: Interval | None = None

    @property
    def behind(self) -> bool:
        """Return whether the search is ahead of it by more than the interval."""
        return self.lead is not None and self.lead[0] > 0

    @property
    def ahead(self) -> bool:
        """Return whether it is ahead of the search by more than the interval."""
        return self.lead is not None and self.lead[1] < 0


def compared(
    contenders: Sequence[Contender], metric: Metric | None, truth: np.ndarray | None, name: str
) -> list[Contender]:
    """Return the contenders with their intervals; the first of them is the search, and has no lead over itself.

    Args:
        contenders: in any order after the first.
        metric: the score of the task, and None without `truth`.
        truth: the right answers of the test examples; None if the task is not there any more.
        name: of the metric. A share of right answers ("accuracy") has an interval of its own kind.
    """
    search, *others = contenders
    found = [replace(search, interval=_interval(search, metric, truth, name))]
    for other in others:
        interval, lead = _interval(other, metric, truth, name), _lead(search, other, metric, truth, name)
        found.append(replace(other, interval=interval, lead=lead))
    return found


def _interval(one: Contender, metric: Metric | None, truth: np.ndarray | None, name: str) -> Interval | None:
    count = examples(one.tested) if one.tested else 0
    if not count and truth is not None:
        count = len(truth)  # of a training function of somebody's own, which gives a score and no matrix
    if name == "accuracy" and count:
        return wilson(round(one.score * count), count)
    outputs = one.outputs
    if truth is None or outputs is None or metric is None:
        return None
    return _resampled(lambda rows: metric(truth[rows], outputs[rows]), len(truth))


def _lead(
    search: Contender, other: Contender, metric: Metric | None, truth: np.ndarray | None, name: str
) -> Interval | None:
    mine, its = search.outputs, other.outputs
    if truth is not None and mine is not None and its is not None and metric is not None:
        if name == "accuracy":
            return paired(mine.argmax(1) == truth, its.argmax(1) == truth)
        return _resampled(lambda rows: metric(truth[rows], mine[rows]) - metric(truth[rows], its[rows]), len(truth))
    if search.tested and other.tested and examples(search.tested) and examples(other.tested):
        return difference(search.tested, other.tested)
    return None


def _resampled(statistic: Callable[[np.ndarray], float], count: int) -> Interval:
    """Return the 95% interval of a statistic of the test examples: the percentile bootstrap.

    B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13. Both models of a pair are always
    asked about the same examples.
    """
    rng = rng_from(0, "resampled test examples")
    found = [statistic(rng.integers(count, size=count)) for _ in range(RESAMPLES)]
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def paired(mine: np.ndarray, its: np.ndarray) -> Interval:
    """Return the 95% interval of the difference of two accuracies on the same examples.

    R. G. Newcombe, "Improved Confidence Intervals for the Difference Between Binomial Proportions Based on Paired
    Data", Statistics in Medicine 1998, method 10.

    Args:
        mine, its: for each example, whether the answer was right.
    """
    count = len(mine)
    both, only_mine = int((mine & its).sum()), int((mine & ~its).sum())
    only_its, neither = int((~mine & its).sum()), int((~mine & ~its).sum())
    p, q = (both + only_mine) / count, (both + only_its) / count
    (low, high), (its_low, its_high) = wilson(both + only_mine, count), wilson(both + only_its, count)
    margins = (both + only_mine) * (only_its + neither) * (both + only_its) * (only_mine + neither)
    agreement = float(both * neither - only_mine * only_its)
    if agreement > 0:
        agreement = max(agreement - count / 2, 0)  # for continuity, as in the paper
    phi = agreement / sqrt(margins) if margins else 0.0

    def half(a: float, b: float) -> float:
        return sqrt(max(a * a - 2 * phi * a * b + b * b, 0.0))

    return p - q - half(p - low, its_high - q), p - q + half(high - p, q - its_low)


# ---------------------------------------------------------------------- in words


def verdict(contenders: Sequence[Contender], metric: str) -> tuple[str, str]:
    """Return whether the search was worth it, compared with linear models and trees on the same examples.

    Returns:
        "yes", "no", or an empty string without such models; and the same in a sentence.
    """
    search, *others = contenders
    rivals = [c for c in others if c.role == "rival"]
    if not rivals:
        return "", "Nobody knows yet whether the search was worth it: simple models are not compared here."
    best = max(rivals, key=lambda c: c.score)
    if best.score >= search.score:
        ahead = "is ahead by more than chance explains" if best.ahead else "is not worse"
        return "no", f"The search was not worth it here: {_trained(best)} {ahead} ({_numbers(best, search, metric)})."
    close = [c for c in rivals if not c.behind]
    if close:
        nearest = max(close, key=lambda c: c.score)
        return "no", (
            f"The search was not worth it here, as far as this test can tell: {_trained(nearest)} is behind by no "
            f"more than chance explains ({_numbers(nearest, search, metric)})."
        )
    return "yes", (
        "The search was worth it here: its network is ahead of every simple model by more than chance explains "
        f"(the best of them is {best.name}: {_numbers(best, search, metric)})."
    )


def _trained(rival: Contender) -> str:
    """Return a rival by its name, with the time that it took."""
    return f"{rival.name}, trained in {_seconds(rival.seconds)}," if rival.seconds is not None else rival.name


def _numbers(rival: Contender, search: Contender, metric: str) -> str:
    return f"{metric} {rival.score:.3f} against {search.score:.3f}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 0.1 else "less than 0.1 s"


def standing(other: Contender) -> str:
    """Return where a contender stands compared with the search, in a few words."""
    if other.role == "search":
        return ""
    if other.lead is None:
        return "not known: its answers were not kept"
    if other.ahead:
        return "ahead of the search"
    return "behind the search" if other.behind else "not told apart"
