"""Results of trials as a CSV file: `nasedu trials import` reads it, `nasedu trials export` writes it.

The columns `architecture` (choices divided by blanks, or a JSON list) and `score` are needed. The others are those of
`COLUMNS`; a cell may be empty.
"""

import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

from nasedu.controllers.base import Controller
from nasedu.core import Architecture, BadValue, Evaluation, Status
from nasedu.store import Trial
from nasedu.study.results import why_not_imported
from nasedu.tasks.base import METRICS

NEEDED = ("architecture", "score")
SHOWN = 3  # problems of a file that are named; of more, the number


def read_results(path: str, controller: Controller, task: Any, recorded: Iterable[Trial]) -> list[Evaluation]:
    """Return the results in a file, each checked for the study that they are to be trials of.

    Args:
        path: a CSV file in UTF-8, with the names of the columns in its first line.
        controller: of the study, fresh or not.
        task: of the study.
        recorded: the trials that the study has.

    Raises:
        BadValue: what is wrong with the file, with the numbers of its lines.
    """
    known = {t.architecture: f"trial {t.number + 1} of the study" for t in recorded}
    found, problems = [], []
    for line, cells in _rows(path):
        try:
            evaluation = _result(cells)
            reason = why_not_imported(controller, evaluation.architecture, known) or _why_no_score(evaluation, task)
        except BadValue as error:
            reason = str(error)
        if reason:
            problems.append(f"line {line}: {reason}")
        else:
            found.append(evaluation)
            known[evaluation.architecture] = f"line {line}"
    if problems:
        more = f"; and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        raise BadValue(f"nothing was imported from {path}. {'; '.join(problems[:SHOWN])}{more}")
    if not found:
        raise BadValue(f"{path} has no results: a line for each is expected, below the names of the columns")
    return found


def write_results(path: str, trials: Iterable[Trial]) -> int:
    """Write the results of evaluated trials into a CSV file, each architecture once; return their number.

    Raises:
        BadValue: the file cannot be written.
    """
    evaluations: dict[Architecture, Evaluation] = {}
    for trial in trials:
        if trial.evaluation:
            evaluations.setdefault(trial.architecture, trial.evaluation)
    try:
        with Path(path).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for architecture, e in evaluations.items():
                cells = (getattr(e, name) for name in COLUMNS if name != "architecture")
                writer.writerow([as_text(architecture), *("" if cell is None else cell for cell in cells)])
    except OSError as error:
        raise BadValue(f"the results cannot be written to {path}: {error.strerror}") from error
    return len(evaluations)


# ---------------------------------------------------------------------- architectures as text


def as_text(architecture: Architecture) -> str:
    """Return an architecture as `as_architecture` reads it: words, or a JSON list where words would be ambiguous."""
    text = " ".join(architecture)
    is_clear = tuple(text.split()) == architecture and not text.startswith("[")
    return text if is_clear else json.dumps(architecture)


def as_architecture(text: str) -> Architecture:
    """Return an architecture that was typed: its choices divided by blanks, or a JSON list of them.

    Raises:
        BadValue: no choice at all, or a list that is no list of strings.
    """
    words: Any = text.split()
    if text.lstrip().startswith("["):
        try:
            words = json.loads(text)
        except ValueError as error:
            raise BadValue(f"{text} is no JSON list of choices ({error})") from error
    if not words or not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise BadValue(f'an architecture is choices divided by blanks, such as "conv3-16 stop"; given {text!r}')
    return tuple(words)


# ---------------------------------------------------------------------- cells


def _rows(path: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line below the first: its number, and its cells by column; lines without any cell are skipped."""
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, strict=True)
            _check_columns(path, [name.strip() for name in reader.fieldnames or ()])
            reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
            for cells in reader:
                if None in cells or None in cells.values():
                    raise BadValue(
                        f"{path}, line {reader.line_num}: it has another number of cells than the first line has names"
                    )
                yield reader.line_num, {name: cell.strip() for name, cell in cells.items()}
    except OSError as error:
        raise BadValue(f"the results {path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadValue(f"{path} is no CSV file in UTF-8: {error}") from error


def _check_columns(path: str, names: list[str]) -> None:
    """Raise BadValue for columns that are unknown, doubled or missing."""
    unknown = [name for name in names if name not in COLUMNS]
    missing = [name for name in NEEDED if name not in names]
    doubled = sorted({name for name in names if names.count(name) > 1})
    faults = (("an unknown column", unknown), ("no column", missing), ("two columns called", doubled))
    for fault, which in faults:
        if which:
            raise BadValue(f"{path} has {fault} {', '.join(map(repr, which))}; known: {', '.join(COLUMNS)}")


def _number(least: float = -math.inf) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = float(text)
        if not (math.isfinite(value) and value >= least):
            raise ValueError
        return value

    return read


def _count(text: str) -> int:
    if not (text.isdecimal() and text.isascii()):
        raise ValueError
    return int(text)


def _status(text: str) -> str:
    if text not in get_args(Status):
        raise ValueError
    return text


READ: dict[str, tuple[Callable[[str], Any], str]] = {
    "architecture": (as_architecture, "choices divided by blanks, or a JSON list"),
    "score": (_number(), "a finite number"),
    "status": (_status, f"one of {', '.join(get_args(Status))}"),
    "epochs": (_count, "a whole number of at least 0"),
    "seed": (_count, "a whole number of at least 0"),
    "seconds": (_number(0), "a number of at least 0"),
    "parameters": (_count, "a whole number of at least 0"),
    "flops": (_count, "a whole number of at least 0"),
    "reason": (str, "a sentence"),
}
"""For each column, how a cell is read, and what is expected in it."""

COLUMNS = tuple(READ)


def _result(cells: dict[str, str]) -> Evaluation:
    """The result in one line. Raises BadValue for a cell that cannot be read."""
    values = {}
    for name, cell in cells.items():
        read, expected = READ[name]
        if not cell and name not in NEEDED:
            continue
        try:
            values[name] = read(cell)
        except ValueError as error:
            if isinstance(error, BadValue):
                raise
            raise BadValue(f"{name} is {expected}; given {cell!r}") from error
    return Evaluation(**values)


def _why_no_score(evaluation: Evaluation, task: Any) -> str:
    """Why a score is none of the task: percent, or a loss, where the score is a share."""
    metric = next(iter(getattr(task, "metrics", ())), "score")
    least = 0 if task.kind == "classification" else -math.inf
    if metric not in METRICS.get(task.kind, ()) or least <= evaluation.score <= 1:
        return ""
    return f"the score {evaluation.score:g} is no {metric}, which is at most 1{' and at least 0' if not least else ''}"
