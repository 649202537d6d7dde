"""What is said about a study, from records made up for the purpose."""

import json
from dataclasses import replace

import pytest
from rich.console import Console

from nasedu.cli.report import brief, difference, full, wilson
from nasedu.cli.report_json import as_json
from nasedu.cli.study_record import StudyRecord, random_baseline
from nasedu.core import Evaluation
from nasedu.store import Trial

GOOD, OTHER = ("16-relu", "stop"), ("32-relu", "stop")


def record(scores, controller="q-learning", seed=0, finals=(), **identity):
    trials = [
        Trial(i, i, (f"{i + 1}-relu", "stop"), {}, Evaluation((f"{i + 1}-relu", "stop"), s, seconds=2, parameters=5000))
        for i, s in enumerate(scores)
    ]
    usual = {"task": "digits", "space": {"name": "mlp"}, "trainer": {"name": "sequential"}, "epochs": 8, "prior": None}
    return StudyRecord({**usual, "controller": {"name": controller}, "seed": seed, **identity}, trials, list(finals))


def was_tested(architecture, right, count=100):
    share = right / count
    metrics = {"accuracy": share, "recall": share, "f1": share, "confusion": [[right, count - right], [0, 0]]}
    return Evaluation(architecture, share, metrics=metrics)


def text(renderable, width=80):
    console = Console(width=width, record=True, file=open("/dev/null", "w"), highlight=False)  # noqa: SIM115
    console.print(renderable)
    console.file.close()
    return console.export_text()


def flat(renderable, width=80):
    return " ".join(text(renderable, width).split())


