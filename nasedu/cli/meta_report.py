"""The report of a loop over tasks: a line for each step; at the end what was carried over, and what that was worth.

Pure functions from the steps of `MetaSearch` to what is printed.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from nasedu.cli.fitting_table import FittingTable
from nasedu.cli.report import plain_table
from nasedu.cli.study_record import words
from nasedu.core import counted
from nasedu.meta.events import Learned, Opened, Source, SpaceChosen, best_after

ONE_SEED = (
    "One seed proves nothing: another may turn the difference around. Run it again with --seed 1, 2, ... (the same "
    "store holds them all); `make bench` compares over many seeds, with intervals."
)

HOW_READ = "Alike: rank correlation, -1 to 1. Liked best before: choices with their mean standing, 0 to 1."

# ---------------------------------------------------------------------- a line for each step


def space_line(step: SpaceChosen) -> str:
    """Return what is searched from here on."""
    if not step.dropped:
        return step.why
    return f"{step.why}; {share(step)} of the space is left. Omitted: {pruned_choices(step)}"


def pruned_choices(step: SpaceChosen, most: int = 6) -> str:
    """Return the choices that are omitted, each with its number of places in a walk; the most frequent first."""
    places = Counter(choice for choices in step.dropped.values() for choice in choices)
    rows = sorted(places.items(), key=lambda row: (-row[1], row[0]))
    shown = [f"{choice} (in {counted(count, 'place')})" for choice, count in rows[:most]]
    return ", ".join(shown) + (f" and {len(rows) - most} more" if len(rows) > most else "")


def share(step: SpaceChosen) -> str:
    """Return the share of the space that is left, in percent."""
    return f"{100 * step.kept / step.whole:.0f}%"


def opened_line(step: Opened) -> str:
    """Return how a search begins, and how many trials it has already."""
    if step.cold:
        line = f"{step.twin}, the same mind without memory" if step.twin else "the same search once more, cold"
        line += ", to compare with"
    elif step.prior is None:
        line = "cold, since nothing was learned yet" if not step.sources else "cold"
    else:
        line = f"{step.prior} opens it with {sources_line(step.sources)}"
    return line + (f"; {counted(len(step.earlier), 'trial')} in the store already" if step.earlier else "")


def sources_line(sources: Sequence[Source]) -> str:
    """Return the number of trials from each earlier task; and how many were omitted, with the reason."""
    lines = []
    for source in sources:
        reasons = [f"{source.unreadable} that this task's space cannot read"] if source.unreadable else []
        reasons += [f"{source.pruned} pruned"] if source.pruned else []
        without = f" (without {', '.join(reasons)})" if reasons else ""
        lines.append(f"{counted(source.trials, 'trial')} on {source.task}{without}")
    return ", ".join(lines)


def learned_line(step: Learned) -> str:
    """Return the best score of a task, and that of its cold search."""
    end = f"done, best {best_after(step.evidence, len(step.evidence.trials)):.4f}"
    return end + (f"; cold {best_after(step.cold, len(step.cold.trials)):.4f}" if step.cold else "")


# ---------------------------------------------------------------------- the end


def full(learned: Sequence[Learned]) -> RenderableType:
    """Return what was found on each task, what was carried over to it, and what that was worth."""
    sections: list[RenderableType] = [best_table(learned), Group(carried_table(learned[1:]), Text(HOW_READ, "dim"))]
    if any(step.cold for step in learned):
        sections += [worth_table(learned[1:]), Text(verdict(learned[1:]))]
    else:
        sections.append(Text("Whether that was worth anything, only a comparison can say: leave --no-compare out."))
    return Group(*(Padding(section, (0, 0, 1, 0)) for section in sections))


def best_table(learned: Sequence[Learned]) -> FittingTable:
    """Return the best network of each task."""
    table = plain_table("The best network of each task")
    table.add_column("task", no_wrap=True)
    table.add_column("validation", justify="right", no_wrap=True)
    table.add_column("trial", justify="right", no_wrap=True)
    table.add_column("architecture")
    for step in learned:
        place, architecture, score = step.best
        table.add_row(step.task, f"{score:.4f}", str(place + 1), words(architecture))
    return table


def carried_table(later: Sequence[Learned]) -> FittingTable:
    """Return for each task its sources, how alike they are, which choices stood best there, and what was omitted."""
    table = plain_table("What was carried over")
    table.add_column("to", no_wrap=True)
    for head in ("from", "liked best before", "what was searched"):
        table.add_column(head)
    for step in later:
        liked = ", ".join(f"{choice} {mean:.2f}" for choice, mean, _ in step.favourites) or "nothing often enough"
        table.add_row(step.task, "\n".join(map(_source, step.sources)), liked, "\n".join(_searched(step)))
    return table


def _source(source: Source) -> str:
    alike = "" if source.alike is None else f", alike {source.alike:+.2f}"
    out = f", {source.unreadable} unreadable here" if source.unreadable else ""
    out += f", {source.pruned} pruned" if source.pruned else ""
    return f"{source.task}: {counted(source.trials, 'trial')}{alike}{out}"


def _searched(step: Learned) -> list[str]:
    return [
        f"{share(chosen)} of the space, without {pruned_choices(chosen, 3)}" if chosen.dropped else chosen.why
        for chosen in step.spaces
    ]


def worth_table(later: Sequence[Learned]) -> FittingTable:
    """Return the best score so far of each search and of its cold start, which has the same budget and seed."""
    marks = sorted({mark for step in later for mark, *_ in step.worth})
    cold = next((step.twin for step in later if step.twin), "cold")
    table = plain_table(f"What it was worth: best score so far, with what was learned / {cold}")
    table.add_column("task", no_wrap=True)
    for mark in marks:
        table.add_column(f"after {mark}", justify="right", no_wrap=True)
    for step in later:
        found = {mark: (warm, cold) for mark, warm, cold in step.worth}
        table.add_row(step.task, *(_cell(*found[mark]) if mark in found else Text("") for mark in marks))
    return table


def _cell(warm: float, cold: float) -> Text:
    style = "green" if warm > cold else "red" if warm < cold else ""
    return Text.assemble((f"{warm:.4f}", style), f" / {cold:.4f}")


def verdict(later: Sequence[Learned]) -> str:
    """Return on how many tasks it was ahead, after the first trials and after all; and what that does not prove."""
    counts = []
    several = any(len(step.worth) > 1 for step in later)
    for when, place in (("after the first", 0), ("after all", -1))[0 if several else 1 :]:
        rows = [step.worth[place] for step in later if step.worth]
        ahead, behind = sum(warm > cold for _, warm, cold in rows), sum(warm < cold for _, warm, cold in rows)
        tasks = counted(len(rows), "task")
        counts.append(
            f"{when} {counted(rows[0][0], 'trial')} it was ahead on {ahead} of {tasks} and behind on {behind}"
        )
    return f"Against {_cold_name(later)}, {'; '.join(counts)}. {ONE_SEED}"


def _cold_name(later: Sequence[Learned]) -> str:
    """Return what the cold search of the later tasks is: the prior's own mind without memory, or the same search."""
    twin = next((step.twin for step in later if step.twin), "")
    return f"{twin}, the same mind without memory" if twin else "the cold start"


def as_json(learned: Sequence[Learned], prior: str) -> dict[str, Any]:
    """Return the loop as one plain object."""
    return {"prior": prior, "tasks": [_task_json(step) for step in learned]}


def _task_json(step: Learned) -> dict[str, Any]:
    _, architecture, score = step.best
    return {
        "task": step.task,
        "trials": len(step.evidence.trials),
        "best": {"architecture": list(architecture), "score": score},
        "carried_over": [vars(source) for source in step.sources],
        "liked_best": [list(row) for row in step.favourites],
        "searched": [{"why": r.why, "kept": r.kept, "of": r.whole, "dropped": r.dropped} for r in step.spaces],
        "worth": [{"trials": n, "best": warm, "cold": cold} for n, warm, cold in step.worth],
    }
