"""What section 9 of lesson 15 compares over five seeds: MetaNAS, and Reptile with a cell that stays, in equal seconds.

`measuring.py` makes the recording. Reading it needs no torch, so the lesson shows it in a browser, too.
"""

import json
from pathlib import Path

import numpy as np

from nasedu.core.statistics import standard_error

FILE = Path(__file__).with_name("recorded.json")
SEEDS = (1, 2, 3, 4, 5)
SHOTS = (1, 5)
RIVALS = ("Reptile, six convolutions", "Reptile, a random cell")
MINE = ("MetaNAS", "half MetaNAS, half Reptile in its cell")
"""The second learns the cell that tasks start from in half of the seconds; Reptile then trains it from new weights."""
OTHERS = (
    "pixels, nearest centroid",
    "untrained trunk, nearest centroid",
    "prototypes",
    "six convolutions, untrained",
)
WAYS = (*OTHERS, *RIVALS, *MINE)
STUDENT = 2.776
"""Half a 95% interval in standard errors, with five seeds (Student's t)."""

Found = dict[str, list[float]]
"""By each way, the accuracy with each number of shots; and what else was measured."""


def recorded() -> list[Found]:
    """Return what was measured with each of `SEEDS`."""
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return [found[str(seed)] for seed in SEEDS]


def leads(mine: str, rival: str) -> np.ndarray:
    """Return the lead in accuracy of one way over another, paired by seed: means and half 95% intervals, (2, shots)."""
    difference = np.array([np.subtract(one[mine], one[rival]) for one in recorded()])
    return np.stack([difference.mean(0), STUDENT * standard_error(difference)])
