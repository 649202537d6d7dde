"""MetaNAS: learn across tasks the weights and the cell from which each task derives weights and a cell of its own.

Elsken, Staffler, Metzen, Hutter, "Meta-Learning of Neural Architectures for Few-Shot Learning", CVPR 2020, sections 3
(algorithm) and 4 (soft pruning). Lesson 15.
"""

from collections.abc import Sequence
from itertools import combinations, pairwise, repeat
from typing import Any

import numpy as np
import torch
from torch import nn

from nasedu.core import Architecture, BadValue
from nasedu.metalearning.examples import TensorBatch, on_device
from nasedu.metalearning.functional import Examples, Parameters
from nasedu.metalearning.inner_loop import detached
from nasedu.metalearning.learner import check_rates
from nasedu.metalearning.reptile import Reptile
from nasedu.metalearning.task_distribution import TaskBatch
from nasedu.oneshot.mixture import MixedCell, Mixture
from nasedu.trainers.single.norm_and_dropout import NORMS, replaced

CELL = ("alpha", "beta")
"""What the cell is learned in: a number for each operation of each edge, and for each two edges to a node of DARTS."""
TEMPERATURE = "temperature"
PRUNED = 1e-6
"""A temperature at which each share is 0 or 1."""


class SoftCells(nn.Module):
    """The mixture of a space, with shares that become 0 or 1 as the temperature falls.

    Args:
        space: a cell-201 or darts space.

    Attributes:
        alpha: (edges, operations); the shares of an edge are their softmax.
        beta: (pairs,); a node of DARTS reads two earlier nodes, and the pairs have shares, too. Empty for cell-201.
        temperature: divides both.

    Raises:
        BadValue: what is no space.
        Mismatch: a space without edges.
    """

    temperature: torch.Tensor
    allowed: torch.Tensor
    of_pairs: torch.Tensor

    def __init__(self, space: Any):
        super().__init__()
        if not hasattr(space, "build"):
            raise BadValue(f"MetaNAS learns cells of a space, such as cell-201; given a {type(space).__name__}")
        self.mixture = Mixture(space)
        self.edges = self.mixture.edges
        for norm in [module for module in self.modules() if isinstance(module, NORMS)]:
            norm.track_running_stats = False  # a mixture has none
        for cell in [module for module in self.modules() if isinstance(module, MixedCell)]:
            # Layers side by side are normalised in one call, for which each would need a scale of its own.
            norms = [module for module in cell.modules() if isinstance(module, NORMS)]
            replaced(cell, {m: nn.BatchNorm2d(m.num_features, affine=False, track_running_stats=False) for m in norms})
        nodes = [list(combinations(rows, 2)) for rows in self.edges.nodes()] if self.edges.chosen_pairs else []
        self.ends = np.cumsum([0, *(len(pairs) for pairs in nodes)])
        rows = [[float(row in pair) for row in range(len(self.edges.rows))] for pairs in nodes for pair in pairs]
        self.alpha = nn.Parameter(torch.zeros(len(self.edges.rows), len(self.edges.operations)))
        self.beta = nn.Parameter(torch.zeros(len(rows)), requires_grad=bool(rows))
        self.register_buffer(TEMPERATURE, torch.ones(()))
        self.register_buffer("allowed", torch.from_numpy(self.edges.derivable()), persistent=False)
        self.register_buffer("of_pairs", torch.tensor(rows), persistent=False)

    def shares(self, alpha: torch.Tensor, beta: torch.Tensor, temperature: torch.Tensor | float) -> torch.Tensor:
        """Return what each operation is multiplied by, (edges, operations)."""
        shares = (alpha / temperature).masked_fill(~self.allowed, -torch.inf).softmax(1)
        if not len(beta):
            return shares
        pairs = [(beta[start:end] / temperature).softmax(0) for start, end in pairwise(self.ends)]
        return shares * (torch.cat(pairs) @ self.of_pairs)[:, None]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.mixture(x, self.shares(self.alpha, self.beta, self.temperature.detach()))


