"""The race without a browser: it is asked what a page would ask, and its picture is read as XML."""

import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import nasedu
from nasedu import Table
from nasedu.core import BadValue, UnknownName
from nasedu.core.palette import METHODS
from nasedu.widgets import Race, regret_plot
from nasedu.widgets.player import size_of
from nasedu.widgets.race_choices import MOST_SEEDS, count_in, seeds_in, text_of, words_of
from nasedu.widgets.race_film import MOST_FRAMES, race_film
from nasedu.widgets.regret_plot import Curve
from nasedu.widgets.svg import whole_ticks
from tests.tables.spaces import MEMBERS, Letters

SVG = "{http://www.w3.org/2000/svg}"
SCORES = np.array([10, 50, 20, 80, 30, 0, 70, 40, 60])
NAMES = ["random", "q-learning"]


@pytest.fixture
def table():
    return Table(Letters(), MEMBERS, {"x": SCORES, "y": SCORES[::-1]}, scale=100, name="nine", note="made <up>")


def race(table, controllers=NAMES, **options):
    return Race(table.space, table, controllers, **({"seeds": 4, "evaluations": 6} | options))


def ask(race, **content):
    race._handle_custom_msg({"ask": "q", **content}, [])
    return race.view


def run_in_page(race):
    while not race.view["ending"]:
        assert ask(race)["alert"] == ""


# ---------------------------------------------------------------------- running


def test_a_race_in_a_page_is_the_race_of_a_cell_number_for_number(table):
    page, cell = race(table), race(table)
    run_in_page(page)
    cell.run()
    whole = nasedu.race(table.space, table, NAMES, 6, 4, task="x", workers=1)
    for one in (page, cell):
        assert one.result.seeds == whole.seeds
        for label in NAMES:
            np.testing.assert_array_equal(one.result.curves(label), whole.curves(label))
        assert one.result.summary().equals(whole.summary())
    assert page.view["svg"] == cell.view["svg"]


def test_advance_is_one_run(table):
    small = race(table, seeds=1)
    assert small.advance()
    assert (small.view["done"], small.view["total"]) == (1, 2)
    assert small.view["last"].startswith("Last: random with seed 0, regret ")
    assert not small.advance()
    assert small.view["ending"] == "all 2 runs have ended."


def test_it_says_whose_turn_it_is_and_that_is_who_runs_next(table):
    one = race(table, seeds=[5, 8])
    turns = [one.view["place"]]
    while one.advance():
        turns.append(one.view["place"])
    assert turns[1] == "after 1 of 4 runs, at q-learning with seed 5"
    said = [turn.split(", at ")[1] for turn in turns]
    assert said == [f"{label} with seed {seed}" for label, seed in one.race.runs]
    assert one.view["place"] == ""


def test_what_is_on_show_is_said_in_one_sentence(table):
    one = race(table, seeds=[5, 8])
    one.advance()
    assert one.view["stands"] == (
        "Still on show is the race of random, q-learning on x with seeds 5, 8 and 6 networks in a run: "
        "1 of 4 runs have ended."
    )


def test_other_seeds_give_other_curves_and_the_same_the_same(table):
    pictures = []
    one = race(table)
    for seeds in ("0-3", "4-7", "4"):
        ask(one, values={"seeds": seeds})
        assert one.view["done"] == 0
        run_in_page(one)
        pictures.append([line.get("d") for line in lines(one)])
    assert pictures[0] == pictures[2] != pictures[1]


def test_an_error_of_ones_own_controller_is_shown_and_raised(table):
    class Falls(nasedu.Controller):
        def ask(self):
            raise RuntimeError("<no idea>")

    one = race(table, [Falls])
    assert ask(one)["alert"] == "RuntimeError: <no idea>"
    with pytest.raises(RuntimeError, match="no idea"):
        one.advance()


# ---------------------------------------------------------------------- choosing


def test_the_form_offers_what_there_is(table):
    form = {field["name"]: field for field in race(table, seeds=[3, 5]).form}
    assert form["controllers"]["options"][:2] == form["controllers"]["value"] == NAMES
    assert "local-search" in form["controllers"]["options"]
    assert (form["task"]["options"], form["task"]["value"]) == (["x", "y"], "x")
    assert form["seeds"]["value"] == "3, 5"
    assert form["evaluations"]["value"] == 6


