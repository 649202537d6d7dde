"""`nasedu report`: the page of a study, what it says, and what it leaves out when something is not there."""

import dataclasses
import re
import shlex

import numpy as np
import pytest
from typer.testing import CliRunner

from nasedu import Study, controllers, spaces, tasks, trainers
from nasedu.cli import app
from nasedu.cli.html_report import rivals
from nasedu.cli.html_report.command import command_of
from nasedu.cli.html_report.command import typed as as_typed
from nasedu.cli.html_report.comparison import Contender, compared, paired, standing, verdict
from nasedu.cli.html_report.latency import latency
from nasedu.cli.study_record import records_in
from nasedu.core import Evaluation
from nasedu.tasks.base import Sealed
from nasedu.tasks.reading import Reading

SECTIONS = [
    "The network to take home",
    "What was read",
    "The test",
    "The rivals on the same split",
    "The search",
    "Which choice mattered",
    "How it was made",
]
FEW = ("--epochs", "2", "--trials", "3", "--batch", "1", "--space", "mlp", "--controller", "random")


def typed(*words):
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def headings(page):
    return re.findall(r"<h2>(.*?)</h2>", page)


def words_of(page):
    """What is read aloud: without tags, pictures and style."""
    return " ".join(re.sub(r"<style>.*?</style>|<svg.*?</svg>|<[^>]*>", " ", page, flags=re.S).split())


