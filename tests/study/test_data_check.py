"""A store is true to its data: scores of other data are never mixed, nor taken for those of today."""

import dataclasses
import json
import sqlite3
import warnings

import numpy as np
import pytest

from nasedu import Study, controllers, meta, spaces, tables, tasks, trainers
from nasedu.core import Mismatch, StoreHeld
from nasedu.store import Store
from nasedu.study.data_check import begin
from nasedu.tasks.base import Sealed, Split
from tests.study.child import make_study, small_task


@pytest.fixture
def path(tmp_path):
    return tmp_path / "study.db"


def changed(task, split="train", place=0):
    """The same task, one number of one example changed."""
    X, y = getattr(task, split) if split != "test" else task.test.opened()
    X = X.copy()
    X[place] += 1
    new = Split(X, y)
    return dataclasses.replace(task, **{split: Sealed(new) if split == "test" else new})


def identities(path):
    with sqlite3.connect(path) as db:
        return [json.loads(text) for (text,) in db.execute("SELECT identity FROM studies ORDER BY id")]


def make_older(path):
    """Write the store as version 0.1 did, which recorded no data."""
    with sqlite3.connect(path) as db:
        for number, identity in enumerate(identities(path), 1):
            older = {part: value for part, value in identity.items() if part not in ("data", "metric")}
            text = json.dumps(older, sort_keys=True, separators=(",", ":"))
            db.execute("UPDATE studies SET identity = ? WHERE id = ?", (text, number))


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_one_changed_number_begins_a_new_study_and_keeps_the_old_one(path, split):
    with make_study(path) as study:
        list(study.run(2))
        before = study.trials
    told = r"have changed since study 1 of .*: as many as before \(train 360, .*with other values.*its 2 trials"
    with pytest.warns(UserWarning, match=told):
        other = make_study(path, task=changed(small_task(), split))
    with other:
        assert other.trials == []
        list(other.run(1))
    with make_study(path) as study:  # no warning: the data of then go on with the study of then
        assert study.trials == before
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nor for the changed data: their study has begun
        make_study(path, task=changed(small_task(), split)).close()


def test_the_counts_say_what_changed(path):
    make_study(path).close()
    task = small_task()
    fewer = dataclasses.replace(task, train=Split(task.train.X[1:], task.train.y[1:]))
    with pytest.warns(UserWarning, match="train 360 before, 359 now"):
        make_study(path, task=fewer).close()


def test_a_longer_search_on_changed_data_is_told_as_well(path):
    make_study(path, budget=24).close()
    with pytest.warns(UserWarning, match="have changed since study 1"):
        make_study(path, budget=48, task=changed(small_task())).close()


def test_another_metric_is_another_study_without_a_warning(path):
    make_study(path).close()
    with make_study(path, task=dataclasses.replace(small_task(), metrics=("f1",))) as study:
        assert study.trials == []
    assert [identity["metric"] for identity in identities(path)] == ["accuracy", "f1"]


def test_an_older_store_goes_on_with_a_warning_and_is_checked_from_then_on(path):
    with make_study(path) as study:
        list(study.run(2))
        before = study.trials
    make_older(path)
    with pytest.warns(UserWarning, match="did not record its data: nobody can check that corners"):
        adopted = make_study(path)
    with adopted:
        assert adopted.trials == before
    with make_study(path) as study:
        assert study.trials == before
    with pytest.warns(UserWarning, match="have changed since study 1"):
        make_study(path, task=changed(small_task())).close()


def test_tables_and_several_tasks_have_their_data_too(path):
    space = spaces.load("mlp", small_task(), depth=1, widths=(8,))
    members = list(space.enumerate())

    def table(last):
        return tables.Table(space, members, {"x": [*range(len(members) - 1), last]}, name="made")

    def study(task):
        trainer = trainers.load("table", space, task) if isinstance(task, tables.Table) else sequential(task)
        return Study(space, controllers.load("random", space), trainer, store=path)

    def sequential(task):
        return trainers.load("sequential", space, task)

    study(table(5)).close()
    with pytest.warns(UserWarning, match=r"the data of made/x have changed.*as many as before \(networks 3\)"):
        study(table(6)).close()
    other = dataclasses.replace(small_task(), name="other")
    study(tasks.together(small_task(), other)).close()
    with pytest.warns(UserWarning, match="of its 2 tasks number 2, as many as before"):
        study(tasks.together(small_task(), changed(other))).close()


