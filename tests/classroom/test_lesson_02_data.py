"""What the cells of lesson 02 work on: two numbers for each image, and answers that follow from what was measured."""

import numpy as np

from nasedu.classroom import across, closest, interval, outcome
from nasedu.classroom.lessons.lesson_02.exercises import seeds_needed, threes_and_eights, winner
from nasedu.classroom.lessons.lesson_03.exercises import listening
from nasedu.classroom.lessons.lesson_04.exercises import how_far, real, spread, who_leads
from nasedu.tasks import load


def test_an_eight_has_more_ink_on_its_left_than_a_three():
    task = load("digits")
    X, y = threes_and_eights(task)
    assert X.shape == (np.isin(task.train.y, (3, 8)).sum(), 2)
    assert y.sum() == (task.train.y == 8).sum()
    np.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(X.std(axis=0), 1)
    assert (X[y == 1].mean(axis=0) > X[y == 0].mean(axis=0)).all()


def test_the_answer_of_a_prediction_follows_from_the_measured_interval():
    assert outcome(winner, interval([0.1, 0.2])) == "lower"
    assert outcome(winner, interval([-0.1, -0.2])) == "higher"
    assert outcome(winner, interval([-0.1, 0.2])) == "about the same"


def test_the_closest_answer_is_closest_as_a_ratio():
    found = [closest(seeds_needed, [3, 10, 100], measured) for measured in (4, 20, 40, 500)]
    assert found == ["about 3", "about 10", "about 100", "about 100"]


def test_the_answer_of_a_prediction_over_tasks_follows_from_where_it_is_better_and_worse():
    found = [across(listening, better, worse) for better, worse in ((["a"], []), (["a"], ["b"]), ([], ["b"]))]
    assert found == list(listening.choices)


def test_the_answers_of_lesson_04_follow_from_what_was_measured():
    assert [how_far(apart, truth=0.1) for apart in (0.12, 0.04, -0.01)] == list(spread.choices)
    ahead, level, behind = interval([0.1, 0.2]), interval([-0.1, 0.2]), interval([-0.2, -0.1])
    gains = (
        {"MetaQNN": behind, "random": level},
        {"MetaQNN": ahead, "random": ahead},
        {"MetaQNN": level, "random": ahead},
    )
    assert [who_leads(gain) for gain in gains] == list(real.choices)
