"""Floor 5: estimators. An architecture search with the face of scikit-learn: `fit`, `predict`, `score`.

- `columns.py`: from a table to numbers, by scikit-learn's own transformers
- `search.py`: the search behind `fit`, and the networks that it leaves
- `nas.py`: `NASClassifier` and `NASRegressor`
"""

from nasedu.estimators.nas import NASClassifier, NASRegressor

__all__ = ["NASClassifier", "NASRegressor"]
