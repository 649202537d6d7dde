"""What simple models reach on the split of a search: so that everybody sees whether the search was worth it."""

import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nasedu.core import counted, rng_from
from nasedu.tasks.base import Split, Task

MOST_EXAMPLES = 5_000
"""That a rival is trained on; of more, a random part."""

MOST_FEATURES = 1_024
"""That a rival sees; the pixels of a larger image are averaged in blocks."""

TREES = 200
"""Of a random forest."""

FOLDS = 3
"""Of the cross-validation that chooses the penalty of a linear model."""


@dataclass(frozen=True)
class Rival:
    """A simple model that was trained on training and validation examples, and answered the test examples.

    Attributes:
        name: such as "random forest".
        trivial: whether it ignores its inputs.
        outputs: for each test example, (examples, outputs); for classification 1 for the class that it answers.
        seconds: of its training, the choice of its penalty included.
    """

    name: str
    trivial: bool
    outputs: np.ndarray
    seconds: float


@dataclass(frozen=True)
class Rivals:
    """The rivals of a search.

    Attributes:
        trained: one for each kind of model.
        notes: a sentence on everything that was made smaller for them.
    """

    trained: tuple[Rival, ...]
    notes: tuple[str, ...]


def rivals_of(task: Task, seed: int = 0) -> Rivals:
    """Train the rivals on the training and validation examples of a task; their test answers are reported once.

    Nothing is chosen by these answers. All models have the defaults of scikit-learn, but for the penalty of the linear
    model, which a cross-validation on the training examples chooses, and 200 trees.

    Args:
        task: a classification or a regression, of inputs of any shape.
        seed: of the models, and of the examples that are taken if there are too many.
    """
    both, test = task.reveal_test()
    notes: list[str] = []
    X, X_test, smaller = _flat(both.X, test.X)
    if smaller:
        notes.append(smaller)
    y = both.y
    if len(X) > MOST_EXAMPLES:
        kept = rng_from(seed, "rivals").permutation(len(X))[:MOST_EXAMPLES]
        whole = counted(len(X), "example")
        notes.append(f"Simple models were trained on {MOST_EXAMPLES:,} of the {whole}, drawn at random.")
        X, y = X[kept], y[kept]
    classes = task.kind == "classification"
    models = _classifiers(y, seed) if classes else _regressors(task.outputs, seed)
    target = y if classes or task.outputs > 1 else y[:, 0]
    trained = []
    for place, (name, model) in enumerate(models):
        begun = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a solver that stops early: its answer is tested like any other
            model.fit(X, target)
        seconds = time.perf_counter() - begun
        answers = model.predict(X_test)
        outputs = np.eye(task.outputs)[answers] if classes else answers.reshape(len(X_test), task.outputs)
        trained.append(Rival(name, place == 0, outputs.astype(np.float64), seconds))
    return Rivals(tuple(trained), tuple(notes))


def _classifiers(y: np.ndarray, seed: int) -> Iterator[tuple[str, Any]]:
    from sklearn.dummy import DummyClassifier
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, StratifiedKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    yield "the most frequent class", DummyClassifier(strategy="most_frequent")
    linear = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    folds = min(FOLDS, int(np.unique(y, return_counts=True)[1].min()))
    if folds > 1:
        grid = {"logisticregression__C": [0.01, 0.1, 1, 10]}
        linear = GridSearchCV(linear, grid, cv=StratifiedKFold(folds, shuffle=True, random_state=seed))
    yield "logistic regression", linear
    yield "random forest", RandomForestClassifier(TREES, random_state=seed)
    yield "gradient boosting", HistGradientBoostingClassifier(random_state=seed)


def _regressors(outputs: int, seed: int) -> Iterator[tuple[str, Any]]:
    from sklearn.dummy import DummyRegressor
    from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
    from sklearn.linear_model import RidgeCV
    from sklearn.multioutput import MultiOutputRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    boosting = HistGradientBoostingRegressor(random_state=seed)
    yield "the mean answer", DummyRegressor()
    yield "ridge regression", make_pipeline(StandardScaler(), RidgeCV(np.logspace(-3, 4, 15)))
    yield "random forest", RandomForestRegressor(TREES, random_state=seed)
    yield "gradient boosting", boosting if outputs == 1 else MultiOutputRegressor(boosting)


def _flat(X: np.ndarray, X_test: np.ndarray) -> tuple[np.ndarray, np.ndarray, str]:
    """Return the examples as rows of numbers, and a sentence if large images were made smaller for that."""
    said = ""
    if X.ndim == 4 and X[0].size > MOST_FEATURES:
        channels, height, width = X.shape[1:]
        block = next(b for b in range(2, X[0].size) if channels * (height // b) * (width // b) <= MOST_FEATURES)
        block = min(block, height, width)
        X, X_test = (averaged(images, block) for images in (X, X_test))
        size = f"{X.shape[2]} × {X.shape[3]}"
        said = f"Simple models see each image at {size} pixels: blocks of {block} × {block} are averaged."
    return X.reshape(len(X), -1), X_test.reshape(len(X_test), -1), said


def averaged(images: np.ndarray, block: int) -> np.ndarray:
    """Return images (examples, channels, height, width) with one pixel for each block; a part of a block is cut."""
    count, channels, height, width = images.shape
    rows, columns = height // block, width // block
    cut = images[:, :, : rows * block, : columns * block]
    return cut.reshape(count, channels, rows, block, columns, block).mean((3, 5))


def split_sizes(task: Task) -> dict[str, int]:
    """Return how many examples each split has, by its name."""
    splits: dict[str, Split | Any] = {"training": task.train.y, "validation": task.validation.y, "test": task.test}
    return {name: len(split) for name, split in splits.items()}
