"""One training on one core and on all, alone and on a machine that is busy with something else."""

import os
import subprocess
import sys
import time

from nasedu import spaces, tasks, trainers
from tests.benchmarks.row import Row

NETWORK = ("conv3-32", "conv3-64", "pool2", "conv3-32", "dense64", "stop")
BUSY = "import torch; x = torch.rand(400, 400)\nwhile True: x @ x"


def measure() -> list[Row]:
    cores = os.cpu_count() or 1
    alone = {threads: seconds(threads) for threads in (1, cores)}
    others = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(cores)]
    try:
        busy = {threads: seconds(threads) for threads in (1, cores)}
    finally:
        for other in others:
            other.kill()
    return [
        Row(f"{cores} cores against 1, no added load", "", f"{alone[1] / alone[cores]:.2f} times as fast"),
        Row(
            f"{cores} cores against 1, {cores} neighbours that use torch, too",
            "",
            f"{busy[1] / busy[cores]:.2f} times as fast",
        ),
    ]


def seconds(threads: int) -> float:
    """The median of five trainings."""
    task = tasks.load("digits")
    space = spaces.load("chain-cnn", task)
    trainer = trainers.load("sequential", space, task, threads=threads)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        trainer([NETWORK], epochs=4, seed=0)
        times.append(time.perf_counter() - start)
    return sorted(times)[2]
