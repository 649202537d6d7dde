"""One network while it is trained: its optimiser, the order of its examples, and where it can be left."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import nn

from nasedu.core import derive_seed
from nasedu.trainers.checkpoint import OPTIMISER, Checkpoint
from nasedu.trainers.recipe import Recipe
from nasedu.trainers.single.augment import Draws, draws_of
from nasedu.trainers.single.devices import products_in
from nasedu.trainers.single.optimiser import make_optimiser
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

    def begin_epoch(self) -> tuple[list[torch.Tensor], Draws]:
        """Return the batches of the next epoch and its augmentation; the network draws for it from now on."""
        X, epoch = self.data.X, self.done + 1
        self.generator.manual_seed(derive_seed(self.seed, "noise", epoch))
        self.network.train()
        draws = draws_of(self.recipe, self.seed, epoch, len(X), X.shape[1:]).to(X.device)
        places = batches(len(X), self.recipe.batch_size, self.seed, epoch)
        return [batch.to(X.device) for batch in places], draws

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Return the network's outputs in float32; its products have the training's precision."""
        with products_in(self.precision, X.device):
            return self.network(X).float()

    @torch.no_grad()
    def answers(self, X: torch.Tensor) -> torch.Tensor:
        """Return what the network gives for each example, float of shape (examples, outputs)."""
        self.network.eval()
        return torch.cat([self.forward(part) for part in X.split(1024)])

    def checkpoint(self, run: TrainingRecord) -> Checkpoint:
        """Return everything that the training needs to go on from here, copied."""
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
    """Return which examples each step of an epoch sees: places in the split, in an order drawn from seed and epoch.

    A last batch of a single example is omitted: batch normalisation needs two to normalise over.
    """
    return [batch for batch in order_of(examples, seed, epoch).split(batch_size) if len(batch) > 1]


def order_of(examples: int, seed: int, epoch: int) -> torch.Tensor:
    """Return a permutation of the examples, drawn from seed and epoch."""
    generator = torch.Generator()
    generator.manual_seed(derive_seed(seed, "order", epoch))
    return torch.randperm(examples, generator=generator)
