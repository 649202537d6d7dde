"""How well one colour stands out from another, and colours lightened until they do."""

from typing import Any

import numpy as np

VISIBLE, READABLE = 3.0, 4.5
"""The least contrast of a coloured line, and of a text, with its ground, as WCAG 2.1 asks (1.4.11 and 1.4.3)."""


def contrast(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the contrast of colours (..., 3 or 4), from 0 to 1 each, as WCAG 2.1 defines it: from 1 to 21."""
    bright, dim = np.maximum(_luminance(one), _luminance(other)), np.minimum(_luminance(one), _luminance(other))
    return np.asarray((bright + 0.05) / (dim + 0.05))


def lightened(rgb: Any, paper: np.ndarray, least: float = VISIBLE) -> np.ndarray:
    """Return colours (..., 3) mixed with as little white as makes them stand out from dark paper."""
    rgb = np.asarray(rgb, dtype=float)
    while (faint := contrast(rgb, paper) < least).any():
        rgb = np.where(faint[..., None], rgb + 0.05 * (1 - rgb), rgb)
    return rgb


def _luminance(colours: np.ndarray) -> np.ndarray:
    rgb = colours[..., :3]
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]))
