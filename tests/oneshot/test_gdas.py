"""The three relaxations: what adds up to 1, what is drawn how often, and what gets a gradient."""

import numpy as np
import pytest
import torch

from nasedu.core import UnknownName
from nasedu.oneshot.gdas import gumbel, relaxation, sigmoid, softmax, zero_one_loss

ALPHA = torch.tensor([[0.0, 1.0, 2.0], [3.0, 0.0, 0.0]])
KEPT = torch.tensor([[True, True, True], [False, True, True]])


def test_softmax_shares_one_out_among_the_operations_that_an_edge_keeps():
    shares = softmax(ALPHA, KEPT, 1.0, None).values
    assert torch.allclose(shares[1], torch.tensor([0, 0.5, 0.5]))
    assert torch.allclose(shares[0], ALPHA[0].softmax(0))


def test_gumbel_draws_one_operation_as_often_as_its_softmax_says():
    generator = torch.Generator().manual_seed(0)
    drawn = np.mean([gumbel(ALPHA, KEPT, 0.5, generator).live for _ in range(4000)], axis=0)
    assert drawn == pytest.approx(softmax(ALPHA, KEPT, 1.0, None).values.numpy(), abs=0.03)


def test_what_gumbel_draws_has_share_one_and_the_gradient_of_the_soft_shares():
    alpha = ALPHA.clone().requires_grad_()
    shares = gumbel(alpha, KEPT, 0.5, torch.Generator().manual_seed(3))
    assert torch.allclose(shares.values, torch.from_numpy(shares.live).float(), atol=1e-6)
    (shares.values * torch.tensor([1.0, -1, 2])).sum().backward()
    assert alpha.grad.abs().sum() > 0.01
    assert alpha.grad[1, 0] == 0
    assert alpha.grad.sum(1).abs().max() < 1e-6  # a softmax does not see a constant


def test_a_share_of_a_sigmoid_does_not_depend_on_the_others():
    shares = sigmoid(ALPHA, KEPT, 1.0, None).values
    assert torch.allclose(shares[0], ALPHA[0].sigmoid())
    assert shares[1].tolist() == [0, 0.5, 0.5]
    assert zero_one_loss(torch.tensor([0.0, 1.0])) < zero_one_loss(torch.tensor([0.4, 0.6]))


def test_an_unknown_relaxation_names_the_known_ones():
    with pytest.raises(UnknownName, match="softmax"):
        relaxation("sofmax")
