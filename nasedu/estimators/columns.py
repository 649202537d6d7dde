"""From a table or images to numbers for a network: scaled numbers, one column of 0 and 1 for each category."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from nasedu.core import BadValue


def make_encoder(X: Any) -> Any:
    """Return an unfitted transformer for a table; missing numbers become the mean, unknown categories all zeros.

    Args:
        X: a DataFrame, whose columns of text, categories or true and false are categories; an array of numbers; or
            images, (examples, height, width) or (examples, channels, height, width).
    """
    if are_images(X):
        return Pixels()
    numbers = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler())
    if not is_table(X):
        return numbers
    categories = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (categories, make_column_selector(dtype_exclude="number")),
    )


class Pixels(TransformerMixin, BaseEstimator):
    """Scales images by one mean and one deviation for all pixels; grey images get their one channel."""

    def fit(self, X: Any, y: Any = None) -> "Pixels":
        """Learn the scale from images of one size."""
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
    """Return whether it is a DataFrame with columns that are no numbers."""
    from pandas.api.types import is_numeric_dtype

    return hasattr(X, "dtypes") and not all(map(is_numeric_dtype, X.dtypes))
