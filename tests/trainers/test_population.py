"""The population trainer: it agrees with the sequential one, and the company of others changes nothing."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn

from nasedu import spaces, tasks
from nasedu.core import BadValue
from nasedu.tasks import together
from nasedu.trainers import Recipe
from nasedu.trainers.population import trainer as population_trainer
from nasedu.trainers.population.batched_training import BatchedTraining
from nasedu.trainers.population.stacking import Mapped, can_be_mapped, layers_of, stack
from nasedu.trainers.population.trainer import PopulationTrainer
from nasedu.trainers.single.network import build, draw_weights
from nasedu.trainers.single.sequential import SequentialTrainer
from tests.trainers.cabinet import Cabinet

CNN = ("conv3-16", "pool2", "conv3-32", "pool2", "dense64", "stop")
DEEP = ("64-relu", "32-tanh", "stop")


def both(space, task, **options):
    """A sequential and a population trainer, with options that only the second one knows left out for the first."""
    ours = {name: options.pop(name) for name in ("padding", "members", "threads") if name in options}
    shared = {"device": "cpu", "patience": 0} | options
    return SequentialTrainer(space, task, **shared), PopulationTrainer(space, task, **shared, **ours)


def logits(space, architecture, state, X):
    """What the network of a state answers."""
    network = build(space, architecture, Recipe())
    network.load_state_dict({name: state.tensors[name] for name in network.state_dict()})
    with torch.no_grad():
        return network.eval()(X)


def check_agreement(space, task, architectures, seeds, **options):
    """After one epoch the two trainers' networks answer alike, and record alike."""
    alone, group = both(space, task, **options)
    one = alone.extend(architectures, epochs=1, seed=seeds, total=1)
    many = group.extend(architectures, epochs=1, seed=seeds, total=1)
    X = torch.from_numpy(task.validation.X) if hasattr(task, "validation") else torch.from_numpy(task.tasks[0].train.X)
    for architecture, (e, states), (f, others) in zip(architectures, one, many, strict=True):
        assert e.ok
        assert (e.status, e.parameters, e.flops, e.epochs, e.seed) == (
            f.status,
            f.parameters,
            f.flops,
            f.epochs,
            f.seed,
        )
        assert e.losses == pytest.approx(f.losses, abs=1e-4)
        for state, other in zip(states, others, strict=True):
            assert list(state.tensors) == list(other.tensors)
            assert all(state.tensors[name].shape == other.tensors[name].shape for name in state.tensors)
            a, b = (logits(space, architecture, s, X) for s in (state, other))
            assert float((a - b).abs().max()) < 1e-4


@pytest.fixture
def groups(monkeypatch):
    """How many networks were trained as one, for each group."""
    sizes = []
    original = BatchedTraining.__init__

    def counted(self, members, *args, **options):
        sizes.append(len(members))
        original(self, members, *args, **options)

    monkeypatch.setattr(BatchedTraining, "__init__", counted)
    return sizes


# ---------------------------------------------------------------------- task_correlation with the sequential trainer


def test_one_architecture_with_many_seeds(digits, groups):
    check_agreement(spaces.load("chain-cnn", digits), digits, [CNN] * 5, [0, 1, 2, 3, 4], threads=1)
    assert groups == [5]


def test_one_architecture_on_many_tasks(digits, groups):
    family = together(digits, tasks.load("digits-noisy"), tasks.load("digits-rotated"))
    check_agreement(spaces.load("mlp", digits), family, [DEEP] * 2, [0, 1], threads=1)
    assert groups == [6]


def test_the_folds_of_a_cross_validation(digits, groups):
    check_agreement(spaces.load("mlp", digits), digits, [DEEP], 0, folds=4, threads=1)
    assert sum(groups) == 4
    assert len(groups) <= 2, "folds of one size are one group"


def test_architectures_of_the_same_shapes_with_other_activations(digits, groups):
    architectures = [("64-relu", "32-tanh", "stop"), ("64-tanh", "32-tanh", "stop"), ("64-tanh", "32-relu", "stop")]
    check_agreement(spaces.load("mlp", digits), digits, architectures, 3, threads=1)
    assert groups == [3]


