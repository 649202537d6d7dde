"""A process with two busy workers, which says their numbers and waits to be killed.

`python orphan.py unguarded` uses workers outside of `if __name__ == "__main__":` instead.
"""

import sys
import time
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parents[2]))

from nasedu.trainers.parallel.processes import ProcessPool, processes
from nasedu.trainers.parallel.trainer import Parallel


class Idle:
    """A trainer that is never called, as no worker lives to call it; without torch, to be quick."""

    space = SimpleNamespace(walk=lambda architecture: None)
    task = SimpleNamespace(chance=0.5)
    preferred_batch = 1

    def __call__(self, architectures, *, epochs, seed):
        raise NotImplementedError

    def retrain_and_test(self, architecture, *, epochs, seed, best_epoch=None):
        raise NotImplementedError


def wait_with_workers():
    pool = ProcessPool(2)
    for sleeping in [pool.submit(time.sleep, 0.2) for _ in range(2)]:
        sleeping.result()
    for _ in range(2):
        pool.submit(time.sleep, 600)
    print(*(process.pid for process in pool.started), flush=True)
    time.sleep(600)


if "unguarded" in sys.argv:
    with Parallel(Idle(), processes(2)) as together:
        together([("4",), ("8",)], epochs=1, seed=0)
elif __name__ == "__main__":
    wait_with_workers()
