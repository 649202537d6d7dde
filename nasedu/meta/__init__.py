"""Floor 4: what one task teaches about the next."""

from typing import Any

from nasedu.core import Registry
from nasedu.meta.prior import Evidence, Prior, evidence_in

priors = Registry("prior", {"warm-q": "nasedu.meta.warm_q:WarmQ", "copy-best": "nasedu.meta.copy_best:CopyBest"})


def load(name: str, evidence: list[Evidence], **parameters: Any) -> Prior:
    """The prior `name` from what earlier studies found. Raises UnknownName, BadValue."""
    priors.check_parameters(name, parameters)
    return priors[name](evidence, **parameters)


__all__ = ["Evidence", "Prior", "evidence_in", "load", "priors"]