@pytest.mark.parametrize(
    ("name", "architectures"),
    [
        ("mlp", [("64-relu", "16-tanh", "stop"), ("32-tanh", "32-relu", "stop"), ("16-relu", "64-relu", "stop")]),
        (
            "chain-cnn",
            [
                ("conv3-16", "pool2", "conv1-32", "pool3/2", "dense32", "stop"),
                ("conv3-32", "pool2", "conv1-16", "pool3/2", "dense64", "stop"),
            ],
        ),
    ],
)
def test_narrow_networks_filled_up_with_zeros(digits, groups, name, architectures):
    check_agreement(spaces.load(name, digits), digits, architectures, 3, padding=100.0, threads=1)
    assert groups == [len(architectures)]


def test_padding_with_batch_normalisation(digits, groups):
    space = spaces.load("chain-cnn", digits, batch_norm=True)
    check_agreement(space, digits, [("conv3-16", "gap", "stop"), ("conv3-32", "gap", "stop")], 1, padding=10.0)
    assert groups == [2]


def test_padding_has_a_price_that_is_not_exceeded(digits, groups):
    architectures = [("128-relu", "128-relu", "stop"), ("16-relu", "16-relu", "stop"), ("128-relu", "64-relu", "stop")]
    check_agreement(spaces.load("mlp", digits), digits, architectures, 0, padding=2.0, threads=1)
    assert sorted(groups) == [1, 2]


def test_batch_normalisation_and_dropout_are_those_of_each_member(digits, groups):
    space = spaces.load("chain-cnn", digits, batch_norm=True, dropout=0.3)
    architecture = ("conv3-16", "pool2", "dense32", "stop")
    check_agreement(space, digits, [architecture] * 3, [0, 1, 2], threads=1)
    assert groups == [3]


def test_any_network_of_plain_operations_goes_through_torch_func(digits, groups):
    space = spaces.load("attention", digits)
    architecture = space.sample(np.random.default_rng(1))
    check_agreement(space, digits, [architecture] * 3, [0, 1, 2], threads=1)
    assert groups == [3]


@pytest.mark.parametrize("name", ["recurrent", "cell-201", "skip-chain", "macro"])
def test_what_fits_no_crowd_is_trained_alone_in_the_same_call(digits, groups, name):
    space = spaces.load(name, digits)
    architecture = space.sample(np.random.default_rng(1))
    alone, group = both(space, digits)
    one, many = (trainer([architecture] * 2, epochs=1, seed=[0, 1]) for trainer in (alone, group))
    assert [(e.score, e.losses) for e in one] == [(e.score, e.losses) for e in many]
    assert groups == []


def test_wide_convolutions_are_left_to_torch(digits, groups):
    space = spaces.load("chain-cnn", digits)
    _, group = both(space, digits)
    found = group([("conv3-64", "conv3-64", "pool2", "stop")] * 2, epochs=1, seed=[0, 1])
    assert all(e.ok for e in found)
    assert groups == []


def test_scores_are_the_same_within_a_standard_error_over_twenty_seeds(digits):
    """Rounding differs, and training makes a difference of rounding grow: single scores may differ, their mean not."""
    space = spaces.load("mlp", digits)
    alone, group = both(space, digits)
    one, many = (np.array([e.score for e in t([DEEP] * 20, epochs=4, seed=list(range(20)))]) for t in (alone, group))
    assert abs(one.mean() - many.mean()) < one.std(ddof=1) / np.sqrt(20)
    assert np.corrcoef(one, many)[0, 1] > 0.9, "seed by seed they are the same trainings"


def test_many_epochs_with_a_step_left_over_and_every_recipe_that_draws_nothing(digits):
    space = spaces.load("mlp", digits)
    check_agreement(space, digits, [("stop",)] * 3, [0, 1, 2], recipe=Recipe(batch_size=33, learning_rate=0.01))


