"""`nasedu search`: a whole search. Its progress goes to standard error, its results to standard output."""

import json
from typing import TYPE_CHECKING, Annotated

from rich.console import Console

from nasedu.cli.messages import Interrupted, say, stopped_message
from nasedu.cli.panels import CARRIED, FINE, HOW_LONG, WHAT
from nasedu.cli.show import print_full

if TYPE_CHECKING:
    from nasedu.cli.search_config import SearchConfig
    from nasedu.cli.study_record import StudyRecord
    from nasedu.study import Study


def search(
    task: Annotated[str, WHAT(help="See: nasedu tasks.")] = "digits",
    space: Annotated[str, WHAT(help="See: nasedu spaces.")] = "chain-cnn",
    controller: Annotated[str, WHAT(help="See: nasedu controllers.")] = "q-learning",
    trainer: Annotated[str, WHAT(help="See: nasedu trainers.")] = "sequential",
    trials: Annotated[int, HOW_LONG(help="Trials in the end, those of earlier runs included.")] = 40,
    batch: Annotated[
        int | None,
        HOW_LONG(help="Trials asked together, before any is learned from. Usual: 4, or the cohort of the trainer."),
    ] = None,
    epochs: Annotated[int, HOW_LONG(help="Passes over the data for each trial.")] = 8,
    seed: Annotated[int, HOW_LONG(help="The same seed gives the same search, trial for trial.")] = 0,
    store: Annotated[
        str, CARRIED(help="The file that remembers every trial; it holds any number of studies.")
    ] = "nasedu.db",
    prior: Annotated[
        str | None, CARRIED(metavar="STORE", help="Open with what the studies in this store found.")
    ] = None,
    prior_kind: Annotated[
        str | None, CARRIED(help="See: nasedu priors. Usual: warm-q for q-learning, copy-best for others.")
    ] = None,
    metric: Annotated[
        str | None, WHAT(help="What the score is, such as balanced_accuracy or f1. Usual: accuracy, or R2.")
    ] = None,
    most_parameters: Annotated[int | None, WHAT(help="Only networks with at most this many parameters.")] = None,
    device: Annotated[
        str | None, FINE(help="auto (a GPU if there is one), cpu, cuda or mps; by default the trainer's choice.")
    ] = None,
    workers: Annotated[
        int, HOW_LONG(help="Processes that train side by side, on this machine. The search stays the same.")
    ] = 1,
    dask: Annotated[
        str | None, HOW_LONG(metavar="ADDRESS", help="Train on the workers of a dask cluster, instead.")
    ] = None,
    tensorboard: Annotated[
        str | None, FINE(metavar="DIR", help="Write curves for TensorBoard into this folder (extra: logs).")
    ] = None,
    space_option: Annotated[
        list[str] | None, FINE(metavar="NAME=VALUE", help="Such as depth=4. May be repeated.")
    ] = None,
    controller_option: Annotated[
        list[str] | None, FINE(metavar="NAME=VALUE", help="Such as target=max. May be repeated.")
    ] = None,
    trainer_option: Annotated[
        list[str] | None, FINE(metavar="NAME=VALUE", help="Such as patience=2. May be repeated.")
    ] = None,
    recipe: Annotated[
        list[str] | None,
        FINE(metavar="NAME=VALUE", help="How networks are trained, such as schedule=cosine. May be repeated."),
    ] = None,
    as_json: Annotated[bool, FINE("--json", help="Print one JSON object instead of tables.")] = False,
) -> None:
    """Search for a good network, then test the best one once.

    The store keeps each trial at once. Stop at any time: the same command goes on from there. With more --trials it
    goes on for longer. When nothing is left to train, it prints the results again.
    """
    from nasedu.cli.options import parse_options
    from nasedu.cli.search_config import SearchConfig

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
        metric=metric,
        limits={} if most_parameters is None else {"parameters": most_parameters},
        space_options=parse_options("--space-option", "depth=4", space_option),
        controller_options=parse_options("--controller-option", "target=max", controller_option),
        trainer_options=parse_options("--trainer-option", "patience=2", trainer_option),
        recipe=parse_options("--recipe", "batch_size=64", recipe),
    )
    record = _run(config)
    if as_json:
        from nasedu.cli.report_json import as_json as to_json

        print(json.dumps(to_json(record), allow_nan=False))
    else:
        print_full(record, store)


def _run(config: "SearchConfig") -> "StudyRecord":
    """The study that a config asks for, run to its end and tested."""
    from nasedu.cli.progress import SearchProgress
    from nasedu.cli.search_config import open_search

    with SearchProgress(Console(stderr=True), config.trials) as progress, open_search(config) as opened:
        study = opened.study
        progress.say(opened.read)
        progress.begin(study.trials, study.controller.status(), opened.origin)
        for note in opened.notes:
            say(f"note: {note}")
        try:
            for trial in study.run(config.trials, opened.batch):
                progress.trial(trial)
                opened.log(trial)
            if study.exhausted:
                say(f"note: nothing is left to ask: the search ends after {len(study.trials)} trials")
            progress.testing()
            return _test(study)
        except KeyboardInterrupt as error:
            raise Interrupted(stopped_message(config.store, len(study.trials))) from error


def _test(study: "Study") -> "StudyRecord":
    """The record of a study after its test. A study that found a better network after its test keeps that test."""
    from nasedu.cli.study_record import StudyRecord

    if study.final is None or study.final.architecture == study.best.architecture:
        study.finish()
    return StudyRecord.of(study)
