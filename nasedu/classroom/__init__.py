"""Floor 6: exercises with hints, solutions and the wrong answers that their checks must reject.

The exercises of a lesson are in `nasedu.classroom.lessons.lesson_NN.exercises`. The lesson, the instructor's edition
and the tests all use them.
"""

from nasedu.classroom.answers import across, closest, outcome
from nasedu.classroom.claims import asserted, claim, interval
from nasedu.classroom.exercise import Exercise
from nasedu.classroom.multiple_choice import MultipleChoice
from nasedu.classroom.prediction import Prediction
from nasedu.classroom.verdict import Verdict

__all__ = [
    "Exercise",
    "MultipleChoice",
    "Prediction",
    "Verdict",
    "across",
    "asserted",
    "claim",
    "closest",
    "interval",
    "outcome",
]
