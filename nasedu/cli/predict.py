"""`nasedu predict`: what the network of a finished search says about new examples."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nasedu.cli.messages import say, warn

if TYPE_CHECKING:
    import pandas as pd

    from nasedu.study.winner import Winner
    from nasedu.tasks.base import Split


def predict(
    store: Annotated[str, typer.Argument(help="A store with a finished search, or a folder of `Winner.save`.")],
    examples: Annotated[
        str, typer.Argument(help="What the search was made from: a CSV file, a folder of images, or a .npy file.")
    ],
    out: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the answers into this CSV file instead of showing them.")
    ] = None,
    study: Annotated[
        str | None, typer.Option(help="The study, by its number or name, if several are finished.")
    ] = None,
    probabilities: Annotated[bool, typer.Option(help="A column with the probability of each class.")] = False,
) -> None:
    """Predict new examples with the network that a search found.

    One line for each example: its number or file, the prediction, and for classes how sure the network is.
    """
    from nasedu.cli.study_record import number_of
    from nasedu.core import BadValue, counted
    from nasedu.study.winner import Winner
    from nasedu.study.winner_files import write_whole

    if not Path(examples).expanduser().exists():
        raise BadValue(f"there is no file or folder {examples!r}; give examples like those of the search")
    winner = Winner.load(store, study=number_of(study, store))
    raw = Path(examples).expanduser()
    given, known = _examples(winner, raw)
    table = _answers(winner, winner.preparation.names(raw), given, probabilities)
    if table.empty:
        raise BadValue(f"{examples} has no examples; expected one or more")
    say(f"{counted(len(table), 'example')} of {examples}, predicted by {winner!r}")
    if known:
        _compare(winner, raw, given)
    text = table.to_csv(index=False)
    if out is None:
        print(text, end="")
        return
    try:
        write_whole(Path(out).expanduser(), text.encode())
    except OSError as error:
        raise BadValue(f"{out} cannot be written: {error.strerror}; name another file with --out") from error
    say(f"written: {out}")


def _examples(winner: "Winner", raw: Path) -> "tuple[Split, bool]":
    """Return the inputs, read once, with their answers; and whether these are known, or zeros."""
    import numpy as np

    from nasedu.core import BadValue
    from nasedu.tasks.base import Split

    X = winner.preparation.inputs(raw)
    try:
        y = winner.preparation.answers(raw)
    except BadValue as error:  # the predictions are what was asked for
        warn(f"the predictions are not compared with the answers: {error}")
        y = None
    return Split(X, np.zeros(len(X)) if y is None else y), y is not None


def _answers(winner: "Winner", names: list[str], examples: "Split", probabilities: bool) -> "pd.DataFrame":
    """Return a row for each example: its name, the prediction, and for classes their probability."""
    import pandas as pd

    table = pd.DataFrame({"example": names, "prediction": winner.predict(examples)})
    if winner.task.kind == "classification":
        found = winner.predict_proba(examples)
        digits = 6 if probabilities else 4  # enough to compare with the same network in another program
        table["probability"] = found.max(1).round(digits)
        if probabilities:
            classes = winner.task.classes or tuple(map(str, range(winner.task.outputs)))
            for place, name in enumerate(classes):
                table[f"probability of {name}"] = found[:, place].round(digits)
    return table


def _compare(winner: "Winner", raw: Path, examples: "Split") -> None:
    """Say how good the predictions are, since the right answers stand in the examples."""
    metric = winner.task.metrics[0]
    score = winner.evaluate(examples)[metric]
    note = f"{winner.tested.score:.4f} on the test split of the search"
    if winner.task.source.endswith(f" {raw}"):  # the file or folder of the search itself
        note = f"no test: the network was trained on most of them; {note}"
    say(f"the right answers are in {raw.resolve().name}: {metric} {score:.4f} ({note})")
