"""`nasedu predict`: what the network of a finished search says about new examples."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nasedu.cli.messages import say, warn

if TYPE_CHECKING:
    import pandas as pd

    from nasedu.study.winner import Winner


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
    from nasedu.core import BadValue
    from nasedu.study.winner import Winner
    from nasedu.study.winner_files import write_whole

    if not Path(examples).expanduser().exists():
        raise BadValue(f"there is no file or folder {examples!r}; give examples like those of the search")
    winner = Winner.load(store, study=number_of(study, store))
    raw = Path(examples).expanduser()
    table = _answers(winner, raw, probabilities)
    if table.empty:
        raise BadValue(f"{examples} has no examples; expected one or more")
    say(f"{len(table):,} example{'' if len(table) == 1 else 's'} of {examples}, predicted by {winner!r}")
    _compare(winner, raw)
    text = table.to_csv(index=False)
    if out is None:
        print(text, end="")
        return
    try:
        write_whole(Path(out).expanduser(), text.encode())
    except OSError as error:
        raise BadValue(f"{out} cannot be written: {error.strerror}; name another file with --out") from error
    say(f"written: {out}")


def _answers(winner: "Winner", raw: Path, probabilities: bool) -> "pd.DataFrame":
    """Return a row for each example: its name, the prediction, and for classes their probability."""
    import pandas as pd

    table = pd.DataFrame({"example": winner.preparation.names(raw), "prediction": winner.predict(raw)})
    if winner.task.kind == "classification":
        found = winner.predict_proba(raw)
        table["probability"] = found.max(1).round(4)
        if probabilities:
            names = winner.task.classes or tuple(map(str, range(winner.task.outputs)))
            for place, name in enumerate(names):
                table[f"probability of {name}"] = found[:, place].round(4)
    return table


def _compare(winner: "Winner", raw: Path) -> None:
    """Say how good the predictions are, if the right answers stand in the examples."""
    from nasedu.core import BadValue

    try:
        if winner.preparation.answers(raw) is None:
            return
    except BadValue as error:
        warn(f"the predictions are not compared with the answers: {error}")
        return
    metric = winner.task.metrics[0]
    score = winner.evaluate(raw)[metric]
    say(
        f"the right answers are in {raw.name}: {metric} {score:.4f} "
        f"({winner.tested.score:.4f} on the test split of the search)"
    )
