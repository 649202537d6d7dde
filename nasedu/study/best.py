"""The best trial of a search: by the rule of `nasedu.core.best_first`, which everything that names a best one uses."""

from collections.abc import Sequence

from nasedu.core import Evaluation, best_first
from nasedu.store import Trial


def ranking(trial: Trial) -> tuple[float, bool, float]:
    """Return a key that sorts evaluated trials: the best first."""
    assert trial.evaluation is not None
    return best_first(trial.evaluation)


def best_trial(trials: Sequence[Trial], tested: Evaluation | None = None) -> Trial | None:
    """Return the best of some evaluated trials; None if there are none.

    Args:
        trials: in the order asked.
        tested: the test of an earlier best network. That network stays the best until another one scores higher: a
            tie is no reason for a second look at the test examples.
    """
    best = min(trials, key=ranking, default=None)
    if best is None or tested is None:
        return best
    return next((t for t in trials if t.score == best.score and t.architecture == tested.architecture), best)