def test_wilson_interval_of_a_textbook_case():
    """Brown, Cai, DasGupta 2001: bounds stay within 0 and 1, and 81 of 263 gives 0.2553 to 0.3662 (Newcombe 1998)."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(100, 100)[1] == pytest.approx(1)
    assert wilson(0, 20)[0] == 0.0


def test_difference_of_a_textbook_case():
    """Newcombe 1998, table II, method 10: 56/70 - 48/80 lies in 0.0524 to 0.3339."""
    assert difference(was_tested(GOOD, 56, 70), was_tested(OTHER, 48, 80)) == pytest.approx((0.0524, 0.3339), abs=1e-4)


@pytest.mark.parametrize(
    ("mine", "other", "expected"),
    [
        (98, 97, "1 more of 100 test examples right. A test of this size cannot tell the two apart."),
        (88, 97, "9 fewer of 100 test examples right: more than luck"),
        (96, 97, "1 fewer of 100 test examples right. A test of this size cannot tell the two apart."),
        (97, 97, "both have as many of the 100 test examples right."),
        (97, 80, "17 more of 100 test examples right: more than luck"),
    ],
)
def test_the_verdict_is_honest_both_ways(mine, other, expected):
    best = ("1-relu", "stop")
    finals = [
        ("best", was_tested(best, mine)),
        ("hand-picked", was_tested(OTHER, other)),
        ("hand-picked", was_tested(GOOD, 50)),
    ]
    assert f"Against the better hand-picked network: {expected}" in flat(full(record([0.9], finals=finals), None))


def test_a_search_that_loses_to_random_search_says_so():
    mine = record([0.8, 0.9], finals=[("best", was_tested(("2-relu", "stop"), 90))])
    baseline = record([0.95, 0.5], controller="random", finals=[("best", was_tested(("1-relu", "stop"), 95))])
    said = flat(full(mine, baseline))
    assert "with the same 2 trials: the best validation score is lower, 0.9000 and 0.9500; 5 fewer of 100" in said


def test_random_search_is_taken_at_the_same_budget():
    mine = record([0.8, 0.9])
    longer = record([0.7, 0.6, 0.99], controller="random", finals=[("best", was_tested(("3-relu", "stop"), 99))])
    baseline = random_baseline([mine, longer], mine)
    assert baseline.best.score == 0.7
    assert baseline.final is None, "it is of a network that was found later than the budget allows"
    assert longer.first(3).final is not None


@pytest.mark.parametrize(
    "unlike",
    [
        record([0.5], controller="random"),
        record([0.5] * 3, controller="random", task="digits-noisy"),
        record([0.5] * 3, controller="random", epochs=9),
        record([0.5] * 3, controller="random", space={"name": "chain-cnn"}),
        record([0.5] * 3, controller="random", trainer={"name": "other"}),
        record([0.5] * 3, controller="random", prior={"name": "copy-best"}),
        record([0.5] * 3, controller="q-learning"),
    ],
)
def test_an_unlike_search_is_no_baseline(unlike):
    assert random_baseline([unlike], record([0.8, 0.9])) is None


def test_of_several_baselines_the_one_with_the_same_seed():
    baselines = [record([0.1 * seed] * 2, controller="random", seed=seed) for seed in (1, 2, 3)]
    assert random_baseline(baselines, record([0.8, 0.9], seed=2)).identity["seed"] == 2


def test_failures_are_counted_and_not_among_the_best():
    some = record([0.9, 0.8])
    failed = Evaluation(("9-relu", "stop"), 0.1, status="diverged", reason="the loss was nan in epoch 1", seconds=1)
    some.recorded.append(Trial(2, 2, ("9-relu", "stop"), {}, failed))
    assert as_json(some)["failed"] == 1
    assert as_json(some)["seconds"] == 5
    assert "3 trials, 1 failed" in flat(full(some, None))
    assert "9-relu" not in text(full(some, None))


def test_a_search_whose_every_trial_failed_says_why():
    failed = Evaluation(GOOD, 0.1, status="timeout", reason="301 s in epoch 1")
    some = record([])
    some.recorded.append(Trial(0, 0, GOOD, {}, failed))
    assert "No trial has succeeded yet. The last one: timeout, 301 s in epoch 1." in flat(full(some, None))


def test_a_failed_test_is_told_and_is_json():
    failed = Evaluation(("1-relu", "stop"), 0.1, status="out-of-memory", reason="not enough memory")
    some = record([0.9], finals=[("best", failed)])
    assert "failed (out-of-memory): not enough memory" in flat(full(some, None))
    assert json.loads(json.dumps(as_json(some)))["final"] == {"score": None}


def test_a_score_that_is_no_share_of_right_answers_has_no_interval():
    def balanced(architecture, score):
        metrics = {"accuracy": 0.9, "balanced_accuracy": score, "confusion": [[90, 10], [0, 0]]}
        return Evaluation(architecture, score, metrics=metrics)

    some = record([0.9], finals=[("best", balanced(("1-relu", "stop"), 0.8)), ("hand-picked", balanced(GOOD, 0.7))])
    said = flat(full(some, None))
    assert "network balanced accuracy accuracy" in said
    assert "the balanced accuracy of its test is higher, 0.8000 and 0.7000" in said
    assert "interval" not in said
    assert as_json(some)["final"] == {"score": 0.8, "balanced_accuracy": 0.8, "accuracy": 0.9}


def test_a_study_that_only_began():
    empty = record([])
    assert as_json(empty)["best"] is None
    assert as_json(empty)["final"] is None
    assert "No trial has succeeded yet." in flat(brief(1, empty))


def test_of_many_classes_only_the_worst_confusions_are_told():
    matrix = [[9 if i == j else 0 for j in range(30)] for i in range(30)]
    matrix[3][7] = 4
    many = Evaluation(("1-relu", "stop"), 0.9, metrics={"accuracy": 0.9, "confusion": matrix})
    said = flat(full(record([0.9], finals=[("best", many)]), None))
    assert "3 taken for 7: 4 times" in said


@pytest.mark.parametrize("width", [60, 80, 120])
def test_nothing_is_wider_than_the_terminal_and_no_number_is_cut(width):
    long = tuple(["conv3-64"] * 6 + ["stop"])
    wide = record([0.9], finals=[("best", was_tested(long, 97)), ("hand-picked", was_tested(GOOD, 95))])
    shown = text(full(wide, None), width)
    assert all(len(line) <= width for line in shown.splitlines())
    assert "…" not in shown
    assert "0.9700" in shown
    assert "0.9500" in shown


def of_origin(found, **numbers):
    """The record with other origins of some of its trials: `imported=[0]`."""
    origins = {number: origin for origin, which in numbers.items() for number in which}
    return replace(found, recorded=[replace(t, origin=origins.get(t.number, "asked")) for t in found.recorded])


def test_a_random_search_that_somebody_helped_is_no_baseline():
    random = record([0.6, 0.7], "random")
    for origin in ("enqueued", "imported"):
        assert random_baseline([of_origin(random, **{origin: [0]})], record([0.8, 0.9])) is None


def test_imported_trials_are_no_part_of_an_equal_budget():
    mine = of_origin(record([0.8, 0.9, 0.95]), imported=[0])
    baseline = random_baseline([record([0.6, 0.7, 0.5], "random")], mine)
    assert [t.score for t in baseline.trials] == [0.6, 0.7]


def test_what_was_imported_or_enqueued_is_said():
    mine = of_origin(record([0.8, 0.9, 0.7, 0.6]), imported=[0, 1], enqueued=[2])
    said = flat(brief(1, replace(mine, name="mine", queue=(GOOD,))))
    assert "Study 1 'mine': q-learning in mlp on digits: 4 trials (2 of them imported, and not trained here) " in said
    assert "(1 of them enqueued), " in said
    assert "4 s of training" in said
    assert "2-relu stop (imported)" in said
    assert said.endswith("Enqueued and not asked yet: 1.")
