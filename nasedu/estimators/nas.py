"""`NASClassifier` and `NASRegressor`: an architecture search as one estimator of scikit-learn."""

import copy
from numbers import Real
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets, unique_labels
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from nasedu.core import BadValue, check_counts
from nasedu.estimators.columns import are_images, is_table, make_encoder
from nasedu.estimators.search import RECIPE, SearchOptions, search, task_of
from nasedu.trainers.recipe import Recipe


class _NAS(BaseEstimator):
    """What both estimators share. Arguments: see `NASClassifier`."""

    encoder_: Any

    def __init__(
        self,
        *,
        space: Any = None,
        controller: str = "regularized-evolution",
        trials: int | None = 40,
        minutes: float | None = None,
        epochs: int | None = None,
        folds: int | None = None,
        ensemble: int = 5,
        metric: str | None = None,
        recipe: dict[str, Any] | None = None,
        random_state: Any = None,
    ):
        self.space = space
        self.controller = controller
        self.trials = trials
        self.minutes = minutes
        self.epochs = epochs
        self.folds = folds
        self.ensemble = ensemble
        self.metric = metric
        self.recipe = recipe
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.non_deterministic = False
        return tags

    # ------------------------------------------------------------------ fitting

    def _search(self, X: np.ndarray, y: np.ndarray, kind: str, metric: str) -> None:
        options = self._options(images=X.ndim > 2)
        task = task_of(X, y, kind, self.metric or metric, options.seed)
        self.trials_, self.winners_ = search(task, options)
        self.winner_ = self.winners_[0]
        self.best_architecture_ = self.winner_.architecture
        self.best_score_ = self.winner_.chosen.score

    def _options(self, images: bool) -> SearchOptions:
        whole = {name: _plain(getattr(self, name)) for name in ("trials", "epochs", "folds", "ensemble")}
        whole["epochs"] = (20 if images else 40) if whole["epochs"] is None else whole["epochs"]
        check_counts(epochs=whole["epochs"], ensemble=whole["ensemble"])
        if whole["trials"] is not None:
            check_counts(trials=whole["trials"])
        if self.minutes is not None and not (isinstance(self.minutes, Real) and self.minutes > 0):
            raise BadValue(f"minutes is a number above 0, or None; given {self.minutes!r}")
        if self.trials is None and self.minutes is None:
            raise BadValue("a search needs an end: give trials or minutes")
        if whole["folds"] not in (None, 0):
            check_counts(2, folds=whole["folds"])
        generator, seed = check_random_state(self.random_state), self.random_state
        if not isinstance(seed, int | np.integer):
            seed = generator.randint(2**31 - 1)
        return SearchOptions(
            space=self.space,
            controller=self.controller,
            minutes=self.minutes,
            **whole,
            recipe=_recipe(self.recipe or {}),
            seed=int(seed),
        )

    def _inputs(self, X: Any, *, fit: bool = False) -> np.ndarray:
        """Return a table as numbers, float32 (examples, features); `fit` learns how."""
        import pandas as pd

        table = is_table(X) if fit else "plaincolumns" in getattr(self.encoder_, "named_steps", ())
        if table:
            validate_data(self, X, reset=fit, skip_check_array=True)
            X = X if is_table(X) else pd.DataFrame(X, columns=self.feature_names_in_)
        else:
            least, nd = (2 if fit else 1), are_images(X)
            kept: dict[str, Any] = {"dtype": np.float64, "ensure_all_finite": "allow-nan"}
            X = validate_data(self, X, reset=fit, ensure_min_samples=least, allow_nd=nd, **kept)
        if fit:
            self.encoder_ = make_encoder(X).fit(X)
        return self.encoder_.transform(X).astype(np.float32)

    def _outputs(self, X: Any) -> list[np.ndarray]:
        """Return the outputs of each network, float64 (examples, outputs)."""
        check_is_fitted(self)
        inputs = self._inputs(X)
        return [_in_double(winner.module, inputs) for winner in self.winners_]


