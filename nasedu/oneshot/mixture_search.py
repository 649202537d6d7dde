"""What every differentiable search has: a mixture, alpha, two halves of the training examples, a state."""

from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
import torch

from nasedu.core import Architecture, BadValue, derive_seed, describe, rng_from
from nasedu.oneshot.gdas import Shares, relaxation, zero_one_loss
from nasedu.oneshot.mixture import Mixture
from nasedu.oneshot.search_settings import Settings, settings_from
from nasedu.oneshot.search_state import SearchState, check_about, optimiser_tensors, restore_optimiser
from nasedu.spaces.base import check_shapes
from nasedu.trainers.recipe import Recipe
from nasedu.trainers.single.devices import pick_device
from nasedu.trainers.single.losses import losses_of


class Batch(NamedTuple):
    """Examples with their answers, and the seed of all that is drawn while they are computed; None to draw nothing."""

    X: torch.Tensor
    y: torch.Tensor
    seed: int | None


Weights = tuple[torch.Tensor, ...]


class MixtureSearch:
    """A mixture on a task, with alpha and the optimisers of both.

    The *training* split is divided into two halves: one trains the weights, the other trains alpha. The validation
    split is for what judges the derived network, and the test split is not touched.

    All randomness follows from the seed and the number of the step: a state keeps no generator.

    Args:
        space: a cell-201 or darts space.
        task: with examples, of classification or regression.
        kept: (edges, operations), which operations an edge has; None for all.
        seed: of weights, halves, batches and noise.
        **settings: see `Settings`.

    Raises:
        Mismatch: a space without edges, or of other shapes than the task.
        BadValue: a task without examples, or an impossible setting.
    """

    def __init__(self, space: Any, task: Any, *, kept: np.ndarray | None = None, seed: int = 0, **settings: Any):
        self.settings: Settings = settings_from(settings)
        if getattr(task, "kind", "") not in ("classification", "regression") or not hasattr(task, "train"):
            raise BadValue(
                f"a differentiable search trains on examples, and {getattr(task, 'name', task)!r} has none: give a "
                "task of classification or regression, such as 'digits'; a table has only scores"
            )
        if len(task.train.y) < 4:
            raise BadValue(f"the two halves need 2 examples each; {task.name!r} has {len(task.train.y)} for training")
        self.space, self.task, self.seed = space, task, seed
        self.device = pick_device(self.settings.device)
        self.mixture = Mixture(space, kept, seed=derive_seed(seed, "mixture")).to(self.device)
        check_shapes(space, task)
        self.edges = self.mixture.edges
        self.kept = torch.from_numpy(self.mixture.kept).to(self.device)
        self.names = [name for name, weight in self.mixture.named_parameters() if weight.requires_grad]
        self.relax = relaxation(self.settings.relaxation)
        noise = torch.randn(self.kept.shape, generator=torch.Generator().manual_seed(derive_seed(seed, "alpha")))
        self.alpha = (0.0 if self.settings.frozen else 1e-3) * noise.to(self.device)
        self.alpha.requires_grad_()
        order = rng_from(seed, "halves").permutation(len(task.train.y))
        half = len(order) // 2
        self.halves = {"weights": self._on_device(order[:half]), "alpha": self._on_device(order[half:])}
        s = self.settings
        self.weight_optimiser = torch.optim.SGD(
            self.weights(), lr=s.weight_rate, momentum=s.weight_momentum, weight_decay=s.weight_decay
        )
        self.alpha_optimiser = torch.optim.Adam(
            [self.alpha], lr=s.alpha_rate, betas=(0.5, 0.999), weight_decay=s.alpha_decay
        )
        self.done = 0
        self.eigenvalues: list[float] = []
        self.derived_at: list[list[str]] = []  # what was derived at each of them

    def _on_device(self, places: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        X, y = (torch.from_numpy(np.ascontiguousarray(part[places])).to(self.device) for part in self.task.train)
        return X, y

    def weights(self) -> Weights:
        """Return the trained weights of the mixture, in the order of `names`."""
        return tuple(weight for weight in self.mixture.parameters() if weight.requires_grad)

    # ------------------------------------------------------------------ losses

    def batch(self, half: str, examples: int | None = None) -> Batch:
        """Return the batch of this step from a half, "weights" or "alpha"; it depends on seed and step alone."""
        X, y = self.halves[half]
        rng = rng_from(self.seed, half, self.done)
        places = torch.from_numpy(rng.permutation(len(y))[: examples or self.settings.batch]).to(self.device)
        return Batch(X[places], y[places], derive_seed(self.seed, half, "noise", self.done))

    def loss(self, weights: Weights, alpha: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Return the mean loss of a batch: a pure function, in which the same batch meets the same noise."""
        generator = None if batch.seed is None else torch.Generator().manual_seed(batch.seed)
        return self.loss_by_shares(weights, self.relax(alpha, self.kept, self.temperature(), generator), batch)

    def loss_by_shares(self, weights: Weights, shares: Shares, batch: Batch) -> torch.Tensor:
        """Return the mean loss of a batch for shares that are known already."""
        outputs = self.outputs(weights, shares, batch)
        return losses_of(self.task.kind, outputs, batch.y, Recipe()).mean()

    def outputs(self, weights: Weights, shares: Shares, batch: Batch) -> torch.Tensor:
        """Return what the mixture answers to a batch."""
        named = dict(zip(self.names, weights, strict=True))
        return torch.func.functional_call(self.mixture, named, (batch.X, *shares, self._dropout(batch.seed)))

    def alpha_loss(self, weights: Weights, alpha: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Return the loss that alpha is to make small: that of a batch, and Fair DARTS's extra one for "sigmoid"."""
        loss = self.loss(weights, alpha, batch)
        if self.settings.relaxation == "sigmoid":
            loss = loss + self.settings.zero_one * zero_one_loss(alpha.sigmoid()[self.kept])
        return loss

    # ------------------------------------------------------------------ schedules

    def temperature(self) -> float:
        """Return the temperature of this step: it falls evenly from the hottest to the coldest."""
        s = self.settings
        return s.hottest + (s.coldest - s.hottest) * self.done / max(s.steps - 1, 1)

    def weight_rate(self) -> float:
        """Return the learning rate of this step: half a cosine, from `weight_rate` towards 0."""
        return self.settings.weight_rate * (1 + float(np.cos(np.pi * self.done / self.settings.steps))) / 2

    def skip_dropout(self) -> float:
        """Return which share of a skip is dropped in this step.

        P-DARTS's code: it falls evenly while the weights are alone, then begins again and falls as exp(-0.2 epoch); a
        stage there has 15 epochs with alpha, so it ends at exp(-3).
        """
        s = self.settings
        if self.done < s.warm:
            return s.skip_dropout * (1 - self.done / s.steps)
        return s.skip_dropout * float(np.exp(-3 * (self.done - s.warm) / max(s.steps - s.warm, 1)))

    def _dropout(self, seed: int | None) -> Any:
        p = self.skip_dropout()
        if not p or seed is None:
            return None
        generator = torch.Generator().manual_seed(derive_seed(seed, "dropout"))

        def drop(x: torch.Tensor) -> torch.Tensor:
            keep = torch.empty(x.shape, dtype=x.dtype).bernoulli_(1 - p, generator=generator)
            return x * keep.to(x.device) / (1 - p)

        return drop

    # ------------------------------------------------------------------ what it has found

    def shares(self) -> np.ndarray:
        """Return the share of each operation on each edge, without noise: (edges, operations)."""
        with torch.no_grad():
            return self.relax(self.alpha, self.kept, 1.0, None).values.cpu().numpy()

    def derived(self) -> Architecture:
        """Return the architecture of the largest shares."""
        return self.edges.derive(self.shares(), self.mixture.kept)

    # ------------------------------------------------------------------ stop and resume

    def about(self) -> dict[str, Any]:
        """Return what the search is of, as plain data."""
        return {
            "method": type(self).__name__,
            "space": describe(self.space),
            "task": [self.task.name, self.task.fingerprint()["digest"]],
            "seed": self.seed,
            "settings": {k: v for k, v in asdict(self.settings).items() if k != "device"},
            "kept": self.mixture.kept.astype(int).tolist(),
        }

    def state(self) -> SearchState:
        """Return where the search is now."""
        tensors = {f"weights/{name}": w for name, w in zip(self.names, self.weights(), strict=True)}
        tensors |= {"alpha": self.alpha}
        tensors |= optimiser_tensors("weight optimiser", self.weight_optimiser)
        tensors |= optimiser_tensors("alpha optimiser", self.alpha_optimiser)
        plain = {"done": self.done, "eigenvalues": self.eigenvalues, "derived_at": self.derived_at}
        return SearchState({k: v.detach().cpu().clone() for k, v in tensors.items()}, self.about(), plain)

    def restore(self, state: SearchState) -> None:
        """Go back to where a search was. Raise Mismatch if that was another search."""
        check_about(state.about, self.about())
        with torch.no_grad():
            for name, weight in zip(self.names, self.weights(), strict=True):
                weight.copy_(state.tensors[f"weights/{name}"])
            self.alpha.copy_(state.tensors["alpha"])
        restore_optimiser("weight optimiser", self.weight_optimiser, state.tensors)
        restore_optimiser("alpha optimiser", self.alpha_optimiser, state.tensors)
        self.done = state.plain["done"]
        self.eigenvalues = list(state.plain["eigenvalues"])
        self.derived_at = [list(one) for one in state.plain["derived_at"]]
