"""The training loop of one network, the one that every textbook shows. Lesson 02."""

import torch

from nasedu.trainers.single.augment import apply, mixed_answers
from nasedu.trainers.single.losses import losses_of
from nasedu.trainers.single.optimiser import rate_at, set_rate
from nasedu.trainers.single.training import Training
from nasedu.trainers.single.training_record import TrainingRecord


def train_epoch(training: Training, record: TrainingRecord) -> None:
    """Train a network on each training example once: one step of the optimiser for each batch.

    Raises:
        TrainingStopped: the time is over, or the loss is no number any more.
    """
    recipe, optimiser, (X, y) = training.recipe, training.optimiser, training.data
    batches, draws = training.begin_epoch()
    total = torch.zeros((), device=X.device)
    for position, batch in enumerate(batches):
        # The learning rate follows its schedule from step to step.
        step, steps = training.done * len(batches) + position, training.epochs * len(batches)
        set_rate(optimiser, rate_at(recipe, step, steps))
        # Forward: what the network answers to these examples, moved or mixed as the recipe says, and how wrong it is.
        drawn = draws.take(batch)
        outputs = training.forward(apply(drawn, X[batch]))
        answers = mixed_answers(drawn, y[batch], outputs.shape[-1])
        loss = losses_of(training.kind, outputs, answers, recipe).mean()
        # Backward: the gradient of the loss by each weight. Then one step against it.
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        total += loss.detach() * len(batch)
        record.check_time(training.done + 1)
    training.done += 1
    mean = float(total) / sum(map(len, batches))  # once an epoch: reading a number off a GPU makes it wait
    record.check_loss(mean, training.done)
    record.losses.append(mean)
