"""A table is built from trainings that are kept part by part, and nothing that was trained is trained again."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace

import numpy as np
import pytest

from nasedu import trainers
from nasedu.building import Plan, assemble, build
from nasedu.building.build import path_of
from nasedu.core import BadValue
from nasedu.tables import Table
from nasedu.trainers import Recipe

SMALL = Plan(
    "small",
    space="mlp",
    space_parameters={"depth": 1, "widths": [8, 4], "activations": ["relu", "tanh"]},
    tasks=("gratings/angle", "where/digits", "gratings/width"),
    epochs=3,
    record_test_at=(1, 3),
    seeds=2,
    chunk=2,
)


def test_a_table_holds_what_a_sequential_trainer_finds(tmp_path):
    for _ in build(SMALL, tmp_path):
        pass
    table = assemble(SMALL, tmp_path)
    assert table.values.shape == (len(SMALL.architectures), 3, 2, 2)
    assert table.epochs == (1, 3)
    task = SMALL.loaded["gratings/width"]
    trainer = trainers.load(
        "sequential", SMALL.space_for(task), task, patience=0, record_test_at=(1, 3), recipe=Recipe()
    )
    architecture = SMALL.architectures[1]
    alone = trainer([architecture], epochs=3, seed=1)[0]
    row, place = table.row(architecture), table.tasks.index("gratings/width")
    assert table.values[row, place, 1] == pytest.approx(alone.curve, abs=0.01)
    assert table.test[row, place, 1] == pytest.approx(alone.metrics["test"], abs=0.01)
    assert table.parameters[row] == alone.parameters


def test_tasks_of_one_shape_are_trained_together_and_none_is_mixed_up():
    assert SMALL.groups == [("gratings/angle", "gratings/width"), ("where/digits",)]
    assert len(SMALL.parts) == -(-len(SMALL.architectures) // 2) * 2


def test_what_is_there_is_not_trained_again(tmp_path):
    first = next(build(SMALL, tmp_path))
    written = path_of(tmp_path, first.part).stat().st_mtime_ns
    rest = list(build(SMALL, tmp_path))
    assert len(rest) == len(SMALL.parts) - 1
    assert path_of(tmp_path, first.part).stat().st_mtime_ns == written
    assert not list(build(SMALL, tmp_path))


@pytest.mark.parametrize(
    "change",
    [
        {"epochs": 4, "record_test_at": (1, 4)},
        {"seeds": 3},
        {"recipe": {"learning_rate": 0.1}},
        {"trainer": "sequential"},
    ],
    ids=str,
)
def test_parts_of_another_plan_are_not_taken_for_its_own(change):
    other = replace(SMALL, **change)
    assert not {part.key for part in SMALL.parts} & {part.key for part in other.parts}


def test_more_tasks_keep_the_parts_of_the_tasks_before():
    fewer = replace(SMALL, tasks=SMALL.tasks[:2])
    assert {part.key for part in fewer.parts if part.tasks == ("where/digits",)} < {p.key for p in SMALL.parts}


def test_two_workers_write_what_one_writes(tmp_path):
    for _ in build(SMALL, tmp_path / "one"):
        pass
    for _ in build(SMALL, tmp_path / "two", workers=2):
        pass
    one, two = (assemble(SMALL, tmp_path / name) for name in ("one", "two"))
    assert np.array_equal(one.values, two.values)
    assert np.array_equal(one.test, two.test)


def test_missing_parts_are_counted(tmp_path):
    next(build(SMALL, tmp_path))
    with pytest.raises(BadValue, match=rf"{len(SMALL.parts) - 1} of {len(SMALL.parts)} parts are missing.*goes on"):
        assemble(SMALL, tmp_path)


def test_a_damaged_part_is_named(tmp_path):
    for built in build(SMALL, tmp_path):
        path = path_of(tmp_path, built.part)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(BadValue, match=f"{path.name} is a damaged part.*remove it, and build again"):
        assemble(SMALL, tmp_path)


CHILD = """
import json, sys
from nasedu.building import Plan, build
for built in build(Plan.from_data(json.loads(sys.argv[1])), sys.argv[2]):
    print(built.part.key, flush=True)
"""


def test_killed_in_the_middle_it_goes_on_with_what_is_whole(tmp_path):
    command = [sys.executable, "-c", CHILD, json.dumps(asdict(SMALL)), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        key = child.stdout.readline().strip()
        time.sleep(0.05)
        os.kill(child.pid, signal.SIGKILL)
    assert (tmp_path / f"{key}.npz").exists()
    for _ in build(SMALL, tmp_path):
        pass
    assert len(assemble(SMALL, tmp_path)) == len(SMALL.architectures)


def test_a_saved_table_says_its_space(tmp_path):
    for _ in build(SMALL, tmp_path):
        pass
    table = assemble(SMALL, tmp_path)
    table.save(tmp_path / "small.npz")
    again = Table.load(tmp_path / "small.npz", complete=True)
    assert again.architectures == table.architectures
    assert np.array_equal(again.values, table.values)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"record_test_at": (1, 2)}, "last epoch of record_test_at"),
        ({"record_test_at": ()}, "last epoch of record_test_at"),
        ({"tasks": ()}, "needs a task"),
        ({"tasks": ("where/digits", "where/digits")}, "there twice"),
        ({"seeds": 0}, "at least 1"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(change, message):
    with pytest.raises(BadValue, match=message):
        replace(SMALL, **change)


def test_a_space_too_large_is_refused():
    with pytest.raises(BadValue, match="trains every network"):
        replace(SMALL, space_parameters={"depth": 12}).architectures  # noqa: B018


def test_tasks_whose_networks_differ_are_refused():
    with pytest.raises(BadValue, match="one table, one space"):
        replace(SMALL, space="chain-cnn", space_parameters={"depth": 2}, tasks=("digits", "where/digits")).architectures  # noqa: B018
