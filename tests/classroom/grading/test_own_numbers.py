"""Own numbers for each student, and points for the steps of an answer: drawn, written, graded."""

import json

import pytest
from typer.testing import CliRunner

from nasedu.classroom import Exercise
from nasedu.classroom.exercise import Part
from nasedu.classroom.grading.ask import NO_NAME, NotYet, ask, exercises, lessons, question
from nasedu.classroom.grading.notebook import course_of, source_notebook
from nasedu.classroom.grading.report import report
from nasedu.classroom.own_numbers import identity, in_words, own_key, own_numbers, written_name
from nasedu.cli import app
from nasedu.core import BadValue
from nasedu.testing import check_exercise
from tests.classroom.grading.nbgrader import run

VARIED = [
    pytest.param(lesson, name, id=f"{lesson}-{name}")
    for lesson in lessons()
    for name, one in exercises(lesson).items()
    if one.versions
]
CLASS = [own_key("course", f"student {number}") for number in range(100)]


@own_numbers(a=(2, 3, 4), b=(1, 5))
def total(a: int = 3, b: int = 5) -> Exercise:
    right = a + b
    return Exercise(
        name="total",
        kind="predict",
        prompt=f"How much is {in_words(a)} plus {b}?",
        stub="total = ...",
        solved=f"total = {a} + {b}",
        hints=(),
        why_wrong=lambda answer: "" if answer == right else "Add both." if answer == a else f"It is not {answer}.",
        wrong={f"total = {a}": "Add both", f"total = {right + 1}": f"not {right + 1}", "total = 'x'": "not x"},
        praise="Yes.",
    )


# ---------------------------------------------------------------------- one definition


def test_the_lesson_keeps_its_own_numbers_and_a_student_gets_always_the_same_others():
    assert total.prompt == "How much is three plus 5?"
    assert len(total.versions) == 6
    asked = {key: total.for_student(key).prompt for key in CLASS}
    assert asked == {key: total.for_student(key).prompt for key in CLASS}
    assert set(asked.values()) == {f"How much is {in_words(a)} plus {b}?" for a in (2, 3, 4) for b in (1, 5)} - {
        total.prompt
    }
    assert total.for_student("") is total


def test_question_check_and_solution_have_the_same_numbers():
    one = total.for_student(CLASS[0])
    assert one.check(one.answer_of(one.solved))
    assert not one.check(total.answer_of(total.solved))
    check_exercise(total)


def test_numbers_that_all_have_the_answer_of_the_lesson_are_refused():
    with pytest.raises(BadValue, match="all versions of total have the answer of the lesson"):
        own_numbers(a=(3, 3))(lambda a=3: Exercise(**{**vars_of(total), "solved": "total = 8"})).for_student("x")


def vars_of(one):
    return {key: value for key, value in vars(one).items() if not key.startswith("_") and key != "versions"}


@pytest.mark.parametrize(("lesson", "name"), VARIED)
def test_in_a_class_of_a_hundred_answers_differ_and_none_is_that_of_the_lesson(lesson, name):
    one = exercises(lesson)[name]
    published = one.answer_of(one.solved)
    answers = [one.for_student(key) for key in CLASS]
    values = [each.answer_of(each.solved) for each in answers]
    assert len({repr(value) for value in values}) >= 10
    assert max(values.count(value) for value in values) <= 30, "no answer is right for a third of the class"
    assert not [value for value in values if one.check(value)], f"the lesson's check accepts it: {published}"
    assert not [each for each in answers if each.check(published)]


def test_each_lesson_that_asks_for_a_number_has_an_exercise_with_own_numbers():
    assert sorted({param.values[0] for param in VARIED}) == [f"{number:02}" for number in range(1, 15)]


# ---------------------------------------------------------------------- names


def test_spellings_of_one_name_are_one_person_and_numbers_stay_apart():
    same = ("Ann Smith", "Ann Smith_1234", "smith, ann", "smithann", " ann  SMITH ")
    assert len({identity(name) for name in same}) == 1
    assert identity("Çelik Ö_5") == identity("celik o")
    assert identity("s_001") != identity("s_002")
    assert identity("Ann Smith") != identity("Bob Smith")


def test_the_name_is_read_from_the_notebook():
    assert written_name(["x = 1", "student = ...", "student = 'Ann'  # me"]) == "Ann"
    assert written_name(["student = input()", "student = 3", "student = '"]) == ""
    assert written_name(["student = " + "(" * 50_000, "student = " + "-" * 50_000 + "1"]) == ""


@pytest.mark.parametrize("name", [..., None, "", " ", 7])
def test_without_a_name_question_and_check_ask_for_it(name):
    with pytest.raises(NotYet, match="Write your name"):
        question("04", "backups", name, "k")
    with pytest.raises(NotYet) as refused:
        ask("04", "backups", 32, student=name, course="k")
    assert str(refused.value) == NO_NAME


