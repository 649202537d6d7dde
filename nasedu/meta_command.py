"""`nasedu meta`: search on one task after the other, and say what carrying over was worth.

The wish that a person types, checked before anything is written; and the loop as it is watched.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from nasedu import meta, meta_report
from nasedu.core import BadValue, Mismatch, UnknownName
from nasedu.meta.search import MetaSearch
from nasedu.meta.steps import Opened, Refined, Step, Tried
from nasedu.meta_report import learned_line, opened_line, refined_line
from nasedu.progress import LiveBar, line_of
from nasedu.store import IN_MEMORY, Store


@dataclass(frozen=True)
class MetaWish:
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
            UnknownName, BadValue, Mismatch: whatever is wrong with the wish, or a store that holds another loop;
                nothing was written.
        """
        if self.prior not in meta.priors:
            raise UnknownName(f"unknown prior {self.prior!r}; known: {', '.join(sorted(meta.priors))}")
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


# ---------------------------------------------------------------------- while it runs


class MetaWatch(LiveBar):
    """Shows the loop as it goes: a live bar for a person, a line for each trial for a file. Used as a context.

    Args:
        console: where to show it: standard error, so that standard output holds nothing but results.
    """

    def __init__(self, console: Console):
        super().__init__(console)
        self.trials = 0  # of each search
        self.total = 0  # of all searches
        self.done = 0
        self.here = 0  # trials of the search that runs now
        self.best = 0.0
        self._now: tuple[str, bool] = ("", False)

    def begin(self, loop: MetaSearch) -> None:
        """Everything is loaded, and this loop begins."""
        self.trials = loop.trials
        self.total = loop.trials * (len(loop.tasks) + (len(loop.tasks) - 1 if loop.compare else 0))
        self._bar.reset(self._task, total=self.total, description="searching")

    def step(self, step: Step) -> None:
        """Show a step of the loop."""
        if isinstance(step, Refined):
            self._say(f"{step.task}: {refined_line(step)}")
        elif isinstance(step, Opened):
            self._opened(step)
        elif isinstance(step, Tried):
            self._tried(step)
        else:
            self._say(f"{step.task}: {learned_line(step)}")

    def _opened(self, step: Opened) -> None:
        if self._now != (step.task, step.cold):
            self._now, self.here, self.best = (step.task, step.cold), 0, float("-inf")
        self.here += len(step.earlier)
        self.done += len(step.earlier)
        self.best = max([self.best, *(trial.score for trial in step.earlier)])
        self._say(f"{step.task}: {opened_line(step)}")
        self._show_numbers(dict(step.status))

    def _tried(self, step: Tried) -> None:
        self.here += 1
        self.done += 1
        self.best = max(self.best, step.trial.score)
        self._show_numbers(step.trial.status)
        self._line.plain = line_of(step.trial)
        if not self.console.is_terminal:
            count = f"{self.done:>{len(str(self.total))}}/{self.total}  {self._which}"
            print(f"{count}  best {self.best:.4f}  {line_of(step.trial)}", file=self.console.file, flush=True)

    @property
    def _which(self) -> str:
        task, cold = self._now
        return f"{task}, cold" if cold else task

    def _say(self, line: str) -> None:
        self.console.print(line, style="dim", highlight=False, soft_wrap=not self.console.is_terminal)

    def _show_numbers(self, status: dict[str, float]) -> None:
        numbers = [f"{self.here}/{self.trials}"]
        numbers += [f"best {self.best:.4f}"] if self.here else []
        numbers += [f"{name} {value:.2f}" for name, value in status.items()]
        self._bar.update(self._task, completed=self.done, description=self._which, numbers="  ".join(numbers))


# ---------------------------------------------------------------------- the command


def run(wish: MetaWish, *, as_json: bool) -> None:
    """The whole loop, watched on standard error; what it found goes to standard output.

    Raises:
        KeyboardInterrupt: it was stopped; its message says how it goes on.
    """
    with MetaWatch(Console(stderr=True)) as watch:
        loop = wish.loop()
        watch.begin(loop)
        try:
            for step in loop.run():
                watch.step(step)
        except KeyboardInterrupt as error:
            raise KeyboardInterrupt(goodbye(loop, watch.done)) from error
    if as_json:
        print(json.dumps(meta_report.as_json(loop.learned, wish.prior), allow_nan=False))
    else:
        Console(highlight=False).print(meta_report.full(loop.learned))


def goodbye(loop: MetaSearch, done: int) -> str:
    """What to say to whoever stops it."""
    kept = "they were in memory, and are gone" if loop.store == IN_MEMORY else "the same command goes on from there"
    return f"stopped after {done} trial{'' if done == 1 else 's'}; {kept}"
