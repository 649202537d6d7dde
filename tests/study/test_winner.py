"""What a search leaves: a network that answers as it did when it was tested, wherever it is loaded."""

import dataclasses
import gzip
import json
from pathlib import Path

import numpy as np
import pytest

import nasedu
from nasedu import Study, Winner, controllers, spaces, tasks, trainers
from nasedu.core import BadValue, UnknownName
from nasedu.meta.pruned_space import PrunedSpace, restricted_trainer
from nasedu.spaces.mlp import MLP
from nasedu.study.winner_files import ABOUT, WEIGHTS
from nasedu.trainers import Recipe
from tests.study.child import make_study, small_task

OLD_STORE = Path(__file__).parents[1] / "cli" / "stores" / "searches_0_1.db.gz"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A store with one finished study."""
    path = tmp_path_factory.mktemp("winner") / "study.db"
    task = dataclasses.replace(small_task(), classes=("nw", "ne", "sw", "se"))
    with make_study(path, task=task, epochs=4) as study:
        list(study.run(3))
        study.finish()
        yield path, study, task


def test_it_answers_as_it_was_tested(finished):
    _, study, task = finished
    winner, test = study.winner(), task.test.opened()
    assert (winner.architecture, winner.tested) == (study.best.architecture, study.final)
    assert winner.chosen == study.best.evaluation
    right = np.array(task.classes)[test.y]
    assert (winner.predict(test.X) == right).mean() == study.final.score
    assert winner.evaluate(task) == winner.evaluate(test)
    assert winner.evaluate(task)["confusion"] == study.final.metrics["confusion"]
    probabilities = winner.predict_proba(test.X)
    assert probabilities.shape == (120, 4)
    np.testing.assert_allclose(probabilities.sum(1), 1)
    assert (probabilities.argmax(1) == winner.outputs(test).argmax(1)).all()
    assert winner.predict(test.X[:0]).shape == (0,)
    assert not winner.module.training


def test_a_store_a_folder_and_the_study_hold_the_same_network(finished, tmp_path):
    path, study, task = finished
    winner = study.winner()
    winner.save(tmp_path / "deep" / "folder")
    for loaded in (Winner.load(path), Winner.load(path, study=1), nasedu.Winner.load(tmp_path / "deep" / "folder")):
        assert loaded.to_data() == winner.to_data()
        assert np.array_equal(loaded.outputs(task.train), winner.outputs(task.train))
    assert sorted(p.name for p in (tmp_path / "deep" / "folder").iterdir()) == [WEIGHTS, ABOUT]
    about = json.loads((tmp_path / "deep" / "folder" / ABOUT).read_text())
    assert about["task"]["classes"] == ["nw", "ne", "sw", "se"]
    assert about["versions"].keys() == {"python", "nasedu", "torch", "numpy"}


def test_a_finished_study_that_is_opened_again_still_has_it(tmp_path):
    path = tmp_path / "study.db"
    with make_study(path) as study:
        list(study.run(2))
        with pytest.raises(BadValue, match=r"not finished.*call study\.finish\(\) first"):
            study.winner()
        study.finish()
        before = study.winner().outputs(small_task().train)
    with make_study(path) as study:
        assert np.array_equal(study.winner().outputs(small_task().train), before)


def test_norm_dropout_and_tuned_recipes_come_back(small_task, small_space):
    trainer = trainers.load("sequential", small_space, small_task, recipe=Recipe(batch_norm=True, dropout=0.2))
    with Study(small_space, controllers.load("random", small_space), trainer, epochs=2) as study:
        list(study.run(1))
        study.finish()
        assert study.winner().evaluate(small_task)["accuracy"] == study.final.score
    tuned = nasedu.tune({"batch_norm": [True]}, ("conv1-2", "stop"), small_task, space=small_space, trials=1, epochs=2)
    tuned.finish()
    winner = tuned.study.winner()
    assert (winner.architecture, winner.recipe.batch_norm) == (("conv1-2", "stop"), True)
    assert winner.evaluate(small_task)["accuracy"] == tuned.study.final.score


def test_a_pruned_search_leaves_a_network_of_the_whole_space(tmp_path):
    task = small_task()
    whole = spaces.load("mlp", task, depth=1)
    space = PrunedSpace(whole, {"0": ["128-relu"]})
    trainer = restricted_trainer(space, trainers.load("sequential", whole, task))
    with Study(space, controllers.load("random", space), trainer, epochs=1, store=tmp_path / "s.db") as study:
        list(study.run(1))
        study.finish()
    assert Winner.load(tmp_path / "s.db").space.name == "mlp"


class Own(MLP):
    """A space in no registry."""

    name = "own-mlp"


def test_a_space_of_your_own_is_given(tmp_path):
    task = small_task()
    space = Own(task.input_shape, task.outputs, depth=1)
    trainer = trainers.load("sequential", space, task)
    with Study(space, controllers.load("random", space), trainer, epochs=1) as study:
        list(study.run(1))
        study.finish()
        winner = study.winner()
    winner.save(tmp_path / "own")
    with pytest.raises(UnknownName, match=r"of a space 'own-mlp', which is not registered here: give the space"):
        Winner.load(tmp_path / "own")
    assert Winner.load(tmp_path / "own", space=space).evaluate(task) == winner.evaluate(task)


def test_a_network_that_failed_before_its_test_says_how(monkeypatch):
    with make_study(":memory:") as study:
        list(study.run(1))
        failed = dataclasses.replace(study.best.evaluation, status="out-of-memory", reason="too large", score=0.25)
        monkeypatch.setattr(study.trainer, "retrain_and_test", lambda *_, **__: failed)
        study.finish()
        with pytest.raises(BadValue, match=r"failed before its test \(out-of-memory, too large\)"):
            study.winner()


@pytest.mark.parametrize("kind", ["together", "table"])
def test_a_study_without_a_network_says_why(kind):
    task = small_task()
    space = spaces.load("mlp", task, depth=1, widths=(8,))
    if kind == "together":
        other = dataclasses.replace(task, name="other")
        trainer = trainers.load("sequential", space, tasks.together(task, other))
    else:
        members = list(space.enumerate())
        scores = {"x": [0.5] * len(members)}
        trainer = trainers.load("table", space, nasedu.Table(space, members, scores, test=scores))
    with Study(space, controllers.load("random", space), trainer, epochs=1) as study:
        list(study.run(1))
        study.finish()
        with pytest.raises(BadValue, match="kept no network: its trainer gives back no weights"):
            study.winner()


def test_what_is_no_winner_is_refused(finished, tmp_path):
    path, study, _ = finished
    with pytest.raises(BadValue, match=r"holds no winner: it has no winner\.json"):
        Winner.load(tmp_path)
    with pytest.raises(BadValue, match=r"study 7 of .* kept no network; studies with one: 1"):
        Winner.load(path, study=7)
    old = tmp_path / "old.db"
    old.write_bytes(gzip.decompress(OLD_STORE.read_bytes()))
    with pytest.raises(BadValue, match="has no finished study with a network"):
        Winner.load(old)
    study.winner().save(tmp_path / "cut")
    (tmp_path / "cut" / WEIGHTS).write_bytes((tmp_path / "cut" / WEIGHTS).read_bytes()[:50])
    with pytest.raises(BadValue, match="is damaged"):
        Winner.load(tmp_path / "cut")
    (tmp_path / "file").write_text("")
    with pytest.raises(BadValue, match="cannot be written"):
        study.winner().save(tmp_path / "file" / "below")


def test_a_wrong_shape_is_refused_before_the_network_sees_it(finished):
    winner = finished[1].winner()
    for raw in (np.zeros((2, 6, 6)), np.zeros((2, 1, 6, 5)), [["a"]]):
        with pytest.raises(BadValue, match=r"takes an array of numbers, shape \(examples, 1, 6, 6\); given"):
            winner.predict(raw)
    with pytest.raises(BadValue, match="1 values are NaN"):
        winner.predict(np.where(np.arange(36).reshape(1, 1, 6, 6) == 3, np.nan, 0))
    with pytest.raises(BadValue, match="there are no answers in these examples"):
        winner.evaluate(np.zeros((2, 1, 6, 6)))