def test_the_students_own_check_has_the_students_numbers(capsys):
    one = exercises("04")["backups"].for_student(own_key("k", "Ann Smith"))
    assert question("04", "backups", "smith ann", "k")._repr_markdown_() == one.prompt
    ask("04", "backups", one.answer_of(one.solved), student="Ann Smith", course="k")
    assert "Right" in capsys.readouterr().out
    with pytest.raises(NotYet):
        ask("04", "backups", 32, student="Ann Smith", course="k")


def test_only_exercises_that_ask_for_a_number_depend_on_the_name():
    cells = {cell["id"]: cell for cell in source_notebook("04", exercises("04"), 1, 10, course="5f2a")["cells"]}
    assert course_of(cells["test-04-backups"]["source"]) == "5f2a"
    assert course_of(cells["test-04-learn"]["source"]) == ""
    assert cells["prompt-04-backups"]["cell_type"] == "code"
    assert "replay" not in cells["prompt-04-backups"]["source"], "the question is drawn where the name is written"
    assert cells["prompt-04-learn"]["cell_type"] == "markdown"


@pytest.mark.parametrize("words", [("15",), ("own",)])
def test_a_lesson_without_numbers_is_refused(words, tmp_path):
    course = tmp_path / "course"
    CliRunner().invoke(app, ["assignment", "new-exercise", "spread", "--out", str(course)])
    done = CliRunner().invoke(app, ["assignment", "create", *words, "--own-numbers", "--out", str(course)])
    assert done.exit_code == 2
    assert "has other numbers" in done.stderr
    assert not (course / "source").exists()


def test_two_courses_have_other_numbers_and_one_course_keeps_them(tmp_path):
    keys = []
    for place, lesson in (("a", "04"), ("a", "01"), ("b", "04")):
        out = ["--out", str(tmp_path / place)]
        assert CliRunner().invoke(app, ["assignment", "create", lesson, "--own-numbers", *out]).exit_code == 0
        data = json.loads((tmp_path / place / f"source/lesson_{lesson}/{lesson}.ipynb").read_text())
        keys += {course_of(cell["source"]) for cell in data["cells"]} - {""}
    one, again, other = keys
    assert one == again != other


# ---------------------------------------------------------------------- steps


def pair(parts):
    return Exercise(
        name="pair",
        kind="code",
        prompt="Two numbers.",
        stub="pair = ...",
        solved="pair = (1, 2)",
        hints=(),
        why_wrong=lambda answer: "" if answer == (1, 2) else "no",
        wrong={},
        parts=parts,
    )


FIRST = Part("the first", 0.75, lambda answer: "" if answer[0] == 1 else "no")
SECOND = Part("the second", 0.25, lambda answer: "" if answer[1] == 2 else "no")


@pytest.mark.parametrize(
    ("answer", "share", "words"),
    [
        ((1, 3), 0.75, "Steps that pass: the first (75% of the points)."),
        ((0, 2), 0.25, "Steps that pass: the second (25% of the points)."),
        ((0, 0), 0, "Steps that pass: none (0% of the points)."),
        ((), 0, "Steps that pass: none"),
        ((1, 2, 3), 0.75, "Steps that pass: the first (75% of the points)."),
    ],
)
def test_a_wrong_answer_earns_the_steps_that_pass_and_never_all(answer, share, words):
    found = pair((FIRST, SECOND)).step_report(answer)
    assert found[0] == share
    assert words in found[1]
    assert words in pair((FIRST, SECOND)).check(answer).message


def test_without_parts_it_is_all_or_none():
    assert pair(()).step_report((1, 3)) == (None, "")


def test_shares_that_are_not_the_whole_are_refused():
    with pytest.raises(BadValue, match="must add up to 1"):
        pair((FIRST,))
    with pytest.raises(BadValue, match="a share above 0"):
        Part("x", 0, lambda answer: "")


STEPS = {
    ("04", "learn", ("reversed(path)", "path")): 0.5,
    ("04", "learn", ("(target - q[state][choice])", "(q[state][choice] - target)")): 0.5,
    ("04", "learn", ("alpha * (target", "(target")): 0,
    ("03", "Search", ("if name not in self.found", "")): 0.6,
    ("03", "Search", ("= validation", "= training")): 0.7,
    ("03", "Search", ("max(self.found, key=self.found.get)", "list(self.found)[-1]")): 0.4,
}


@pytest.mark.parametrize(("lesson", "name", "change"), STEPS)
def test_what_the_steps_of_a_lesson_earn(lesson, name, change, grade):
    one = exercises(lesson)[name]
    code = one.solved.replace(*change)
    assert code != one.solved
    result = grade(code, name=name, lesson=lesson, seconds=20.0)
    assert (result.status, result.share) == ("wrong", pytest.approx(STEPS[lesson, name, change]))
    assert f"({STEPS[lesson, name, change]:.0%} of the points)" in result.message


