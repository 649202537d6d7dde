"""The gradient in alpha is the true one, the two levels see two halves, and a search goes on where it was left."""

import math

import numpy as np
import pytest
import torch

from nasedu import tables
from nasedu.core import BadValue, Mismatch
from nasedu.oneshot.darts import Darts, hypergradient
from nasedu.oneshot.search_state import load_state, save_state
from nasedu.spaces.cell_201 import Cell201
from nasedu.tasks.base import Sealed, Split
from tests.oneshot.small_mixtures import SPACES, TASK, cell_201, darts, stripes
from tests.oneshot.unrolled import exact, leaf, relative, smooth_losses, without_second_order

QUICK = {"steps": 4, "batch": 12, "alpha_rate": 0.1}


# ---------------------------------------------------------------------- the gradient in alpha


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_second_order_gradient_is_that_through_one_unrolled_step(dtype, seed):
    train, validation, weights, alpha = smooth_losses(dtype, seed)
    for xi in (0.05, 0.5):
        found, loss = hypergradient(train, validation, leaf(weights), alpha.clone().requires_grad_(), xi)
        true = exact(train, validation, weights, alpha, xi)
        assert relative(found, true) < 1e-4
        moved = tuple(w - xi * g for w, g in zip(weights, torch.func.grad(train)(weights, alpha), strict=True))
        assert float(loss) == pytest.approx(float(validation(moved, alpha)), rel=1e-5)
    without = without_second_order(train, validation, weights, alpha, xi)
    assert relative(without, true) > 1e-2  # what is left out grows with xi: at 0.5 it is not small


def test_the_gradient_of_a_smooth_network_of_cells_comes_near_the_exact_one_with_the_square_of_the_radius():
    search = Darts(cell_201(), TASK, **QUICK, order=2)
    for name, module in list(search.mixture.named_modules()):
        if isinstance(module, torch.nn.ReLU):  # torch.func does not see that it bends
            search.mixture.set_submodule(name, torch.nn.Tanh())
    for _ in search.run():  # away from alpha = 0
        pass
    search.mixture.double()
    plain, alpha = tuple(w.detach() for w in search.weights()), search.alpha.detach().double()
    batches = [search.batch(half)._replace(X=search.batch(half).X.double()) for half in ("weights", "alpha")]
    train, validation = (lambda w, a, batch=batch: search.loss(w, a, batch) for batch in batches)
    true = exact(train, validation, plain, alpha, 0.05)

    def error(xi, radius=0.01):
        found, _ = hypergradient(train, validation, leaf(plain), alpha.clone().requires_grad_(), xi, radius)
        return relative(found, true)

    assert error(0.05) < 1e-3
    assert error(0.05, 0.001) == pytest.approx(error(0.05) / 100, rel=0.1)
    assert error(0.0) > 0.1


def test_without_xi_the_gradient_is_that_at_the_weights_as_they_are():
    train, validation, weights, alpha = smooth_losses(torch.float64)
    found, loss = hypergradient(train, validation, leaf(weights), alpha.clone().requires_grad_(), 0.0)
    assert torch.allclose(found, torch.func.grad(validation, argnums=1)(weights, alpha))
    assert float(loss) == pytest.approx(float(validation(weights, alpha)))


# ---------------------------------------------------------------------- the two levels


def test_weights_and_alpha_learn_from_two_halves_of_the_training_examples(monkeypatch):
    monkeypatch.setattr(Sealed, "opened", lambda self: pytest.fail("the test split was opened"))
    search = Darts(cell_201(), TASK, **QUICK)
    rows = [{x.tobytes() for x in search.halves[half][0].numpy()} for half in ("weights", "alpha")]
    assert rows[0] | rows[1] == {x.tobytes() for x in TASK.train.X}
    assert not rows[0] & rows[1]
    list(search.run())


