"""A learned optimiser: the update of each weight is the output of a small recurrent network, which is learned.

Andrychowicz, Denil, Gomez Colmenarejo, Hoffman, Pfau, Schaul, Shillingford, de Freitas, "Learning to learn by gradient
descent by gradient descent", NIPS 2016.
"""

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from nasedu.core import BadValue, check_counts, derive_seed, rng_from
from nasedu.metalearning.examples import TensorBatch
from nasedu.metalearning.functional import Examples, Functional, Parameters
from nasedu.metalearning.learner import Learner, MetaStep, check_rates
from nasedu.metalearning.task_distribution import TaskBatch, TaskDistribution
from nasedu.trainers.single.network import draw_weights

Memory = tuple[torch.Tensor, torch.Tensor]
"""What the rule remembers of each weight: two tensors (layers, weights, units)."""


def preprocess(gradient: torch.Tensor, p: float = 10.0) -> torch.Tensor:
    """Return the size and the sign of each gradient as two inputs of a network, (..., 2).

    They are (log|g| / p, sign of g) if |g| is at least e^-p, else (-1, e^p g): appendix A. So gradients of all sizes
    give inputs of about 1.
    """
    size = gradient.abs()
    large = size >= np.exp(-p)
    first = torch.where(large, size.clamp(min=np.exp(-p)).log() / p, -torch.ones_like(size))
    return torch.stack([first, torch.where(large, gradient.sign(), np.exp(p) * gradient)], dim=-1)


class UpdateRule(nn.Module):
    """The learned rule: an LSTM of two layers, the same for each weight (section 2.1).

    Args:
        hidden: units of each layer.
        scale: what the output is multiplied by, so that first updates are small.
    """

    def __init__(self, hidden: int = 20, scale: float = 0.1):
        super().__init__()
        self.lstm = nn.LSTM(2, hidden, num_layers=2)
        self.output = nn.Linear(hidden, 1)
        self.scale = scale

    def start(self, weights: int) -> Memory:
        """Return the memory before the first step, for some number of weights: zeros."""
        shape = self.lstm.num_layers, weights, self.lstm.hidden_size
        return self.output.weight.new_zeros(shape), self.output.weight.new_zeros(shape)

    def forward(self, gradient: torch.Tensor, memory: Memory) -> tuple[torch.Tensor, Memory]:
        """Return the update of each weight and the next memory, for gradients (weights,)."""
        answer, memory = self.lstm(preprocess(gradient)[None], memory)
        return self.scale * self.output(answer[0])[:, 0], memory


class RuleOptimiser(torch.optim.Optimizer):
    """A rule in the place of any optimiser of torch: `loss.backward()`, then `step()`.

    Args:
        parameters: tensors to change.
        rule: what changes them.
    """

    def __init__(self, parameters: Iterable[torch.Tensor], rule: UpdateRule):
        super().__init__(parameters, {})
        self.rule = rule

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Change each parameter that has a gradient."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for parameter in (p for group in self.param_groups for p in group["params"] if p.grad is not None):
            memory = self.state[parameter].get("memory") or self.rule.start(parameter.numel())
            update, self.state[parameter]["memory"] = self.rule(parameter.grad.flatten(), memory)
            parameter += update.view_as(parameter)
        return loss


class OptimiserStep(NamedTuple):
    """Where an optimiser is.

    Attributes:
        number: steps so far; the first one yielded is 0, the start.
        x: the point, a copy.
        loss: there.
    """

    number: int
    x: torch.Tensor
    loss: torch.Tensor


def descend(
    function: Callable[[torch.Tensor], torch.Tensor],
    start: torch.Tensor,
    optimiser: Callable[[list[torch.Tensor]], torch.optim.Optimizer],
    steps: int,
) -> Iterator[OptimiserStep]:
    """Yield the start, and where an optimiser is after each step on a function.

    Args:
        function: of a point. It may give one loss for each of several problems, whose points are rows.
        start: the first point.
        optimiser: makes an optimiser of a list of tensors, such as `learner.optimiser_for` or
            `lambda x: torch.optim.Adam(x, lr=0.1)`.
        steps: how many.
    """
    check_counts(steps=steps)
    x = start.detach().clone().requires_grad_()
    made = optimiser([x])
    for number in range(steps + 1):
        loss = function(x)
        yield OptimiserStep(number, x.detach().clone(), loss.detach())
        (x.grad,) = torch.autograd.grad(loss.sum(), x)
        made.step()


