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
from nasedu.meta.prior import Evidence
from nasedu.meta.rivals import COLD, RIVALS

ONE_SEED = (
    "One seed proves nothing: another may turn the difference around. Run it again with --seed 1, 2, ... (the same "
    "store holds them all); `make bench` compares over many seeds, with intervals."
)

LEARNED = "with what was learned"
"""Label of the search that is compared with the others."""

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
    if step.rival:
        line = f"{step.rival}, to compare with"
    elif step.cold:
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
    """Return the best score of a task, and that of each search that it is compared with."""
    found = {"done, best": step.evidence, **step.compared}
    return "; ".join(f"{name} {best_after(one, len(one.trials)):.4f}" for name, one in found.items())


# ---------------------------------------------------------------------- the end


def full(learned: Sequence[Learned]) -> RenderableType:
    """Return what was found on each task, what was carried over to it, and what that was worth."""
    sections: list[RenderableType] = [best_table(learned), Group(carried_table(learned[1:]), Text(HOW_READ, "dim"))]
    if any(step.compared for step in learned):
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
    """Return the best score so far of each search of a task: all have the same budget and seed."""
    marks = sorted(
        {mark for step in later for other in step.compared.values() for mark, *_ in step.worth_against(other)}
    )
    table = plain_table("What it was worth: best score so far of each search")
    table.add_column("task", no_wrap=True)
    table.add_column("search")
    for mark in marks:
        table.add_column(f"after {mark}", justify="right", no_wrap=True)
    for step in later:
        searches = {LEARNED: step.evidence, **step.compared}
        best = {mark: max(best_after(one, mark) for one in searches.values()) for mark in marks}
        for name, one in searches.items():
            table.add_row(step.task, name, *(_so_far(one, mark, best[mark]) for mark in marks))
    return table


def _so_far(one: Evidence, trials: int, highest: float) -> Text:
    """Return the best score of a search so far, green if no search of the task has a higher one."""
    if trials > len(one.trials):
        return Text("")
    best = best_after(one, trials)
    return Text(f"{best:.4f}", "green" if best == highest else "")


def verdict(later: Sequence[Learned]) -> str:
    """Return on how many tasks it was ahead of each search that it is compared with; and what that does not prove."""
    names = dict.fromkeys(name for step in later for name in step.compared)
    return "\n".join([*(_standing(later, name) for name in names), ONE_SEED])


def _standing(later: Sequence[Learned], name: str) -> str:
    """Return on how many tasks it was ahead of one search, after the first trials and after all."""
    worth = [step.worth_against(step.compared[name]) for step in later if name in step.compared]
    several = any(len(rows) > 1 for rows in worth)
    counts = []
    for when, place in (("after the first", 0), ("after all", -1))[0 if several else 1 :]:
        rows = [found[place] for found in worth]
        ahead, behind = sum(own > other for _, own, other in rows), sum(own < other for _, own, other in rows)
        counts.append((f"{when} {counted(rows[0][0], 'trial')}", ahead, behind))
    if name in RIVALS:
        return (
            f"Against {name}: "
            + ", then ".join(f"{ahead} ahead and {behind} behind" for _, ahead, behind in counts)
            + "."
        )
    tasks = counted(len(worth), "task")
    said = [f"{when} it was ahead on {ahead} of {tasks} and behind on {behind}" for when, ahead, behind in counts]
    against = "the cold start" if name == COLD else f"{name}, the same mind without memory"
    return f"Against {against}, {'; '.join(said)}."


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
        "twin": step.twin,
        "rivals": {
            name: [{"trials": n, "best": best} for n, _, best in step.worth_against(one)] for name, one in step.rivals
        },
    }
