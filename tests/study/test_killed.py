"""Resume is replay: a process that is killed at any moment leaves a study that goes on as if it had not been."""

import dataclasses
import json
import random
import time

import pytest

from nasedu.store import Store
from tests.study.child import wait_for

TRIALS, BATCH = 24, 4
STEP = 0.25
"""How far a search comes at most before it is killed, so that one store is killed early, late and in between."""


@pytest.fixture(scope="module")
def reference(children, tmp_path_factory):
    """What an uninterrupted study of each kind finds, how long it takes, and how many SQL events it has."""

    def run(kind):
        if kind not in found:
            folder = tmp_path_factory.mktemp("reference")
            began = folder / "began"
            child = children.start("search", store=folder / "a.db", began=began, kind=kind, trials=TRIALS, batch=BATCH)
            wait_for(began)
            start = time.monotonic()
            assert child.wait() == 0
            seconds = time.monotonic() - start
            events = {
                event: children.done(
                    "search", store=folder / f"{event}.db", kind=kind, trials=TRIALS, batch=BATCH,
                    watch={"event": event, "at": 0, "mark": ""},
                )["value"]
                for event in ("statement", "step")
            }  # fmt: skip
            found[kind] = everything(folder / "a.db"), seconds, events
        return found[kind]

    found = {}
    return run


def everything(path):
    """Every trial of the only study in a store, to the last bit; how long it took is the only thing left out."""
    store = Store(path, create=False)
    try:
        ((study, _),) = store.studies()
        trials = store.trials(study)
    finally:
        store.close()
    assert [t.number for t in trials] == list(range(len(trials)))
    return [
        (t.number, t.batch, t.architecture, t.status, t.score.hex(), dataclasses.replace(t.evaluation, seconds=0))
        for t in trials
    ]


def killed_by_the_clock(children, job, kills, seconds, draw, folder):
    """Kill searches at random times until enough were killed; returns the stores, each searched to its end."""
    stores, killed = [], 0
    while killed < kills:
        store = folder / f"clock-{len(stores)}.db"
        stores.append(store)
        code = -9
        while code == -9:
            began = folder / f"began-{time.monotonic_ns()}"
            child = children.start("search", store=store, began=began, **job)
            wait_for(began)
            if killed < kills:
                time.sleep(draw.uniform(0, STEP * seconds))
                child.kill()
            code = child.wait()
            killed += code == -9
        assert code == 0
    return stores


def killed_by_sql(children, job, kills, events, draw, folder):
    """Kill searches at random SQL events; returns the stores, searched to their ends, and what the killed did."""
    stores, marks = [], []
    while len(marks) < kills:
        store = folder / f"sql-{len(stores)}.db"
        stores.append(store)
        code = -9
        while code == -9:
            event = ("statement", "step")[len(marks) % 2]
            mark = folder / f"mark-{len(marks)}"
            at = draw.randint(1, int(STEP * events[event])) if len(marks) < kills else 0
            child = children.start("search", store=store, watch={"event": event, "at": at, "mark": mark}, **job)
            code = child.wait()
            if code == -9:
                marks.append(json.loads(mark.read_text()))
        assert code == 0
    return stores, marks


@pytest.mark.parametrize(("kind", "kills"), [("q-learning", 10), ("warm-q", 3), ("copy-best", 3), ("climber", 3)])
def test_a_killed_study_is_the_uninterrupted_one(children, reference, tmp_path, kind, kills):
    whole, seconds, events = reference(kind)
    draw = random.Random(kind)
    job = {"kind": kind, "trials": TRIALS, "batch": BATCH}
    timed = killed_by_the_clock(children, job, kills, seconds, draw, tmp_path)
    written, marks = killed_by_sql(children, job, kills, events, draw, tmp_path)
    assert len(whole) == TRIALS
    assert len(marks) == kills
    assert sum(mark["in_transaction"] for mark in marks) >= kills // 2
    for store in timed + written:
        assert everything(store) == whole, store
        assert [p.name for p in tmp_path.glob(f"{store.name}-*")] == []


def test_the_reference_has_what_the_test_is_about(reference):
    """Different scores (or nothing could be mixed up), and architectures that are asked twice."""
    scores = {row[4] for row in reference("q-learning")[0]}
    assert len(scores) > 8
    architectures = [row[2] for row in reference("climber")[0]]
    assert len(set(architectures)) < len(architectures)


def test_killed_in_the_middle_of_finish(children, tmp_path):
    """The second process tests what the first did not come to, and nothing twice."""
    job = {"trials": 4, "batch": 4, "finish": True}
    children.done("search", store=tmp_path / "whole.db", **job)
    count = children.done(
        "search", store=tmp_path / "count.db", watch={"event": "statement", "at": 0, "mark": ""}, **job
    )["value"]
    partial = 0
    for back in range(2, 16, 3):  # the last statements of all are those of finish
        store, mark = tmp_path / f"{back}.db", tmp_path / f"mark-{back}"
        child = children.start(
            "search", store=store, watch={"event": "statement", "at": count - back, "mark": mark}, **job
        )
        assert child.wait() == -9
        partial += 0 < len(finals(store)) < 3
        children.done("search", store=store, **job)
        assert finals(store) == finals(tmp_path / "whole.db")
    assert partial


def finals(path):
    store = Store(path, create=False)
    try:
        return [(role, dataclasses.replace(e, seconds=0)) for role, e in store.finals(1)]
    finally:
        store.close()
