"""How alike tasks rank networks, checked against scipy and against tables whose answer is known."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from nasedu import plots
from nasedu.core import BadValue
from nasedu.core.ranking import rank_correlation
from nasedu.tables import Table
from nasedu.tables.task_correlation import reliability, task_correlation


def table_of(scores, small_space):
    architectures = [a for a, _ in zip(small_space.enumerate(), range(len(next(iter(scores.values())))), strict=False)]
    return Table(small_space, architectures, scores)


def test_it_is_spearmans_also_with_ties():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 6, size=(2, 50))
    assert rank_correlation(a, b) == pytest.approx(spearmanr(a, b).statistic)
    assert rank_correlation(a, np.zeros(50)) == 0


def test_tasks_that_agree_and_tasks_that_do_not(small_space):
    rng = np.random.default_rng(1)
    a, c = rng.random(100), rng.random(100)
    table = table_of({"a": a, "twice a": 2 * a, "minus a": 2 - a, "other": c}, small_space)
    found = task_correlation(table)
    assert found[0] == pytest.approx([1, 1, -1, rank_correlation(a, c)])
    assert np.array_equal(found, found.T)


def test_reliability_is_the_mean_over_all_halves(small_space):
    rng = np.random.default_rng(2)
    truth = rng.random(200)
    noise = rng.normal(0, 1, size=(200, 4))
    table = table_of({"sure": truth[:, None] + 0.01 * noise, "unsure": truth[:, None] + noise}, small_space)
    found = reliability(table)
    assert found["sure"] > 0.98
    values = truth[:, None] + noise
    halves = [((0, 1), (2, 3)), ((0, 2), (1, 3)), ((0, 3), (1, 2))]
    expected = np.mean([spearmanr(values[:, a].mean(1), values[:, b].mean(1)).statistic for a, b in halves])
    assert found["unsure"] == pytest.approx(expected)


def test_one_seed_says_nothing_of_its_repetition(small_space):
    with pytest.raises(BadValue, match="one seed"):
        reliability(table_of({"a": np.arange(5.0)}, small_space))


def test_the_map_shows_every_number():
    ax = plots.alike(np.array([[1, 0.25], [0.25, 1]]), ["a", "b"])
    assert [text.get_text() for text in ax.texts] == ["1.00", ".25", ".25", "1.00"]
    with pytest.raises(BadValue, match=r"matrix of that side; given shape \(2, 2\)"):
        plots.alike(np.eye(2), ["a"])
