"""What could be reached at all: how soon an oracle would ask a network of the best 1%, given what a prior is given."""

from collections.abc import Iterator

import numpy as np

from nasedu import Table, meta
from nasedu.core.ranking import normal_scores, rank_correlation
from nasedu.meta.candidate_pool import CandidatePool
from tests.benchmarks.row import Row


def orders(table: Table, task: str, others: list[meta.Evidence], seed: int) -> Iterator[tuple[str, np.ndarray]]:
    """Ways to ask all networks that know what no search knows, each as rows of the table in the order asked."""
    pool = CandidatePool(table.space, others, seed=seed)
    rows = np.array([table.row(architecture) for architecture in pool.architectures])
    truth = normal_scores(table.scores(task)[rows])
    with_level = np.vstack([pool.said, np.ones(len(rows))]).T
    weights, *_ = np.linalg.lstsq(with_level, truth, rcond=None)
    yield (
        "bound: the models of the earlier tasks, weighted by all scores of the new one",
        _best_first(rows, with_level @ weights),
    )
    whole = np.mean([normal_scores(table.scores(e.task)[rows]) for e in others], axis=0)
    yield "bound: whole tables of the earlier tasks, equal weights", _best_first(rows, whole)
    told = table.scores(task, seed=seed % table.values.shape[2])[rows]
    yield "bound: the whole table of the new task, one recorded training", _best_first(rows, told)


def _best_first(rows: np.ndarray, worth: np.ndarray) -> np.ndarray:
    return rows[np.argsort(-worth, kind="stable")]


def alike(table: Table | None) -> list[Row]:
    """How alike the tasks are over all networks, and over the best 1%, where it counts."""
    assert table is not None
    scores = np.array([table.scores(task)[np.unique(table.classes)] for task in table.tasks])
    pairs = [(i, j) for i in range(len(scores)) for j in range(i)]
    correlations = [rank_correlation(scores[i], scores[j]) for i, j in pairs]
    best = scores >= np.sort(scores, axis=1)[:, [-max(scores.shape[1] // 100, 1)]]
    shared = [(best[i] & best[j]).sum() / min(best[i].sum(), best[j].sum()) for i, j in pairs]
    return [
        Row("rank correlation of two tasks, mean and range", "", _described(correlations, "{:.2f}")),
        Row("share of the best 1% of one task that is among the best 1% of another", "", _described(shared, "{:.0%}")),
    ]


def _described(values: list[float], form: str) -> str:
    mean, low, high = (form.format(value) for value in (np.mean(values), min(values), max(values)))
    return f"{mean} ({low} to {high})"
