"""Floor 6: the classroom, exercises with hints, solutions and the wrong answers that they must catch.

Each lesson's exercises stand once, in `nasedu.classroom.lessons.lesson_NN.exercises`, and serve the lesson, the
instructor's edition and the tests.
"""

from nasedu.classroom.checkpoint import MultipleChoice
from nasedu.classroom.claims import claim, interval
from nasedu.classroom.exercise import Exercise, Verdict
from nasedu.classroom.prediction import Prediction

__all__ = ["Exercise", "MultipleChoice", "Prediction", "Verdict", "claim", "interval"]
