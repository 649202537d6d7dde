"""The rules of a controller, on tiny spaces. See `nasedu.testing.check_controller`.

The arguments of each rule are `make(space, seed=...)`, which returns a new controller, and a space.
"""

import json
import math
import types
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from nasedu.controllers.base import Controller
from nasedu.core import Architecture, BadArchitecture, BadValue, Exhausted, describe, rng_from
from nasedu.spaces.base import Space
from nasedu.testing.rules import Broken, Suite, expect, must_raise, short, touches_global_randomness
from nasedu.testing.spaces import REWARDS, Reward, additive, rough

suite = Suite("controller")
controller_checks = suite.checks

QUESTIONS = 16
BATCH = 3


class Make(Protocol):
    """A function that returns a new controller."""

    def __call__(self, space: Any, *, seed: int) -> Controller: ...


def question(controller: Controller) -> Architecture | None:
    """Return what it asks next; None if it is exhausted. Raise Broken if that is no architecture of its space."""
    space = controller.space
    getattr(space, "new_question", lambda: None)()
    try:
        architecture = controller.ask()
    except Exhausted:
        return None
    expect(
        isinstance(architecture, tuple) and all(type(choice) is str for choice in architecture),
        f"`ask` gave {short(architecture)}",
        "return a tuple of strings",
    )
    try:
        space.walk(architecture)
    except BadArchitecture as error:
        raise Broken(f"`ask` gave {architecture}: {error}", "choose among `space.moves(state)` only") from error
    return architecture


def play(
    controller: Controller,
    reward: Reward = additive,
    questions: int = QUESTIONS,
    batch: int = BATCH,
    look: Callable[[], Any] = lambda: None,
) -> list[Architecture]:
    """Ask and tell in batches, as a study does. Return the questions: at most `questions`, fewer if it is exhausted."""
    asked: list[Architecture] = []
    while len(asked) < questions:
        together = []
        for _ in range(min(batch, questions - len(asked))):
            architecture = question(controller)
            look()
            if architecture is not None:
                together.append(architecture)
        for architecture in together:
            controller.tell(architecture, reward(architecture))
            look()
        asked += together
        if not together:
            break
    return asked


def first_difference(a: list[Architecture], b: list[Architecture]) -> str:
    """Return a sentence on the first place where two lists of questions differ."""
    for number, (one, other) in enumerate(zip(a, b, strict=False)):
        if one != other:
            return f"question {number} was {one}, and the other time {other}"
    return f"{len(a)} questions, and the other time {len(b)}"


def never_asked(space: Space, count: int = 3) -> list[Architecture]:
    """Return random architectures that no controller asked for."""
    rng = rng_from(9, "nasedu.testing", "never asked")
    return [space.sample(rng) for _ in range(count)]


# ---------------------------------------------------------------------- questions


@suite.rule
def asks_only_what_the_space_can_read(make: Make, space: Space) -> None:
    """Check that every question is a complete, legal architecture, for any rewards."""
    for reward in REWARDS:
        play(make(space, seed=0), reward)


@suite.rule
def same_seed_and_rewards_same_questions(make: Make, space: Space) -> None:
    """Check that two new controllers ask the same questions if they get the same seed and the same rewards."""
    for reward in REWARDS:
        for batch in (1, BATCH):
            a, b = (play(make(space, seed=3), reward, batch=batch) for _ in range(2))
            expect(
                a == b,
                f"{first_difference(a, b)} (rewards {reward.__name__!r}, batches of {batch})",
                "draw from `self.rng` alone; keep no state in the class, and do not rely on the order of a set",
            )


@suite.rule
def different_seeds_ask_differently(make: Make, space: Space) -> None:
    """Check that five seeds do not all give the same questions (skip this rule if the controller draws nothing)."""
    if space.size() < 2:
        return
    questions = [play(make(space, seed=seed), additive) for seed in range(5)]
    expect(
        any(q != questions[0] for q in questions),
        f"seeds 0 to 4 all asked {short(questions[0])}",
        "hand `seed` on to `super().__init__(space, seed=seed)` and draw from `self.rng`; "
        "if nothing is drawn, check it with without=('different_seeds_ask_differently',)",
    )


@suite.rule
def asks_again_before_it_is_told(make: Make, space: Space) -> None:
    """Check that it can be asked several times before it is told, and be told in another order."""
    controller = make(space, seed=1)
    asked = [a for a in (question(controller) for _ in range(5)) if a is not None]
    expect(bool(asked), "it was exhausted before its first question", "ask at least one architecture of the space")
    for architecture in reversed(asked):
        controller.tell(architecture, additive(architecture))
    question(controller)


