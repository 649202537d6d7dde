"""Whether the skip's share grows as a supernet gets better: Wang et al. 2021, proposition 1, on real supernets.

The weights learn alone. After 0, 50 and 200 steps a copy of the supernet keeps its weights, and alpha alone learns
for 40 steps from 0. What changes can then only come from the weights being better. Two changes are given: one from the
first weights, whose convolutions are of no use yet, and one between two trained supernets.
"""

import numpy as np

from nasedu import spaces, tasks
from nasedu.oneshot.darts import Darts
from nasedu.oneshot.edges import SKIP
from nasedu.oneshot.mixture_search import MixtureSearch
from nasedu.spaces.cell_201 import OPERATIONS
from tests.benchmarks.cells_alone import interval
from tests.benchmarks.differentiable import ALPHA_RATE, BATCH, STEPS, TASK, WIDTH, two_operations
from tests.benchmarks.row import Row

SEEDS = 6
AFTER = (0, 50, 200)
LEARNING = 40


def measure() -> list[Row]:
    """Every row of the section."""
    task = tasks.load(TASK)
    space = spaces.load("cell-201", task, width=WIDTH)
    found = np.array([by_training(space, task, seed) for seed in range(SEEDS)])  # (seeds, after, share and loss)
    rows = [
        Row(
            f"weights of {steps} steps: validation loss with equal shares; the skip's mean share, alpha learned",
            "",
            f"{found[:, place, 1].mean():.2f}; {found[:, place, 0].mean():.2f} ± {found[:, place, 0].std(ddof=1):.2f}",
        )
        for place, steps in enumerate(AFTER)
    ]
    changes = []
    for before in AFTER[:-1]:
        growth = found[:, -1, 0] - found[:, AFTER.index(before), 0]
        mean, half = interval(growth)
        what = f"the skip's share after {AFTER[-1]} steps less that after {before}, {SEEDS} seeds"
        measured = f"{mean:+.2f} ± {half:.2f} (95%); above 0 in {(growth > 0).sum()} of {SEEDS}"
        changes.append(Row(what, "above 0", measured, bool(mean - half > 0)))
    return [*rows, *changes]


def by_training(space: spaces.Space, task: tasks.Task, seed: int) -> list[tuple[float, float]]:
    """Return for each place in the training the skip's share that alpha learns there, and the supernet's loss."""
    settings = {"steps": STEPS, "warm": STEPS, "alpha_rate": ALPHA_RATE, "batch": BATCH}
    search, found = Darts(space, task, kept=two_operations(), seed=seed, **settings), []
    for after in AFTER:
        while search.done < after:
            search.step()
        copy = Darts(space, task, kept=two_operations(), seed=seed, **settings)
        copy.restore(search.state())
        found.append((share_learned(copy), loss_of(search)))
    return found


def share_learned(search: Darts) -> float:
    """Return the skip's mean share after alpha alone has learned; the weights stay."""
    for _ in range(LEARNING):
        search._step_alpha()
        search.done += 1  # the next batch
    return float(search.shares()[:, OPERATIONS.index(SKIP)].mean())


def loss_of(search: MixtureSearch) -> float:
    """Return the loss on the half of alpha, at the alpha of the beginning."""
    batch = search.batch("alpha", 250)._replace(seed=None)
    return float(search.loss(search.weights(), search.alpha, batch).detach())
