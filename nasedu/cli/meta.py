"""`nasedu meta`: search on one task after the other, and say what carrying over was worth."""

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from nasedu.cli.messages import Interrupted, goodbye
from nasedu.cli.panels import CARRIED, FINE, HOW_LONG, WHAT

if TYPE_CHECKING:
    from nasedu.cli.meta_config import MetaConfig


def meta(
    tasks: Annotated[
        str,
        typer.Option(metavar="NAME,NAME,...", help="In this order. See: nasedu tasks.", rich_help_panel=WHAT),
    ] = "digits,digits-noisy,digits-shuffled",
    space: Annotated[str, typer.Option(help="See: nasedu spaces.", rich_help_panel=WHAT)] = "chain-cnn",
    controller: Annotated[str, typer.Option(help="See: nasedu controllers.", rich_help_panel=WHAT)] = "q-learning",
    trainer: Annotated[str, typer.Option(help="See: nasedu trainers.", rich_help_panel=WHAT)] = "sequential",
    prior: Annotated[
        str,
        typer.Option(help="How what was learned opens the next search. See: nasedu priors.", rich_help_panel=CARRIED),
    ] = "warm-q",
    trials: Annotated[int, typer.Option(help="Trials on each task.", rich_help_panel=HOW_LONG)] = 20,
    batch: Annotated[
        int, typer.Option(help="Trials asked together, before any is learned from.", rich_help_panel=HOW_LONG)
    ] = 2,
    epochs: Annotated[int, typer.Option(help="Passes over the data for each trial.", rich_help_panel=HOW_LONG)] = 8,
    seed: Annotated[
        int, typer.Option(help="The same seed gives the same searches, trial for trial.", rich_help_panel=HOW_LONG)
    ] = 0,
    store: Annotated[
        str, typer.Option(help="The file that remembers every trial of every task.", rich_help_panel=CARRIED)
    ] = "meta.db",
    workers: Annotated[
        int, typer.Option(help="Processes that train side by side, on this machine.", rich_help_panel=HOW_LONG)
    ] = 1,
    narrow: Annotated[
        bool,
        typer.Option("--narrow/--no-narrow", help="Search only what earlier tasks support.", rich_help_panel=CARRIED),
    ] = True,
    compare: Annotated[
        bool,
        typer.Option(
            "--compare/--no-compare", help="Also run each later search cold, to compare with.", rich_help_panel=HOW_LONG
        ),
    ] = True,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of tables.", rich_help_panel=FINE)
    ] = False,
) -> None:
    """Search on one task after the other, each search opened with what the earlier ones found.

    Says at the end what was carried over, and what it was worth against a cold start. Stop whenever you like: the same
    command goes on from there.
    """
    from nasedu.cli.meta_config import MetaConfig

    config = MetaConfig(
        tasks=tasks,
        space=space,
        controller=controller,
        prior=prior,
        trainer=trainer,
        trials=trials,
        batch=batch,
        epochs=epochs,
        seed=seed,
        store=store,
        workers=workers,
        narrow=narrow,
        compare=compare,
    )
    _run(config, as_json=as_json)


def _run(config: "MetaConfig", *, as_json: bool) -> None:
    """The whole loop, watched on standard error; what it found goes to standard output.

    Raises:
        Interrupted: it was stopped; its message says how it goes on.
    """
    from nasedu.cli import meta_report
    from nasedu.cli.meta_progress import MetaProgress

    with MetaProgress(Console(stderr=True)) as watch:
        loop = config.loop()
        watch.begin(loop)
        try:
            for step in loop.run():
                watch.step(step)
        except KeyboardInterrupt as error:
            raise Interrupted(goodbye(config.store, watch.done)) from error
    if as_json:
        print(json.dumps(meta_report.as_json(loop.learned, config.prior), allow_nan=False))
    else:
        Console(highlight=False).print(meta_report.full(loop.learned))
