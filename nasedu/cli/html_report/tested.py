"""The test of the network: its errors by class or by size, and its rivals on the same test examples."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nasedu import plots
from nasedu.cli.html_report.comparison import Contender, Interval, Metric, compared, standing, verdict
from nasedu.cli.html_report.facts import Facts
from nasedu.cli.html_report.figures import drawn
from nasedu.cli.html_report.rivals import Rivals, rivals_of
from nasedu.cli.messages import say
from nasedu.cli.report import FURTHER, LABELS, MOST_CLASSES, seconds
from nasedu.cli.report import verdict as verdict_on_searches
from nasedu.cli.study_record import words
from nasedu.core import Evaluation, counted
from nasedu.tasks.base import METRICS as KNOWN
from nasedu.tasks.preparation import preparation_of


@dataclass(frozen=True)
class Tested:
    """The test of a finished study.

    Attributes:
        search: the network of the search, with its score.
        count: of the test examples; 0 if nobody knows.
        interval: of its score, in words.
        metrics: (name, value) of its further metrics.
        classes: its confusion matrix, ready to be shown; None for a regression.
        residuals: a picture of how far its answers are off; empty for a classification.
        off: how far, in words.
        rows: everybody, the best first: (contender, interval and standing in words).
        searches: a sentence on each other network: picked by hand, or found by random search.
        verdict: whether the search was worth it, in words.
        worth: "yes", "no", or empty without simple models.
        notes: a sentence on everything that was omitted or made smaller.
    """

    search: Contender
    count: int
    interval: str
    metrics: list[tuple[str, str]]
    classes: dict[str, Any] | None
    residuals: str
    off: str
    rows: list[tuple[Contender, str, str]]
    searches: list[str]
    verdict: str
    worth: str
    notes: list[str]


def label(metric: str) -> str:
    """Return a metric as it is written."""
    return LABELS.get(metric, metric.replace("_", " "))


def span(interval: Interval | None) -> str:
    """Return an interval in words; empty if it is not known."""
    low, high = (round(end, 3) + 0.0 for end in interval or (0, 0))  # + 0.0: there is no -0
    return f"{low:.3f} to {high:.3f}" if interval else ""


def class_names(about: Any, count: int) -> list[str]:
    """Return the names of the classes; their numbers, if they have no names."""
    names = getattr(about, "classes", ())
    return list(names) if len(names) == count else [str(number) for number in range(count)]


def test_of(facts: Facts, *, with_rivals: bool) -> Tested | None:
    """Return the test of the network and of its rivals; None before the study is finished, or if the test failed."""
    record, task, final = facts.record, facts.task, facts.record.final
    if final is None or not final.ok:
        return None
    truth = _truth(task) if task is not None and task.kind in KNOWN else None
    metric = _metric(task.kind, record.metric) if truth is not None else None
    outputs = facts.winner.outputs(task.test.opened()) if facts.winner and truth is not None else None
    rivals = None
    if with_rivals and truth is not None:
        say("training linear models and trees on the same split, to compare ...")
        rivals = rivals_of(task)
    contenders = _contenders(facts, outputs, truth, rivals)
    found = compared(contenders, metric, truth, record.metric)
    worth, said = verdict(found, label(record.metric))
    matrix = final.metrics.get("confusion")
    return Tested(
        search=found[0],
        interval=span(found[0].interval),
        count=len(truth) if truth is not None else sum(map(sum, matrix or ())),
        metrics=[(label(n), _score(n, final.metrics[n], facts, outputs)) for n in FURTHER if n in final.metrics],
        classes=_classes(matrix, final.metrics.get("classes") or class_names(facts.about, len(matrix)))
        if matrix
        else None,
        residuals=_residuals(facts, outputs),
        off=_off(facts, outputs),
        rows=[(c, span(c.interval), standing(c)) for c in sorted(found, key=lambda c: -c.score)],
        searches=str(verdict_on_searches(record, facts.baseline)).split("\n"),
        verdict=said,
        worth=worth,
        notes=[*(rivals.notes if rivals else ()), *([] if with_rivals else ["Simple models were not asked for."])],
    )


def _contenders(
    facts: Facts, outputs: np.ndarray | None, truth: np.ndarray | None, rivals: Rivals | None
) -> list[Contender]:
    """Return everybody who answered the test examples, the search first."""
    record, baseline, final = facts.record, facts.baseline, facts.record.final
    assert final is not None
    found = [_of(f"chosen by {record.controller}", "search", final, outputs, seconds(record))]
    if baseline and baseline.final and baseline.final.ok:
        found.append(_of("chosen by random search", "random search", baseline.final, None, seconds(baseline)))
    found += [_of("picked by hand", "hand-picked", e, None, e.seconds) for e in record.hand_picked if e.ok]
    if rivals is None or truth is None:
        return found
    for rival in rivals.trained:
        tested = _evaluation(facts, rival.name, truth, rival.outputs)
        role = "trivial" if rival.trivial else "rival"
        found.append(Contender(rival.name, role, tested.score, "", tested, rival.outputs, rival.seconds))
    return found


def _of(name: str, role: str, tested: Evaluation, outputs: np.ndarray | None, seconds: float) -> Contender:
    return Contender(name, role, tested.score, words(tested.architecture), tested, outputs, seconds)


def _evaluation(facts: Facts, name: str, truth: np.ndarray, outputs: np.ndarray) -> Evaluation:
    """Return the test of a rival in the form of a network's."""
    wanted = ["confusion"] if facts.task.kind == "classification" else []
    found = {one: _metric(facts.task.kind, one)(truth, outputs) for one in (facts.record.metric, *wanted)}
    return Evaluation((name,), found[facts.record.metric], metrics=found)


