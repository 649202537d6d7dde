"""Quiz, Predict and Reveal without a browser: what is told, and above all what is not told yet."""

import json

import pytest

from nasedu.classroom import MultipleChoice, Prediction
from nasedu.core import BadValue
from nasedu.core.html import marked
from nasedu.widgets import Predict, Quiz, Reveal

WHY = {"one": "You forgot the `linear` layer.", "two": "<gap> and the linear layer.", "three": "stop builds nothing."}


def layers():
    return Quiz(MultipleChoice("How many layers has `gap`?", ("one", "two", "three"), right="two", why=WHY))


def sides():
    return Prediction("Which side?", ("Left", "right", "neither"))


def click(widget, choice):
    widget._answer({"do": "pick", "value": choice})


def text(widget):
    return json.dumps(widget.shown)


# ---------------------------------------------------------------------- quiz


def test_the_browser_knows_neither_the_answer_nor_the_sentences_before_a_guess():
    quiz = layers()
    assert "linear" not in json.dumps(quiz.get_state(), default=str).replace(str(quiz._esm), "")
    assert (quiz.shown["answers"], quiz.shown["sign"], quiz.shown["mood"]) == ([], "", "")
    assert quiz.shown["chosen"] is None
    assert "covered" in repr(quiz)


def test_a_wrong_answer_gets_its_sentence_and_the_right_one_beside_it():
    quiz = layers()
    click(quiz, "one")
    assert quiz.multiple_choice.answer == "one"
    assert quiz.shown["answers"] == [["You said: one", WHY["one"]], ["The right answer: two", WHY["two"]]]
    assert (quiz.shown["mood"], quiz.shown["sign"], quiz.shown["locked"]) == ("wrong", "✘ Not right.", True)
    assert WHY["three"] not in text(quiz)


def test_a_right_answer_gets_its_sentence_once():
    quiz = layers()
    assert str(quiz.multiple_choice.pick("two")) == f"✔ Right. {WHY['two']}"
    assert quiz.shown["answers"] == [["You said: two", WHY["two"]]]
    assert quiz.shown["mood"] == "right"


def test_the_first_answer_stands():
    quiz = layers()
    quiz.multiple_choice.pick("one")
    click(quiz, "two")
    assert quiz.shown["chosen"] == quiz.multiple_choice.answer == "one"
    assert str(quiz.multiple_choice.pick("two")) == f"✘ Not right. {WHY['one']}"


def test_the_first_answer_stands_when_the_cell_is_run_again():
    first = layers()
    click(first, "one")
    again = Quiz(first.multiple_choice)
    assert again.shown["locked"]
    assert again.shown["answers"] == first.shown["answers"]


def test_a_quiz_is_refused_that_nobody_can_answer():
    with pytest.raises(BadValue, match="two different choices"):
        MultipleChoice("?", ("a", "a"), right="a")
    with pytest.raises(BadValue, match="'c' is none of the choices"):
        MultipleChoice("?", ("a", "b"), right="c")
    with pytest.raises(BadValue, match="'c' is none of the choices"):
        MultipleChoice("?", ("a", "b"), right="a", why={"c": "?"})
    with pytest.raises(BadValue, match="'four' is none"):
        layers().multiple_choice.pick("four")


@pytest.mark.parametrize("message", [None, "two", {}, {"do": "pick"}, {"do": "pick", "value": ["two"]}, {"do": "skip"}])
def test_any_other_message_is_no_answer(message):
    quiz = layers()
    quiz._answer(message)
    assert quiz.multiple_choice.answer is None
    assert quiz.shown["answers"] == []


def test_without_a_kernel_the_answer_unfolds():
    data, _ = layers()._repr_mimebundle_()
    asked, folded = data["text/html"].split("<details>")
    assert "<li>one</li><li>two</li><li>three</li>" in asked
    assert "linear" not in asked
    assert folded.startswith("<summary>Show the answer</summary><p>two</p>")
    assert "&lt;gap&gt;" in folded
    assert "<gap>" not in folded
    assert "linear" not in data["text/plain"]


def test_backticks_are_code_and_all_else_is_text():
    assert marked("a `<b>` c") == "a <code>&lt;b&gt;</code> c"
    assert marked("a ` c") == "a ` c"


# ---------------------------------------------------------------------- predict