class LearnedOptimizer(Learner):
    """Learn a rule that trains a network: weights go where the rule says, and the rule where losses get smaller.

        learner = LearnedOptimizer(Point(10), seed=0)
        for step in learner.meta_train(Quadratics(10), steps=1000):
            print(step.number, step.loss)
        optimiser = learner.optimiser_for(network.parameters())

    A training has `horizon` steps, and begins from other weights each time. It is cut into pieces of `unroll` steps.
    Each piece is one step of meta-training: no gradient flows from one piece to the one before (section 2).

    Args:
        network: what is trained on the support set of each task.
        hidden: units of each layer of the rule.
        scale: of the first updates; see `UpdateRule`.
        horizon: steps of a training.
        unroll: steps that a gradient flows through; it divides the horizon.
        second_order: let a gradient also flow through the gradients that the rule is given (off in the paper and in its
            authors' code).
        **settings: as of `Learner`.

    Raises:
        BadValue: a number out of its range.
    """

    def __init__(
        self,
        network: nn.Module,
        *,
        hidden: int = 20,
        scale: float = 0.1,
        horizon: int = 100,
        unroll: int = 20,
        second_order: bool = False,
        **settings: Any,
    ):
        super().__init__(network, **settings)
        check_counts(hidden=hidden, horizon=horizon, unroll=unroll)
        check_rates(scale=scale)
        if horizon % unroll:
            raise BadValue(f"unroll divides the horizon of {horizon} steps; given {unroll}")
        self.hidden, self.scale, self.horizon, self.unroll = hidden, scale, horizon, unroll
        self.second_order = second_order
        self.rule = UpdateRule(hidden, scale)
        draw_weights(self.rule, derive_seed(self.seed, "rule"))
        self.rule.to(self.device)
        self.names = {name: weight.shape for name, weight in self.learned.items()}
        self.learned = dict(self.rule.named_parameters())
        self.function = Functional(self.network)
        self.x = torch.zeros(self.batch, sum(shape.numel() for shape in self.names.values()), device=self.device)
        self.memory = self.rule.start(self.x.numel())

    # ------------------------------------------------------------------ learn

    @property
    def piece(self) -> int:
        """Return which piece of a training comes next, from 0."""
        return self.done % (self.horizon // self.unroll)

    def draw(self, tasks: TaskDistribution, rng: np.random.Generator) -> TaskBatch:
        """Return the tasks of this training: the same in each of its pieces."""
        return tasks.draw(self.batch, rng_from(self.seed, "training", self.done - self.piece))

    def _step(self, tasks: TaskDistribution, share: float) -> MetaStep:
        before = self.x, self.memory
        try:
            return super()._step(tasks, share)
        except BadValue:
            self.x, self.memory = before
            raise

    def meta_gradient(self, batch: TensorBatch, rng: np.random.Generator) -> tuple[torch.Tensor, Parameters]:
        """Return the mean loss after each step of a piece, and its gradient in the rule (equation 3, all w_t = 1)."""
        if self.piece == 0:
            self.x, self.memory = self.starts(), self.rule.start(self.x.numel())
        losses = self.losses(batch)
        x, memory = self.x.clone().requires_grad_(), self.memory
        loss, total = losses(x), torch.zeros((), device=self.device)
        for _ in range(self.unroll):
            (gradient,) = torch.autograd.grad(loss.sum(), x, retain_graph=True, create_graph=self.second_order)
            update, memory = self.rule(gradient.flatten(), memory)
            x = x + update.view_as(x)
            loss = losses(x)
            total = total + loss.mean() / self.unroll
        found = torch.autograd.grad(total, list(self.learned.values()))
        self.x, self.memory = x.detach(), (memory[0].detach(), memory[1].detach())
        return total.detach(), dict(zip(self.learned, found, strict=True))

    def starts(self) -> torch.Tensor:
        """Return new weights for each task of this training, (batch, weights)."""
        rows, network = [], copy.deepcopy(self.network)
        for task in range(self.batch):
            if not self.keep_weights:
                draw_weights(network, derive_seed(self.seed, "start", self.done, task))
            weights = dict(network.named_parameters())
            rows.append(torch.cat([weights[name].detach().flatten() for name in self.names]))
        return torch.stack(rows)

    def losses(self, batch: TensorBatch) -> Callable[[torch.Tensor], torch.Tensor]:
        """Return the function from weights (batch, weights) to the loss of each task, (batch,)."""

        def loss(x: torch.Tensor, X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return self.function.loss(self.unflat(x), Examples(X, y))

        over_tasks = self.function.over_tasks(loss)
        return lambda x: over_tasks(x, *batch.support)

    def unflat(self, x: torch.Tensor) -> Parameters:
        """Return a list of weights as the parameters of the network."""
        parts = x.split([shape.numel() for shape in self.names.values()])
        return {name: part.view(shape) for (name, shape), part in zip(self.names.items(), parts, strict=True)}

    def tensors(self) -> Parameters:
        """Return all tensors of the state but those of the meta-optimiser: also where this training is."""
        here = {"training/x": self.x, "training/h": self.memory[0], "training/c": self.memory[1]}
        rule = {f"learned/{name}": tensor for name, tensor in self.learned.items()}
        return {**rule, **{f"kept/{name}": tensor for name, tensor in self.network.state_dict().items()}, **here}

    # ------------------------------------------------------------------ use what is learned

    def optimiser_for(self, parameters: Iterable[torch.Tensor]) -> RuleOptimiser:
        """Return an optimiser of any parameters, as those of `torch.optim` are."""
        return RuleOptimiser(parameters, self.rule)

    def predict(self, support: Examples) -> Callable[[torch.Tensor], torch.Tensor]:
        """Return the network after a training of `horizon` steps on the support set."""
        parameters = dict(self.network.named_parameters())
        start = torch.cat([parameters[name].detach().flatten() for name in self.names])
        with torch.enable_grad():
            for step in descend(
                lambda x: self.function.loss(self.unflat(x), support), start, self.optimiser_for, self.horizon
            ):
                end = step.x
        return lambda asked: self.function(self.unflat(end), asked)
