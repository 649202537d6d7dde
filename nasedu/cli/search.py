"""`nasedu search`: a whole search, watched on standard error; its results go to standard output."""

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from nasedu.cli.messages import Interrupted, goodbye, say, warn
from nasedu.cli.panels import CARRIED, FINE, HOW_LONG, WHAT
from nasedu.cli.show import print_full

if TYPE_CHECKING:
    from nasedu.cli.search_config import SearchConfig
    from nasedu.cli.study_record import StudyRecord


def search(
    task: Annotated[str, typer.Option(help="See: nasedu tasks.", rich_help_panel=WHAT)] = "digits",
    space: Annotated[str, typer.Option(help="See: nasedu spaces.", rich_help_panel=WHAT)] = "chain-cnn",
    controller: Annotated[str, typer.Option(help="See: nasedu controllers.", rich_help_panel=WHAT)] = "q-learning",
    trainer: Annotated[str, typer.Option(help="See: nasedu trainers.", rich_help_panel=WHAT)] = "sequential",
    trials: Annotated[
        int, typer.Option(help="Trials in the end, those of earlier runs included.", rich_help_panel=HOW_LONG)
    ] = 40,
    batch: Annotated[
        int | None,
        typer.Option(
            help="Trials asked together, before any is learned from. Usual: 4, or as many as the trainer compares.",
            rich_help_panel=HOW_LONG,
        ),
    ] = None,
    epochs: Annotated[int, typer.Option(help="Passes over the data for each trial.", rich_help_panel=HOW_LONG)] = 8,
    seed: Annotated[
        int, typer.Option(help="The same seed gives the same search, trial for trial.", rich_help_panel=HOW_LONG)
    ] = 0,
    store: Annotated[
        str,
        typer.Option(
            help="The file that remembers every trial; it holds any number of studies.", rich_help_panel=CARRIED
        ),
    ] = "nasedu.db",
    prior: Annotated[
        str | None,
        typer.Option(metavar="STORE", help="Open with what the studies in this store found.", rich_help_panel=CARRIED),
    ] = None,
    prior_kind: Annotated[
        str | None,
        typer.Option(
            help="See: nasedu priors. Usual: warm-q for q-learning, copy-best for others.", rich_help_panel=CARRIED
        ),
    ] = None,
    most_parameters: Annotated[
        int | None,
        typer.Option(help="Only networks with at most this many parameters.", rich_help_panel=WHAT),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(
            help="auto (a GPU if there is one), cpu, cuda or mps; by default the trainer's choice.",
            rich_help_panel=FINE,
        ),
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            help="Processes that train side by side, on this machine. The search stays the same.",
            rich_help_panel=HOW_LONG,
        ),
    ] = 1,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Train on the workers of a dask cluster, instead.", rich_help_panel=HOW_LONG
        ),
    ] = None,
    tensorboard: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Write curves for TensorBoard into this folder (extra: logs).", rich_help_panel=FINE
        ),
    ] = None,
    space_option: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Such as depth=4. May be repeated.", rich_help_panel=FINE),
    ] = None,
    controller_option: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Such as target=max. May be repeated.", rich_help_panel=FINE),
    ] = None,
    trainer_option: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Such as patience=2. May be repeated.", rich_help_panel=FINE),
    ] = None,
    recipe: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="How networks are trained, such as schedule=cosine. May be repeated.",
            rich_help_panel=FINE,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of tables.", rich_help_panel=FINE)
    ] = False,
) -> None:
    """Search for a good network, then test the best one once.

    Everything is kept in the store as it happens. Stop whenever you like: the same command goes on from there, with
    more --trials it goes on for longer, and when nothing is left to train it prints the results again.
    """
    from nasedu.cli.search_config import SearchConfig, options_from

    config = SearchConfig(
        task=task,
        space=space,
        controller=controller,
        trainer=trainer,
        trials=trials,
        batch=batch,
        epochs=epochs,
        seed=seed,
        store=store,
        prior=prior,
        prior_kind=prior_kind,
        device=device,
        workers=workers,
        dask=dask,
        tensorboard=tensorboard,
        limits={} if most_parameters is None else {"parameters": most_parameters},
        space_options=options_from("space", space_option or []),
        controller_options=options_from("controller", controller_option or []),
        trainer_options=options_from("trainer", trainer_option or []),
        recipe=options_from("recipe", recipe or []),
    )
    record = _run(config)
    if as_json:
        from nasedu.cli.report_json import as_json as to_json

        print(json.dumps(to_json(record), allow_nan=False))
    else:
        print_full(record, store)


def _run(config: "SearchConfig") -> "StudyRecord":
    """The study that is wished for, run to its end and tested."""
    from nasedu.cli.progress import SearchProgress
    from nasedu.cli.search_config import advice, batch_of, log_for, open_study
    from nasedu.trainers.base import close_trainer

    with SearchProgress(Console(stderr=True), config.trials) as watch:
        study, note = open_study(config)
        with study, ExitStack() as at_the_end:
            at_the_end.callback(close_trainer, study.trainer)
            watch.begin(study.trials, study.controller.status(), note)
            for line in advice(config, study.trainer):
                say(f"note: {line}")
            logs = [log_for(config.tensorboard, study, warn)] if config.tensorboard else []
            for log in logs:
                at_the_end.enter_context(log)
            try:
                for trial in study.run(config.trials, batch_of(config, study.trainer)):
                    watch.trial(trial)
                    for log in logs:
                        log(trial)
                if study.exhausted:
                    say(f"note: nothing is left to ask: the search ends after {len(study.trials)} trials")
                watch.testing()
                return _tested(study)
            except KeyboardInterrupt as error:
                raise Interrupted(goodbye(config.store, len(study.trials))) from error


def _tested(study: Any) -> "StudyRecord":
    """The record of a study after its test. One that found a better network since it was tested keeps its result."""
    from nasedu.cli.study_record import StudyRecord

    if study.final is None or study.final.architecture == study.best.architecture:
        study.finish()
    return StudyRecord.of(study)