def test_half_precision_learns_as_well(digits):
    space = spaces.load("chain-cnn", digits)
    _, full = both(space, digits)
    _, half = both(space, digits, precision="bfloat16")
    a, b = (np.mean([e.score for e in t([CNN] * 4, epochs=4, seed=[0, 1, 2, 3])]) for t in (full, half))
    assert a > 0.8, "it learns"
    assert abs(a - b) < 0.03


# ---------------------------------------------------------------------- company changes nothing


def test_one_that_diverges_does_the_others_no_harm(digits, groups, monkeypatch):
    def poisoned(network, seed):
        generator = draw_weights(network, seed)
        if seed == 13:
            with torch.no_grad():
                next(network.parameters()).fill_(torch.nan)
        return generator

    monkeypatch.setattr(population_trainer, "draw_weights", poisoned)
    trainer = PopulationTrainer(spaces.load("mlp", digits), digits, device="cpu", threads=1)
    alone = trainer([DEEP], epochs=3, seed=0)[0]
    good, bad, also = trainer([DEEP] * 3, epochs=3, seed=[0, 13, 0])
    assert groups == [1, 3]
    assert (bad.status, bad.score, bad.curve) == ("diverged", digits.chance, ())
    assert bad.reason == "the loss was nan in epoch 1"
    for one in (good, also):
        assert one.losses == pytest.approx(alone.losses, abs=1e-5)
    assert good.ok


def test_those_that_stall_leave_and_the_others_go_on(digits, groups):
    space = spaces.load("mlp", digits)
    seeds = list(range(6))
    patient = {"device": "cpu", "patience": 1, "recipe": Recipe(learning_rate=0.03)}
    one = SequentialTrainer(space, digits, **patient)([DEEP] * 6, epochs=8, seed=seeds)
    many = PopulationTrainer(space, digits, threads=1, **patient)([DEEP] * 6, epochs=8, seed=seeds)
    lengths = [len(e.curve) for e in one]
    assert len(set(lengths)) > 2, "they leave at different times"
    assert [len(e.curve) for e in many] == lengths
    for e, f in zip(one, many, strict=True):
        assert e.losses == pytest.approx(f.losses, abs=0.01)


def test_cores_and_pieces_change_no_score(digits):
    space = spaces.load("mlp", digits)
    found = []
    for options in ({"threads": 1}, {"threads": 2}, {"threads": 1, "members": 3}):
        trainer = PopulationTrainer(space, digits, device="cpu", **options)
        found.append([(e.score, e.losses) for e in trainer([DEEP] * 8, epochs=2, seed=list(range(8)))])
    assert found[0] == found[1] == found[2]


def test_two_threads_may_use_one_trainer(digits):
    trainer = PopulationTrainer(spaces.load("mlp", digits), digits, device="cpu", threads=2)

    def train(seed):
        return [e.losses for e in trainer([DEEP] * 8, epochs=1, seed=seed)]

    alone = [train(0), train(1)]
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(train, [0, 1])) == alone


# ---------------------------------------------------------------------- memory, failures, interruptions


def test_the_population_is_halved_when_memory_runs_out_and_goes_on(digits, groups, monkeypatch):
    original = BatchedTraining.run_epoch

    def greedy(self):
        if len(self.members) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        original(self)

    space = spaces.load("mlp", digits)
    trainer = PopulationTrainer(space, digits, device="cpu", threads=1)
    calm = trainer([DEEP] * 8, epochs=2, seed=list(range(8)))
    groups.clear()
    monkeypatch.setattr(BatchedTraining, "run_epoch", greedy)
    found = trainer([DEEP] * 8, epochs=2, seed=list(range(8)))
    assert groups == [8, 4, 2, 2, 4, 2, 2]
    assert [(e.score, e.losses) for e in found] == [(e.score, e.losses) for e in calm]


