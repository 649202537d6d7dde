"""Floor 7: conformance suites, one for each contract. Check a class of your own with one call:

>>> from nasedu.controllers import Controller
>>> from nasedu.testing import check_controller
>>> class Uniform(Controller):
...     def ask(self):
...         return self.space.sample(self.rng)
>>> check_controller(Uniform)

The call returns None if every rule holds. Otherwise an AssertionError names the broken rule, with an example and how
to mend it:

>>> class Forgetful(Controller):
...     def ask(self):
...         return self.space.sample(self.rng)[:-1]
>>> check_controller(Forgetful)
Traceback (most recent call last):
...
AssertionError: controller rule 'asks_only_what_the_space_can_read': Every question is a complete, legal ...

A suite is a list of small functions. Each has the name of its rule, so that pytest can show them one by one:

    @pytest.mark.parametrize("check", space_checks, ids=lambda check: check.__name__)
    def test_my_space(check):
        check(MySpace())

Skip a rule that cannot apply by its name:

    check_controller(GridSearch, without=["different_seeds_ask_differently"])
"""

from collections.abc import Callable, Sequence
from typing import Any

from nasedu.classroom.exercise import Exercise
from nasedu.core import Architecture
from nasedu.spaces.base import Space
from nasedu.tasks.base import Task
from nasedu.testing import controller_rules, space_rules, task_rules, wrapper_rules
from nasedu.testing.controller_rules import controller_checks
from nasedu.testing.space_rules import space_checks
from nasedu.testing.spaces import REWARDS, TINY, FixedLength, OneMember, VariableLength
from nasedu.testing.task_rules import task_checks
from nasedu.testing.wrapper_rules import trainer_checks


def check_space(space: Space, *, networks: bool = True, without: Sequence[str] = ()) -> None:
    """Check that a space obeys the contract of `nasedu.spaces.base.Space`. This takes a second or two.

    Args:
        space: it gives the shapes of its networks in `input_shape` and, if it can, `outputs`.
        networks: build some networks, and check them. False for a space whose networks are looked up in a table: it
            needs no `build`, and torch is not imported.
        without: names of rules that cannot apply.

    Raises:
        AssertionError: it names every broken rule; the message says if some were not tried.
    """
    space_rules.suite.run_all(space, without=without if networks else (*without, *space_rules.NETWORK_RULES))


def check_supernet(space: Space, *, without: Sequence[str] = ()) -> None:
    """Check that a space shares weights as `Space.sharing` promises: its architectures run in one supernet.

    Args:
        space: one with a method `sharing`.
        without: names of rules that cannot apply.

    Raises:
        AssertionError: at the first broken rule.
    """
    from nasedu.testing import supernet_rules  # it imports torch, and most suites do without

    supernet_rules.suite.run(space, without=without)


def check_controller(
    make: Callable[..., Any], *, spaces: Sequence[Space] = (), without: Sequence[str] = (), **parameters: Any
) -> None:
    """Check that a controller obeys the contract of `nasedu.controllers.base.Controller`.

    Args:
        make: the class, or a function `(space, *, seed)` that returns a new controller.
        spaces: the spaces to check it on; by default three tiny ones (fixed length, variable length, one architecture).
        without: names of rules that cannot apply.
        **parameters: further arguments for `make`, in addition to space and seed.

    Raises:
        AssertionError: at the first broken rule.
    """

    def fresh(space: Any, *, seed: int) -> Any:
        return make(space, seed=seed, **parameters)

    for space in spaces or [tiny() for tiny in TINY]:
        controller_rules.suite.run(fresh, space, without=without)


def check_learner(make: Callable[..., Any], tasks: Any, *, without: Sequence[str] = (), **settings: Any) -> None:
    """Check that a meta-learner obeys the contract of `nasedu.metalearning.learner.Learner`.

    Args:
        make: a function `(*, seed)` that returns a new learner, such as `partial(MyLearner, network)`.
        tasks: a distribution of tasks that it can learn, such as `Sinusoids(shots=4, queries=3)`. Take a small network
            and small tasks: it learns from them about 15 times, for a few steps.
        without: names of rules that cannot apply.
        **settings: further arguments for `make`, in addition to the seed.

    Raises:
        AssertionError: at the first broken rule.
    """
    from nasedu.testing import learner_rules  # it imports torch, and most suites do without

    def fresh(*, seed: int) -> Any:
        return make(seed=seed, **settings)

    learner_rules.suite.run(fresh, tasks, without=without)


def check_trainer(trainer: Any, architectures: Sequence[Architecture], *, without: Sequence[str] = ()) -> None:
    """Check that a trainer obeys `Trainer` of `nasedu.trainers.base`, and `Continuing` and `Wrapper` if it is one.

    Args:
        trainer: the trainer, or a function without arguments that makes it.
        architectures: a few of its space that train without failure. Take small ones: each is trained about 30 times.
        without: names of rules that cannot apply.

    Raises:
        AssertionError: at the first broken rule.
    """
    made = trainer if hasattr(trainer, "space") else trainer()
    wrapper_rules.suite.run(made, list(architectures), without=without)


def check_task(task: Task | Callable[[], Task], *, without: Sequence[str] = ()) -> None:
    """Check that a task obeys the contract of `nasedu.tasks.base.Task`.

    Args:
        task: the function that loads it, so that two loads can be compared; or the task.
        without: names of rules that cannot apply.

    Raises:
        AssertionError: at the first broken rule.
    """
    load = (lambda: task) if isinstance(task, Task) else task
    task_rules.suite.run(load, without=without)


def check_exercise(exercise: Exercise, *, without: Sequence[str] = ()) -> None:
    """Check that an exercise helps: its solution passes, wrong answers get their sentences, changes are noticed.

    Args:
        exercise: the exercise; `nasedu assignment test` checks those of a course.
        without: names of rules that cannot apply.

    Raises:
        AssertionError: it names every broken rule.
    """
    from nasedu.testing import exercise_rules

    exercise_rules.suite.run_all(exercise, without=without)


__all__ = [
    "REWARDS",
    "TINY",
    "FixedLength",
    "OneMember",
    "VariableLength",
    "check_controller",
    "check_exercise",
    "check_learner",
    "check_space",
    "check_supernet",
    "check_task",
    "check_trainer",
    "controller_checks",
    "space_checks",
    "task_checks",
    "trainer_checks",
]
