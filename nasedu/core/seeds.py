"""Seeds and random generators: each use has its own generator, and no global state changes."""

import hashlib

import numpy as np


def derive_seed(seed: int, *names: object) -> int:
    """Return a new seed, derived from a seed and the names of its use.

    Different names give independent seeds, such as `derive_seed(0, "weights")` and `derive_seed(0, "data order")`.
    The same names give the same seed on every machine.

    Returns:
        A whole number from 0 to 2**63 - 1 (both numpy and torch accept this range).
    """
    text = repr((int(seed), *map(str, names))).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") >> 1


def rng_from(seed: int, *names: object) -> np.random.Generator:
    """Return a numpy generator for the seed and the names of its use (see `derive_seed`)."""

    return np.random.default_rng(derive_seed(seed, *names))
