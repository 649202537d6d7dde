"""Make the parts of a search from names and options: here alone, for the command line and for `MetaSearch`.

    space = make_space("chain-cnn", task, {"depth": 4})
    controller = make_controller("q-learning", space, {"target": "max"}, seed=0, trials=40)
    with open_workers(make_trainer("sequential", space, task, {"patience": 2}), workers=2) as trainer:
        study = Study(space, controller, trainer)

An option of a wrong name or kind is refused in words. A prior is made by `nasedu.meta.load`, one floor up.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from nasedu import controllers, spaces, trainers
from nasedu.controllers.base import Controller
from nasedu.controllers.budget import with_budget
from nasedu.core import BadValue, Mismatch
from nasedu.core.options import check_options, shown
from nasedu.spaces.base import Space
from nasedu.trainers.base import Trainer, settings_of
from nasedu.trainers.parallel.dask import Cluster
from nasedu.trainers.parallel.processes import processes
from nasedu.trainers.parallel.trainer import Parallel


def make_space(name: str, task: Any, options: Mapping[str, Any]) -> Space:
    """Make the space `name` for the shapes of a task. Raises UnknownName, BadValue, Mismatch."""
    return _make(spaces, name, options, task)


def make_controller(name: str, space: Any, options: Mapping[str, Any], *, seed: int, trials: int | None) -> Controller:
    """Make a fresh controller; one that takes a `budget` is told the number of trials. Raises UnknownName, BadValue.

    Where only time limits a search, `trials` is None, and a controller keeps its usual budget. A budget that was
    estimated from the first trials would differ from run to run, and no resume could bring the controller back.
    """
    known = options if trials is None else with_budget(name, options, trials)
    return _make(controllers, name, known, space, seed=seed)


def make_trainer(name: str, space: Any, task: Any, options: Mapping[str, Any]) -> Trainer:
    """Make the trainer `name` for networks of a space on a task. Raises UnknownName, BadValue, Mismatch."""
    return _make(trainers, name, options, space, task)


def _make(package: ModuleType, name: str, options: Mapping[str, Any], *arguments: Any, **fixed: Any) -> Any:
    """What `package.load` makes, with every mistake in the options as a BadValue."""
    check_options(package.registry, name, options)
    try:
        return package.load(name, *arguments, **fixed, **options)
    except (TypeError, ValueError, IndexError, ArithmeticError) as error:
        if isinstance(error, BadValue | Mismatch):
            raise
        given = ", ".join(f"{option}={shown(value)}" for option, value in options.items())
        family = package.registry.family
        raise BadValue(f"{family} {name!r} cannot be made with {given or 'no options'}: {error}") from error


def has_cohort(trainer: Any) -> bool:
    """Return whether a trainer compares the candidates of a call with each other, as successive halving does."""
    return settings_of(trainer).cohort is not None


@contextmanager
def open_workers(trainer: Any, workers: int = 1, cluster: str | None = None) -> Iterator[Any]:
    """Let workers train, and end them when the context ends. Gives the trainer to use in it.

    The workers of a trainer with a cohort train for its comparison, and do not divide the cohort.

    Args:
        trainer: any trainer.
        workers: processes on this machine; 1 trains in this process.
        cluster: the address of a dask scheduler, whose workers train instead; None for this machine.

    Raises:
        BadValue: no scheduler answers at the address, or it has no workers.
    """
    if workers == 1 and cluster is None:
        yield trainer
        return
    executor = processes(workers) if cluster is None else Cluster(cluster)
    with Parallel(trainer.trainer if has_cohort(trainer) else trainer, executor) as parallel:
        yield trainer.around(parallel) if has_cohort(trainer) else parallel
