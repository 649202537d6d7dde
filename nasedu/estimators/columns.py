"""From a table or images to numbers for a network: scaled numbers, one column of 0 and 1 for each category."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from nasedu.core import BadValue
from nasedu.tasks.table.frames import text_of

MOST_CATEGORIES = 100
"""Inputs that one column becomes at most: the rarest categories share one, or names of persons would be inputs."""

CHANNELS = (1, 3, 4)
"""What no side of an image is as short as: grey, colours, and colours with transparency."""


def make_encoder(X: Any) -> Any:
    """Return an unfitted transformer for a table; missing numbers become the mean, unknown categories all zeros.

    Args:
        X: a DataFrame, whose columns of text, categories or true and false are categories, a missing one included, and
            whose dates become days; an array of numbers; or images, (examples, height, width) or
            (examples, channels, height, width).
    """
    if are_images(X):
        return Pixels()
    numbers = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler())
    if not is_table(X):
        return numbers
    categories = OneHotEncoder(
        handle_unknown="infrequent_if_exist", max_categories=MOST_CATEGORIES, sparse_output=False
    )
    columns = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (categories, make_column_selector(dtype_exclude="number")),
    )
    return make_pipeline(PlainColumns(), columns)


class PlainColumns(TransformerMixin, BaseEstimator):
    """Makes each column of a DataFrame float64, or text with NaN for what is missing.

    Dates and durations become days; dates count from 1970. Objects that are all numbers are numbers. What a column
    became in `fit` it becomes again, also where all its cells are missing.
    """

    def fit(self, X: Any, y: Any = None) -> "PlainColumns":
        """Learn which columns are numbers."""
        self.numbers_ = [str(name) for name, column in X.items() if _numbers(column) is not None]
        return self

    def transform(self, X: Any) -> Any:
        """Return the plain columns, a DataFrame; raise BadValue for text where numbers were."""
        import pandas as pd

        return pd.DataFrame({str(name): self._plain(str(name), column) for name, column in X.items()}, index=X.index)

    def _plain(self, name: str, column: Any) -> Any:
        if name not in self.numbers_:
            return column.astype(object).map(text_of, na_action="ignore").where(column.notna(), np.nan)
        numbers = np.nan * column.isna() if column.isna().all() else _numbers(column)
        if numbers is None:
            raise BadValue(f"column {name!r} holds {column.dropna().iloc[0]!r}; fit found numbers or dates in it")
        return numbers


def _numbers(column: Any) -> Any:
    """Return a column as float64, dates in days; None if it holds no numbers."""
    from pandas.api import types

    column = column.infer_objects() if types.is_object_dtype(column.dtype) else column
    if types.is_datetime64_any_dtype(column.dtype):
        start = np.datetime64("1970-01-01")
        return (column.dt.tz_localize(None) - start).dt.total_seconds() / 86_400
    if types.is_timedelta64_dtype(column.dtype):
        return column.dt.total_seconds() / 86_400
    if types.is_numeric_dtype(column.dtype) and not types.is_bool_dtype(column.dtype):
        return column.astype("float64")
    return None


class Pixels(TransformerMixin, BaseEstimator):
    """Scales images by one mean and one deviation for all pixels; grey images get their one channel."""

    def fit(self, X: Any, y: Any = None) -> "Pixels":
        """Learn the scale from images of one size. Raises BadValue if their channels seem to come last."""
        if X.ndim == 4 and X.shape[3] in CHANNELS and X.shape[1] not in CHANNELS:
            raise BadValue(f"images of the shape {X.shape[1:]} have their channels last; give X.transpose(0, 3, 1, 2)")
        self.shape_ = X.shape[1:]
        self.mean_, self.deviation_ = float(np.mean(X)), float(np.std(X)) or 1.0
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return the scaled images, (examples, channels, height, width)."""
        if X.shape[1:] != self.shape_:
            raise BadValue(f"images of the shape {X.shape[1:]}; expecting {self.shape_}, as those given to fit")
        if not np.isfinite(X).all():
            raise BadValue("images hold NaN or infinity; fill them first")
        scaled = (X - self.mean_) / self.deviation_
        return scaled[:, None] if scaled.ndim == 3 else scaled


def are_images(X: Any) -> bool:
    """Return whether it is an array of more than rows and columns."""
    return getattr(X, "ndim", 0) in (3, 4)


def is_table(X: Any) -> bool:
    """Return whether it is a DataFrame."""
    return hasattr(X, "dtypes") and hasattr(X, "columns")
