import xml.etree.ElementTree as ET
from itertools import pairwise

from nasedu.widgets import trial_plot
from nasedu.widgets.trial_plot import Dot, Search

SVG = "{http://www.w3.org/2000/svg}"
THREE = Search([Dot(("a", "stop"), 0.5), Dot(("b", "stop"), 0.9), Dot(("stop",), 0.1, ok=False)], target=10)


def test_an_empty_search_has_a_picture_and_words():
    picture = ET.fromstring(trial_plot.svg(Search([], 10)))
    assert picture.get("aria-label") == "No trial yet of 10."
    assert not picture.findall(f"{SVG}circle")
    assert trial_plot.table(Search([], 10)) == "<p>No trial yet of 10.</p>", "no table without a row"


def test_each_trial_is_a_dot_and_a_failed_one_a_cross():
    picture = ET.fromstring(trial_plot.svg(THREE))
    circles = picture.findall(f"{SVG}circle")
    assert len(circles) == 2
    assert float(circles[1].get("cy")) < float(circles[0].get("cy")), "a better score stands higher"
    assert len(picture.findall(f"{SVG}path[@class='failed']")) == 1


def test_the_line_is_the_best_so_far():
    (line,) = ET.fromstring(trial_plot.svg(THREE)).findall(f"{SVG}path[@class='best']")
    assert line.get("d").count("V") == 1, "it rises once, and never falls"


def test_the_words_name_the_best():
    assert THREE.words == "3 of 10 trials; best score 0.900: b stop."
    assert THREE.words in ET.fromstring(trial_plot.svg(THREE)).get("aria-label")


def test_the_name_of_a_mark_stands_right_of_all_dots():
    dots = [Dot(("stop",), 0.5)] * 24
    picture = ET.fromstring(trial_plot.svg(Search(dots, 24, {"hand-picked": 0.5})))
    (name,) = [words for words in picture.findall(f"{SVG}text") if words.text == "hand-picked"]
    assert float(name.get("x")) > max(float(dot.get("cx")) for dot in picture.findall(f"{SVG}circle")) + 4


def test_of_equal_scores_the_first_is_the_best():
    assert Search([Dot(("a",), 0.5), Dot(("b",), 0.5)], 2).best.architecture == ("a",)


def test_the_table_has_the_best_first():
    rows = ET.fromstring(trial_plot.table(THREE)).findall("tbody/tr")
    assert ["".join(row.itertext()) for row in rows] == ["20.900b stop", "10.500a stop", "30.100 (failed)stop"]


def test_scores_outside_0_to_1_stay_in_the_picture():
    picture = ET.fromstring(trial_plot.svg(Search([Dot(("a",), -3.0), Dot(("b",), 5.0)], 2)))
    for circle in picture.findall(f"{SVG}circle"):
        assert trial_plot.TOP <= float(circle.get("cy")) <= trial_plot.HEIGHT - trial_plot.BOTTOM


def test_text_from_outside_is_escaped():
    nasty = Search([Dot(("<b onload='x'>",), 0.5)], 1)
    for text in (trial_plot.svg(nasty), trial_plot.table(nasty)):
        ET.fromstring(text)
        assert "<b " not in text


def test_more_trials_than_the_target_all_fit():
    picture = ET.fromstring(trial_plot.svg(Search([Dot(("a",), 0.5)] * 30, 10)))
    assert all(float(c.get("cx")) <= trial_plot.WIDTH - trial_plot.RIGHT for c in picture.findall(f"{SVG}circle"))


def test_the_axis_has_whole_numbers_of_trials():
    for last, ticks in ((1, ["1"]), (24, ["1", "5", "10", "15", "20"])):
        picture = ET.fromstring(trial_plot.svg(Search([], last)))
        assert [t.text for t in picture.findall(f"{SVG}text[@text-anchor='middle']")] == [*ticks, "trial"]


def test_names_of_marks_are_beside_the_dots_and_apart():
    marks = {"hand-picked": 0.7, "random": 0.71}
    picture = ET.fromstring(trial_plot.svg(Search([Dot(("a",), 0.7)] * 24, 24, marks)))
    names = [t for t in picture.findall(f"{SVG}text") if t.get("font-weight") == "bold"]
    assert [t.text for t in names] == ["random", "0.71", "hand-picked", "0.70"], "the higher line has the higher name"
    dots = [float(circle.get("cx")) + float(circle.get("r")) for circle in picture.findall(f"{SVG}circle")]
    assert max(dots) < min(float(t.get("x")) for t in names)
    heights = [float(t.get("y")) for t in names]
    assert min(b - a for a, b in pairwise(heights)) >= 12, heights
    widest = float(names[2].get("x")) + trial_plot.LETTER * len("hand-picked")
    assert widest <= trial_plot.WIDTH
