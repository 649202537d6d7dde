"""Is it any good? One minute of `NASClassifier` or `NASRegressor` against what people use, on seven small sets.

Five outer splits of each set, the same for every rival; a fifth of the rows is tested, once. The neural rivals are
scikit-learn's network as it comes, and Optuna tuning it for the same minute. Scores: accuracy, or R2.
"""

import time
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sklearn import datasets
from sklearn.base import clone
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegressionCV, RidgeCV
from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit, cross_val_score
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from nasedu import NASClassifier, NASRegressor, tasks
from nasedu.tasks.base import splits_of
from tests.benchmarks.row import Row, mean_and_error

MINUTES = 1.0
SPLITS = 5
NEURAL = ("MLP as it comes", "Optuna tuning an MLP")


def measure() -> list[Row]:
    rows = []
    for name, load in SETS.items():
        X, y = load()
        scores = scores_of(X, y)
        measured = "; ".join(f"{rival} {mean_and_error(values)}" for rival, values in scores.items())
        gap = lead(scores)
        kept = bool(gap.mean() + 1.96 * gap.std(ddof=1) / np.sqrt(len(gap)) >= 0)
        promised = "not worse than the best neural rival by more than its interval"
        measured += f". Against the best neural rival: {spread(gap)}"
        rows.append(Row(f"{name} {X.shape}", promised, measured, kept))
    return rows + ensembles()


def ensembles() -> list[Row]:
    """Return what five networks together are worth against the best one alone, after the same search of 20 trials."""
    rows = []
    for name, load in SETS.items():
        X, y = load()
        gaps = []
        for seed, (train, test) in enumerate(splits(X, y)):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = search_of(y, seed, trials=20).fit(X[train], y[train])
            together = model.score(X[test], y[test])
            model.winners_ = model.winners_[:1]
            gaps.append(together - model.score(X[test], y[test]))
        rows.append(Row(f"{name}: five networks against the best alone, 20 trials", "", spread(np.array(gaps))))
    return rows


def lead(scores: dict[str, list[float]]) -> np.ndarray:
    """Return by how much the search is ahead of the neural rival with the best mean, split by split."""
    best = max(NEURAL, key=lambda rival: np.mean(scores[rival]))
    return np.subtract(scores["nasedu"], scores[best])


def spread(gap: np.ndarray) -> str:
    return f"{gap.mean():+.3f} ± {1.96 * gap.std(ddof=1) / np.sqrt(len(gap)):.3f} (95%)"


def scores_of(X: np.ndarray, y: np.ndarray) -> dict[str, list[float]]:
    """Return the test scores of every rival, one for each outer split."""
    found: dict[str, list[float]] = {}
    for seed, (train, test) in enumerate(splits(X, y)):
        for rival, fit in rivals(y, seed).items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found.setdefault(rival, []).append(float(fit(X[train], y[train]).score(X[test], y[test])))
    return found


def splits(X: np.ndarray, y: np.ndarray):
    """Return the places of the rows to fit and to test, for each outer split."""
    splitter = (ShuffleSplit if is_regression(y) else StratifiedShuffleSplit)(SPLITS, test_size=0.2, random_state=0)
    return splitter.split(X, y)


def is_regression(y: np.ndarray) -> bool:
    return y.dtype.kind == "f"


def search_of(y: np.ndarray, seed: int, **budget):
    return (NASRegressor if is_regression(y) else NASClassifier)(random_state=seed, **budget)


def rivals(y: np.ndarray, seed: int) -> dict:
    """Return what fits a model to (X, y), by name."""
    regression = is_regression(y)
    line = RidgeCV(np.logspace(-3, 3, 13)) if regression else LogisticRegressionCV(max_iter=5000)
    forest = (RandomForestRegressor if regression else RandomForestClassifier)(random_state=seed)
    boosting = (HistGradientBoostingRegressor if regression else HistGradientBoostingClassifier)(random_state=seed)
    network = (MLPRegressor if regression else MLPClassifier)(random_state=seed, max_iter=1000)
    flat = {
        "ridge" if regression else "logistic regression": make_pipeline(StandardScaler(), line),
        "random forest": forest,
        "gradient boosting": boosting,
        NEURAL[0]: make_pipeline(StandardScaler(), network),
    }
    flatten = FunctionTransformer(lambda X: X.reshape(len(X), -1))
    return {
        "nasedu": search_of(y, seed, trials=None, minutes=MINUTES).fit,
        **{name: make_pipeline(flatten, model).fit for name, model in flat.items()},
        NEURAL[1]: lambda X, y: tuned(make_pipeline(flatten, StandardScaler(), network), X, y, seed),
    }


def tuned(pipeline, X, y, seed):
    """Return the pipeline with the network that Optuna found in the same time, fitted to all rows."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    last = pipeline.steps[-1][0]

    def suggested(trial):
        sizes = [
            trial.suggest_categorical(f"width{n}", [16, 32, 64, 128]) for n in range(trial.suggest_int("layers", 1, 3))
        ]
        fields = {
            "hidden_layer_sizes": tuple(sizes),
            "activation": trial.suggest_categorical("activation", ["relu", "tanh"]),
            "alpha": trial.suggest_float("alpha", 1e-5, 10, log=True),
            "learning_rate_init": trial.suggest_float("rate", 1e-4, 1e-2, log=True),
        }
        return clone(pipeline).set_params(**{f"{last}__{name}": value for name, value in fields.items()})

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(lambda trial: cross_val_score(suggested(trial), X, y, cv=5).mean(), timeout=60 * MINUTES)
    return suggested(study.best_trial).fit(X, y)


# ---------------------------------------------------------------------- the sets


def of_scikit_learn(name: str):
    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    return X, y


def digits_as_files():
    """Return scikit-learn's digits as nasedu reads them from a folder of PNG."""
    from PIL import Image

    X, y = datasets.load_digits(return_X_y=True)
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # copies are left out
        for place, (pixels, label) in enumerate(zip(X, y, strict=True)):
            file = Path(folder) / str(label) / f"{place}.png"
            file.parent.mkdir(exist_ok=True)
            Image.fromarray((pixels.reshape(8, 8) * 15.9).astype(np.uint8)).save(file)
        return everything(tasks.load(f"folder/{folder}"))


def everything(task):
    splits = splits_of(task).values()
    return np.concatenate([split.X for split in splits]), np.concatenate([split.y for split in splits])


def letters():
    """Return the Greek letters of matplotlib's fonts."""
    return everything(tasks.load("glyphs/greek"))


def ocean():
    """Return the height of the land, or the depth of the sea, at 1,000 places: a sample of matplotlib's."""
    from matplotlib.cbook import get_sample_data

    sample = get_sample_data("topobathy.npz")
    places = np.random.default_rng(0).choice(sample["topo"].size, 1000, replace=False)
    rows, columns = np.unravel_index(places, sample["topo"].shape)
    X = np.stack([sample["longitude"][columns], sample["latitude"][rows]], axis=1)
    return X.astype(float), sample["topo"][rows, columns].astype(float)


SETS = {
    "breast_cancer": lambda: of_scikit_learn("breast_cancer"),
    "wine": lambda: of_scikit_learn("wine"),
    "iris": lambda: of_scikit_learn("iris"),
    "diabetes": lambda: of_scikit_learn("diabetes"),
    "digits, a folder of PNG": digits_as_files,
    "Greek letters (matplotlib's fonts)": letters,
    "heights and depths (matplotlib's sample)": ocean,
}

if __name__ == "__main__":
    start = time.perf_counter()
    for row in measure():
        print(row.markdown(), flush=True)
    print(f"{time.perf_counter() - start:.0f} s")
