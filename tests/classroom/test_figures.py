"""What the figures of the lessons draw, from numbers that can be counted by hand."""

from itertools import pairwise
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest

import nasedu
from nasedu import plots
from nasedu.classroom import interval
from nasedu.classroom.lessons.lesson_00 import figures as lesson_00
from nasedu.classroom.lessons.lesson_02 import figures as lesson_02
from nasedu.classroom.lessons.lesson_03 import figures as lesson_03
from nasedu.classroom.lessons.lesson_04 import figures as lesson_04
from nasedu.classroom.lessons.lesson_07 import figures as lesson_07
from nasedu.classroom.lessons.lesson_08 import figures as lesson_08
from nasedu.classroom.lessons.lesson_09 import figures as lesson_09
from nasedu.classroom.lessons.lesson_10 import figures as lesson_10
from nasedu.classroom.lessons.lesson_15 import figures as lesson_15
from nasedu.controllers import load
from nasedu.core.palette import BLUE, GREY, METHODS, ORANGE
from nasedu.tables.atlas import atlas

matplotlib.use("agg")


@pytest.fixture(autouse=True)
def _close_figures():
    from matplotlib import pyplot as plt

    yield
    plt.close("all")


def lines_of(ax):
    """By label, the heights of every line of some axes."""
    return {line.get_label(): list(line.get_ydata()) for line in ax.get_lines()}


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def names_beside(ax):
    return [text.get_text() for text in ax.get_yticklabels()]


def search(scores):
    evaluation = SimpleNamespace(ok=True)
    return [
        SimpleNamespace(number=number, score=score, evaluation=evaluation, status={"epsilon": 1 / (number + 1)})
        for number, score in enumerate(scores)
    ]


def training(losses, curve):
    return SimpleNamespace(losses=losses, curve=curve, architecture=("32", "stop"))


def test_hits_is_the_probability_of_not_missing_every_time():
    ax = lesson_03.hits((0.5,), draws=[1, 3], counted=[0.4, 0.9])
    assert lines_of(ax)["the best 50%"] == pytest.approx([1 / 2, 3 / 4, 7 / 8])
    assert ax.collections[0].get_offsets().tolist() == [[1, 0.4], [3, 0.9]]
    assert [text.get_text() for text in ax.texts] == ["the best 50%"]


def test_marks_has_a_row_for_each_search():
    ax = lesson_03.marks({"grid": [0, 1], "random": [5, 2, 9]})
    assert names_beside(ax) == ["grid", "random"]
    assert [one.get_offsets().tolist() for one in ax.collections] == [
        [[0, 0], [1, 0]],
        [[5, 1], [2, 1], [9, 1]],
    ]


def test_bars_stand_side_by_side_and_in_the_order_of_the_names():
    ax = plots.grouped_bars({"a": [1, 2], "b": [-3, 4]}, ["left", "right"], "where", "how much")
    assert [bar.get_height() for bar in ax.patches] == [1, 2, -3, 4]
    places = [bar.get_x() + bar.get_width() / 2 for bar in ax.patches]
    assert places[0] < 0 < places[2] < places[1] < 1 < places[3]
    assert len({bar.get_hatch() for bar in ax.patches}) == 2
    assert legend_of(ax) == ["a", "b"]


def test_the_grid_of_lesson_03_is_even_after_the_questions_that_it_shows():
    space = atlas().space
    number = {one: place for place, one in enumerate(space.enumerate())}
    for questions in (19, 87):
        grid = load("grid", space)
        asked = sorted(number[grid.ask()] for _ in range(questions))
        gaps = np.diff([*asked, asked[0] + len(number)])
        assert max(gaps) < 1.25 * min(gaps)


def test_two_tables_have_the_values_and_no_scale():
    rows = [{"depth": 0, "choice": choice, "value": value} for choice, value in (("a", 0.25), ("b", 0.5))]
    figure = lesson_04.two_tables({"left": rows, "right": rows})
    assert [ax.get_title() for ax in figure.axes] == ["left", "right"]
    assert [[text.get_text() for text in ax.texts] for ax in figure.axes] == [["0.25", "0.50"]] * 2


def test_the_dial_shows_the_truth_as_a_line():
    ax = lesson_04.dial((0, 1), [interval([0.0, 0.2]), interval([0.3, 0.5])], truth=0.25)
    means, truth = ax.get_lines()
    assert list(means.get_ydata()) == pytest.approx([0.1, 0.4])
    assert list(truth.get_ydata()) == [0.25, 0.25]


def test_leads_over_random_have_a_row_for_each_task_and_learner():
    lead = interval([0.1, 0.3])
    ax = lesson_04.ahead({"what/digits": {"new": lead, "old": lead}, "same/digits": {"new": lead}})
    assert names_beside(ax) == ["what: new", "what: old", "same: new"]
    colours = [container.lines[0].get_color() for container in ax.containers]
    assert colours[0] == colours[2] != colours[1]
    assert [container.lines[0].get_xdata()[0] for container in ax.containers] == pytest.approx([0.2] * 3)


