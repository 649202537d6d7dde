"""A map of things of which only the distances are known."""

import numpy as np

from nasedu.core import BadValue

STEPS = 200


def embed(distances: np.ndarray) -> np.ndarray:
    """Places on a plane that are about as far from each other as they should be: multidimensional scaling.

    Classical scaling (Torgerson, "Multidimensional Scaling: I. Theory and Method", Psychometrika 1952) says where to
    begin; majorisation (SMACOF; Borg and Groenen, "Modern Multidimensional Scaling", 2005, section 8.6) lowers the sum
    of squared errors of the distances from there, step by step. Nothing is drawn at random. Lesson 15.

    Args:
        distances: symmetric, 0 on the diagonal, (things, things), things at least 1.

    Returns:
        (things, 2), around 0; directions mean nothing, only distances do.

    Raises:
        BadValue: not square, not symmetric, negative, or not finite.
    """
    wanted = np.asarray(distances, dtype=float)
    square = wanted.ndim == 2 and wanted.shape[0] == wanted.shape[1] >= 1
    if not square or not np.isfinite(wanted).all() or (wanted < 0).any() or not np.allclose(wanted, wanted.T):
        raise BadValue(f"distances are a symmetric square matrix of numbers of at least 0; given one of {wanted.shape}")
    places = classical(wanted)
    for _ in range(STEPS):
        places = guttman(wanted, places)
    return places


def classical(distances: np.ndarray) -> np.ndarray:
    """Torgerson's places, (things, 2): the two main directions of the doubly centred squares."""
    count = len(distances)
    centring = np.eye(count) - 1 / count
    values, vectors = np.linalg.eigh(-centring @ distances**2 @ centring / 2)
    order = np.argsort(-values)[:2]
    places = np.zeros((count, 2))
    places[:, : len(order)] = vectors[:, order] * np.sqrt(np.maximum(values[order], 0))
    signs = np.sign(places[np.abs(places).argmax(axis=0), [0, 1]])  # eigenvectors have no sign of their own
    return places * np.where(signs == 0, 1, signs)


def guttman(wanted: np.ndarray, places: np.ndarray) -> np.ndarray:
    """One step of majorisation, Guttman's transform: the error of no step is larger than that of the one before."""
    ratios = -wanted / np.maximum(apart(places), 1e-12)
    np.fill_diagonal(ratios, 0)
    np.fill_diagonal(ratios, -ratios.sum(axis=1))
    return ratios @ places / len(places)


def apart(places: np.ndarray) -> np.ndarray:
    """The distances of places from each other, (things, things)."""
    return np.sqrt(((places[:, None] - places[None, :]) ** 2).sum(axis=2))


def stress(distances: np.ndarray, places: np.ndarray) -> float:
    """How wrong a map is: Kruskal's stress, 0 for a perfect one; 0.1 is fair, 0.2 poor (Psychometrika 1964)."""
    wrong = ((apart(places) - distances) ** 2).sum()
    return float(np.sqrt(wrong / max(float((distances**2).sum()), 1e-12)))