def test_a_choice_begins_a_new_race(table):
    one = race(table)
    one.run()
    values = {"controllers": ["random", "local-search"], "task": "y", "seeds": "5, 8", "evaluations": "4"}
    assert ask(one, values=values)["done"] == 0
    assert (one.task, one.seeds, one.evaluations) == ("y", [5, 8], 4)
    assert [field["value"] for field in one.form] == [["random", "local-search"], "y", "5, 8", 4]
    one.run()
    whole = nasedu.race(table.space, table, ["random", "local-search"], 4, [5, 8], task="y", workers=1)
    for label in whole.labels:
        np.testing.assert_array_equal(one.result.curves(label), whole.curves(label))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("controllers", [], "choose at least one of"),
        ("controllers", ["nobody"], "given nobody"),
        ("task", "z", "has the tasks x, y"),
        ("seeds", "many", "seeds are how many"),
        ("seeds", "0", "1 to 100 seeds"),
        ("seeds", "1-9999999", "1 to 100 seeds"),
        ("seeds", "3, 3", "different ones"),
        ("evaluations", "", "whole number from 1"),
        ("evaluations", "1e9", "whole number from 1"),
        ("evaluations", 0, "at least 1"),
    ],
)
@pytest.mark.parametrize("question", ["values", "check"])
def test_an_impossible_choice_is_refused_in_words_and_changes_nothing(table, question, field, value, words):
    one = race(table)
    one.run()
    before, form = one.race, one.form
    view = ask(one, **{question: {field: value}})
    assert words in view["alert"]
    assert view["field"] == (field if value != 0 else ""), "what a cell gives is judged by the race itself"
    assert one.race is before
    assert one.form == form
    assert view["done"] == 8


def test_a_choice_that_is_only_looked_at_begins_nothing(table):
    one = race(table)
    one.run()
    before = one.race
    view = ask(one, check={"seeds": "5, 8", "task": "y"})
    assert (view["alert"], view["done"]) == ("", 8)
    assert one.race is before
    assert one.task == "x"


def test_parameters_and_labels_of_ones_own_stay_choosable(table):
    given = {"greedy": ("q-learning", {"epsilon_first": 0.0})}
    one = race(table, given)
    one.choose({"controllers": ["greedy", "q-learning"]})
    one.run()
    whole = nasedu.race(table.space, table, {**given, "q-learning": "q-learning"}, 6, 4, task="x", workers=1)
    for label in ("greedy", "q-learning"):
        np.testing.assert_array_equal(one.result.curves(label), whole.curves(label))


@pytest.mark.parametrize(
    ("text", "seeds"), [("10", 10), (" 3,5 , 8", [3, 5, 8]), ("10-12", [10, 11, 12]), ("10–12", [10, 11, 12]), (7, 7)]
)
def test_seeds_are_read_as_they_are_typed(text, seeds):
    assert seeds_in(text) == seeds


@pytest.mark.parametrize("seeds", [10, [3, 5, 8], [10, 11, 12], [4]])
def test_what_is_typed_says_the_same_again(seeds):
    again = seeds_in(text_of(seeds))
    assert again == seeds


@pytest.mark.parametrize("text", ["9-5", "-3", "1.5", "3;4", str(MOST_SEEDS + 1), "1,2,"])
def test_seeds_that_cannot_be_read(text):
    with pytest.raises(BadValue):
        seeds_in(text)


@pytest.mark.parametrize(
    ("seeds", "words"),
    [(1, "1 seed"), (10, "10 seeds"), ([4], "seed 4"), ([3, 5], "seeds 3, 5"), ([3, 4], "seeds 3-4")],
)
def test_seeds_in_a_sentence(seeds, words):
    assert words_of(seeds) == words


def test_numbers_of_networks():
    assert count_in("30") == count_in(30) == 30
    with pytest.raises(BadValue, match="from 1 to 2,000; given '2001'"):
        count_in("2001")


