"""Adaptation by gradient descent: what MAML and its relatives have in common.

Finn, Abbeel, Levine, "Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks", ICML 2017, equation 1.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.func import grad_and_value

from nasedu.core import BadValue, check_counts
from nasedu.metalearning.examples import TensorBatch, check_support, on_device
from nasedu.metalearning.functional import Examples, Functional, Parameters
from nasedu.metalearning.learner import Learner, Predictor, check_rates
from nasedu.metalearning.task_distribution import TaskBatch
from nasedu.oneshot.search_state import SearchState

EXPLODED = 1000.0
"""After inner steps, a loss has exploded if it is this many times as large as before, and as an answer that is always
zero would have."""


class InnerStep(NamedTuple):
    """One step of adaptation, after it.

    Attributes:
        number: from 1.
        loss: of the support set, before the step.
        gradient: of this loss, in the parameters before the step.
        parameters: after the step.
    """

    number: int
    loss: torch.Tensor
    gradient: Parameters
    parameters: Parameters


class InnerLoop(Learner):
    """Learners whose `adapt` makes some steps of gradient descent, from a start that is learned.

    Args:
        network, **more: see `Learner`.
        inner_rate: the rate of these steps (alpha in the paper).
        inner_steps: how many are made in meta-training, and in `adapt` unless it is told otherwise.
    """

    def __init__(self, network: nn.Module, *, inner_rate: float = 0.01, inner_steps: int = 1, **more: Any):
        super().__init__(network, **more)
        check_rates(inner_rate=inner_rate)
        check_counts(inner_steps=inner_steps)
        self.inner_rate, self.inner_steps = inner_rate, inner_steps
        self.function = Functional(self.network)

    # ------------------------------------------------------------------ what an algorithm may change

    def start(self, learned: Parameters) -> Parameters:
        """Return the parameters from which a task starts."""
        return learned

    def moved(self, learned: Parameters, parameters: Parameters, gradient: Parameters) -> Parameters:
        """Return the parameters after one step against the gradient."""
        return {name: weight - self.inner_rate * gradient[name] for name, weight in parameters.items()}

    @abstractmethod
    def meta_gradient(self, batch: TensorBatch, rng: np.random.Generator) -> tuple[torch.Tensor, Parameters]: ...

    # ------------------------------------------------------------------ the inner loop

    def descend(self, learned: Parameters, batches: Iterable[Examples]) -> Iterator[InnerStep]:
        """Yield one step of gradient descent for each batch of examples of one task."""
        parameters = self.start(learned)
        for number, examples in enumerate(batches, 1):
            gradient, loss = grad_and_value(self.function.loss)(parameters, examples)
            parameters = self.moved(learned, parameters, gradient)
            yield InnerStep(number, loss, gradient, parameters)

    def adapted(self, learned: Parameters, batches: Iterable[Examples]) -> Parameters:
        """Return the parameters after the last of these steps."""
        parameters = self.start(learned)
        for step in self.descend(learned, batches):
            parameters = step.parameters
        return parameters

    # ------------------------------------------------------------------ adapt

    def adaptation(self, support: Any, steps: int | None = None) -> Iterator[InnerStep]:
        """Yield each inner step on a support set, with numbers that no gradient flows through.

        Raises:
            BadValue: a loss that explodes, with the number of the step; or as `adapt`.
        """
        steps = self.inner_steps if steps is None else steps
        check_counts(0, steps=steps)
        examples = check_support(support, self.kinds, type(self).__name__, self.device)
        with torch.no_grad():
            self.check_outputs(examples.X[:2], examples.y)
        return self._adaptation(examples, steps)

    def _adaptation(self, support: Examples, steps: int) -> Iterator[InnerStep]:
        first = None
        for step in self.descend(detached(self.learned), repeat(support, steps)):
            after = self.function.loss(step.parameters, support)
            first = step.loss if first is None else first
            if exploded(after, support.y, first):
                raise BadValue(
                    f"inner step {step.number} of {steps}: the loss of the support set went from {float(first):.3g} to "
                    f"{float(after):.3g}; {self.advice()}"
                )
            yield step

    def advice(self) -> str:
        """Return what to do against an explosion."""
        return f"inner_rate={self.inner_rate:g} is too large: train with a tenth of it"

    def adapt(self, support: Any, steps: int | None = None) -> Predictor:
        """Return what answers questions about a new task, after some inner steps; as `Learner.adapt`.

        Args:
            support: as in `Learner.adapt`.
            steps: inner steps; those of meta-training if None, and with 0 the start as it is.
        """
        parameters = self.start(detached(self.learned))
        for step in self.adaptation(support, steps):
            parameters = step.parameters
        X, _ = check_support(support, self.kinds, type(self).__name__, self.device)
        return Predictor(lambda asked: self.function(parameters, asked), tuple(X.shape[1:]), self.device)

    def predict(self, support: Examples) -> Callable[[torch.Tensor], torch.Tensor]:
        parameters = self.adapted(detached(self.learned), repeat(support, self.inner_steps))
        return lambda asked: self.function(parameters, asked)

    def answers(self, batch: TaskBatch, steps: int | None = None) -> torch.Tensor:
        """Return the outputs for the queries of many tasks, (tasks, queries, outputs), after some inner steps.

        A task whose loss explodes has outputs that are not finite; `adapt` says in which step.
        """
        steps = self.inner_steps if steps is None else steps
        given, query = on_device(batch, self.device)
        learned = detached(self.learned)

        def answers_of(X: torch.Tensor, y: torch.Tensor, asked: torch.Tensor) -> torch.Tensor:
            return self.function(self.adapted(learned, repeat(Examples(X, y), steps)), asked)

        with torch.no_grad():
            return self.function.over_tasks(answers_of)(*given, query.X)

    def restore(self, state: SearchState) -> None:
        """Go back to where a meta-training was, as of `Learner`."""
        super().restore(state)
        self.function = Functional(self.network)

    # ------------------------------------------------------------------ explosions

    def exploded(self, loss: torch.Tensor, batch: TensorBatch) -> bool:
        """Return whether the loss of a step is not finite, or far too large."""
        return exploded(loss, batch.query.y)

    def explain_explosion(self, batch: TensorBatch, number: int) -> str:
        """Return the message for a loss that exploded: in which task and in which inner step."""
        learned = detached(self.learned)
        for task, support in enumerate(map(Examples, *batch.support), 1):
            first = None
            for step in self.descend(learned, repeat(support, self.inner_steps)):
                first = step.loss if first is None else first
                after = self.function.loss(step.parameters, support)
                if exploded(after, support.y, first):
                    return (
                        f"meta-step {number}, task {task} of {len(batch.support.y)}, inner step {step.number} of "
                        f"{self.inner_steps}: the loss of the support set went from {float(first):.3g} to "
                        f"{float(after):.3g}; {self.advice()}"
                    )
        return super().explain_explosion(batch, number)


def detached(parameters: Parameters) -> Parameters:
    """Return the same numbers, through which no gradient flows."""
    return {name: tensor.detach() for name, tensor in parameters.items()}


def exploded(loss: torch.Tensor, y: torch.Tensor, before: torch.Tensor | float = 0.0) -> bool:
    """Return whether a loss is not finite, or far too large for these answers (see `EXPLODED`)."""
    of_zero = float(y.square().mean()) if y.is_floating_point() else 1.0
    return not float(loss) <= EXPLODED * max(float(before), of_zero, 1e-12)
