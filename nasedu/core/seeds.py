"""Randomness comes in as a seed and lives in a generator of its own; nothing here touches global state."""

import hashlib

import numpy as np


def derive_seed(seed: int, *names: object) -> int:
    """A new seed from a seed and the names of what it is for.

    Different names give unrelated seeds, the same names always the same one, on every machine:
    `derive_seed(0, "weights")` and `derive_seed(0, "order of the data")` share nothing but their origin.

    Returns:
        A whole number from 0 to 2**63 - 1 (the range that both numpy and torch accept).
    """
    text = repr((int(seed), *map(str, names))).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") >> 1


def rng_from(seed: int, *names: object) -> np.random.Generator:
    """A numpy generator for the seed and the names of what it is for (see `derive_seed`)."""
    return np.random.default_rng(derive_seed(seed, *names))
