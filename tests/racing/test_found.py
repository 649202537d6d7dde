"""What a race says of its searches: when they reached the best, what they found, and what of it is reported."""

import numpy as np
import pytest

from nasedu import Table
from nasedu.core import BadValue
from nasedu.racing import IncrementalRace
from tests.racing.test_race import SCORES, Given, given, run
from tests.tables.spaces import MEMBERS, Letters, Unordered

# In the order of MEMBERS the scores are 10 50 20 80 30 0 70 40 60: the best is the fourth, then the seventh.


def nine(**more):
    return Table(Letters(), MEMBERS, {"x": SCORES}, scale=100, name="nine", **more)


def backwards():
    return type("Backwards", (Given,), {"order": MEMBERS[::-1]})


def test_evaluations_until_one_of_the_best_was_evaluated():
    result = run(nine(), {"forth": Given, "back": backwards()}, evaluations=5, seeds=[7, 8])
    for share, best, forth, back in ((0.01, 1, 4, np.inf), (2 / 9, 2, 4, 3), (0.5, 4, 2, 1), (1, 9, 1, 1)):
        frame = result.reached(share)
        assert frame.loc["forth"].tolist() == [forth, forth]
        assert frame.loc["back"].tolist() == [back, back]
        assert frame.columns.tolist() == [7, 8]
        assert frame.columns.name == f"seed (best {best} of 9; inf: not within 5 evaluations)"
    for share in (0, 1.5, "all"):
        with pytest.raises(BadValue, match="share is how many of the networks are the best"):
            result.reached(share)


def test_the_best_share_is_of_networks_and_a_tie_is_within_it():
    """Six networks that differ: aa ab ac bb bc cc with 10 50 20 30 0 60; a third of them are cc and ab."""
    table = Table(Unordered(), MEMBERS, {"x": SCORES})
    asked = given(("a", "a"), ("c", "a"), ("b", "a"), ("c", "c"))
    assert run(table, [asked], evaluations=4, seeds=1).reached(1 / 3).loc["Given"].tolist() == [3]
    tied = Table(Letters(), MEMBERS, {"x": [1, 5, 5, 2, 2, 2, 0, 0, 0]})
    assert run(tied, [given(*MEMBERS[2:])], evaluations=2, seeds=1).reached(0.01).loc["Given"].tolist() == [1]


def test_what_was_evaluated_counts_and_not_what_looked_best():
    """One recorded training makes the first network look best; the second is the best on average."""
    table = Table(Letters(), MEMBERS[:2], {"x": [[9, 0], [8, 8]]})
    result = run(table, [given(*MEMBERS[:2])], evaluations=2, seeds=[0], reward="one-seed")
    assert result.reached().loc["Given"].tolist() == [2]
    assert result.found("Given").iloc[0].tolist() == [MEMBERS[0], 9, 4.5, 2]


def test_what_each_search_found():
    result = run(nine(), [Given], evaluations=5, seeds=[7, 8])
    frame = result.found("Given")
    assert frame.columns.tolist() == ["architecture", "reward", "report", "evaluations"]
    assert frame.index.tolist() == [7, 8]
    assert frame.loc[8].tolist() == [MEMBERS[3], 0.8, 80, 5]
    with pytest.raises(BadValue, match="nobody called 'grid' ran"):
        result.found("grid")


def test_a_network_found_under_another_name_is_given_as_it_was_asked():
    table = Table(Unordered(), [("c", "c"), ("a", "b")], {"x": [1, 2]})
    result = run(table, [given(("b", "a"), ("c", "c"))], evaluations=2, seeds=1)
    assert result.found("Given")["architecture"].tolist() == [("b", "a")]


# ---------------------------------------------------------------------- reward, report and test


