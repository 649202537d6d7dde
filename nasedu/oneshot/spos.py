"""The training of a supernet: in each step one path, or one path for each choice, reads and moves the shared weights.

- "uniform": SPOS. Guo et al., "Single Path One-Shot Neural Architecture Search with Uniform Sampling", ECCV 2020,
  section 3.2.
- "fair": strict fairness. Chu, Zhang, Xu, "FairNAS: Rethinking Evaluation Fairness of Weight Sharing Neural
  Architecture Search", ICCV 2021, section 3.2 and algorithm 1.

Used in lesson 10.

    supernet = Supernet(space, seed=0)
    for step in SupernetTraining(supernet, task, steps=1000):
        print(step.number, step.paths, step.loss)
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import torch

from nasedu.core import Architecture, BadValue, check_counts, derive_seed, describe, rng_from, unknown
from nasedu.oneshot.search_state import SearchState, check_about, optimiser_tensors, restore_optimiser
from nasedu.oneshot.supernet import SUPERNET_RECIPE as SUPERNET_RECIPE  # lesson 10 and others look for it here
from nasedu.oneshot.supernet import Supernet
from nasedu.spaces.counting import TooManyStates
from nasedu.trainers.failures import TrainingStopped
from nasedu.trainers.recipe import check_recipe
from nasedu.trainers.single.augment import Draws, apply, draws_of, mixed_answers
from nasedu.trainers.single.devices import products_in
from nasedu.trainers.single.losses import losses_of
from nasedu.trainers.single.optimiser import make_optimiser, rate_at, set_rate
from nasedu.trainers.single.training import Data, batches

Paths = Callable[[np.random.Generator], tuple[Architecture, ...]]
"""Draws the paths of one step."""


class UniformPaths:
    """Draws one path, each architecture with the same probability.

    Attributes:
        over: "networks" where the space can be counted; else "walks", and each open choice has the same probability.
            Short networks are then drawn more often.
    """

    def __init__(self, space: Any):
        self.space = space
        try:
            self.size, self.over = space.size(), "networks"
        except TooManyStates:
            self.size, self.over = 0, "walks"

    def __call__(self, rng: np.random.Generator) -> tuple[Architecture, ...]:
        """Return one path."""
        if self.over == "walks":
            return (self.space.sample(rng),)
        return (self.space.sample_uniform(rng),)


class FairPaths:
    """Draws as many paths as there are choices: together they take each choice of each decision equally often.

    With decisions of 6 and of 2 choices there are 6 paths, and each of the 2 choices is taken three times.

    Raises:
        BadValue: a space in which a choice changes what may follow.
    """

    over = "permutations of choices"

    def __init__(self, space: Any):
        self.decisions: list[list[str]] = []
        state = space.start()
        while moves := space.moves(state):
            if len(set(moves.values())) > 1:
                raise BadValue(
                    f"strict fairness needs decisions that do not depend on earlier ones, and in space "
                    f"{space.title!r} they do: use paths='uniform'"
                )
            self.decisions.append(list(moves))
            state = next(iter(moves.values()))
        self.paths = math.lcm(*map(len, self.decisions))

    def __call__(self, rng: np.random.Generator) -> tuple[Architecture, ...]:
        """Return the paths of one step."""
        columns = []
        for choices in self.decisions:
            repeated = choices * (self.paths // len(choices))
            columns.append([repeated[place] for place in rng.permutation(self.paths)])
        return tuple(zip(*columns, strict=True))


PATHS: dict[str, Callable[[Any], Any]] = {"uniform": UniformPaths, "fair": FairPaths}


class PathStep(NamedTuple):
    """One step of the optimiser.

    Attributes:
        number: from 1.
        paths: the architectures whose gradients were added; one for uniform paths.
        loss: their mean training loss on this batch.
        rate: the learning rate.
    """

    number: int
    paths: tuple[Architecture, ...]
    loss: float
    rate: float


class SupernetTraining:
    """Trains the weights of a supernet, a step at a time. Iterate over it; stop whenever you like, and go on later.

    Weights that no path of a step reads stay as they are. The supernet's recipe says how it is trained. Each step draws
    from the seed and its own number, so a training that was saved goes on as if it had never stopped.

    Args:
        supernet: its weights are changed.
        task: classification or regression; the training split is used.
        steps: of the optimiser, in all.
        seed: of the paths, the order of the examples and their augmentation.
        paths: "uniform", "fair", or a function of a numpy generator that returns the paths of a step.
        precision: of the products, "float32" or "bfloat16".

    Raises:
        BadValue: unknown paths, or a recipe that asks what the task's examples do not have.
        TrainingStopped: while it runs, if the loss is no number any more.
    """

    def __init__(
        self,
        supernet: Supernet,
        task: Any,
        *,
        steps: int,
        seed: int = 0,
        paths: str | Paths = "uniform",
        precision: str = "float32",
    ):
        check_counts(steps=steps)
        check_recipe(supernet.recipe, task)
        if isinstance(paths, str) and paths not in PATHS:
            raise BadValue(unknown("paths", paths, list(PATHS)))
        if task.kind not in ("classification", "regression") or not hasattr(task, "train"):
            raise BadValue(f"a supernet is trained on classes or numbers; task {task.name!r} is {task.kind}")
        self.supernet = supernet
        self.recipe = supernet.recipe
        self.task = task
        self.steps = steps
        self.seed = seed
        self.paths: Paths = PATHS[paths](supernet.space) if isinstance(paths, str) else paths
        self.precision = precision
        self.done = 0
        self.data = Data.of(task.train, supernet.device)
        self._optimiser: torch.optim.Optimizer | None = None
        self._epoch: tuple[int, list[torch.Tensor], Draws] | None = None

    def __iter__(self) -> Iterator[PathStep]:
        while self.done < self.steps:
            yield self.step(self.paths(rng_from(self.seed, "paths", self.done)))

    def step(self, paths: tuple[Architecture, ...]) -> PathStep:
        """Make one step of the optimiser on the next batch, along the mean gradient of these paths."""
        X, y, drawn = self._next_batch()
        self.supernet.generator.manual_seed(derive_seed(self.seed, "noise", self.done))
        optimiser, rate = self._optimiser_for(paths), rate_at(self.recipe, self.done, self.steps)
        set_rate(optimiser, rate)
        optimiser.zero_grad()
        total = torch.zeros((), device=X.device)
        for path in paths:
            with products_in(self.precision, X.device):
                outputs = self.supernet(path, X, training=True).float()
            answers = mixed_answers(drawn, y, outputs.shape[-1])
            loss = losses_of(self.task.kind, outputs, answers, self.recipe).mean() / len(paths)
            loss.backward()
            total += loss.detach()
        if not math.isfinite(total):
            raise TrainingStopped("diverged", f"the loss of the supernet was {total:g} in step {self.done + 1}")
        optimiser.step()
        self.done += 1
        return PathStep(self.done, paths, float(total), rate)

    def _next_batch(self) -> tuple[torch.Tensor, torch.Tensor, Draws]:
        """Return the inputs of the next batch, moved or mixed as the recipe says; the answers; and what was drawn."""
        examples, *shape = self.data.X.shape
        if self._epoch is None:
            self._per_epoch = len(batches(examples, self.recipe.batch_size, self.seed, 1))
        epoch, position = self.done // self._per_epoch + 1, self.done % self._per_epoch
        if self._epoch is None or self._epoch[0] != epoch:
            draws = draws_of(self.recipe, self.seed, epoch, examples, shape).to(self.supernet.device)
            self._epoch = epoch, batches(examples, self.recipe.batch_size, self.seed, epoch), draws
        _, order, draws = self._epoch
        batch = order[position].to(self.supernet.device)
        drawn = draws.take(batch)
        return apply(drawn, self.data.X[batch]), self.data.y[batch], drawn

    def _optimiser_for(self, paths: tuple[Architecture, ...]) -> torch.optim.Optimizer:
        """Return the optimiser; it takes up the tensors that no path needed before."""
        self.supernet.grow(paths)
        weights = list(self.supernet.weights.values())  # in the order in which they were made
        if self._optimiser is None:
            self._optimiser = make_optimiser(self.recipe, weights)
        known = self._optimiser.param_groups[0]["params"]
        known += weights[len(known) :]
        if self.recipe.optimiser == "sgd":  # torch's fused step fails where some weights have a momentum and some none
            for weight in weights:
                self._optimiser.state[weight].setdefault("momentum_buffer", torch.zeros_like(weight))
        return self._optimiser

    # ------------------------------------------------------------------ where it was left

    def about(self) -> dict[str, Any]:
        """Return what the training is of; a state of something else is refused."""
        space, net = self.supernet.space, self.supernet
        made = {"space": describe(space), "task": self.task.name, "recipe": describe(self.recipe)}
        given = {"steps": self.steps, "seed": self.seed, "weights seed": net.seed, "precision": self.precision}
        return {"method": "supernet", **made, **given, "paths": type(self.paths).__name__}

    def state(self) -> SearchState:
        """Return all that the training needs to go on as if it had never stopped; `save_state` writes it as a file."""
        memory = optimiser_tensors("optimiser", self._optimiser) if self._optimiser else {}
        kinds = {"weights": self.supernet.weights, "statistics": self.supernet.statistics}
        tensors = {f"{kind}/{key}": t.detach().clone() for kind, own in kinds.items() for key, t in own.items()}
        tensors |= {name: tensor.clone() for name, tensor in memory.items()}
        order = list(self.supernet.weights)  # the optimiser numbers its memory in this order
        return SearchState(tensors, self.about(), {"done": self.done, "order": order})

    def restore(self, state: SearchState) -> None:
        """Take up a state, also of another process. Raise Mismatch if it is of another training."""
        check_about(state.about, self.about())
        net, device = self.supernet, self.supernet.device
        net.weights.clear()
        net.statistics.clear()
        for key in state.plain["order"]:
            net.weights[key] = state.tensors[f"weights/{key}"].to(device, copy=True).requires_grad_()
        for name, tensor in state.tensors.items():
            if name.startswith("statistics/"):
                net.statistics[name.removeprefix("statistics/")] = tensor.to(device, copy=True)
        self._optimiser = make_optimiser(self.recipe, net.weights.values()) if net.weights else None
        if self._optimiser:
            restore_optimiser("optimiser", self._optimiser, state.tensors)
        self.done = state.plain["done"]
