"""Whether a study in a store is about the data of today: its scores would be worth nothing for others."""

import json
import warnings
from functools import partial
from typing import Any

from nasedu.core import counted
from nasedu.store import Store, canonical_json
from nasedu.study.identity import may_be_same, without_budget, without_data, without_evidence


def begin(store: Store, identity: dict[str, Any], prior: Any = None) -> int:
    """Return the number of the study with this identity in a store; it is made if there is none.

    Warns:
        UserWarning: the store has the same search on data that were others (it is kept, and a new study begins), or
            one of version 0.1, which did not record its data (it goes on).
    """
    wanted = json.loads(canonical_json(identity))
    studies = store.studies()
    if any(known == wanted for _, known in studies):
        return store.begin(identity, prior)
    for number, known in studies:
        if "data" not in known and may_be_same(known, wanted, partial(store.trials, number)):
            if _adopt(store, number, identity):
                _tell(
                    f"study {number} of {store.path} is from a version that did not record its data: nobody can check "
                    f"that {wanted['task']} was then what it is now. It goes on, and from now on its data are checked"
                )
                return number
            studies = store.studies()  # another process was faster
            break
    if not any(known == wanted for _, known in studies) and (told := _changed_data(store, wanted, identity, studies)):
        _tell(told)
    return store.begin(identity, prior)


def _adopt(store: Store, number: int, identity: dict[str, Any]) -> bool:
    """Record the data of a study of version 0.1, as its holder; False if another process did so in the meantime.

    Raises:
        StoreHeld: another living process works on it. Nothing is recorded: its data may be others.
    """
    token = store.hold(number)
    try:
        if "data" in dict(store.studies())[number]:
            return False
        store.adopt(number, token, identity)
        return True
    finally:
        store.release(number, token)


def _changed_data(
    store: Store, wanted: dict[str, Any], identity: dict[str, Any], studies: list[tuple[int, dict[str, Any]]]
) -> str:
    """Return one line, if the newest study of the same search has other data; else ""."""
    alike = [(n, known) for n, known in studies if "data" in known and _search_of(known) == _search_of(wanted)]
    if not alike or any(known["data"] == wanted["data"] for _, known in alike):
        return ""
    number, known = alike[-1]
    return (
        f"the data of {wanted['task']} have changed since study {number} of {store.path}: "
        f"{_changed(known['data'], identity['data'])}. That study is kept with its "
        f"{counted(len(store.trials(number)), 'trial')}, and a new one begins"
    )


def _search_of(identity: dict[str, Any]) -> dict[str, Any]:
    """What is equal for the same search on other data, whatever its length."""
    return {**without_data(without_evidence(without_budget(identity))), "metric": identity["metric"]}


DIGESTS = ("digest", "meaning")
"""Parts of a fingerprint that say nothing to a person; the others are numbers of examples."""


def _changed(before: Any, now: Any) -> str:
    """What differs between two fingerprints, in words."""
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):  # of several tasks
        pairs = [(place, *pair) for place, pair in enumerate(zip(before, now, strict=True), 1) if pair[0] != pair[1]]
        return "; ".join(f"of its {len(now)} tasks number {place}, {_changed(old, new)}" for place, old, new in pairs)
    if isinstance(before, dict) and isinstance(now, dict):
        parts = [part for part in now if part not in DIGESTS and before.get(part) != now[part]]
        if parts:
            return ", ".join(f"{part} {before.get(part)} before, {now[part]} now" for part in parts)
        if before.get("digest") == now.get("digest"):
            return f"the same values ({_counts(now)}) stand for something else: names, units or how they were prepared"
        return f"as many as before ({_counts(now)}), with other values or groups"
    return "they have other values"


def _counts(fingerprint: dict[str, Any]) -> str:
    return ", ".join(f"{part} {count}" for part, count in fingerprint.items() if part not in DIGESTS)


def _tell(message: str) -> None:
    warnings.warn(message, stacklevel=4)  # the line that made the study