def test_a_right_answer_and_one_that_is_stopped_have_no_share(grade):
    assert grade(exercises("04")["learn"].solved, name="learn", lesson="04", seconds=20.0).share is None
    endless = "def learn(q, path, reward, alpha):\n    while True: pass"
    assert grade(endless, name="learn", lesson="04", seconds=0.5).share is None


# ---------------------------------------------------------------------- through nbgrader


def asks_for_the_lessons_numbers(cells):
    """The test and the question of the lesson, and its published answer."""
    named(cells, "test-04-backups")["source"] = 'grading.ask("04", "backups", backups)'
    named(cells, "prompt-04-backups")["source"] = "student = 'eve'"
    named(cells, "answer-04-backups")["source"] = exercises("04")["backups"].solved


def hands_in_no_test(cells):
    """Another student's answer; a test of her own with another course key, in place of the one that is gone."""
    test = named(cells, "test-04-backups")
    test["source"] = 'grading.ask("04", "backups", backups, student="Ann Smith", course="5f2a")'
    test["metadata"] = {}


def named(cells, name):
    return next(cell for cell in cells if cell["metadata"]["nbgrader"]["grade_id"] == name)


CHEATS = {"eve": asks_for_the_lessons_numbers, "mallory": hands_in_no_test}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    course = tmp_path_factory.mktemp("numbers") / "course"
    CliRunner().invoke(app, ["assignment", "new-exercise", "spread_of", "--out", str(course)])
    (course / "numbers_key.txt").write_text("5f2a\n")
    create = ["assignment", "create", "04", "--own-numbers", "--add", "spread_of", "--points", "2"]
    assert CliRunner().invoke(app, [*create, "--out", str(course)]).exit_code == 0
    (course / "students.csv").write_text("id,first_name,last_name,email,lms_user_id\nann2,Ann,Smith,a@b.org,7\n")
    run(course, "generate_assignment", "lesson_04")
    release = (course / "release/lesson_04/04.ipynb").read_text()
    ann = exercises("04")["backups"].for_student(own_key("5f2a", "Ann Smith"))
    half = exercises("04")["learn"].solved.replace("reversed(path)", "path")
    answers = {
        "student-04": 'student = "Ann Smith"',
        "answer-04-backups": ann.solved,
        "answer-04-learn": half,
        "answer-own-spread_of": "def spread_of(numbers):\n    return max(numbers)",
    }
    for student in ("ann2", "Bob_Lee_9", "__", "eve", "mallory"):
        notebook = json.loads(release)
        for cell in notebook["cells"]:
            cell["source"] = answers.get(cell["metadata"]["nbgrader"]["grade_id"], cell["source"])
        CHEATS.get(student, lambda cells: None)(notebook["cells"])
        place = course / "submitted" / student / "lesson_04/04.ipynb"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(notebook))
    run(course, "autograde", "lesson_04")
    return course, report(course)[0]


def test_another_students_answers_are_wrong_under_ones_own_name(graded):
    _, assignment = graded
    lines = {student: assignment.line(student, "backups") for student in assignment.students}
    assert (lines["ann2"].status, lines["ann2"].points) == ("right", 2)
    assert not lines["ann2"].notes
    assert (lines["Bob_Lee_9"].status, lines["Bob_Lee_9"].points) == ("wrong", 0)
    assert "shows the numbers of 'Ann Smith'. It was handed in by 'Bob_Lee_9'" in lines["Bob_Lee_9"].notes[0]


@pytest.mark.parametrize("student", CHEATS)
def test_neither_the_published_answer_nor_a_changed_test_gives_points(student, graded):
    line = graded[1].line(student, "backups")
    assert (line.status, line.points) == ("wrong", 0)


def test_a_folder_without_letters_gets_a_verdict_like_all_others(graded):
    assert graded[1].line("__", "backups").status in ("right", "wrong")


def test_the_graded_copy_shows_the_question_that_counts(graded):
    course, _ = graded
    one = exercises("04")["backups"].for_student(own_key("5f2a", "Bob Lee"))
    cells = json.loads((course / "autograded/Bob_Lee_9/lesson_04/04.ipynb").read_text())["cells"]
    (asked,) = [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade_id") == "prompt-04-backups"]
    assert "".join(asked["outputs"][0]["data"]["text/markdown"]) == one.prompt


def test_steps_become_points(graded):
    _, assignment = graded
    line = assignment.line("ann2", "learn")
    assert (line.status, line.points) == ("wrong", 1.0)
    assert "each value moves towards its target (50% of the points)" in line.message


def test_an_exercise_of_the_course_is_graded_with_its_sentence(graded):
    _, assignment = graded
    line = assignment.line("ann2", "spread_of")
    assert (line.status, line.points) == ("wrong", 0)
    assert "subtract the smallest one" in line.message