@suite.rule
def comes_to_an_end_or_goes_on(make: Make, space: Space) -> None:
    """Check that it raises Exhausted or repeats questions if it is asked more often than the space has members."""
    controller = make(space, seed=2)
    asked = play(controller, additive, questions=2 * space.size() + 8, batch=1)
    if len(asked) < 2 * space.size() + 8:
        must_raise(Exhausted, controller.ask, "`ask` after Exhausted", "once exhausted, always exhausted")


@suite.rule
def leaves_global_randomness_alone(make: Make, space: Space) -> None:
    """Check that it neither draws from nor seeds the global generators of random, numpy and torch."""
    expect(
        not touches_global_randomness(lambda: play(make(space, seed=0), rough)),
        "after a few questions a global generator stood elsewhere",
        "draw from `self.rng`, a numpy Generator of its own; call no `seed` function",
    )


# ---------------------------------------------------------------------- answers


@suite.rule
def accepts_what_it_never_asked(make: Make, space: Space) -> None:
    """Check that it can be told of architectures that it never asked, and of one twice: priors and persons do this."""
    controller = make(space, seed=0)
    for architecture in never_asked(space):
        for reward in (0.25, 0.75):
            controller.tell(architecture, reward)
    play(controller)
    for architecture in never_asked(space, 2):  # as a study does with what a person enqueued
        controller.expect(architecture)
        question(controller)
        controller.tell(architecture, 0.5)
    play(controller)


@suite.rule
def does_not_ask_what_it_was_told_first(make: Make, space: Space) -> None:
    """Check that it does not ask what it was told before its first question, unless it repeats its own questions."""
    for seed in range(3):
        controller, told = told_first(make, space, seed, additive)
        asked = play(controller, questions=space.size() - len(told))
        if len(set(asked)) < len(asked):
            return  # it repeats its own questions, too
        again = [architecture for architecture in asked if architecture in told]
        expect(
            not again,
            f"it was told of {len(told)} of the {space.size()} architectures, and then asked {short(again)}",
            "draw with `self.first_new(propose)`, or pass over what is not `self.is_new`",
        )


@suite.rule
def learns_from_what_it_was_told_first(make: Make, space: Space) -> None:
    """Check that rewards told before the first question change the questions, if later rewards change them."""
    seeds = range(5)
    for seed in seeds:
        a, b = (play(told_first(make, space, seed, reward)[0]) for reward in (additive, reversed_reward))
        if a != b:
            return
    for seed in seeds:
        a, b = (play(make(space, seed=seed), reward) for reward in (additive, reversed_reward))
        expect(
            a == b,
            f"it was told good or bad rewards of half of the space, and asked the same with each of {len(seeds)} seeds",
            "what was told is as if it had been asked: founders of a population, the place where a search begins",
        )


def told_first(make: Make, space: Space, seed: int, reward: Reward) -> tuple[Controller, set[Architecture]]:
    """Return a new controller that was told the rewards of every second architecture, and these architectures."""
    controller, told = make(space, seed=seed), list(space.enumerate())[::2]
    for architecture in told:
        controller.tell(architecture, reward(architecture))
    return controller, set(told)


def reversed_reward(architecture: Architecture) -> float:
    """Return a reward that is high where `additive` is low."""
    return -additive(architecture)


@suite.rule
def refuses_a_reward_that_is_no_number(make: Make, space: Space) -> None:
    """Check that rewards of NaN and infinity raise BadValue, and do not change later questions."""
    _refuses(make, space, BadValue, lambda a: [(a, math.nan), (a, math.inf), (a, -math.inf)])


@suite.rule
def refuses_an_architecture_of_another_space(make: Make, space: Space) -> None:
    """Check that an architecture that the space cannot read raises BadArchitecture and changes nothing."""
    _refuses(make, space, BadArchitecture, lambda a: [(a[:-1], 0.5), ((*a, "no such choice"), 0.5), ((), 0.5)])


def _refuses(
    make: Make,
    space: Space,
    kind: type[Exception],
    attempts: Callable[[Architecture], list[tuple[Architecture, float]]],
) -> None:
    controller, undisturbed = make(space, seed=4), make(space, seed=4)
    for c in (controller, undisturbed):
        play(c, questions=4)
    mend = "begin `tell` with `super().tell(architecture, reward)`, before anything is changed"
    for architecture, reward in attempts(never_asked(space)[0]):
        what = f"`tell({architecture}, {reward})`"
        must_raise(kind, lambda a=architecture, r=reward: controller.tell(a, r), what, mend)  # type: ignore[misc]
    a, b = play(controller), play(undisturbed)
    expect(a == b, f"after a refused `tell`: {first_difference(a, b)}", mend)


