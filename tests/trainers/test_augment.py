"""Augmentation: what is done to an image by hand, to many at once as to each alone, and the same in every trainer."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from nasedu import spaces, tasks
from nasedu.core import BadValue, rng_from
from nasedu.tasks import together
from nasedu.tasks.base import Sealed, Split
from nasedu.trainers.population.trainer import PopulationTrainer
from nasedu.trainers.recipe import Recipe
from nasedu.trainers.single import training_loop
from nasedu.trainers.single.augment import Draws, apply, covered, draw, draws_of, mixed_answers, moved, stacked, turned
from nasedu.trainers.single.sequential import SequentialTrainer

CNN = ("conv3-16", "pool2", "dense32", "stop")
RICH = {"shift": 1, "rotate": 20.0, "cutout": 3, "mixup": 0.4}


def numbered(*shape):
    """Images in which every pixel has another value, none of them 0."""
    return torch.arange(1, math.prod(shape) + 1, dtype=torch.float32).view(shape)


# ---------------------------------------------------------------------- shift


def test_a_shift_by_hand():
    X = torch.tensor([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])
    found = [moved(X, torch.tensor([move]), 2)[0, 0].tolist() for move in ([1, 0], [0, -1], [-1, 2], [0, 0])]
    assert found == [
        [[0, 0, 0], [1, 2, 3]],
        [[2, 3, 0], [5, 6, 0]],
        [[0, 0, 4], [0, 0, 0]],
        [[1, 2, 3], [4, 5, 6]],
    ]


def test_every_image_is_moved_by_its_own_in_all_channels():
    X = numbered(3, 2, 4, 5)
    move = torch.tensor([[1, 1], [0, 0], [-2, 0]])
    found = moved(X, move, 2)
    assert torch.equal(found[0, :, 1:, 1:], X[0, :, :-1, :-1])
    assert torch.equal(found[1], X[1])
    assert torch.equal(found[2, :, :2], X[2, :, 2:])
    assert float(found[0, :, 0].sum() + found[0, :, :, 0].sum() + found[2, :, 2:].sum()) == 0


# ---------------------------------------------------------------------- rotation


@pytest.mark.parametrize("quarters", [-1, 0, 1, 2])
def test_quarter_turns(quarters):
    X = numbered(2, 3, 5, 5)
    found = turned(X, torch.full((2,), quarters * math.pi / 2))
    assert torch.allclose(found, torch.rot90(X, quarters, (2, 3)), atol=1e-3)


def test_half_a_turn_of_an_image_that_is_no_square():
    X = numbered(1, 1, 3, 6)
    assert torch.allclose(turned(X, torch.tensor([math.pi])), X.flip(2, 3), atol=1e-4)


def test_an_image_that_is_no_square_keeps_its_proportions():
    X = torch.zeros(1, 1, 5, 9)
    X[0, 0, 2, 2:7] = 1.0  # a line across; upright it is as long as it was wide
    found = turned(X, torch.tensor([math.pi / 2]))
    assert found[0, 0, :, 4].tolist() == pytest.approx([1.0] * 5, abs=1e-5)
    assert float(found.sum()) == pytest.approx(5.0, abs=1e-4)


def test_between_pixels_the_value_is_bilinear():
    X = torch.zeros(1, 1, 5, 5)
    X[0, 0, 2, 3] = 1.0  # one pixel to the right of the centre
    angle = math.radians(30)
    found = turned(X, torch.tensor([angle]))[0, 0]
    # The pixel above the bright one comes from (row, column) = (1, 1) from the centre, turned back by 30 degrees.
    x, y = math.cos(angle) * 1 - math.sin(angle) * -1, math.sin(angle) * 1 + math.cos(angle) * -1
    assert float(found[1, 3]) == pytest.approx(max(1 - abs(x - 1), 0) * max(1 - abs(y), 0), abs=1e-5)
    assert 0.3 < float(found[1, 3]) < 0.5


# ---------------------------------------------------------------------- cutout


@pytest.mark.parametrize(("first", "area"), [((1, 1), 4), ((-1, 1), 2), ((4, 5), 1), ((-2, 0), 0)])
def test_the_square_that_is_covered(first, area):
    X = numbered(1, 2, 5, 6)
    found = covered(X, torch.tensor([first]), 2)
    hidden = found[0, 0] == 0
    assert int(hidden.sum()) == area
    assert torch.equal(hidden, found[0, 1] == 0)
    assert torch.equal(found[0][:, ~hidden], X[0][:, ~hidden])
    if area == 4:
        assert hidden[1:3, 1:3].all()


def test_holes_are_drawn_around_any_pixel():
    hole = draw(Recipe(cutout=3), 4000, (1, 5, 8), rng_from(0)).hole
    assert sorted(set(hole[:, 0].tolist())) == list(range(-1, 4))
    assert sorted(set(hole[:, 1].tolist())) == list(range(-1, 7))


# ---------------------------------------------------------------------- mixup


def test_a_mixture_by_hand():
    X = torch.tensor([1.0, 10.0, 100.0]).view(3, 1, 1, 1)
    draws = Draws(share=torch.tensor([1.0, 0.5, 0.1]))
    assert apply(draws, X).flatten().tolist() == pytest.approx([1.0, 5.5, 19.0])
    assert mixed_answers(draws, torch.tensor([0, 2, 1]), 3).tolist() == [
        [1.0, 0.0, 0.0],
        [0.5, 0.0, 0.5],
        [0.0, pytest.approx(0.1), pytest.approx(0.9)],
    ]


def test_mixed_answers_sum_to_one():
    draws = draws_of(Recipe(mixup=0.4), 3, 1, 50, (1, 4, 4))
    soft = mixed_answers(draws, torch.arange(50) % 7, 10)
    assert soft.shape == (50, 10)
    assert torch.allclose(soft.sum(1), torch.ones(50))


def test_mixtures_of_numbers():
    y = torch.tensor([[0.0, 4.0], [2.0, 8.0]])
    assert mixed_answers(Draws(share=torch.tensor([1.0, 0.25])), y, 2).tolist() == [[0.0, 4.0], [0.5, 5.0]]


def test_alpha_says_how_even_a_mixture_is():
    few, even, many = (draws_of(Recipe(mixup=a), 0, 1, 5000, (1, 4, 4)).share for a in (0.1, 1.0, 10.0))
    # The variance of Beta(a, a) is 1 / (4 (2 a + 1)).
    for share, alpha in ((few, 0.1), (even, 1.0), (many, 10.0)):
        assert float(share.mean()) == pytest.approx(0.5, abs=0.02)
        assert float(share.var()) == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.06)


# ---------------------------------------------------------------------- what is drawn


class Untouched:
    def __getattr__(self, name):
        raise AssertionError(f"{name} was drawn")


def test_without_augmentation_nothing_is_drawn_and_nothing_is_copied():
    draws = draw(Recipe(), 10, (1, 4, 4), Untouched())
    X, y = torch.rand(10, 1, 4, 4), torch.arange(10)
    taken = draws.take(torch.arange(3))
    assert (draws, taken) == (Draws(), Draws())
    assert apply(draws, X).data_ptr() == X.data_ptr()
    assert mixed_answers(draws, y, 10) is y


def test_draws_reach_as_far_as_the_recipe_says():
    draws = draws_of(Recipe(shift=2, rotate=30), 0, 1, 4000, (1, 8, 8))
    assert sorted(set(draws.move.flatten().tolist())) == [-2, -1, 0, 1, 2]
    degrees = draws.turn.rad2deg()
    assert -30 <= float(degrees.min()) < -29
    assert 29 < float(degrees.max()) <= 30


def test_seed_and_epoch_alone_decide_what_is_drawn():
    once, again, later, other = (
        draws_of(Recipe(**RICH), seed, epoch, 20, (1, 8, 8)) for seed, epoch in ((0, 1), (0, 1), (0, 2), (1, 1))
    )
    for name in ("move", "turn", "hole", "share"):
        assert torch.equal(getattr(once, name), getattr(again, name))
        assert not torch.equal(getattr(once, name), getattr(later, name))
        assert not torch.equal(getattr(once, name), getattr(other, name))


# ---------------------------------------------------------------------- many at once


def test_many_members_at_once_are_each_as_if_it_were_alone():
    recipe, members = Recipe(**RICH), 3
    own = [draws_of(recipe, seed, 1, 12, (2, 6, 7)) for seed in range(members)]
    X, y = torch.rand(members, 12, 2, 6, 7), torch.randint(4, (members, 12))
    places = torch.stack([torch.randperm(12)[:5] for _ in range(members)])
    picked = torch.stack([x[p] for x, p in zip(X, places, strict=True)])
    labels = y.gather(1, places)
    many = stacked(own).take(places)
    images, soft = apply(many, picked), mixed_answers(many, labels, 4)
    assert images.shape == picked.shape
    for i in range(members):
        one = own[i].take(places[i])
        assert torch.allclose(images[i], apply(one, picked[i]), atol=1e-6)
        assert torch.equal(soft[i], mixed_answers(one, labels[i], 4))


def test_what_is_done_to_an_example_does_not_depend_on_its_batch():
    draws = draws_of(Recipe(shift=2, rotate=20, cutout=3), 0, 1, 9, (1, 6, 6))
    X = torch.rand(9, 1, 6, 6)
    whole = apply(draws, X)
    for places in (torch.tensor([4]), torch.tensor([8, 4, 0])):
        assert torch.allclose(apply(draws.take(places), X[places]), whole[places], atol=1e-6)


def test_what_is_given_stays_as_it_is():
    X = torch.rand(4, 1, 6, 6)
    before = X.clone()
    apply(draws_of(Recipe(**RICH), 0, 1, 4, (1, 6, 6)), X)
    assert torch.equal(X, before)


# ---------------------------------------------------------------------- in the trainers


@pytest.mark.parametrize("recipe", [Recipe(shift=1, mixup=0.4), Recipe(rotate=15, cutout=3, label_smoothing=0.1)])
def test_population_and_sequential_trainer_see_the_same_examples(digits, recipe):
    space = spaces.load("chain-cnn", digits)
    options = {"device": "cpu", "patience": 0, "recipe": recipe}
    one = SequentialTrainer(space, digits, **options)([CNN] * 3, epochs=2, seed=[0, 1, 2])
    many = PopulationTrainer(space, digits, threads=1, **options)([CNN] * 3, epochs=2, seed=[0, 1, 2])
    for e, f in zip(one, many, strict=True):
        assert e.ok
        assert e.losses == pytest.approx(f.losses, abs=1e-4)


def test_members_on_different_tasks_are_augmented_alike(digits):
    family = together(digits, tasks.load("digits-noisy"))
    space = spaces.load("mlp", digits)
    options = {"device": "cpu", "patience": 0, "recipe": Recipe(shift=1, mixup=0.4)}
    one = SequentialTrainer(space, family, **options)([("32-relu", "stop")] * 2, epochs=1, seed=[0, 1])
    many = PopulationTrainer(space, family, threads=1, **options)([("32-relu", "stop")] * 2, epochs=1, seed=[0, 1])
    for e, f in zip(one, many, strict=True):
        assert e.losses == pytest.approx(f.losses, abs=1e-4)


def test_a_training_with_augmentation_can_be_left_and_gone_on_with(small_space, small_task):
    trainer = SequentialTrainer(small_space, small_task, device="cpu", patience=0, recipe=Recipe(**RICH))
    network = [("conv3-4", "dense8", "stop")]
    ((_, state),) = trainer.extend(network, epochs=1, seed=0, total=3)
    ((later, _),) = trainer.extend(network, epochs=3, seed=0, total=3, states=[state])
    ((straight, _),) = trainer.extend(network, epochs=3, seed=0, total=3)
    assert (later.losses, later.curve) == (straight.losses, straight.curve)


def test_only_training_examples_are_augmented(small_space, small_task, monkeypatch):
    seen = []
    original = training_loop.apply
    monkeypatch.setattr(training_loop, "apply", lambda draws, X: seen.append(len(X)) or original(draws, X))
    trainer = SequentialTrainer(small_space, small_task, device="cpu", recipe=Recipe(shift=1, batch_size=48))
    assert trainer([("stop",)], epochs=1, seed=0)[0].ok
    assert seen == [48, 48]  # 96 for training, and not the 32 for validation


# ---------------------------------------------------------------------- the door


def columns(small_task):
    """The same task with its images laid out as plain numbers."""
    flat = [Split(split.X.reshape(len(split.X), -1), split.y) for split in (small_task.train, small_task.validation)]
    return replace(small_task, name="columns", train=flat[0], validation=flat[1], test=Sealed(flat[1]))


@pytest.mark.parametrize("trainer", [SequentialTrainer, PopulationTrainer])
@pytest.mark.parametrize("field", RICH)
def test_what_is_no_image_is_not_augmented(small_task, trainer, field):
    task = columns(small_task)
    space = spaces.load("mlp", task)
    with pytest.raises(BadValue, match=rf"{field}=.*: only images .*'columns' have the shape \(36,\): leave it out"):
        trainer(space, task, device="cpu", recipe=Recipe(**{field: RICH[field]}))
    assert trainer(space, task, device="cpu", recipe=Recipe(weight_decay=0.1))


@pytest.mark.parametrize("field", ["shift", "cutout"])
def test_what_is_as_large_as_the_image_is_refused(small_space, small_task, field):
    with pytest.raises(BadValue, match=f"{field}=6: the images of task 'corners' are 6 pixels a side; stay below that"):
        SequentialTrainer(small_space, small_task, device="cpu", recipe=Recipe(**{field: 6}))
    assert SequentialTrainer(small_space, small_task, device="cpu", recipe=Recipe(**{field: 5}))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here: augmentation on a GPU is not tested")
def test_a_gpu_makes_the_same_images():
    X = torch.from_numpy(np.random.default_rng(0).random((3, 9, 2, 6, 7), dtype=np.float32))
    draws = stacked([draws_of(Recipe(**RICH), seed, 1, 9, (2, 6, 7)) for seed in range(3)])
    on_gpu = apply(draws.to(torch.device("cuda")), X.cuda())
    assert torch.allclose(on_gpu.cpu(), apply(draws, X), atol=1e-4)
