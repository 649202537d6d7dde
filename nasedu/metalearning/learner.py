"""The contract of a meta-learner: it learns from many tasks, and then adapts to a new one.

learner = MAML(network, seed=0)
for step in learner.meta_train(tasks, steps=2000):
    print(step.number, step.loss)
predictor = learner.adapt(support)
predictor(X)
"""

import copy
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import cos, pi
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from torch import nn

from nasedu.core import BadValue, Mismatch, check_counts, derive_seed, rng_from
from nasedu.metalearning.examples import TensorBatch, check_answers, check_support, on_device, tensor_of
from nasedu.metalearning.functional import Examples, Parameters
from nasedu.metalearning.task_distribution import TaskBatch, TaskDistribution
from nasedu.oneshot.search_state import SearchState, load_state, optimiser_tensors, restore_optimiser, save_state
from nasedu.trainers.single.devices import pick_device
from nasedu.trainers.single.network import draw_weights


class MetaStep(NamedTuple):
    """One step of meta-training, after it.

    Attributes:
        number: from 1.
        loss: of what the step made smaller, before the step; for most learners the mean loss of the queries.
        gradient: of the learned tensors, by name; its length is limited to `clip`.
    """

    number: int
    loss: float
    gradient: Parameters


@dataclass(frozen=True)
class Predictor:
    """What a learner makes of a support set.

    Attributes:
        answer: from inputs to outputs, tensors on the device of the learner.
        input_shape: of one example of the support.
        device: of the learner.
    """

    answer: Callable[[torch.Tensor], torch.Tensor]
    input_shape: tuple[int, ...]
    device: torch.device

    def __call__(self, X: Any) -> np.ndarray:
        """Return the outputs, float32 (examples, outputs): a number for each class, or the predicted numbers."""
        X = tensor_of(X, self.device)
        if tuple(X.shape[1:]) != self.input_shape:
            raise Mismatch(
                f"the support has examples of shape {self.input_shape}, and these inputs are {tuple(X.shape)}; "
                f"expected {('examples', *self.input_shape)}"
            )
        with torch.no_grad():
            return self.answer(X).cpu().numpy()

    def classes(self, X: Any) -> np.ndarray:
        """Return the most probable class of each example, int64 (examples,)."""
        return self(X).argmax(1)


