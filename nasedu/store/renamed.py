"""What a study written by an earlier version is called today."""

from typing import Any

RENAMED = {"company": "cohort", "group": "preferred_batch", "survey": "record_test_at"}
"""Parameters of trainers, as a store of version 0.1 names them, and their names today."""

DROPPED = {"joint": False}
"""Parameters of priors that are gone, and the value with which a study means the same without them."""


def renamed(identity: dict[str, Any]) -> dict[str, Any]:
    """Return the identity of a study with the names of today; one of today stays as it is."""
    rules: dict[str, tuple[dict[str, str], dict[str, Any]]] = {"trainer": (RENAMED, {}), "prior": ({}, DROPPED)}
    return {part: _today(value, *rules[part]) if part in rules else value for part, value in identity.items()}


def _today(described: Any, names: dict[str, str], dropped: dict[str, Any]) -> Any:
    if not isinstance(described, dict):
        return described
    kept = ((name, value) for name, value in described.items() if (name, value) not in dropped.items())
    return {names.get(name, name): _today(value, names, dropped) for name, value in kept}
