"""Small Transformers: heads share the width, attention is the paper's, and every weight comes from the seed."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from nasedu.core import BadArchitecture, BadValue
from nasedu.spaces.attention import Attention
from nasedu.spaces.layers import Positions, SelfAttention, TransformerLayer
from nasedu.trainers.single.initialise import initialise
from nasedu.trainers.single.model_size import count_flops
from tests.spaces.walks import any_walk, trains_one_step


def space(**options):
    return Attention((6, 3), 2, **options)


def test_the_size_counts_the_heads_that_fit():
    heads = {16: 3, 24: 4, 32: 3}  # of 1, 2, 3, 4
    assert space().size() == 2 * sum(heads.values()) * 3 * 2 * 3
    assert all(int(a[1][5:]) % int(a[2][5:]) == 0 for a in space().enumerate())


def test_a_number_of_heads_that_does_not_divide_the_width_says_why():
    with pytest.raises(BadArchitecture, match=r"3 heads cannot share a width of 16 equally \(16 / 3 is no whole"):
        space().walk(("layers1", "width16", "heads3"))
    with pytest.raises(BadArchitecture, match="the number of heads is one of heads1, heads2, heads3, heads4"):
        space().walk(("layers1", "width24", "heads5"))
    with pytest.raises(BadArchitecture, match="the place of normalisation is one of norm-first, norm-last"):
        space().walk(("layers1", "width24", "heads3", "ff1", "mean"))


def test_attention_is_torchs():
    """Against torch's own multi-head attention with the same weights."""
    ours, torchs = SelfAttention(12, 3), nn.MultiheadAttention(12, 3, batch_first=True)
    with torch.no_grad():
        torchs.in_proj_weight.copy_(ours.queries_keys_values.weight)
        torchs.in_proj_bias.copy_(ours.queries_keys_values.bias)
        torchs.out_proj.weight.copy_(ours.join.weight)
        torchs.out_proj.bias.copy_(ours.join.bias)
    x = torch.rand(2, 5, 12)
    assert torch.allclose(ours(x), torchs(x, x, x, need_weights=False)[0], atol=1e-6)


@pytest.mark.parametrize("norm_first", [True, False])
def test_a_layer_is_torchs(norm_first):
    ours = TransformerLayer(8, 2, 3, norm_first=norm_first)
    torchs = nn.TransformerEncoderLayer(8, 2, 24, dropout=0, batch_first=True, norm_first=norm_first)
    attention, feed_forward = ours.parts
    pairs = {
        "self_attn.in_proj_weight": attention.queries_keys_values.weight,
        "self_attn.in_proj_bias": attention.queries_keys_values.bias,
        "self_attn.out_proj.weight": attention.join.weight,
        "self_attn.out_proj.bias": attention.join.bias,
        "linear1.weight": feed_forward[0].weight,
        "linear1.bias": feed_forward[0].bias,
        "linear2.weight": feed_forward[2].weight,
        "linear2.bias": feed_forward[2].bias,
    }
    torchs.load_state_dict({**torchs.state_dict(), **{name: p.detach() for name, p in pairs.items()}})
    x = torch.rand(2, 5, 8)
    assert torch.allclose(ours(x), torchs(x), atol=1e-5)


def test_the_class_token_stands_first():
    layer = Positions(3, 4, token=True)
    with torch.no_grad():
        layer.token.fill_(7)
        layer.positions[0] = 1
    x = torch.zeros(2, 3, 4)
    assert layer(x)[:, :, 0].tolist() == [[8, 0, 0, 0]] * 2


@pytest.mark.parametrize("pooling", ["mean", "max", "class-token"])
def test_every_weight_comes_from_the_seed(pooling):
    architecture = ("layers1", "width16", "heads2", "ff2", "norm-first", pooling)
    networks = [space().build(architecture) for _ in range(3)]
    for network, seed in zip(networks, (1, 1, 2), strict=True):
        initialise(network, torch.Generator().manual_seed(seed))
    for (name, a), b, c in zip(networks[0].named_parameters(), *(n.parameters() for n in networks[1:]), strict=True):
        assert torch.equal(a, b), name
        norm = "norm" in name or name.startswith(f"{len(networks[0]) - 3}.")
        assert torch.equal(a, c) == norm, name  # ones and zeros for normalisation, drawn for all others


def test_every_weight_of_torchs_own_attention_comes_from_the_seed_too():
    """For spaces that students write."""
    networks = [nn.TransformerEncoderLayer(8, 2, 16, batch_first=True) for _ in range(2)]
    for network in networks:
        initialise(network, torch.Generator().manual_seed(0))
    assert all(torch.equal(a, b) for a, b in zip(*(n.parameters() for n in networks), strict=True))


def test_order_of_steps_matters():
    """Without positions, attention could not tell a sequence from its reverse."""
    network = space().build(("layers1", "width16", "heads2", "ff2", "norm-first", "mean"))
    initialise(network, torch.Generator().manual_seed(0))
    x = torch.rand(1, 6, 3)
    assert not torch.allclose(network(x), network(x.flip(1)), atol=1e-4)


def test_the_arithmetic_is_counted():
    """Per step: three projections and one, the feed-forward network; per pair of steps: a product each way."""
    attention = 2 * 6 * (16 * 48 + 16 * 16) + 2 * (2 * 6 * 6 * 16)
    network = space().build(("layers1", "width16", "heads4", "ff2", "norm-last", "mean"))
    wanted = 2 * 6 * 3 * 16 + attention + 2 * 6 * (2 * 16 * 32) + 2 * 16 * 2
    assert count_flops(network, torch.zeros(1, 6, 3)) == wanted


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([(1, 1), (6, 2), (1, 8, 8), (3, 1, 5)]))
def test_any_walk_trains(seed, shape):
    searched = Attention(shape, 3, widths=(6, 4), heads=(1, 2, 3))
    trains_one_step(searched, any_walk(searched, seed))


@pytest.mark.parametrize(
    "options",
    [
        {"widths": (16, 25), "heads": (2, 3)},
        {"heads": ()},
        {"layers": (0,)},
        {"factors": (1.5,)},
        {"norms": ("norm",)},
        {"pooling": ("last",)},
        {"input_shape": (3,)},
    ],
)
def test_an_impossible_space_is_refused(options):
    with pytest.raises(BadValue, match="attention"):
        Attention(**({"input_shape": (6, 3), "outputs": 2} | options))


def test_a_width_that_no_heads_divide_is_named():
    with pytest.raises(BadValue, match=r"cannot share a width of 25 equally among any of \(2, 3\) heads"):
        space(widths=(24, 25), heads=(2, 3))
