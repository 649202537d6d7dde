"""What was read of a user's own data: so that no misreading stays unseen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MOST = 10
"""Classes that are named; of more, the first."""

OFTEN = 0.9
"""A class of this share makes accuracy a poor score."""

_SINGULAR = {"numbers": "number", "categories": "category", "dates": "date"}


@dataclass(frozen=True)
class Reading:
    """What was read from a file, a folder or the network, and what it became.

    Attributes:
        kind: "table" or "images".
        examples: how many are used, of all splits together.
        features: how many of each sort, such as {"numbers": 4, "categories": 2}; empty for images.
        became: what each column became, in the order of the table, such as {"age": "number", "sex": "category (2)"}.
        classes: how many examples each class has, by its name; empty for a regression.
        splits: how the examples were divided, in words, such as "60/20/20 by class" or "as given".
        divided_by: "class", "group", "time" or "given". But for "class", the shares of the classes may differ between
            the splits, and two splits may have an equal example: two patients, two days.
        left_out: one sentence for each thing that was left out, filled or guessed.
    """

    kind: str
    examples: int
    features: Mapping[str, int] = field(default_factory=dict)
    became: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, int] = field(default_factory=dict)
    splits: str = ""
    divided_by: str = "class"
    left_out: tuple[str, ...] = ()


def describe(task: Any) -> str:
    """Return one line on what was read: kind, examples, features by sort, classes by name, chance, what was left out.

    Args:
        task: any task; what it does not have is not said.
    """
    reading: Reading | None = getattr(task, "reading", None)
    if getattr(task, "train", None) is None:  # recorded scores, or several tasks as one
        return f"{task.name}: {task.summary}"
    sizes = [len(task.train.y), len(task.validation.y), len(task.test)]
    noun = {"table": "rows", "images": "images"}.get(reading.kind, "examples") if reading else "examples"
    divided = f"; {reading.splits}" if reading and reading.splits else ""
    parts = [
        f"{task.name}: {task.kind}, {sum(sizes):,} {noun} "
        f"({sizes[0]:,} to train, {sizes[1]:,} to validate, {sizes[2]:,} to test{divided})",
        _features(task, reading),
    ]
    if task.kind == "classification":
        parts.append(_classes(task, reading))
    if task.kind in ("classification", "regression"):
        parts.append(f"chance {task.metrics[0]} {task.chance:.2f}")
    return "; ".join([*parts, *sentences(task)]).replace("\r", "\\r").replace("\n", "\\n")


def sentences(task: Any) -> list[str]:
    """Return a sentence for each thing that was left out, filled or guessed, and for a score that says little."""
    left_out = task.reading.left_out if task.reading else ()
    return [*left_out, *filter(None, [poor_score(task)])]


def poor_score(task: Any) -> str:
    """Return what is wrong with accuracy as the score if one class is very frequent, and what to do; else ""."""
    classes = task.reading.classes if task.reading and task.kind == "classification" else {}
    most = max(classes, key=lambda name: classes[name], default="")
    share = classes[most] / sum(classes.values()) if classes else 0
    if share < OFTEN or task.metrics[0] != "accuracy":
        return ""
    return (
        f"always saying {most!r} has an accuracy of {share:.2f}: choose another score with --metric balanced_accuracy "
        "or --metric f1 (in Python metric='balanced_accuracy')"
    )


def features_in_words(reading: Reading) -> str:
    """Return how many features of each sort there are: "4 numbers, 1 date"; "" for images."""
    return ", ".join(
        f"{count:,} {name if count != 1 else _SINGULAR.get(name, name)}" for name, count in reading.features.items()
    )


def _features(task: Any, reading: Reading | None) -> str:
    if reading and reading.features:
        return f"features: {features_in_words(reading)}"
    return "inputs " + "x".join(map(str, task.input_shape))


def _classes(task: Any, reading: Reading | None) -> str:
    if reading and reading.classes:
        told = [f"{name} ({count:,})" for name, count in reading.classes.items()]
    else:
        told = list(task.classes)
    if not told:
        return f"{task.outputs} classes"
    return f"{task.outputs} classes: {', '.join(told[:MOST])}" + (f" and {len(told) - MOST} more" * (len(told) > MOST))
