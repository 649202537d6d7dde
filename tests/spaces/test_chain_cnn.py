"""MetaQNN's rules, held against an independent reading of the paper and against brute force."""

from itertools import product
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nasedu import spaces
from nasedu.core import BadArchitecture, BadValue, Mismatch, rng_from
from nasedu.spaces.chain_cnn import ChainCNN, ChainState, pooled, size_bin

POOLS = {"pool5/3": (5, 3), "pool3/2": (3, 2), "pool2": (2, 2)}


def chain(side=8, **options):
    small = {"depth": 4, "filters": (2,), "dense": (8, 4)}
    return ChainCNN((1, side, side), 10, **(small | options))


def parameters(space, *architecture):
    return sum(p.numel() for p in space.build(architecture).parameters())


# ---------------------------------------------------------------------- the rules


def legal(layers, side, depth):
    """The rules of section 4 of the paper, read once more: independent of `choices` and `step`."""
    if len(layers) > depth:
        return False
    kinds = [layer.rstrip("0123456789-/") for layer in layers]
    dense = [int(layer[5:]) for layer in layers if layer.startswith("dense")]
    if len(dense) > 2 or dense != sorted(dense, reverse=True):
        return False
    for position, (layer, kind) in enumerate(zip(layers, kinds, strict=True)):
        before = kinds[position - 1] if position else "start"
        if before == "gap" or (before == "dense" and kind != "dense"):
            return False
        if kind == "pool" and before in ("start", "pool"):
            return False
        if kind == "dense" and before != "dense" and side > 7:
            return False
        window = POOLS[layer][0] if kind == "pool" else int(layer[4]) if kind == "conv" else 0
        if window > side:
            return False
        if kind == "pool":
            side = (side - window) // POOLS[layer][1] + 1
    return True


