"""Parts made from names and options: the budget rule, workers, and what is refused in words."""

from types import SimpleNamespace

import pytest

from nasedu import trainers
from nasedu.controllers.budget import takes_budget, with_budget
from nasedu.core import BadValue, Mismatch, UnknownName
from nasedu.core.options import check_options
from nasedu.study.build import make_controller, make_space, make_trainer, open_workers
from nasedu.trainers.halving.halving import Halving
from nasedu.trainers.parallel.trainer import Parallel


def test_options_reach_each_part(small_task):
    space = make_space("mlp", small_task, {"widths": [4, 8]})
    assert space.widths == (4, 8)
    assert make_controller("q-learning", space, {"target": "max"}, seed=3, trials=9).target == "max"
    assert make_trainer("sequential", space, small_task, {"patience": 2}).patience == 2


# ---------------------------------------------------------------------- the budget rule


def test_a_controller_that_takes_a_budget_is_told_the_number_of_trials(small_space):
    assert make_controller("q-learning", small_space, {}, seed=3, trials=9).budget == 9
    assert make_controller("q-learning", small_space, {"budget": 7}, seed=3, trials=9).budget == 7
    assert not hasattr(make_controller("random", small_space, {}, seed=3, trials=9), "budget")


def test_the_rule_holds_for_names_classes_and_functions():
    def planner(space, *, seed, budget):
        raise NotImplementedError

    assert takes_budget("q-learning")
    assert not takes_budget("random")
    assert with_budget(planner, {"seed": 1}, 5) == {"budget": 5, "seed": 1}
    assert with_budget(lambda space, *, seed: None, {}, 5) == {}


# ---------------------------------------------------------------------- workers


def test_one_worker_is_the_plain_path():
    with open_workers("the trainer") as trainer:
        assert trainer == "the trainer"


def test_workers_train_for_a_cohort_and_do_not_divide_it(small_space, small_task):
    halving = trainers.load("halving", small_space, small_task, cohort=5)
    with open_workers(halving, workers=2) as trainer:
        assert isinstance(trainer, Halving)
        assert (trainer.cohort, trainer.trainer.workers) == (5, 2)
        assert trainer.trainer.trainer is halving.trainer


def test_the_workers_are_ended_whatever_happens(small_space, small_task, monkeypatch):
    closed = []
    monkeypatch.setattr(Parallel, "close", lambda self: closed.append(self))
    trainer = trainers.load("sequential", small_space, small_task)
    with pytest.raises(ZeroDivisionError), open_workers(trainer, workers=2) as parallel:
        raise ZeroDivisionError
    assert closed == [parallel]


# ---------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda s, t: make_space("mlp", t, {"depth": "deep"}), 'depth is a whole number, such as 3; given "deep"'),
        (lambda s, t: make_space("mlp", t, {"dept": 1}), "space 'mlp' has no parameter 'dept'; it has: "),
        (lambda s, t: make_space("mlp", t, {"widths": [[]]}), r"space 'mlp' cannot be made with widths=\[\[\]\]: "),
        (lambda s, t: make_space("mlp", t, {"outputs": 2}), "outputs is given by the search itself; free to choose "),
        (lambda s, t: make_controller("random", s, {"seed": 1}, seed=0, trials=1), "seed is given by the search"),
        (lambda s, t: make_controller("q-learning", s, {"alpha": float("inf")}, seed=0, trials=1), "alpha is a number"),
        (lambda s, t: make_controller("q-learning", s, {"double": 1}, seed=0, trials=1), "double is true or false"),
        (lambda s, t: make_controller("q-learning", s, {"alpha": True}, seed=0, trials=1), "given true"),
        (lambda s, t: make_trainer("sequential", s, t, {"patience": 1.5}), "patience is a whole number"),
    ],
)
def test_an_option_of_a_wrong_name_or_kind_is_refused_in_words(small_space, small_task, make, message):
    with pytest.raises(BadValue, match=message):
        make(small_space, small_task)


def test_errors_that_speak_for_themselves_are_kept(small_space):
    with pytest.raises(UnknownName, match="unknown controller 'greedy'; known: "):
        make_controller("greedy", small_space, {}, seed=0, trials=1)
    reading = SimpleNamespace(name="reading", kind="sequence", input_shape=(1, 6), outputs=2)
    with pytest.raises(Mismatch, match="does not fit task 'reading'"):
        make_space("chain-cnn", reading, {})


def test_where_a_default_tells_nothing_of_its_kind_any_value_may_stand():
    check_options(trainers.registry, "sequential", {"recipe": 3})