@pytest.mark.parametrize("incremental", [False, True])
def test_the_test_score_is_reported_and_never_told(incremental):
    """The fourth network has the highest reward; its test score is 5, and the best test score is 8."""
    table = nine(test={"x": [[0], [1], [2], [5], [3], [4], [8], [7], [6]]})
    if incremental:
        race = IncrementalRace(table.space, table, [Given], 9, 1, report="test")
        while race.advance():
            pass
        result = race.result
    else:
        result = run(table, [Given], evaluations=9, seeds=1, report="test")
    assert [reward for _, reward in Given.told] == (SCORES / 100).tolist()
    assert result.found("Given").loc[0].tolist() == [MEMBERS[3], 0.8, 5, 9]
    assert result.best == 8
    assert result.curves("Given", "regret")[0].tolist() == [8, 7, 7, 3, 3, 3, 3, 3, 3]
    assert result.reached().loc["Given"].tolist() == [7], "the seventh has the best test score"
    assert "the best test there is: 8" in repr(result)
    assert "test score" in result.plot(of="best").get_ylabel()


def test_of_recorded_epochs_the_test_score_is_the_one_where_the_score_was_best():
    table = Table(Letters(), MEMBERS[:2], {"x": [[[1, 9, 5]], [[1, 2, 3]]]}, test={"x": [[[4, 6, 8]], [[5, 7, 9]]]})
    assert run(table, [Given], evaluations=2, seeds=1, report="test").reports.tolist() == [6, 9]
    last = Table(Letters(), MEMBERS[:2], {"x": [[[1, 9, 5]], [[1, 2, 3]]]}, test={"x": [4, 5]})
    assert run(last, [Given], evaluations=2, seeds=1, report="test").reports.tolist() == [4, 5]


def test_what_cannot_be_reported():
    with pytest.raises(BadValue, match="the table 'nine' has no test scores; report='score' reports its scores"):
        run(nine(), [Given], report="test")
    with pytest.raises(BadValue, match="report is 'score' or 'test'; given 'best'"):
        run(nine(), [Given], report="best")


# ---------------------------------------------------------------------- seconds


def test_no_training_begins_after_the_seconds():
    """The trainings take 1, 2, 3, ... seconds: after three of them 6 s are over, after four 10 s."""
    table = nine(seconds=np.arange(9) + 1.0)
    for seconds, evaluations, spent in ((0.5, 1, 1), (6, 3, 6), (6.5, 4, 10), (1000, 9, 45)):
        result = run(table, [Given], evaluations=9, seeds=1, seconds=seconds)
        found = result.found("Given").loc[0]
        assert (found["evaluations"], found["seconds"]) == (evaluations, spent)
        assert result.timed_out == ({"Given": 1} if evaluations < 9 else {})
    short = run(table, [Given], evaluations=9, seeds=1, seconds=6)
    assert short.curves("Given")[0].tolist() == [10, 50, 50, 50, 50, 50, 50, 50, 50]
    assert short.reached().loc["Given"].tolist() == [np.inf]
    assert short.limit == "within 9 evaluations and 6 s"
    assert "Given: 1 runs ended after 6 s" in repr(short)


def test_what_is_known_costs_no_seconds_and_a_shorter_training_costs_its_share():
    table = nine(seconds=np.full(9, 2.0))
    twice = given(*[a for a in MEMBERS for _ in range(2)])
    assert run(table, [twice], evaluations=9, seeds=1, seconds=5).found("Given")["evaluations"].tolist() == [3]
    values = np.stack([SCORES, SCORES], axis=1)[:, None]
    curves = Table(Letters(), MEMBERS, {"x": values}, seconds=np.full(9, 2.0))
    assert run(curves, [Given], 9, 1, epochs=1, seconds=5).found("Given")["evaluations"].tolist() == [5]


def test_seconds_that_cannot_be():
    with pytest.raises(BadValue, match="the table 'nine' records no seconds: leave out seconds=60"):
        run(nine(), [Given], seconds=60)
    for seconds in (0, float("inf"), "60"):
        with pytest.raises(BadValue, match="seconds is how long a search trains, above 0"):
            run(nine(seconds=np.ones(9)), [Given], seconds=seconds)
