"""Which trial is the best: by score, then fewer parameters, then the earlier one; everywhere the same one."""

import pytest

from nasedu.cli.report import best_trials
from nasedu.cli.study_record import StudyRecord
from nasedu.core import Evaluation, best_first
from nasedu.meta.events import Learned
from nasedu.meta.prior import Evidence
from nasedu.store import Trial
from nasedu.study import best_trial
from nasedu.trainers.halving.successive_halving import best_of
from nasedu.widgets.trial_plot import Dot, Search


def trial(number, score, parameters):
    evaluation = Evaluation((f"net{number}",), score, parameters=parameters)
    return Trial(number, number, evaluation.architecture, {}, evaluation)


TRIALS = {
    "the higher score": ([(0.8, 10), (0.9, 99)], 1),
    "fewer parameters on a tie": ([(0.9, 50), (0.9, 20), (0.9, 30)], 1),
    "an unknown size is no small one": ([(0.9, None), (0.9, 20)], 1),
    "the earlier one if all is equal": ([(0.5, 1), (0.9, 20), (0.9, 20)], 1),
}


@pytest.mark.parametrize(("numbers", "expected"), TRIALS.values(), ids=TRIALS)
def test_every_place_that_names_a_best_one_follows_one_rule(numbers, expected):
    trials = [trial(number, *one) for number, one in enumerate(numbers)]
    assert best_trial(trials) is trials[expected]
    record = StudyRecord({}, trials, [])
    assert record.best is trials[expected]
    assert best_trials(record, 1) == [trials[expected]]
    evidence = Evidence("t", tuple((t.architecture, t.score) for t in trials))
    assert Learned("t", evidence, trials=tuple(trials)).best[0] == expected
    assert best_of({t.number: t.evaluation for t in trials}, 1) == (expected,)
    dots = [Dot(t.architecture, t.score, t.evaluation.ok, t.evaluation.parameters) for t in trials]
    assert Search(dots, 9).best is dots[expected]


def test_what_failed_is_behind_what_scores_as_low():
    failed = Evaluation(("a",), 0.1, status="timeout", reason="slow", parameters=5)
    low = Evaluation(("b",), 0.1, parameters=90)
    assert min([failed, low], key=best_first) is low


def test_a_network_that_was_tested_stays_the_best_until_another_scores_higher():
    large, small, better = trial(0, 0.9, 50), trial(1, 0.9, 20), trial(2, 0.95, 99)
    assert best_trial([large, small], tested=large.evaluation) is large
    assert best_trial([large, small, better], tested=large.evaluation) is better


def test_no_trial_is_no_best_one():
    assert best_trial([]) is None
