"""Two worker processes against one, on candidates that keep a core busy for about a second each."""

import time

from nasedu import spaces, tasks, trainers
from nasedu.trainers.parallel.processes import processes
from nasedu.trainers.parallel.trainer import Parallel
from tests.benchmarks.row import Row

NETWORK = ("conv3-32", "conv3-64", "pool2", "conv3-32", "dense64", "stop")
CANDIDATES, EPOCHS, TIMES = 8, 12, 3
PROMISED = 1.8


def measure() -> list[Row]:
    task = tasks.load("digits")
    trainer = trainers.load("sequential", spaces.load("chain-cnn", task), task, device="cpu", threads=1, patience=0)
    with Parallel(trainer, processes(1)) as one, Parallel(trainer, processes(2)) as two:
        warm = [trained(worker, epochs=1)[1] for worker in (one, two)]  # the workers import torch and get the data
        rounds = [[trained(workers, EPOCHS) for workers in (one, two)] for _ in range(TIMES)]  # taking turns
    seconds = [sorted(round[place][0] for round in rounds)[TIMES // 2] for place in (0, 1)]
    ratio = seconds[0] / seconds[1]
    equal = warm[0] == warm[1] and all(first[1] == second[1] for first, second in rounds)
    return [
        Row(
            f"{CANDIDATES} candidates of {seconds[0] / CANDIDATES:.2f} s",
            f"{PROMISED:g} times as fast",
            f"{ratio:.2f} times as fast ({seconds[0]:.1f} s with one worker, {seconds[1]:.1f} s with two)",
            ratio >= PROMISED,
        ),
        Row("their scores", "equal", "equal" if equal else "different", equal),
    ]


def trained(workers: Parallel, epochs: int) -> tuple[float, list[float]]:
    """Seconds for all candidates, and their scores."""
    start = time.perf_counter()
    found = workers([NETWORK] * CANDIDATES, epochs=epochs, seed=range(CANDIDATES))
    return time.perf_counter() - start, [evaluation.score for evaluation in found]