class Learner(ABC):
    """What every meta-learner has: a network, what it learns, an optimiser, a seed, a state.

    All randomness follows from the seed and the number of the step, so a state keeps no generator.

    Args:
        network: a `torch.nn.Module`, of any space as well; it is copied.
        seed: of its weights and of the tasks.
        meta_rate: the learning rate of what is learned across tasks (Adam).
        batch: tasks in one step.
        clip: the longest gradient of a step.
        keep_weights: start from the weights that the network has, instead of drawing them from the seed.
        device: where torch computes; "auto" takes a GPU if there is one.

    Attributes:
        learned: the tensors that are learned, by name.
        done: steps of meta-training so far.

    Raises:
        BadValue: a number out of its range, or a network without weights.
    """

    kinds: ClassVar[tuple[str, ...]] = ("classification", "regression")
    needs_weights: ClassVar[bool] = True

    def __init_subclass__(cls, **more: Any):
        """Give the class a signature that lists what `**settings` stands for, too: `load` checks names against it."""
        super().__init_subclass__(**more)
        cls.__signature__ = whole_signature(cls)  # type: ignore[attr-defined]

    def __init__(
        self,
        network: nn.Module,
        *,
        seed: int = 0,
        meta_rate: float = 1e-3,
        batch: int = 16,
        clip: float = 10.0,
        keep_weights: bool = False,
        device: str = "cpu",
    ):
        check_counts(batch=batch)
        check_rates(meta_rate=meta_rate, clip=clip)
        self.seed, self.meta_rate, self.batch, self.clip = seed, meta_rate, batch, clip
        self.keep_weights, self.device = keep_weights, pick_device(device)
        self.network = copy.deepcopy(network)
        if self.needs_weights and not any(weight.requires_grad for weight in self.network.parameters()):
            raise BadValue(f"a {type(network).__name__} has no weights that can be learned; give another network")
        if not keep_weights:
            draw_weights(self.network, derive_seed(seed, "network"))
        self.network.to(self.device)
        weights = self.network.named_parameters()
        self.learned: Parameters = {name: weight for name, weight in weights if weight.requires_grad}
        self.done = 0
        self._tasks: dict[str, Any] | None = None
        self._optimiser: torch.optim.Optimizer | None = None

    # ------------------------------------------------------------------ what an algorithm says

    @abstractmethod
    def meta_gradient(self, batch: TensorBatch, rng: np.random.Generator) -> tuple[torch.Tensor, Parameters]:
        """Return the loss of some tasks, and its gradient in the tensors that are learned.

        Args:
            batch: the tasks.
            rng: of this step.
        """

    @abstractmethod
    def predict(self, support: Examples) -> Callable[[torch.Tensor], torch.Tensor]:
        """Return a function from inputs to outputs, made of one support set that is checked already."""

    def make_optimiser(self) -> torch.optim.Optimizer:
        """Return the optimiser of the learned tensors.

        Not `fused=True`: torch 2.13 then moves weights wrongly whose gradients lie in another order in memory.
        """
        return torch.optim.Adam(list(self.learned.values()), lr=self.meta_rate)

    # ------------------------------------------------------------------ learn

    def meta_train(self, tasks: TaskDistribution, steps: int | None = None) -> Iterator[MetaStep]:
        """Yield each step of meta-training that is still to do.

        Args:
            tasks: what to learn from.
            steps: how many in all, those that are done included. The rate then falls to 0 by half a cosine. None goes
                on at the same rate for as long as it is asked.

        Raises:
            Mismatch: tasks that do not fit the network or the algorithm, or others than those of a checkpoint.
            BadValue: the loss or its gradient exploded; the learner then stays as it was before the step.
        """
        if steps is not None:
            check_counts(steps=steps)
        self.check_fits(tasks)
        about = tasks.describe()
        if self._tasks not in (None, about):
            raise Mismatch(
                f"this learner was trained on {self._tasks}, and cannot go on with {about}; give it the same tasks, or "
                "make a new learner"
            )
        self._tasks = about
        return self._steps(tasks, steps)

    def _steps(self, tasks: TaskDistribution, steps: int | None) -> Iterator[MetaStep]:
        while steps is None or self.done < steps:
            yield self._step(tasks, 1.0 if steps is None else (1 + cos(pi * self.done / steps)) / 2)

    def _step(self, tasks: TaskDistribution, share: float) -> MetaStep:
        """Make one step, at a share of the full rate."""
        rng = rng_from(self.seed, "meta-training", self.done)
        batch = on_device(self.draw(tasks, rng), self.device)
        statistics = [(buffer, buffer.clone()) for buffer in self.network.buffers()]
        loss, gradient = self.meta_gradient(batch, rng)
        length = torch.stack([part.norm() for part in gradient.values()]).norm()
        if self.exploded(loss, batch) or not torch.isfinite(length):
            for buffer, before in statistics:
                buffer.copy_(before)
            raise BadValue(self.explain_explosion(batch, self.done + 1))
        scale = (self.clip / length.clamp(min=1e-12)).clamp(max=1.0)
        optimiser = self.optimiser
        for group in optimiser.param_groups:
            group["lr"] = share * group.get("share", 1.0) * self.meta_rate
        gradient = {name: part * scale for name, part in gradient.items()}
        for name, tensor in self.learned.items():
            tensor.grad = gradient[name]
        optimiser.step()
        optimiser.zero_grad()
        self.done += 1
        return MetaStep(self.done, float(loss), gradient)

    def draw(self, tasks: TaskDistribution, rng: np.random.Generator) -> TaskBatch:
        """Return the tasks of one step."""
        return tasks.draw(self.batch, rng)

    @property
    def optimiser(self) -> torch.optim.Optimizer:
        """Return the optimiser, made when it is first needed."""
        if self._optimiser is None:
            self._optimiser = self.make_optimiser()
        return self._optimiser

    def exploded(self, loss: torch.Tensor, batch: TensorBatch) -> bool:
        """Return whether the loss of a step is not finite."""
        return not bool(torch.isfinite(loss))

    def explain_explosion(self, batch: TensorBatch, number: int) -> str:
        """Return the message for a loss that is not finite."""
        return (
            f"meta-step {number}: the loss or its gradient became NaN or infinite; use a smaller meta_rate than "
            f"{self.meta_rate:g}"
        )

    # ------------------------------------------------------------------ adapt

    def adapt(self, support: Any) -> Predictor:
        """Return what answers questions about a new task.

        Args:
            support: (X, y), such as a `Split`: arrays or tensors. X: (examples, *input_shape). y: (examples,), the
                classes 0, 1, ... as whole numbers; or (examples, outputs), numbers.

        Raises:
            BadValue: no examples, a single class, a class without examples, or values that are not finite.
            Mismatch: a support set that does not fit the network or the algorithm.
        """
        examples = check_support(support, self.kinds, type(self).__name__, self.device)
        with torch.no_grad():
            self.check_outputs(examples.X[:2], examples.y)
        return Predictor(self.predict(examples), tuple(examples.X.shape[1:]), self.device)

    def answers(self, batch: TaskBatch) -> torch.Tensor:
        """Return the outputs for the queries of many tasks, (tasks, queries, outputs), each adapted to its support."""
        support, query = on_device(batch, self.device)
        with torch.no_grad():
            return torch.stack(
                [self.predict(Examples(X, y))(asked) for X, y, asked in zip(*support, query.X, strict=True)]
            )

    # ------------------------------------------------------------------ checks

    def check_fits(self, tasks: TaskDistribution) -> None:
        """Raise Mismatch if these tasks do not fit the network or the algorithm."""
        method = type(self).__name__
        if tasks.kind not in self.kinds:
            raise Mismatch(
                f"{method} learns from tasks of {' or '.join(self.kinds)}, and {tasks.name!r} is {tasks.kind}; choose "
                "another method or other tasks"
            )
        X = torch.zeros(2, *tasks.input_shape, device=self.device)
        shape = (2,) if tasks.kind == "classification" else (2, tasks.outputs)
        y = torch.zeros(shape, dtype=torch.int64 if tasks.kind == "classification" else torch.float32)
        y = y + tasks.outputs - 1 if tasks.kind == "classification" else y
        with torch.no_grad():
            self.check_outputs(X, y, f"{tasks.name!r} has ")

    def check_outputs(self, X: torch.Tensor, y: torch.Tensor, whose: str = "") -> None:
        """Raise Mismatch if the network cannot read two examples, or has another number of outputs than y needs."""
        try:
            outputs = self.network.eval()(X)
        except RuntimeError as error:
            raise self.unreadable(X, whose, error) from error
        check_answers(outputs, y, whose)

    def unreadable(self, X: torch.Tensor, whose: str, error: RuntimeError) -> Mismatch:
        """Return the error for inputs of another shape than the network reads."""
        reason = str(error).partition("\n")[0]
        return Mismatch(
            f"{whose}inputs of shape {tuple(X.shape[1:])}, which the network cannot read ({reason}); give a network "
            "for these inputs"
        )

    # ------------------------------------------------------------------ stop and resume

    def tensors(self) -> Parameters:
        """Return all tensors of the state but those of the optimiser."""
        kept = {f"kept/{n}": t for n, t in self.network.state_dict().items() if n not in self.learned}
        return {**{f"learned/{n}": t for n, t in self.learned.items()}, **kept}

    def about(self) -> dict[str, Any]:
        """Return what the learner is, as plain data; `network` lists the tensors of its network."""
        shapes = {name: list(tensor.shape) for name, tensor in self.network.state_dict().items()}
        return {"learner": self.settings(), "network": shapes, "layers": str(self.network)}

    def settings(self) -> dict[str, Any]:
        """Return the method and all that was set, by the names of the arguments."""
        parameters = inspect.signature(type(self)).parameters.values()
        names = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.name != "device"]
        return {"method": type(self).__name__, **{name: getattr(self, name) for name in names}}

    def state(self) -> SearchState:
        """Return where the meta-training is now."""
        tensors = {**self.tensors(), **optimiser_tensors("optimiser", self.optimiser)}
        plain = {"done": self.done, "tasks": self._tasks}
        return SearchState({k: v.detach().cpu().clone() for k, v in tensors.items()}, self.about(), plain)

    def restore(self, state: SearchState) -> None:
        """Go back to where a meta-training was. Raise Mismatch, with the learner unchanged, if it was another one."""
        check_same_learner(state.about, self.about())
        with torch.no_grad():
            for name, tensor in self.tensors().items():
                tensor.copy_(state.tensors[name])
        restore_optimiser("optimiser", self.optimiser, state.tensors)
        self.done, self._tasks = state.plain["done"], state.plain["tasks"]

    def save(self, path: str | Path) -> None:
        """Write the state as a safetensors file. Raise BadValue if it cannot be written."""
        save_state(self.state(), path)

    def load(self, path: str | Path) -> None:
        """Take up the state of a file. Raise BadValue for a file that is none, and Mismatch for another learner's."""
        self.restore(load_state(path))


