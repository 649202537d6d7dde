"""`nasedu metatrain`: learn from many tasks, then see what that is worth on new ones."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from rich.console import Console

from nasedu.cli import completion
from nasedu.cli.messages import Interrupted, results_of, say
from nasedu.cli.panels import CARRIED, FINE, HOW_LONG, LEARNED

if TYPE_CHECKING:
    from nasedu.cli.metatrain_run import MetaTraining


def metatrain(
    method: Annotated[
        str,
        LEARNED(
            help="How it learns. See: nasedu learners. Or your own: module:Name.", autocompletion=completion.learners
        ),
    ] = "maml",
    tasks: Annotated[
        str,
        LEARNED(
            help="sinusoids, glyphs, relatives/MATERIAL (such as digits), or folder/PATH with a folder for each class.",
            autocompletion=completion.task_distributions,
        ),
    ] = "sinusoids",
    ways: Annotated[
        int | None, LEARNED(help="Classes of a task. Usual: 5, or as many as there are.", show_default=False)
    ] = None,
    shots: Annotated[
        int | None,
        LEARNED(help="Examples to adapt to: of each class 1, of a wave 10, unless given.", show_default=False),
    ] = None,
    train_ways: Annotated[
        int | None,
        LEARNED(help="Classes of a task to learn from. Usual: 20 for prototypes and matching.", show_default=False),
    ] = None,
    space: Annotated[
        str | None,
        LEARNED(help="Take the network from this space. See: nasedu spaces.", autocompletion=completion.spaces),
    ] = None,
    network: Annotated[
        str | None, LEARNED(help='The network, such as "conv3-16 pool2 dense64 stop". Usual: one that fits the tasks.')
    ] = None,
    steps: Annotated[
        int | None,
        HOW_LONG(help="Steps of meta-training, in all; not to be changed later. Usual: 30 to 2500, by the method."),
    ] = None,
    minutes: Annotated[
        float | None, HOW_LONG(help="In place of steps: how long it learns, all runs of this command together.")
    ] = None,
    episodes: Annotated[int, HOW_LONG(help="New tasks that everything is tested on at the end.")] = 600,
    seed: Annotated[int, HOW_LONG(help="The same seed and steps give the same numbers, to the last bit.")] = 0,
    store: Annotated[str, CARRIED(help="The file that remembers the training and its test.")] = "metatrain.safetensors",
    figure: Annotated[
        str | None, FINE(metavar="FILE", help="Draw adaptation to new tasks: a .svg (light and dark), .png or .pdf.")
    ] = None,
    device: Annotated[str, FINE(help="cpu, auto (a GPU if there is one), cuda or mps.")] = "cpu",
    space_option: Annotated[
        list[str] | None, FINE(metavar="NAME=VALUE", help="Such as batch_norm=true. May be repeated.")
    ] = None,
    method_option: Annotated[
        list[str] | None, FINE(metavar="NAME=VALUE", help="Such as inner_rate=0.1. May be repeated.")
    ] = None,
    as_json: Annotated[bool, FINE("--json", help="Print one JSON object instead of a table.")] = False,
) -> None:
    """Learn to learn: from many small tasks, by MAML and its family, by prototypes, or by transfer.

    At the end the learner adapts to tasks that it has never met, beside a network that learned nothing. Stop at any
    time: the same command goes on from there. When nothing is left to do, it prints the results again.
    """
    typed = dict(locals())
    from nasedu.cli.metatrain_progress import MetaTrainProgress

    with MetaTrainProgress(Console(stderr=True)) as progress:
        run = open_run(**typed)
        progress.begin(run)
        if not run.finished:
            _go_on(run, progress)
    if figure is not None:
        from nasedu.cli.figure_file import draw
        from nasedu.cli.metatrain_figure import picture

        draw(lambda: picture(run), Path(figure))
        say(f"drawn: {figure}")
    from nasedu.cli import metatrain_report

    with results_of(store):
        if as_json:
            print(json.dumps(metatrain_report.as_json(run), allow_nan=False))
        else:
            Console(highlight=False).print(metatrain_report.full(run))


def open_run(
    *,
    method: str,
    tasks: str,
    ways: int | None,
    shots: int | None,
    train_ways: int | None,
    space: str | None,
    network: str | None,
    steps: int | None,
    minutes: float | None,
    episodes: int,
    seed: int,
    store: str,
    figure: str | None,
    device: str,
    space_option: list[str] | None,
    method_option: list[str] | None,
    **_: Any,
) -> "MetaTraining":
    """Check all that was typed, the quick things before torch is imported, and open the run. Nothing is written."""
    from nasedu import metalearning, spaces
    from nasedu.cli.options import parse_options
    from nasedu.core import BadValue, check_counts
    from nasedu.study.validation import check_length

    metalearning.registry.check_name(method)
    if space is not None:
        spaces.registry.check_name(space)
    if steps is not None and minutes is not None:
        raise BadValue("the rate falls to 0 at the end, which is one of the two: give --steps or --minutes, not both")
    check_counts(2, episodes=episodes)
    if steps is not None:
        check_counts(steps=steps)
    if minutes is not None:
        check_length(None, minutes)
    path = Path(store)
    if path.suffix != ".safetensors":
        raise BadValue(f"a store of nasedu metatrain ends in .safetensors, such as maml.safetensors; given {store!r}")

    from nasedu.cli.checkpoint_file import check_place
    from nasedu.cli.figure_file import check_figure
    from nasedu.cli.metatrain_parts import make_base, make_learner, make_tasks, usual_steps
    from nasedu.cli.metatrain_run import MetaTraining

    check_place(path, "--store")
    if figure is not None:
        check_figure(Path(figure))
    options = parse_options("--method-option", "inner_rate=0.1", method_option)
    drawn = make_tasks(tasks, method, ways=ways, shots=shots, train_ways=train_ways)
    base = make_base(drawn, method, space, network, parse_options("--space-option", "batch_norm=true", space_option))
    settings = make_learner(method, base, drawn, options, seed=seed, device=device)
    if steps is None and minutes is None:
        steps = usual_steps(method, drawn)
    return MetaTraining(method, settings, base, drawn, path, steps=steps, minutes=minutes, episodes=episodes, seed=seed)


def _go_on(run: "MetaTraining", progress: Any) -> None:
    """Take every step that is left; after a signal, keep where it is."""
    from nasedu.cli.stopping import Stopping

    try:
        with run.file.held(), Stopping() as stopping:
            for event in run.run():
                progress.event(event)
                if stopping.asked:
                    run.save()
                    stopping.now()
    except KeyboardInterrupt as error:
        raise Interrupted(f"stopped {run.where()}; the same command goes on from there") from error