def test_races_stand_side_by_side_below_their_tasks():
    table = atlas()
    race = nasedu.race(table.space, table, ["random", "grid"], 3, 2, task="what/digits", workers=1)
    figure = lesson_04.races({"one": race, "two": race})
    assert [ax.get_title("left") for ax in figure.axes] == ["one", "two"]
    assert lines_of(figure.axes[0])["grid"] == pytest.approx(race.curves("grid", of="regret").mean(axis=0))


def test_schedules_fall_from_one_to_a_tenth():
    steps = lines_of(lesson_04.schedules(20))
    assert steps.keys() == {"linear", "metaqnn"}
    for epsilon in steps.values():
        assert len(epsilon) == 20
        assert epsilon[0] == 1
        assert epsilon[-1] == pytest.approx(0.1, abs=0.05)
        assert all(later <= earlier for earlier, later in pairwise(epsilon))


def test_runs_draws_every_run_and_its_mean():
    ax = plots.runs({"one": [0.2, 0.4], "two": [0.6]}, "score", best=1)
    dots = [one.get_offsets()[:, 0].tolist() for one in ax.collections]
    assert dots == [[0.2, 0.4], pytest.approx([0.3]), [0.6], [0.6]]
    assert names_beside(ax) == ["one", "two"]
    assert ax.get_lines()[0].get_xdata() == [1, 1]


def test_humps_count_every_seed_say_the_means_and_name_the_tallest_bar():
    below = lesson_08.humps({"a": np.array([0.0, 0.1, 0.1]), "b": np.array([0.2, 0.2, 0.2])}, "regret")
    said = [[text.get_text() for text in ax.texts if text.get_text()] for ax in below.figure.axes]
    assert said == [["a: mean 0.067", "2"], ["b: mean 0.200", "3"]]
    for ax, mean in zip(below.figure.axes, (0.2 / 3, 0.2), strict=True):
        assert ax.get_lines()[0].get_xdata()[0] == pytest.approx(mean)
        assert sum(bar.get_height() for bar in ax.patches) == 3
        assert ax.get_ylabel() == "of 3 seeds"
    assert below.get_xlabel() == "regret"


def test_shares_of_intervals_are_drawn_with_the_promise_and_named_at_their_ends():
    ax = lesson_08.seeds_needed({3: 0.8, 30: 0.94}, {3: 0.2, 30: 0.5})
    promised, holds, sees = lines_of(ax).values()
    assert (promised, holds, sees) == ([0.95, 0.95], [0.8, 0.94], [0.2, 0.5])
    assert [text.get_text() for text in ax.get_xticklabels()] == ["3", "30"]
    heights = {text.get_text(): text.xy[1] for text in ax.texts}
    assert heights["shows who is better"] < heights["holds the true lead"] < heights["promised: 95%"]


def test_flattery_is_drawn_for_both_ways_to_choose_the_largest_at_the_top():
    test, validation = np.array([[0.3, 0.1], [0.5, 0.1]]), np.array([[0.2, 0.0], [0.2, 0.0]])
    ax = lesson_08.flattered(("much", "little"), test, validation)
    assert names_beside(ax) == ["little", "much"]
    means = [container.lines[0].get_xdata().tolist() for container in ax.containers]
    assert means == [pytest.approx([0.0, 0.2]), pytest.approx([0.1, 0.4])]


def test_curves_of_lesson_08_have_the_colours_of_their_methods():
    curves = lesson_08.crossing(np.ones((2, 10)), np.ones((2, 10)) / 2)
    assert lines_of(curves) == {"random, lucky space": [1, 1], "local-search, whole space": [0.5, 0.5]}
    ranks = lesson_08.rank_curves((5, 10), {"local-search": [interval([1, 1]), interval([2, 2])]})
    assert curves.get_lines()[1].get_color() == ranks.get_lines()[0].get_color() == METHODS["local-search"]
    assert ranks.yaxis_inverted()


def test_what_is_saved_is_sorted_and_coloured_only_where_it_is_clear():
    leads = {"won": interval([0.3, 0.31]), "lost": interval([-0.2, -0.21]), "open": interval([-0.1, 0.1])}
    assert lesson_09.clear(leads) == (["won"], ["lost"])
    ax = lesson_09.saved(leads, "three", "halving")
    assert names_beside(ax) == ["lost", "open", "won"]
    assert [container.lines[0].get_color() for container in ax.containers] == [ORANGE, GREY, BLUE]


