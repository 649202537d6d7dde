"""The report of `nasedu oneshot`: the derived network, and how it compares with random networks.

Pure functions from an `OneshotRun` to what is printed; none of them trains.
"""

from collections.abc import Iterator
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.text import Text

from nasedu.cli.report import examples, plain_table
from nasedu.core import Architecture, Evaluation, Mismatch, counted
from nasedu.oneshot.edges import NONE, Edge, Edges
from nasedu.spaces.drawing import layers

if TYPE_CHECKING:
    from nasedu.cli.oneshot_run import OneshotRun

SHORTER = {"nor_conv_": "conv", "skip_connect": "skip", "avg_pool_": "avg", "max_pool_": "max", "_conv_": "_conv"}
"""What is written for the names of operations where room is short."""

ONE_SEARCH = "One search proves nothing: try --seed 1, 2, ... with a --store of their own."


def short(architecture: Architecture) -> str:
    """Return an architecture on one short line."""
    words = " ".join(architecture)
    for long, brief in SHORTER.items():
        words = words.replace(long, brief)
    return words


def brief(seconds: float) -> str:
    """Return seconds as a number with two digits that count, or all digits of a larger one."""
    return f"{seconds:.0f}" if seconds >= 9.95 else f"{seconds:.1f}" if seconds >= 0.95 else f"{seconds:.2g}"


def full(run: "OneshotRun") -> RenderableType:
    """Return everything about a finished run."""
    sections = [Text(summary(run)), derived_network(run), comparison(run), Text("\n".join(sentences(run)))]
    return Group(*(Padding(section, (0, 0, 1, 0)) for section in sections))


def summary(run: "OneshotRun") -> str:
    """Return what was searched, how, and for how long."""
    about = run.about
    by = f", selected by {run.selection}" if run.method.mixture else ""
    ended = f" (ended by its own rule, of {run.method.of})" if run.done < run.method.of else ""
    return (
        f"{about['method']} in {about['space']['name']} on {about['task']}{by}: {counted(run.done, 'step')}{ended}, "
        f"seed {run.seed}, {brief(run.seconds)} s of one processor. All networks of the space shared their weights."
    )


# ---------------------------------------------------------------------- the derived network


def derived_network(run: "OneshotRun") -> RenderableType:
    """Return the network that was derived: the edges of its cell, with the shares that they had; or its layers."""
    assert run.architecture is not None
    try:
        edges = Edges(run.trainer.space)
    except Mismatch:
        return _layers(run.trainer.space, run.architecture)
    shares = run.history.shares[-1] if run.history.shares else None
    chosen = edges.chosen(run.architecture)
    tables = [_cell(edges, kind, chosen, shares) for kind in range(len(edges.kinds))]
    return Group(*(Padding(table, (0, 0, int(table is not tables[-1]), 0)) for table in tables))


def _cell(edges: Edges, kind: int, chosen: dict[Edge, str], shares: np.ndarray | None) -> RenderableType:
    """Return a row for each edge of a cell: its operation, the share of that, and the largest other share."""
    name = edges.kinds[kind] if len(edges.kinds) == 1 else f"{edges.kinds[kind]} cell"
    table = plain_table(f"The derived {name}: each node adds up what arrives")
    for head in ("node", "from", "operation", *(["share", "", "largest other"] if shares is not None else [])):
        table.add_column(head, no_wrap=True)
    before = -1
    for row, edge in enumerate(edges.rows):
        if edge.kind != kind or edge not in chosen:
            continue
        operation = Text(chosen[edge], "dim" if chosen[edge] == NONE else "bold")
        cells: list[Any] = ["" if edge.node == before else str(edge.node), str(edge.source), operation]
        before = edge.node
        if shares is not None:
            column = edges.operations.index(chosen[edge])
            others = [c for c in np.argsort(-shares[row], kind="stable") if c != column and shares[row, c] > 0]
            following = f"{edges.operations[others[0]]} {shares[row, others[0]]:.2f}" if others else ""
            bar = ProgressBar(1.0, float(shares[row, column]), width=16, complete_style="green")
            cells += [f"{shares[row, column]:.2f}", bar, Text(following, "dim")]
        table.add_row(*cells)
    return table


def _layers(space: Any, architecture: Architecture) -> RenderableType:
    table = plain_table(f"The derived network: {' '.join(architecture)}")
    table.add_column("layer", no_wrap=True)
    table.add_column("gives", no_wrap=True)
    table.add_column("parameters", justify="right", no_wrap=True)
    for node in layers(space, architecture):
        numbers = f"{node.parameters:,}" if node.parameters else ""
        table.add_row(Text(node.title, "bold"), " x ".join(map(str, node.shape)), numbers)
    return table