def test_a_single_network_that_is_too_large_is_an_evaluation(digits, monkeypatch):
    def greedy(*_):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    monkeypatch.setattr(BatchedTraining, "run_epoch", greedy)
    monkeypatch.setattr(PopulationTrainer, "_begin", greedy)
    trainer = PopulationTrainer(spaces.load("mlp", digits), digits, device="cpu", threads=1)
    found = trainer([DEEP] * 3, epochs=1, seed=0)
    assert [(e.status, e.score) for e in found] == [("out-of-memory", digits.chance)] * 3
    assert "out of memory" in found[0].reason


def test_little_memory_makes_small_crowds(digits, groups, monkeypatch):
    space = spaces.load("mlp", digits)
    trainer = PopulationTrainer(space, digits, device="cpu", threads=1)
    profile = trainer._profile(DEEP)
    monkeypatch.setattr(population_trainer, "free_memory", lambda: 2 * 3 * profile.bytes(trainer.recipe.batch_size))
    trainer([DEEP] * 8, epochs=1, seed=0)
    assert max(groups) == 3
    assert sum(groups) == 8


def test_the_estimate_of_memory_is_not_below_what_is_kept(digits):
    """Weights, gradients and Adam's memories alone: what the estimate must cover at least."""
    trainer = PopulationTrainer(spaces.load("chain-cnn", digits), digits, device="cpu")
    profile = trainer._profile(CNN)
    assert profile.bytes(32) > 16 * profile.parameters + 4 * 32 * (16 * 64 + 32 * 16 + 9 * 64 + 144 * 16)


def test_time_is_shared_and_when_it_is_over_all_time_out(digits):
    trainer = PopulationTrainer(spaces.load("mlp", digits), digits, device="cpu", threads=1, time_limit=1e-6)
    found = trainer([DEEP] * 3, epochs=2, seed=0)
    assert {(e.status, e.score) for e in found} == {("timeout", digits.chance)}
    assert "the limit is 1e-06 s" in found[0].reason


def test_a_build_that_fails_is_one_failure_among_successes(digits):
    def broken():
        raise ValueError("no such layer")

    space = Cabinet(good=lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 10)), bad=broken)
    good, bad = PopulationTrainer(space, digits, device="cpu")([("good",), ("bad",)], epochs=1, seed=0)
    assert good.ok
    assert (bad.status, bad.reason, bad.score) == ("error", "ValueError: no such layer", digits.chance)


def test_what_goes_wrong_in_a_crowd_is_said_and_done_one_by_one(digits, monkeypatch):
    def fails(*_):
        raise RuntimeError("vmap: it looked like a plain operation")

    monkeypatch.setattr(BatchedTraining, "run_epoch", fails)
    trainer = PopulationTrainer(spaces.load("mlp", digits), digits, device="cpu", threads=1)
    with pytest.warns(RuntimeWarning, match="2 networks could not be trained as one, and are trained one by one"):
        found = trainer([DEEP] * 2, epochs=1, seed=[0, 1])
    assert all(e.ok for e in found)


def test_an_interruption_stops_every_thread(digits, monkeypatch):
    steps = []
    original = BatchedTraining._outputs

    def interrupted(self, X):
        steps.append(len(self.members))
        if len(steps) == 5:
            raise KeyboardInterrupt
        return original(self, X)

    monkeypatch.setattr(BatchedTraining, "_outputs", interrupted)
    trainer = PopulationTrainer(spaces.load("mlp", digits), digits, device="cpu", threads=2)
    with pytest.raises(KeyboardInterrupt):
        trainer([DEEP] * 64, epochs=500, seed=list(range(64)))
    assert len(steps) < 1000


# ---------------------------------------------------------------------- going on, and the door


def test_a_training_goes_on_in_either_trainer(digits):
    space = spaces.load("chain-cnn", digits, batch_norm=True, dropout=0.2)
    architecture = ("conv3-16", "pool2", "dense32", "stop")
    alone, group = both(space, digits)
    straight = [e for e, _ in alone.extend([architecture] * 2, epochs=3, seed=[0, 1], total=3)]
    for first, then in ((alone, group), (group, alone), (group, group)):
        states = [state for _, state in first.extend([architecture] * 2, epochs=1, seed=[0, 1], total=3)]
        found = then.extend([architecture] * 2, epochs=3, seed=[0, 1], total=3, states=states)
        for e, (f, _) in zip(straight, found, strict=True):
            assert len(f.curve) == 3
            assert e.losses == pytest.approx(f.losses, abs=2e-3)


