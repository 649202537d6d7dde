"""The report of a study, for a program: plain objects, ready for JSON."""

from collections.abc import Iterable
from typing import Any

from nasedu.cli.report import FURTHER, evaluation, failures, seconds
from nasedu.cli.study_record import StudyRecord
from nasedu.core import Evaluation
from nasedu.store import Trial


def as_json(record: StudyRecord) -> dict[str, Any]:
    """Return the study as one plain object.

    `metric` names what the scores are. `imported` trials were not trained here. `seconds` is the training time of the
    others, over all runs of the command.
    `final` is None before the study is finished; its numbers are None if the test failed. If the search found a
    better network after its test, `final` also has the `architecture` that was tested. `space` names the whole
    space, also if the search was pruned to a part of it.
    """
    best, final = record.best, record.final
    shown = _shown(record)
    numbers = _tested(final, shown) if final else None
    if final and best and numbers and final.architecture != best.architecture:
        numbers["architecture"] = list(final.architecture)
    return {
        "task": record.identity["task"],
        "space": record.space,
        "controller": record.controller,
        "seed": record.identity["seed"],
        "metric": record.metric,
        "trials": len(record.trials),
        "failed": len(failures(record)),
        "imported": len(record.imported),
        "seconds": round(seconds(record), 3),
        "best": best
        and {
            "architecture": list(best.architecture),
            "score": best.score,
            "parameters": evaluation(best).parameters,
        },
        "final": numbers,
        "hand_picked": [{"architecture": list(e.architecture), **_tested(e, shown)} for e in record.hand_picked],
    }


def all_as_json(records: dict[int, StudyRecord], numbers: Iterable[int]) -> dict[str, Any]:
    """Return studies of a store with every trial: `{"studies": [{"study": 1, "trials": [...], ...}, ...]}`.

    As `as_json`, but `trials` is the list of the trials. A trial that is asked for and not evaluated yet has the
    status "waiting".

    Args:
        records: of a store, by their numbers.
        numbers: of the studies to return.
    """
    return {"studies": [_whole(number, records[number]) for number in numbers]}


def _whole(number: int, record: StudyRecord) -> dict[str, Any]:
    whole = {
        "name": record.name or None,
        "pruned": record.pruned,
        "prior": record.prior_name or None,
        "epochs": record.identity["epochs"],
        "trials": [_trial(trial) for trial in record.recorded],
        "queue": [list(architecture) for architecture in record.queue],
    }
    return {"study": number, **as_json(record), **whole}


def _trial(trial: Trial) -> dict[str, Any]:
    """One trial. Trials and batches are counted from 1, as everywhere at the terminal."""
    found: dict[str, Any] = {"trial": trial.number + 1, "batch": trial.batch + 1, "origin": trial.origin}
    found["architecture"] = list(trial.architecture)
    e = trial.evaluation
    if e is None:
        return {**found, "score": None, "status": "waiting"}
    numbers = {name: getattr(e, name) for name in ("score", "status", "seconds", "parameters", "flops", "epochs")}
    return {**found, **numbers, "curve": list(e.curve), **({"reason": e.reason} if e.reason else {})}


def _shown(record: StudyRecord) -> list[str]:
    """The metrics that are shown of a test: those that one of its networks has."""
    tested = [e for _, e in record.finals]
    return [name for name in (record.metric, *FURTHER) if any(name in e.metrics for e in tested)]


def _tested(tested: Evaluation, shown: list[str]) -> dict[str, Any]:
    return {"score": tested.score if tested.ok else None, **{name: tested.metrics.get(name) for name in shown}}
