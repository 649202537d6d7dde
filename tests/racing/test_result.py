"""What a race shows: numbers that agree with its dataframe, and a picture that says what it shows."""

import numpy as np
import pytest
from matplotlib import pyplot as plt

import nasedu
from nasedu import Table
from nasedu.core import BadValue
from nasedu.core.spacing import spread_out
from nasedu.racing.picture import statistics
from tests.tables.spaces import MEMBERS, Letters

NOTE = "Made up, and rewards with its test split."


@pytest.fixture
def table():
    return Table(Letters(), MEMBERS, {"x": [1, 5, 2, 9, 3, 4, 8, 7, 6]}, scale=100, name="nine", note=NOTE)


def run(table, entries=("random", "q-learning"), evaluations=6, seeds=5, **options):
    return nasedu.race(table.space, table, entries, evaluations, seeds, workers=1, **options)


def test_the_summary_agrees_with_the_dataframe(table):
    result = run(table, budgets=(3,))
    frame = result.to_dataframe()
    for of in ("best", "regret"):
        summary = result.summary(at=(3, 6), of=of)
        assert summary.index.tolist() == ["random", "q-learning"]
        for n in (3, 6):
            for label, budget in (("random", 6), ("q-learning", n)):
                rows = frame.query(f"controller == '{label}' and budget == {budget} and evaluations == {n}")
                assert summary.loc[label, (n, "mean")] == pytest.approx(rows[of].mean())
                assert summary.loc[label, (n, "error")] == pytest.approx(rows[of].sem())


def test_without_numbers_the_summary_is_of_every_length(table):
    assert run(table, budgets=(2, 4)).summary().columns.get_level_values(0).unique().tolist() == [2, 4, 6]
    assert np.isnan(run(table, seeds=1).summary().loc["random", (6, "error")])


def test_what_cannot_be_looked_at(table):
    result = run(table)
    for n in (0, 7):
        with pytest.raises(BadValue, match=f"the race ran for 6 evaluations; given {n}"):
            result.summary(at=(n,))
    with pytest.raises(BadValue, match="of is 'best' or 'regret'; given 'worst'"):
        result.at(3, "worst")
    with pytest.raises(BadValue, match="nobody called 'grid' ran for 6 evaluations; there are: random for 6"):
        result.curves("grid")
    with pytest.raises(BadValue, match="band is one of error, interval, quartiles; given 'minmax'"):
        result.plot(band="minmax")
    with pytest.raises(BadValue, match="of is 'best' or 'regret'"):
        result.plot(of="worst")


@pytest.mark.parametrize(("of", "band"), [("regret", "error"), ("best", "quartiles")])
def test_the_picture_says_what_it_shows(table, of, band):
    result = run(table, budgets=(3,))
    _, given = plt.subplots()
    ax = result.plot(given, of=of, band=band)
    assert ax is given
    ax.figure.canvas.draw()
    said = {"error": "mean ± standard error, 5 seeds", "quartiles": "median and middle half, 5 seeds"}
    assert said[band] in ax.get_ylabel()
    assert "(%)" in ax.get_ylabel()
    assert NOTE in ax.get_title(loc="left")
    assert "nine, x: 9 networks, the best is worth 9" in ax.get_title(loc="left")
    assert "each planned for its number of networks" in ax.get_title(loc="left")
    assert {text.get_text() for text in ax.texts} == {"random", "q-learning"}
    line = ax.get_lines()[0]
    if of == "best":
        assert line.get_ydata().tolist() == np.median(result.curves("random"), axis=0).tolist()
    assert len(ax.containers) == 1  # the runs of q-learning that were planned for three networks


def test_a_race_that_all_win_at_once_can_be_drawn():
    table = Table(Letters(), MEMBERS, {"x": [1] * 9})
    run(table, seeds=1).plot().figure.canvas.draw()
    run(table, seeds=1).plot(of="best").figure.canvas.draw()


def test_the_edges_of_a_band():
    curves = np.array([[1.0, 2], [3, 2], [5, 8], [7, 8]])
    low, middle, high = statistics(curves, "error")
    assert middle.tolist() == [4, 5]
    assert (high - middle).tolist() == pytest.approx([20**0.5 / 3**0.5 / 2, 3**0.5])
    assert (middle - low).tolist() == pytest.approx((high - middle).tolist())
    assert statistics(curves, "quartiles").tolist() == [[2.5, 2], [4, 5], [5.5, 8]]


def test_names_are_moved_apart_and_no_further():
    assert spread_out(np.array([0.0, 100.0]), 10).tolist() == [0, 100]
    assert spread_out(np.array([50.0, 50.0, 52.0]), 10) == pytest.approx([50.667 - 10, 50.667, 50.667 + 10], abs=1e-3)
    places = spread_out(np.sort(np.random.default_rng(0).uniform(0, 100, 12)), 10)
    assert (np.diff(places) >= 10 - 1e-9).all()
