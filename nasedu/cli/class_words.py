"""What the report on a class says in a few words, at the terminal and on its page."""

from collections.abc import Mapping

from nasedu.classroom.grading.report import Assignment, Average, Late, Line
from nasedu.classroom.grading.result import SIGNS

MARKS = {**SIGNS, "not handed in": "-", "not graded": "○"}


def alike_words(one: str, other: str, *, shared: Mapping[str, int]) -> str:
    """Return the sentence on two students whose answers are alike."""
    where = ", ".join(f"{exercise} {count}" for exercise, count in shared.items())
    return f"{one} and {other} share {sum(shared.values())} rare fragments: {where}"


def late_words(late: Late) -> str:
    """Return late days for a table: "3 d", and what they cost: "3 d -20%"."""
    if not late.days:
        return ""
    return f"{late.days} d" + (f" -{late.share:.0%}" if late.share else "")


def average_words(average: Average) -> tuple[str, str, str, str]:
    """Return an average for a table: students, mean with the standard deviation, median, possible points."""
    spread = "" if average.deviation is None else f" ± {average.deviation:.2f}"
    return str(average.count), f"{average.mean:.2f}{spread}", f"{average.median:g}", f"{average.most:g}"


def has_share(line: Line) -> bool:
    """Return whether an answer earns a part of its points."""
    return line.share is not None and 0 < line.share < 1


def mark_words(line: Line) -> str:
    """Return the mark of a line, at the terminal and on the page."""
    if line.status == "marked":
        return f"{line.points:g}"
    mark = f"{line.share:.0%}" if has_share(line) else MARKS[line.status]
    return mark + ("=" if line.same_as_published else "")


def right_words(assignment: Assignment, exercise: str) -> str:
    """Return how many got through an exercise."""
    counts = assignment.counts(exercise)
    handed_in = counts.total() - counts["not handed in"]
    if counts["by hand"] + counts["marked"]:
        return f"{counts['by hand']} of {handed_in} wait for points by hand"
    return f"{counts['right']} of {handed_in} right"
