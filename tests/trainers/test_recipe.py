"""Recipes: what they may say, what they do to a network, to its steps and to its curve."""

import json
import math
import pickle
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from torch import nn

from nasedu import spaces
from nasedu.core import BadValue, describe
from nasedu.spaces import layers
from nasedu.trainers.population.trainer import PopulationTrainer
from nasedu.trainers.recipe import RULES, USUAL, Recipe
from nasedu.trainers.single.network import build, draw_weights
from nasedu.trainers.single.norm_and_dropout import apply_norm_and_dropout
from nasedu.trainers.single.optimiser import make_optimiser, rate_at, set_rate
from nasedu.trainers.single.sequential import SequentialTrainer
from tests.trainers.cabinet import Cabinet

NETWORK = ("conv3-4", "pool2", "dense8", "stop")
RICH = Recipe(
    optimiser="sgd",
    learning_rate=0.05,
    schedule="one-cycle",
    weight_decay=1e-3,
    label_smoothing=0.1,
    batch_size=40,
    shift=1,
    rotate=10,
    cutout=2,
    mixup=0.2,
    batch_norm=True,
    dropout=0.2,
)

# ---------------------------------------------------------------------- the door

IMPOSSIBLE = {
    "optimiser": ["adagrad", None, 3],
    "learning_rate": [0, -1.0, math.nan, math.inf, "fast", True, None],
    "schedule": ["cosin", None],
    "warmup": [-0.1, 1, math.nan, "none"],
    "weight_decay": [-1e-9, math.inf, "no"],
    "momentum": [1, -0.1, None],
    "label_smoothing": [1.0, -0.1, math.nan],
    "batch_size": [1, 0, 32.0, True, "32", None],
    "shift": [-1, 1.5, False],
    "rotate": [-1, 181, math.nan, "far"],
    "cutout": [-1, 2.5, None],
    "mixup": [-0.1, math.inf, [0.2]],
    "batch_norm": [1, 0, "yes"],
    "dropout": [1, -0.1, math.nan, True],
}


def test_every_field_has_a_rule_and_a_test():
    names = [field.name for field in fields(Recipe)]
    assert list(RULES) == list(IMPOSSIBLE) == names
    assert set(names) == set(CHANGES)
    assert all(f"        {name}: " in (Recipe.__doc__ or "") for name in names), "each is documented"


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, values in IMPOSSIBLE.items() for v in values])
def test_impossible_values_are_refused(name, value):
    with pytest.raises(BadValue) as caught:
        Recipe(**{name: value})
    said = str(caught.value)
    assert said.startswith(f"a recipe's {name} is ")
    assert said.endswith(f"; given {value!r}")


def test_the_usual_recipe_is_plain_adam():
    assert Recipe() == USUAL
    assert not USUAL.augments
    assert (USUAL.optimiser, USUAL.learning_rate, USUAL.batch_size) == ("adam", 2e-3, 32)


def test_a_recipe_is_plain_data_whatever_kind_of_number_was_given():
    a = Recipe(learning_rate=1, batch_size=np.int64(64), rotate=np.float32(3), dropout=0)
    b = Recipe(learning_rate=1.0, batch_size=64, rotate=3.0, dropout=0.0)
    assert json.dumps(describe(a)) == json.dumps(describe(b))
    assert describe(RICH)["name"] == "recipe"
    assert Recipe(**{k: v for k, v in json.loads(json.dumps(describe(RICH))).items() if k != "name"}) == RICH
    assert pickle.loads(pickle.dumps(RICH)) == RICH


def test_a_trainer_is_described_with_its_recipe(small_space, small_task):
    trainer = SequentialTrainer(small_space, small_task, device="cpu", recipe=RICH)
    assert describe(trainer)["recipe"] == describe(RICH)


@pytest.mark.parametrize("recipe", ["cosine", {"batch_size": 64}, None])
def test_what_is_no_recipe_is_refused(small_space, small_task, recipe):
    with pytest.raises(BadValue, match="a trainer takes a Recipe, such as Recipe"):
        SequentialTrainer(small_space, small_task, device="cpu", recipe=recipe)


# ---------------------------------------------------------------------- every field matters

