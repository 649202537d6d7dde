"""Quiz, Predict and Reveal without a browser: what is told, and above all what is not told yet."""

import json

import numpy as np
import pytest
from matplotlib import pyplot as plt

from nasedu.classroom import MultipleChoice, Prediction
from nasedu.core import BadValue
from nasedu.core.html import marked
from nasedu.widgets import Film, Frame, Player, Predict, Quiz, Reveal, question

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


def test_a_click_writes_the_prediction_down_and_only_a_button_takes_it_back():
    prediction = sides()
    widget = Predict(prediction)
    click(widget, "Left")
    assert (widget.shown["chosen"], widget.shown["locked"], widget.shown["change"]) == ("Left", True, "Change")
    assert widget.shown["note"].startswith("Written down: Left. You can change it until the answer is shown")
    click(widget, "right")
    assert prediction.recorded == "Left"
    widget._answer({"do": "change"})
    assert (widget.shown["chosen"], widget.shown["locked"], widget.shown["change"]) == (None, False, "")
    click(widget, "right")
    assert prediction.recorded == "right"


def test_a_revealed_prediction_stands_whatever_is_clicked_or_run_again():
    prediction = sides()
    first = Predict(prediction)
    click(first, "Left")
    reveal = Reveal(prediction, "right")
    for widget in (first, reveal, Predict(prediction), Reveal(prediction, "right"), Predict(prediction)):
        for message in ({"do": "change"}, {"do": "pick", "value": "right"}, {"do": "skip"}):
            widget._answer(message)
            assert prediction.recorded == widget.shown["chosen"] == "Left"
        assert (widget.shown["locked"], widget.shown["change"], widget.shown["button"]) == (True, "", "")
    assert "your prediction stands: Left" in first.shown["note"]


def test_a_quiz_offers_no_way_back():
    quiz = layers()
    click(quiz, "one")
    quiz._answer({"do": "change"})
    assert quiz.multiple_choice.answer == "one"


def test_a_cell_that_is_run_again_leaves_no_watcher_behind(monkeypatch):
    prediction, quiz = sides(), layers().multiple_choice
    kept = [len(quiz.watchers)]
    for cell in ("a", "a", "b", "b"):
        monkeypatch.setattr(question, "_cell", lambda cell=cell: cell)
        Predict(prediction), Reveal(prediction, "right"), Quiz(quiz)
        kept.append(len(prediction.watchers))
    assert kept[1:] == [2, 2, 4, 4], "in another cell it is another widget"
    assert len(quiz.watchers) == kept[0] + 2


def test_of_the_cell_that_runs_the_notebook_sends_the_id(monkeypatch):
    assert question._cell() == ""
    shell = type("Shell", (), {"get_parent": lambda self: {"metadata": {"cellId": "abc"}}})
    monkeypatch.setattr(question, "get_ipython", shell)
    assert question._cell() == "abc"


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
    assert (reveal.shown["note"], reveal.shown["button"]) == ("You predicted: Left.", "Show the answer")
    assert (reveal.shown["chosen"], reveal.shown["locked"], reveal.shown["skip"]) == ("Left", True, "")
    first._answer({"do": "change"})
    assert (reveal.shown["chosen"], reveal.shown["locked"], reveal.covered) == (None, False, True)
    click(first, "neither")
    click(reveal, "Left")
    assert reveal.shown["answers"] == [["You predicted", "neither"], ["It was", "right"]], (
        "what was written down counts"
    )


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


# ---------------------------------------------------------------------- what is covered together with the answer


class Table:
    def _repr_html_(self):
        return "<table><td>0.93</td></table>"


class Bundle:
    def _repr_mimebundle_(self):
        return {"text/plain": "?", "text/html": "<b>0.94</b>"}, {}


SHOWN = [Table(), Bundle(), "`b` is faster."]
AS_HTML = "<div><table><td>0.93</td></table></div><div><b>0.94</b></div><div><p><code>b</code> is faster.</p></div>"


def covers(prediction):
    return Reveal(prediction, "right", show=SHOWN)


@pytest.mark.parametrize("make", [lambda: covers(sides()), lambda: Quiz(layers().multiple_choice, show=SHOWN)])
def test_what_gives_the_answer_away_is_covered_together_with_it(make):
    widget = make()
    assert "0.93" not in text(widget)
    asked, folded = widget.static().split("<details>")
    assert AS_HTML in folded
    assert "0.93" not in asked + repr(widget)
    click(widget, "right" if isinstance(widget, Reveal) else "two")
    assert widget.shown["content"] == AS_HTML
    assert AS_HTML in widget.static()
    assert "<details>" not in widget.static()


def test_after_a_prediction_nothing_is_covered_any_more():
    prediction = sides()
    prediction.record("left")
    assert covers(prediction).shown["content"] == AS_HTML


@pytest.fixture
def figure():
    figure, axes = plt.subplots(1, 2)
    axes[0].plot([1, 2], label="a line")
    yield figure
    plt.close(figure)


@pytest.mark.parametrize("of", [lambda f: f, lambda f: f.axes[0], lambda f: f.axes, lambda f: np.array(f.axes)])
def test_a_figure_is_shown_once_and_not_by_its_cell_too(figure, of):
    content = Reveal(sides(), "right", show=of(figure)).static()
    assert content.count("<img") == 1
    assert content == Reveal(sides(), "right", show=figure).static()
    assert not plt.fignum_exists(figure.number), "the cell would show it at its end"


def test_a_part_of_a_figure_stands_for_the_whole_one(figure):
    figure.subfigures(1, 2)[0].subplots()
    assert Reveal(sides(), "right", show=figure.axes).static().count("<img") == 1


def test_a_saved_notebook_holds_a_figure_once_covered_or_not(figure, outputs):
    reveal = Reveal(sides(), "right", show=figure)
    reveal._ipython_display_()
    assert json.dumps(outputs).count("<img") == 1
    click(reveal, "right")
    assert json.dumps(outputs).count("<img") == 1


def test_a_widget_is_covered_as_its_page():
    player = Player(Film((Frame(("<circle r='1'/>",), (), "A dot."),), title="Dots", width=9, height=9))
    assert player.page() in Reveal(sides(), "right", show=player).static()


def test_what_has_no_html_is_refused():
    with pytest.raises(BadValue, match="a float is none"):
        Reveal(sides(), "right", show=0.93)