class NASClassifier(ClassifierMixin, _NAS):
    """Searches for a network that classifies the rows of a table; then predicts with the best few.

        model = NASClassifier(minutes=1).fit(X, y)      # X: a DataFrame or an array
        model.predict_proba(new), model.score(X_test, y_test), model.best_architecture_

    Each candidate is scored by cross-validation on the rows given to `fit`. The best few are trained again on all of
    them, and the mean of their probabilities is the prediction. Nothing is tested: that is for `cross_val_score`.

    Args:
        space: the search space, by name or made for the encoded columns; None for "mlp", or "chain-cnn" for images.
        controller: who chooses, by name.
        trials: networks to try; None for no limit.
        minutes: time for everything; None for no limit. A batch of networks that has begun is trained to its end.
        epochs: passes over the rows for each network; None for 40, or 20 for images.
        folds: of the cross-validation; 0 for one validation split; None for 5 folds up to 2,000 rows of a table, and 0
            for more rows or images.
        ensemble: how many of the best networks predict together; 1 for the best alone.
        metric: what the search makes large; by default accuracy, or R2.
        recipe: fields of `nasedu.trainers.Recipe` that differ from `nasedu.estimators.search.RECIPE`.
        random_state: a seed, or scikit-learn's other ways to say it.

    Attributes:
        classes_: the classes, sorted.
        trials_: every trial of the search, in order.
        winners_, winner_: the networks (`nasedu.Winner`), the best first; and the best. They take encoded columns.
        best_architecture_, best_score_: of the best, its cross-validated score.
        encoder_: the fitted transformer from columns to inputs.

    Raises:
        BadValue: a budget that is no number above 0, a class with a single row, or a missing answer.
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Search for networks that tell `y` from `X`: shapes (rows,) and (rows, columns), or images."""
        inputs = self._inputs(X, fit=True)
        y = column_or_1d(y, warn=True)
        _check_rows(inputs, y)
        _check_answers(y)
        check_classification_targets(y)
        self.classes_ = unique_labels(y)
        numbers = np.searchsorted(self.classes_, y).astype(np.int64)
        counts = np.bincount(numbers)
        if len(counts) < 2:
            raise BadValue(f"NASClassifier needs at least 2 classes; given one class: {self.classes_[0]!r}")
        if counts.min() < 2:
            rare = self.classes_[counts.argmin()]
            raise BadValue(f"the class {rare!r} has 1 row; at least 2 are needed: one to train on, one to validate on")
        self._search(inputs, numbers, "classification", "accuracy")
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class, float64 (rows, classes): the mean over the networks."""
        every = [np.exp(outputs - outputs.max(1, keepdims=True)) for outputs in self._outputs(X)]
        return np.mean([powers / powers.sum(1, keepdims=True) for powers in every], axis=0)

    def predict(self, X: Any) -> np.ndarray:
        """Return the likeliest class of each row, (rows,)."""
        best = self.predict_proba(X).argmax(1)
        return self.classes_[best]


class NASRegressor(RegressorMixin, _NAS):
    """Searches for a network that predicts a number from the rows of a table; then predicts with the best few.

    Arguments and attributes: see `NASClassifier`. The default metric is R2.
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Search for networks that tell the numbers `y` from `X`: shapes (rows,) and (rows, columns)."""
        inputs = self._inputs(X, fit=True)
        y = column_or_1d(y, warn=True).astype(np.float64)
        _check_rows(inputs, y)
        _check_answers(y)
        self.mean_, self.deviation_ = float(y.mean()), float(y.std())
        self._search(
            inputs, ((y - self.mean_) / (self.deviation_ or 1.0)).astype(np.float32)[:, None], "regression", "r2"
        )
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the predicted number of each row, float64 (rows,): the mean over the networks."""
        scaled = np.mean([outputs[:, 0] for outputs in self._outputs(X)], axis=0)
        return scaled * self.deviation_ + self.mean_


def _plain(count: Any) -> Any:
    """Return numpy's whole numbers as Python's, since the grids of scikit-learn's searches hold them."""
    return int(count) if isinstance(count, np.integer) else count


def _recipe(changes: dict[str, Any]) -> Recipe:
    known = vars(RECIPE)
    unknown = [repr(name) for name in changes if name not in known]
    if unknown:
        raise BadValue(f"a recipe has no {', '.join(unknown)}; known: {', '.join(known)}")
    return Recipe(**{**known, **changes})


def _check_rows(X: np.ndarray, y: np.ndarray) -> None:
    if len(X) != len(y):
        raise BadValue(f"X has {len(X)} rows and y has {len(y)}; each row needs one answer")
    if len(y) < 4:
        raise BadValue(f"Found array with {len(y)} sample(s): at least 4 are needed, to train on and to validate on")


def _check_answers(y: np.ndarray) -> None:
    import pandas as pd

    gone = int((~np.isfinite(y) if y.dtype.kind == "f" else pd.isna(y)).sum())
    if gone:
        raise BadValue(f"y holds NaN or infinity in {gone} of {len(y)} rows; remove these rows first")


def _in_double(module: Any, inputs: np.ndarray) -> np.ndarray:
    """Return a network's outputs in double precision: the same for a row alone as for the row among others."""
    import torch

    with torch.no_grad():
        return copy.deepcopy(module).double()(torch.from_numpy(inputs).double()).numpy()
