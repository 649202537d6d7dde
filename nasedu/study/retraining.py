"""The training of a chosen network before its test; again from another seed, if it learned nothing."""

import warnings
from typing import Any

from nasedu.core import Architecture, Evaluation

TRIES = 3
"""Trainings at most: a network that never learns is tested as it is."""


def retrain(trainer: Any, architecture: Architecture, chosen: Evaluation, *, epochs: int, seed: int) -> Evaluation:
    """Train a network until the epoch that was best when it was chosen, and test it.

    A deep network without normalisation may stay where it began, by the luck of its seed: of five winners on Greek
    letters, one was chosen with 1.0 and tested at 0.1. Its training loss tells, and no test example is asked: such a
    training is done again from the next seed.

    Args:
        chosen: its evaluation in the search.
        epochs, seed: as for the search.

    Warns:
        UserWarning: a training learned nothing.
    """
    stops = chosen.best_epochs if chosen.ok else (epochs,)
    best_epoch = stops if len(stops) > 1 else stops[0]
    for number in range(seed, seed + TRIES):
        tested = trainer.retrain_and_test(architecture, epochs=epochs, seed=number, best_epoch=best_epoch)
        if not learned_nothing(chosen, tested):
            break
        next_step = "it is trained from the next seed" if number < seed + TRIES - 1 else "it is tested as it is"
        warnings.warn(
            f"{' '.join(architecture)} learned nothing when it was trained again from seed {number} (loss "
            f"{tested.losses[-1]:.3g}, and {chosen.losses[-1]:.3g} in the search): {next_step}",
            stacklevel=3,
        )
    return tested


def learned_nothing(chosen: Evaluation, tested: Evaluation) -> bool:
    """Return whether a loss stayed where it began, although it fell to less than half in the search."""
    if not (chosen.ok and tested.ok and chosen.losses and tested.losses):
        return False
    first, last = chosen.losses[0], chosen.losses[chosen.best_epoch - 1 : chosen.best_epoch] or chosen.losses[-1:]
    return last[0] < 0.5 * first and tested.losses[-1] > 0.9 * first
