"""What is known of a task before anything is trained on it."""

import dataclasses
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from nasedu import Study, controllers, tasks
from nasedu.meta import Evidence, evidence_in
from nasedu.meta.meta_features import known_by_name, meta_features
from nasedu.tasks import Split
from nasedu.testing import FixedLength
from tests.meta import unlike
from tests.meta.test_meta import Table


@pytest.fixture(scope="module")
def digits():
    return tasks.load("digits")


def test_of_a_task_with_examples(digits):
    found = meta_features(digits)
    assert set(found) == {"inputs", "outputs", "examples", "chance", "smoothness"}
    assert found["inputs"] == np.prod(digits.input_shape)
    assert (found["outputs"], found["examples"]) == (10, len(digits.train.X))
    assert found["chance"] == digits.chance
    assert Evidence("digits", (), found).about == tuple(sorted(found.items()))


def test_pixels_that_are_shuffled_are_not_smooth(digits):
    assert meta_features(digits)["smoothness"] > 0.2
    assert abs(meta_features(tasks.load("digits-shuffled"))["smoothness"]) < 0.1


def with_inputs(X):
    """A task of which only what `meta_features` looks at is there."""
    train = Split(X.astype(np.float32), np.zeros(len(X), dtype=np.int64))
    return SimpleNamespace(input_shape=X.shape[1:], outputs=2, chance=0.5, train=train)


def test_smoothness_by_hand():
    found = meta_features(with_inputs(np.array([[[0.0, 1, 0]], [[2, 3, 4]]])))  # less the mean: -1 -1 -2, 1 1 2
    assert found["smoothness"] == pytest.approx(6 / np.sqrt(4 * 10), abs=1e-4)


@pytest.mark.parametrize("X", [np.ones((5, 1, 4)), np.arange(5.0).reshape(5, 1)])
def test_where_nothing_varies_or_nothing_stands_beside_it_there_is_no_smoothness(X):
    assert meta_features(with_inputs(X)) == {"inputs": np.prod(X.shape[1:]), "outputs": 2, "examples": 5, "chance": 0.5}


def test_of_a_task_in_a_table_only_the_shape_is_known():
    table = unlike.table()
    assert meta_features(table.task("g0-0")) == {}
    table.space.input_shape, table.space.outputs = [1, 12, 12], 10
    assert meta_features(table.task("g0-0")) == {"inputs": 144, "outputs": 10}


def test_by_name(digits):
    assert dict(known_by_name("digits")) == meta_features(digits)
    assert known_by_name("a task of mine") == ()
    assert known_by_name("glyphs/no such script") == ()


def test_by_name_no_file_is_opened(monkeypatch):
    monkeypatch.setattr(tasks, "load", lambda name: pytest.fail(f"{name} was opened"))
    for name in ("openml/mnist_784", "folder/photographs", "csv/my.csv:y"):
        assert known_by_name(name) == ()


def test_no_torch_is_needed():
    code = "import sys; from nasedu.meta.meta_features import known_by_name; known_by_name('digits'); "
    code += "sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_what_a_store_holds_of_a_known_task_comes_with_its_descriptors(tmp_path, small_task):
    space, path = FixedLength(), tmp_path / "earlier.db"
    for name in ("digits", "a task of mine"):
        trainer = Table(space, dataclasses.replace(small_task, name=name))
        with Study(space, controllers.load("random", space), trainer, store=path) as study:
            list(study.run(trials=2))
    known, unknown = evidence_in(path, space)
    assert (known.about, unknown.about) == (known_by_name("digits"), ())
    assert known.about
