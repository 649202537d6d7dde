"""Results that were found elsewhere, as trials of a study: see `Study.add_results`."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from nasedu.controllers.base import Controller
from nasedu.core import Architecture, BadValue, Evaluation
from nasedu.store import Store, Trial
from nasedu.study.validation import check_for_search


def as_imported(evaluations: Sequence[Evaluation], recorded: Sequence[Trial], *, joins_last: bool) -> list[Trial]:
    """Return results as the trials that come after those that are recorded.

    Args:
        evaluations: the results.
        recorded: every trial of the study.
        joins_last: whether the controller was not told of the last batch yet. It is then told of both together: a
            resume tells each batch as a whole, in the order asked.
    """
    batch = recorded[-1].batch + (not joins_last) if recorded else 0
    return [
        Trial(number, batch, evaluation.architecture, {}, evaluation, "imported")
        for number, evaluation in enumerate(evaluations, start=len(recorded))
    ]


def why_not_imported(controller: Controller, architecture: Any, known: Mapping[Architecture, str]) -> str:
    """Return why a result cannot be a trial of a study; empty if it can.

    Args:
        controller: of the study.
        architecture: of the result.
        known: where each architecture that was seen before is, in words.
    """
    try:
        found = check_for_search(controller, architecture)
    except BadValue as error:
        return str(error)
    return f"{' '.join(found)} is known already, from {known[found]}: leave it out" if found in known else ""


def import_results(path: str | os.PathLike[str], study: int, evaluations: Sequence[Evaluation]) -> None:
    """Record results, which were checked, as imported trials of a study that nobody has open, all or none.

    It needs no trainer: the controller is told of them when the study is opened.

    Args:
        path: the store.
        study: its number there.
        evaluations: the results.

    Raises:
        StoreHeld: another living process has the study.
    """
    store = Store(path)
    try:
        token = store.hold(study)
        recorded = store.trials(study)
        is_open = any(trial.evaluation is None for trial in recorded)
        store.add_batch(study, token, as_imported(evaluations, recorded, joins_last=is_open))
        store.release(study, token)
    finally:
        store.close()
