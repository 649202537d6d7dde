"""What earlier searches found, from the store that they were recorded in."""

import os
from typing import Any

from nasedu.core import Mismatch, describe
from nasedu.meta.meta_features import known_by_name
from nasedu.meta.prior import Evidence
from nasedu.meta.pruned_space import whole_description
from nasedu.store import Store
from nasedu.study import may_be_same, without_budget

CONTINUED = "continued"
"""The name of the prior of a search that was widened again: the last entry of its evidence is its first part."""


def evidence_in(path: str | os.PathLike[str], space: Any, *, leave_out: dict[str, Any] | None = None) -> list[Evidence]:
    """Return what the studies in a store found in this space, or in a part of it that a search was pruned to.

    Args:
        path: a store.
        space: the space of the coming study; only studies of an equal space count, pruned or whole.
        leave_out: the identity of the coming study without its prior: a study that lies in the same store does not
            learn from itself, nor from itself with another number of trials in mind, another prior or pruned.

    Returns:
        An entry for each search. One that was widened again is one search, though a store keeps it as two studies. The
        rivals of `nasedu meta` are omitted: they only show what other searches are worth, and one task would count for
        several.

    Raises:
        StoreError: see `nasedu.store.Store`.
        Mismatch: none of the studies searched this space.
    """
    store = Store(path, create=False)
    try:
        spaces: list[dict[str, Any]] = []
        found: list[Evidence] = []
        rivals = store.comparisons()
        for number, identity in store.studies():
            if number in rivals:
                continue
            spaces.append(whole_description(identity["space"]))
            if spaces[-1] != describe(space) or (leave_out and may_be_same(_essence(identity), _essence(leave_out))):
                continue
            trials = tuple((t.architecture, t.score) for t in store.trials(number) if t.evaluation)
            if (identity["prior"] or {}).get("name") == CONTINUED:
                before = Evidence.from_data(store.prior(number)[-1]).trials
                found = [e for e in found if (e.task, e.trials) != (identity["task"], before)]
                trials = before + trials
            if trials:
                task = identity["task"]
                found.append(Evidence(task, trials, known_by_name(task), digest_in(identity)))
    finally:
        store.close()
    if not found:
        raise Mismatch(
            f"{path} has no earlier study of the space {space.title!r}: {_why_none(spaces, describe(space))}"
        )
    return found


def digest_in(identity: dict[str, Any], part: str = "digest") -> str:
    """Return the digest of the data that a recorded study is about, or of their meaning; "" if it recorded none."""
    data = identity.get("data")
    parts = data if isinstance(data, list) else [data or {}]
    return "+".join(one.get(part, "") for one in parts)


def _essence(identity: dict[str, Any]) -> dict[str, Any]:
    """The identity of a study but for its length, its prior and what its space was pruned by."""
    return {**without_budget(identity), "prior": None, "space": whole_description(identity["space"])}


def _why_none(found: list[dict[str, Any]], wanted: dict[str, Any]) -> str:
    """Why none of these spaces is the one that is wanted."""
    others = sorted({space["name"] for space in found} - {wanted["name"]})
    same = [space for space in found if space["name"] == wanted["name"] and space != wanted]
    if same:
        keys = [key for key in {**wanted, **same[-1]} if wanted.get(key) != same[-1].get(key)]
        return "it was searched with other settings: " + ", ".join(
            f"{key} {same[-1].get(key)} there, {wanted.get(key)} here" for key in keys
        )
    return f"its studies searched {', '.join(others)}" if others else "it has no other study with trials"
