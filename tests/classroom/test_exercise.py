import re

import pytest

from nasedu.classroom import Exercise, Prediction
from nasedu.core import BadValue


def double(**changes):
    parts = {
        "name": "double",
        "kind": "code",
        "prompt": "Write a function that gives back twice its number.",
        "stub": "def double(x):\n    ...",
        "solved": "def double(x):\n    return 2 * x",
        "hints": ("How much is 3 + 3?", "Multiply."),
        "why_wrong": lambda answer: "" if answer(3) == 6 else f"double(3) should be 6; yours gives {answer(3)}",
        "wrong": {"def double(x):\n    return x * x": "yours gives 9"},
        "praise": "Twice as good.",
    }
    return Exercise(**(parts | changes))


def test_a_right_answer_is_praised():
    verdict = double().check(lambda x: x + x)
    assert verdict.status == "right"
    assert repr(verdict) == "✔ Right. Twice as good."


def test_a_wrong_answer_is_told_why():
    verdict = double().check(lambda x: x * x)
    assert not verdict
    assert str(verdict) == "✘ Not yet. double(3) should be 6; yours gives 9"
    assert repr(verdict).splitlines() == [str(verdict), "For a hint: .hint() in place of .check(...)."]


@pytest.mark.parametrize("answer", [None, ...])
def test_an_answer_left_open_is_no_error(answer):
    assert double().check(answer).status == "not attempted"


def test_a_stub_function_left_as_it_was_is_no_error():
    def double_(x): ...

    assert double().check(double_).status == "not attempted"


@pytest.mark.parametrize(
    ("stub", "touched"),
    [
        ("def double(x):\n    return ...", "def double(x):\n    return 0"),
        ("def double(x, y):\n    ...", "def double(x, y):\n    y + 1"),
        ("class double:\n    def ask(self):\n        ...", "class double:\n    def ask(self):\n        return 1"),
        ("class double:\n    def ask(self):\n        ...", "class double:\n    def tell(self):\n        ..."),
        (
            "class double:\n    @property\n    def a(self):\n        return ...",
            "class double:\n    @property\n    def a(self):\n        return 2",
        ),
        ("double = (..., ...)", "double = (..., 1)"),
        ("double = {'a': ...}", "double = {'a': 1}"),
        (
            "def double(x):\n    def inner(y):\n        ...\n    return inner",
            "def double(x):\n    def inner(y):\n        return y\n    return inner",
        ),
    ],
)
def test_a_stub_is_known_by_what_is_in_it_wherever_it_stands(stub, touched):
    exercise = double(stub=stub, why_wrong=lambda _: "touched")
    assert exercise.check(exercise.answer_of("\n\n\n" + stub)).status == "not attempted"
    assert exercise.check(exercise.answer_of(touched)).message == "touched"


def test_a_function_where_a_class_is_asked_for_is_told_so():
    verdict = double(methods=("ask",), stub="class double:\n    ...").check(lambda: 1)
    assert "keep the line that begins with class" in verdict.message


def test_an_answer_that_wants_to_leave_stays_in_the_lesson():
    def leave(x):
        raise SystemExit(1)

    assert "SystemExit" in double().check(leave).message


def test_a_function_that_forgets_to_return_is_wrong_not_unattempted():
    def double_(x):
        2 * x

    assert double().check(double_).status == "wrong"


def test_an_error_inside_an_answer_is_shown_not_raised():
    verdict = double().check(lambda x: x / 0)
    assert verdict.status == "wrong"
    assert "ZeroDivisionError" in verdict.message


def test_hints_come_one_after_the_other_and_the_last_one_stays():
    exercise = double()
    assert [str(exercise.hint()) for _ in range(3)] == [
        "Hint 1 of 2: How much is 3 + 3?",
        "Hint 2 of 2: Multiply.",
        "Hint 2 of 2: Multiply.",
    ]
    assert str(double(hints=()).hint()) == "There are no hints for this one."


def test_the_solution_shows_as_code_not_as_a_string():
    assert repr(double().solution()) == "def double(x):\n    return 2 * x"


def test_no_hint_hides_the_verdict_of_the_last_check():
    exercise = double()
    exercise.check(lambda x: x * x)
    assert exercise.hint().splitlines() == [
        "✘ Not yet. double(3) should be 6; yours gives 9",
        "",
        "Hint 1 of 2: How much is 3 + 3?",
    ]
    exercise.check(lambda x: x + x)
    assert exercise.hint().splitlines() == ["✔ Right. Twice as good.", "", "No hint is needed."]
    assert exercise.solution() == "# ✔ Right. Twice as good.\n\ndef double(x):\n    return 2 * x"
    exercise.check(...)
    assert exercise.hint().startswith("… Not attempted yet.")
    assert exercise.hint().endswith("Hint 2 of 2: Multiply."), "a check does not take a hint back"