CHANGES = {
    "optimiser": {"optimiser": "sgd"},
    "learning_rate": {"learning_rate": 0.01},
    "schedule": {"schedule": "cosine"},
    "warmup": {"warmup": 0.5},
    "weight_decay": {"weight_decay": 0.1},
    "momentum": {"optimiser": "sgd", "momentum": 0.5},
    "label_smoothing": {"label_smoothing": 0.2},
    "batch_size": {"batch_size": 16},
    "shift": {"shift": 1},
    "rotate": {"rotate": 30},
    "cutout": {"cutout": 2},
    "mixup": {"mixup": 0.4},
    "batch_norm": {"batch_norm": True},
    "dropout": {"dropout": 0.3},
}


@pytest.fixture(scope="module")
def losses(small_space, small_task):
    """The losses of a recipe; each is trained once."""
    known = {}

    def of(recipe):
        if recipe not in known:
            trainer = SequentialTrainer(small_space, small_task, device="cpu", patience=0, recipe=recipe)
            (found,) = trainer([NETWORK], epochs=2, seed=0)
            assert found.ok, found.reason
            known[recipe] = found.losses
        return known[recipe]

    return of


@pytest.mark.parametrize("name", CHANGES)
def test_every_field_changes_the_training(losses, name):
    changed = Recipe(**CHANGES[name])
    without = replace(changed, **{name: getattr(USUAL, name)})
    assert losses(changed) != losses(without)


def test_decay_that_is_no_part_of_the_gradient_is_another(losses):
    assert losses(Recipe(optimiser="adamw", weight_decay=0.1)) != losses(Recipe(optimiser="adam", weight_decay=0.1))
    assert losses(Recipe(optimiser="adamw")) == losses(Recipe(optimiser="adam"))


@pytest.mark.parametrize("schedule", ["cosine", "one-cycle", "step"])
def test_every_schedule_changes_the_training(losses, schedule):
    assert losses(Recipe(schedule=schedule)) != losses(Recipe())


def test_with_a_rich_recipe_a_network_still_learns(digits):
    recipe = replace(RICH, batch_size=32)
    trainer = SequentialTrainer(spaces.load("chain-cnn", digits), digits, device="cpu", recipe=recipe)
    (found,) = trainer([("conv3-16", "pool2", "dense32", "stop")], epochs=6, seed=0)
    assert found.score > 0.9


# ---------------------------------------------------------------------- population and sequential trainer

RECIPES = {
    "rich": RICH,
    "adamw": Recipe(optimiser="adamw", weight_decay=0.1, schedule="cosine", warmup=0.2, batch_norm=True),
    "plain sgd": Recipe(optimiser="sgd", momentum=0, learning_rate=0.05, schedule="step", mixup=1.0),
}


@pytest.mark.parametrize("name", RECIPES)
def test_population_and_sequential_trainer_agree(digits, name):
    space, network = spaces.load("chain-cnn", digits), ("conv3-16", "pool2", "dense32", "stop")
    options = {"device": "cpu", "patience": 0, "recipe": RECIPES[name]}
    one, many = SequentialTrainer(space, digits, **options), PopulationTrainer(space, digits, threads=1, **options)
    alone = one([network] * 3, epochs=2, seed=[0, 1, 2])
    together = many([network] * 3, epochs=2, seed=[0, 1, 2])
    for e, f in zip(alone, together, strict=True):
        assert e.ok
        assert e.losses == pytest.approx(f.losses, abs=1e-4)


@pytest.mark.parametrize("name", RECIPES)
def test_a_training_goes_on_in_either_trainer(small_space, small_task, name):
    options = {"device": "cpu", "patience": 0, "recipe": RECIPES[name]}
    one = SequentialTrainer(small_space, small_task, **options)
    many = PopulationTrainer(small_space, small_task, threads=1, **options)
    straight = [e for e, _ in one.extend([NETWORK] * 2, epochs=3, seed=[0, 1], total=3)]
    for first, then in ((one, one), (one, many), (many, one), (many, many)):
        states = [state for _, state in first.extend([NETWORK] * 2, epochs=1, seed=[0, 1], total=3)]
        found = then.extend([NETWORK] * 2, epochs=3, seed=[0, 1], total=3, states=states)
        for e, (f, _) in zip(straight, found, strict=True):
            assert len(f.losses) == 3
            assert e.losses == pytest.approx(f.losses, abs=1e-3)


# ---------------------------------------------------------------------- the rate

STEPS = 40


def rates(schedule, steps=STEPS, **options):
    recipe = Recipe(schedule=schedule, learning_rate=0.5, **options)
    return [rate_at(recipe, step, steps) for step in range(steps)]