class MetaNAS(Reptile):
    """Reptile in which the inner steps move the cell as well, while they anneal it.

    The first inner step mixes all operations. Over the steps of meta-training, the temperature falls to `coldest`; then
    one operation is left on each edge. So the weights are trained for nearly pruned cells, and the cell that a task
    derives is not trained again from the start. Further steps of `adapt` train its weights alone.

    Args:
        network: a cell-201 or darts space, or the `SoftCells` of one (for `keep_weights`).
        alpha_rate: the rate at which inner steps move the cell, at temperature 1; it falls with the temperature.
        share: the learning rate of the cell across tasks, as a share of `meta_rate`.
        coldest: the temperature of the last inner step of meta-training; it falls evenly, from 1.
        **settings: as of `Reptile`.

    Raises:
        BadValue: what is no space, or a number out of its range.
        Mismatch: a space without edges.
    """

    network: SoftCells

    def __init__(
        self,
        network: Any,
        *,
        alpha_rate: float = 1.0,
        share: float = 10.0,
        coldest: float = 0.05,
        **settings: Any,
    ):
        check_rates(alpha_rate=alpha_rate, share=share, coldest=coldest)
        if not 1e-3 <= coldest <= 0.99:
            raise BadValue(f"coldest is a temperature from 0.001 to 0.99; given {coldest!r}")
        super().__init__(network if isinstance(network, SoftCells) else SoftCells(network), **settings)
        self.alpha_rate, self.share, self.coldest = alpha_rate, share, coldest
        if not self.keep_weights:  # they were drawn, like the weights
            nn.init.zeros_(self.network.alpha)
            nn.init.zeros_(self.network.beta)

    # ------------------------------------------------------------------ learn

    def make_optimiser(self) -> torch.optim.Optimizer:
        """Return Adam, with another rate for the cell."""
        weights = [tensor for name, tensor in self.learned.items() if name not in CELL]
        cell = [tensor for name, tensor in self.learned.items() if name in CELL]
        groups = [{"params": weights, "share": 1.0}, {"params": cell, "share": self.share}]
        return torch.optim.Adam(groups, lr=self.meta_rate)

    def start(self, learned: Parameters) -> Parameters:
        """Return the parameters from which a task starts, at temperature 1."""
        return {**learned, TEMPERATURE: torch.ones_like(self.network.temperature)}

    def moved(self, learned: Parameters, parameters: Parameters, gradient: Parameters) -> Parameters:
        """Return weights, cell and temperature after one inner step."""
        cell_rate = parameters[TEMPERATURE] * self.alpha_rate  # the gradient of the cell grows as the temperature falls
        rates = {name: cell_rate if name in CELL else self.inner_rate for name in learned}
        after = {name: parameters[name] - rate * gradient[name] for name, rate in rates.items()}
        fall = (1 - self.coldest) / (self.inner_steps - 1 or 1e-3)
        colder = parameters[TEMPERATURE] - fall
        return {**after, TEMPERATURE: torch.where(colder > self.coldest - fall / 2, colder, PRUNED)}

    def meta_gradient(self, batch: TensorBatch, rng: np.random.Generator) -> tuple[torch.Tensor, Parameters]:
        """Return what `Reptile` does, with the way of the cell over its own rate."""
        loss, ways = super().meta_gradient(batch, rng)
        scale = self.inner_rate / self.alpha_rate
        return loss, {name: way * scale if name in CELL else way for name, way in ways.items()}

    # ------------------------------------------------------------------ read the cells

    def shares(self, parameters: Parameters, temperature: float | None = None) -> np.ndarray:
        """Return the shares of the operations, (edges, operations).

        Args:
            parameters: of an `InnerStep`, or `learned`: what a task starts from.
            temperature: another one than that of the parameters.
        """
        beta = parameters.get("beta", self.network.beta)
        cold = parameters.get(TEMPERATURE, 1.0) if temperature is None else temperature
        with torch.no_grad():
            return self.network.shares(parameters["alpha"], beta, cold).cpu().numpy()

    def cell(self, parameters: Parameters) -> Architecture:
        """Return the cell that is left of these parameters when they are pruned."""
        return self.network.edges.derive(self.shares(parameters, PRUNED))

    def cells(self, batch: TaskBatch, steps: int | None = None) -> list[Architecture]:
        """Return the cell that each task derives from its support set."""
        support, _ = on_device(batch, self.device)
        learned, steps = detached(self.learned), self.inner_steps if steps is None else steps
        ends = self.function.over_tasks(lambda X, y: self.adapted(learned, repeat(Examples(X, y), steps)))(*support)
        return [self.cell({name: ends[name][task] for name in ends if name in CELL}) for task in range(len(support.y))]


def disagreement(cells: Sequence[Architecture]) -> float:
    """Return the share of choices in which two of these cells differ, on average over all pairs; 0 if all are equal."""
    pairs = list(combinations(cells, 2))
    return float(np.mean([[a != b for a, b in zip(*pair, strict=True)] for pair in pairs])) if pairs else 0.0
