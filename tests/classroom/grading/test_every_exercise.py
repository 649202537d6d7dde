"""Every exercise of every lesson where it is graded: solution and wrong answers are told what the lesson tells.

A sandbox takes a second where an answer imports or trains something. So the solution and the first wrong answers of
each exercise run there; the judge gets the other wrong answers from a thread, by the same messages.
"""

import threading
from itertools import islice
from queue import SimpleQueue

import pytest

from nasedu.classroom.grading import sandbox_main, wire_format
from nasedu.classroom.grading.judge import AnswerCells, judge
from nasedu.classroom.grading.judging import results_of
from nasedu.classroom.grading.process import Limits
from nasedu.classroom.grading.sandbox import Cell
from tests.classroom.lesson_modules import EXERCISES, LESSONS, exercises_of

SANDBOXED = 2
"""How many wrong answers of an exercise run in a sandbox."""


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_judge_says_what_the_lesson_says(lesson):
    cases = [(exercise, *case) for exercise in exercises_of(lesson) for case in cases_of(exercise)]
    results = results_of([cells(exercise, code) for exercise, code, _, _ in cases], Limits())
    assert [shown(result, words) for result, (*_, words) in zip(results, cases, strict=True)] == [
        (status, words) for *_, status, words in cases
    ]


@pytest.mark.parametrize("exercise", EXERCISES)
def test_what_the_judge_says_of_all_other_wrong_answers(exercise):
    others = list(islice(exercise.wrong.items(), SANDBOXED, None))
    results = [judge(cells(exercise, code), Limits(), runner=InAThread()) for code, _ in others]
    assert [shown(result, words) for result, (_, words) in zip(results, others, strict=True)] == [
        ("wrong", words) for _, words in others
    ]


def cases_of(exercise):
    """What runs in a sandbox: code, status, and words of the message."""
    yield exercise.solved, "right", exercise.praise
    for code, words in islice(exercise.wrong.items(), SANDBOXED):
        yield code, "wrong", words


def cells(exercise, code):
    return AnswerCells(lesson_of(exercise), exercise.name, [Cell(0, code)], [0])


def lesson_of(exercise):
    return next(lesson[-2:] for lesson in LESSONS if exercise in exercises_of(lesson))


def shown(result, words):
    return result.status, words if words in result.message else result.message


class InAThread:
    """A runner and its process: an answer in a thread, without a fence, that gets and gives the sandbox's messages."""

    def begin(self, rules):
        self.asked, self.replies = SimpleQueue(), SimpleQueue()
        threading.Thread(target=self.serve, args=(rules,), daemon=True).start()
        return self, {}

    def serve(self, rules):
        names = {"__name__": "__main__"}
        channel = Channel(self.asked, self.replies)
        for number, source, _ in rules["cells"]:
            if error := sandbox_main._run(source, names, 0):
                channel.send({"cell": number, "error": error})
        answer = names.get(rules["name"], names)
        channel.send(sandbox_main._description(answer, names, rules["methods"]))
        sandbox_main._serve(channel, answer)

    def send(self, message):
        self.asked.put(wire_format.dump(message))

    def receive(self):
        return wire_format.load(self.replies.get(timeout=Limits().seconds))

    def end(self):
        self.send({"do": "end"})


class Channel:
    """The other end of the queues."""

    def __init__(self, asked, replies):
        self.asked, self.replies = asked, replies

    def receive(self):
        return wire_format.load(self.asked.get())

    def send(self, message):
        self.replies.put(wire_format.dump(message))
