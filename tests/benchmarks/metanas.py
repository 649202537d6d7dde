"""MetaNAS against Reptile with a cell that stays, each with the same processor seconds, on letters of held-out scripts.

What is measured, and how its settings were chosen: `nasedu/classroom/lessons/lesson_15/measuring.py`.
"""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from nasedu.classroom.lessons.lesson_15.measuring import SETTINGS, of_seed
from nasedu.classroom.lessons.lesson_15.recording import MINE, OTHERS, RIVALS, SEEDS, Found
from tests.benchmarks.row import Row, half_width, mean_and_error


def measure() -> list[Row]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        return rows_of(list(pool.map(of_seed, SEEDS)))


def rows_of(found: list[Found]) -> list[Row]:
    accuracy = {way: np.array([one[way] for one in found]) for way in (*OTHERS, *RIVALS, *MINE)}
    rows = [Row(f"{way}: accuracy with 1 / 5 shots", "", told(accuracy[way])) for way in accuracy]
    rows += [
        Row(f"{mine} over {rival}", "", " / ".join(map(lead, (accuracy[mine] - accuracy[rival]).T)))
        for mine in MINE
        for rival in RIVALS
    ]
    for what in ("processor seconds", "meta-steps"):
        spent = [f"{way}: {np.mean([one[f'{way}, {what}'] for one in found]):.0f}" for way in (*RIVALS, *MINE[:1])]
        rows.append(Row(f"{what} of the training", "", "; ".join(spent)))
    rows.append(Row(*after_pruning(found)))
    differ = mean_and_error([one["differ"][0] for one in found], 2)
    return [*rows, Row("share of edges in which the cells of two test tasks differ", "", differ)]


def told(accuracy: np.ndarray) -> str:
    return " / ".join(mean_and_error(column.tolist()) for column in accuracy.T)


def lead(difference: np.ndarray) -> str:
    """Return the mean of paired differences with its 95% interval over the seeds, and what it says."""
    mean, half = difference.mean(), half_width(difference.tolist())
    return f"{mean:+.3f} ± {half:.3f} (95%, {'a tie' if abs(mean) <= half else 'a win' if mean > 0 else 'a loss'})"


def after_pruning(found: list[Found]) -> tuple[str, str, str]:
    change = np.array([one["pruned"] for one in found]) - np.array([one["mixed"] for one in found])
    what = f"what pruning changes after {SETTINGS['inner_steps']} inner steps, 1 / 5 shots"
    return what, "", " / ".join(map(lead, change.T))
