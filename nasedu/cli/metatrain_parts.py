"""The parts of a meta-training as they were typed: its tasks, the network to begin with, the learner."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from torch import nn

from nasedu import metalearning, spaces
from nasedu.cli.results_file import as_architecture
from nasedu.core import BadValue, Mismatch, check_counts
from nasedu.core.options import check_options
from nasedu.metalearning.embedding import Embedding
from nasedu.metalearning.few_shot import FewShotTasks
from nasedu.metalearning.learner import Learner
from nasedu.metalearning.metanas import MetaNAS
from nasedu.metalearning.networks import image_network, network_of, wave_network
from nasedu.metalearning.sinusoids import Sinusoids
from nasedu.metalearning.usual import WIDER, usual
from nasedu.spaces.base import Space
from nasedu.study.build import make_space

WAYS, QUERIES, TEST_QUERIES = 5, 5, 15
FEATURES = 64
"""Outputs of a network of a space where features are compared: as many as in Snell et al. on Omniglot."""


class Tasks(NamedTuple):
    """What is learned from, and what is tested on: no script, question or class is in both."""

    train: Any
    test: Any


class Base(NamedTuple):
    """The network to begin with, or the space whose cells are learned; and what it is in words."""

    network: nn.Module | Space
    words: str


# ---------------------------------------------------------------------- tasks


def make_tasks(name: str, method: str, *, ways: int | None, shots: int | None, train_ways: int | None) -> Tasks:
    """Return the tasks of this name.

    Raises:
        UnknownName, BadValue: see `nasedu.metalearning.load_tasks` and `FewShotTasks`.
        Mismatch: the method cannot learn such tasks.
    """
    if name == "sinusoids":
        if ways is not None or train_ways is not None:
            raise BadValue("sinusoids are numbers, and have no classes: leave --ways and --train-ways out")
        tasks = Tasks(*(Sinusoids(10 if shots is None else shots, queries) for queries in (10, 100)))
    else:
        train, test = (metalearning.load_tasks(name, part, ways=2, shots=1, queries=1) for part in ("train", "test"))
        tasks = _episodes(train, test, method, ways, 1 if shots is None else shots, train_ways)
    kinds = getattr(metalearning.registry[method], "kinds", Learner.kinds)
    if tasks.train.kind not in kinds:
        raise Mismatch(
            f"{method} learns from tasks of {' or '.join(kinds)}, and {name!r} is {tasks.train.kind}; choose another "
            "method or other tasks"
        )
    return tasks


def _episodes(
    train: FewShotTasks, test: FewShotTasks, method: str, ways: int | None, shots: int, train_ways: int | None
) -> Tasks:
    """Return episodes of both pools; what was not typed is as usual, or as much as there is."""
    least = [int(np.bincount(tasks.pool.groups).min()) for tasks in (train, test)]
    images = [int(np.bincount(tasks.pool.y).min()) for tasks in (train, test)]
    ways = min(WAYS, *least) if ways is None else ways
    compares = _is(method, Embedding)
    if train_ways is None:
        train_ways = max(min(WIDER.get(method, 0), least[0]), ways)
    elif train_ways != ways and not compares:
        raise BadValue(f"{method} has one output for each class, so --train-ways is --ways: leave it out")
    check_counts(shots=shots)
    queries = [max(1, min(most, count - shots)) for most, count in zip((QUERIES, TEST_QUERIES), images, strict=True)]
    return Tasks(
        replace(train, ways=train_ways, shots=shots, queries=queries[0]),
        replace(test, ways=ways, shots=shots, queries=queries[1]),
    )


def _is(method: str, kind: type) -> bool:
    """Return whether a method is of a kind. An `Embedding` compares features: no class needs an output of its own."""
    maker = metalearning.registry[method]
    return isinstance(maker, type) and issubclass(maker, kind)


# ---------------------------------------------------------------------- the network


def make_base(tasks: Tasks, method: str, space: str | None, text: str | None, options: Mapping[str, Any]) -> Base:
    """Return the network to begin with: of a space if one was typed, else one that is usual for the tasks.

    Raises:
        UnknownName, BadValue, BadArchitecture, Mismatch: a space or network that does not exist, or does not fit.
    """
    train, compares = tasks.train, _is(method, Embedding)
    if _is(method, MetaNAS):
        return _cells(train, method, space, text, options)
    if space is None and text is None:
        if options:
            raise BadValue("--space-option is of a space, and none was chosen: name it with --space")
        if train.kind == "regression":
            return Base(wave_network(), "two hidden layers of 40")
        try:
            made = image_network(train.input_shape, outputs=None if compares else train.outputs)
        except (ValueError, RuntimeError) as error:
            raise Mismatch(f"no usual network reads {train.input_shape}: choose one with --space") from error
        return Base(made, "convolutions of 32 channels")
    outputs = FEATURES if compares else train.outputs
    shapes = SimpleNamespace(name=train.name, kind=train.kind, input_shape=train.input_shape, outputs=outputs)
    space = spaces.usual(shapes) if space is None else space
    made_space = make_space(space, shapes, options)
    known = made_space.hand_picked()
    if text is None and not known:
        raise BadValue(f"space {space!r} has no network that is usual: give one with --network")
    architecture = known[0] if text is None else as_architecture(text)
    made_space.walk(architecture)
    return Base(network_of(made_space, architecture), f"{space}: {' '.join(architecture)}")


def _cells(train: Any, method: str, space: str | None, text: str | None, options: Mapping[str, Any]) -> Base:
    """Return a space of cells; the usual one is small, as a mixture computes all operations."""
    if text is not None:
        raise BadValue(
            f"{method} finds the network itself: leave --network out, and name a space of cells with --space"
        )
    shapes = SimpleNamespace(name=train.name, kind=train.kind, input_shape=train.input_shape, outputs=train.outputs)
    if space is None:
        space, options = "cell-201", {"width": 8, **options}
    return Base(make_space(space, shapes, options), f"the cells of {space}")


# ---------------------------------------------------------------------- the learner


def make_learner(
    method: str, base: Base, tasks: Tasks, options: Mapping[str, Any], *, seed: int, device: str
) -> Callable[[], Any]:
    """Return a function that makes the learner, each time the same, at its first step.

    Raises:
        BadValue, Mismatch: an impossible setting, or tasks that do not fit it or its network.
    """
    for given in ("seed", "device", "keep_weights"):
        if given in options:
            raise BadValue(f"--method-option {given} is given by the command itself; leave it out")
    registry = metalearning.registry
    check_options(registry, method, options)
    _, settings = usual(method, tasks.train.kind)

    def make() -> Any:
        return metalearning.load(method, base.network, seed=seed, device=device, **{**settings, **options})

    make().check_fits(tasks.train)
    return make


def usual_steps(method: str, tasks: Tasks) -> int:
    """Return how many steps of meta-training are usual."""
    return usual(method, tasks.train.kind)[0]
