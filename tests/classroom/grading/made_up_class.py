"""A graded course without the minutes that grading takes: the gradebook is written through nbgrader's own functions."""

import csv
import json
import os
import random
import warnings
from datetime import datetime, timedelta
from unittest import mock

from nbgrader.api import Gradebook

from nasedu.classroom.grading import result
from nasedu.classroom.grading.ask import find
from nasedu.classroom.grading.course import create
from nasedu.classroom.grading.result import Result
from tests.classroom.grading.made_up_answers import EXERCISES, copied, written_by
from tests.classroom.grading.nbgrader import ENVIRONMENT

DUE = datetime(2026, 11, 9, 23, 59)
SENTENCES = (
    "The root is missing: f(4) should be 2, yours gives 16.",
    "That counts the last one twice.",
    "You forgot 0.",
)


def write_roster(course, rows):
    with (course / "students.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "first_name", "last_name", "email", "lms_user_id"))
        writer.writerows(rows)


def made_course(folder, size, assignments=("week_5",), exercises=EXERCISES, late=(), copies=(), folder_of=None):
    """A course with a class.

    Args:
        folder: where to.
        size: the number of students, s00 and on; the last one hands in nothing.
        assignments: their names, one due a week after the other.
        exercises: lesson by name.
        late: by number of the student, the days.
        copies: pairs of numbers: the first has the work of the second.
        folder_of: from assignment and student, the name of the folder; by default that of the student.
    """
    course = folder / "course"
    create("00", course)
    late, copies = dict(late), dict(copies)
    students = [f"s{n:02d}" for n in range(size)]
    answers = {who: written_by(7000 + n) for n, who in enumerate(students)}
    answers |= {students[n]: copied(answers[students[other]], n) for n, other in copies.items()}
    with mock.patch.dict(os.environ, ENVIRONMENT), Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        for week, assignment in enumerate(assignments):
            due = DUE + timedelta(weeks=week)
            gradebook.add_assignment(assignment, duedate=due)
            gradebook.add_notebook("05", assignment)
            for name, lesson in exercises.items():
                cell = f"test-{lesson}-{name}"
                gradebook.add_grade_cell(cell, "05", assignment, max_score=2, cell_type="code")
            solved = {name: find(lesson, name).solved for name, lesson in EXERCISES.items()}
            stubs = {name: find(lesson, name).stub for name, lesson in EXERCISES.items()}
            write_notebook(course / "source" / assignment / "05.ipynb", solved)
            write_notebook(course / "release" / assignment / "05.ipynb", stubs)
            for n, who in enumerate(students[:-1]):
                place = folder_of(assignment, who) if folder_of else who
                for where in ("submitted", "autograded"):
                    write_notebook(course / where / place / assignment / "05.ipynb", answers[who])
                when = due + timedelta(days=late[n]) if n in late else due - timedelta(hours=n + 1)
                hand_in(gradebook, course, assignment, place, when, exercises, random.Random(n))
        if not folder_of:
            gradebook.update_or_create_student(students[-1])
    return course


def hand_in(gradebook, course, assignment, who, when, exercises, rng):
    gradebook.update_or_create_student(who)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of SQLAlchemy, on nbgrader's own way to add a submission
        submission = gradebook.add_submission(assignment, who, timestamp=when)
    results = []
    for name, lesson in exercises.items():
        good = rng.random() < 0.7
        message = "" if good else rng.choice(SENTENCES)
        results.append(Result(lesson, name, "right" if good else "wrong", message))
    grades = {grade.name: grade for book in submission.notebooks for grade in book.grades}
    for found in results:
        grades[f"test-{found.lesson}-{found.name}"].auto_score = 2 if found.status == "right" else 0
    gradebook.db.commit()
    result.write(course, assignment, who, "05", results)


def write_notebook(path, answers):
    cells = [
        {
            "cell_type": "code",
            "metadata": {"nbgrader": {"grade_id": f"answer-{EXERCISES[name]}-{name}"}},
            "source": code.splitlines(keepends=True),
        }
        for name, code in answers.items()
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
