"""Floor 0: what every other floor uses: Architecture, Evaluation, seeds, errors and registries.

Nothing here imports torch, a store or a lesson.
"""

from nasedu.core.architecture import CheckedArchitecture, checked
from nasedu.core.checks import check_counts
from nasedu.core.describe import describe
from nasedu.core.errors import (
    BadArchitecture,
    BadValue,
    Exhausted,
    Mismatch,
    MissingExtra,
    NaseduError,
    NoTest,
    StoreError,
    StoreHeld,
    UnknownName,
)
from nasedu.core.evaluation import Architecture, Evaluation, Status, best_first
from nasedu.core.extras import check_extra, import_extra
from nasedu.core.registry import Registry
from nasedu.core.seeds import derive_seed, rng_from
from nasedu.core.suggest import did_you_mean, unknown
from nasedu.core.wording import counted

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
    "NoTest",
    "Registry",
    "Status",
    "StoreError",
    "StoreHeld",
    "UnknownName",
    "best_first",
    "check_counts",
    "check_extra",
    "checked",
    "counted",
    "derive_seed",
    "describe",
    "did_you_mean",
    "import_extra",
    "rng_from",
    "unknown",
]