def test_what_cannot_race_is_refused_at_the_door(table):
    with pytest.raises(UnknownName):
        race(table, ["nobody"])
    with pytest.raises(BadValue, match="controllers is a list"):
        race(table, "random")
    with pytest.raises(BadValue, match="has the tasks x, y"):
        race(table, task="z")


# ---------------------------------------------------------------------- looking


def lines(race, kind="line"):
    return ET.fromstring(race.view["svg"]).findall(f"{SVG}path[@class='{kind}']")


def test_curves_and_bands_grow(table):
    one = race(table)
    assert not lines(one)
    assert "<table>" not in one.view["table"], "no table without a row"
    assert "no run yet of 8" in one.view["svg"]
    one.advance()
    assert (len(lines(one)), len(lines(one, "band"))) == (1, 0), "one run has no interval"
    one.run()
    assert (len(lines(one)), len(lines(one, "band"))) == (2, 2)


def test_lines_are_told_apart_without_colour_and_keep_their_looks(table):
    one = race(table, ["random", "q-learning", "grid"])
    one.run()
    looks = {line.find(f"{SVG}title").text: (line.get("stroke"), line.get("stroke-dasharray")) for line in lines(one)}
    assert len(set(looks.values())) == len({dashes for _, dashes in looks.values()}) == 3
    assert all(looks[name][0] == METHODS[name] for name in ("random", "q-learning"))
    one.choose({"controllers": ["grid"]})
    one.run()
    (line,) = lines(one)
    assert (line.get("stroke"), line.get("stroke-dasharray")) == looks["grid"]


def test_names_stand_beside_the_ends_of_the_lines_and_apart():
    same = [Curve.of(f"name {i}", i, np.full((3, 5), 0.5)) for i in range(8)]
    picture = ET.fromstring(regret_plot.svg(same, 5, "words"))
    heights = sorted(float(name.find(f"{SVG}text").get("y")) for name in picture.findall(f"{SVG}g[@class='name']"))
    assert len(heights) == 8
    assert min(np.diff(heights)) >= 13
    assert heights[-1] <= 340


def test_the_table_has_means_and_intervals(table):
    one = race(table)
    one.run()
    rows = [["".join(cell.itertext()) for cell in row] for row in ET.fromstring(one.view["table"]).iter("tr")]
    assert rows[0] == ["controller", "runs", "regret after 1", "regret after 3", "regret after 6"]
    regrets = {label: one.result.curves(label, "regret")[:, -1] for label in NAMES}
    for label, runs, *_, last in rows[1:]:
        half = 1.96 * regrets[label].std(ddof=1) / 2
        assert (runs, last) == ("4", f"{regrets[label].mean():.3g} ± {half:.2g}")
    assert [row[0] for row in rows[1:]] == sorted(NAMES, key=lambda label: regrets[label].mean())
    assert "made &lt;up&gt;" in one.view["table"]


def test_runs_that_ended_early_are_noted(table):
    one = race(table, ["random"], evaluations=30, seeds=1)
    one.run()
    assert "random: 1 runs" in one.view["table"]


def test_the_curves_are_the_mean_and_its_interval():
    regrets = np.array([[0.4, 0.2], [0.2, 0.0]])
    curve = Curve.of("a", 0, regrets)
    np.testing.assert_allclose(curve.middle, [0.3, 0.1])
    np.testing.assert_allclose(curve.high - curve.middle, 1.96 * np.array([0.1, 0.1]))
    assert curve.after(2) == "0.1 ± 0.2"
    assert Curve.of("a", 0, regrets[:1]).after(2) == "0.2"


@pytest.mark.parametrize("regrets", [np.zeros((2, 3)), np.full((2, 1), 0.5), np.array([[5e3, 1e-7, 0.0]])])
def test_any_regrets_stay_in_the_picture(regrets):
    picture = ET.fromstring(regret_plot.svg([Curve.of("a", 0, regrets)], regrets.shape[1], "words"))
    (line,) = picture.findall(f"{SVG}path[@class='line']")
    points = np.array([pair.split() for pair in line.get("d")[1:].split("L")], dtype=float)
    assert (points >= 0).all()
    assert (points <= [680, 340]).all()


