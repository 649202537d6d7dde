"""Largest alpha against perturbation: what both choose from the same supernets, and what their cells are worth alone.

The operations are skip | 3x3 convolution, so a cell is one of 64. The weights learn alone for 200 steps, then 200 more
with alpha. From the same 200 steps a second supernet goes on with alpha at 0 (frozen). Every cell that is chosen is
trained alone with other seeds, and judged after its last epoch. Beside them stand random search, for the seconds of
both searches, and random search with weight sharing.
"""

import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from nasedu import spaces, tasks
from nasedu.core import Architecture, rng_from
from nasedu.oneshot.darts import Darts
from nasedu.oneshot.edges import SKIP
from nasedu.oneshot.search_state import SearchState
from nasedu.oneshot.selection import Perturbation
from nasedu.spaces.cell_201 import EDGES, OPERATIONS
from tests.benchmarks.cells_alone import Alone, best_of, interval, shared_random, spread
from tests.benchmarks.row import Row

TASK, WIDTH = "what/digits", 4
SEEDS = 20
RANDOM = 16
WARM, STEPS, ALPHA_RATE, BATCH = 200, 400, 0.1, 32
CONVOLUTION = "nor_conv_3x3"
ALL_CONVOLUTION, ALL_SKIP = (CONVOLUTION,) * len(EDGES), (SKIP,) * len(EDGES)
RULES = ("largest alpha", "perturbation", "frozen alpha, perturbation")
SHARED, SHARED_STEPS = "random with weight sharing", 600
WORKERS = 2
JUDGES = range(101, 106)
"""Seeds of the trainings that judge each cell: with two of them the differences changed sign with the pair."""
MANY = 3
"""Skips of six from which a cell has many."""


def measure() -> list[Row]:
    """Every row of the section."""
    task = tasks.load(TASK)
    space = spaces.load("cell-201", task, width=WIDTH)
    alone = Alone(space, task, seeds=JUDGES)
    rng = rng_from(0, "random cells")
    random = [two_random(rng) for _ in range(RANDOM)]
    with ProcessPoolExecutor(WORKERS) as workers:
        runs, seconds, shared_seconds = zip(*workers.map(searched, range(SEEDS)), strict=True)
        cells = {rule: [run[rule] for run in runs] for rule in (*RULES, SHARED)}
        chosen_cells = [cell for run in runs for cell in run.values()]
        alone.train_all([*random, ALL_CONVOLUTION, ALL_SKIP, *chosen_cells], workers)
    found = {rule: np.array([alone.worth(cell) for cell in cells[rule]]) for rule in cells}
    what = f"{TASK}, cell-201 of width {WIDTH}, skip or 3x3 convolution, {SEEDS} supernets: "
    return [
        *(Row(f"{what}skips of 6, {rule}", "", skips_in(cells[rule])) for rule in cells),
        *(Row(f"{what}accuracy alone, {rule}", "", spread(found[rule])) for rule in cells),
        Row("all convolution, the trivial cell", "", f"{alone.worth(ALL_CONVOLUTION):.3f}"),
        Row("all skip", "", f"{alone.worth(ALL_SKIP):.3f}"),
        Row(f"{RANDOM} random cells", "", spread([alone.worth(cell) for cell in random])),
        *by_skips(alone),
        paired("perturbation less largest alpha, same supernets", found[RULES[1]] - found[RULES[0]], "above 0"),
        spreads("largest alpha against perturbation: ratio of standard deviations", found[RULES[0]], found[RULES[1]]),
        where_many(cells[RULES[0]], found),
        paired("frozen alpha less learned, both by perturbation", found[RULES[2]] - found[RULES[1]]),
        paired("all convolution less perturbation", alone.worth(ALL_CONVOLUTION) - found[RULES[1]]),
        paired("all convolution less largest alpha", alone.worth(ALL_CONVOLUTION) - found[RULES[0]]),
        *(against_random(rule, found[rule], random, alone, float(np.mean(seconds))) for rule in RULES),
        *(paired(f"{rule} less {SHARED}", found[rule] - found[SHARED]) for rule in RULES),
        Row("one training alone, repeated with other seeds: standard deviation", "", f"{alone.noise():.3f}"),
        Row("both searches and both selections, processor seconds", "", f"{np.mean(seconds):.0f} a seed"),
        Row(f"{SHARED}, processor seconds", "", f"{np.mean(shared_seconds):.0f} a seed"),
    ]