def test_evidence_on_changed_data_is_other_evidence(path):
    with make_study(path) as study:
        list(study.run(2))
        cold = study.identity
        (first,) = meta.evidence_in(path, study.space)
    assert first.digest == cold["data"]["digest"]
    other = dataclasses.replace(first, digest="0" * 16)
    priors = [meta.load("copy-best", [evidence]).identity()["digest"] for evidence in (first, other)]
    assert priors[0] != priors[1]
    assert meta.Evidence.from_data(first.data()) == first


def test_a_study_of_an_older_version_does_not_learn_from_itself(path):
    with make_study(path) as study:
        list(study.run(2))
        cold, space = study.identity, study.space
    make_older(path)
    with pytest.raises(Mismatch, match="no earlier study"):
        meta.evidence_in(path, space, leave_out=cold)


def test_a_csv_file_that_changed(path, tmp_path):
    rng = np.random.default_rng(0)
    file = tmp_path / "t.csv"

    def write(shift):
        file.write_text(
            "a,b,y\n" + "".join(f"{a:.3f},{b:.3f},{int(a > 0)}\n" for a, b in rng.normal(shift, 1, (60, 2)))
        )

    def study():
        task = tasks.load(f"csv/{file}:y")
        space = spaces.load("mlp", task, depth=1)
        return Study(space, controllers.load("random", space), trainers.load("sequential", space, task), store=path)

    write(0)
    with study() as first:
        list(first.run(1))
    write(0)
    with pytest.warns(UserWarning, match=r"the data of csv/.*t.csv:y have changed"):
        second = study()
    assert second.trials == []
    second.close()


def test_begin_takes_the_identity_as_it_is(path):
    with make_study(path) as study:
        assert begin(study._store, study.identity) == 1


def test_the_same_values_that_stand_for_something_else_begin_a_new_study(path):
    task = dataclasses.replace(small_task(), classes=("a", "b", "c", "d"))
    make_study(path, task=task).close()
    with pytest.warns(UserWarning, match=r"the same values \(train 360, .*\) stand for something else: names, units"):
        make_study(path, task=dataclasses.replace(task, classes=("a", "b", "c", "e"))).close()
    assert len(identities(path)) == 2


def test_a_column_in_other_units_is_other_data_though_a_network_sees_the_same(tmp_path):
    values = np.random.default_rng(0).integers(1, 100, (60, 2))

    def fingerprint(name, factor):
        file = tmp_path / "t.csv"
        lines = [f"{factor * a},{b},{'yes' if a > 50 else 'no'}" for a, b in values]
        file.write_text("\n".join([f"{name},b,y", *lines]))
        return tasks.load(f"csv/{file}:y").fingerprint()

    first = fingerprint("length", 1)
    assert fingerprint("length", 1) == first
    assert fingerprint("length", 1024)["meaning"] != first["meaning"]
    assert fingerprint("width", 1) == {**first, "meaning": fingerprint("width", 1)["meaning"]} != first


def test_groups_are_data_because_folds_keep_them_together():
    task = small_task()
    sizes = len(task.train.y), len(task.validation.y)
    one, other = (
        dataclasses.replace(task, groups=tuple(np.arange(size) // share for size in sizes)) for share in (2, 3)
    )
    assert len({t.fingerprint()["digest"] for t in (task, one, other)}) == 3


@pytest.mark.parametrize("change", [{"scale": 100.0}, {"epochs": (1, 4)}, {"seconds": (1, 2, 3)}])
def test_all_that_a_table_serves_belongs_to_its_data(change):
    space = spaces.load("mlp", small_task(), depth=1, widths=(8,))
    members = list(space.enumerate())
    scores = {"x": np.arange(6).reshape(3, 1, 2)}
    usual = tables.Table(space, members, scores, epochs=(1, 2))
    other = tables.Table(space, members, scores, **{"epochs": (1, 2), **change})
    assert usual.task().fingerprint() != other.task().fingerprint()


def test_an_older_store_never_goes_on_with_another_metric(path):
    with make_study(path) as study:
        list(study.run(2))
    make_older(path)
    with make_study(path, task=dataclasses.replace(small_task(), metrics=("f1",))) as study:
        assert study.trials == []
    assert [("data" in identity) for identity in identities(path)] == [False, True]


def test_an_older_study_that_another_process_holds_is_left_as_it_is(path, monkeypatch):
    with make_study(path) as study:
        list(study.run(1))
    make_older(path)
    before = identities(path)
    store = Store(path)
    store.hold(1)
    elsewhere = {"pid": 1, "started": 0.0, "host": "elsewhere"}
    monkeypatch.setattr("nasedu.store.studies.this_process", lambda: elsewhere)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(StoreHeld):
            make_study(path, task=changed(small_task()))
    assert identities(path) == before