UNFOLDING = re.compile(r"<details[^>]*><summary[^>]*>(.*?)</summary>")


@pytest.mark.parametrize("answer", [..., lambda x: x * x])
def test_under_a_verdict_hints_unfold_one_inside_the_other_and_in_the_last_one_the_solution(answer):
    html = double().check(answer)._repr_html_()
    assert UNFOLDING.findall(html) == ["Hint 1 of 2", "Hint 2 of 2", "Show the solution"]
    assert "</details>" not in html.partition("return 2 * x")[0], "each is inside the one before"
    assert html.index('role="status"') < html.index("<details")
    assert " open" not in html


def test_under_a_right_answer_our_solution_unfolds_and_no_hint_is_left():
    html = double().check(lambda x: x + x)._repr_html_()
    assert UNFOLDING.findall(html) == ["Compare with our solution"]
    assert "return 2 * x" in html
    assert "Multiply" not in html


def test_hints_and_solution_are_text_with_code_between_backticks():
    exercise = double(hints=("`x < 3` & more",), solved="def double(x):\n    return x << 1  # <b>")
    html = exercise.check(...)._repr_html_()
    assert "<code>x &lt; 3</code> &amp; more" in html
    assert "return x &lt;&lt; 1  # &lt;b&gt;" in html


def test_an_exercise_shows_its_prompt_and_never_its_solution():
    assert double()._repr_markdown_() == "Write a function that gives back twice its number."
    assert "2 * x" not in repr(double())


def test_what_a_student_wrote_is_escaped():
    verdict = double(why_wrong=lambda answer: f"yours is {answer}").check("<script>")
    assert "<script>" not in verdict._repr_html_()
    assert "&lt;script&gt;" in verdict._repr_html_()


def test_code_that_does_not_define_the_answer_is_refused():
    with pytest.raises(BadValue, match="defines no 'double'"):
        double().answer_of("triple = 3")


# ---------------------------------------------------------------------- predictions


def sides():
    return Prediction("Which side?", ("left", "right"))


def test_a_prediction_is_shown_again_beside_the_answer():
    prediction = sides()
    assert prediction.record("left")
    verdict = prediction.reveal("right")
    assert verdict.status == "wrong"
    assert "You predicted: left. It was: right." in verdict.message


def test_a_prediction_that_came_true_is_right_in_a_tie_too():
    prediction = sides()
    prediction.record("left")
    assert prediction.reveal("left and right").status == "right"


def test_a_prediction_may_change_before_the_answer_is_seen_and_not_after():
    prediction = sides()
    prediction.record("left")
    prediction.record("right")
    prediction.reveal("left")
    verdict = prediction.record("left")
    assert "stands: right" in verdict.message
    assert prediction.recorded == "right"


def test_a_prediction_is_taken_back_before_the_answer_is_seen_and_not_after():
    prediction = sides()
    prediction.record("left")
    prediction.take_back()
    assert prediction.recorded is None
    prediction.record("right")
    prediction.reveal("left")
    prediction.take_back()
    assert prediction.recorded == "right"


def test_no_prediction_is_no_error():
    prediction = sides()
    assert prediction.record(...).status == "not attempted"
    assert prediction.reveal("left").status == "not attempted"
    assert "there was no prediction" in prediction.record("left").message


def test_an_answer_that_does_not_exist_is_not_written_down():
    prediction = sides()
    assert '"left", "right"' in prediction.record("up").message
    assert prediction.recorded is None


def test_a_choice_may_have_an_and_of_its_own():
    prediction = Prediction("Where?", ("here, and there too", "nowhere"))
    prediction.record("here, and there too")
    assert prediction.reveal("here, and there too").status == "right"


def test_capital_letters_of_a_choice_make_no_difference():
    prediction = Prediction("Which?", ("ReLU", "tanh"))
    assert prediction.record(" relu ")
    assert prediction.recorded == "ReLU"
    with pytest.raises(BadValue, match="told apart"):
        Prediction("Which?", ("left", "Left"))


def test_whoever_watches_a_prediction_hears_of_every_change():
    prediction, heard = sides(), []
    prediction.watchers.append(lambda: heard.append((prediction.recorded, prediction.revealed)))
    prediction.record("up")
    prediction.record("left")
    prediction.reveal("right")
    prediction.record("right")
    assert heard == [("left", None), ("left", "right")]


def test_a_prediction_needs_two_choices():
    with pytest.raises(BadValue, match="two choices or more"):
        Prediction("Which?", ("one",))
