"""The judge: it judges one answer after another, each in its own sandbox.

It runs in its own process. An extreme answer can make a check run for ever or use all the memory: then only the judge
ends, not the grader.
"""

import ast
import contextlib
import json
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TextIO

from nasedu.classroom.exercise import Exercise
from nasedu.classroom.grading.ask import TIMES, find
from nasedu.classroom.grading.fence import Setup
from nasedu.classroom.grading.process import Limits, ProcessEnded, Runner, libraries
from nasedu.classroom.grading.remote import NanDetector, proxy_of
from nasedu.classroom.grading.result import Result
from nasedu.classroom.grading.sandbox import AnswerError, Cell, Sandbox
from nasedu.classroom.grading.sanitize import LONGEST_CODE
from nasedu.classroom.grading.wire_format import NotPlain
from nasedu.classroom.to_plain import convert_results

JUDGE_MEGABYTES = 6144
CHECKING_SECONDS = 20
"""Seconds of the judge's own processor time for one answer. The slowest check takes 1.4, with its imports.

The system ends the judge then: neither the check nor a library can overlook that. Its answer counts as stopped.
"""
LONGEST_MESSAGE = 10_000
ATTEMPTS = 4
"""How often an answer is tried, each time without the cell that ended the process before."""


@dataclass
class AnswerCells:
    """The code cells of one answer.

    Attributes:
        lesson: two digits.
        name: the name of the exercise.
        cells: the student's code cells up to the answer, without unchanged stubs.
        own: the numbers of the answer's own cells.
        notes: notes on the notebook for the instructor.
        numbers: the key of the student's own numbers (see `Exercise.for_student`); empty for those of the lesson.
    """

    lesson: str
    name: str
    cells: list[Cell]
    own: list[int]
    notes: list[str] = field(default_factory=list)
    numbers: str = ""

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "AnswerCells":
        return cls(**{**data, "cells": [Cell(*cell) for cell in data["cells"]]})


def judge(answer: AnswerCells, limits: Limits, skip: set[int] | None = None, runner: Runner | None = None) -> Result:
    """Judge one answer and return its result.

    Args:
        answer: the cells of the answer.
        limits: the limits of its code.
        skip: numbers of cells to skip. Cells that end the process or are too slow are added, so that the next answer
            of the same notebook need not wait for them.
        runner: the process for the answers of this notebook; by default one for this answer alone.
    """
    exercise = find(answer.lesson, answer.name).for_student(answer.numbers)
    skip = set() if skip is None else skip
    began = time.monotonic()
    result = Result(answer.lesson, answer.name, "not attempted", notes=list(answer.notes))
    if exercise.kind != "predict":  # a prediction has one right answer, which equals the published one
        result.same_as_published = _is_published(answer, exercise.solved)
    try:
        with contextlib.closing(_started(answer, exercise, limits, skip, runner)) as sandbox:
            result.confinement = sandbox.confinement
            result.status, message = _verdict(exercise, sandbox, answer)
            if result.status == "wrong" and sandbox.answer in ("plain", "function", "class"):
                steps = exercise.step_report(proxy_of(sandbox, NanDetector()), TIMES.get(exercise.kind, 1))
                result.share, message = steps[0], message + steps[1]
    except ProcessEnded as error:
        result.status, message = "stopped", str(error)
    except NotPlain as error:
        result.status, message = "wrong", f"Your answer is {error}."
    result.notes += _passed_over(answer, skip)
    return replace(result, message=message[:LONGEST_MESSAGE], seconds=round(time.monotonic() - began, 2))


def _passed_over(answer: AnswerCells, skip: set[int]) -> list[str]:
    count = sum(cell.number in skip and cell.number not in answer.own for cell in answer.cells)
    if not count:
        return []
    cells = "One other cell" if count == 1 else f"{count} other cells"
    return [f"{cells} above this answer took too long or ended the program, and counted as empty."]


