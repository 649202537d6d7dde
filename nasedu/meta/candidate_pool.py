"""What earlier tasks say of architectures that they did not try: a model of each, asked once for a whole pool."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from nasedu.controllers.candidates import Candidates, features, remembered
from nasedu.controllers.gaussian import Gaussian
from nasedu.core import BadValue
from nasedu.core.ranking import normal_scores
from nasedu.meta.learned_map import learned_map
from nasedu.meta.prior import Evidence

MODELS = ("gaussian", "boosting")


class Model(Protocol):
    """Predicts scores, on the scale of one task's own ranks."""

    def predict(self, X: np.ndarray) -> np.ndarray: ...


def fitted(space: Any, evidence: Evidence, model: str, W: np.ndarray | None = None) -> Model:
    """Return a model of one earlier task, fitted to the normal scores of its trials.

    Args:
        W: what the features are multiplied by, (features, features); None for nothing.
    """
    scores = evidence.scores
    X, y = features(space, list(scores)), normal_scores(list(scores.values()))
    X = X if W is None else X @ W
    return Gaussian(X, y) if model == "gaussian" else _boosting(X, y)


def _boosting(X: np.ndarray, y: np.ndarray) -> Model:
    from sklearn.ensemble import GradientBoostingRegressor

    return GradientBoostingRegressor(n_estimators=100, max_depth=3, subsample=0.7, random_state=0).fit(X, y)


class CandidatePool(Candidates):
    """The candidates of a search, and what every earlier task says of them.

    Args:
        space: what is searched.
        evidence: of the earlier tasks; a task without a trial is omitted.
        model: "gaussian" or "boosting".
        seed: what a sample of a large space is drawn from.
        learn: whether the models see features that were learned on all earlier tasks (`learned_map`).

    Attributes:
        W: the learned map, (features, features); None without. `learned` holds X @ W.
        said: what the model of each earlier task predicts, in normal scores, (tasks, members).
    """

    def __init__(
        self, space: Any, evidence: Sequence[Evidence], *, model: str = "gaussian", seed: int = 0, learn: bool = False
    ):
        if model not in MODELS:
            raise BadValue(f"the model of a task is one of {', '.join(MODELS)}; given {model!r}")
        self.evidence = [e for e in evidence if e.trials]
        super().__init__(space, first=[a for e in self.evidence for a in e.scores], seed=seed)
        self.W = learned_map(space, self.evidence) if learn else None
        self.learned = None if self.W is None else self.X @ self.W
        kind = model, None if self.W is None else self.W.tobytes()
        self._models = [
            remembered(space, ("model", e, *kind), lambda e=e: fitted(space, e, model, self.W))  # type: ignore[misc]
            for e in self.evidence
        ]
        models = zip(self.evidence, self._models, strict=True)
        self.said = np.array([self._answer(fit, ("said", e, *kind)) for e, fit in models])

    def _answer(self, fit: Model, key: tuple[Any, ...]) -> np.ndarray:
        """What one earlier task says of every member."""
        Z = self.X if self.learned is None else self.learned
        return remembered(self.space, key, lambda: fit.predict(Z)) if self.whole else fit.predict(Z)

    def grown(self, X: np.ndarray) -> None:
        super().grown(X)
        Z = X if self.W is None else X @ self.W
        if self.learned is not None:
            self.learned = np.vstack([self.learned, Z])
        self.said = np.hstack([self.said, [fit.predict(Z) for fit in self._models]])
