"""The judge: one answer after another, each in a sandbox of its own, with a verdict for each.

Runs as a process of its own, because a check that is handed something outrageous may take forever or need all the
memory: then the judge ends, and not the grader.
"""

import ast
import contextlib
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from nasedu.classroom.exercise import Exercise
from nasedu.classroom.grading.ask import TIMES, find
from nasedu.classroom.grading.process import Limits, ProcessEnded
from nasedu.classroom.grading.remote import Watch, stand_in
from nasedu.classroom.grading.result import Result
from nasedu.classroom.grading.sandbox import AnswerError, Cell, Sandbox
from nasedu.classroom.grading.sanitize import LONGEST_CODE
from nasedu.classroom.grading.wire_format import NotPlain
from nasedu.classroom.to_plain import through

JUDGE_MEGABYTES = 6144
ATTEMPTS = 4
"""How often an answer is tried, each time without the cell that ended it."""


@dataclass
class Work:
    """One answer to judge.

    Attributes:
        lesson: two digits.
        name: of the exercise.
        cells: the student's code cells up to the answer, untouched stubs left out.
        own: the numbers of the cells that are the answer's.
        notes: what was noticed about the notebook.
    """

    lesson: str
    name: str
    cells: list[Cell]
    own: list[int]
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Work":
        return cls(**{**data, "cells": [Cell(*cell) for cell in data["cells"]]})


def judge(work: Work, limits: Limits, skip: set[int] | None = None) -> Result:
    """The result of one answer.

    Args:
        work: the answer.
        limits: what its code may use.
        skip: numbers of cells to pass over; those that end the process or are too slow are added, so that the next
            answer of the same notebook need not wait for them.
    """
    exercise, skip = find(work.lesson, work.name), set() if skip is None else skip
    began = time.monotonic()
    result = Result(work.lesson, work.name, "not attempted", notes=list(work.notes))
    if exercise.kind != "predict":  # a prediction has one right answer: whoever finds it writes what is published
        result.same_as_published = _is(work, exercise.solved)
    try:
        with contextlib.closing(_started(work, exercise, limits, skip)) as sandbox:
            result.fence = sandbox.fence
            result.status, message = _verdict(exercise, sandbox, work)
    except ProcessEnded as error:
        result.status, message = "stopped", str(error)
    except NotPlain as error:
        result.status, message = "wrong", f"Your answer is {error}."
    result.notes += _passed_over(work, skip)
    return replace(result, message=message, seconds=round(time.monotonic() - began, 2))


def _passed_over(work: Work, skip: set[int]) -> list[str]:
    count = sum(cell.number in skip and cell.number not in work.own for cell in work.cells)
    if not count:
        return []
    cells = "One other cell" if count == 1 else f"{count} other cells"
    return [f"{cells} above this answer took too long or ended the program, and counted as empty."]


def _started(work: Work, exercise: Exercise, limits: Limits, skip: set[int]) -> Sandbox:
    """A sandbox whose cells have run; other cells that end it, or are slow, are passed over. Raises ProcessEnded.

    Before the last attempt all those are passed over that no attempt has reached: a notebook full of cells that hang
    would hold the grader for hours, and the answer among them may be right.
    """
    for attempts_left in reversed(range(ATTEMPTS)):
        cells = [cell for cell in work.cells if cell.number not in skip or cell.number in work.own]
        sandbox = Sandbox(cells, exercise.name, exercise.methods, limits, work.own)
        try:
            sandbox.__enter__()
        except ProcessEnded:
            if sandbox.at is None or sandbox.at in work.own or not attempts_left:
                raise
            skip.add(sandbox.at)
            if attempts_left == 1:
                skip.update(cell.number for cell in cells if cell.number > sandbox.at)
        else:
            return sandbox
        finally:
            skip.update(number for number, words in sandbox.errors.items() if words == "slow")
    raise AssertionError("the last attempt returns or raises")


def _verdict(exercise: Exercise, sandbox: Sandbox, work: Work) -> tuple[Any, str]:
    """Status and sentence."""
    failed = next((sandbox.errors[number] for number in reversed(work.own) if number in sandbox.errors), "")
    if sandbox.answer == "absent":
        if failed:
            return "wrong", f"Your cell ended in an error: {failed}"
        if not work.own:
            return "not attempted", f"There is no cell for {exercise.name}, and no other cell defines it."
        if not {cell.number for cell in work.cells} & set(work.own):
            return "not attempted", f"The answer {exercise.name} is as it was."
        return "wrong", f"Nothing is called {exercise.name} after your cell has run."
    if sandbox.answer == "other":
        return "wrong", f"Your answer is {sandbox.value}."
    watch = Watch()
    answer = stand_in(sandbox, watch)
    if answer is None or answer is ...:
        return "not attempted", f"The answer {exercise.name} has no value yet."
    for _ in range(TIMES.get(exercise.kind, 1)):
        objection = _objection(exercise, answer)
        if sandbox.fault:
            return _faulty(sandbox.fault)
        if objection:
            return "wrong", objection
    if watch.odd and not _solution_is_odd(exercise):
        return "wrong", "Your answer gives nan (not a number) or an empty array where there should be a number."
    return "right", exercise.praise


def _objection(exercise: Exercise, answer: Any) -> str:
    try:
        return exercise.objection(answer)
    except AnswerError as error:
        return f"Your answer ended in an error: {error}"
    except Exception as error:
        return f"Your answer ended in an error: {type(error).__name__}: {error}"


def _faulty(fault: Exception) -> tuple[str, str]:
    if isinstance(fault, NotPlain):
        return "wrong", f"Your answer gives {fault}."
    return "stopped", str(fault)


def _solution_is_odd(exercise: Exercise) -> bool:
    """Whether the published solution also gives nan or empty arrays: then they are no trick."""
    watch = Watch()
    exercise.why_wrong(through(watch, exercise.answer_of(exercise.solved), exercise.methods))
    return watch.odd


def _is(work: Work, code: str) -> bool:
    """Whether the answer's cells say the same as some code, comments and spaces aside."""
    sources = [cell.source for cell in work.cells if cell.number in work.own]
    return bool(sources) and same_code(sources[-1], code)


def same_code(a: str, b: str) -> bool:
    """Whether two pieces of code are the same, comments and spaces aside; what is longer than any answer is not."""
    if max(len(a), len(b)) > LONGEST_CODE:  # a parser may need gigabytes for what a student makes long on purpose
        return a == b
    try:
        return ast.dump(ast.parse(a)) == ast.dump(ast.parse(b))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return a.strip() == b.strip()


# ---------------------------------------------------------------------- as a process


def main() -> None:
    """Read a job from standard input, write a line of JSON for each result."""
    job = json.load(sys.stdin)
    _limit_memory()
    skip = set(job["skip"])
    with contextlib.suppress(KeyboardInterrupt):  # the grader's way to say that it has waited long enough
        for work in map(Work.of, job["works"]):
            result = judge(work, Limits(**job["limits"]), skip)
            print(json.dumps({"result": asdict(result), "skip": sorted(skip)}), flush=True)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:
        return
    if hasattr(resource, "RLIMIT_DATA"):
        resource.setrlimit(resource.RLIMIT_DATA, (JUDGE_MEGABYTES * 2**20,) * 2)