def torchs(scheduler, steps=STEPS):
    """The rates of one of torch's schedulers, made by `scheduler(optimiser)`."""
    optimiser = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.5)
    follows, found = scheduler(optimiser), []
    for _ in range(steps):
        found.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        if len(found) < steps:
            follows.step()
    return found


def test_a_constant_rate():
    assert rates("constant") == [0.5] * STEPS


def test_half_a_cosine_wave():
    lr = torch.optim.lr_scheduler
    assert rates("cosine") == pytest.approx(torchs(lambda o: lr.CosineAnnealingLR(o, STEPS)))
    assert rates("cosine")[:: STEPS // 4] == pytest.approx([0.5, 0.25 + 0.125 * 2**0.5, 0.25, 0.25 - 0.125 * 2**0.5])


def test_two_steps_down():
    lr = torch.optim.lr_scheduler
    assert rates("step") == pytest.approx(torchs(lambda o: lr.MultiStepLR(o, [20, 30], 0.1)))
    assert rates("step")[19:21] == pytest.approx([0.5, 0.05])
    assert rates("step")[29:31] == pytest.approx([0.05, 0.005])


@pytest.mark.parametrize("warmup", [None, 0.3, 0.5, 0.1])
def test_one_cycle(warmup):
    lr, rise = torch.optim.lr_scheduler, 0.3 if warmup is None else warmup
    assert rates("one-cycle", warmup=warmup) == pytest.approx(
        torchs(lambda o: lr.OneCycleLR(o, 0.5, total_steps=STEPS, pct_start=rise, cycle_momentum=False))
    )
    assert max(rates("one-cycle", warmup=warmup)) == rates("one-cycle", warmup=warmup)[round(rise * STEPS) - 1] == 0.5


def test_a_cycle_without_a_rise_begins_at_the_top():
    found = rates("one-cycle", warmup=0)
    assert found[0] == 0.5
    assert found == sorted(found, reverse=True)
    assert found[-1] == pytest.approx(0.5 / 25e4)


def test_a_rise_before_the_schedule():
    assert rates("constant", warmup=0.1) == pytest.approx([0.1, 0.2, 0.3, 0.4] + [0.5] * 36)
    lr = torch.optim.lr_scheduler
    expected = torchs(
        lambda o: lr.SequentialLR(
            o,
            [lr.LinearLR(o, 1 / 9, total_iters=8), lr.CosineAnnealingLR(o, 32)],
            milestones=[8],
        )
    )
    assert rates("cosine", warmup=0.2) == pytest.approx(expected)


@pytest.mark.parametrize("schedule", ["constant", "cosine", "one-cycle", "step"])
@pytest.mark.parametrize("warmup", [None, 0.0, 0.3, 0.99])
@pytest.mark.parametrize("steps", [1, 2, 3, 7])
def test_short_trainings_have_a_rate_at_every_step(schedule, warmup, steps):
    assert all(0 < rate <= 0.5 for rate in rates(schedule, steps, warmup=warmup))


def test_a_rate_is_used_from_the_next_step_on():
    weight = nn.Parameter(torch.ones(1))
    optimiser = make_optimiser(Recipe(optimiser="sgd", momentum=0, learning_rate=9.0), [weight])
    weight.grad = torch.ones(1)
    set_rate(optimiser, 0.25)
    optimiser.step()
    assert weight.tolist() == [0.75]


# ---------------------------------------------------------------------- the optimiser


def test_momentum_and_decay_by_hand():
    weight = nn.Parameter(torch.tensor([2.0]))
    optimiser = make_optimiser(Recipe(optimiser="sgd", learning_rate=0.1, momentum=0.5, weight_decay=0.25), [weight])
    seen = []
    for _ in range(2):
        weight.grad = torch.ones(1)
        optimiser.step()
        seen.append(weight.item())
    # gradient 1 + 0.25 * 2 = 1.5; then 1 + 0.25 * 1.85 = 1.4625 and half of 1.5
    assert seen == pytest.approx([1.85, 1.85 - 0.1 * (1.4625 + 0.75)])


def test_decay_beside_the_gradient_by_hand():
    weight = nn.Parameter(torch.tensor([2.0]))
    optimiser = make_optimiser(Recipe(optimiser="adamw", learning_rate=0.1, weight_decay=0.25), [weight])
    weight.grad = torch.ones(1)
    optimiser.step()
    assert weight.tolist() == pytest.approx([2 * (1 - 0.1 * 0.25) - 0.1], abs=1e-5)


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd"])
def test_stacked_weights_take_the_steps_of_single_ones(name):
    recipe = Recipe(optimiser=name, weight_decay=0.1, learning_rate=0.1)
    single = [nn.Parameter(torch.randn(4, 3)) for _ in range(3)]
    stack = nn.Parameter(torch.stack([weight.detach() for weight in single]))
    optimisers = [make_optimiser(recipe, [weight]) for weight in (*single, stack)]
    assert all(optimiser.param_groups[0]["fused"] for optimiser in optimisers)
    for _ in range(3):
        gradients = torch.randn(3, 4, 3)
        stack.grad = gradients.clone()
        for weight, gradient in zip(single, gradients, strict=True):
            weight.grad = gradient.clone()
        for optimiser in optimisers:
            optimiser.step()
    assert torch.allclose(stack, torch.stack([weight.detach() for weight in single]), atol=1e-6)


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd"])
@pytest.mark.parametrize("trainer", [SequentialTrainer, PopulationTrainer])
def test_a_network_without_weights_is_a_failure_like_any_other(small_task, trainer, name):
    space = Cabinet(it=lambda: nn.Sequential(nn.Flatten(), nn.AdaptiveAvgPool1d(4)))
    (found,) = trainer(space, small_task, device="cpu", recipe=Recipe(optimiser=name))([("it",)], epochs=1, seed=0)
    assert (found.status, found.score, found.parameters) == ("error", small_task.chance, 0)
    assert "empty parameter list" in found.reason


# ---------------------------------------------------------------------- what is put into a network


def kinds(network):
    """The layers of a network, without what holds them."""
    return [type(module).__name__ for module in network.modules() if not list(module.children())]


def test_the_usual_recipe_leaves_a_network_as_it_is(small_space):
    network = small_space.build(NETWORK)
    assert apply_norm_and_dropout(network, USUAL) is network
    assert kinds(network) == kinds(small_space.build(NETWORK))


def test_batch_normalisation_behind_every_layer_but_the_last(small_space):
    network = apply_norm_and_dropout(small_space.build(NETWORK), Recipe(batch_norm=True))
    assert kinds(network) == [
        *("Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d", "Flatten"),
        *("Linear", "BatchNorm1d", "ReLU", "Linear"),
    ]
    biases = [module.bias is not None for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    assert biases == [False, False, True]
    assert network(torch.randn(5, 1, 6, 6)).shape == (5, 4)


@pytest.mark.parametrize("network", [("conv3-4", "gap", "stop"), ("conv3-2", "pool2", "conv1-4", "stop")])
def test_what_a_space_can_build_and_a_recipe_can_put_in_are_the_same(small_task, network):
    """With and without, both ways: the same layers, the same biases, the same weights for a seed."""
    options = {"depth": 3, "filters": (2, 4), "kernels": (1, 3), "dense": (8, 4)}
    plain = spaces.load("chain-cnn", small_task, **options)
    normed = spaces.load("chain-cnn", small_task, batch_norm=True, **options)
    for space, other, batch_norm in ((plain, normed, True), (normed, plain, False)):
        dressed, built = build(space, network, Recipe(batch_norm=batch_norm)), build(other, network, USUAL)
        assert [kind for kind in kinds(dressed) if kind != "Identity"] == kinds(built)
        for one in (dressed, built):
            draw_weights(one, 3)
        assert all(torch.equal(a, b) for a, b in zip(dressed.parameters(), built.parameters(), strict=True))


def test_a_layer_that_is_normalised_is_not_normalised_again(digits):
    space = spaces.load("cell-201", digits, width=4, cells=1)
    architecture = space.sample(np.random.default_rng(0))
    before = space.build(architecture)
    after = apply_norm_and_dropout(space.build(architecture), Recipe(batch_norm=True))
    added = kinds(after).count("BatchNorm2d") - kinds(before).count("BatchNorm2d")
    assert added == 2, "the two shortcuts where the image is halved have none"
    assert after(torch.randn(3, 1, 8, 8)).shape == (3, 10)


@pytest.mark.parametrize("name", ["cell-201", "darts", "macro", "skip-chain", "mlp", "chain-cnn"])
@pytest.mark.parametrize("batch_norm", [True, False])
def test_spaces_of_images_can_be_dressed(digits, name, batch_norm):
    space = spaces.load(name, digits)
    recipe = Recipe(batch_norm=batch_norm, dropout=0.5)
    for seed in range(3):
        network = build(space, space.sample(np.random.default_rng(seed)), recipe)
        draw_weights(network, 0)
        assert batch_norm or "BatchNorm2d" not in kinds(network)
        assert network(torch.randn(4, *digits.input_shape)).shape == (4, 10)


@pytest.mark.parametrize("name", ["recurrent", "attention"])
def test_sequences_are_not_normalised_over_the_batch_and_say_why(digits, name):
    space = spaces.load(name, digits)
    architecture = space.sample(np.random.default_rng(0))
    with pytest.raises(BadValue, match="works on the steps of a sequence: use batch_norm=None"):
        build(space, architecture, Recipe(batch_norm=True))
    for trainer in (SequentialTrainer, PopulationTrainer):
        (found,) = trainer(space, digits, device="cpu", recipe=Recipe(batch_norm=True))(
            [architecture], epochs=1, seed=0
        )
        assert (found.status, found.score) == ("error", digits.chance)
        assert "works on the steps of a sequence" in found.reason
    assert build(space, architecture, Recipe(batch_norm=False, dropout=0.1))


@pytest.mark.parametrize(
    "layer",
    [
        nn.LayerNorm(4),
        nn.GRU(4, 4),
        nn.Embedding(4, 4),
        nn.MultiheadAttention(4, 1),
        layers.SelfAttention(4, 2),
        layers.Rows(),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_whatever_works_on_steps_is_told_apart(layer):
    with pytest.raises(BadValue, match=f"this network has a {type(layer).__name__}, which works on the steps"):
        apply_norm_and_dropout(nn.Sequential(nn.Linear(4, 4), layer, nn.Linear(4, 2)), Recipe(batch_norm=True))


def test_layers_that_stand_in_no_chain_are_said_to_be_none():
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(4, 3), nn.Linear(3, 2)

    with pytest.raises(BadValue, match="batch_norm=True finds no layer of a Own to normalise"):
        apply_norm_and_dropout(Own(), Recipe(batch_norm=True))
    assert kinds(apply_norm_and_dropout(nn.Linear(4, 2), Recipe(batch_norm=True))) == ["Linear"]


def test_dropout_before_the_last_linear_layer_where_there_is_none(small_space):
    network = apply_norm_and_dropout(small_space.build(NETWORK), Recipe(dropout=0.4))
    assert kinds(network)[-3:] == ["ReLU", "Dropout", "Linear"]
    assert kinds(network).count("Dropout") == 1
    assert [m.p for m in network.modules() if isinstance(m, layers.Dropout)] == [0.4]
    assert kinds(apply_norm_and_dropout(nn.Linear(3, 2), Recipe(dropout=0.4))) == ["Dropout", "Linear"]
    assert kinds(apply_norm_and_dropout(nn.Linear(3, 2), Recipe(dropout=0))) == ["Linear"]


def test_every_dropout_gets_the_share_of_the_recipe(small_task):
    space = spaces.load("chain-cnn", small_task, dropout=0.1, filters=(2,), kernels=(3,), dense=(8,), depth=3)
    for network in (
        space.build(("conv3-2", "pool2", "dense8", "stop")),
        nn.Sequential(nn.Dropout(0.1), nn.Dropout(0.2)),
    ):
        wanted = kinds(network)
        dressed = apply_norm_and_dropout(network, Recipe(dropout=0.4))
        assert kinds(dressed) == wanted
        drops = [module for module in dressed.modules() if "Dropout" in type(module).__name__]
        assert [(type(module), module.p) for module in drops] == [(layers.Dropout, 0.4)] * 2


def test_a_network_without_a_place_for_dropout_says_so(small_task):
    with pytest.raises(BadValue, match=r"dropout=0\.5 is put before the last linear layer, and this network has no"):
        apply_norm_and_dropout(nn.Sequential(nn.Conv2d(1, 4, 6), nn.Flatten()), Recipe(dropout=0.5))
    space = Cabinet(it=lambda: nn.Sequential(nn.Conv2d(1, 4, 6), nn.Flatten()))
    (found,) = SequentialTrainer(space, small_task, device="cpu", recipe=Recipe(dropout=0.5))(
        [("it",)], epochs=1, seed=0
    )
    assert found.status == "error"


def test_label_smoothing_is_for_classes(small_space, small_task):
    class Numbers:
        name, kind, input_shape = "heights", "regression", (1, 6, 6)

    with pytest.raises(BadValue, match=r"label_smoothing=0\.1 is for classes, and the answers of task 'heights' are"):
        SequentialTrainer(small_space, Numbers(), device="cpu", recipe=Recipe(label_smoothing=0.1))
