"""Floor 5: the classroom, exercises with hints, solutions and the wrong answers that they must catch.

Each lesson's exercises stand once, in a module of their own (`nasedu.classroom.lesson_00`), and serve the lesson, the
instructor's edition and the tests.
"""

from nasedu.classroom.checkpoint import Checkpoint
from nasedu.classroom.claims import claim, interval
from nasedu.classroom.exercise import Exercise, Verdict
from nasedu.classroom.prediction import Prediction

__all__ = ["Checkpoint", "Exercise", "Prediction", "Verdict", "claim", "interval"]
