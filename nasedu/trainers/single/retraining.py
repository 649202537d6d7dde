"""How long the chosen network is trained again, on training and validation examples together."""

from nasedu.trainers.jobs import Job


def retraining(job: Job, share: float) -> Job:
    """Return how to train again on more examples, until the training is where the search found it best.

    The search took the score after its best epoch. No examples are left to find that epoch again: those that could
    tell it are trained on. So the training makes as many steps of the optimiser as the search made until then: a
    `share` of the epochs, because an epoch over more examples has more steps. The schedule of the learning rate is
    scaled in the same way, so that each step has the rate that it had in the search. (Goodfellow, Bengio, Courville,
    "Deep Learning", 2016, section 7.8, algorithm 7.2. `make bench` compares the rule with others: row `retraining`.)

    Args:
        job: of the search; its `epochs` are those until the best score.
        share: of the examples that the search trained on.
    """
    epochs = max(round(job.epochs * share), 1)
    return job._replace(epochs=epochs, total=max(round(job.total * share), epochs))