@pytest.mark.parametrize("half", ["weights", "alpha"])
def test_each_half_moves_its_own_level(half):
    one, other = (Darts(cell_201(), TASK, **QUICK) for _ in range(2))
    X, y = other.halves[half]
    other.halves[half] = (X, (y + 1) % 3)
    first, second = one.step(), other.step()
    same_alpha = np.array_equal(first.alpha, second.alpha)
    assert same_alpha == (half == "weights")  # of the first order, alpha sees its own half alone
    assert (first.loss == second.loss) == (half == "alpha" and same_alpha)


def test_alpha_stays_while_the_weights_warm_up_and_where_it_is_frozen():
    steps = list(Darts(cell_201(), TASK, **QUICK, warm=2).run())
    assert np.array_equal(steps[0].alpha, steps[1].alpha)
    assert not np.array_equal(steps[1].alpha, steps[2].alpha)
    assert [step.validation_loss is None for step in steps] == [True, True, False, False]
    assert not any(step.alpha.any() for step in Darts(cell_201(), TASK, **QUICK, frozen=True).run())


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("extra", [{}, {"relaxation": "gumbel"}, {"relaxation": "sigmoid"}], ids=str)
def test_a_search_learns_and_derives_an_architecture_of_its_space(name, extra):
    search = Darts(SPACES[name](), TASK, **{**QUICK, "steps": 10, **extra})
    steps = list(search.run())
    assert [step.number for step in steps] == list(range(1, 11))
    assert np.mean([step.loss for step in steps[-3:]]) < np.mean([step.loss for step in steps[:3]])
    assert not np.array_equal(steps[0].alpha, steps[-1].alpha)
    assert search.derived() == steps[-1].derived
    assert steps[-1].derived in search.space
    assert steps[-1].skips == sum("skip_connect" in choice for choice in steps[-1].derived)


def test_regression_is_learned_by_the_mean_squared_error():
    task = stripes("regression")
    steps = list(Darts(cell_201(task), task, **{**QUICK, "steps": 8}).run())
    assert steps[-1].loss < steps[0].loss


def test_dropout_behind_skips_falls_within_the_search_and_begins_again_with_alpha():
    search = Darts(cell_201(), TASK, steps=10, warm=4, batch=16, skip_dropout=0.5)
    shares = []
    for search.done in range(10):
        shares.append(search.skip_dropout())
    assert shares[:4] == pytest.approx([0.5, 0.45, 0.4, 0.35])
    assert shares[4] == pytest.approx(0.5)
    assert shares[9] == pytest.approx(0.5 * math.exp(-2.5))


def test_dropout_meets_skips_alone():
    search = Darts(cell_201(), TASK, **QUICK, skip_dropout=0.9)
    batch, weights = search.batch("alpha"), search.weights()
    for name, same in (("nor_conv_3x3", True), ("skip_connect", False)):
        shares = search.relax(search.alpha, search.kept, 1.0, None)
        shares = shares._replace(values=torch.from_numpy(search.edges.one_hot((name,) * 6)))
        losses = [search.loss_by_shares(weights, shares, b).item() for b in (batch, batch._replace(seed=None))]
        assert (losses[0] == losses[1]) == same


# ---------------------------------------------------------------------- stop and resume


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("cell-201", {"order": 2, "eigenvalue_every": 2}),
        ("cell-201", {"skip_dropout": 0.3}),
        ("darts", {"relaxation": "gumbel"}),
    ],
)
def test_a_search_that_was_stopped_goes_on_bit_for_bit(tmp_path, name, extra):
    def search():
        return Darts(SPACES[name](), TASK, **QUICK, **extra)

    whole = list(search().run())
    first, again = search(), search()
    for _ in range(2):
        first.step()
    save_state(first.state(), tmp_path / "search.safetensors")
    first.step()  # what is done after the state is forgotten
    again.restore(load_state(tmp_path / "search.safetensors"))
    rest = list(again.run())
    assert [step.number for step in rest] == [3, 4]
    for step, expected in zip(rest, whole[2:], strict=True):
        assert np.array_equal(step.alpha, expected.alpha)
        assert step._replace(alpha=None, shares=None) == expected._replace(alpha=None, shares=None)
    assert again.eigenvalues == [step.eigenvalue for step in whole if step.eigenvalue is not None]
    assert [path.name for path in tmp_path.iterdir()] == ["search.safetensors"]