# ---------------------------------------------------------------------- the comparison


def comparison(run: "OneshotRun") -> RenderableType:
    """Return the derived network and the best random one, each trained alone, in a table."""
    against = run.against()
    count, found = run.repeats, against.of("derived tested")[0]
    on = f" on {counted(examples(found), 'example')}" if examples(found) else ""
    table = plain_table(f"Trained alone: with one seed to be chosen, then with {count} new seeds, each tested once{on}")
    table.add_column("network")
    for head in ("parameters", "validation", "test, mean", "lowest", "highest"):
        table.add_column(head, justify="right", no_wrap=True)
    randoms = against.of("random")
    rows = [
        ("derived by the search", against.of("derived")[0], against.of("derived tested")),
        (f"best of {counted(len(randoms), 'random network')}", against.best, against.of("random tested")),
    ]
    for who, chosen, tested in rows:
        scores = [e.score for e in tested]
        network = Text.assemble((who, "bold"), "\n", short(chosen.architecture))
        numbers = [f"{chosen.parameters:,}" if chosen.parameters else "", f"{chosen.score:.4f}"]
        table.add_row(network, *numbers, *(f"{number:.4f}" for number in (fmean(scores), min(scores), max(scores))))
    middle = f"{median(e.score for e in randoms):.4f}"
    table.add_row(Text("median of the random networks", "dim"), "", Text(middle, "dim"), "", "", "")
    return table


def sentences(run: "OneshotRun") -> Iterator[str]:
    """Yield the verdict, what it rests on, and what it does not say."""
    against = run.against()
    alone, randoms = against.of("derived")[0], against.of("random")
    yield (
        f"Same compute: {brief(against.budget)} processor seconds for the search and one training of its network, "
        f"{brief(against.used)} for {counted(len(randoms), 'random training')}."
    )
    behind = sum(alone.score > e.score for e in randoms)
    yield f"The derived network is ahead of {behind} of {counted(len(randoms), 'random network')} on validation."
    yield verdict(run)
    yield from _failures(run)
    yield ONE_SEARCH
    if run.winner:
        yield f"Take the derived network home: nasedu predict {run.path} NEW, or nasedu export {run.path}"


def verdict(run: "OneshotRun") -> str:
    """Return whether the search won, lost or tied against random search, with the interval of the difference."""
    against = run.against()
    if against.derived == against.best.architecture:
        return "Tie: random search found the very same network."
    mean, low, high = ahead = against.difference()
    by = f"{abs(mean):.4f} {run.trainer.task.metrics[0]} in the test, mean of {run.repeats} seeds"
    if ahead.flat:
        return (
            f"Tie: they differ by {by}. Each seed gave this same difference, so nothing says how much of it is luck; "
            "use more --repeats."
        )
    told = {
        "win": f"Win: the derived network is better than the best random one by {by}.",
        "loss": f"Loss: the derived network is worse than the best random one by {by}.",
        "tie": f"Tie: the two networks cannot be told apart; they differ by {by}.",
    }[ahead.outcome]
    return (
        f"{told} 95% interval of (derived - random): {low:+.4f} to {high:+.4f}. It has the luck of the seeds in it, "
        "not that of the test examples."
    )


def _failures(run: "OneshotRun") -> Iterator[str]:
    failed = [t.evaluation for t in run.trained if not t.evaluation.ok]
    if failed:
        yield f"{counted(len(failed), 'training')} failed and counted with the score of guessing: {failed[0].reason}."


# ---------------------------------------------------------------------- for a program


def as_json(run: "OneshotRun") -> dict[str, Any]:
    """Return a finished run as one plain object."""
    against = run.against()
    mean, low, high = ahead = against.difference()
    return {
        **{name: run.about[name] for name in ("method", "task", "seed", "selection")},
        "space": run.about["space"]["name"],
        "metric": run.trainer.task.metrics[0],
        "steps": run.done,
        "seconds": round(run.seconds, 3),
        "architecture": list(against.derived),
        "derived": _numbers(against.of("derived")[0], against.of("derived tested")),
        "random": {"trainings": len(against.of("random")), "architecture": list(against.best.architecture)}
        | _numbers(against.best, against.of("random tested")),
        "difference": {"mean": mean, "low": low, "high": high, "outcome": ahead.outcome},
    }


def _numbers(chosen: Evaluation, tested: list[Evaluation]) -> dict[str, Any]:
    return {"validation": chosen.score, "parameters": chosen.parameters, "test": [e.score for e in tested]}