@pytest.mark.parametrize(("low", "high"), [(0.0003, 0.4), (0.5, 1e3), (20, 80)])
def test_the_axis_of_regret_has_round_numbers(low, high):
    ticks = regret_plot.ticks(low, high)
    assert 2 <= len(ticks) <= 10
    assert all(low <= tick <= high for tick in ticks)


@pytest.mark.parametrize(("last", "step"), [(1, 1), (6, 1), (10, 2), (50, 10), (100, 20), (150, 50), (2000, 500)])
def test_the_axis_of_networks_has_a_round_step(last, step):
    assert whole_ticks(last) == sorted({1, *range(step, last + 1, step)})


def test_text_from_outside_is_escaped(table):
    one = race(table, {"<b onload='x'>": "random"})
    one.run()
    for text in (one.view["svg"], one.view["table"], one.static()):
        assert "<b " not in text


def test_the_state_of_a_long_race_stays_small():
    rng = np.random.default_rng(0)
    many = [Curve.of(f"controller {i}", i, rng.uniform(0, 1, (4, 2000))) for i in range(10)]
    assert len(json.dumps(regret_plot.svg(many, 2000, "words"))) < 150_000


def test_without_a_kernel_there_are_words_a_picture_and_a_table(table):
    one = race(table)
    one.run()
    bundle, _ = one._repr_mimebundle_()
    assert bundle["text/plain"].startswith("Race: Race of random, q-learning on x, 6 networks in a run: 8 of 8 runs;")
    assert "<img alt=" in bundle["text/html"]
    assert "regret after 6" in bundle["text/html"]


# ---------------------------------------------------------------------- the recording


def test_the_recording_has_the_curves_of_the_race_and_ends_in_its_picture(table):
    recorded = race(table, seeds=3, evaluations=9)
    recorded.run()
    film = race_film(recorded.curves(), 9, recorded.words(), " (%)")
    assert film.svg(-1).count("<path") == recorded.draw().count("<path")
    elements = regret_plot.elements(recorded.curves(), 9, " (%)", (0, 0, 680, 340))
    assert [*film.head, *film.frames[-1].picture] == elements, "the last frame is the picture of the race"
    assert film.frames[-1].words == recorded.words()
    assert len(film.frames) == 9
    for place, frame in enumerate(film.frames[:-1], 1):
        found = {label: (runs, regret) for label, runs, regret in frame.rows[1:]}
        for curve in recorded.curves():
            assert found[curve.label] == ("3", curve.after(place))
        means = {label: recorded.race.curves(label)[:, place - 1].mean() for label in NAMES}
        assert f"After {place} of 9" in frame.words
        assert min(means.values()) == pytest.approx(means[frame.rows[1][0]])


def test_the_recording_hides_what_comes_after(table):
    recorded = race(table, seeds=2, evaluations=6)
    recorded.run()
    area, _ = regret_plot.layout(recorded.curves(), 6, (0, 0, 680, 340))
    film = race_film(recorded.curves(), 6, "words")
    begins = [float(frame.picture[0].split('d="M')[1].split(" ")[0]) for frame in film.frames[:-1]]
    assert begins == pytest.approx([area.x(place) for place in range(1, 6)], abs=0.5)


def test_a_recording_fits_into_a_notebook(table):
    long = race(table, controllers=[*NAMES, "local-search", "regularized-evolution"], seeds=20, evaluations=400)
    curves = [
        Curve.of(name, place, np.sort(np.random.default_rng(place).random((20, 400)), axis=1)[:, ::-1])
        for place, name in enumerate(long.controllers)
    ]
    film = race_film(curves, 400, "words")
    assert len(film.frames) <= MOST_FRAMES
    assert size_of(film.data()) < 40_000


def test_a_race_that_has_not_run_has_no_recording(table):
    begun = race(table)
    assert begun.page() == begun.static()
    begun.advance()
    assert "data-nasedu=" in begun.page()
    assert "1 of 8 runs, recorded: press Play." in begun.page()
