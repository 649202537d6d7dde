import numpy as np
import pytest

from nasedu.classroom import asserted, claim, interval
from nasedu.core import BadValue


def test_a_claim_that_holds_is_shown(capsys):
    claim("3 is more than 2", np.bool_(True))
    assert capsys.readouterr().out == "✔ 3 is more than 2\n"


def test_a_claim_that_does_not_hold_stops_the_lesson(capsys):
    with pytest.raises(AssertionError, match="does not hold: 2 is more than 3"):
        claim("2 is more than 3", False)
    assert capsys.readouterr().out == ""


def test_what_is_asserted_is_checked_and_left_to_a_widget_to_tell(capsys):
    assert asserted("3 is more than 2", 3 > 2) == "✔ 3 is more than 2"
    assert capsys.readouterr().out == ""
    with pytest.raises(AssertionError, match="does not hold: 2 is more than 3"):
        asserted("2 is more than 3", 2 > 3)


@pytest.mark.parametrize("condition", ["yes", 1, None, [True], np.array([True, True]), lambda: True])
def test_what_is_no_condition_never_counts_as_true(condition):
    with pytest.raises(BadValue, match="True or False"):
        claim("anything", condition)


def test_an_interval_is_the_mean_and_1_96_standard_errors():
    found = interval(x for x in [1.0, 2.0, 3.0, 6.0])
    error = np.std([1, 2, 3, 6], ddof=1) / 2
    assert (found.mean, found.half) == pytest.approx((3, 1.96 * error))
    assert (found.low, found.high) == pytest.approx((3 - 1.96 * error, 3 + 1.96 * error))
    assert str(found) == f"3.000 ± {1.96 * error:.3f}"
    assert f"{found:.1f}" == f"3.0 ± {1.96 * error:.1f}"


def test_of_100_intervals_about_95_hold_the_true_mean():
    rng = np.random.default_rng(0)
    intervals = [interval(rng.normal(size=50)) for _ in range(1000)]
    assert 925 < sum(found.low < 0 < found.high for found in intervals) < 970


@pytest.mark.parametrize("values", [[], [1.0], [[1.0, 2.0], [3.0, 4.0]]])
def test_one_run_makes_no_interval(values):
    with pytest.raises(BadValue, match="two runs or more"):
        interval(values)
