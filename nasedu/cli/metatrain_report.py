"""The report of `nasedu metatrain`: what a learner is worth on new tasks, beside what learned nothing.

Pure functions from a `MetaTraining` to what is printed; none of them trains.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from nasedu.cli.report import plain_table
from nasedu.core import counted
from nasedu.core.statistics import Z95, standard_error

if TYPE_CHECKING:
    from nasedu.cli.metatrain_run import MetaTraining, Tested

ONE_TRAINING = "One training proves nothing: try --seed 1, 2, ... with a --store of their own."


def full(run: "MetaTraining") -> RenderableType:
    """Return everything about a finished run."""
    sections = [Text(summary(run)), table(run), Text("\n".join(sentences(run)))]
    return Group(*(Padding(section, (0, 0, 1, 0)) for section in sections))


def summary(run: "MetaTraining") -> str:
    """Return what was learned from, by what, and for how long."""
    parameters = sum(weight.numel() for weight in run.learner.network.parameters())
    train = run.tasks.train
    ways = f"{train.ways} ways, " if train.kind == "classification" else ""
    if ways and train.ways != run.tasks.test.ways:
        ways = f"{train.ways} ways, tested with {run.tasks.test.ways}, "
    learned = f"{counted(run.learner.done, 'step')}, batch {run.learner.batch}, seed {run.seed}"
    return (
        f"{run.method} on {train.name} ({ways}{counted(train.shots, 'shot')}): {learned}, {run.seconds:.1f} s of one "
        f"processor. Network: {run.base.words}; {parameters:,} parameters."
    )


# ---------------------------------------------------------------------- scores


def lower_is_better(run: "MetaTraining") -> bool:
    """Return whether a score is an error."""
    return run.tasks.test.kind == "regression"


def metric(run: "MetaTraining") -> str:
    """Return what a score is."""
    return "squared error" if lower_is_better(run) else "accuracy"


def mean_of(scores: np.ndarray) -> tuple[float, float] | None:
    """Return the mean over tasks and half the width of its 95% interval; None where one of the tasks has no score."""
    if not np.isfinite(scores).all():
        return None
    return float(scores.mean()), float(Z95 * standard_error(scores))


def score_of(tested: "Tested") -> str:
    """Return the score with its interval, or in how many tasks the adaptation exploded."""
    found = mean_of(tested.scores)
    if found is None:
        return f"explodes in {int((~np.isfinite(tested.scores)).sum())} of {counted(len(tested.scores), 'task')}"
    return f"{found[0]:.3f} +- {found[1]:.3f}"


def named(tested: "Tested") -> str:
    """Return who was tested, and after how many inner steps."""
    return tested.who if tested.steps is None else f"{tested.who}, {counted(tested.steps, 'inner step')}"


def judged(run: "MetaTraining") -> "Tested":
    """Return the learner after as many inner steps as it was trained for."""
    rival = rivals(run)[0]
    return next(tested for tested in run.tested if tested.who == run.method and tested.steps == rival.steps)


def rivals(run: "MetaTraining") -> "list[Tested]":
    """Return what the learner is compared with; the first of them is the untrained network."""
    return [tested for tested in run.tested if tested.who != run.method]


def ahead(run: "MetaTraining", rival: "Tested") -> tuple[float, float] | None:
    """Return by how much the learner is better on the same tasks, with half the width of the 95% interval."""
    sign = -1 if lower_is_better(run) else 1
    return mean_of(sign * (judged(run).scores - rival.scores))


def table(run: "MetaTraining") -> RenderableType:
    """Return the scores of all that was tested."""
    test = run.tasks.test
    new = f"{test.ways} ways, " if test.kind == "classification" else ""
    told = f"{new}{counted(test.shots, 'shot')}, mean and 95% interval"
    found = plain_table(f"{metric(run).capitalize()} on {counted(run.episodes, 'new task')}: {told}")
    found.add_column("who")
    descends = any(tested.steps is not None for tested in run.tested)
    if descends:
        found.add_column("inner steps", justify="right")
    found.add_column(metric(run), justify="right", no_wrap=True)
    for tested in run.tested:
        look = "bold" if tested is judged(run) else ""
        steps = [] if not descends else ["" if tested.steps is None else str(tested.steps)]
        found.add_row(*(Text(cell, look) for cell in (tested.who, *steps, score_of(tested))))
    return found


def sentences(run: "MetaTraining") -> Iterator[str]:
    """Yield the verdicts, what they rest on, and what they do not say."""
    for rival in rivals(run):
        yield verdict(run, rival)
    if uses_queries(run):
        yield (
            "Batch normalisation uses the statistics of all queries of a task (transduction): a query that is asked "
            "alone has another answer."
        )
    yield f"The intervals hold the luck of the tasks, not that of the training. {ONE_TRAINING}"


def verdict(run: "MetaTraining", rival: "Tested") -> str:
    """Return whether the learner won, lost or tied against a rival on the same tasks."""
    found = ahead(run, rival)
    if found is None:
        who = run.method if mean_of(judged(run).scores) is None else f"the {rival.who}"
        return f"No verdict against the {rival.who}: the adaptation of {who} explodes."
    mean, half = found
    outcome = "Tie with" if abs(mean) <= half else "Win against" if mean > 0 else "Loss against"
    better = "better" if mean > 0 else "worse"
    return f"{outcome} the {rival.who}: {metric(run)} {better} by {abs(mean):.3f} +- {half:.3f}."


def uses_queries(run: "MetaTraining") -> bool:
    """Return whether an answer depends on the other queries."""
    from nasedu.metalearning.inner_loop import InnerLoop
    from nasedu.trainers.single.norm_and_dropout import NORMS

    return isinstance(run.learner, InnerLoop) and any(isinstance(m, NORMS) for m in run.learner.network.modules())


# ---------------------------------------------------------------------- for a program


def as_json(run: "MetaTraining") -> dict[str, Any]:
    """Return a finished run as one plain object."""
    return {
        **{"method": run.method, "seed": run.seed, "network": run.base.words, "settings": run.learner.settings()},
        **{"tasks": run.tasks.train.describe(), "test": run.tasks.test.describe(), "episodes": run.episodes},
        **{"steps": run.learner.done, "seconds": round(run.seconds, 3), "metric": metric(run)},
        "tested": [{"who": t.who, "inner_steps": t.steps, **_numbers(mean_of(t.scores))} for t in run.tested],
        "ahead": [{"of": rival.who, **_numbers(ahead(run, rival))} for rival in rivals(run)],
    }


def _numbers(found: tuple[float, float] | None) -> dict[str, float | None]:
    mean, half = found or (None, None)
    return {"mean": mean, "interval": half}
