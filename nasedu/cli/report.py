"""The report of a study, in tables for a person; for a program see `nasedu.cli.report_json`.

Pure functions from a `StudyRecord` to what is printed; none of them trains, or reads a store.
"""

from collections.abc import Iterator, Sequence
from math import hypot, sqrt

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from nasedu.cli.fitting_table import FittingTable
from nasedu.cli.study_record import StudyRecord, words
from nasedu.core import Architecture, Evaluation, best_first, counted
from nasedu.store import Trial
from nasedu.study import ranking

MOST_CLASSES = 16  # of a larger confusion matrix, only the worst confusions are shown

FURTHER = ("accuracy", "recall", "f1", "rmse")
"""Metrics that are shown next to the score of a test, where they were measured."""

LABELS = {"balanced_accuracy": "balanced accuracy", "f1": "F1", "r2": "R2", "rmse": "RMSE"}
"""How a metric is written, if not by its name."""


def full(record: StudyRecord, baseline: StudyRecord | None) -> RenderableType:
    """Return everything about one study: its best architectures, its test, and a comparison with the baseline."""
    sections: list[RenderableType] = [summary(record), best_table(record)]
    if record.final:
        sections += [test_report(record, baseline), verdict(record, baseline)]
    return Group(*(Padding(section, (0, 0, 1, 0)) for section in sections))


def brief(number: int, record: StudyRecord) -> RenderableType:
    """Return a few lines on one of several studies in a store."""
    final = record.final
    if final and final.ok:
        end = f"Tested once: {_label(record.metric)} {final.score:.4f} ({words(final.architecture)})."
    else:
        end = "Not tested yet." if final is None else f"Its test failed: {final.reason}."
    waiting = len(record.recorded) - len(record.trials)
    if waiting:
        end += f" Asked for and not evaluated yet: {waiting}."
    if record.queue:
        end += f" Enqueued and not asked yet: {len(record.queue)}."
    name = f" {record.name!r}" if record.name else ""
    head = Text.assemble((f"Study {number}{name}: ", "bold"), summary(record))
    return Padding(Group(head, Text(), best_table(record), Text(end)), (0, 0, 1, 0))


# ---------------------------------------------------------------------- the search


def summary(record: StudyRecord) -> Text:
    """Return what was searched, how, and for how long."""
    identity = record.identity
    failed = failures(record)
    trials = counted(len(record.trials), "trial") + (f", {len(failed)} failed" if failed else "") + added(record)
    prior = f" with the prior {record.prior_name}" if identity["prior"] else ""
    limits = "".join(f", at most {most:,} {name}" for name, most in record.limits.items())
    return Text(
        f"{record.controller}{prior} in {record.where}{limits}: {trials}, "
        f"{_scored(record)}, {record.seeds}, {seconds(record):.0f} s of training"
    )


def added(record: StudyRecord) -> str:
    """Return which of its trials the controller did not ask for, in words; empty if it asked for all."""
    enqueued = sum(t.origin == "enqueued" for t in record.trials)
    parts = {"imported, and not trained here": len(record.imported), "enqueued": enqueued}
    return "".join(f" ({count} of them {how})" for how, count in parts.items() if count)


def _scored(record: StudyRecord) -> str:
    """How the trials were scored: by trainings of their own, or with the weights of a supernet."""
    shared = shared_steps(record)
    return (
        f"scored with shared weights ({counted(shared, 'step')} of a supernet)" if shared else f"{_epochs(record)} each"
    )


def shared_steps(record: StudyRecord) -> int:
    """Return for how many steps the shared weights of its trials were trained; 0 if each was trained alone."""
    return max((evaluation(t).metrics.get("shared_steps", 0) for t in record.counted), default=0)


def _epochs(record: StudyRecord) -> str:
    """The number of epochs of its trials; a range, if some were stopped before the last rung."""
    most = record.identity["epochs"]
    least = min((evaluation(t).epochs for t in record.counted), default=most)
    return counted(most, "epoch") if least >= most else f"{least} to {counted(most, 'epoch')}"


