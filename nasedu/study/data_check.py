"""Whether a study in a store is about the data of today: its scores would be worth nothing for others."""

import json
import warnings
from typing import Any

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
    if not any(known == wanted for _, known in studies):
        for number, known in studies:
            if may_be_same(known, wanted):
                _tell(
                    f"study {number} of {store.path} is from a version that did not record its data: nobody can check "
                    f"that {wanted['task']} was then what it is now. It goes on, and from now on its data are checked"
                )
                store.adopt(number, identity)
                return number
        _tell_of_changed_data(store, {**wanted, "data": identity["data"]}, studies)
    return store.begin(identity, prior)


def _tell_of_changed_data(store: Store, wanted: dict[str, Any], studies: list[tuple[int, dict[str, Any]]]) -> None:
    """Warn if the newest study of the same search has other data."""
    alike = [(n, known) for n, known in studies if "data" in known and _search_of(known) == _search_of(wanted)]
    if alike and not any(known["data"] == wanted["data"] for _, known in alike):
        number, known = alike[-1]
        _tell(
            f"the data of {wanted['task']} have changed since study {number} of {store.path}: "
            f"{_changed(known['data'], wanted['data'])}. That study is kept with its "
            f"{len(store.trials(number))} trials, and a new one begins"
        )


def _search_of(identity: dict[str, Any]) -> dict[str, Any]:
    """What is equal for the same search on other data, whatever its length."""
    return {**without_data(without_evidence(without_budget(identity))), "metric": identity["metric"]}


def _changed(before: Any, now: Any) -> str:
    """What differs between two fingerprints, in words."""
    if isinstance(before, dict) and isinstance(now, dict):
        parts = [part for part in now if part != "digest" and before.get(part) != now[part]]
        counts = [f"{part} {before.get(part)} before, {now[part]} now" for part in parts]
        return ", ".join(counts) or f"as many as before ({_counts(now)}), with other values"
    return "they have other values"


def _counts(fingerprint: dict[str, Any]) -> str:
    return ", ".join(f"{part} {count}" for part, count in fingerprint.items() if part != "digest")


def _tell(message: str) -> None:
    warnings.warn(message, stacklevel=4)  # the line that made the study
