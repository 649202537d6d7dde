"""Every exercise of every lesson where it is graded: solution and wrong answers are told what the lesson tells."""

import pytest

from nasedu.classroom.grading.judge import AnswerCells
from nasedu.classroom.grading.judging import results_of
from nasedu.classroom.grading.process import Limits
from nasedu.classroom.grading.sandbox import Cell
from tests.classroom.lesson_modules import LESSONS, exercises_of


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_judge_says_what_the_lesson_says(lesson):
    answers, wanted = [], []
    for exercise in exercises_of(lesson):
        for code, words in ((exercise.solved, exercise.praise), *exercise.wrong.items()):
            answers.append(AnswerCells(lesson[-2:], exercise.name, [Cell(0, code)], [0]))
            wanted.append(("right" if code == exercise.solved else "wrong", words))
    results = results_of(answers, Limits())
    found = [
        (result.status, words if words in result.message else result.message)
        for result, (_, words) in zip(results, wanted, strict=True)
    ]
    assert found == wanted
