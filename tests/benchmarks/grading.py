"""What grading a class takes, through nbgrader itself, and what the fence costs compared with none."""

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nasedu.classroom.grading import fence, process
from nasedu.classroom.grading.ask import exercises
from nasedu.classroom.grading.judge import AnswerCells
from nasedu.classroom.grading.judging import results_of
from nasedu.classroom.grading.process import Limits, Runner
from nasedu.classroom.grading.sandbox import Cell, Sandbox
from tests.benchmarks.row import Row, skipped

LESSON = "02"
STUDENTS, ANSWERS = 100, 5
PROMISED = 300


def measure() -> list[Row]:
    if shutil.which("nbgrader", path=_environment()["PATH"]) is None:
        return skipped("a class of 100", "nbgrader is missing")
    assert len(exercises(LESSON)) == ANSWERS
    whole, marks = _class()
    seconds, statuses = _hanging()
    level = fence.prepared().level
    return [
        Row(
            f"a class of {STUDENTS}, {ANSWERS} answers each, `nbgrader autograde` ({level})",
            f"at most {PROMISED} s on two cores",
            f"{whole:.0f} s; {marks} of {STUDENTS * ANSWERS} right",
            whole <= PROMISED,
        ),
        Row(
            "one notebook; its first answer never ends (limit: 30 s)",
            "the others are right",
            f"{seconds:.0f} s; {', '.join(statuses)}",
            statuses == ["stopped"] + ["right"] * (ANSWERS - 1),
        ),
        *_costs(),
    ]


def _environment() -> dict[str, str]:
    path = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]
    return {**os.environ, "PATH": path, "OMP_NUM_THREADS": "1"}


def _class() -> tuple[float, int]:
    """Return the seconds of grading a class, and how many answers were right."""
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder)
        _run(course, "nasedu", "assignment", "create", LESSON, "--out", ".")
        _run(course, "nbgrader", "generate_assignment", f"lesson_{LESSON}")
        released = json.loads((course / "release" / f"lesson_{LESSON}" / f"{LESSON}.ipynb").read_text())
        for cell in released["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id", "").removeprefix(f"answer-{LESSON}-")
            if name in exercises(LESSON):
                cell["source"] = exercises(LESSON)[name].solved
        for student in range(STUDENTS):
            place = course / "submitted" / f"student{student:03d}" / f"lesson_{LESSON}"
            place.mkdir(parents=True)
            (place / f"{LESSON}.ipynb").write_text(json.dumps(released))
        began = time.perf_counter()
        _run(course, "nbgrader", "autograde", f"lesson_{LESSON}")
        seconds = time.perf_counter() - began
        found = [json.loads(path.read_text()) for path in course.glob("verdicts/*/*/*.json")]
    return seconds, sum(one["status"] == "right" for results in found for one in results)


def _run(folder: Path, *words: str) -> None:
    subprocess.run(words, cwd=folder, env=_environment(), capture_output=True, check=True)


def _hanging() -> tuple[float, list[str]]:
    """Return the seconds and the results of a notebook in which the first answer never ends."""
    answers = []
    for number, (name, exercise) in enumerate(exercises(LESSON).items()):
        code = exercise.solved if number else f"{exercise.solved}\nwhile True:\n    pass"
        answers.append(AnswerCells(LESSON, name, [Cell(number, code)], [number]))
    began = time.perf_counter()
    results = results_of(answers, Limits())
    return time.perf_counter() - began, [result.status for result in results]


def _costs() -> list[Row]:
    """Return what the first and each further answer of a student costs: at each level, and without a fence."""
    setup = fence.prepared()
    first, further = _seconds(setup)
    weak_first, weak_further = _seconds(fence.prepared("hook"))
    with _no_fence(setup):
        bare_first, bare_further = _seconds(setup)
    return [
        Row(
            f"the first answer of a student: {setup.level}, weak level, no fence",
            "",
            f"{first:.2f}, {weak_first:.2f}, {bare_first:.2f} s: {first / bare_first:.2f} times no fence",
        ),
        Row(
            f"each further answer: {setup.level}, weak level, no fence",
            "",
            f"{further * 1000:.0f}, {weak_further * 1000:.0f}, {bare_further * 1000:.0f} ms: "
            f"{further / bare_further:.2f} times no fence",
        ),
    ]


def _seconds(setup: fence.Setup) -> tuple[float, float]:
    """Return the median seconds of the first and of further answers, over nine students with five answers each."""
    firsts, others = [], []
    for _ in range(9):
        runner = Runner(Limits(), setup, ["numpy", "nasedu"])
        with contextlib.closing(runner):
            for number in range(ANSWERS):
                began = time.perf_counter()
                with Sandbox([Cell(0, "import numpy\nx = 1")], "x", runner=runner) as sandbox:
                    assert sandbox.value == 1
                (others if number else firsts).append(time.perf_counter() - began)
    return statistics.median(firsts), statistics.median(others)


@contextlib.contextmanager
def _no_fence(setup: fence.Setup):
    kept = fence.command, fence.INSIDE, process._filters
    fence.command = lambda *_: [*fence.python(), f"{setup.folder}/program/sandbox_main.py"]
    fence.INSIDE, process._filters = setup.folder, lambda strong: []
    try:
        yield
    finally:
        fence.command, fence.INSIDE, process._filters = kept