@pytest.mark.parametrize("options", [{"members": 0}, {"padding": 0.5}, {"preferred_batch": 0}, {"threads": 0}])
def test_impossible_parameters_are_refused(digits, options):
    with pytest.raises(BadValue, match=r"at least 1 and padding >= 1; given .*" + next(iter(options))):
        PopulationTrainer(spaces.load("mlp", digits), digits, **options)


def test_an_unknown_precision_is_refused(digits):
    with pytest.raises(BadValue, match="precision is one of float32, bfloat16; given 'float16'"):
        PopulationTrainer(spaces.load("mlp", digits), digits, precision="float16")


# ---------------------------------------------------------------------- the stack itself


def test_a_stack_answers_what_each_of_its_networks_answers():
    def network():
        return nn.Sequential(
            nn.Conv2d(2, 3, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(3),
            nn.GELU(),
            nn.Conv2d(3, 4, (3, 2), padding=0),
            nn.AvgPool2d(2, 1),
            nn.Sequential(nn.Flatten(), nn.Linear(24, 5)),
        )

    networks = [network().eval() for _ in range(3)]
    stacked = stack(networks).eval()
    X = torch.rand(3, 7, 2, 11, 8)
    with torch.no_grad():
        alone = torch.stack([one(x) for one, x in zip(networks, X, strict=True)])
        together = stacked(X.movedim(1, -1).contiguous()).movedim(-1, 1)
    assert torch.allclose(alone, together, atol=1e-6)


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(2, 2, 3, groups=2),
        nn.Conv2d(2, 2, 3, dilation=2),
        nn.Conv2d(2, 2, 3, padding="same"),
        nn.Conv2d(2, 2, 3, stride=(1, 2)),
        nn.Conv2d(2, 2, 3, padding=1, padding_mode="circular"),
        nn.BatchNorm2d(2, affine=False),
        nn.BatchNorm2d(2, track_running_stats=False),
        nn.MaxPool2d(2, dilation=2),
        nn.MaxPool2d(2, return_indices=True),
        nn.Flatten(2),
        nn.AdaptiveAvgPool2d(2),
        nn.Dropout(0.5),
        nn.LSTM(2, 2),
    ],
    ids=str,
)
def test_what_the_stacked_layers_do_not_compute_is_not_stacked(layer):
    assert layers_of(nn.Sequential(layer)) is None


def test_what_torch_func_cannot_map_is_not_mapped():
    example = torch.zeros(1, 3, 8, 8)
    assert can_be_mapped(nn.Flatten(), example) is False  # nothing to stack
    assert can_be_mapped(nn.Sequential(nn.Flatten(), nn.Linear(192, 2)), example)
    assert not can_be_mapped(nn.Conv2d(3, 3, 3), example), "on a CPU"
    assert not can_be_mapped(nn.Sequential(nn.BatchNorm2d(3)), example)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here: populations on a GPU are not tested")
def test_a_gpu_agrees_with_itself_one_by_one(digits):
    space = spaces.load("chain-cnn", digits)
    one = SequentialTrainer(space, digits, patience=0)([CNN] * 4, epochs=2, seed=[0, 1, 2, 3])
    many = PopulationTrainer(space, digits, patience=0)([CNN] * 4, epochs=2, seed=[0, 1, 2, 3])
    for e, f in zip(one, many, strict=True):
        assert e.losses == pytest.approx(f.losses, rel=0.05)


def test_a_mapped_network_knows_whether_it_is_trained():
    class Shy(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(3))

        def forward(self, x):
            return x * self.weight if self.training else 0 * x

    mapped = Mapped([Shy(), Shy()])
    X = torch.ones(2, 3, 5)
    assert mapped.train()(X).sum() == 30
    assert mapped.eval()(X).sum() == 0
