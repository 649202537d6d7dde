"""`nasedu meta`: search on one task after the other, and compare with searches that nothing is carried over to."""

import json
from typing import Annotated

from rich.console import Console

from nasedu.cli.messages import Interrupted, stopped_message
from nasedu.cli.panels import CARRIED, FINE, HOW_LONG, WHAT


def meta(
    tasks: Annotated[
        str, WHAT(metavar="NAME,NAME,...", help="In this order. See: nasedu tasks.")
    ] = "digits,digits-noisy,digits-shuffled",
    space: Annotated[str, WHAT(help="See: nasedu spaces.")] = "chain-cnn",
    controller: Annotated[str, WHAT(help="See: nasedu controllers.")] = "q-learning",
    trainer: Annotated[str, WHAT(help="See: nasedu trainers.")] = "sequential",
    prior: Annotated[str, CARRIED(help="How what was learned opens the next search. See: nasedu priors.")] = "warm-q",
    trials: Annotated[int, HOW_LONG(help="Trials on each task.")] = 20,
    batch: Annotated[int, HOW_LONG(help="Trials asked together, before any is learned from.")] = 2,
    epochs: Annotated[int, HOW_LONG(help="Passes over the data for each trial.")] = 8,
    seed: Annotated[int, HOW_LONG(help="The same seed gives the same searches, trial for trial.")] = 0,
    store: Annotated[str, CARRIED(help="The file that remembers every trial of every task.")] = "meta.db",
    workers: Annotated[int, HOW_LONG(help="Processes that train side by side, on this machine.")] = 1,
    prune: Annotated[bool, CARRIED("--prune/--no-prune", help="Search only what earlier tasks support.")] = True,
    compare: Annotated[
        bool, HOW_LONG("--compare/--no-compare", help="Also run each later search cold, to compare with.")
    ] = True,
    as_json: Annotated[bool, FINE("--json", help="Print one JSON object instead of tables.")] = False,
) -> None:
    """Search on one task after the other, each search opened with what the earlier ones found.

    At the end it shows what was carried over, and how much that helped, compared with a cold start. Stop at any time:
    the same command goes on from there.
    """
    from nasedu.cli import meta_report
    from nasedu.cli.meta_progress import MetaProgress
    from nasedu.cli.meta_store import check_store
    from nasedu.core import BadValue
    from nasedu.meta.search import MetaSearch

    names = [name.strip() for name in tasks.split(",")]
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
            workers=workers,
        )
        check_store(store, loop.first_identity())
        progress.begin(loop)
        try:
            for step in loop.run():
                progress.step(step)
        except KeyboardInterrupt as error:
            raise Interrupted(stopped_message(store, progress.done)) from error
    if as_json:
        print(json.dumps(meta_report.as_json(loop.learned, prior), allow_nan=False))
    else:
        Console(highlight=False).print(meta_report.full(loop.learned))
