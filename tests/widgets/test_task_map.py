"""The map of tasks: its places, its film, and the widget around it."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from nasedu.core import BadValue
from nasedu.meta.comparison import Comparison
from nasedu.tables import Table, atlas
from nasedu.tables.task_correlation import task_correlation
from nasedu.widgets import TaskMap, task_places
from nasedu.widgets.films.task_map import MAP, film, verdict
from nasedu.widgets.player import check_size
from nasedu.widgets.task_places import Box
from tests.tables.spaces import MEMBERS, Letters

SVG = "{http://www.w3.org/2000/svg}"
TASKS = ["a", "b", "c"]
ALIKE = np.array([[1.0, 0.8, -0.1], [0.8, 1.0, 0.3], [-0.1, 0.3, 1.0]])


def comparison(task="a", ways=("random", "cold", "copy-best"), **weights):
    rng = np.random.default_rng(1)
    regrets = {way: -np.sort(-rng.uniform(0, 0.1, (4, 12)), axis=1) for way in ways}
    return Comparison(task, regrets, {other: np.full(4, weight) for other, weight in weights.items()})


def picture(film, task):
    at = [frame.label for frame in film.frames].index(task)
    return ET.fromstring(film.svg(at))


def texts(picture):
    return ["".join(text.itertext()) for text in picture.iter(f"{SVG}text")]


# ---------------------------------------------------------------------- places


def test_like_tasks_stand_near_and_unlike_ones_far():
    places = task_places.dots(ALIKE, MAP)
    near, far = np.hypot(*(places[0] - places[1])), np.hypot(*(places[0] - places[2]))
    assert near < far
    assert (places >= [MAP.left - 1e-6, MAP.top - 1e-6]).all()
    assert (places <= [MAP.right + 1e-6, MAP.bottom + 1e-6]).all()


def overlaps(boxes):
    return [one.over(other) for i, one in enumerate(boxes) for other in boxes[:i]]


def test_the_names_of_the_atlas_do_not_lie_over_each_other():
    table = atlas()
    places = task_places.dots(task_correlation(table), Box(54, 48, 396, 328))
    boxes = task_places.names(table.tasks, places, MAP)
    assert max(overlaps(boxes)) == 0
    assert min(box.left for box in boxes) >= MAP.left
    assert max(box.right for box in boxes) <= MAP.right


def test_names_of_dots_in_one_place_find_room():
    places = np.tile([200.0, 150.0], (8, 1))
    assert max(overlaps(task_places.names([f"task {i}" for i in range(8)], places, MAP))) == 0


def test_each_task_is_linked_with_the_one_most_like_it():
    assert task_places.pairs(ALIKE) == [(0, 1), (1, 2)]
    assert task_places.pairs(np.ones((1, 1))) == []


# ---------------------------------------------------------------------- the film


def test_there_is_a_frame_for_each_task_to_choose_from():
    found = film(TASKS, ALIKE)
    assert found.choose
    assert [frame.label for frame in found.frames] == TASKS
    assert found.frames[0].words == "a: most like b (rank correlation 0.80)."
    assert found.frames[0].rows == (("earlier task", "rank correlation"), ("b", "0.80"), ("c", "-0.10"))
    drawn = picture(found, "a")
    assert len(drawn.findall(f"{SVG}text[@class='task']")) == 3
    assert len(drawn.findall(f"{SVG}path[@class='link']")) == 2
    assert not drawn.findall(f"{SVG}path[@class='line']")


def test_a_task_that_was_searched_shows_its_curves_and_what_counted():
    found = film(TASKS, ALIKE, [comparison("a", b=0.9, c=0.01)])
    drawn = picture(found, "a")
    assert len(drawn.findall(f"{SVG}path[@class='line']")) == 3
    assert len(drawn.findall(f"{SVG}path[@class='band']")) == 3
    (link,) = drawn.findall(f"{SVG}path[@class='carried']")
    assert link.find(f"{SVG}title").text == "b: 0.90"
    wide = [float(bar.get("width")) for bar in drawn.findall(f"{SVG}rect[@class='bar']")]
    assert wide[0] == pytest.approx(90 * wide[1], rel=0.1)
    rows = found.frames[0].rows
    assert rows[0] == ("search", "runs", "regret after 3", "regret after 6", "regret after 12")
    assert {row[0] for row in rows[1:4]} == {"random", "cold", "copy-best"}
    assert rows[4:] == (
        ("earlier task", "rank correlation", "weight", "", ""),
        ("b", "0.80", "0.90", "", ""),
        ("c", "-0.10", "0.01", "", ""),
    )
    assert "this task was not searched here" in texts(picture(found, "b"))


def test_the_words_say_what_hurts_and_what_helps():
    cold = np.full((4, 10), 0.5) + np.arange(4)[:, None] * 1e-3
    found = Comparison("a", {"random": cold, "cold": cold, "good": cold - 0.1, "bad": cold + 0.1, "same": cold}, {})
    assert verdict(found) == (
        "After 10 networks, against a cold start: good ahead by 0.100 ± 0.000; bad behind by 0.100 ± 0.000; "
        "same not told apart (+0.000 ± 0.000)."
    )
    assert verdict(comparison(ways=("random",))) == ""


def test_a_single_seed_has_no_verdict_that_it_cannot_have():
    one = Comparison("a", {"cold": np.full((1, 10), 0.5), "good": np.full((1, 10), 0.4)}, {})
    assert "good +0.100 in a single run" in verdict(one)


def test_text_from_outside_is_escaped():
    nasty = ["<b onload='x'>", "b", "c"]
    found = film(nasty, ALIKE, [comparison(nasty[0], ("cold", "<i>warm</i>"), b=0.5)])
    for task in nasty:
        ET.fromstring(found.svg(nasty.index(task)))
        assert "<b " not in found.svg(nasty.index(task))
        assert "<i>" not in found.svg(nasty.index(task))


def test_the_film_of_the_atlas_is_small():
    table = atlas()
    others = {task: np.full(4, 0.06) for task in table.tasks}
    ways = ("random", "cold", "cold, warm schedule", "copy-best", "warm-q", "surrogate")
    found = [Comparison(task, {way: falling(way) for way in ways}, others) for task in table.tasks]
    check_size(film(table.tasks, task_correlation(table), found).data(), len(found))


def falling(way):
    """Ten runs of fifty networks, as real ones fall: fast at first."""
    rng = np.random.default_rng(len(way))
    return np.minimum.accumulate(rng.exponential(0.1, (10, 50)), axis=1)


# ---------------------------------------------------------------------- the widget


@pytest.fixture
def table():
    scores = np.random.default_rng(0).uniform(0, 1, 9)
    return Table(Letters(), MEMBERS, {"a": scores, "b": scores**2, "c": 1 - scores}, name="nine")


def test_the_map_begins_with_a_task_that_was_searched(table):
    shown = TaskMap(table, [comparison("b", a=0.7, c=0.3)])
    assert shown.frame.label == "b"
    assert shown.choose("c").label == shown.frame.label == "c"
    assert TaskMap(table).frame.label == "a"
    assert TaskMap(table, task="c").frame.label == "c"
    assert "rank correlation 1.00" in TaskMap(table).words()


def test_a_matrix_of_anyones_own_will_do(table):
    assert TaskMap(ALIKE, tasks=TASKS).film == film(TASKS, ALIKE)


def test_without_a_kernel_there_is_a_picture_and_a_table(table):
    html = TaskMap(table, [comparison("b", a=0.7, c=0.3)]).static()
    assert "<img " in html
    assert "rank correlation" in html


def test_what_is_no_map(table):
    with pytest.raises(BadValue, match="names of different tasks"):
        TaskMap(ALIKE)
    with pytest.raises(BadValue, match="names of different tasks"):
        TaskMap(ALIKE, tasks=["a", "a", "b"])
    with pytest.raises(BadValue, match="symmetric matrix"):
        TaskMap(ALIKE + np.triu(ALIKE), tasks=TASKS)
    with pytest.raises(BadValue, match="one comparison for a task"):
        TaskMap(table, [comparison("z")])
    with pytest.raises(BadValue, match="one comparison for a task"):
        TaskMap(table, [comparison("a"), comparison("a")])
    with pytest.raises(BadValue, match="given 'z'"):
        TaskMap(table, task="z")
    with pytest.raises(BadValue, match="given 'z'"):
        TaskMap(table).choose("z")
