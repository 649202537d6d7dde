"""The rules of a meta-learner. See `nasedu.testing.check_learner`.

The arguments of each rule are `make(seed=...)`, which returns a new learner, and the tasks that it learns from.
"""

import json
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from nasedu.core import BadValue, Mismatch, rng_from
from nasedu.metalearning.task_distribution import TaskDistribution, one_task
from nasedu.testing.rules import Suite, expect, must_raise, short, touches_global_randomness

suite = Suite("learner")
learner_checks = suite.checks

Make = Callable[..., Any]
STEPS = 4
"""Of each meta-training."""
CLOSE = 1e-3


def trained(make: Make, tasks: TaskDistribution, *, seed: int = 0) -> Any:
    """Return a learner after its meta-training."""
    learner = make(seed=seed)
    for _ in learner.meta_train(tasks, STEPS):
        pass
    return learner


def numbers(learner: Any) -> dict[str, torch.Tensor]:
    """Return a copy of all that a state keeps."""
    return {name: tensor.detach().cpu().clone() for name, tensor in learner.state().tensors.items()}


def difference(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> str:
    """Return the name of a tensor in which two learners differ; empty if there is none."""
    if one.keys() != other.keys():
        return str(sorted(one.keys() ^ other.keys())[0])
    return next((name for name in one if not torch.equal(one[name], other[name])), "")


def batch_of(tasks: TaskDistribution, count: int = 3) -> Any:
    """Return tasks that no meta-training has drawn."""
    return tasks.draw(count, rng_from(0, "conformance"))


# ---------------------------------------------------------------------- meta-training


@suite.rule
def every_step_is_yielded(make: Make, tasks: TaskDistribution) -> None:
    """Check that `meta_train` yields each step, numbered from 1, with a finite loss, and counts it in `done`."""
    learner = make(seed=0)
    found = []
    for step in learner.meta_train(tasks, STEPS):
        found.append((step.number, learner.done))
        expect(bool(np.isfinite(step.loss)), f"step {step.number} has the loss {step.loss}", "refuse it: BadValue")
    expect(found == [(n, n) for n in range(1, STEPS + 1)], f"steps and `done`: {found}", "yield after each step")
    left = list(learner.meta_train(tasks, STEPS))
    expect(not left, f"{len(left)} more steps of {STEPS} that were done", "`steps` counts those that are done")


@suite.rule
def each_step_has_the_gradient_of_what_is_learned(make: Make, tasks: TaskDistribution) -> None:
    """Check that each step gives a finite gradient for each tensor in `learned`, of its shape."""
    learner = make(seed=0)
    for step in learner.meta_train(tasks, 2):
        shapes = {name: tuple(part.shape) for name, part in step.gradient.items()}
        wanted = {name: tuple(tensor.shape) for name, tensor in learner.learned.items()}
        expect(shapes == wanted, f"gradients of {short(shapes)}", f"give those of `learned`: {short(wanted)}")
        bad = [name for name, part in step.gradient.items() if not part.isfinite().all()]
        expect(not bad, f"the gradient of {short(bad)} is not finite", "refuse the step: BadValue")


@suite.rule
def something_is_learned(make: Make, tasks: TaskDistribution) -> None:
    """Check that meta-training moves what is in `learned`."""
    before, after = make(seed=0).learned, trained(make, tasks).learned
    moved = [name for name in after if name not in before or not torch.equal(before[name], after[name])]
    expect(bool(moved), f"after {STEPS} steps all of `learned` is as it was", "give the gradient by `meta_gradient`")


@suite.rule
def the_seed_decides_everything(make: Make, tasks: TaskDistribution) -> None:
    """Check that equal seeds give equal bits, that others give others, and that no global generator is used."""
    one = numbers(trained(make, tasks))
    expect(not (name := difference(one, numbers(trained(make, tasks)))), f"{name!r} differs", "draw from `rng`")
    expect(bool(difference(one, numbers(trained(make, tasks, seed=1)))), "seed 1 gave the same", "use the seed")
    learner = make(seed=0)  # torch's layers draw from the global generator when they are made
    touched = touches_global_randomness(lambda: list(learner.meta_train(tasks, STEPS)))
    expect(not touched, "a global generator of random numbers was used", "draw from the `rng` of the step")


# ---------------------------------------------------------------------- stop and resume


@suite.rule
def it_goes_on_bit_for_bit(make: Make, tasks: TaskDistribution) -> None:
    """Check that a learner that is made again and takes up a file goes on as if it had never stopped."""
    whole, first, again = make(seed=0), make(seed=0), make(seed=0)
    expected = [step.loss for step in whole.meta_train(tasks, STEPS)]
    found = [step.loss for step in islice(first.meta_train(tasks, STEPS), STEPS // 2)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "half.safetensors"
        first.save(path)
        again.load(path)
    found += [step.loss for step in again.meta_train(tasks, STEPS)]
    expect(found == expected, f"losses {found}, and without a stop {expected}", "`state` keeps all that changes")
    expect(not (name := difference(numbers(again), numbers(whole))), f"{name!r} differs", "`restore` puts all back")


@suite.rule
def a_state_says_whose_it_is(make: Make, tasks: TaskDistribution) -> None:
    """Check that the state of another seed, or of other tasks, is refused with a Mismatch, and that nothing changes."""
    state = trained(make, tasks).state()
    for part in (state.about, state.plain):
        json.dumps(part, allow_nan=False)
    other = make(seed=1)
    before = numbers(other)
    must_raise(Mismatch, lambda: other.restore(state), "the state of another seed", "call `super().restore` first")
    expect(not (name := difference(before, numbers(other))), f"{name!r} changed all the same", "check, then copy")
    learner = make(seed=0)
    learner.restore(state)
    mend = "call `super().meta_train`, which compares what the tasks describe"
    must_raise(Mismatch, lambda: learner.meta_train(_Renamed(tasks), STEPS + 1), "going on with other tasks", mend)


# ---------------------------------------------------------------------- adapt


@suite.rule
def it_adapts_to_a_new_task(make: Make, tasks: TaskDistribution) -> None:
    """Check that `adapt` gives finite outputs for each query, before and after meta-training, and changes nothing."""
    support, query = one_task(batch_of(tasks), 0)
    for learner in (make(seed=0), trained(make, tasks)):
        before = numbers(learner)
        first, second = learner.adapt(support)(query.X), learner.adapt(support)(query.X)
        wanted = (len(query.X), tasks.outputs)
        right = first.shape == wanted and first.dtype == np.float32 and bool(np.isfinite(first).all())
        expect(right, f"{first.dtype} outputs of shape {first.shape}: {short(first)}", f"finite float32, {wanted}")
        expect(np.array_equal(first, second), "adapting twice gave two answers", "adapt draws nothing")
        name = difference(before, numbers(learner))
        expect(not name, f"{name!r} changed", "adapt a copy: a learner meets the next task as it met this one")


@suite.rule
def many_tasks_are_answered_as_each_is(make: Make, tasks: TaskDistribution) -> None:
    """Check that `answers`, which takes many tasks at once, gives what `adapt` gives for each of them."""
    learner, batch = trained(make, tasks), batch_of(tasks)
    together = learner.answers(batch).detach().cpu().numpy()
    for number in range(len(together)):
        support, query = one_task(batch, number)
        alone = learner.adapt(support)(query.X)
        apart = float(np.abs(together[number] - alone).max() / max(1.0, np.abs(alone).max()))
        expect(apart <= CLOSE, f"task {number} is {apart:.2g} away", "the tasks of a batch do not see each other")


# ---------------------------------------------------------------------- what does not fit


@suite.rule
def an_impossible_support_set_is_refused(make: Make, tasks: TaskDistribution) -> None:
    """Check that a support set without examples, with NaN, or of a single class is refused with a BadValue."""
    learner, ((X, y), _) = make(seed=0), one_task(batch_of(tasks), 0)
    bad = {"no examples": (X[:0], y[:0]), "NaN": (X * np.nan, y)}
    if tasks.kind == "classification":
        bad["a single class"] = (X, y * 0)
    for what, support in bad.items():
        must_raise(BadValue, partial(learner.adapt, support), what, "call `check_support`")


@suite.rule
def tasks_that_do_not_fit_are_refused(make: Make, tasks: TaskDistribution) -> None:
    """Check that tasks of an unknown kind are refused with a Mismatch before the first step."""
    learner = make(seed=0)
    mend = "call `super().meta_train`, which calls `check_fits`"
    must_raise(Mismatch, lambda: learner.meta_train(_OfNoKind(tasks), STEPS), "tasks of kind 'poems'", mend)


class _Renamed:
    """The same tasks under another description."""

    def __init__(self, tasks: TaskDistribution):
        self._tasks = tasks

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tasks, name)

    def describe(self) -> dict[str, Any]:
        return {**self._tasks.describe(), "name": "others"}


class _OfNoKind(_Renamed):
    kind = "poems"
