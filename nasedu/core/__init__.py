"""Floor 0: the words that every other floor speaks.

Architecture, Evaluation, seeds, errors, registries. Nothing here knows of torch, of a store or of a lesson.
"""

from nasedu.core.architecture import CheckedArchitecture, checked
from nasedu.core.describe import describe
from nasedu.core.errors import (
    BadArchitecture,
    BadValue,
    Exhausted,
    Mismatch,
    MissingExtra,
    NaseduError,
    StoreError,
    StoreHeld,
    UnknownName,
)
from nasedu.core.evaluation import Architecture, Evaluation, Status
from nasedu.core.registry import Registry
from nasedu.core.seeds import derive_seed, rng_from

__all__ = [
    "Architecture",
    "BadArchitecture",
    "BadValue",
    "CheckedArchitecture",
    "Evaluation",
    "Exhausted",
    "Mismatch",
    "MissingExtra",
    "NaseduError",
    "Registry",
    "Status",
    "StoreError",
    "StoreHeld",
    "UnknownName",
    "checked",
    "derive_seed",
    "describe",
    "rng_from",
]
