"""The training loop of one network, epoch by epoch."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import nn

from nasedu.core import derive_seed
from nasedu.trainers.checkpoint import OPTIMISER, Checkpoint
from nasedu.trainers.recipe import Recipe
from nasedu.trainers.single.augment import apply, draws_of, mixed_answers
from nasedu.trainers.single.devices import products_in
from nasedu.trainers.single.losses import losses_of
from nasedu.trainers.single.optimiser import make_optimiser, rate_at, set_rate
from nasedu.trainers.single.training_record import TrainingRecord


class Data(NamedTuple):
    """Examples and answers on the device: X float32 (examples, *input_shape), y as in `nasedu.tasks.Split`."""

    X: torch.Tensor
    y: torch.Tensor

    @classmethod
    def of(cls, split: Any, device: torch.device) -> "Data":
        return cls(torch.from_numpy(split.X).to(device), torch.from_numpy(split.y).to(device))


class Training:
    """One network while it is trained.

    Args:
        network: with its weights drawn, on its device.
        data: the training examples, on the same device.
        recipe: how it is trained.
        seed: of the order of the examples, and of whatever the network draws while it trains.
        epochs: how many the whole training has; a schedule of the learning rate depends on it.
        kind: of the task; it decides about the loss.
        generator: the one that layers of the network draw from.
        precision: of the products (see `nasedu.trainers.single.devices.PRECISIONS`).
    """

    def __init__(
        self,
        network: nn.Module,
        data: Data,
        recipe: Recipe,
        *,
        seed: int,
        epochs: int,
        kind: str,
        generator: torch.Generator,
        precision: str = "float32",
    ):
        self.network = network
        self.data = data
        self.recipe = recipe
        self.seed = seed
        self.epochs = epochs
        self.kind = kind
        self.generator = generator
        self.precision = precision
        self.done = 0
        self.optimiser = make_optimiser(recipe, network.parameters())

    def run_epoch(self, run: TrainingRecord) -> None:
        """One pass over the training examples.

        Raises:
            TrainingStopped: the time is over, or the loss is no number any more.
        """
        X, y = self.data
        epoch = self.done + 1
        self.generator.manual_seed(derive_seed(self.seed, "noise", epoch))
        self.network.train()
        parts = batches(len(X), self.recipe.batch_size, self.seed, epoch)
        draws = draws_of(self.recipe, self.seed, epoch, len(X), X.shape[1:]).to(X.device)
        total = torch.zeros((), device=X.device)
        for position, part in enumerate(parts):
            batch = part.to(X.device)
            set_rate(self.optimiser, rate_at(self.recipe, self.done * len(parts) + position, self.epochs * len(parts)))
            drawn = draws.take(batch)
            outputs = self._outputs(apply(drawn, X[batch]))
            answers = mixed_answers(drawn, y[batch], outputs.shape[-1])
            loss = losses_of(self.kind, outputs, answers, self.recipe).mean()
            self.optimiser.zero_grad()
            loss.backward()
            self.optimiser.step()
            total += loss.detach() * len(batch)
            run.check_time(epoch)
        mean = float(total) / sum(map(len, parts))  # once an epoch: reading a number off a GPU makes it wait
        run.check_loss(mean, epoch)
        run.losses.append(mean)
        self.done = epoch

    def _outputs(self, X: torch.Tensor) -> torch.Tensor:
        with products_in(self.precision, X.device):
            return self.network(X).float()

    @torch.no_grad()
    def answers(self, X: torch.Tensor) -> torch.Tensor:
        """What the network gives for each example, float of shape (examples, outputs)."""
        self.network.eval()
        return torch.cat([self._outputs(part) for part in X.split(1024)])

    def checkpoint(self, run: TrainingRecord) -> Checkpoint:
        """Everything needed to go on from here, copied."""
        return Checkpoint(
            self.done, dict(self._memory()), tuple(run.curve), tuple(run.losses), run.metrics, run.seconds
        )

    def go_on_from(self, checkpoint: Checkpoint) -> None:
        """Take up the weights and the optimiser's memory of a checkpoint."""
        names = self.network.state_dict()
        self.network.load_state_dict({name: checkpoint.tensors[name] for name in names})
        self.optimiser.load_state_dict({**self.optimiser.state_dict(), "state": checkpoint.optimiser()})
        self.done = checkpoint.epochs

    def _memory(self) -> Iterator[tuple[str, torch.Tensor]]:
        for name, tensor in self.network.state_dict().items():
            yield name, tensor.detach().cpu().clone()
        for position, kept in self.optimiser.state_dict()["state"].items():
            for key, value in kept.items():
                if value is not None:  # SGD's momentum before its first step
                    yield f"{OPTIMISER}/{position}/{key}", value.detach().cpu().clone()


def batches(examples: int, batch_size: int, seed: int, epoch: int) -> list[torch.Tensor]:
    """Which examples each step of an epoch sees: places in the split, in an order drawn from seed and epoch.

    A last batch of a single example is left out: batch normalisation needs two to normalise over.
    """
    parts = order_of(examples, seed, epoch).split(batch_size)
    return [part for part in parts if len(part) > 1]


def order_of(examples: int, seed: int, epoch: int) -> torch.Tensor:
    """A permutation of the examples, drawn from seed and epoch."""
    generator = torch.Generator()
    generator.manual_seed(derive_seed(seed, "order", epoch))
    return torch.randperm(examples, generator=generator)
