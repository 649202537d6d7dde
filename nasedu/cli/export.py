"""`nasedu export`: the network of a finished search as files for other programs."""

from typing import TYPE_CHECKING, Annotated

import typer

from nasedu.cli.messages import say

if TYPE_CHECKING:
    from nasedu.export import About
    from nasedu.study.winner import Winner

FORMS = ("python", "torch", "onnx", "folder")


def export(
    store: Annotated[str, typer.Argument(help="A store with a finished search, or a folder of `Winner.save`.")],
    to: Annotated[
        str,
        typer.Option(
            metavar="|".join(FORMS),
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
    from nasedu.study.winner import Winner

    if to not in FORMS:
        raise BadValue(f"--to is one of {', '.join(FORMS)}; given {to!r}")
    winner = Winner.load(store, study=number_of(study, store))
    if to == "folder":
        winner.save(out)
        say(f"written: {out}/ ({winner!r})\nuse it: nasedu.Winner.load({out!r}).predict(...)")
        return
    from nasedu.export import export_onnx, export_python, export_torch

    shape = winner.task.input_shape
    if to == "python":
        done = export_python(winner.module, shape, out, about=about(winner))
    else:
        done = (export_torch if to == "torch" else export_onnx)(winner.module, shape, out)
    say(f"written: {', '.join(map(str, done.paths))} ({winner!r})")
    say(f"use it: {done.usage}")


def about(winner: "Winner") -> "About":
    """Return what a reader of the exported Python file should know."""
    card, metric = winner.task, winner.task.metrics[0]
    found: About = {
        "title": f"{card.summary} Found by a search; {metric} {winner.tested.score:.4f} on the test split.",
        "licence": f"Data: {card.source}. Licence: {card.licence}.",
        "preprocessing": winner.preparation.source(),
    }
    if card.classes:
        found["classes"] = card.classes
    return found
