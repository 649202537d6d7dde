"""What was read of a task, in tables for a person."""

from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from nasedu.cli.fitting_table import FittingTable
from nasedu.tasks.reading import sentences


def task_report(task: Any) -> RenderableType:
    """Return what each column became, how often each class comes, the splits, and what was left out or guessed."""
    reading = task.reading
    sections: list[RenderableType] = []
    if reading and reading.became:
        sections.append(_pairs(("column", "became"), reading.became))
    if task.kind == "classification":
        sections.append(_class_table(task))
    sections.append(_split_table(task))
    said = sentences(task)
    if said:
        sections.append(
            Group(Text("Left out, filled or guessed", "bold"), *(Text(f"- {sentence}") for sentence in said))
        )
    sections.append(Text(f"Source: {task.source}. Licence: {task.licence}.", "dim"))
    return Group(*(Padding(section, (1, 0, 0, 0)) for section in sections))


def _pairs(heads: tuple[str, str], pairs: Any) -> FittingTable:
    table = FittingTable()
    for head in heads:
        table.add_column(head, overflow="fold")
    for name, value in pairs.items():
        table.add_row(Text(str(name)), Text(str(value)))
    return table


def _class_table(task: Any) -> FittingTable:
    """Return the examples of each class in the splits that a search sees, and in all of them where that is known."""
    import numpy as np

    table = FittingTable()
    total = list(task.reading.classes.values()) if task.reading and task.reading.classes else []
    for head in ("class", "train", "validation", *(["all"] if total else [])):
        table.add_column(head, overflow="fold", justify="left" if head == "class" else "right")
    counts = [np.bincount(split.y, minlength=task.outputs) for split in (task.train, task.validation)]
    for n in range(task.outputs):
        numbers = [int(count[n]) for count in counts] + ([total[n]] if total else [])
        table.add_row(Text(task.classes[n] if task.classes else str(n)), *(f"{number:,}" for number in numbers))
    return table


def _split_table(task: Any) -> FittingTable:
    divided = task.reading.splits if task.reading and task.reading.splits else ""
    table = _pairs(
        ("split", "examples"),
        {
            "train": f"{len(task.train.y):,}",
            "validation": f"{len(task.validation.y):,}",
            "test": f"{len(task.test):,}, sealed until a search has ended",
        },
    )
    table.caption, table.caption_justify = divided or None, "left"
    return table