def searched(seed: int) -> tuple[dict[str, Architecture], float, float]:
    """Return the cells of one seed, and the processor seconds of the searches and of random with weight sharing."""
    task = tasks.load(TASK)
    space = spaces.load("cell-201", task, width=WIDTH)
    begun = time.process_time()
    found = chosen(space, task, seed)
    between = time.process_time()
    found[SHARED] = shared_cell(seed)
    seconds = between - begun, time.process_time() - between
    print(seed, *(f"{s:.1f} s" for s in seconds), *map(short, found.values()), file=sys.stderr, flush=True)
    return found, *seconds


def shared_cell(seed: int) -> Architecture:
    """Return what random search with weight sharing finds."""
    task = tasks.load(TASK)
    return shared_random(spaces.load("cell-201", task, width=WIDTH), task, seed, two_random, SHARED_STEPS)


def two_random(rng: np.random.Generator) -> Architecture:
    """Return a random cell of skips and 3x3 convolutions."""
    return tuple(rng.choice((SKIP, CONVOLUTION), len(EDGES)).tolist())


def chosen(space: spaces.Space, task: tasks.Task, seed: int) -> dict[str, Architecture]:
    """Return the cell of each rule; all three share the steps in which the weights are alone."""
    settings = {"steps": STEPS, "warm": WARM, "alpha_rate": ALPHA_RATE, "batch": BATCH}
    learned = Darts(space, task, kept=two_operations(), seed=seed, **settings)
    frozen = Darts(space, task, kept=two_operations(), seed=seed, frozen=True, **settings)
    for _ in range(WARM):
        learned.step()
    state = learned.state()
    frozen.restore(SearchState({**state.tensors, "alpha": 0 * state.tensors["alpha"]}, frozen.about(), state.plain))
    by_perturbation = []
    for search in (learned, frozen):
        list(search.run())
        selection = Perturbation(search)
        list(selection.run())
        by_perturbation.append(selection.derived())
    return dict(zip(RULES, (learned.derived(), *by_perturbation), strict=True))


def two_operations() -> np.ndarray:
    """Return the table of what an edge may have: skip or 3x3 convolution."""
    return np.tile([name in (SKIP, CONVOLUTION) for name in OPERATIONS], (len(EDGES), 1))


def short(cell: Architecture) -> str:
    return "".join("S" if name == SKIP else "C" for name in cell)


def skips_in(cells: Sequence[Architecture]) -> str:
    """Return the skips of each cell, in the order of the seeds, and their mean."""
    counts = [cell.count(SKIP) for cell in cells]
    return f"{', '.join(map(str, counts))}; mean {np.mean(counts):.1f}"


def by_skips(alone: Alone) -> list[Row]:
    """Return what the cells that were trained alone are worth, by how many skips they have."""
    groups = {n: [alone.worth(cell) for cell in alone.known() if cell.count(SKIP) == n] for n in range(len(EDGES) + 1)}
    means = [f"{n}: {np.mean(worths):.3f} ({len(worths)})" for n, worths in groups.items() if worths]
    return [Row("accuracy alone by skips (cells trained)", "", ", ".join(means))]


def paired(what: str, differences: np.ndarray, promised: str = "") -> Row:
    mean, half = interval(differences)
    kept = bool(mean - half > 0) if promised else None
    return Row(what, promised, f"{mean:+.3f} ± {half:.3f} (95%)", kept)


def spreads(what: str, one: np.ndarray, other: np.ndarray) -> Row:
    """Return the ratio of two spreads over the same seeds, with the test of Pitman and Morgan that they are equal."""
    from scipy.stats import pearsonr

    p = pearsonr(one + other, one - other).pvalue
    return Row(what, "", f"{one.std(ddof=1) / other.std(ddof=1):.1f} (equal: p = {p:.1g})")


def where_many(cells: Sequence[Architecture], found: dict[str, np.ndarray]) -> Row:
    """Return the gain of perturbation in the seeds in which the largest alpha took many skips."""
    many = np.array([cell.count(SKIP) >= MANY for cell in cells])
    what = f"the same in the {many.sum()} seeds in which the largest alpha took {MANY} skips or more"
    return paired(what, (found[RULES[1]] - found[RULES[0]])[many])


def against_random(rule: str, found: np.ndarray, random: list[Architecture], alone: Alone, seconds: float) -> Row:
    """Return the lead over random search for the seconds of both searches: it chooses by one training of each cell.

    The other trainings judge what it chose, and each seed is the one that chooses in turn.
    """
    n = min(max(round(seconds / alone.seconds), 1), len(random))
    scores = np.array([alone.scores(cell) for cell in random])
    others = (scores.sum(1, keepdims=True) - scores) / (scores.shape[1] - 1)
    worth = np.mean([best_of(n, scores[:, place], others[:, place]) for place in range(scores.shape[1])])
    row = paired(f"{rule} less random search with {n} trainings, as many as both searches cost", found - worth)
    row.measured += f"; random search {worth:.3f}"
    return row
