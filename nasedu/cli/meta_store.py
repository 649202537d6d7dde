"""Whether a store belongs to the loop that is typed after `nasedu meta`: checked before anything is written."""

from pathlib import Path
from typing import Any

from nasedu.core import Mismatch
from nasedu.store import IN_MEMORY, Store
from nasedu.study import without_data


def check_store(path: str, first: dict[str, Any]) -> None:
    """Raise Mismatch for a store with studies, none of which is the first study of this loop, at this or another seed.

    The loop would work in any store. But a person who types the same command with another number of epochs means to
    go on, and would wait for everything again.

    Args:
        path: the store, which may not exist yet; nothing is written to it.
        first: the identity of the first study of the loop (`MetaSearch.first_identity`).
    """
    if path == IN_MEMORY or not Path(path).exists():
        return
    store = Store(path)  # for writing: a process that was killed early may have left it without its tables
    try:
        cold = [identity for _, identity in store.studies() if not identity["prior"]]
    finally:
        store.close()
    if cold and not any(_seedless(identity) == _seedless(first) for identity in cold):
        raise Mismatch(
            f"the store {path} holds another search: {_differences(cold[0], first)}. Give the settings that it was "
            "begun with to go on, or another --store to begin again"
        )


def _seedless(identity: dict[str, Any]) -> dict[str, Any]:
    """What is equal for the same loop at another seed, or when the data of a task have changed since."""
    return {**without_data(identity), "seed": None, "controller": {**identity["controller"], "seed": None}}


def _differences(there: dict[str, Any], here: dict[str, Any]) -> str:
    """What tells two searches apart, in words."""
    found = []
    for part in ("task", "space", "controller", "trainer", "epochs"):
        one, other = there[part], here[part]
        if isinstance(one, dict) and one["name"] == other["name"]:
            keys = [key for key in {**other, **one} if key != "seed" and one.get(key) != other.get(key)]
            found += [f"{WORDS.get(key, key)} {one.get(key)} there, {other.get(key)} here" for key in keys]
        elif one != other:
            one, other = (value["name"] if isinstance(value, dict) else value for value in (one, other))
            found.append(f"{WORDS.get(part, part)} {one} there, {other} here")
    return "; ".join(found)


WORDS = {"budget": "trials", "task": "first task"}
"""What a person calls a part of an identity, where the two differ."""
