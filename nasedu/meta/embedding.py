"""A map of things of which only the distances are known."""

import numpy as np

from nasedu.core import BadValue

STEPS = 200


def embed(distances: np.ndarray) -> np.ndarray:
    """Return places on a plane that are about as far from each other as they should be: multidimensional scaling.

    Classical scaling (Torgerson, "Multidimensional Scaling: I. Theory and Method", Psychometrika 1952) says where to
    begin; scikit-learn's majorisation (SMACOF; Borg and Groenen, "Modern Multidimensional Scaling", 2005, section 8.6)
    lowers the sum of squared errors of the distances from there, step by step. Nothing is drawn at random. Lesson 15.

    Args:
        distances: symmetric, 0 on the diagonal, (things, things), things at least 1.

    Returns:
        (things, 2), around 0; directions mean nothing, only distances do.

    Raises:
        BadValue: not square, not symmetric, negative, or not finite.
    """
    from sklearn.manifold import smacof

    wanted = np.asarray(distances, dtype=float)
    square = wanted.ndim == 2 and wanted.shape[0] == wanted.shape[1] >= 1
    if not square or not np.isfinite(wanted).all() or (wanted < 0).any() or not np.allclose(wanted, wanted.T):
        raise BadValue(f"distances are a symmetric square matrix of numbers of at least 0; given one of {wanted.shape}")
    wanted = (wanted + wanted.T) / 2  # scikit-learn tolerates less
    with np.errstate(invalid="ignore"):  # where all things are in one place, it divides 0 by 0 to see whether to stop
        places, _ = smacof(wanted, init=classical(wanted), n_init=1, max_iter=STEPS, eps=0)
    return places


def classical(distances: np.ndarray) -> np.ndarray:
    """Return Torgerson's places, (things, 2): the two main directions of the doubly centred squares.

    scikit-learn's `ClassicalMDS` (from 1.8) gives NaN where things lie on one line or in one place.
    """
    count = len(distances)
    centring = np.eye(count) - 1 / count
    values, vectors = np.linalg.eigh(-centring @ distances**2 @ centring / 2)
    order = np.argsort(-values, kind="stable")[:2]
    places = np.zeros((count, 2))
    places[:, : len(order)] = vectors[:, order] * np.sqrt(np.maximum(values[order], 0))
    signs = np.sign(places[np.abs(places).argmax(axis=0), [0, 1]])  # eigenvectors have no sign of their own
    return places * np.where(signs == 0, 1, signs)
