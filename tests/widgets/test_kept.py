"""What a notebook that a student saves keeps of the widgets: an output of its own, renewed as they change."""

import pytest

from nasedu.classroom import MultipleChoice, Prediction
from nasedu.spaces import load
from nasedu.tasks import load as load_task
from nasedu.widgets import Explorer, Film, Frame, Player, Predict, Quiz, Reveal
from nasedu.widgets.base import HERE


def sides():
    return Prediction("Left or right?", ("left", "right"))


def explorer():
    return Explorer(load("mlp", load_task("digits")))


def quiz():
    why = {"one": "Count again.", "two": "`two` it is."}
    return Quiz(MultipleChoice("One or two?", ("one", "two"), right="two", why=why))


def film():
    return Player(Film((Frame(("<circle r='1'/>",), (), "A dot."),), title="Dots", width=9, height=9))


@pytest.mark.parametrize("make", [explorer, quiz, film, lambda: Predict(sides()), lambda: Reveal(sides(), "left")])
def test_a_cell_shows_the_widget_and_under_it_a_picture_that_the_widget_hides(make, outputs):
    widget = make()
    widget._ipython_display_()
    (_, alive), (name, still) = outputs
    assert "application/vnd.jupyter.widget-view+json" in alive
    assert (alive["text/html"], alive["text/plain"]) == ("", ""), "nothing is said twice where no kernel runs"
    assert name
    assert widget.page() in still["text/html"]
    assert f"nasedu-still-{widget._key}" in still["text/html"]
    assert still["text/plain"] == repr(widget)
    shared = HERE.joinpath("shared.js").read_text(encoding="utf-8")
    assert "standForPicture(model, el);" in str(widget._esm).removeprefix(shared)


def html_of(outputs):
    return outputs[-1][1]["text/html"]


def test_the_network_that_was_built_is_kept(outputs):
    widget = explorer()
    widget._ipython_display_()
    assert "64-relu" not in repr(widget)
    widget.choose("64-relu")
    assert outputs[-1][1]["text/plain"] == repr(widget)
    assert widget.page() in html_of(outputs)
    assert len(outputs) == 2


def test_a_wrong_answer_and_what_was_told_are_kept(outputs):
    widget = quiz()
    widget._ipython_display_()
    assert "Show the answer" in html_of(outputs)
    widget.multiple_choice.pick("one")
    for told in ("✘ Not right.", "You said: one: Count again.", "The right answer: two: <code>two</code> it is."):
        assert told in html_of(outputs)
    assert "Show the answer" not in html_of(outputs)


def test_a_guess_is_kept_where_it_was_made_and_beside_the_answer(outputs):
    prediction = sides()
    Predict(prediction)._ipython_display_()
    assert "Written down" not in html_of(outputs)
    prediction.record("right")
    assert "Written down: right." in html_of(outputs)
    reveal = Reveal(prediction, "left", because="It is always left.")
    reveal._ipython_display_()
    for told in ("You predicted: right", "It was: left", "It is always left."):
        assert told in html_of(outputs)


def test_a_guess_that_waits_for_its_button_leaves_the_answer_folded(outputs):
    prediction = sides()
    reveal = Reveal(prediction, "left")
    reveal._ipython_display_()
    prediction.record("right")
    assert "You predicted: right." in html_of(outputs)
    assert "Show the answer" in html_of(outputs)


def test_a_click_on_the_covered_answer_keeps_both(outputs):
    reveal = Reveal(sides(), "left")
    reveal._ipython_display_()
    reveal._answer({"do": "pick", "value": "right"})
    assert reveal.shown["answers"]
    assert "It was: left" in html_of(outputs)


def test_before_it_is_shown_a_widget_publishes_nothing(outputs):
    widget = explorer()
    widget.choose("64-relu")
    assert outputs == []
