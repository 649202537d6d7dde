"""`nasedu oneshot`: a search in which all networks share their weights, and what its network is worth alone."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from rich.console import Console

from nasedu.cli import completion
from nasedu.cli.messages import Interrupted, results_of, say
from nasedu.cli.panels import CARRIED, FINE, HOW_LONG, TASK, WHAT

if TYPE_CHECKING:
    from nasedu.cli.oneshot_run import OneshotRun

SELECTIONS = ("alpha", "perturbation")


def oneshot(
    task: Annotated[str, TASK] = "digits",
    space: Annotated[
        str,
        WHAT(
            help="darts, darts-2, p-darts and gdas need cells: cell-201 or darts. enas and spos take any space of "
            "nasedu spaces that has a supernet, such as chain-cnn.",
            autocompletion=completion.spaces,
        ),
    ] = "cell-201",
    method: Annotated[
        str,
        WHAT(metavar="|".join(completion.METHODS), help="How it searches.", autocompletion=completion.methods),
    ] = "darts",
    selection: Annotated[
        str,
        WHAT(
            metavar="|".join(SELECTIONS),
            help="How operations are chosen at the end: the largest alpha, or the one that is missed most.",
        ),
    ] = "alpha",
    steps: Annotated[
        int | None, HOW_LONG(help="Batches that train the shared weights. Usual: 200 to 1000, by the method.")
    ] = None,
    minutes: Annotated[
        float | None, HOW_LONG(help="Pause after this time in this run; the same command goes on.")
    ] = None,
    epochs: Annotated[int, HOW_LONG(help="Passes over the data for each network that is trained alone.")] = 8,
    repeats: Annotated[int, HOW_LONG(help="Seeds with which both networks are tested at the end.")] = 5,
    seed: Annotated[int, HOW_LONG(help="The same seed gives the same search, step for step.")] = 0,
    store: Annotated[
        str, CARRIED(help="The file that remembers the search, its network and the comparison.")
    ] = "oneshot.safetensors",
    figure: Annotated[
        str | None,
        FINE(metavar="FILE", help="Draw the search and its network into a .svg (light and dark), .png or .pdf."),
    ] = None,
    device: Annotated[str, FINE(help="cpu, auto (a GPU if there is one), cuda or mps.")] = "cpu",
    space_option: Annotated[
        list[str] | None, FINE(metavar="NAME=VALUE", help="Such as width=16. May be repeated.")
    ] = None,
    method_option: Annotated[
        list[str] | None, FINE(metavar="NAME=VALUE", help="Such as alpha_rate=0.1. May be repeated.")
    ] = None,
    as_json: Annotated[bool, FINE("--json", help="Print one JSON object instead of tables.")] = False,
) -> None:
    """Search with one set of weights for all networks, then train the network that it derives alone.

    Random networks are trained for as long as all that took, and the best of them is compared with the derived one.
    Stop at any time: the same command goes on from there. When nothing is left to do, it prints the results again.
    """
    typed = dict(locals())
    from nasedu.cli.oneshot_progress import OneshotProgress

    with OneshotProgress(Console(stderr=True)) as progress:
        run = open_run(**typed)
        progress.begin(run)
        _go_on(run, progress, minutes)
    if not run.finished:
        return
    if figure is not None:
        from nasedu.cli.figure_file import draw
        from nasedu.cli.oneshot_figure import picture

        draw(lambda: picture(run), Path(figure))
        say(f"drawn: {figure}")
    from nasedu.cli import oneshot_report

    with results_of(store):
        if as_json:
            print(json.dumps(oneshot_report.as_json(run), allow_nan=False))
        else:
            Console(highlight=False).print(oneshot_report.full(run))


def open_run(
    *,
    task: str,
    space: str,
    method: str,
    selection: str,
    steps: int | None,
    minutes: float | None,
    epochs: int,
    repeats: int,
    seed: int,
    store: str,
    figure: str | None,
    device: str,
    space_option: list[str] | None,
    method_option: list[str] | None,
    **_: Any,
) -> "OneshotRun":
    """Check all that was typed, the quick things before torch is imported, and open the run. Nothing is written."""
    from nasedu import spaces, tasks
    from nasedu.cli.options import parse_options
    from nasedu.core import BadValue, check_counts, unknown
    from nasedu.oneshot import methods
    from nasedu.study.validation import check_length

    methods.registry.check_name(method)
    if selection not in SELECTIONS:
        raise BadValue(unknown("selection", selection, SELECTIONS))
    spaces.registry.check_name(space)
    tasks.check_name(task)
    check_length(None, 1.0 if minutes is None else minutes)
    check_counts(epochs=epochs)
    check_counts(2, repeats=repeats)
    path = Path(store)
    if path.suffix != ".safetensors":
        raise BadValue(f"a store of nasedu oneshot ends in .safetensors, such as cell.safetensors; given {store!r}")

    from nasedu.cli.checkpoint_file import check_place
    from nasedu.cli.figure_file import check_figure
    from nasedu.cli.oneshot_run import OneshotRun
    from nasedu.cli.tasks import load_task
    from nasedu.study.build import make_space, make_trainer

    check_place(path, "--store")
    if figure is not None:
        check_figure(Path(figure))
    loaded = load_task(task)[0]
    made = make_space(space, loaded, parse_options("--space-option", "width=16", space_option))
    options = parse_options("--method-option", "alpha_rate=0.1", method_option)
    search = methods.load(method, made, loaded, steps=steps, seed=seed, device=device, options=options)
    if selection == "perturbation" and search.mixture is None:
        raise BadValue(f"--selection perturbation removes operations from a mixture, and {method} has none; use alpha")
    trainer = make_trainer("sequential", made, loaded, {"device": device})
    given: dict[str, Any] = {"selection": selection, "epochs": epochs, "seed": seed, "repeats": repeats}
    return OneshotRun(method, search, trainer, path, **given)


def _go_on(run: "OneshotRun", progress: Any, minutes: float | None) -> None:
    """Take every step that is left; after a signal or at the end of the time, keep where it is."""
    from nasedu.cli.stopping import Stopping

    end = None if minutes is None else time.monotonic() + 60 * minutes
    try:
        with run.file.held(), Stopping() as stopping:
            for event in run.run():
                progress.event(event)
                if stopping.asked:
                    run.pause()
                    stopping.now()
                if end is not None and time.monotonic() >= end and not run.finished:
                    run.pause()
                    say(f"note: the {minutes:g} minutes are over {_where(run)}; the same command goes on from there")
                    return
    except KeyboardInterrupt as error:
        raise Interrupted(f"stopped {_where(run)}; the same command goes on from there") from error


def _where(run: "OneshotRun") -> str:
    from nasedu.core import counted

    if run.architecture is None:
        return f"after {run.done} of {run.method.of} steps of the search"
    return f"after the search and {counted(len(run.trained), 'training')}"
