"""Constraints around any controller: nothing over a limit is ever asked, and the one inside learns to avoid it."""

import json

import pytest

from nasedu import trainers
from nasedu.controllers import Constrained, Controller, load, rebuild
from nasedu.controllers import registry as controllers
from nasedu.controllers.q_learning import QLearning
from nasedu.core import BadValue, Evaluation, Exhausted, UnknownName, describe
from nasedu.meta import Evidence
from nasedu.meta.copy_best import CopyBest
from nasedu.meta.warm_q import WarmQ
from nasedu.study import Study
from nasedu.testing import FixedLength, VariableLength
from nasedu.testing.spaces import additive, rough
from tests.controllers.games import Digits, play, total

LARGE = ("16", "16", "16", "stop")


class Listed(Controller):
    """Asks what is on its list."""

    def __init__(self, space, *, seed=0, wanted=()):
        super().__init__(space, seed=seed)
        self.wanted = list(wanted)
        self.told = []

    def ask(self):
        if not self.wanted:
            raise Exhausted("the list is empty")
        return tuple(self.wanted.pop(0))

    def tell(self, architecture, reward):
        super().tell(architecture, reward)
        self.told.append((architecture, reward))


class Scores:
    """Scores by a formula, as a trainer would."""

    name = "scores"
    preferred_batch = 3

    def __init__(self, space, task):
        self.space, self.task = space, task
        self.trained = []

    def __call__(self, architectures, *, epochs, seed):
        self.trained += architectures
        return [Evaluation(a, additive(a), epochs=epochs, seed=seed) for a in architectures]

    def retrain_and_test(self, architecture, *, epochs, seed, best_epoch=None):
        return self([architecture], epochs=epochs, seed=seed)[0]


# ---------------------------------------------------------------------- asking


@pytest.mark.parametrize("limits", [{"layers": 2}, {"parameters": 200}, {"flops": 300}, {"layers": 3, "flops": 400}])
@pytest.mark.parametrize("name", ["random", "local-search", "genetic", "q-learning"])
def test_what_is_over_a_limit_is_never_asked_and_all_the_rest_is(name, limits):
    space = VariableLength()
    fits = {a for a in space.enumerate() if all(space.measure(m, a) <= most for m, most in limits.items())}
    assert 2 < len(fits) < space.size() - 2
    controller = Constrained(load(name, space, seed=1), limits=limits, tries=30)
    asked = play(controller, rough, len(fits))
    assert set(asked) == fits
    with pytest.raises(Exhausted):
        controller.ask()


def test_what_is_exactly_at_the_limit_fits():
    space = VariableLength()
    most = space.measure("parameters", LARGE)
    assert Constrained(load("random", space), limits={"parameters": most}).allows(LARGE)
    assert not Constrained(load("random", space), limits={"parameters": most - 1}).allows(LARGE)
    assert load("random", space).allows(LARGE)


def test_the_one_inside_is_told_the_penalty_and_asked_again():
    wanted = [LARGE, ("16", "8", "stop"), ("4", "stop")]
    inner = Listed(VariableLength(), wanted=wanted)
    controller = Constrained(inner, limits={"layers": 2}, penalty=-0.5)
    assert controller.ask() == ("4", "stop")
    assert inner.told == [(LARGE, -0.5), (("16", "8", "stop"), -0.5)]
    controller.tell(("4", "stop"), 0.75)
    assert inner.told[2:] == [(("4", "stop"), 0.75)]


def test_it_gives_up_after_so_many_tries_and_says_what_came_closest():
    wanted = [LARGE, ("16", "8", "stop"), LARGE, ("4", "stop")]
    controller = Constrained(Listed(VariableLength(), wanted=wanted), limits={"layers": 2}, tries=3)
    with pytest.raises(Exhausted, match="none of 3 architectures had at most 2 layers; the least seen was 3 layers"):
        controller.ask()


def test_the_controller_inside_learns_to_avoid_what_does_not_fit():
    """After 4 questions of Q-learning, what leads to a network that is too deep is worth less than stopping."""
    q = QLearning(VariableLength(), seed=0, budget=5)
    play(Constrained(q, limits={"layers": 2}, penalty=0.0), lambda _: 1.0, 4)
    assert all(q.q[1]["stop"] > q.q[1][choice] for choice in ("16", "8", "4"))


def test_looking_is_looking_at_the_one_inside():
    q = QLearning(VariableLength(), seed=0)
    controller = Constrained(q, limits={"layers": 3})
    play(controller, total, 3)
    assert controller.status() == q.status() != {}
    assert controller.learned() == q.learned() != []


# ---------------------------------------------------------------------- at the door


def in_one_line(error):
    message = str(error.value)
    assert "\n" not in message
    return message


def test_a_limit_that_nothing_meets_is_refused_at_the_door():
    with pytest.raises(BadValue) as error:
        Constrained(load("random", VariableLength()), limits={"parameters": 20, "layers": 3}, tries=200)
    assert in_one_line(error) == (
        "none of 200 architectures had at most 20 parameters, at most 3 layers; the least seen was 27 parameters, "
        "1 layers: raise the limit, or make the space smaller"
    )


def test_an_unknown_measure_is_refused_with_those_there_are():
    with pytest.raises(BadValue, match="unknown measure 'weight'; known: parameters, flops, layers"):
        Constrained(load("random", VariableLength()), limits={"weight": 3})


@pytest.mark.parametrize("options", [{"limits": {}}, {"limits": {"layers": 3}, "tries": 0}])
def test_no_limit_and_no_tries_are_refused(options):
    with pytest.raises(BadValue, match="at least one limit and tries >= 1"):
        Constrained(load("random", VariableLength()), **options)