def best_table(record: StudyRecord, most: int = 5) -> RenderableType:
    """Return the best architectures by validation score, each once."""
    best = best_trials(record, most)
    if not best:
        return Text(f"No trial has succeeded yet. {_why_failed(record)}".strip(), style="yellow")
    by = ", by shared weights" if shared_steps(record) else ""
    table = plain_table(f"The best architectures of the search{by}")
    for name in ("validation", "parameters", "trial"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("architecture")
    for t in best:
        numbers = (f"{t.score:.4f}", _thousands(evaluation(t).parameters), str(t.number + 1))
        table.add_row(*numbers, words(t.architecture) + (" (imported)" if t.imported else ""))
    return table


def best_trials(record: StudyRecord, most: int) -> list[Trial]:
    """Return the best trials by validation score, each architecture once; empty if none succeeded."""
    distinct: dict[Architecture, Trial] = {}
    for t in sorted((t for t in record.trials if evaluation(t).ok), key=ranking):
        distinct.setdefault(t.architecture, t)
    return list(distinct.values())[:most]


def _why_failed(record: StudyRecord) -> str:
    failed = failures(record)
    return f"The last one: {evaluation(failed[-1]).status}, {evaluation(failed[-1]).reason}." if failed else ""


# ---------------------------------------------------------------------- the test


def test_report(record: StudyRecord, baseline: StudyRecord | None) -> RenderableType:
    """Return the networks that were trained again on training and validation examples and tested once, in one table."""
    assert record.final is not None
    sections: list[RenderableType] = [test_table(record, baseline)]
    best = record.best
    if best and best.architecture != record.final.architecture:
        sections.append(
            Text(
                f"The search went on after this test and has a better network since, {words(best.architecture)}. "
                "It is not tested: a second look at the same test examples would no longer be a fair one.",
                style="yellow",
            )
        )
    matrix = record.final.metrics.get("confusion")
    if matrix:
        sections += [Text(), confusion(matrix, record.final.metrics.get("classes"))]
    return Group(*sections)


def test_table(record: StudyRecord, baseline: StudyRecord | None) -> FittingTable:
    """Return a row for each tested network: who chose it, its architecture and its metrics."""
    assert record.final is not None
    count = examples(record.final)
    table = plain_table(
        "Trained again on training + validation, and tested once" + (count > 0) * f" on {counted(count, 'example')}"
    )
    rows = [(f"chosen by {record.controller}", record.final)]
    if baseline and baseline.final:
        rows.append(("chosen by random search", baseline.final))
    rows += [("picked by hand", e) for e in record.hand_picked]
    further = [name for name in FURTHER if name != record.metric and any(name in e.metrics for _, e in rows)]
    intervals = any(examples(e) for _, e in rows)
    table.add_column("network")
    for heading in (record.metric, *(["95% interval"] if intervals else []), *further):
        table.add_column(_label(heading), justify="right", no_wrap=True)
    for who, e in rows:
        numbers = [f"{e.score:.4f}", *([_interval(e)] if intervals else []), *(_number(e, name) for name in further)]
        network = Text.assemble((who, "bold"), "\n", words(e.architecture))
        table.add_row(network, *(numbers if e.ok else (e.status,)))
    return table


def _interval(tested: Evaluation) -> str:
    low, high = interval(tested)
    return f"{low:.3f} to {high:.3f}" if examples(tested) else ""


def _number(tested: Evaluation, name: str) -> str:
    if name not in tested.metrics:
        return ""
    number = tested.metrics[name]
    return f"{number:.4f}" if abs(number) < 1000 else f"{number:,.0f}"  # an error in the units of the answers


def _label(metric: str) -> str:
    """A metric as it is written."""
    return LABELS.get(metric, metric)


def confusion(matrix: Sequence[Sequence[int]], classes: Sequence[str] | None = None) -> RenderableType:
    """Return a table of how often each class (row) was taken for which (column); of many classes, the worst pairs.

    Args:
        classes: their names; None for their numbers.
    """
    names = classes or [str(number) for number in range(len(matrix))]
    wrong = sorted(((n, i, j) for i, row in enumerate(matrix) for j, n in enumerate(row) if n and i != j), reverse=True)
    pairs = ", ".join(f"{names[i]} taken for {names[j]}: {counted(n, 'time')}" for n, i, j in wrong[:5])
    worst = Text(f"Most frequent confusions of the network that was chosen: {pairs or 'none'}")
    if len(matrix) > MOST_CLASSES:
        return worst
    heading = "Its answers: a row for each true class, a column for each answer"
    table = FittingTable(heading, instead=worst, padding=(0, 1, 0, 0))
    table.add_column("", style="bold", justify="right")
    for name in names:
        table.add_column(Text(name), justify="right", header_style="bold", min_width=2, overflow="fold")
    for i, row in enumerate(matrix):
        cells = [Text(str(n) if n else ".", _confusion_style(n, i == j)) for j, n in enumerate(row)]
        table.add_row(Text(names[i]), *cells)
    return table


def _confusion_style(count: int, right: bool) -> str:
    if not count:
        return "dim"
    return "green" if right else "bold red"


# ---------------------------------------------------------------------- the comparison


def verdict(record: StudyRecord, baseline: StudyRecord | None) -> Text:
    """Return which was better, the search or its baselines, and whether the test is large enough to tell."""
    return Text("\n".join(_sentences(record, baseline)))


def _sentences(record: StudyRecord, baseline: StudyRecord | None) -> Iterator[str]:
    final = record.final
    assert final is not None
    if not final.ok:
        yield f"The test of the network that was chosen failed ({final.status}): {final.reason}."
        return
    name = _label(record.metric)
    picked = min((e for e in record.hand_picked if e.ok), key=best_first, default=None)
    if picked:
        yield f"Against the better hand-picked network: {tested_against(final, picked, name)}"
    if record.controller == "random":
        return
    if baseline is None or baseline.best is None or record.best is None:
        yield (
            "Against random search: this store has none of this length yet. The same command with "
            "--controller random adds one."
        )
        return
    yield (
        f"Against random search with the same {counted(len(record.counted), 'trial')}: the best validation score is "
        f"{compared(record.best.score, baseline.best.score)}; {tested_against(final, baseline.final, name)}"
    )


def compared(mine: float, other: float) -> str:
    """Return which of two scores is higher, with both, in words."""
    if mine == other:
        return f"the same, {mine:.4f}"
    return f"{'higher' if mine > other else 'lower'}, {mine:.4f} and {other:.4f}"


def tested_against(mine: Evaluation, other: Evaluation | None, name: str) -> str:
    """Compare two tested networks in whole examples, or else by score; say whether the test tells them apart."""
    if other is None or not other.ok:
        return "its network is not tested."
    count = examples(mine)
    if not count or examples(other) != count:
        return f"the {name} of its test is {compared(mine.score, other.score)}."
    ahead = round((mine.score - other.score) * count)
    if ahead == 0:
        return f"both have as many of the {count} test examples right."
    result = f"{abs(ahead)} {'more' if ahead > 0 else 'fewer'} of {count} test examples right"
    low, high = difference(mine, other)
    if low <= 0 <= high:
        return f"{result}. A test of this size cannot tell the two apart."
    return f"{result}: more than luck with the test examples would explain."


def examples(tested: Evaluation) -> int:
    """Return the number of test examples; 0 if it is unknown, or if the score is no share of right answers."""
    if tested.metrics.get("accuracy") != tested.score:
        return 0
    return sum(map(sum, tested.metrics.get("confusion", ())))


def interval(tested: Evaluation) -> tuple[float, float]:
    """Return the 95% interval of the true accuracy (see `wilson`); (0, 1) if the number of examples is unknown."""
    count = examples(tested)
    return wilson(round(tested.score * count), count) if count else (0.0, 1.0)


def difference(mine: Evaluation, other: Evaluation) -> tuple[float, float]:
    """Return the 95% interval of the true difference of two accuracies; if it contains 0, they are not told apart.

    Two intervals may overlap although the accuracies differ: two lucky draws in opposite directions are rarer than
    one. The tests are treated as independent, which is cautious for two networks on the same examples. The luck of
    the initial weights is not in the interval.

    R. G. Newcombe, "Interval Estimation for the Difference Between Independent Proportions", Statistics in Medicine
    1998, method 10.
    """
    (low, high), (other_low, other_high) = interval(mine), interval(other)
    ahead = mine.score - other.score
    return (
        ahead - hypot(mine.score - low, other_high - other.score),
        ahead + hypot(high - mine.score, other.score - other_low),
    )


def wilson(right: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """Return Wilson's score interval for a proportion, 95% by default.

    Unlike the normal interval it stays within 0 and 1, and holds what it promises near 1, where good networks are.
    E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 1927.
    """
    share = right / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return max(middle - half, 0.0), min(middle + half, 1.0)


# ---------------------------------------------------------------------- small things


def failures(record: StudyRecord) -> list[Trial]:
    """Return the trials that failed."""
    return [t for t in record.trials if not evaluation(t).ok]


def seconds(record: StudyRecord) -> float:
    """Return the training time of all trials together, in seconds; imported ones were trained elsewhere."""
    return sum(evaluation(t).seconds for t in record.counted)


def evaluation(trial: Trial) -> Evaluation:
    """Return the evaluation of a trial that has one."""
    assert trial.evaluation is not None
    return trial.evaluation


def _thousands(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def plain_table(title: str) -> FittingTable:
    """Return an empty table without lines, below its title; a list, where the terminal is too narrow for it."""
    return FittingTable(title)