def _started(answer: AnswerCells, exercise: Exercise, limits: Limits, skip: set[int], runner: Runner | None) -> Sandbox:
    """Return a sandbox whose cells have run; skip other cells that end it or are slow. Raise ProcessEnded.

    The last attempt skips all other cells that no attempt has reached. Otherwise a notebook with many endless cells
    would keep the grader busy for hours. The answer among them may still be right.
    """
    for attempts_left in reversed(range(ATTEMPTS)):
        cells = [cell for cell in answer.cells if cell.number not in skip or cell.number in answer.own]
        sandbox = Sandbox(cells, exercise.name, exercise.methods, limits, answer.own, runner)
        try:
            sandbox.__enter__()
        except ProcessEnded:
            if sandbox.at is None or sandbox.at in answer.own or not attempts_left:
                raise
            skip.add(sandbox.at)
            if attempts_left == 1:
                skip.update(cell.number for cell in cells if cell.number > sandbox.at)
        else:
            return sandbox
        finally:
            skip.update(number for number, words in sandbox.errors.items() if words == "slow")
    raise AssertionError("the last attempt returns or raises")


def _verdict(exercise: Exercise, sandbox: Sandbox, answer: AnswerCells) -> tuple[Any, str]:
    """Return status and message."""
    failed = next((sandbox.errors[number] for number in reversed(answer.own) if number in sandbox.errors), "")
    if sandbox.answer == "absent":
        if failed:
            return "wrong", f"Your cell ended in an error: {failed}"
        if not answer.own:
            return "not attempted", f"There is no cell for {exercise.name}, and no other cell defines it."
        if not {cell.number for cell in answer.cells} & set(answer.own):
            return "not attempted", f"The answer {exercise.name} is as it was."
        return "wrong", f"Nothing is called {exercise.name} after your cell has run."
    if sandbox.answer == "other":
        return "wrong", f"Your answer is {sandbox.value}."
    detector = NanDetector()
    proxy = proxy_of(sandbox, detector)
    if proxy is None or proxy is ...:
        return "not attempted", f"The answer {exercise.name} has no value yet."
    for _ in range(TIMES.get(exercise.kind, 1)):
        objection = _objection(exercise, proxy)
        if sandbox.fault:
            return _faulty(sandbox.fault)
        if objection:
            return "wrong", objection
    if detector.found and not _solution_gives_nan(exercise):
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


def _solution_gives_nan(exercise: Exercise) -> bool:
    """Return whether the published solution also gives nan or empty arrays: then the answer may give them, too."""
    detector = NanDetector()
    exercise.why_wrong(convert_results(detector, exercise.answer_of(exercise.solved), exercise.methods))
    return detector.found


def _is_published(answer: AnswerCells, code: str) -> bool:
    """Return whether the last of the answer's cells is the published code, apart from comments and spaces."""
    sources = [cell.source for cell in answer.cells if cell.number in answer.own]
    return bool(sources) and same_code(sources[-1], code)


def same_code(a: str, b: str) -> bool:
    """Return whether two pieces of code are the same, apart from comments and spaces. Very long code must be equal."""
    if max(len(a), len(b)) > LONGEST_CODE:  # a parser may need gigabytes for code that is long on purpose
        return a == b
    try:
        return ast.dump(ast.parse(a)) == ast.dump(ast.parse(b))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return a.strip() == b.strip()


# ---------------------------------------------------------------------- as a process


def main() -> None:
    """Read a job for each notebook from standard input, and write a line of JSON for each result."""
    _limit_memory()
    replies, sys.stdout = sys.stdout, sys.stderr  # a course's own exercises may print
    with contextlib.suppress(KeyboardInterrupt):  # the grader sends it when it has waited long enough
        for line in sys.stdin:
            _do(json.loads(line), replies)


def _do(job: dict[str, Any], replies: TextIO) -> None:
    skip = set(job["skip"])
    limits, setup = Limits(**job["limits"]), Setup(**job["setup"])
    answers = [AnswerCells.from_data(answer) for answer in job["answers"]]
    runner = Runner(limits, setup, libraries(cell.source for answer in answers for cell in answer.cells))
    with contextlib.closing(runner):
        for answer in answers:
            _limit_processor_time()
            result = judge(answer, limits, skip, runner)
            print(json.dumps({"result": asdict(result), "skip": sorted(skip)}), file=replies, flush=True)


def _limit_processor_time() -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, CHECKING_SECONDS)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:
        return
    if hasattr(resource, "RLIMIT_DATA"):
        resource.setrlimit(resource.RLIMIT_DATA, (JUDGE_MEGABYTES * 2**20,) * 2)
