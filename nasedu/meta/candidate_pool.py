"""What earlier tasks say of architectures that they did not try: a model of each, asked once for a whole pool."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from nasedu.core import Architecture, BadValue, rng_from
from nasedu.controllers.gaussian import Gaussian
from nasedu.meta.prior import Evidence
from nasedu.meta.ranking import normal_scores

MODELS = ("gaussian", "boosting")
KEPT = 64
"""Fitted models that a space remembers: a prior is opened many times over the same evidence."""
LARGEST = 40_000
"""Spaces up to this size are looked at as a whole; of larger ones a sample of `SAMPLED`."""
SAMPLED = 4_000


class Model(Protocol):
    """Predicts scores, on the scale of one task's own ranks."""

    def predict(self, X: np.ndarray) -> np.ndarray: ...


def features(space: Any, architectures: Sequence[Architecture]) -> np.ndarray:
    """Return architectures as vectors for a model: (architectures, features).

    Each vector holds `space.encode`, which says what stands where, and then how often each choice occurs. In walks of
    different length the same layer stands in different places. Both parts are scaled so that two random rows are at a
    distance of about 1.
    """
    column, longest = space.vocabulary()
    counts = np.zeros((len(architectures), len(column)))
    for row, architecture in enumerate(architectures):
        for choice in architecture:
            counts[row, column[choice]] += 1
    encoded = np.array([space.encode(architecture) for architecture in architectures], dtype=float)
    return np.hstack([encoded / np.sqrt(4 * longest), counts / (2 * longest)])


def remembered(space: Any, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
    """Return what `make` gives, and let the space remember it: a prior is opened many times over the same evidence.

    Args:
        key: what it is, and everything that it depends on.
    """
    kept: OrderedDict[Any, Any] = space.cached(("remembered", key[0]), OrderedDict)
    if key not in kept:
        kept[key] = make()
        if len(kept) > KEPT:
            kept.popitem(last=False)
    return kept[key]


def fitted(space: Any, evidence: Evidence, model: str) -> Model:
    """Return a model of one earlier task, fitted to the normal scores of its trials."""
    scores = evidence.scores
    X, y = features(space, list(scores)), normal_scores(list(scores.values()))
    return Gaussian(X, y) if model == "gaussian" else _boosting(X, y)


def _boosting(X: np.ndarray, y: np.ndarray) -> Model:
    from sklearn.ensemble import GradientBoostingRegressor

    return GradientBoostingRegressor(n_estimators=100, max_depth=3, subsample=0.7, random_state=0).fit(X, y)


class CandidatePool:
    """The architectures among which a model chooses, with their features and what every earlier task says of them.

    All members of a space that is small enough, one of each kind (`space.canonical`); otherwise a sample, and what
    the earlier tasks tried. It can grow.

    Args:
        space: what is searched.
        evidence: of the earlier tasks; a task without a trial is omitted.
        model: "gaussian" or "boosting".
        seed: what the sample is drawn from.

    Attributes:
        architectures, places: the members in order, and where each of them stands; one that builds the same function
            as a member stands where that stands.
        X: their features, (members, features).
        said: what the model of each earlier task predicts, in normal scores, (tasks, members).
    """

    def __init__(self, space: Any, evidence: Sequence[Evidence], *, model: str = "gaussian", seed: int = 0):
        if model not in MODELS:
            raise BadValue(f"the model of a task is one of {', '.join(MODELS)}; given {model!r}")
        self.space = space
        self.evidence = [e for e in evidence if e.trials]
        self.whole = space.size() <= LARGEST
        self._models = [
            remembered(space, ("model", e, model), lambda e=e: fitted(space, e, model))  # type: ignore[misc]
            for e in self.evidence
        ]
        if self.whole:  # shared by all pools: nothing is ever added to a whole space
            self.architectures, self.places, self.X = remembered(space, ("members",), lambda: self._members(seed))
        else:
            self.architectures, self.places, self.X = self._members(seed)
        self.said = np.array([self._answer(e, fit, model) for e, fit in zip(self.evidence, self._models, strict=True)])

    def _answer(self, evidence: Evidence, fit: Model, model: str) -> np.ndarray:
        """What one earlier task says of every member."""
        if not self.whole:
            return fit.predict(self.X)
        return remembered(self.space, ("said", evidence, model), lambda: fit.predict(self.X))

    def _members(self, seed: int) -> tuple[list[Architecture], dict[Architecture, int], np.ndarray]:
        places: dict[Architecture, int] = {}
        members: list[Architecture] = []
        for architecture in self.space.enumerate() if self.whole else self._sample(seed):
            canonical = self.space.canonical(architecture)
            if canonical not in places:
                places[canonical] = len(members)
                members.append(architecture)
            places[architecture] = places[canonical]
        return members, places, features(self.space, members)

    def _sample(self, seed: int) -> Iterator[Architecture]:
        for evidence in self.evidence:
            yield from evidence.scores
        rng = rng_from(seed, "nasedu.meta", "pool")
        for _ in range(SAMPLED):
            yield self.space.sample(rng)

    def place(self, architecture: Architecture) -> int:
        """Return the place of an architecture; one that is not in a sampled pool yet is added."""
        if architecture not in self.places:
            canonical = self.space.canonical(architecture)
            if canonical not in self.places:
                self.add([architecture])
            self.places[architecture] = self.places[canonical]
        return self.places[architecture]

    def add(self, architectures: Sequence[Architecture]) -> None:
        """Add members; an architecture that is a member already changes nothing."""
        new: dict[Architecture, Architecture] = {}
        for architecture in architectures:
            canonical = self.space.canonical(architecture)
            if canonical not in self.places:
                new.setdefault(canonical, architecture)
        if not new:
            return
        for canonical, architecture in new.items():
            self.places[canonical] = self.places[architecture] = len(self.architectures)
            self.architectures.append(architecture)
        X = features(self.space, list(new.values()))
        self.X = np.vstack([self.X, X])
        self.said = np.hstack([self.said, [fit.predict(X) for fit in self._models]])
