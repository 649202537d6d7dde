"""Searches in a process that may not take much memory, a store for each trainer: `python little_memory.py FOLDER`."""

import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import psutil

from nasedu import Study, trainers
from nasedu.trainers.parallel.processes import processes
from nasedu.trainers.parallel.trainer import Parallel
from tests.study.child import small_task
from tests.trainers.faulty import InOrder, Workshop

ROOM = 3 * 2**30  # bytes beyond what this process has mapped; the large network needs 4 GiB for its first layer


def main():
    folder = Path(sys.argv[1])
    space, task = Workshop(["4", "too large", "8"]), small_task()
    sequential, population = (trainers.load(name, space, task, device="cpu") for name in ("sequential", "population"))
    with Parallel(sequential, processes(1)) as parallel:
        limit = psutil.Process().memory_info().vms + ROOM
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))  # worker processes inherit it
        for name, trainer in (("sequential", sequential), ("population", population), ("parallel", parallel)):
            with Study(space, InOrder(space), trainer, store=folder / f"{name}.db", epochs=1) as study:
                for _ in study.run(3, batch=3):
                    pass


if __name__ == "__main__":
    main()
