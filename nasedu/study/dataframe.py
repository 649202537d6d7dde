"""Trials as a pandas DataFrame."""

from typing import Any

from nasedu.store import Trial


def dataframe_of(trials: list[Trial]) -> Any:
    """Return trials as a pandas DataFrame.

    Columns: number, batch, architecture (choices joined by spaces), score, best (so far), status, seconds,
    parameters, flops, and one for each number of the controller's status, such as epsilon. If a trial was enqueued or
    imported, there is a column origin, too.
    """
    import pandas as pd

    rows = []
    all_asked = all(t.origin == "asked" for t in trials)
    for t in trials:
        e = t.evaluation
        assert e is not None
        row = {"number": t.number, "batch": t.batch, "architecture": " ".join(t.architecture), "score": e.score}
        row |= {"status": e.status, "seconds": e.seconds, "parameters": e.parameters, "flops": e.flops}
        row |= {} if all_asked else {"origin": t.origin}
        row |= t.status
        rows.append(row)
    found = pd.DataFrame(rows)
    if rows:
        found.insert(4, "best", found["score"].cummax())
    return found