def test_learning_curves_that_end_in_the_better_half_look_different():
    table = SimpleNamespace(epochs=(1, 2), curves=lambda name: np.array([[0.1, 0.9], [0.5, 0.2], [0.3, 0.8]]))
    ax = lesson_09.learning_curves(table, ("t",), [0, 1, 2])
    assert [line.get_linestyle() for line in ax.get_lines()] == ["-", "--", "-"]
    assert [list(line.get_ydata()) for line in ax.get_lines()] == [[0.1, 0.9], [0.5, 0.2], [0.3, 0.8]]
    assert ax.get_title() == "t"


def test_agreement_writes_each_number_into_its_cell():
    ax = lesson_09.agreement(np.array([[0.1, 0.9], [0.25, 1.0]]), (1, 2), ("slow", "quick"))
    written = {text.get_position(): (text.get_text(), text.get_color()) for text in ax.texts}
    assert written == {
        (0, 0): ("0.25", "white"),
        (1, 0): ("1.00", "black"),
        (0, 1): ("0.10", "white"),
        (1, 1): ("0.90", "black"),
    }
    assert names_beside(ax) == ["quick", "slow"]


def test_survival_and_stopped_draw_what_they_are_given():
    survivors = lesson_09.survival({"what": [0.5, 1.0]}, (1, 2))
    assert lines_of(survivors) == {"what": [0.5, 1.0], "blind": [1 / 3, 1 / 3]}
    ended = lesson_09.stopped([0.1, 0.2, 0.3], [0.1, 0.2], "patience 1")
    assert lines_of(ended) == {"all 3 epochs": [0.1, 0.2, 0.3], "patience 1: 2 epochs": [0.1, 0.2]}


def test_orders_has_a_mark_for_each_order_and_a_dot_for_each_seed():
    ax = lesson_10.orders(
        {"shared": {"what": [0.1, 0.3], "where": [0.5, 0.5]}, "parameters": {"what": 0.4, "where": 0}}
    )
    assert names_beside(ax) == ["what", "where"]
    drawn = [sorted(line.get_xdata()) for line in ax.get_lines() if line.get_marker() in "os"]
    assert drawn == [pytest.approx([x]) for x in (0.2, 0.5, 0.4, 0)]
    seeds = [sorted(line.get_xdata()) for line in ax.get_lines() if line.get_marker() == "."]
    assert seeds == [[0.1, 0.3], [0.5, 0.5]]


def test_paired_colours_only_what_is_clear():
    leads = {"won": interval([2.0, 2.1, 1.9]), "open": interval([-1.0, 1.2]), "lost": interval([-2.0, -2.1, -1.9])}
    assert [lesson_10.clear(lead) for lead in leads.values()] == [1, 0, -1]
    ax = lesson_10.paired(leads, "random", "shared", "difference")
    assert [container.lines[0].get_color() for container in ax.containers] == [BLUE, GREY, ORANGE]
    assert [text.get_text() for text in ax.texts] == ["← random", "shared →"]


def test_equal_seconds_draws_sharing_at_its_price():
    ax = lesson_10.equal_seconds((5, 10), {"what": [0.1, 0.2]}, {"what": (7, interval([0.3, 0.5]))})
    line, dot = ax.get_lines()[:2]
    assert (list(line.get_xdata()), list(line.get_ydata())) == ([5, 10], [0.1, 0.2])
    assert (list(dot.get_xdata()), list(dot.get_ydata())) == ([7], [pytest.approx(0.4)])


def test_leads_draws_how_far_each_way_is_ahead_of_cold_with_its_interval():
    early = [[0.9] * 4] * 2  # not drawn
    cold, warm = np.hstack([early, [[0.4, 0.2], [0.2, 0.2]]]), np.hstack([early, [[0.1, 0.1], [0.1, 0.1]]])
    regrets = {"cold": cold, "warm-q": warm, "not asked for": np.ones((2, 6))}
    ax = lesson_15.leads(SimpleNamespace(task="t", evaluations=6, regrets=regrets), ("warm-q",))
    assert lines_of(ax) == {"warm-q": pytest.approx([0.2, 0.1]), "cold": [0, 0]}
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx(0.2 + 1.96 * 0.1)  # the standard error of 0.3 and 0.1 is 0.1
    assert sorted(text.get_text() for text in ax.texts) == ["cold", "warm-q"]
    assert lines_of(
        lesson_15.leads(SimpleNamespace(task="t", evaluations=6, regrets=regrets), ("cold",), "warm-q")
    ) == {
        "cold": pytest.approx([-0.2, -0.1]),
        "warm-q": [0, 0],
    }


def test_effects_writes_each_number_into_its_cell():
    ax = lesson_15.effects(np.array([[0.25, -0.5]]), ("what",), ("gap", "pool4"))
    written = {text.get_position(): text.get_text() for text in ax.texts}
    assert written == {(0, 0): "+0.25", (1, 0): "−0.50"}