def table(path, regression):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(150, 3))
    signal = X @ [1.0, -2.0, 0.5]
    y = 3000 * signal + 300 * rng.normal(size=150) if regression else np.where(signal > 0, "cat", "dog")
    rows = [",".join([*(f"{value:.4f}" for value in x), str(answer)]) for x, answer in zip(X, y, strict=True)]
    path.write_text("\n".join(["a,b,c,y", *rows]) + "\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with two finished studies of linear data, one of classes and one of numbers, and a page of each."""
    place = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setattr(tasks, "load", named(tasks.load))
        patch.setattr(rivals, "TREES", 5)
        for kind in ("classes", "numbers"):
            table(place / f"{kind}.csv", regression=kind == "numbers")
            assert typed("search", "--task", f"csv/{kind}.csv:y", *FEW, "--store", f"{kind}.db").exit_code == 0
            assert typed("report", f"{kind}.db", "--html", f"{kind}.html").stderr.endswith(f"written: {kind}.html\n")
    return place


def named(load):
    """`tasks.load` whose classes and columns have names that are HTML."""

    def loaded(name):
        task = load(name)
        if task.kind != "classification":
            return task
        read = Reading("table", 150, {"numbers": 3}, {"<b>a": "number"}, left_out=("one <i>row</i> was empty",))
        return dataclasses.replace(task, classes=("<i>cat</i>", "dog & fox"), reading=read)

    return loaded


@pytest.fixture
def there(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(scope="module")
def classes(folder):
    return (folder / "classes.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def numbers(folder):
    return (folder / "numbers.html").read_text(encoding="utf-8")


# ---------------------------------------------------------------------- the page


def test_the_sections_stand_in_this_order(classes, numbers):
    assert headings(classes) == headings(numbers) == SECTIONS


def test_the_headline_says_how_good_and_whether_it_was_worth_it(classes, folder):
    final = records_in(folder / "classes.db")[1].final
    said = words_of(classes)
    assert f"it reaches accuracy {final.score:.3f} (95% interval" in said
    assert "The search was not worth it here: logistic regression, trained in" in said


def test_everybody_is_in_the_table_of_rivals(classes, numbers):
    for name in ("the most frequent class", "logistic regression", "random forest", "gradient boosting"):
        assert name in classes
    for name in ("the mean answer", "ridge regression", "random forest", "gradient boosting", "picked by hand"):
        assert name in numbers
    rows = re.findall(r'<tr class="chosen">.*?</tr>', numbers, re.S)
    assert len(rows) == 1
    assert "chosen by random" in rows[0]


def test_names_from_the_data_are_words_and_no_tags(classes):
    for name in ("&lt;i&gt;cat&lt;/i&gt;", "dog &amp; fox", "&lt;b&gt;a", "One &lt;i&gt;row"):
        assert name in classes
    for tag in ("<i>", "<b>a"):
        assert tag not in classes


def test_the_matrix_has_the_names_of_the_classes(classes):
    matrix = re.search(r'<table class="confusion">.*?</table>', classes, re.S)[0]
    assert re.findall(r'<th scope="(col|row)">(.*?)</th>', matrix) == [
        (scope, name) for scope in ("col", "row") for name in ("&lt;i&gt;cat&lt;/i&gt;", "dog &amp; fox")
    ]
    assert len(re.findall(r"\d+% <span", matrix)) == 2, "a recall for each class"


def test_a_regression_shows_how_far_its_answers_are_off(numbers):
    said = words_of(numbers)
    half = re.search(r"Half of the answers are off by less than ([\d,]+), nine of ten by less than ([\d,]+)\.", said)
    error = re.search(r"RMSE ([\d,]+)\b", said)
    below, within, most = (int(text.replace(",", "")) for text in (half[1], error[1], half[2]))
    assert 100 < below < within < most < 10_000  # all in the units of the table
    assert 'aria-label="How far each of' in numbers
    assert "confusion" not in words_of(numbers)


@pytest.mark.parametrize("name", ["classes", "numbers"])
def test_a_page_is_one_file_that_everybody_can_read(name, request):
    page = request.getfixturevalue(name)
    addresses = set(re.findall(r"(?:https?:)?//[\w./-]+", re.sub(r"<style>.*?</style>", "", page, flags=re.S)))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}, "names, that nothing fetches"
    for fetched in ("<script", "<link", "<img", "<iframe", "@import", " src="):
        assert fetched not in page
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', page)) <= {(i, "") for i in ids} | {("", i) for i in ids}
    pictures = re.findall(r"<svg[^>]*>", page)
    assert len(pictures) >= 4
    assert all('role="img"' in one and re.search(r'aria-label="[^"]{15,}"', one) for one in pictures)
    assert all("scope=" in head for head in re.findall(r"<th\b[^>]*>", page))
    assert page.count("<table") == page.count("<caption>")
    assert page.count("<h1>") == 1


def test_few_networks_are_too_few_to_tell_which_choice_mattered(classes):
    assert "different networks with a score are too few to tell which choice mattered" in words_of(classes)


def test_of_many_classes_those_that_were_recognised_least_are_shown(there, monkeypatch):
    monkeypatch.setattr("nasedu.cli.html_report.tested.MOST_CLASSES", 1)
    assert typed("report", "classes.db", "--html", "many.html", "--no-rivals").exit_code == 0
    page = (there / "many.html").read_text()
    assert "1 of 2 classes" in words_of(page)
    assert '<table class="confusion">' not in page


# ---------------------------------------------------------------------- what is not there


def test_an_unfinished_study_leaves_its_test_examples_alone(there, monkeypatch):
    opened = Sealed.opened
    record = records_in(there / "classes.db")[1]
    unfinished = {1: dataclasses.replace(record, finals=[])}
    monkeypatch.setattr("nasedu.cli.study_record.records_in", lambda store: unfinished)
    monkeypatch.setattr(Sealed, "opened", lambda self: pytest.fail("the test split was opened"))
    assert typed("report", "classes.db", "--html", "early.html").exit_code == 0
    monkeypatch.setattr(Sealed, "opened", opened)
    page = (there / "early.html").read_text()
    assert headings(page) == ["The best network so far", SECTIONS[1], *SECTIONS[4:]]
    assert "This search is not finished: 3 trials so far." in words_of(page)


@pytest.mark.parametrize(
    ("change", "says"), [("changed", "have changed since this search"), ("gone", "does not exist")]
)
def test_data_that_are_others_now_are_said_in_one_line(there, change, says, tmp_path, monkeypatch):
    for name in ("classes.db", "classes.csv"):
        (tmp_path / name).write_bytes((there / name).read_bytes())
    monkeypatch.chdir(tmp_path)
    if change == "gone":
        (tmp_path / "classes.csv").unlink()
    else:
        (tmp_path / "classes.csv").write_text((tmp_path / "classes.csv").read_text() + "9,9,9,cat\n")
    done = typed("report", "classes.db", "--html", "a.html")
    assert done.exit_code == 0
    assert done.stderr.count("note: ") == 1
    assert says in done.stderr
    page = (tmp_path / "a.html").read_text()
    assert headings(page) == SECTIONS
    assert says in words_of(page)
    assert "logistic regression" not in page
    assert "time for one example" in page, "the network is in the store"


def test_a_study_whose_task_and_network_are_both_gone_has_a_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table(tmp_path / "gone.csv", regression=False)
    task = tasks.load("csv/gone.csv:y")
    space = spaces.load("mlp", task)
    trainer = trainers.load("sequential", space, task)
    with Study(space, controllers.load("random", space), trainer, epochs=1, store="gone.db") as study:
        next(iter(study.run(1)))
    (tmp_path / "gone.csv").unlink()
    done = typed("report", "gone.db", "--html", "gone.html")
    assert done.exit_code == 0, done.output
    said = words_of((tmp_path / "gone.html").read_text())
    assert "the task csv/gone.csv:y cannot be read again here" in said
    assert "parameters in all" in (tmp_path / "gone.html").read_text(), "the space has recorded the shapes"


def test_rivals_can_be_left_out(there, monkeypatch):
    monkeypatch.setattr(rivals, "rivals_of", lambda task: pytest.fail("a rival was trained"))
    monkeypatch.setattr("nasedu.cli.html_report.tested.rivals_of", rivals.rivals_of)
    assert typed("report", "classes.db", "--html", "short.html", "--no-rivals").exit_code == 0
    page = words_of((there / "short.html").read_text())
    assert "Nobody knows yet whether the search was worth it" in page
    assert "picked by hand" in page


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((".",), "nasedu assignment report ."),
        (("classes.db", "--no-rivals"), "add --html FILE"),
        (("classes.db", "--html", "nowhere/a.html"), "there is no folder nowhere"),
        (("classes.db", "--study", "7"), "has no study 7"),
        (("none.db",), "none.db"),
    ],
)
def test_what_cannot_be_reported_is_refused_in_one_line(there, words, says):
    done = typed("report", *words)
    assert done.exit_code == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_a_page_the_report_is_that_of_show(there):
    assert typed("report", "classes.db").stdout == typed("show", "classes.db", "--study", 1).stdout != ""


