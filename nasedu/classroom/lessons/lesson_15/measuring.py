"""Makes the recording of lesson 15, section 9: what `recording.py` reads.

    python -m nasedu.classroom.lessons.lesson_15.measuring    # writes recorded.json; eight minutes on one core

A run that was stopped goes on with the seeds that are missing. `tests/benchmarks/metanas.py` measures the same.

The number of meta-steps follows from the seconds that a few of them take. The learning rates were chosen on the
validation scripts with learner seed 100; what is recorded are other seeds and the test scripts. Reptile and MetaNAS
normalise the queries of a task together (transduction); prototypes and the centroids do not.
"""

import json
import sys
import time
from collections.abc import Callable
from itertools import islice, repeat
from typing import Any

import numpy as np
import torch
from torch import nn

from nasedu.classroom.lessons.lesson_15.recording import FILE, MINE, RIVALS, SEEDS, SHOTS, Found
from nasedu.core import Architecture, rng_from
from nasedu.metalearning import load
from nasedu.metalearning.evaluation import meta_test, scores_of
from nasedu.metalearning.examples import on_device
from nasedu.metalearning.few_shot import FewShotTasks
from nasedu.metalearning.functional import Examples
from nasedu.metalearning.inner_loop import detached
from nasedu.metalearning.metanas import TEMPERATURE, disagreement
from nasedu.metalearning.networks import image_network, network_of
from nasedu.metalearning.pools import held_out_glyphs
from nasedu.spaces.cell_201 import ZERO, Cell201, signature

SECONDS = 8
"""Of the meta-training of each method."""
EPISODES = 50
STEPS = 10
"""Inner steps on a new task."""
SETTINGS: dict[str, Any] = {"inner_rate": 0.3, "meta_rate": 0.01, "inner_steps": 5, "minibatch": 10, "batch": 5}
SPACE = Cell201(input_shape=(1, 12, 12), outputs=5, width=8)
CONVOLUTIONS = ("nor_conv_3x3",) * 6


def of_seed(seed: int) -> Found:
    """Measure everything with one seed."""
    torch.set_num_threads(1)
    tests = [FewShotTasks(held_out_glyphs("test"), ways=5, shots=shots, queries=15) for shots in SHOTS]
    found: Found = {}

    def test(way: str, learner: Any, **how: Any) -> Any:
        found[way] = [meta_test(learner, test, EPISODES, seed=seed, **how).mean for test in tests]
        print(seed, way, *np.round(found[way], 3), file=sys.stderr, flush=True)
        return learner

    network = image_network(SPACE.input_shape)
    test("pixels, nearest centroid", load("centroid", nn.Flatten()))
    test("untrained trunk, nearest centroid", load("centroid", network, seed=seed))
    letters = FewShotTasks(held_out_glyphs("train"), ways=20, shots=1, queries=5)
    test("prototypes", trained(lambda: load("prototypes", network, seed=seed, meta_rate=0.006, batch=1), letters)[0])

    def adapting(way: str, name: str, base: Any, seconds: float = SECONDS) -> Any:
        learner, spent = trained(lambda: load(name, base, seed=seed, **SETTINGS), tasks, seconds)
        found[f"{way}, processor seconds"], found[f"{way}, meta-steps"] = [spent], [learner.done]
        return test(way, learner, steps=STEPS)

    tasks = FewShotTasks(held_out_glyphs("train"), ways=5, shots=5, queries=10)
    fixed = network_of(SPACE, CONVOLUTIONS)
    test("six convolutions, untrained", load("reptile", fixed, seed=seed, **SETTINGS), steps=STEPS)
    adapting(RIVALS[0], "reptile", fixed)
    adapting(RIVALS[1], "reptile", network_of(SPACE, random_cell(seed)))
    learner = adapting(MINE[0], "metanas", SPACE)
    found["differ"] = [disagreement(learner.cells(tests[1].draw(20, rng_from(seed, "cells"))))]
    found["mixed"], found["pruned"] = (
        [right_after(learner, test, cold, seed) for test in tests] for cold in (False, True)
    )
    half, _ = trained(lambda: load("metanas", SPACE, seed=seed, **SETTINGS), tasks, SECONDS / 2)
    cell = half.cell(half.learned)
    print(seed, "the cell that tasks start from:", *cell, file=sys.stderr, flush=True)
    adapting(MINE[1], "reptile", network_of(SPACE, cell), SECONDS / 2)
    return found


def random_cell(seed: int) -> Architecture:
    """Return a random cell whose output depends on its input."""
    rng = rng_from(seed, "cell")
    while signature(cell := SPACE.sample(rng), drop_zeros=True) == ZERO:
        pass
    return cell


def right_after(learner: Any, tests: FewShotTasks, pruned: bool, seed: int) -> float:
    """Return the accuracy after the steps of meta-training, of the mixture at its last temperature or of its cell."""
    batch = tests.draw(EPISODES, rng_from(seed, "meta-test"))
    (X, y), query = on_device(batch, learner.device)
    learned = detached(learner.learned)

    def answers(X: torch.Tensor, y: torch.Tensor, asked: torch.Tensor) -> torch.Tensor:
        ends = learner.adapted(learned, repeat(Examples(X, y), learner.inner_steps))
        cold = ends[TEMPERATURE] if pruned else torch.full_like(ends[TEMPERATURE], learner.coldest)
        return learner.function({**ends, TEMPERATURE: cold}, asked)

    with torch.no_grad():
        return float(scores_of(learner.function.over_tasks(answers)(X, y, query.X), batch).mean())


def trained(make: Callable[[], Any], tasks: Any, seconds: float = SECONDS) -> tuple[Any, float]:
    """Return a learner after the meta-steps that fit into the seconds, and the processor seconds that they took."""
    times = [time.process_time() for _ in islice(make().meta_train(tasks), 5)]
    steps = max(round(seconds / float(np.median(np.diff(times)))), 1)
    learner, start = make(), time.process_time()
    for _ in learner.meta_train(tasks, steps):
        pass
    return learner, time.process_time() - start


if __name__ == "__main__":
    known = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    for seed in SEEDS:
        if str(seed) not in known:
            known[str(seed)] = {key: [round(value, 4) for value in row] for key, row in of_seed(seed).items()}
            FILE.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
