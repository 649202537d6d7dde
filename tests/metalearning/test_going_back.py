"""The gradient on its way back through the inner steps ends as the gradient of the learner."""

import numpy as np
import pytest
import torch

from nasedu.core import BadValue
from nasedu.metalearning import load
from nasedu.metalearning.examples import TensorBatch
from nasedu.metalearning.functional import Examples
from nasedu.metalearning.going_back import going_back
from tests.metalearning.small import wave_batch, wave_net
from tests.metalearning.test_gradients import relative

BATCH = wave_batch(count=1)
SUPPORT, QUERY = (Examples(*(part[0] for part in split)) for split in BATCH)


def by_place(name, steps, **settings):
    learner = load(name, wave_net(), inner_rate=0.1, inner_steps=steps, **settings)
    return learner, list(going_back(learner, SUPPORT, QUERY))


@pytest.mark.parametrize("name", ["maml", "first-order-maml", "anil", "meta-sgd"])
def test_the_last_gradient_is_that_of_the_learner(name):
    learner, found = by_place(name, 3)
    loss, gradient = learner.meta_gradient(TensorBatch(*BATCH), np.random.default_rng(0))
    assert [one.after for one in found] == [3, 2, 1, 0]
    assert float(found[0].loss) == pytest.approx(float(loss), rel=1e-6)
    true = {key: part for key, part in gradient.items() if key in found[-1].gradient}
    assert relative(found[-1].gradient, true) < 1e-5


def test_the_first_gradient_is_that_of_first_order_maml_and_stays_so_there():
    _, found = by_place("maml", 3)
    _, without = by_place("first-order-maml", 3)
    assert relative(found[0].gradient, without[-1].gradient) < 1e-6
    assert relative(found[-1].gradient, without[-1].gradient) > 1e-2


def test_one_step_back_is_a_product_with_one_less_rate_times_the_hessian():
    learner, (end, start) = by_place("maml", 1)
    names = list(learner.learned)
    flat = torch.cat([learner.learned[name].detach().flatten() for name in names])
    sizes = [learner.learned[name].numel() for name in names]

    def loss(vector):
        parts = (p.view_as(learner.learned[n]) for n, p in zip(names, vector.split(sizes), strict=True))
        return learner.function.loss(dict(zip(names, parts, strict=True)), SUPPORT)

    hessian = torch.func.hessian(loss)(flat)
    last, first = (torch.cat([one.gradient[name].flatten() for name in names]) for one in (end, start))
    assert torch.allclose(first, last - 0.1 * hessian @ last, atol=1e-5)


def test_it_refuses_a_learner_without_such_a_gradient_and_no_step():
    with pytest.raises(BadValue, match=r"only MAML and its relatives .* given a Reptile"):
        going_back(load("reptile", wave_net()), SUPPORT, QUERY)
    with pytest.raises(BadValue, match="steps"):
        going_back(load("maml", wave_net()), SUPPORT, QUERY, steps=0)
