"""An architecture search with scikit-learn's face: its own checks, tables of a user, budgets, and what is refused."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris, make_regression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils.estimator_checks import check_estimator

import nasedu
from nasedu import NASClassifier, NASRegressor
from nasedu.core import BadValue
from nasedu.estimators.search import folds_for, task_of

SMALL = {"trials": 2, "epochs": 5, "folds": 0, "ensemble": 2, "random_state": 0}
EXEMPT = {"check_array_api_input": "scikit-learn skips it itself, where SCIPY_ARRAY_API is not set"}
"""Checks that need not pass, with the reason."""


@pytest.mark.filterwarnings("ignore")  # the checks warn on purpose
@pytest.mark.parametrize("estimator", [NASClassifier, NASRegressor])
def test_scikit_learns_own_checks(estimator):
    results = check_estimator(estimator(**SMALL), on_fail=None, on_skip=None)
    missed = {r["check_name"]: str(r["exception"]) for r in results if r["status"] != "passed"}
    assert len(results) > 40
    assert missed.keys() <= EXEMPT.keys(), missed


def table(rows=120):
    """A table with a missing number, categories, true and false; the answer depends on each."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "size": rng.normal(50, 10, rows),
            "colour": rng.choice(["red", "green", "blue"], rows),
            "used": rng.random(rows) < 0.5,
        }
    )
    answer = (frame["size"] > 50).to_numpy() ^ (frame["colour"] == "red").to_numpy()
    frame.loc[3, "size"] = np.nan
    return frame, np.where(answer, "yes", "no")