@suite.rule
def the_record_brings_it_back(make: Make, space: Space) -> None:
    """Check that a new controller continues like the first one after a replay of the record (as JSON)."""
    first = make(space, seed=6)
    asked = play(first, rough)
    record = json.loads(json.dumps([[a, rough(a)] for a in asked]))
    again = make(space, seed=6)
    for start in range(0, len(record), BATCH):
        batch = record[start : start + BATCH]
        for architecture, _ in batch:
            repeated = question(again)
            expect(repeated == tuple(architecture), f"it asked {architecture}, and in replay {repeated}", _REPLAY)
        for architecture, reward in batch:
            again.tell(tuple(architecture), reward)
    a, b = play(first, rough), play(again, rough)
    expect(a == b, f"after the replay: {first_difference(a, b)}", _REPLAY)


_REPLAY = "let the future depend on the seed and on what it was asked and told; on no object's identity, no clock"


# ---------------------------------------------------------------------- looking


@suite.rule
def looking_changes_nothing(make: Make, space: Space) -> None:
    """Check that calling `status` and `learned`, or changing their results, changes no question."""
    watched = make(space, seed=7)

    def look() -> None:
        watched.status().clear()
        for row in watched.learned():
            row.clear()

    a, b = play(watched, look=look), play(make(space, seed=7))
    mend = "draw nothing in `status` and `learned`, and return new dictionaries"
    expect(a == b, f"after looking: {first_difference(a, b)}", mend)


@suite.rule
def status_is_finite_numbers(make: Make, space: Space) -> None:
    """Check that `status` returns a dictionary of names and finite numbers, before, during and after."""
    controller = make(space, seed=0)
    for _ in range(3):
        status = controller.status()
        fits = isinstance(status, dict) and all(
            isinstance(name, str) and type(value) in (int, float) and math.isfinite(value)
            for name, value in status.items()
        )
        expect(fits, f"`status()` gave {short(status)}", "return finite Python numbers by name, or {}")
        play(controller, questions=4)


@suite.rule
def learned_is_rows_for_a_table(make: Make, space: Space) -> None:
    """Check that `learned` returns rows of depth, choice, value and visits, ready for JSON."""
    controller = make(space, seed=0)
    for _ in range(2):
        for row in controller.learned():
            fits = set(row) == {"depth", "choice", "value", "visits"} and all(
                isinstance(row[name], kind)
                for name, kind in {"depth": int, "choice": str, "value": int | float, "visits": int}.items()
            )
            mend = "give each row a depth (int, from 0), a choice (str), a finite value and visits (int), nothing else"
            expect(fits, f"`learned()` has the row {short(row)}", mend)
            sound = row["depth"] >= 0 and row["visits"] >= 0 and math.isfinite(row["value"])
            expect(sound, f"`learned()` has the row {short(row)}", mend)
            json.dumps(row)
        play(controller)


@suite.rule
def the_description_is_json(make: Make, space: Space) -> None:
    """Check that `describe(controller)` is plain data, equal for equal arguments, and not changed by a search."""
    controller, twin = make(space, seed=0), make(space, seed=0)
    play(controller)
    description = describe(controller)
    mend = "keep every argument of `__init__` under its own name, and change none of them while playing"
    expect(json.loads(json.dumps(description)) == description, f"JSON changes {description}", mend)
    expect(describe(twin) == description, f"{describe(twin)} became {description} by playing", mend)


@suite.rule
def runs_without_torch(make: Make, space: Space) -> None:
    """Check that no method of its class uses torch: controllers must run without it."""
    cls = type(make(space, seed=0))
    for function in _functions_of(cls):
        for code in _codes(function.__code__):
            for name in code.co_names:
                value = function.__globals__.get(name)
                home = getattr(value, "__module__", None) or getattr(value, "__name__", "")
                expect(
                    name != "torch" and str(home).partition(".")[0] != "torch",
                    f"{cls.__name__}.{function.__name__} uses {name!r}",
                    "compute with numpy; what needs torch belongs into a trainer",
                )


def _functions_of(cls: type) -> Iterator[types.FunctionType]:
    """Yield the functions of a class and of its base classes."""
    for base in cls.__mro__:
        for value in vars(base).values():
            value = getattr(value, "fget", None) or getattr(value, "__func__", value)
            if isinstance(value, types.FunctionType):
                yield value


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """Yield the code of a function, and of the functions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)
