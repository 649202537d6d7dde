"""The contract of a search space, and all that is derived from it.

The author of a new space writes four methods. Then every controller can search it. (If its networks are looked up in
a table, three are enough: leave out `build`.)

    class TwoSizes(Space):
        '''Three layers, each small or large.'''

        input_shape = (1, 8, 8)

        def start(self):
            return 0                                              # the state is the number of layers so far

        def choices(self, state):
            return ("16", "64") if state < 3 else ()              # () means: the network is complete

        def step(self, state, choice):
            return state + 1

        def build(self, architecture):                            # ("16", "64", "16") -> a network
            sizes = [64, *map(int, architecture)]
            hidden = [m for a, b in pairwise(sizes) for m in (nn.Linear(a, b), nn.ReLU())]
            return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(sizes[-1], 10))

A **state** holds exactly the information on which the future depends: which choices are open, and where they lead.
Counting, enumerating and encoding visit every state once. A space with 10**18 members therefore answers at once if
it has few states.

Three kinds of space are not allowed. A controller refuses the first two when it is made:

1. a space without a choice at its start;
2. a space with a **cycle**: a walk comes back to a state that it visited before;
3. a space with a **dead end**: a state in which no choice is open although the network is not complete. `build`
   refuses such a network, so no choice may lead into a dead end. If your rule is "at least one convolution", do not
   offer "stop" before the first convolution. In a study, a dead end is an evaluation with the status "error" and the
   reason that `build` gave.

`nasedu.testing.check_space` looks for all three.
"""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

import numpy as np

from nasedu.core import Architecture, BadArchitecture, BadValue, CheckedArchitecture, Mismatch, describe
from nasedu.spaces import counting, encoding, measures, mutation
from nasedu.spaces.sharing import Shared, no_supernet

if TYPE_CHECKING:
    from torch import nn

State = Hashable
Choice = str
T = TypeVar("T")


class Step(NamedTuple):
    """One step of a walk: the state, the choice made there, and the state after it."""

    state: State
    choice: Choice
    after: State