def test_a_table_goes_in_as_it_is():
    X, y = table()
    model = NASClassifier(trials=4, epochs=30, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.85
    assert set(model.predict(X)) == {"yes", "no"}
    assert model.predict_proba(X).shape == (120, 2)
    new = X.head(3).assign(colour="purple")  # unknown: all zeros
    assert np.isfinite(model.predict_proba(new)).all()
    assert len(model.winners_) == 4
    assert model.best_score_ == max(t.score for t in model.trials_)


def every_kind(rows=40):
    """A DataFrame with a column of each kind that pandas has for a table, a cell of each missing."""
    rng = np.random.default_rng(0)
    day = pd.Series(pd.date_range("2020-01-01", periods=rows))
    frame = pd.DataFrame(
        {
            "number": rng.normal(size=rows),
            "whole": pd.array(rng.integers(0, 5, rows), dtype="Int64"),
            "objects": pd.Series(rng.normal(size=rows), dtype=object),
            "day": day,
            "day there": day.dt.tz_localize("Europe/Oslo"),
            "how long": day - day[0],
            "text": pd.array(rng.choice(["a", "b"], rows), dtype="string"),
            "code": pd.Categorical(rng.choice([1, 2], rows)),
            "truth": pd.array(rng.random(rows) < 0.5, dtype="boolean"),
            "mixed": pd.Series([1, "x"] * (rows // 2), dtype=object),
        }
    )
    for place, name in enumerate(frame):
        frame.loc[place, name] = None
    return frame, frame["number"].fillna(1) > 0


def test_every_kind_of_column_goes_in_and_comes_back_from_a_pickle():
    X, y = every_kind()
    model = NASClassifier(**SMALL).fit(X, y)
    inputs = model.encoder_.transform(X)
    assert inputs.shape == (40, 6 + 3 * 4)  # numbers, dates and durations are one input; text has a missing one
    assert np.isfinite(inputs).all()
    days = inputs[:, 3][np.arange(40) != 3]
    assert np.allclose(np.diff(np.diff(days[3:])), 0)  # one day after the other
    later = X.assign(code=X["code"].astype(float), text=None, day=pd.NaT)  # codes as numbers; nothing but missing
    assert np.array_equal(model.encoder_.transform(later)[:, -9:-6], inputs[:, -9:-6])
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.predict_proba(later), model.predict_proba(later))
    with pytest.raises(BadValue, match="column 'whole' holds 'many'; fit found numbers or dates"):
        model.predict(X.assign(whole="many"))
    with pytest.raises(ValueError, match="The feature names should match"):
        model.predict(X[X.columns[::-1]])


def test_many_names_share_an_input():
    X = pd.DataFrame({"name": [f"n{row}" for row in range(300)], "x": np.arange(300)})
    model = NASClassifier(**SMALL).fit(X, X["x"] > 150)
    assert model.encoder_.transform(X).shape == (300, 101)


def test_a_class_of_two_rows_and_an_answer_that_never_varies():
    X, y = load_iris(return_X_y=True)
    assert NASClassifier(**{**SMALL, "folds": None}).fit(X[:102], y[:102]).predict_proba(X).shape == (150, 3)
    assert set(NASRegressor(**SMALL).fit(X, np.full(150, 7.5)).predict(X)) == {7.5}


def test_images_go_in_as_arrays():
    task = nasedu.tasks.load("digits")
    X, y = task.train.X[:200], task.train.y[:200]
    model = NASClassifier(**{**SMALL, "epochs": 8}).fit(X, y)
    assert model.winner_.space.name == "chain-cnn"
    assert model.score(X, y) > 0.3
    with pytest.raises(BadValue, match=r"images of the shape \(1, 4, 8\); expecting \(1, 8, 8\)"):
        model.predict(X[:, :, :4])


def test_under_cross_validation_in_a_pipeline():
    X, y = load_iris(return_X_y=True)
    model = make_pipeline(MinMaxScaler(), NASClassifier(trials=2, epochs=20, ensemble=1, random_state=0))
    assert cross_val_score(model, X, y, cv=2).mean() > 0.8


def test_a_regression_answers_in_its_own_units():
    X, y = make_regression(150, 4, noise=1, random_state=0)
    model = NASRegressor(trials=2, epochs=40, random_state=0).fit(X, 1000 + y)
    assert model.score(X, 1000 + y) > 0.9
    assert 500 < model.predict(X).mean() < 1500


def test_the_same_seed_gives_the_same_model_and_another_one_another():
    X, y = load_iris(return_X_y=True)
    first, again, other = (NASClassifier(**{**SMALL, "random_state": s}).fit(X, y).predict_proba(X) for s in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_time_ends_a_search(monkeypatch):
    clock = iter(range(0, 100_000, 20))
    monkeypatch.setattr("nasedu.estimators.search.time.monotonic", lambda: next(clock))
    X, y = load_iris(return_X_y=True)
    model = NASClassifier(**{**SMALL, "trials": None, "minutes": 1}).fit(X, y)
    assert len(model.trials_) == 8  # a minute of a clock that goes on by 20 seconds at each look: it ends a batch


def test_what_is_refused():
    X, y = load_iris(return_X_y=True)
    for options, match in (
        ({"trials": None}, "a search needs an end: give trials or minutes"),
        ({"minutes": 0}, "minutes is a number above 0"),
        ({"trials": 0}, "trials is a whole number of at least 1"),
        ({"minutes": "1"}, "minutes is a number above 0"),
        ({"epochs": 0}, "epochs is a whole number of at least 1; given 0"),
        ({"folds": 1}, "folds is a whole number of at least 2; given 1"),
        ({"recipe": {"lr": 1}}, "a recipe has no 'lr'; known: optimiser, learning_rate"),
        ({"ensemble": 0}, "ensemble is a whole number"),
        ({"metric": "log_loss"}, "of log_loss lower is better"),
    ):
        with pytest.raises(BadValue, match=match):
            NASClassifier(**{**SMALL, **options}).fit(X, y)
    with pytest.raises(BadValue, match=r"the class np.int64\(1\) has 1 row|the class 1 has 1 row"):
        NASClassifier(**SMALL).fit(X[:51], y[:51])
    with pytest.raises(BadValue, match="y holds NaN or infinity in 1 of 150 rows"):
        NASClassifier(**SMALL).fit(X, np.where(np.arange(150) == 3, None, "a"))
    with pytest.raises(BadValue, match=r"channels last; give X.transpose\(0, 3, 1, 2\)"):
        NASClassifier(**SMALL).fit(np.zeros((10, 8, 8, 3)), np.arange(10) % 2)
    with pytest.raises(BadValue, match="y holds NaN"):
        NASRegressor(**SMALL).fit(X, np.where(np.arange(150) == 3, np.nan, 1.0))


@pytest.mark.parametrize(
    ("rows", "wanted", "folds"), [(150, None, 5), (150, 0, 0), (150, 3, 3), (9, None, 3), (3000, None, 0)]
)
def test_how_a_network_is_scored(rows, wanted, folds):
    X, y = np.random.default_rng(0).random((rows, 2), np.float32), np.arange(rows) % 3
    assert folds_for(task_of(X, y, "classification", "accuracy", 0), wanted) == folds
