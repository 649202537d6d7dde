"""`nasedu meta`: search on one task after the other, and compare with searches that nothing is carried over to."""

import json
from pathlib import Path
from typing import Annotated

from rich.console import Console

from nasedu.cli import completion
from nasedu.cli.messages import Interrupted, results_of, stopped_message
from nasedu.cli.panels import CARRIED, CONTROLLER, FINE, HOW_LONG, SPACE, TRAINER, WHAT

FILES = ("csv/", "folder/")
"""Families of tasks whose names hold a path."""

TABLES = (".csv", ".tsv", ".txt", ".gz", ".zip")
"""Ends of the names of files, which no module has: `b.csv:y` is the rest of a path."""


def meta(
    tasks: Annotated[
        str,
        WHAT(
            metavar="NAME,NAME,...", help="In this order. See: nasedu tasks.", autocompletion=completion.several_tasks
        ),
    ] = "digits,digits-noisy,digits-shuffled",
    space: Annotated[str | None, SPACE] = None,
    controller: Annotated[str, CONTROLLER] = "q-learning",
    trainer: Annotated[str, TRAINER] = "sequential",
    prior: Annotated[
        str,
        CARRIED(
            help="How what was learned opens the next search. See: nasedu priors.", autocompletion=completion.priors
        ),
    ] = "warm-q",
    trials: Annotated[int, HOW_LONG(help="Trials on each task.")] = 20,
    batch: Annotated[int, HOW_LONG(help="Trials asked together, before any is learned from.")] = 2,
    epochs: Annotated[int, HOW_LONG(help="Passes over the data for each trial.")] = 8,
    seed: Annotated[int, HOW_LONG(help="The same seed gives the same searches, trial for trial.")] = 0,
    store: Annotated[str, CARRIED(help="The file that remembers every trial of every task.")] = "meta.db",
    workers: Annotated[int, HOW_LONG(help="Processes that train side by side, on this machine.")] = 1,
    prune: Annotated[bool, CARRIED("--prune/--no-prune", help="Search only what earlier tasks support.")] = True,
    compare: Annotated[
        bool,
        HOW_LONG(
            "--compare/--no-compare",
            help="Also run each later search cold, to compare with: by the prior's own mind without memory.",
        ),
    ] = True,
    rivals: Annotated[
        bool,
        HOW_LONG(
            "--rivals/--no-rivals",
            help="Also compare with random search, local search, and copying 5 networks into local search. The example "
            "of the README takes about 3 times as long with them.",
        ),
    ] = True,
    as_json: Annotated[bool, FINE("--json", help="Print one JSON object instead of tables.")] = False,
) -> None:
    """Search on one task after the other, each search opened with what the earlier ones found.

    At the end it shows what was carried over, and how much that helped, compared with a cold
    start and with simple rivals. Searches of one task share its trained networks. Stop at any
    time: the same command goes on from there.
    """
    from nasedu.cli import meta_report
    from nasedu.cli.meta_progress import MetaProgress
    from nasedu.cli.meta_store import check_store
    from nasedu.core import BadValue
    from nasedu.meta.rivals import RIVALS
    from nasedu.meta.search import MetaSearch

    names = names_in(tasks)
    if not all(names):
        raise BadValue(f"--tasks takes names divided by commas, such as digits,digits-noisy; given {tasks!r}")
    with MetaProgress(Console(stderr=True)) as progress:
        loop = MetaSearch(
            space,
            names,
            controller,
            prior,
            trainer=trainer,
            trials=trials,
            batch=batch,
            epochs=epochs,
            seed=seed,
            store=store,
            prune=prune,
            compare=compare,
            rivals=tuple(RIVALS) if compare and rivals else (),
            workers=workers,
        )
        check_store(store, loop.first_identity())
        progress.begin(loop)
        try:
            for step in loop.run():
                progress.step(step)
        except KeyboardInterrupt as error:
            raise Interrupted(stopped_message(store, progress.done)) from error
    with results_of(store):
        if as_json:
            print(json.dumps(meta_report.as_json(loop.learned, prior), allow_nan=False))
        else:
            Console(highlight=False).print(meta_report.full(loop.learned))


def names_in(text: str) -> list[str]:
    """Return the names of tasks that commas divide; a comma in the path of a file or folder belongs to the path.

    What exists on the disk decides. If nothing does, a part that begins no task belongs to the path before it.
    """
    names: list[str] = []
    for part in text.split(","):
        joined = f"{names[-1]},{part}" if names else ""
        if joined.startswith(FILES) and (_exists(joined, len(names[-1])) or not _begins_a_task(part.strip())):
            names[-1] = joined.rstrip()
        else:
            names.append(part.strip())
    return names


def _begins_a_task(part: str) -> bool:
    from nasedu import tasks

    own = tasks.registry.is_own(part) and not part.partition(":")[0].endswith(TABLES)
    return own or part in tasks.registry or part.partition("/")[0] in tasks.families


def _exists(name: str, least: int) -> bool:
    """Return whether a path of more than `least` characters exists, with or without what follows it after a colon."""
    ends = [place for place, letter in enumerate(name) if letter == ":" and place > least]
    return any(Path(name[:end].partition("/")[2]).exists() for end in (*ends, len(name)))
