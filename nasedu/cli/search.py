"""`nasedu search`: a whole search. Its progress goes to standard error, its results to standard output."""

import json
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from rich.console import Console

from nasedu.cli import completion
from nasedu.cli.messages import Interrupted, results_of, say, stopped_message
from nasedu.cli.panels import CARRIED, CONTROLLER, FINE, HOW_LONG, SPACE, TASK, TRAINER, WHAT
from nasedu.cli.show import print_full

USUAL_TRIALS = 40

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from nasedu.cli.search_config import AtTheDoor, OpenSearch, SearchConfig
    from nasedu.cli.study_record import StudyRecord
    from nasedu.study import Study


def search(
    task: Annotated[str, TASK] = "digits",
    space: Annotated[str | None, SPACE] = None,
    controller: Annotated[str, CONTROLLER] = "q-learning",
    trainer: Annotated[str, TRAINER] = "sequential",
    trials: Annotated[
        int | None,
        HOW_LONG(help="Trials in the end, those of earlier runs included. Usual: 40, or those of --minutes."),
    ] = None,
    minutes: Annotated[
        float | None,
        HOW_LONG(help="Train no longer than this in this run; the test comes on top. With --trials: what is first."),
    ] = None,
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
        str | None,
        CARRIED(
            help="See: nasedu priors. Usual: warm-q for q-learning, copy-best for others.",
            autocompletion=completion.priors,
        ),
    ] = None,
    metric: Annotated[
        str | None, WHAT(help="What the score is, such as balanced_accuracy or f1. Usual: accuracy, or R2.")
    ] = None,
    enqueue: Annotated[
        list[str] | None,
        CARRIED(metavar="ARCHITECTURE", help='Try this one next, such as "conv3-16 pool2 stop". May be repeated.'),
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
    typed = dict(locals())
    del typed["as_json"]
    config = config_of(**typed)
    record = _run(config)
    with results_of(store):
        if as_json:
            from nasedu.cli.report_json import as_json as to_json

            print(json.dumps(to_json(record), allow_nan=False))
        else:
            print_full(record, store)


def config_of(
    *,
    trials: int | None = None,
    minutes: float | None = None,
    batch: int | None = None,
    enqueue: list[str] | None = None,
    most_parameters: int | None = None,
    space_option: list[str] | None = None,
    controller_option: list[str] | None = None,
    trainer_option: list[str] | None = None,
    recipe: list[str] | None = None,
    **options: Any,
) -> "SearchConfig":
    """Return the search that the options of `search` ask for, as they were typed, by their names."""
    from nasedu.cli.options import parse_options
    from nasedu.cli.results_file import as_architecture
    from nasedu.cli.search_config import SearchConfig

    return SearchConfig(
        trials=USUAL_TRIALS if trials is None and minutes is None else trials,
        minutes=minutes,
        batch=batch,
        enqueue=tuple(as_architecture(text) for text in enqueue or ()),
        limits={} if most_parameters is None else {"parameters": most_parameters},
        space_options=parse_options("--space-option", "depth=4", space_option),
        controller_options=parse_options("--controller-option", "target=max", controller_option),
        trainer_options=parse_options("--trainer-option", "patience=2", trainer_option),
        recipe=parse_options("--recipe", "batch_size=64", recipe),
        **options,
    )


def open_typed(options: dict[str, Any], at_the_door: "AtTheDoor") -> "AbstractContextManager[OpenSearch]":
    """Open the study of the search that such options ask for: see `nasedu.cli.search_config.open_search`."""
    from nasedu.cli.search_config import open_search

    return open_search(config_of(**options), at_the_door)


def _run(config: "SearchConfig") -> "StudyRecord":
    """The study that a config asks for, run to its end and tested."""
    from nasedu.cli.progress import SearchProgress
    from nasedu.cli.search_config import open_search

    with (
        SearchProgress(Console(stderr=True), config.trials, config.minutes) as progress,
        open_search(config) as opened,
    ):
        study = opened.study
        progress.say(opened.read)
        progress.begin(study.trials, study.controller.status(), opened.origin)
        for note in opened.notes:
            say(f"note: {note}")
        try:
            for architecture in config.enqueue:
                study.enqueue(architecture)
            for trial in study.run(config.trials, opened.batch, config.minutes):
                progress.trial(trial)
                opened.log(trial)
            for note in _why_it_ends(study, config):
                say(f"note: {note}")
            progress.testing()
            return _test(study)
        except KeyboardInterrupt as error:
            raise Interrupted(stopped_message(config.store, len(study.trials))) from error


def _why_it_ends(study: "Study", config: "SearchConfig") -> Iterator[str]:
    """Why a search ends before it has all trials, and what waits for the next run; a line for each."""
    from nasedu.core import BadValue, counted

    done = [t for t in study.trials if not t.imported]
    if study.exhausted:
        yield f"nothing is left to ask: the search ends after {counted(len(study.trials), 'trial')}"
    elif config.trials is None or len(done) < config.trials:
        if not done:
            raise BadValue(
                f"{config.minutes:g} minutes were over before the first trial was trained: give more of them"
            )
        yield f"the {config.minutes:g} minutes are over after {counted(len(done), 'trial')}{_test_takes(study)}"
    if study.queue:
        yield f"{len(study.queue)} enqueued and not asked yet: they are the first trials when the search goes on"


def _test_takes(study: "Study") -> str:
    """What the test takes on top of the time; empty if there is nothing to test."""
    if study.final is not None:
        return ""
    from nasedu.core import counted

    picked = [a for a in study.space.hand_picked() if study.controller.allows(a)]
    tried = {t.architecture: t.evaluation for t in study.trials if t.evaluation and not t.imported}
    trainings = 1 + len(picked) + sum(a not in tried for a in (study.best.architecture, *picked))
    seconds = trainings * sum(e.seconds for e in tried.values()) / len(tried)
    return f"; the test of {counted(1 + len(picked), 'network')} comes on top, about {math.ceil(seconds)} s"


def _test(study: "Study") -> "StudyRecord":
    """The record of a study after its test. A study that found a better network after its test keeps that test.

    Where nothing can be tested, as with a training function that has no test, a search ends well without one.
    """
    from nasedu.cli.study_record import StudyRecord
    from nasedu.core import NoTest

    if study.final is None or study.final.architecture == study.best.architecture:
        try:
            study.finish()
        except NoTest as error:
            say(f"note: not tested: {error}")
    return StudyRecord.of(study)