def whole_signature(cls: type) -> inspect.Signature:
    """Return the arguments of a class; in place of `**settings` those of the class that it passes them to."""
    found: dict[str, inspect.Parameter] = {}
    for init in (vars(one)["__init__"] for one in cls.__mro__ if "__init__" in vars(one)):
        parameters = list(inspect.signature(init).parameters.values())[1:]
        first = not found
        found |= {p.name: p for p in parameters if p.name not in found and (first or p.kind is p.KEYWORD_ONLY)}
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    named = [p for p in found.values() if p.kind is not p.VAR_KEYWORD]
    return inspect.Signature(sorted(named, key=lambda p: p.kind))


def check_rates(**rates: float) -> None:
    """Raise BadValue for a rate that is not a finite number of more than 0."""
    for name, value in rates.items():
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < float("inf"):
            raise BadValue(f"{name} is a finite number of more than 0; given {value!r}")


def check_same_learner(given: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Raise Mismatch, naming the first difference, if a state is of another learner."""
    shapes, here = given.get("network", {}), wanted["network"]
    for name in [*here, *shapes]:
        if shapes.get(name) != here.get(name):
            raise Mismatch(
                f"the checkpoint is of another network: its {name!r} has the shape {shapes.get(name)}, and here it has "
                f"{here.get(name)}; make the network as it was made then"
            )
    if given.get("layers") != wanted["layers"]:
        raise Mismatch("the checkpoint is of another network with weights of the same shapes; make it as it was then")
    then, now = given.get("learner", {}), wanted["learner"]
    for name in [*now, *then]:
        if then.get(name) != now.get(name):
            raise Mismatch(
                f"the checkpoint is of another learner: its {name} is {then.get(name)!r}, and here it is "
                f"{now.get(name)!r}; make the learner as it was made then"
            )