def test_the_command_of_a_study_finds_that_study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = ("--space-option", "depth=2", "--trainer-option", "patience=2", "--recipe", "schedule=cosine")
    typed("search", *FEW, *options, "--most-parameters", 9000, "--seed", 3, "--store", "a b.db")
    before = records_in("a b.db")
    words = command_of(before[1], "a b.db")
    assert shlex.split(as_typed(words).replace("\\\n", "")) == words
    assert words[:2] == ["nasedu", "search"]
    for option in (*options, "9000"):
        assert option in words
    assert typed(*words[1:]).exit_code == 0
    assert {number: record.identity for number, record in records_in("a b.db").items()} == {1: before[1].identity}


# ---------------------------------------------------------------------- comparing


def test_paired_answers_are_told_apart_by_the_examples_in_which_they_differ():
    def answers(both, only_mine, only_its, neither):
        counts = (both, only_mine, only_its, neither)
        return np.repeat([True, True, False, False], counts), np.repeat([True, False, True, False], counts)

    low, high = paired(*answers(36, 12, 2, 0))
    assert 0 < low < 0.2 < high < 1
    low, high = paired(*answers(32, 4, 0, 0))
    assert low < 0 < high, "four of 36 examples are luck"
    low, high = paired(*answers(20, 5, 5, 6))
    assert low == pytest.approx(-high)
    strong, weak = paired(*answers(80, 6, 2, 12)), paired(*answers(72, 14, 10, 4))
    assert strong[1] - strong[0] < weak[1] - weak[0], "those that agree are told apart more easily"


