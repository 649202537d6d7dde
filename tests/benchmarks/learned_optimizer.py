"""A learned optimiser against tuned SGD, momentum and Adam: on the quadratics it is trained for, and on others.

Settings were chosen with learner seed 0; what is reported are other seeds, each with problems of its own. The rivals'
rates are the best of 18, five for each decade, on other problems of the same distribution. They are chosen for each
horizon, so each number of a rival may be that of another rate. A learned optimiser has one rule for all horizons. On
the unlike problem the rivals are tuned, and the learned rule is the one of the quadratics.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from itertools import product
from multiprocessing import get_context

import numpy as np
import torch
from torch import nn

from nasedu import tasks
from nasedu.classroom.lessons.lesson_14.measuring import RIVALS, quadratics
from nasedu.classroom.lessons.lesson_14.recording import META_STEPS, trained
from nasedu.metalearning.learned_optimizer import descend
from nasedu.trainers.single.network import draw_weights
from tests.benchmarks.row import Row, half_width, spread

SEEDS = (1, 2, 3, 4, 5)
AT = (20, 100, 200)
BEYOND = 1000
PROBLEMS = 500
"""New quadratics for each seed."""
TUNING, TUNING_SEED = 2000, 100
"""Quadratics on which the rates of the rivals are chosen."""
LEARNED = {f"learned, cut at {unroll}": unroll for unroll in META_STEPS}
RATES = [float(f"{10 ** (power / 5):.3g}") for power in range(-15, 3)]
"""Five for each decade from 0.001."""

Losses = Callable[[torch.Tensor], torch.Tensor]


# ---------------------------------------------------------------------- problems


@lru_cache
def digits() -> tuple[torch.Tensor, torch.Tensor]:
    X, y = tasks.load("what/digits").train
    return torch.from_numpy(X[:300]).flatten(1).float(), torch.from_numpy(y[:300])


def network(seed: int, count: int) -> tuple[Losses, torch.Tensor]:
    """Return the losses of weights (count, weights) of a network with 20 sigmoid units, as in the paper, on digits."""
    X, y = digits()
    made = nn.Sequential(nn.Linear(144, 20), nn.Sigmoid(), nn.Linear(20, 10))
    shapes = {name: weight.shape for name, weight in made.named_parameters()}

    def one(x: torch.Tensor) -> torch.Tensor:
        parts = x.split([shape.numel() for shape in shapes.values()])
        weights = {name: part.view(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}
        return nn.functional.cross_entropy(torch.func.functional_call(made, weights, (X,)), y)

    starts = []
    for number in range(count):
        draw_weights(made, 1000 * seed + number)
        starts.append(nn.utils.parameters_to_vector(made.parameters()).detach())
    return torch.vmap(one), torch.stack(starts)


FAMILIES = {
    "quadratics": (quadratics, PROBLEMS, TUNING),
    "a small network on digits": (network, 2, 2),
}
"""The problems, how many there are for each seed, and how many to choose rates on."""


# ---------------------------------------------------------------------- measuring


def measure() -> list[Row]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        learned = [(name, seed) for seed in SEEDS for name in LEARNED]
        found = list(pool.map(with_a_learned_rule, *zip(*learned, strict=True)))
        tuned = dict(zip(FAMILIES, pool.map(with_rivals, FAMILIES), strict=True))
    losses = {name: [one for (of, _), one in zip(learned, found, strict=True) if of == name] for name in LEARNED}
    rows = []
    for family in FAMILIES:
        by_method = {name: np.array([one[family] for one in losses[name]])[:, : len(AT)] for name in LEARNED}
        rates = {name: of for name, (of, _) in tuned[family].items()}
        by_method |= {name: values for name, (_, values) in tuned[family].items()}
        for name, values in by_method.items():
            seconds = np.mean([one["seconds"] for one in losses[name]]) if name in losses else None
            told = f"{seconds:.0f} s" if seconds else f"rates {' / '.join(f'{rate:g}' for rate in rates[name])}"
            rows.append(Row(f"{family}: {name} ({told}), loss after {slashed(AT)} steps", "", spreads(values)))
        rows += leads(family, by_method)
    beyond = [np.array([one["quadratics"][-1] for one in losses[name]]) for name in LEARNED]
    rows.append(
        Row(f"quadratics: the same rules after {BEYOND:,} steps, cut at 20 / at 5", "", spreads(np.array(beyond).T))
    )
    return rows


def slashed(numbers) -> str:
    return " / ".join(map(str, numbers))


def spreads(values: np.ndarray) -> str:
    """Return the mean of each column with its 95% interval over the seeds."""
    return " / ".join(spread(column.tolist(), 3) for column in values.T)


def leads(family: str, by_method: dict[str, np.ndarray]) -> Iterator[Row]:
    """Yield the loss of each learned rule less that of each rival, seed by seed; promised is a lead at 20 and 100."""
    pairs = [*product(LEARNED, RIVALS), tuple(LEARNED)]
    for name, rival in pairs:
        lead = by_method[name] - by_method[rival]
        below = [np.mean(column) + half_width(column.tolist()) < 0 for column in lead.T[:2]]
        bar = family == "quadratics" and rival in ("momentum", "Adam")
        promised = "below 0 at 20 and at 100 steps" if bar else ""
        yield Row(f"{family}: {name} minus {rival}", promised, spreads(lead), all(below) if bar else None)


def with_a_learned_rule(name: str, seed: int) -> dict[str, list[float]]:
    """Return by family the mean losses at `AT`, for quadratics also at `BEYOND`, and the seconds of meta-training."""
    torch.set_num_threads(1)
    start = time.process_time()
    learner = trained(LEARNED[name], seed)
    found = {"seconds": time.process_time() - start}
    for family, (make, count, _) in FAMILIES.items():
        at = (*AT, BEYOND) if family == "quadratics" else AT
        found[family] = losses_at(*make(seed, count), learner.optimiser_for, at)
    return found


def with_rivals(family: str) -> dict[str, tuple[list[float], np.ndarray]]:
    """Return by rival its best rate for each of `AT`, and its losses (seeds, AT) with it."""
    torch.set_num_threads(1)
    make, count, for_tuning = FAMILIES[family]
    found = {}
    for name, with_rate in RIVALS.items():
        tried = np.array([losses_at(*make(TUNING_SEED, for_tuning), with_rate(rate)) for rate in RATES])
        best = np.where(np.isfinite(tried), tried, np.inf).argmin(0)
        values = [
            [losses_at(*make(seed, count), with_rate(RATES[rate]), (at,))[0] for rate, at in zip(best, AT, strict=True)]
            for seed in SEEDS
        ]
        found[name] = [RATES[rate] for rate in best], np.array(values)
    return found


def losses_at(losses: Losses, starts: torch.Tensor, optimiser, at: tuple[int, ...] = AT) -> list[float]:
    """Return the mean loss of some problems after some numbers of steps."""
    return [float(step.loss.mean()) for step in descend(losses, starts, optimiser, at[-1]) if step.number in at]
