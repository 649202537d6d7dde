"""The gradient of MAML on its way back: through one inner step after another, from the last one to the start.

Finn, Abbeel, Levine, ICML 2017, section 2.2; Nichol, Achiam, Schulman, "On First-Order Meta-Learning Algorithms", 2018,
section 5. Lesson 12 shows it.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch.func import grad, grad_and_value, vjp

from nasedu.core import BadValue, check_counts
from nasedu.metalearning.examples import check_support
from nasedu.metalearning.functional import Examples, Parameters
from nasedu.metalearning.inner_loop import detached
from nasedu.metalearning.maml import MAML


class BackStep(NamedTuple):
    """The gradient of the loss of the queries after adaptation, in the parameters of one place on the way.

    Attributes:
        after: how many inner steps lead to these parameters. At the last place this is the gradient of first-order
            MAML, and at 0, the start, it is that of MAML.
        loss: of the queries, after all steps.
        gradient: in the parameters of this place.
    """

    after: int
    loss: torch.Tensor
    gradient: Parameters


def going_back(learner: Any, support: Any, query: Any, steps: int | None = None) -> Iterator[BackStep]:
    """Yield the gradient at each place, from the end of the adaptation to its start.

    Each step back multiplies by the transpose of the derivative of one inner step; for MAML this is the identity minus
    the inner rate times the Hessian of the support set. The last gradient is `MAML.meta_gradient` of this one task.

    Args:
        learner: a `MAML`, or a relative that descends in the same loss.
        support, query: (X, y), as in `Learner.adapt`.
        steps: inner steps; those of meta-training if None.

    Raises:
        BadValue: another learner, or as of `InnerLoop.adaptation`.
    """
    if not isinstance(learner, MAML):
        raise BadValue(
            f"only MAML and its relatives have a gradient through inner steps; given a {type(learner).__name__}"
        )
    steps = learner.inner_steps if steps is None else steps
    check_counts(steps=steps)
    learned, device = detached(learner.learned), learner.device
    known, asked = (check_support(part, learner.kinds, type(learner).__name__, device) for part in (support, query))
    places = [learner.start(learned), *(step.parameters for step in learner.adaptation(known, steps))]
    return _going_back(learner, learned, places, known, asked)


def _going_back(
    learner: MAML, learned: Parameters, places: list[Parameters], support: Examples, query: Examples
) -> Iterator[BackStep]:
    loss_of = learner.function.loss

    def one_step(parameters: Parameters) -> Parameters:
        return learner.moved(learned, parameters, grad(loss_of)(parameters, support))

    gradient, loss = grad_and_value(loss_of)(places[-1], query)
    yield BackStep(len(places) - 1, loss, gradient)
    for after in reversed(range(len(places) - 1)):
        back = vjp(one_step, places[after])[1]
        (gradient,) = back(gradient)
        yield BackStep(after, loss, gradient)