def _truth(task: Any) -> np.ndarray:
    y = task.test.opened().y
    return y.astype(np.float64) if task.kind == "regression" else y


def _metric(kind: str, name: str) -> Metric:
    from nasedu.trainers.single.metrics import METRICS, Answers

    return lambda truth, outputs: METRICS[kind][name](Answers(truth, outputs))


# ---------------------------------------------------------------------- its errors


def _classes(matrix: Sequence[Sequence[int]], names: list[str]) -> dict[str, Any]:
    """Return the confusion matrix as rows of cells; of many classes the worst, and the most frequent confusions."""
    counts = np.asarray(matrix)
    totals, right = counts.sum(1), counts.diagonal()
    recalls = right / np.maximum(totals, 1)
    order = range(len(names)) if len(names) <= MOST_CLASSES else np.argsort(recalls, kind="stable")[:MOST_CLASSES]
    wrong = [(int(n), i, j) for (i, j), n in np.ndenumerate(counts) if n and i != j]
    wrong.sort(key=lambda one: -one[0])
    shares = counts / np.maximum(totals, 1)[:, None]
    return {
        "names": names,
        "whole": len(names) <= MOST_CLASSES,
        "rows": [
            {
                "name": names[i],
                "cells": [(int(counts[i, j]), float(shares[i, j]), i == j) for j in range(len(names))],
                "recall": f"{recalls[i]:.0%}" if totals[i] else "none",
                "right": int(right[i]),
                "total": int(totals[i]),
            }
            for i in order
        ],
        "worst": [(names[i], names[j], n) for n, i, j in wrong[:5]],
    }


def _raw(facts: Facts, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the right answers of a regression and those of the network, in the units of the raw answers."""
    preparation = preparation_of(facts.task)
    return preparation.restored(facts.task.test.opened().y), preparation.restored(outputs)


def _residuals(facts: Facts, outputs: np.ndarray | None) -> str:
    if outputs is None or facts.task.kind != "regression":
        return ""
    truth, answers = _raw(facts, outputs)
    alt = f"How far each of {counted(len(truth), 'answer')} is off. {_off(facts, outputs)}"
    return drawn("residuals", alt, lambda: plots.residuals(truth, answers))


def _off(facts: Facts, outputs: np.ndarray | None) -> str:
    """Return how far the answers of a regression are off, in words."""
    if outputs is None or facts.task.kind != "regression":
        return ""
    truth, answers = _raw(facts, outputs)
    half, most = np.quantile(np.abs(truth - answers), [0.5, 0.9])
    return f"Half of the answers are off by less than {_three(half)}, nine of ten by less than {_three(most)}."


def _score(metric: str, score: float, facts: Facts, outputs: np.ndarray | None) -> str:
    """Return a score in words: an error in the units of the raw answers."""
    if metric != "rmse" or outputs is None:
        return f"{score:.4f}"
    truth, answers = _raw(facts, outputs)
    return _three(float(np.sqrt(np.mean((truth - answers) ** 2))))


def _three(number: float) -> str:
    """Return a number with three digits that count, without an exponent for thousands: 19,700."""
    return f"{float(f'{number:.3g}'):,.12g}"
