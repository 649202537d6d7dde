"""Conformance suites: one for each contract, and a class of your own passes through one in one call.

>>> from nasedu.controllers import Controller
>>> from nasedu.testing import check_controller
>>> class Uniform(Controller):
...     def ask(self):
...         return self.space.sample(self.rng)
>>> check_controller(Uniform)

Silence means that every rule holds. Otherwise an AssertionError says which rule is broken, with an example and how to
mend it:

>>> class Forgetful(Controller):
...     def ask(self):
...         return self.space.sample(self.rng)[:-1]
>>> check_controller(Forgetful)
Traceback (most recent call last):
...
AssertionError: controller rule 'asks_only_what_the_space_can_read': Every question is a complete, legal ...

A suite is a list of small functions, each named after its rule, so that pytest can show them one by one:

    @pytest.mark.parametrize("check", space_checks, ids=lambda check: check.__name__)
    def test_my_space(check):
        check(MySpace())

A rule that cannot apply is left out by name:

    check_controller(GridSearch, without=["different_seeds_ask_differently"])
"""

from collections.abc import Callable, Sequence
from typing import Any

from nasedu.core import Architecture
from nasedu.spaces.base import Space
from nasedu.tasks.base import Task
from nasedu.testing import controller_rules, space_rules, task_rules, wrapper_rules
from nasedu.testing.controller_rules import controller_checks
from nasedu.testing.space_rules import space_checks
from nasedu.testing.spaces import REWARDS, TINY, FixedLength, OneMember, VariableLength
from nasedu.testing.task_rules import task_checks
from nasedu.testing.wrapper_rules import trainer_checks


def check_space(space: Space, *, without: Sequence[str] = ()) -> None:
    """Hold a space to the contract of `nasedu.spaces.base.Space`.

    It says the shapes of its networks in `input_shape` and, if it can, `outputs`. Takes a second or two.

    Raises:
        AssertionError: at the first rule that is broken.
    """
    space_rules.suite.run(space, without=without)


def check_controller(
    make: Callable[..., Any], *, spaces: Sequence[Space] = (), without: Sequence[str] = (), **parameters: Any
) -> None:
    """Hold a controller to the contract of `nasedu.controllers.base.Controller`.

    Args:
        make: the class, or a function `(space, *, seed)` that gives a fresh controller.
        spaces: what to try it on; by default three tiny spaces (walks of one length, of several, one member).
        without: names of rules that cannot apply.
        **parameters: for `make`, beside space and seed.

    Raises:
        AssertionError: at the first rule that is broken.
    """

    def fresh(space: Any, *, seed: int) -> Any:
        return make(space, seed=seed, **parameters)

    for space in spaces or [tiny() for tiny in TINY]:
        controller_rules.suite.run(fresh, space, without=without)


def check_trainer(trainer: Any, architectures: Sequence[Architecture], *, without: Sequence[str] = ()) -> None:
    """Hold a trainer to its contracts of `nasedu.trainers.base`: `Trainer`, where it applies `Continuing`, `Wrapper`.

    Args:
        trainer: the trainer, or a function without arguments that makes it.
        architectures: a few of its space that train without trouble; small ones, since each is trained some 30 times.
        without: names of rules that cannot apply.

    Raises:
        AssertionError: at the first rule that is broken.
    """
    made = trainer if hasattr(trainer, "space") else trainer()
    wrapper_rules.suite.run(made, list(architectures), without=without)


def check_task(task: Task | Callable[[], Task], *, without: Sequence[str] = ()) -> None:
    """Hold a task to the contract of `nasedu.tasks.base.Task`.

    Args:
        task: the function that loads it, so that two loads are compared; or the task.
        without: names of rules that cannot apply.

    Raises:
        AssertionError: at the first rule that is broken.
    """
    load = (lambda: task) if isinstance(task, Task) else task
    task_rules.suite.run(load, without=without)


__all__ = [
    "REWARDS",
    "TINY",
    "FixedLength",
    "OneMember",
    "VariableLength",
    "check_controller",
    "check_space",
    "check_task",
    "check_trainer",
    "controller_checks",
    "space_checks",
    "task_checks",
    "trainer_checks",
]