def test_a_checkpoint_of_another_search_is_refused_and_changes_nothing(tmp_path):
    save_state(Darts(cell_201(), TASK, **QUICK).state(), tmp_path / "one")
    for other in (
        Darts(cell_201(width=3), TASK, **QUICK),
        Darts(darts(), TASK, **QUICK),
        Darts(cell_201(), TASK, **QUICK, seed=1),
        Darts(cell_201(), stripes(examples=120), **QUICK),
        Darts(cell_201(), TASK, **{**QUICK, "order": 2}),
    ):
        before = other.state().tensors
        with pytest.raises(Mismatch, match=r"checkpoint is of another search: its (space|seed|task|settings)"):
            other.restore(load_state(tmp_path / "one"))
        assert all(torch.equal(before[name], tensor) for name, tensor in other.state().tensors.items())


def test_a_checkpoint_that_cannot_be_finished_leaves_the_one_before(tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    search = Darts(cell_201(), TASK, **QUICK)
    save_state(search.state(), tmp_path / "search")
    search.step()
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(BadValue, match="cannot be written: No space left on device"):
        save_state(search.state(), tmp_path / "search")
    assert load_state(tmp_path / "search").plain["done"] == 0
    assert [path.name for path in tmp_path.iterdir()] == ["search"]


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path):
    (tmp_path / "torn").write_bytes(b"\x08\0\0\0\0\0\0\0{")
    for name in ("torn", "absent"):
        with pytest.raises(BadValue, match="is no checkpoint of a search"):
            load_state(tmp_path / name)
    with pytest.raises(BadValue, match="cannot be written"):
        save_state(Darts(cell_201(), TASK, **QUICK).state(), tmp_path / "no folder" / "search")


# ---------------------------------------------------------------------- bad input


def test_a_table_has_no_examples_to_search_with():
    table = tables.atlas()
    with pytest.raises(BadValue, match=r"trains on examples.*a table has only scores"):
        Darts(cell_201(), table.task(table.tasks[0]), **QUICK)


def test_a_space_for_another_task_is_refused():
    with pytest.raises(Mismatch, match="inputs of shape"):
        Darts(Cell201(input_shape=(2, 6, 6), outputs=3), TASK, **QUICK)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"order": 3}, "order is 1 or 2"),
        ({"batch": 1}, "batch is a whole number of at least 2"),
        ({"skip_dropout": 1.0}, "skip_dropout is at least 0"),
        ({"stop_early": True}, "stop_early needs eigenvalues"),
        ({"alpha_rat": 0.1}, "no setting 'alpha_rat'.*alpha_rate"),
        ({"alpha_rate": 0.0}, "alpha_rate is more than 0"),
    ],
)
def test_an_impossible_setting_is_refused(settings, message):
    with pytest.raises(BadValue, match=message):
        Darts(cell_201(), TASK, **settings)


def test_alpha_that_became_nan_ends_the_search_in_one_line():
    search = Darts(cell_201(), TASK, **QUICK)
    search.step()
    with torch.no_grad():
        search.alpha[0, 0] = math.nan
    with pytest.raises(BadValue, match=r"alpha became NaN or infinite in step 2.*smaller weight_rate") as caught:
        search.step()
    assert "\n" not in str(caught.value)


def test_weights_that_explode_end_the_search_in_one_line():
    search = Darts(cell_201(), TASK, **QUICK, frozen=True)
    with torch.no_grad():
        search.weights()[0].fill_(math.inf)
    with pytest.raises(BadValue, match="the loss became nan in step 1"):
        search.step()


def test_too_few_examples_for_two_halves_are_refused():
    task = stripes(examples=60)
    object.__setattr__(task, "train", Split(task.train.X[:3], task.train.y[:3]))
    with pytest.raises(BadValue, match="two halves need 2 examples each"):
        Darts(cell_201(), task)
