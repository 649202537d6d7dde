"""Many networks at once, against the loop that everybody writes: the same data, epochs, batch size and learning rate.

Both score the validation examples after every epoch. Every ratio is measured side by side, in one run; the loop keeps
torch's default number of threads, as its users leave it.
"""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import torch

from nasedu import spaces, tasks
from nasedu.core import Architecture, Evaluation, rng_from
from nasedu.tasks import Task
from nasedu.trainers import Recipe
from nasedu.trainers.parallel.processes import processes
from nasedu.trainers.parallel.trainer import Parallel
from nasedu.trainers.population.trainer import PopulationTrainer
from nasedu.trainers.single.model_size import count_flops
from tests.benchmarks import everybodys_loop
from tests.benchmarks.row import Row, mean_and_error

EPOCHS, BATCH = 5, 64
PRECISIONS = ("float32", "bfloat16")
MLP = ("64-relu", "64-relu", "64-relu", "stop")
CNN = ("conv3-16", "pool2", "conv3-32", "pool2", "dense64", "stop")


class Case(NamedTuple):
    """What is trained, and how many times as fast as the loop it was promised to be."""

    what: str
    space: Any
    architectures: list[Architecture]
    seeds: list[int]
    promised: float


def measure() -> list[Row]:
    task = digits()
    mlp, cnn = spaces.load("mlp", task), spaces.load("chain-cnn", task)
    rng = rng_from(0, "a mixed batch")
    mixed = [cnn.sample(rng) for _ in range(32)]
    rows = []
    for case in (
        Case("MLPs 64-64-64, one shape, population of 64", mlp, [MLP] * 64, list(range(64)), 15),
        Case("small CNNs (16 and 32 filters, dense 64), 32 seeds", cnn, [CNN] * 32, list(range(32)), 4),
    ):
        rows += rows_of(case, task, lambda space, precision: population(space, task, precision))
    full, half = (Parallel(_one_core(cnn, task, precision), processes(2)) for precision in PRECISIONS)
    with full, half:
        both = dict(zip(PRECISIONS, (full, half), strict=True))
        case = Case("32 random chain-cnn architectures, two workers", cnn, mixed, [0] * 32, 4)
        rows += rows_of(case, task, lambda _, precision: both[precision])
    return rows + gpu_rows(task, mlp, cnn)


def digits() -> Task:
    """1,437 digits to train on and 360 to score: nothing is chosen here, so the test examples serve."""
    task = tasks.load("digits")
    train, rest = task.reveal_test()
    return replace(task, train=train, validation=rest)


def population(space: Any, task: Task, precision: str, **options: Any) -> PopulationTrainer:
    given: dict[str, Any] = {"device": "cpu", "recipe": Recipe(batch_size=BATCH), "patience": 0} | options
    return PopulationTrainer(space, task, precision=precision, **given)


def _one_core(space: Any, task: Task, precision: str) -> PopulationTrainer:
    """For a worker: networks that differ are handed out one by one, so that no worker waits for the other."""
    return population(space, task, precision, threads=1, group=1)


def rows_of(case: Case, task: Task, trainer_for: Callable[[Any, str], Any], device: str = "cpu") -> list[Row]:
    """A row for each precision: how many times as fast, how accurate, and how near to what the machine can do."""
    loop_seconds, loop_scores = loop(case, task, device)
    work = arithmetic(case, task)
    rows = []
    for precision in PRECISIONS:
        trainer = trainer_for(case.space, precision)
        seconds, found = best_of(3, lambda t=trainer: t(case.architectures, epochs=EPOCHS, seed=case.seeds))
        assert all(e.ok for e in found)
        ratio = loop_seconds / seconds
        limit = product_rate(device, precision)
        told = (
            f"{ratio:.1f} x ({1e3 * loop_seconds / len(found):.1f} ms a network against "
            f"{1e3 * seconds / len(found):.1f}); accuracy {mean_and_error(loop_scores)} against "
            f"{mean_and_error([e.score for e in found])}; {work / seconds / 1e9:.0f} GFLOP/s of {limit / 1e9:.0f}, "
            f"{work / seconds / limit:.0%} of a large product's rate"
        )
        rows.append(Row(f"{case.what}, {precision}", f"at least {case.promised:g} x", told, ratio >= case.promised))
    return rows


def loop(case: Case, task: Task, device: str) -> tuple[float, list[float]]:
    """Seconds and scores of everybody's loop over all networks, after one that nobody counts."""
    given: dict[str, Any] = {"batch_size": BATCH, "device": device}
    everybodys_loop.train(case.space.build(case.architectures[0]), task, epochs=1, **given)
    start = time.perf_counter()
    scores = [everybodys_loop.train(case.space.build(a), task, epochs=EPOCHS, **given) for a in case.architectures]
    return time.perf_counter() - start, scores


def best_of(times: int, call: Callable[[], list[Evaluation]]) -> tuple[float, list[Evaluation]]:
    """The shortest of several calls, after one that nobody counts; the loop is long enough to need no repetition."""
    call()
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        found = call()
        seconds.append(time.perf_counter() - start)
    return min(seconds), found


def arithmetic(case: Case, task: Task) -> float:
    """Floating-point operations of all trainings: a step costs about three forward passes, a validation one."""
    example = torch.from_numpy(task.train.X[:1])
    forward = {a: count_flops(case.space.build(a), example) for a in set(case.architectures)}
    passes = EPOCHS * (3 * len(task.train.X) + len(task.validation.X))
    return float(passes * sum(forward[a] for a in case.architectures))


def product_rate(device: str, precision: str, side: int = 2048) -> float:
    """Operations a second of one large matrix product on all cores."""
    torch.set_num_threads(os.cpu_count() or 1)
    a = torch.rand(side, side, device=device, dtype=getattr(torch, precision))
    seconds = []
    for _ in range(6):
        start = time.perf_counter()
        float((a @ a)[0, 0])
        seconds.append(time.perf_counter() - start)
    return 2 * side**3 / min(seconds)


def gpu_rows(task: Task, mlp: Any, cnn: Any) -> list[Row]:
    cases = [
        Case("on a GPU: MLPs, population of 256", mlp, [MLP] * 256, list(range(256)), 100),
        Case("on a GPU: small CNNs, population of 256", cnn, [CNN] * 256, list(range(256)), 100),
    ]
    if not torch.cuda.is_available():
        return [Row(case.what, f"at least {case.promised:g} x", "not measured: no GPU here") for case in cases]
    rows: Sequence[list[Row]] = [
        rows_of(case, task, lambda space, precision: population(space, task, precision, device="cuda"), "cuda")
        for case in cases
    ]
    return [row for some in rows for row in some]