class Space(ABC):
    """A finite decision process whose complete walks are networks.

    Used from lesson 00 on; lesson 01 builds one.
    """

    name: ClassVar[str] = ""
    """The registered name; a space of your own may leave it empty."""

    # ------------------------------------------------------------------ methods that an author writes

    @abstractmethod
    def start(self) -> Any:
        """Return the state of the empty network."""

    @abstractmethod
    def choices(self, state: Any) -> tuple[Choice, ...]:
        """Return the choices that may come next, in a fixed order; `()` when the network is complete."""

    @abstractmethod
    def step(self, state: Any, choice: Choice) -> Any:
        """Return the state after a legal choice."""

    def build(self, architecture: Architecture) -> "nn.Module":
        """Return the network: it maps a batch of inputs (batch, *input_shape) to outputs (batch, outputs).

        The initial weights do not matter here: a trainer draws them again from its seed. A space whose networks are
        looked up in a table (`nasedu.Table`) needs no `build`.

        Raises:
            Mismatch: the author of the space wrote no such method.
        """
        raise no_networks(self)

    # ------------------------------------------------------------------ methods that an author may override

    @classmethod
    def for_task(cls, task: Any, **parameters: Any) -> "Space":
        """Return a space for a task's shapes. By default the constructor is given `input_shape` and `outputs`.

        A space that takes neither has the shapes that its author gave it, and those must be the task's.

        Raises:
            Mismatch: if `why_unfit` has an objection to the task, or a space has other shapes than the task.
        """
        objection = cls.why_unfit(task)
        if objection:
            raise Mismatch(f"space {cls.name or cls.__name__!r} does not fit task {task.name!r}: {objection}")
        known = inspect.signature(cls).parameters
        takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values())
        shapes = {"input_shape": task.input_shape, "outputs": task.outputs}
        space = cls(**{name: shape for name, shape in shapes.items() if takes_all or name in known}, **parameters)
        check_shapes(space, task)
        return space

    @classmethod
    def why_unfit(cls, task: Any) -> str:
        """Return why no network of this kind can be built for the task; empty if one can."""
        return ""

    def key(self, state: Any) -> Hashable:
        """Return what a tabular learner sees of a state. States with one key share their values. Default: the state."""
        return state

    def canonical(self, architecture: Architecture) -> Architecture:
        """Return one representative of all architectures that build the same function. Default: itself."""
        return architecture

    def explain(self, state: Any, choice: Choice) -> str:
        """Return the reason why a choice is not open, in words that a student understands. Authors override it."""
        return f"{choice!r} is not possible here"

    def draw_cell(self, choices: Sequence[Choice]) -> str:
        """Return an SVG picture of the cell after these choices, all of them or the first. Empty: there is no cell."""
        return ""

    def sharing(self, architecture: Architecture, network: "nn.Module") -> Mapping[str, Shared]:
        """Return how the network of an architecture shares its weights with all others of the space, for a supernet.

        A layer that is not named shares them with every network that has a layer of this name, such as a stem "0".
        Normalisation that follows a named layer in a chain is shared as that layer is.

        Args:
            network: what `build(architecture)` gave; its weights do not matter.

        Returns:
            From names of modules in the network to what they share.

        Raises:
            BadValue: the author of the space wrote no such method; the message lists the spaces that have one.
        """
        raise no_supernet(self)

    def hand_picked(self) -> tuple[Architecture, ...]:
        """Return networks of this space that a beginner would try first; every search is compared with them."""
        return ()

    # ------------------------------------------------------------------ derived from the four methods

    @cached_property
    def _open(self) -> dict[State, dict[Choice, State]]:
        """Hold every state visited so far, with the next state of each of its choices."""
        return {}

    @cached_property
    def _cached(self) -> dict[Hashable, Any]:
        return {}

    def cached(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make()` gives, made once for this space: a space does not change.

        Args:
            key: what it is, and everything else that it depends on.
        """
        if key not in self._cached:
            self._cached[key] = make()
        return self._cached[key]

    def moves(self, state: State) -> dict[Choice, State]:
        """Return the open choices of a state, each with the state that it leads to."""
        try:
            known = self._open.get(state)
        except TypeError as error:
            raise BadValue(
                f"the state {state!r} of the space {self.title!r} cannot be hashed ({error}), and a state is looked up "
                "in tables: use a number, a string, a tuple of them, or a frozen dataclass"
            ) from error
        if known is None:
            choices = self.choices(state)
            self._check_choices(state, choices)
            known = self._open[state] = {choice: self.step(state, choice) for choice in choices}
        return known

    def _check_choices(self, state: State, choices: Any) -> None:
        """Raise BadValue unless the choices are different strings, which a store and a person can read."""
        if not isinstance(choices, tuple | list) or not all(type(choice) is str for choice in choices):
            raise BadValue(
                f"the choices of the space {self.title!r} in state {state!r} are {choices!r}; expected a tuple of "
                'strings, such as ("16", "64") instead of (16, 64), and () where the network is complete'
            )
        if len(set(choices)) < len(choices):
            raise BadValue(f"the space {self.title!r} offers a choice twice in state {state!r}: {choices!r}")

    def why_not(self, state: State, choice: Choice) -> str | None:
        """Return None if the choice is open in this state; otherwise the reason why it is not."""
        moves = self.moves(state)
        if choice in moves:
            return None
        if not moves:
            return f"the network is complete; nothing can follow, not even {choice!r}"
        return self.explain(state, choice)

    def walk(self, architecture: Sequence[Choice]) -> list[Step]:
        """Return the states that an architecture passes through: one `Step` for each of its choices.

        Raises:
            BadArchitecture: a choice is not open in its state, or the architecture has too many or too few choices.
        """
        if isinstance(architecture, str):
            raise BadArchitecture(f"an architecture is a tuple of choices, not one string: {architecture!r}")
        steps = []
        state = self.start()
        for position, choice in enumerate(architecture):
            moves = self.moves(state)
            if choice not in moves:
                raise BadArchitecture(
                    f"{tuple(architecture)} cannot be read by the space {self.title!r}: at choice {position}, "
                    f"{self.why_not(state, choice)}; open there: {', '.join(moves) or 'nothing'}"
                )
            steps.append(Step(state, choice, moves[choice]))
            state = moves[choice]
        if self.moves(state):
            raise BadArchitecture(
                f"{tuple(architecture)} is not complete in the space {self.title!r}: "
                f"it must go on with one of {', '.join(self.moves(state))}"
            )
        return steps

    def __contains__(self, architecture: Any) -> bool:
        """Return whether the space can read an architecture."""
        try:
            self.walk(architecture)
        except BadArchitecture:
            return False
        return True

    def check_architecture(self, architecture: Sequence[Choice]) -> None:
        """Raise BadArchitecture for an architecture that the space cannot read; one that was checked is trusted."""
        if not isinstance(architecture, CheckedArchitecture):
            self.walk(architecture)

    def sample(self, rng: np.random.Generator, start: State | None = None) -> Architecture:
        """Return a random walk: in each state, every open choice has the same probability.

        MetaQNN explores in this way at epsilon 1. The distribution is not uniform over architectures: where some walks
        end early, short networks are drawn more often (`sample_uniform` draws each equally often). With `start`, it is
        the rest of a walk from that state.
        """
        state = self.start() if start is None else start
        architecture = []
        while moves := self.moves(state):
            choice = list(moves)[int(rng.random() * len(moves))]
            architecture.append(choice)
            state = moves[choice]
        return tuple(architecture)

    # Each of these is a function of a space, in a module of its own.
    check = counting.check
    size = counting.size
    enumerate = counting.enumerate_architectures
    count_networks = counting.count_networks
    nth = counting.nth
    sample_uniform = counting.sample_uniform
    vocabulary = encoding.vocabulary
    neighbours = mutation.neighbours
    mutate = mutation.mutate
    crossover = mutation.crossover
    encode = encoding.one_hot
    measure = measures.measure
    check_measure = staticmethod(measures.check)

    def draw(self, architecture: Architecture) -> str:
        """Return an SVG picture of the network: each layer with its output shape and its number of parameters."""
        from nasedu.spaces import drawing

        return drawing.svg(self, architecture)

    @property
    def title(self) -> str:
        return self.name or type(self).__name__

    def __repr__(self) -> str:
        values = {key: value for key, value in describe(self).items() if key != "name"}
        return f"{type(self).__name__}({', '.join(f'{key}={value!r}' for key, value in values.items())})"


def check_shapes(space: Any, task: Any) -> None:
    """Raise Mismatch if networks of the space take in or give something else than the task has. One may not say it."""
    for name, what in (("input_shape", "inputs of shape"), ("outputs", "outputs:")):
        own, wanted = getattr(space, name, None), getattr(task, name, None)
        if own is not None and wanted is not None and np.any(np.atleast_1d(own) != np.atleast_1d(wanted)):
            title = getattr(space, "title", type(space).__name__)
            raise Mismatch(
                f"networks of the space {title!r} have {what} {own}, and the task {task.name!r} has {wanted}: "
                f"give the space {name}={wanted!r}"
            )


def no_networks(space: Any) -> Mismatch:
    """Return the error of a space without `build`, where a network is wanted."""
    return Mismatch(
        f"the space {getattr(space, 'title', type(space).__name__)!r} has no method `build`, so its networks can be "
        'looked up in a table (the trainer "table"), and not be trained: write `build(self, architecture)`'
    )


def check_builds(space: Any) -> None:
    """Raise Mismatch for a space whose author wrote no `build`."""
    if getattr(type(space), "build", None) is Space.build:
        raise no_networks(space)


def input_shape_of(space: Space) -> tuple[int, ...]:
    """Return the shape of one input. Raise Mismatch for a space without `input_shape`."""
    shape = getattr(space, "input_shape", None)
    if shape is None:
        raise Mismatch(
            f"the space {space.title!r} does not say what its networks take in: "
            "set `self.input_shape`, for instance (1, 8, 8), in its __init__"
        )
    return tuple(shape)
