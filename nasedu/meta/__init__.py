"""Floor 5: what one task teaches about the next."""

from typing import Any

from nasedu.core import Registry
from nasedu.meta.earlier import evidence_in
from nasedu.meta.prior import Evidence, Prior

registry = Registry(
    "prior",
    {
        "copy-best": "nasedu.meta.copy_best:CopyBest",
        "warm-q": "nasedu.meta.warm_q:WarmQ",
        "warm-policy": "nasedu.meta.warm_policy:WarmPolicy",
        "surrogate": "nasedu.meta.surrogate:Surrogate",
        "mixture": "nasedu.meta.mixture:Mixture",
        "guarded": "nasedu.meta.guard:guarded",
    },
    contract="nasedu.meta.prior:Prior",
)


def load(name: str, evidence: list[Evidence], **parameters: Any) -> Prior:
    """Return the prior `name` from what earlier studies found. Raises UnknownName, BadValue."""
    return registry.make(name, evidence, **parameters)


def compare(space: Any, of: Any, *args: Any, **options: Any) -> Any:
    """Search one task in several ways, on a table or with networks that are trained.

    See `nasedu.meta.comparison.compare`, which has all arguments.
    """
    from nasedu.meta import comparison  # races need more than priors do

    return comparison.compare(space, of, *args, **options)


__all__ = ["Evidence", "Prior", "compare", "evidence_in", "load", "registry"]
