"""What Optuna is told and asked, seen in its own list of trials."""

import logging
import sys

import pytest

from nasedu import controllers
from nasedu.controllers.optuna_samplers import OptunaSampler, parameter_name
from nasedu.core import BadValue, MissingExtra
from nasedu.testing import OneMember
from tests.controllers.games import Closing, Digits, play, total

SAMPLERS = ("tpe", "gp")


def trials(controller, state="COMPLETE"):
    """Optuna's trials as (choices, value)."""
    return [
        (tuple(t.params.values()), t.value)
        for t in controller._study.get_trials(deepcopy=False)
        if t.state.name == state
    ]


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_seed_repeats_and_another_asks_something_else(name):
    questions = [play(controllers.load(name, Digits(4, 3), seed=seed, startup=4), total, 8) for seed in (1, 1, 2)]
    assert questions[0] == questions[1] != questions[2]


@pytest.mark.parametrize("name", SAMPLERS)
def test_what_was_asked_and_told_is_a_trial_of_optunas(name):
    controller = controllers.load(name, Digits(3, 3), seed=0, startup=3)
    asked = play(controller, total, 6)
    assert list(dict.fromkeys(trials(controller))) == [(architecture, total(architecture)) for architecture in asked]


@pytest.mark.parametrize("name", SAMPLERS)
def test_what_a_prior_tells_arrives_as_trials_with_their_distributions(name):
    controller = controllers.load(name, Closing(3, 2), seed=0)
    controller.tell(("1", "2", "stop"), 0.25)
    controller.tell(("0", "stop"), 0.5)
    (first, second) = controller._study.get_trials()
    assert first.params == {"0: 0 | 1 | 2": "1", "1: 1 | 2 | stop": "2", "2: 2 | stop": "stop"}
    assert first.distributions["1: 1 | 2 | stop"].choices == ("1", "2", "stop")
    assert second.params == {"0: 0 | 1 | 2": "0", "1: 0 | 1 | 2 | stop": "stop"}
    assert [t.value for t in (first, second)] == [0.25, 0.5]


def test_a_prior_changes_what_is_asked():
    """Told 20 times that 3 is good everywhere and 0 is bad: tpe asks for threes more often than for zeros."""
    counts = {"0": 0, "3": 0}
    for seed in range(10):
        controller = controllers.load("tpe", Digits(4, 3), seed=seed, startup=5)
        for number in range(20):
            digit = "3" if number % 2 else "0"
            controller.tell((digit,) * 4, float(digit) - number / 1000)
        asked = [controller.ask() for _ in range(6)]
        counts = {digit: n + sum(a.count(digit) for a in asked) for digit, n in counts.items()}
    assert counts["3"] > 2 * counts["0"]


def suggesting(*wanted, **options):
    """A controller to whom Optuna will suggest these pairs of digits, one after the other."""
    controller = controllers.load("tpe", Digits(2, 3), **options)
    for pair in wanted:
        names = [parameter_name(place, list("0123")) for place in range(2)]
        controller._study.enqueue_trial(dict(zip(names, pair, strict=True)))
    return controller


def test_a_repeat_is_told_and_not_asked():
    controller = suggesting("12", "12", "12", "30")
    assert play(controller, total, 2) == [("1", "2"), ("3", "0")]
    assert trials(controller) == [(("1", "2"), 3.0)] * 3 + [(("3", "0"), 3.0)]


def test_a_twin_of_one_on_its_way_is_no_trial_at_all():
    controller = suggesting("12", "12", "30")
    assert play(controller, total, 2, batch=2) == [("1", "2"), ("3", "0")]
    assert trials(controller) == [(("1", "2"), 3.0), (("3", "0"), 3.0)]
    assert trials(controller, "FAIL") == [(("1", "2"), None)]


def test_after_so_many_repeats_it_draws_at_random():
    controller = suggesting("12", "12", "12", repeats=2)
    first, second = play(controller, total, 2)
    assert first == ("1", "2") != second
    assert trials(controller)[:3] == [(("1", "2"), 3.0)] * 3
    assert trials(controller)[3] == (second, total(second))


def test_a_place_without_a_choice_is_no_parameter():
    asked, told = (controllers.load("tpe", OneMember()) for _ in range(2))
    play(asked, total, 1)
    told.tell(("8", "stop"), 8.0)
    assert trials(asked) == trials(told) == [((), 8.0)]


def test_places_with_other_choices_are_other_parameters():
    assert parameter_name(2, ["a", "b"]) == "2: a | b"
    assert len({parameter_name(1, ["a", "b"]), parameter_name(2, ["a", "b"]), parameter_name(1, ["a"])}) == 3


@pytest.mark.parametrize(("name", "questions", "margin"), [("tpe", 40, 1.0), ("gp", 14, 1.5)])
def test_it_beats_random_search_where_that_is_easy(name, questions, margin):
    """The mean over the last questions, on average of 20 seeds against random search with the same seeds.

    The reward is the sum of five digits, 0 to 15. The same numbers on every machine, since every seed is given.
    """

    def late(name, seed, **options):
        asked = play(controllers.load(name, Digits(5, 3), seed=seed, **options), total, questions)
        return sum(map(total, asked[questions // 2 :])) / (questions - questions // 2)

    differences = [late(name, seed, startup=5) - late("random", seed) for seed in range(20)]
    assert sum(differences) / 20 > margin
    assert sum(difference > 0 for difference in differences) >= 15


@pytest.mark.parametrize("name", SAMPLERS)
def test_it_is_quiet_where_choices_depend_on_earlier_ones(name, caplog, capfd):
    optuna_log = logging.getLogger("optuna")
    optuna_log.addHandler(caplog.handler)
    try:
        play(controllers.load(name, Closing(3, 2), startup=3), total, 6)
    finally:
        optuna_log.removeHandler(caplog.handler)
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", SAMPLERS)
def test_without_optuna_the_command_that_mends_it_is_named(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtra, match=r"tpe and gp need optuna: python -m pip install 'nasedu\[surrogates\]'"):
        controllers.load(name, Digits())


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("options", [{"startup": 0}, {"repeats": 0}])
def test_impossible_parameters_are_refused(name, options):
    ((parameter, value),) = options.items()
    with pytest.raises(BadValue, match=rf"{name} needs startup >= 1 and repeats >= 1.*{parameter}={value}"):
        controllers.load(name, Digits(), **options)


def test_what_they_share_is_no_controller_of_its_own():
    with pytest.raises(BadValue, match="use TPE or GaussianProcess"):
        OptunaSampler(Digits())
