"""What is wrong with a space or a controller of somebody's own is told at the door, before anything is trained."""

from math import prod

import pytest
from torch import nn

from nasedu import Controller, Space, Study, controllers, trainers
from nasedu.controllers.base import Wrapped
from nasedu.core import BadValue, Mismatch


class Widths(Space):
    def __init__(self, input_shape=(1, 6, 6), outputs=4, given=None):
        self.input_shape = input_shape
        self.outputs = outputs
        self.given = given  # outputs of its networks, if they are others than it says

    def start(self):
        return 0

    def choices(self, state):
        return ("4", "8") if state < 2 else ()

    def step(self, state, choice):
        return state + 1

    def build(self, architecture):
        layers = [nn.Flatten(), nn.Linear(prod(self.input_shape), int(architecture[0]))]
        return nn.Sequential(*layers, nn.Linear(int(architecture[0]), self.given or self.outputs))


class Right(Controller):
    """Breaks nothing; the others break one thing each."""

    def ask(self):
        return self.first_new(lambda attempt: self.space.sample(self.rng))


class TellsOneThing(Right):
    def tell(self, architecture):
        self.rewards[architecture] = 0.5


class AsksForMore(Right):
    def ask(self, count):
        return [self.space.sample(self.rng) for _ in range(count)]


class Forgets(Right):
    def tell(self, architecture, reward):
        self.last = reward


class RemembersItsOwnWay(Right):
    def tell(self, architecture, reward, *rest, note=""):
        super().tell(architecture, reward)


class WantsToBeAskedFirst(Right):
    def tell(self, architecture, reward):
        self.pending.pop(architecture)
        super().tell(architecture, reward)


class Passes(Wrapped):
    def ask(self):
        return self.inner.ask()


class Asks(Controller):
    def __init__(self, space, *, seed=0, what=None):
        super().__init__(space, seed=seed)
        self.what = what

    def ask(self):
        return self.what


def study(controller, small_task, space=None):
    space = space or controller.space
    return Study(space, controller, trainers.load("sequential", space, small_task), epochs=1)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (
            TellsOneThing,
            r"a study calls tell\(architecture, reward\), and TellsOneThing has tell\(architecture\): too",
        ),
        (AsksForMore, r"a study calls ask\(\), and AsksForMore has ask\(count\): missing a required argument: 'count'"),
        (Forgets, r"Forgets.tell forgets what it is told, .* begin it with super\(\).tell\(architecture, reward\)"),
    ],
)
def test_a_controller_that_cannot_be_used_is_refused_at_the_door(small_task, kind, message):
    with pytest.raises(BadValue, match=message):
        study(kind(Widths()), small_task)


@pytest.mark.parametrize("kind", [Right, RemembersItsOwnWay, WantsToBeAskedFirst, lambda s: Passes(Right(s))])
def test_a_controller_is_as_fresh_as_before_the_look(small_task, kind):
    one, other = (kind(Widths()) for _ in range(2))
    with study(one, small_task) as looked_at:
        assert one.rewards == {}
        assert one.ask() == other.ask()
        assert looked_at.trials == []


@pytest.mark.parametrize("what", [None, "4 8", 3, (4, 8), [["4"], "8"]])
def test_what_is_no_architecture_is_refused_before_it_is_recorded(small_task, what):
    with study(Asks(Widths(), what=what), small_task) as begun:
        with pytest.raises(BadValue, match=r"the controller Asks asked .*; an architecture is a tuple of strings"):
            list(begun.run(1))
        assert begun._trials == []


def test_a_list_of_choices_is_an_architecture(small_task):
    with study(Asks(Widths(), what=["4", "8"]), small_task) as begun:
        assert [trial.architecture for trial in begun.run(1)] == [("4", "8")]


# ---------------------------------------------------------------------- spaces


@pytest.mark.parametrize("state", [{"depth": 0}, [0], {0}])
def test_a_state_that_cannot_be_hashed_is_told_when_a_controller_is_made(state):
    class Mutable(Widths):
        def start(self):
            return state

    with pytest.raises(BadValue, match=r"the state .* of the space 'Mutable' cannot be hashed \(unhashable type"):
        controllers.load("random", Mutable())


def test_a_later_state_that_cannot_be_hashed_is_told_too():
    class Later(Widths):
        def step(self, state, choice):
            return [choice]

    with pytest.raises(BadValue, match=r"the state \['4'\] of the space 'Later' cannot be hashed"):
        controllers.load("random", Later())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"outputs": 3}, "'Widths' have outputs: 3, and the task 'corners' has 4: give the space outputs=4"),
        ({"input_shape": (36,)}, r"have inputs of shape \(36,\), and the task 'corners' has \(1, 6, 6\)"),
    ],
)
def test_a_space_of_other_shapes_than_the_task_is_refused(small_task, options, message):
    with pytest.raises(Mismatch, match=message):
        trainers.load("sequential", Widths(**options), small_task)

    class Other(Widths):
        def __init__(self):
            super().__init__(**options)

    with pytest.raises(Mismatch, match=message.replace("Widths", "Other")):
        Other.for_task(small_task)


@pytest.mark.parametrize("trainer", ["sequential", "population"])
def test_a_network_that_gives_something_else_is_a_result_with_the_reason(small_task, trainer):
    space = Widths(given=7)
    (found,) = trainers.load(trainer, space, small_task)([("4", "8")], epochs=1, seed=0)
    assert (found.status, found.score) == ("error", small_task.chance)
    assert found.reason == "BadValue: the network gives (1, 7) for one example, and the task wants (1, 4): mend `build`"
