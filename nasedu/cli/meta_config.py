"""The loop that is typed after `nasedu meta`, checked before anything is written."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nasedu import meta
from nasedu.core import BadValue, Mismatch, UnknownName
from nasedu.meta.search import MetaSearch
from nasedu.store import IN_MEMORY, Store


@dataclass(frozen=True)
class MetaConfig:
    """The loop as it is asked for on the command line; names are registered ones."""

    tasks: str  # divided by commas
    space: str
    controller: str
    prior: str
    trainer: str
    trials: int
    batch: int
    epochs: int
    seed: int
    store: str
    workers: int = 1
    narrow: bool = True
    compare: bool = True

    def loop(self) -> MetaSearch:
        """The loop that is wished for.

        Raises:
            UnknownName, BadValue, Mismatch: whatever is wrong with the config, or a store that holds another loop;
                nothing was written.
        """
        if self.prior not in meta.registry:
            raise UnknownName(f"unknown prior {self.prior!r}; known: {', '.join(sorted(meta.registry))}")
        names = [name.strip() for name in self.tasks.split(",")]
        if not all(names):
            raise BadValue(f"--tasks takes names divided by commas, such as digits,digits-noisy; given {self.tasks!r}")
        loop = MetaSearch(
            self.space,
            names,
            self.controller,
            self.prior,
            trainer=self.trainer,
            trials=self.trials,
            batch=self.batch,
            epochs=self.epochs,
            seed=self.seed,
            store=self.store,
            narrow=self.narrow,
            compare=self.compare,
            workers=self.workers,
        )
        check_store(self.store, loop.first_identity())
        return loop


def check_store(path: str, first: dict[str, Any]) -> None:
    """Raises Mismatch for a store with studies, none of which is the first one of this loop, or of it at another seed.

    The loop would work beside any other study. But whoever types the same command with another number of epochs means
    to go on, and would wait for everything again.
    """
    if path == IN_MEMORY or not Path(path).exists():
        return
    store = Store(path)  # for writing: a process that was killed early may have left it without its tables
    try:
        cold = [identity for _, identity in store.studies() if not identity["prior"]]
    finally:
        store.close()
    if cold and not any(_seedless(identity) == _seedless(first) for identity in cold):
        told = _differences(cold[0], first)
        raise Mismatch(
            f"the store {path} holds another search: {told}. Give the settings that it was begun with to go on, or "
            "another --store to begin anew"
        )


def _seedless(identity: dict[str, Any]) -> dict[str, Any]:
    return {**identity, "seed": None, "controller": {**identity["controller"], "seed": None}}


def _differences(there: dict[str, Any], here: dict[str, Any]) -> str:
    """What tells two searches apart, in words."""
    told = []
    for part in ("task", "space", "controller", "trainer", "epochs"):
        one, other = there[part], here[part]
        if isinstance(one, dict) and one["name"] == other["name"]:
            keys = [key for key in {**other, **one} if key != "seed" and one.get(key) != other.get(key)]
            told += [f"{WORDS.get(key, key)} {one.get(key)} there, {other.get(key)} here" for key in keys]
        elif one != other:
            one, other = (value["name"] if isinstance(value, dict) else value for value in (one, other))
            told.append(f"{WORDS.get(part, part)} {one} there, {other} here")
    return "; ".join(told)


WORDS = {"budget": "trials", "task": "first task"}
"""What a person calls a part of an identity, where the two differ."""