@pytest.mark.parametrize("side", [6, 8, 16])
def test_the_space_holds_exactly_what_the_paper_allows(side):
    space = chain(side)
    layers = [f"conv{k}-2" for k in (1, 3, 5) if k <= side // 2]
    layers += [name for name, (window, _) in POOLS.items() if window <= side // 2]
    layers += ["dense8", "dense4", "gap"]
    every = (layers_ for depth in range(6) for layers_ in product(layers, repeat=depth))
    wanted = {(*found, "stop") for found in every if legal(found, side, 4)}
    members = set(space.enumerate())
    assert members == wanted
    assert space.size() == len(wanted) > 100


def test_size_counts_a_space_that_cannot_be_enumerated():
    space = ChainCNN((3, 32, 32), 10, depth=18, filters=(64, 128, 256, 512), dense=(512, 256, 128))
    assert space.size() > 10**18
    assert chain(depth=1).size() == len(list(chain(depth=1).enumerate())) == 4  # conv1, conv3, gap, nothing


@pytest.mark.parametrize(
    ("before", "choice", "reason"),
    [
        ((), "pool2", "pooling is never the first layer"),
        (("conv3-2", "pool2"), "pool2", "pooling never follows pooling"),
        ((), "dense4", "still 8 pixels wide"),
        (("conv3-2", "pool2", "dense4"), "dense8", r"never wider than the one before it \(4 units\)"),
        (("conv3-2", "pool2", "dense4", "dense4"), "dense4", "two dense layers are the most"),
        (("conv3-2", "pool2", "dense4"), "conv3-2", "no image left"),
        (("gap",), "conv3-2", "after global average pooling only stop"),
        (("conv1-2", "pool3/2", "conv1-2", "pool3/2"), "conv3-2", r"larger than the representation \(1 pixels"),
        (
            ("conv1-2", "pool3/2", "conv1-2", "pool3/2", "conv1-2"),
            "pool2",
            r"larger than the representation \(1 pixels",
        ),
        (("conv1-2",) * 6, "conv1-2", "6 layers, the most that this space allows"),
        ((), "pool5/3", "no layer of this space"),
        ((), "flatten", "no layer of this space"),
        (("stop",), "conv3-2", "the network is complete"),
    ],
)
def test_a_closed_choice_says_why(before, choice, reason):
    space = chain(depth=6)
    state = space.start()
    for layer in before:
        state = space.moves(state)[layer]
    with pytest.raises(BadArchitecture, match=reason):
        space.walk((*before, choice, "stop"))
    assert space.why_not(state, choice)


@pytest.mark.parametrize("side", [5, 8, 28])
def test_the_network_may_stop_at_any_state(side):
    space = chain(side)
    for number in range(300):
        for step in space.walk(space.sample(rng_from(number))):
            assert "stop" in space.choices(step.state)


def test_the_bins_are_the_papers():
    assert [size_bin(side) for side in (28, 8, 7, 4, 3, 0)] == ["large"] * 2 + ["middle"] * 2 + ["small"] * 2


def test_pooling_shrinks_as_torch_does():
    for window, stride in POOLS.values():
        for side in range(window, 30):
            seen = torch.nn.MaxPool2d(window, stride)(torch.zeros(1, 1, side, side)).shape[-1]
            assert pooled(side, window, stride) == seen


def test_the_key_is_kind_depth_bin_and_dense_layers():
    space = chain(depth=6)
    steps = space.walk(("conv3-2", "pool2", "dense8", "dense4", "stop"))
    assert [space.key(step.state) for step in steps] == [
        ("start", 0, "large", 0),
        ("conv", 1, "large", 0),
        ("pool", 2, "middle", 0),
        ("dense", 3, "small", 1),
        ("dense", 4, "small", 2),
    ]
    assert space.key(ChainState("dense", 3, 0, 1, 8)) == space.key(ChainState("dense", 3, 0, 1, 4))
    assert space.key(ChainState("conv", 3, 7)) == space.key(ChainState("conv", 3, 4))
    assert space.key(ChainState("conv", 3, 8)) != space.key(ChainState("conv", 3, 7))


# ---------------------------------------------------------------------- the networks


@pytest.mark.parametrize(
    ("architecture", "count"),
    [
        (("stop",), 64 * 10 + 10),
        (("conv3-32", "pool2", "dense64", "stop"), (9 * 32 + 32) + (16 * 32 * 64 + 64) + (64 * 10 + 10)),
        (("conv3-16", "gap", "stop"), (9 * 16 + 16) + (16 * 10 + 10)),
        (("gap", "stop"), 1 * 10 + 10),
        (("conv1-16", "conv3-32", "stop"), (16 + 16) + (9 * 16 * 32 + 32) + (64 * 32 * 10 + 10)),
        (("conv1-16", "pool3/2", "dense64", "dense32", "stop"), 32 + (9 * 16 * 64 + 64) + (64 * 32 + 32) + 330),
    ],
)
def test_parameters_by_hand(architecture, count):
    assert parameters(ChainCNN((1, 8, 8), 10), *architecture) == count


def test_batch_norm_takes_the_place_of_the_bias():
    space = ChainCNN((1, 8, 8), 10, batch_norm=True)
    assert parameters(space, "conv3-16", "gap", "stop") == 9 * 16 + 2 * 16 + (16 * 10 + 10)
    kinds = [type(layer).__name__ for layer in space.build(("conv3-16", "stop"))]
    assert kinds == ["Conv2d", "BatchNorm2d", "ReLU", "Flatten", "Linear"]


def test_dropout_stands_after_pooling_and_dense_layers():
    space = ChainCNN((1, 8, 8), 10, dropout=0.2)
    network = space.build(("conv3-16", "pool2", "dense32", "stop"))
    kinds = [type(layer).__name__ for layer in network]
    assert kinds == ["Conv2d", "ReLU", "MaxPool2d", "Dropout", "Flatten", "Linear", "ReLU", "Dropout", "Linear"]
    assert network[3].p == 0.2


def test_dropout_keeps_the_mean_and_does_nothing_when_tested():
    from nasedu.spaces.layers import Dropout

    layer = Dropout(0.25)
    layer.generator = torch.Generator().manual_seed(0)
    x = torch.ones(20_000)
    dropped = layer(x)
    assert set(dropped.unique().tolist()) == {0.0, torch.tensor(1 / 0.75).item()}
    assert abs(float((dropped == 0).float().mean()) - 0.25) < 0.02
    assert torch.equal(layer.eval()(x), x)


@settings(derandomize=True, database=None, deadline=None, max_examples=60)
@given(
    shape=st.tuples(st.integers(1, 3), st.integers(1, 18), st.integers(1, 18)),
    outputs=st.integers(1, 5),
    depth=st.integers(1, 6),
    filters=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    kernels=st.lists(st.sampled_from([1, 3, 5, 7]), max_size=3),
    pools=st.lists(st.tuples(st.integers(2, 6), st.integers(1, 6)), max_size=3),
    dense=st.lists(st.integers(1, 6), max_size=3),
    batch_norm=st.booleans(),
    dropout=st.sampled_from([0.0, 0.5]),
    seed=st.integers(0, 10),
)
def test_every_walk_of_every_chain_runs(shape, outputs, seed, **options):
    space = ChainCNN(shape, outputs, **options)
    for number in range(3):
        architecture = space.sample(rng_from(seed, number))
        assert 1 <= len(architecture) <= options["depth"] + 1
        assert architecture[-1] == "stop"
        with torch.no_grad():
            assert space.build(architecture).eval()(torch.zeros(2, *shape)).shape == (2, outputs)
    assert space.size() >= 1


# ---------------------------------------------------------------------- hand-picked, and the door


def test_hand_picked_networks_are_the_beginners():
    assert ChainCNN((1, 8, 8), 10).hand_picked() == (
        ("conv3-32", "pool2", "dense64", "stop"),
        ("conv3-64", "pool2", "dense128", "stop"),
    )
    assert ChainCNN((1, 28, 28), 10).hand_picked()[0] == ("conv3-32", "pool2", "conv3-32", "pool2", "dense64", "stop")
    assert ChainCNN((1, 8, 8), 10, filters=(32,), dense=(64,)).hand_picked() == (
        ("conv3-32", "pool2", "dense64", "stop"),
    )
    assert ChainCNN((1, 8, 8), 10, filters=(16,)).hand_picked() == (("conv3-16", "pool2", "dense128", "stop"),)
    assert ChainCNN((1, 8, 8), 10, kernels=(1,)).hand_picked() == ()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 0}, "depth >= 1; given 0"),
        ({"kernels": (2,)}, "kernels are odd"),
        ({"filters": ()}, "positive widths"),
        ({"filters": (0,)}, "positive widths"),
        ({"dense": (-1,)}, "positive widths"),
        ({"dropout": 1.0}, "probability"),
        ({"dropout": -0.1}, "probability"),
        ({"input_shape": (64,)}, r"needs images of shape \(channels, height, width\)"),
        ({"input_shape": (1, 0, 8)}, "needs images"),
    ],
)
def test_impossible_parameters_are_refused(options, message):
    with pytest.raises(BadValue, match=message):
        ChainCNN(**({"input_shape": (1, 8, 8), "outputs": 10} | options))


def test_a_task_that_does_not_fit_is_refused():
    text = SimpleNamespace(name="names", kind="sequence", input_shape=(20,), outputs=3)
    numbers = SimpleNamespace(name="iris", kind="classification", input_shape=(4,), outputs=3)
    with pytest.raises(Mismatch, match="'chain-cnn' does not fit task 'names': convolutions here read images"):
        spaces.load("chain-cnn", text)
    with pytest.raises(Mismatch, match=r"'iris': it needs images of shape"):
        spaces.load("chain-cnn", numbers)
    with pytest.raises(Mismatch, match="'mlp' does not fit task 'names'"):
        spaces.load("mlp", text)
    assert spaces.load("mlp", numbers).input_shape == (4,)