def test_a_click_writes_the_prediction_down_and_another_one_changes_it():
    prediction = sides()
    widget = Predict(prediction)
    assert widget.shown["at_once"]
    click(widget, "Left")
    click(widget, "right")
    assert prediction.recorded == "right"
    assert widget.shown["chosen"] == "right"
    assert widget.shown["note"].startswith("Written down: right.")


def test_when_the_answer_is_known_the_prediction_is_locked():
    prediction = sides()
    widget = Predict(prediction)
    prediction.record("left")
    prediction.reveal("right")
    assert widget.shown["locked"]
    click(widget, "right")
    assert prediction.recorded == "Left"
    assert "your prediction stands: Left" in widget.shown["note"]


def test_a_cell_that_is_run_again_shows_what_was_predicted():
    prediction = sides()
    prediction.record("left")
    assert Predict(prediction).shown["chosen"] == "Left"


# ---------------------------------------------------------------------- reveal


def test_after_a_prediction_both_stand_side_by_side():
    prediction = sides()
    prediction.record("left")
    reveal = Reveal(prediction, "right", because="It was `heavier`.")
    assert not reveal.covered
    assert reveal.shown["answers"] == [["You predicted", "Left"], ["It was", "right"]]
    assert (reveal.shown["mood"], reveal.shown["note"]) == ("wrong", "It was `heavier`.")
    assert prediction.revealed == "right"
    assert repr(reveal).startswith("Reveal: ✘ It went another way. Which side? You predicted: Left. It was: right.")


def test_when_all_cells_are_run_at_once_the_answer_stays_covered():
    prediction = sides()
    first, reveal = Predict(prediction), Reveal(prediction, "right", because="It was heavier.")
    assert reveal.covered
    assert prediction.revealed is None
    assert (reveal.shown["answers"], reveal.shown["mood"]) == ([], "")
    assert "heavier" not in text(reveal)
    assert not first.shown["locked"]
    click(reveal, "right")
    assert reveal.shown["answers"] == [["You predicted", "right"], ["It was", "right"]]
    assert reveal.shown["mood"] == "right"
    assert (first.shown["chosen"], first.shown["locked"]) == ("right", True)


def test_a_prediction_made_further_up_after_all_cells_have_run_uncovers_nothing_yet():
    prediction = sides()
    first, reveal = Predict(prediction), Reveal(prediction, "right")
    click(first, "Left")
    assert reveal.covered
    assert reveal.shown["note"] == "You predicted: Left."
    assert reveal.shown["chosen"] == "Left"
    assert reveal.shown["skip"] == ""
    click(first, "neither")
    click(reveal, "neither")
    assert reveal.shown["answers"] == [["You predicted", "neither"], ["It was", "right"]]


def test_the_answer_can_be_had_without_a_guess_and_then_there_was_none():
    prediction = sides()
    reveal = Reveal(prediction, "right")
    assert reveal.shown["skip"]
    reveal._answer({"do": "skip"})
    assert reveal.shown["answers"] == [["You predicted", "nothing"], ["It was", "right"]]
    assert reveal.shown["mood"] == ""
    click(reveal, "right")
    assert prediction.recorded is None
    assert not Reveal(prediction, "right").covered, "run again, it does not ask again"


def test_code_that_reveals_uncovers_the_widget_too():
    prediction = sides()
    reveal = Reveal(prediction, "Left and right")
    prediction.record("right")
    assert prediction.reveal("Left and right").status == "right"
    assert not reveal.covered
    assert reveal.shown["mood"] == "right"


def test_an_answer_that_was_never_offered_is_refused():
    with pytest.raises(BadValue, match="'up' is none of the prediction's choices 'Left', 'right', 'neither'"):
        Reveal(sides(), "up")
    with pytest.raises(BadValue, match="none of the prediction's choices"):
        Reveal(sides(), "Left and up")


def test_without_a_kernel_the_answer_is_folded_and_the_words_do_not_tell():
    data, _ = Reveal(sides(), "neither", because="<Nobody> knows.")._repr_mimebundle_()
    asked, folded = data["text/html"].split("<details>")
    assert "It was" not in asked
    assert "It was: neither" in folded
    assert "&lt;Nobody&gt; knows." in folded
    assert "It was" not in data["text/plain"]
    assert "<details>" not in Predict(sides())._repr_mimebundle_()[0]["text/html"]