# ---------------------------------------------------------------------- described, rebuilt


@pytest.mark.parametrize("name", controllers)
def test_every_controller_is_rebuilt_from_its_description(name):
    free = load(name, VariableLength(), seed=3)
    limited = Constrained(load(name, VariableLength(), seed=3), limits={"layers": 3}, penalty=-1.0, tries=50)
    for controller in (free, limited):
        said = json.loads(json.dumps(describe(controller)))
        again = rebuild(said, VariableLength())
        assert type(again) is type(controller)
        assert describe(again) == said
        assert play(again, rough, 5) == play(controller, rough, 5)
        assert said == describe(controller)


def test_parameters_are_rebuilt_too():
    controller = load("q-learning", FixedLength(), seed=1, alpha=0.3, exploration="boltzmann", budget=7)
    again = rebuild(describe(controller), FixedLength())
    assert (again.alpha, again.exploration, again.budget, again.seed) == (0.3, "boltzmann", 7, 1)


def test_what_is_not_registered_cannot_be_rebuilt():
    with pytest.raises(UnknownName, match="unknown controller 'greedy'"):
        rebuild({"name": "greedy"}, FixedLength())
    with pytest.raises(BadValue, match="has no parameter 'speed'"):
        rebuild({"name": "random", "speed": 3}, FixedLength())


# ---------------------------------------------------------------------- in a study


def limited_study(space, task, path, name="q-learning", prior=None, seed=0):
    controller = Constrained(load(name, space, seed=seed), limits={"parameters": 200}, penalty=-1.0)
    return Study(space, controller, Scores(space, task), store=path, prior=prior)


@pytest.mark.parametrize("name", ["q-learning", "regularized-evolution", "swarm", "tpe"])
def test_a_study_within_limits_goes_on_where_it_was(tmp_path, small_task, name):
    whole = limited_study(VariableLength(), small_task, ":memory:", name)
    expected = [t.architecture for t in whole.run(trials=9, batch=2)]
    with limited_study(VariableLength(), small_task, tmp_path / "a.db", name) as study:
        list(study.run(trials=4, batch=2))
    with limited_study(VariableLength(), small_task, tmp_path / "a.db", name) as study:
        assert len(study.trials) == 4
        list(study.run(trials=9, batch=2))
        assert [t.architecture for t in study.trials] == expected
    assert max(study.space.measure("parameters", a) for a in expected) <= 200


def test_other_limits_are_another_study(tmp_path, small_task):
    with limited_study(VariableLength(), small_task, tmp_path / "a.db") as study:
        list(study.run(trials=3))
    space = VariableLength()
    wider = Constrained(load("q-learning", space), limits={"parameters": 300}, penalty=-1.0)
    with Study(space, wider, Scores(space, small_task), store=tmp_path / "a.db") as study:
        assert study.trials == []


def test_a_space_exhausted_within_the_limits_ends_the_study_well(small_task):
    study = limited_study(VariableLength(), small_task, ":memory:")
    list(study.run(trials=50, batch=3))
    assert study.exhausted
    assert len(study.trials) == sum(study.controller.allows(a) for a in VariableLength().enumerate())


def test_hand_picked_networks_over_the_limit_are_not_judged(small_task):
    class Picked(VariableLength):
        def hand_picked(self):
            return (("4", "stop"), LARGE)

    study = limited_study(Picked(), small_task, ":memory:")
    list(study.run(trials=2))
    study.finish()
    assert [e.architecture for e in study.hand_picked] == [("4", "stop")]


def test_with_a_prior_what_was_best_must_keep_to_the_limits_too(tmp_path, small_task):
    space = VariableLength()
    before = Evidence("before", ((LARGE, 0.9), (("8", "4", "stop"), 0.8), (("4", "stop"), 0.7)))
    for _ in range(2):  # made, and opened again
        with limited_study(space, small_task, tmp_path / "a.db", "random", CopyBest([before], most=3)) as study:
            list(study.run(trials=6))
            found = [t.architecture for t in study.trials]
            assert found[:2] == [("8", "4", "stop"), ("4", "stop")]
            assert LARGE not in found
            assert len(found) == 6 == len(set(found))


def test_a_warm_table_stays_within_the_limits(tmp_path, small_task):
    space = VariableLength()
    before = Evidence("before", tuple((a, additive(a)) for a in space.enumerate()))
    found = []
    for _ in range(2):
        with limited_study(space, small_task, tmp_path / "a.db", prior=WarmQ([before], epsilon_first=0.0)) as study:
            list(study.run(trials=4))
            found.append([t.architecture for t in study.trials])
            assert study.controller.inner.epsilon_first == 0.0
            assert study.controller.limits == {"parameters": 200}
    assert found[0] == found[1]
    assert max(space.measure("parameters", a) for a in found[0]) <= 200


def test_around_keeps_limits_penalty_and_tries():
    one = Constrained(load("random", Digits()), limits={"layers": 9}, penalty=-2.0, tries=7)
    other = one.around(load("grid", Digits()))
    assert (other.limits, other.penalty, other.tries) == ({"layers": 9}, -2.0, 7)
    assert other.inner.name == "grid"


def test_a_search_of_trained_networks_keeps_to_its_limit(small_space, small_task):
    """What the trainer counts in the network that it built is what the limit is about."""
    controller = Constrained(load("random", small_space, seed=0), limits={"parameters": 300, "flops": 2500})
    trainer = trainers.load("sequential", small_space, small_task)
    with Study(small_space, controller, trainer, epochs=1) as study:
        counted = [(t.evaluation.parameters, t.evaluation.flops) for t in study.run(trials=6, batch=3)]
    assert all(parameters <= 300 and flops <= 2500 for parameters, flops in counted)
