"""Training a plan, part by part: each part is a file, and a part whose file exists is not trained again."""

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nasedu.building.plan import Part, Plan
from nasedu.core import BadValue, Evaluation
from nasedu.tables import Table
from nasedu.tasks import together
from nasedu.trainers import Recipe, load

ARRAYS = ("scores", "test", "seconds", "parameters", "flops", "failed")


@dataclass(frozen=True)
class Built:
    """A part whose file exists now, and the progress of the whole."""

    part: Part
    done: int
    all: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.done} of {self.all} parts, {self.seconds:.0f} s"


def build(plan: Plan, folder: str | os.PathLike[str], *, workers: int = 1) -> Iterator[Built]:
    """Train the missing parts; yield each part when its file is written.

    Args:
        plan: what is to be trained.
        folder: where the parts are kept; one folder may hold the parts of several plans.
        workers: processes that train parts in parallel, one core each.

    Raises:
        BadValue: a folder that cannot be written to.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadValue(f"the parts cannot be written to {folder}: {error.strerror}") from error
    missing = [part for part in plan.parts if not path_of(folder, part).exists()]
    done, started = len(plan.parts) - len(missing), time.perf_counter()
    for part in _trained(plan, folder, missing, workers):
        done += 1
        yield Built(part, done, len(plan.parts), time.perf_counter() - started)


def _trained(plan: Plan, folder: Path, parts: list[Part], workers: int) -> Iterator[Part]:
    if workers == 1:
        for part in parts:
            train_part(asdict(plan), part, folder)
            yield part
        return
    from nasedu.trainers.parallel.processes import ProcessPool, check_workers

    with ExitStack() as stack:
        pool = stack.enter_context(ProcessPool(check_workers(workers)))
        stack.callback(pool.shutdown, wait=True, cancel_futures=True)
        waiting: dict[Future[None], Part] = {pool.submit(train_part, asdict(plan), p, folder): p for p in parts}
        while waiting:
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                future.result()
                yield waiting.pop(future)


def path_of(folder: Path, part: Part) -> Path:
    return folder / f"{part.key}.npz"


_plans: dict[str, Plan] = {}  # one cache for each process: a worker loads the tasks once, not for every part


def train_part(data: dict[str, Any], part: Part, folder: Path) -> None:
    """Train one part and write its file, completely or not at all."""
    plan = _plans.setdefault(json.dumps(data, sort_keys=True), Plan.from_data(data))
    group = [plan.loaded[name] for name in part.tasks]
    task = together(*group) if len(group) > 1 else group[0]
    settings: dict[str, Any] = {"record_test_at": plan.record_test_at, "patience": 0, "recipe": Recipe(**plan.recipe)}
    settings |= {"precision": plan.precision, "threads": 1}
    trainer = load(plan.trainer, plan.space_for(group[0]), task, **settings)
    jobs = [(architecture, seed) for architecture in part.architectures for seed in range(plan.seeds)]
    found = trainer([a for a, _ in jobs], epochs=plan.epochs, seed=[s for _, s in jobs])
    arrays = _arrays(plan, part, [task.chance for task in group], found)
    half = path_of(folder, part).with_suffix(f".{os.getpid()}.half")
    try:
        with half.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)
        half.replace(path_of(folder, part))
    finally:
        half.unlink(missing_ok=True)


def _arrays(plan: Plan, part: Part, chances: list[float], found: list[Evaluation]) -> dict[str, np.ndarray]:
    """Return the evaluations as arrays of (architectures, tasks, seeds, epochs): a failed one has the chance score."""
    shape = (len(part.architectures), plan.seeds, len(part.tasks), len(plan.record_test_at))
    chance = [[one] * len(plan.record_test_at) for one in chances]
    curves = [e.metrics.get("curves", [e.curve]) if e.ok else chance for e in found]
    tests = [e.metrics.get("tests", [e.metrics.get("test")]) if e.ok else chance for e in found]
    of_each = found[:: plan.seeds]
    return {
        "scores": np.array(curves).reshape(shape).swapaxes(1, 2),
        "test": np.array(tests).reshape(shape).swapaxes(1, 2),
        "seconds": np.array([e.seconds for e in found]).reshape(-1, plan.seeds).sum(1),
        "parameters": np.array([e.parameters or 0 for e in of_each]),
        "flops": np.array([e.flops or 0 for e in of_each]),
        "failed": np.array([not e.ok for e in found]).reshape(-1, plan.seeds).sum(1),
    }


def assemble(plan: Plan, folder: str | os.PathLike[str]) -> Table:
    """Return the table of a plan whose parts are complete.

    `seconds` is the mean of one training, over seeds and tasks. Parameters and FLOPs are those of the networks of the
    first task, because the last layer depends on the number of classes.

    Raises:
        BadValue: parts that are missing or damaged.
    """
    folder = Path(folder)
    missing = [part for part in plan.parts if not path_of(folder, part).exists()]
    if missing:
        raise BadValue(
            f"{len(missing)} of {len(plan.parts)} parts are missing in {folder}: the same `nasedu table build` goes on"
        )
    arrays = [_read(path_of(folder, part)) for part in plan.parts]
    groups = len(plan.groups)
    by_group = [
        {name: np.concatenate([one[name] for one in arrays[place::groups]]) for name in ARRAYS}
        for place in range(groups)
    ]
    order = [plan.tasks.index(name) for group in plan.groups for name in group]
    scores, test = (
        np.concatenate([g[name] for g in by_group], axis=1)[:, np.argsort(order, kind="stable")] for name in ARRAYS[:2]
    )
    trainings = plan.seeds * len(plan.tasks)
    first = by_group[0]
    return Table(
        plan.space_for(plan.loaded[plan.tasks[0]]),
        plan.architectures,
        {name: scores[:, place] for place, name in enumerate(plan.tasks)},
        test={name: test[:, place] for place, name in enumerate(plan.tasks)},
        seconds=np.sum([g["seconds"] for g in by_group], axis=0) / trainings,
        parameters=first["parameters"],
        flops=first["flops"],
        epochs=plan.record_test_at,
        name=plan.name,
        note=plan.note,
    )


def _read(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in ARRAYS}
    except Exception as error:  # a damaged archive ends in BadZipFile, zlib.error, EOFError, KeyError, ...
        raise BadValue(f"{path.name} is a damaged part ({error}): remove it, and build again") from error