def test_gains_leaves_out_a_task_copied_onto_itself():
    ax = lesson_15.gains(np.array([[1, 0.5], [0.4, 1]]), np.array([[9, 0.1], [-0.2, 9]]))
    worse, better = (dots.get_offsets().tolist() for dots in ax.collections)
    assert (worse, better) == ([[0.4, -0.2]], [[0.5, 0.1]])


def test_several_trainings_are_a_mean_with_a_band_and_the_best_epoch_is_marked():
    ax = lesson_02.training([training([2.0, 1.0, 0.5], [0.5, 0.75, 0.5]), training([4.0, 1.0, 0.5], [0.5, 0.25, 0.0])])
    assert list(ax.get_lines()[0].get_ydata()) == pytest.approx([3.0, 1.0, 0.5])
    curve, best = ax.figure.axes[1].get_lines()
    assert list(curve.get_ydata()) == pytest.approx([0.5, 0.5, 0.25])
    assert list(best.get_xdata()) == [1, 1]  # on a tie, the first


def test_the_share_of_mistakes_is_drawn_as_solid_steps():
    ax = lesson_02.loss_and_mistakes([0, 1, 2], [3.0, 2.0, 1.5], [0.5, 0.5, 0.25])
    (steps,) = ax.figure.axes[1].get_lines()
    assert (steps.get_drawstyle(), steps.get_linestyle()) == ("steps-mid", "-")
    assert list(steps.get_ydata()) == [0.5, 0.5, 0.25]


def test_spreads_has_a_row_of_dots_and_a_mean_for_each_group():
    ax = lesson_02.spreads({"seeds": [0.5, 0.7], "folds": [0.2, 0.3, 0.4]})
    assert names_beside(ax) == ["seeds", "folds"]
    assert [one.get_offsets()[:, 0].tolist() for one in ax.collections] == [[0.5, 0.7], [0.2, 0.3, 0.4]]
    assert [line.get_xdata()[0] for line in ax.get_lines()] == pytest.approx([0.6, 0.3])


def test_means_begin_with_two_scores_and_end_with_all():
    (line,) = lesson_02.means([0.5, 0.7, 0.9]).get_lines()
    assert list(line.get_xdata()) == [2, 3]
    assert list(line.get_ydata()) == pytest.approx([0.6, 0.7])


def test_names_stand_at_the_ends_of_the_drops():
    means = [interval([0.0, 0.02]), interval([0.1, 0.2])]
    ax = lesson_02.drops((1, 10), {"again": means, "kept": means[::-1]})
    assert {one.get_text(): one.xy for one in ax.texts} == {
        "again": (10, pytest.approx(0.15)),
        "kept": (10, pytest.approx(0.01)),
    }


def test_wrong_decisions_are_drawn_in_the_middle_of_each_bin():
    ax = lesson_02.wrong_decisions([0, 0.01, 0.03], [interval([0.4, 0.5]), interval([0.2, 0.3])])
    coin, line = ax.get_lines()
    assert list(coin.get_ydata()) == [0.5, 0.5]
    assert list(line.get_xdata()) == pytest.approx([0.005, 0.02])
    assert list(line.get_ydata()) == pytest.approx([0.45, 0.25])


def test_leads_has_a_dotted_line_where_nobody_is_ahead():
    ax = plots.leads({"more": interval([1.0, 3.0]), "less": interval([0.0, 1.0])}, "ahead by")
    assert names_beside(ax) == ["less", "more"]
    assert ax.get_lines()[-1].get_linestyle() == ":"
    assert list(ax.get_lines()[-1].get_xdata()) == [0, 0]


def test_a_landscape_names_the_scores_that_matter():
    ax = lesson_00.landscape(np.array([0.2, 0.4, 0.4, 0.9]), {"hand-picked": 0.4, "best": 0.9})
    assert [text.get_text() for text in ax.texts] == ["hand-picked: 40%", "best: 90%"]
    assert ax.lines[0].get_color() == METHODS["hand-picked"]
    assert sum(bar.get_height() for bar in ax.patches) == 4


def test_lesson_07_draws_regret_as_a_share_of_random_search_and_what_a_dial_saves():
    regret = {"here": {"random": np.array([0.1, 0.3]), "tpe": np.array([0.1, 0.1])}}
    ax = lesson_07.raced(regret)
    assert legend_of(ax) == ["tpe"]
    assert [list(one.lines[0].get_ydata()) for one in ax.containers] == [[pytest.approx(0.5)]]
    ax = lesson_07.dial({"what/digits": {0: np.array([0.0, 0.4]), 8: np.array([1.0, 1.0])}})
    assert [list(one.lines[0].get_ydata()) for one in ax.containers] == [[0.2, 1.0]]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["0", "8"]