def test_answers_that_were_not_kept_are_compared_only_as_far_as_possible():
    matrix = [[45, 5], [5, 45]]
    mine = Evaluation(("a",), 0.9, metrics={"accuracy": 0.9, "confusion": matrix})
    other = Evaluation(("b",), 0.5, metrics={"accuracy": 0.5, "confusion": [[25, 25], [25, 25]]})
    search = Contender("chosen", "search", 0.9, tested=mine)
    found = compared([search, Contender("b", "hand-picked", 0.5, tested=other)], None, None, "accuracy")
    assert found[0].interval[0] < 0.9 < found[0].interval[1]
    assert standing(found[1]) == "behind the search"
    plain = Contender("c", "hand-picked", 0.5, tested=Evaluation(("c",), 0.5, metrics={"r2": 0.5}))
    assert standing(compared([search, plain], None, None, "r2")[1]).startswith("not known")


@pytest.mark.parametrize(
    ("score", "lead", "worth", "says"),
    [
        (0.7, (0.1, 0.3), "yes", "was worth it here: its network is ahead of every simple model"),
        (0.85, (-0.02, 0.12), "no", "as far as this test can tell: ridge, trained in 2.0 s, is behind by no more"),
        (
            0.92,
            (-0.05, 0.01),
            "no",
            "here: ridge, trained in 2.0 s, is not worse (R2 0.920 against 0.900)",
        ),
        (0.99, (-0.2, -0.01), "no", "ridge, trained in 2.0 s, is ahead by more than chance explains"),
    ],
)
def test_the_verdict_says_which_is_ahead_by_more_than_chance(score, lead, worth, says):
    others = [
        Contender("ridge", "rival", score, seconds=2.0, lead=lead),
        Contender("the mean", "trivial", 0.0, lead=(0.8, 1)),
        Contender("by hand", "hand-picked", 0.99),
    ]
    found = verdict([Contender("chosen", "search", 0.9), *others], "R2")
    assert found[0] == worth
    assert says in found[1]


def test_the_interval_of_any_metric_comes_from_the_test_examples():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(80, 1))
    good, bad = truth + 0.1 * rng.normal(size=(80, 1)), truth + rng.normal(size=(80, 1))

    def r2(y, outputs):
        return float(1 - ((y - outputs) ** 2).mean() / y.var())

    found = compared(
        [Contender(name, "rival", r2(truth, outputs), outputs=outputs) for name, outputs in (("g", good), ("b", bad))],
        r2,
        truth,
        "r2",
    )
    for one in found:
        assert one.interval[0] < one.score < one.interval[1]
    assert found[1].behind


# ---------------------------------------------------------------------- rivals, latency


def test_rivals_of_large_data_see_less_and_the_page_says_so(monkeypatch, digits):
    monkeypatch.setattr(rivals, "MOST_EXAMPLES", 60)
    monkeypatch.setattr(rivals, "MOST_FEATURES", 20)
    monkeypatch.setattr(rivals, "TREES", 3)
    found = rivals.rivals_of(digits)
    assert found.notes == (
        "Simple models see each image at 4 × 4 pixels: blocks of 2 × 2 are averaged.",
        "Simple models were trained on 60 of the 1,438 examples, drawn at random.",
    )
    assert [rival.name for rival in found.trained if rival.trivial] == ["the most frequent class"]
    truth = digits.test.opened().y
    scores = {rival.name: float((rival.outputs.argmax(1) == truth).mean()) for rival in found.trained}
    assert scores["the most frequent class"] < 0.2 < 0.6 < scores["logistic regression"]


def test_blocks_of_pixels_are_averaged():
    images = np.arange(2 * 1 * 5 * 4, dtype=np.float32).reshape(2, 1, 5, 4)
    found = rivals.averaged(images, 2)
    assert found.shape == (2, 1, 2, 2)
    assert found[0, 0].tolist() == [[2.5, 4.5], [10.5, 12.5]]


def test_a_latency_has_its_spread():
    import torch

    single, batch = latency(torch.nn.Linear(3, 2), (3,))
    assert (single.examples, batch.examples) == (1, 256)
    for times in (single, batch):
        assert 0 < times.low <= times.median <= times.high
        assert times.repeats >= 10
