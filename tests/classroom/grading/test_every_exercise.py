"""Every exercise of every lesson where it is graded: solution and wrong answers are told what the lesson tells."""

import ast

import pytest

from nasedu.classroom.grading import wire_format
from nasedu.classroom.grading.judge import AnswerCells
from nasedu.classroom.grading.judging import results_of
from nasedu.classroom.grading.process import Limits
from nasedu.classroom.grading.sandbox import Cell
from tests.classroom.lesson_modules import LESSONS, exercises_of

NEEDS_A_PROCESS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.Lambda, ast.ClassDef)


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_judge_says_what_the_lesson_says(lesson):
    answers, wanted = [], []
    for exercise in exercises_of(lesson):
        for code, words in ((exercise.solved, exercise.praise), *exercise.wrong.items()):
            if code != exercise.solved and is_a_value(code):
                assert words in exercise.objection(as_it_arrives(exercise.answer_of(code))), code
                continue
            answers.append(AnswerCells(lesson[-2:], exercise.name, [Cell(0, code)], [0]))
            wanted.append(("right" if code == exercise.solved else "wrong", words))
    results = results_of(answers, Limits())
    found = [
        (result.status, words if words in result.message else result.message)
        for result, (_, words) in zip(results, wanted, strict=True)
    ]
    assert found == wanted


def is_a_value(code):
    """Whether some code needs no process of its own: it calls nothing but what Python has, and keeps numbers or words.

    A process takes a tenth of a second and more; what it would send is the same (test_wire_format.py, test_judge.py).
    """
    return not any(isinstance(node, NEEDS_A_PROCESS) for node in ast.walk(ast.parse(code)))


def as_it_arrives(value):
    """A value as the judge unpacks it."""
    return wire_format.unpack(wire_format.load(wire_format.dump(wire_format.pack(value))))
