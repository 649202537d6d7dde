"""A group of networks of one skeleton, trained as one batched computation, each as if it were alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from nasedu.core import derive_seed
from nasedu.trainers.checkpoint import OPTIMISER, Checkpoint
from nasedu.trainers.population.stacking import Mapped, corner, padded, select, stack
from nasedu.trainers.recipe import Recipe
from nasedu.trainers.single.augment import Draws, apply, draws_of, mixed_answers, stacked
from nasedu.trainers.single.losses import losses_of
from nasedu.trainers.single.optimiser import make_optimiser, rate_at, set_rate
from nasedu.trainers.single.training import Data, order_of
from nasedu.trainers.single.training_record import TrainingRecord


@dataclass
class Member:
    """One network of a group.

    Attributes:
        network: as it would be trained alone, with its weights drawn or taken from `before`.
        generator: the one that its layers draw from.
        seed: of the order of its examples, and of whatever it draws while it trains.
        data: which of the group's training and validation sets are its own.
        run: the record of its training.
        before: where it was left, if it goes on.
    """

    network: nn.Module
    generator: torch.Generator
    seed: int
    data: int
    run: TrainingRecord
    before: Checkpoint | None = None


class BatchedTraining:
    """The training of a group of networks. One that is finished leaves, and the others go on without it.

    Args:
        members: of one skeleton, all left at the same epoch.
        train, validation: sets of examples, all of one size, on the device.
        recipe: how they are trained.
        epochs: how many the whole training has.
        kind: of the task.
        mapped: through `torch.func` instead of layer by layer (see `nasedu.trainers.population.stacking`).
        precision: of the products; weights and sums stay in float32.
    """

    def __init__(
        self,
        members: Sequence[Member],
        train: Sequence[Data],
        validation: Sequence[Data],
        recipe: Recipe,
        *,
        epochs: int,
        kind: str,
        mapped: bool,
        precision: torch.dtype,
    ):
        self.members = list(members)
        self.train = Sets(train)
        self.validation = Sets(validation)
        self.recipe = recipe
        self.epochs = epochs
        self.kind = kind
        self.precision = precision
        networks = [member.network for member in members]
        self.network = Mapped(networks) if mapped else stack(networks)
        self.optimiser = make_optimiser(recipe, self.network.parameters())
        self.done = 0
        if members[0].before is not None:
            self._remember([member.before for member in members if member.before])

    # ------------------------------------------------------------------ training

    def run_epoch(self) -> None:
        """Train each member on its training examples once, each member in its own order.

        A member whose loss is no number any more gets its status; it does the others no harm.

        Raises:
            TrainingStopped: the time is over.
        """
        epoch = self.done + 1
        for member in self.members:
            member.generator.manual_seed(derive_seed(member.seed, "noise", epoch))
        self.network.train()
        order = torch.stack([order_of(self.train.examples, member.seed, epoch) for member in self.members])
        batches = [batch for batch in order.split(self.recipe.batch_size, dim=1) if batch.shape[1] > 1]
        draws = self._draws(epoch)
        total = torch.zeros(len(self.members), device=self.train.device)
        for position, batch in enumerate(batches):
            step = self.done * len(batches) + position
            set_rate(self.optimiser, rate_at(self.recipe, step, self.epochs * len(batches)))
            X, y = self.train.take(batch, self._whose)
            drawn = draws.take(batch)
            outputs = self._outputs(apply(drawn, X))
            answers = mixed_answers(drawn, y, outputs.shape[-1])
            losses = losses_of(self.kind, outputs, answers, self.recipe).mean(1)
            self.optimiser.zero_grad()
            losses.sum().backward()  # no weight belongs to two members, so each gets the gradient of its own loss
            self.optimiser.step()
            total += losses.detach() * batch.shape[1]
            self.members[0].run.check_time(epoch)
        self.done = epoch
        self._note_losses((total / sum(batch.shape[1] for batch in batches)).tolist())

    def _draws(self, epoch: int) -> Draws:
        """What is done to the training examples of every member, each as it would be done if it were alone."""
        examples, shape = self.train.examples, self.train.shape
        own = [draws_of(self.recipe, member.seed, epoch, examples, shape) for member in self.members]
        return stacked(own).to(self.train.device)

    def _note_losses(self, means: Sequence[float]) -> None:
        for member, mean in zip(self.members, means, strict=True):
            with member.run as run:
                run.check_loss(mean, self.done)
                run.losses.append(mean)

    @torch.no_grad()
    def outputs(self) -> torch.Tensor:
        """Return what every member answers to its validation examples: (members, examples, outputs)."""
        self.network.eval()
        places = torch.arange(self.validation.examples).expand(len(self.members), -1)
        batches = places.split(self.recipe.batch_size, dim=1)  # as long as in training, for the same buffers
        return torch.cat([self._outputs(self.validation.take(batch, self._whose)[0]) for batch in batches], dim=1)

    def _outputs(self, X: torch.Tensor) -> torch.Tensor:
        """(members, examples, *features) to (members, examples, outputs), in float32."""
        last = X.to(self.precision).movedim(1, -1).contiguous()
        outputs: torch.Tensor = self.network(last)
        if outputs.requires_grad:
            # torch sums a tensor that lies otherwise in memory in an order that depends on how many members there are.
            outputs.register_hook(torch.Tensor.contiguous)
        return outputs.movedim(-1, 1).float()

    @property
    def _whose(self) -> list[int]:
        return [member.data for member in self.members]

    # ------------------------------------------------------------------ leaving and going on

    def keep(self, places: Sequence[int]) -> None:
        """Go on with these members alone."""
        index = torch.tensor(places, device=self.train.device)
        select(self.network, index)
        for state in self.optimiser.state.values():
            for name, value in state.items():
                if torch.is_tensor(value) and value.dim():
                    state[name] = value[index]
        self.members = [self.members[place] for place in places]

    def checkpoint(self, place: int) -> Checkpoint:
        """Return everything that a member needs to go on, together or alone."""
        member = self.members[place]
        own = member.network.state_dict()
        tensors = {
            name: _own(value, place, own[name].shape)
            for name, value in zip(own, self.network.state_dict().values(), strict=True)
        }
        shapes = [parameter.shape for parameter in member.network.parameters()]
        for position, state in self.optimiser.state_dict()["state"].items():
            for name, value in state.items():
                if value is not None:
                    shape = shapes[position] if value.dim() else torch.Size()
                    tensors[f"{OPTIMISER}/{position}/{name}"] = _own(value, place, shape)
        run = member.run
        return Checkpoint(self.done, tensors, tuple(run.curve), tuple(run.losses), run.metrics, run.seconds)

    def _remember(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Take up the optimiser's memory of every member."""
        kept = [checkpoint.optimiser() for checkpoint in checkpoints]
        state = {
            position: {
                name: padded([one[position][name] for one in kept]) if value.dim() else value.clone()
                for name, value in first.items()
            }
            for position, first in kept[0].items()
        }
        self.optimiser.load_state_dict({**self.optimiser.state_dict(), "state": state})
        self.done = checkpoints[0].epochs


def _own(stacked: torch.Tensor, place: int, shape: torch.Size) -> torch.Tensor:
    """A member's share of a stacked tensor, without what it was filled up with; what is shared goes to each."""
    if not stacked.dim():
        return stacked.detach().cpu().clone()
    return corner(stacked[place], shape).detach().cpu().clone()


class Sets:
    """Sets of examples of one size, of which every member of a group has one."""

    def __init__(self, sets: Sequence[Data]):
        self.examples = len(sets[0].X)
        self.shape = sets[0].X.shape[1:]
        self.device = sets[0].X.device
        self._X = sets[0].X if len(sets) == 1 else torch.cat([data.X for data in sets])
        self._y = sets[0].y if len(sets) == 1 else torch.cat([data.y for data in sets])

    def take(self, places: torch.Tensor, whose: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return examples and answers at these places, (members, examples), each of the member's own set."""
        first = torch.tensor(whose)[:, None] * self.examples
        flat = (places + first).flatten().to(self.device)
        X = self._X.index_select(0, flat).unflatten(0, places.shape)
        return X, self._y.index_select(0, flat).unflatten(0, places.shape)
