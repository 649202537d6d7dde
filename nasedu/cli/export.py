"""`nasedu export`: the network of a finished search as files for other programs."""

from typing import TYPE_CHECKING, Annotated

import typer

from nasedu.cli.messages import say

if TYPE_CHECKING:
    from nasedu.study.winner import Winner


def export(
    store: Annotated[str, typer.Argument(help="A store with a finished search, or a folder of `Winner.save`.")],
    to: Annotated[
        str,
        typer.Option(
            metavar="python|torch|onnx|folder",
            help="python: one readable file of plain PyTorch, and its weights. torch: a program of torch.export. "
            "onnx: for onnxruntime and others (extra: onnx). folder: for nasedu.Winner.load.",
        ),
    ] = "python",
    out: Annotated[str, typer.Option(metavar="PATH", help="The files to write, without their ending.")] = "network",
    study: Annotated[
        str | None, typer.Option(help="The study, by its number or name, if several are finished.")
    ] = None,
) -> None:
    """Write the network that a search found into files. All but `folder` are used without nasedu."""
    from nasedu.cli.study_record import number_of
    from nasedu.core import BadValue
    from nasedu.study.winner import FORMS, Winner

    if to not in (*FORMS, "folder"):
        raise BadValue(f"--to is one of {', '.join(FORMS)}, folder; given {to!r}")
    winner = Winner.load(store, study=number_of(study, store))
    if to == "folder":
        winner.save(out)
        say(f"written: {out}/ ({winner!r})")
        say(f"use it: nasedu.Winner.load({out!r}).predict(...)")
        return
    done = winner.export(out, to=to)
    say(f"written: {', '.join(map(str, done.paths))} ({winner!r})")
    if to == "python" and done.usage.count("predict"):
        say(f"use it: python {done.paths[0]} FILE, or in Python {done.usage}")
        return
    say(f"use it: {done.usage}")
    if to != "python":
        _say_inputs(winner)


def _say_inputs(winner: "Winner") -> None:
    """Say what a program must give to the network, and what it gets: there is no preparation in its file."""
    from nasedu.tasks.preparing import listed

    card, source = winner.task, winner.preparation.source()
    shape = ", ".join(map(str, ("examples", *card.input_shape)))
    made = ", as `prepare` makes it in the file of --to python" if source else ""
    restored = (
        "standardised numbers, `restore` in that file gives their units" if "def restore" in source else "numbers"
    )
    classes = f"a score for each class: {listed(card.classes, 10)}" if card.classes else restored
    say(f"input: float32 ({shape}){made}; output: {classes}")
