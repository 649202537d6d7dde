"""Regularised evolution and the genetic algorithm: who is a parent, who dies."""

from collections import Counter

import pytest

from nasedu.controllers.evolution import BOLDER, Genetic, Individual, RegularizedEvolution, tournament
from nasedu.core import BadValue, rng_from
from nasedu.spaces import mutation
from tests.controllers.games import Digits, play, total

SPACE = Digits(4, 3)


def members_of(controller):
    return [individual.architecture for individual in controller.members]


# ---------------------------------------------------------------------- tournament


def test_the_winner_is_the_best_of_those_drawn():
    """Of ten, the chance that one draw is the best is 1/10, and that one of four is: 1 - 0.9^4 = 0.344."""
    population = [Individual((str(i),), float(i)) for i in range(10)]
    rng = rng_from(0)
    for size, share in ((1, 0.1), (4, 0.344)):
        wins = sum(tournament(population, size, rng).reward == 9 for _ in range(4000))
        assert abs(wins / 4000 - share) < 0.03
    assert tournament(population, 400, rng).reward == 9


def test_of_equals_the_first_drawn_wins():
    population = [Individual((str(i),), 1.0) for i in range(4)]
    winners = Counter(tournament(population, 3, rng_from(seed)).architecture for seed in range(400))
    assert min(winners.values()) > 60


# ---------------------------------------------------------------------- regularised evolution


def test_the_oldest_dies_whatever_its_reward():
    evolution = RegularizedEvolution(SPACE, population=3, sample=1)
    told = [("3", "3", "3", "3"), ("0", "0", "0", "0"), ("1", "0", "0", "0"), ("2", "0", "0", "0")]
    evolution._begin()
    for architecture in told:
        evolution.tell(architecture, total(architecture))
    assert members_of(evolution) == told[1:]  # the best of all was the oldest


def test_founders_are_random_and_then_children_are_one_edit_from_a_member():
    evolution = RegularizedEvolution(SPACE, seed=1, population=5, sample=2)
    founders = play(evolution, total, 5)
    assert founders == play(RegularizedEvolution(SPACE, seed=1, population=9, sample=2), lambda _: 0.0, 5)
    for _ in range(20):
        living = members_of(evolution)
        (child,) = play(evolution, total, 1)
        near = {neighbour for parent in living for neighbour in SPACE.neighbours(parent)}
        assert child in near
        assert len(evolution.members) == 5


def test_the_parent_is_the_best_of_the_sample(monkeypatch):
    """A sample as large as 200 surely holds the best of four."""
    evolution = RegularizedEvolution(SPACE, seed=0, population=4, sample=200)
    play(evolution, total, 4)
    parents = []
    monkeypatch.setattr(
        SPACE, "mutate", lambda a, rng: parents.append(a) or mutation.mutate(SPACE, a, rng), raising=False
    )
    for _ in range(10):
        best = max(evolution.members, key=lambda individual: individual.reward)
        parents.clear()
        asked = evolution.ask()
        assert parents[0] == best.architecture
        evolution.tell(asked, total(asked))


def test_a_child_known_already_joins_as_the_youngest_and_is_not_asked(monkeypatch):
    a, b, c = ("0", "0", "0", "0"), ("1", "0", "0", "0"), ("2", "0", "0", "0")
    evolution = RegularizedEvolution(SPACE, population=3, sample=1)
    for architecture in (a, b, c):
        evolution.tell(architecture, total(architecture))
    children = iter([a, a, b, ("3", "3", "3", "3")])
    monkeypatch.setattr(SPACE, "mutate", lambda *_: next(children), raising=False)
    assert evolution.ask() == ("3", "3", "3", "3")
    assert members_of(evolution) == [a, a, b]
    assert [individual.reward for individual in evolution.members] == [0.0, 0.0, 1.0]


def test_a_child_that_is_on_its_way_does_not_join(monkeypatch):
    evolution = RegularizedEvolution(SPACE, population=1, sample=1)
    evolution.tell(("0",) * 4, 0.0)
    children = iter([("1",) * 4, ("1",) * 4, ("2",) * 4])
    monkeypatch.setattr(SPACE, "mutate", lambda *_: next(children), raising=False)
    assert [evolution.ask(), evolution.ask()] == [("1",) * 4, ("2",) * 4]
    assert members_of(evolution) == [("0",) * 4]


def test_a_genetic_child_that_is_known_is_mutated_on(monkeypatch):
    controller = Genetic(SPACE, population=2, mutation_rate=0.0, crossover_rate=0.0)
    play(controller, total, 2)
    known = controller.child(0).child
    assert known in members_of(controller)
    edited = iter([("1",) * 4, ("2",) * 4])
    given = []
    monkeypatch.setattr(SPACE, "mutate", lambda child, _: given.append(child) or next(edited), raising=False)
    assert [controller.child(n).child for n in (1, 2)] == [("1",) * 4, ("2",) * 4]
    assert given == [known, ("1",) * 4]


def test_children_that_are_all_known_become_bolder(monkeypatch):
    """After every ten of them there is one more edit."""
    controller = RegularizedEvolution(SPACE, population=2)
    play(controller, total, 2)
    known, edits_made = controller.members[0].architecture, []
    monkeypatch.setattr(SPACE, "mutate", lambda *_: edits_made.append(1) or known, raising=False)
    counts = []
    for attempt in range(3 * BOLDER):
        edits_made.clear()
        controller.child(attempt)
        counts.append(len(edits_made))
    assert counts == [1] * BOLDER + [2] * BOLDER + [3] * BOLDER


def test_evolution_climbs():
    """On average of 10 seeds, the last 20 of 60 are better than the random founders by more than 2 of 18."""

    class Longer(Digits):
        pass

    for make in (RegularizedEvolution, Genetic):
        gains = []
        for seed in range(10):
            rewards = [total(a) for a in play(make(Longer(6, 3), seed=seed), total, 60)]
            gains.append(sum(rewards[40:]) / 20 - sum(rewards[:10]) / 10)
        assert sum(gains) / 10 > 2


# ---------------------------------------------------------------------- genetic


def test_the_worst_dies_however_young():
    genetic = Genetic(SPACE, population=2)
    a, b, c = ("3", "3", "3", "3"), ("1", "0", "0", "0"), ("0", "0", "0", "0")
    genetic._begin()
    for architecture in (a, b, c):
        genetic.tell(architecture, total(architecture))
    assert members_of(genetic) == [a, b]
    genetic.tell(("2", "0", "0", "0"), 2.0)
    assert members_of(genetic) == [a, ("2", "0", "0", "0")]


def test_of_equally_bad_ones_the_oldest_dies():
    genetic = Genetic(SPACE, population=2)
    told = [("1", "0", "0", "0"), ("0", "1", "0", "0"), ("0", "0", "1", "0")]
    genetic._begin()
    for architecture in told:
        genetic.tell(architecture, 1.0)
    assert members_of(genetic) == told[1:]


def founded(cls=Genetic, founders=6, **options):
    """A population that has found its feet."""
    genetic = cls(Digits(4, 3), seed=3, population=founders, **options)
    play(genetic, total, founders)
    return genetic


def test_with_rates_zero_a_child_is_a_copy_of_a_member():
    genetic = founded(crossover_rate=0.0, mutation_rate=0.0)
    for _ in range(30):
        assert genetic.child(0).child in members_of(genetic)


def test_with_mutation_alone_a_child_is_one_edit_from_a_member():
    genetic = founded(crossover_rate=0.0, mutation_rate=1.0)
    near = {neighbour for parent in members_of(genetic) for neighbour in genetic.space.neighbours(parent)}
    assert all(genetic.child(0).child in near for _ in range(30))


def test_with_crossover_alone_a_child_is_a_beginning_and_an_end():
    genetic = founded(crossover_rate=1.0, mutation_rate=0.0)
    members = members_of(genetic)
    joined = {a[:cut] + b[cut:] for a in members for b in members for cut in (1, 2, 3)}
    children = [genetic.child(0).child for _ in range(60)]
    assert set(children) <= joined
    assert set(children) - set(members)


@pytest.mark.parametrize("rate", [0.25, 0.75])
def test_rates_are_probabilities(monkeypatch, rate):
    genetic = founded(crossover_rate=rate, mutation_rate=rate)
    crossed, mutated = [], []
    monkeypatch.setattr(genetic.space, "crossover", lambda a, b, rng: crossed.append(1) or a, raising=False)
    monkeypatch.setattr(genetic.space, "mutate", lambda a, rng: mutated.append(1) or a, raising=False)
    for _ in range(1000):
        genetic.child(0)
    assert abs(len(crossed) - 1000 * rate) < 60
    assert abs(len(mutated) - 1000 * rate) < 60


def test_each_part_can_be_another():
    class OnlyTheBest(Genetic):
        def select(self):
            return (max(self.members, key=lambda individual: individual.reward),)

    class SecondParent(Genetic):
        def crossover(self, a, b):
            return tuple(x if i % 2 else y for i, (x, y) in enumerate(zip(a, b, strict=True)))

    class AlwaysToThree(Genetic):
        def mutate(self, child):
            return ("3", *child[1:])

    best = founded(OnlyTheBest, crossover_rate=0.0, mutation_rate=0.0)
    assert {best.child(0).child for _ in range(20)} == {max(members_of(best), key=total)}
    mixed = founded(SecondParent, mutation_rate=0.0)
    rows = members_of(mixed)
    woven = {(b[0], a[1], b[2], a[3]) for a in rows for b in rows}
    assert {mixed.child(0).child for _ in range(40)} <= woven
    three = founded(AlwaysToThree, mutation_rate=1.0)
    assert {three.child(0).child[0] for _ in range(20)} == {"3"}
    questions = [tuple(play(founded(cls), total, 8)) for cls in (Genetic, OnlyTheBest, SecondParent, AlwaysToThree)]
    assert len(set(questions)) == 4


@pytest.mark.parametrize("make", [RegularizedEvolution, Genetic])
def test_a_prior_is_founders(make):
    """What was told before the first question are founders: only the others are drawn, and then children follow."""
    told = [("3", "3", "3", "3"), ("3", "3", "3", "2")]
    controller = make(SPACE, seed=0, population=5)
    for architecture in told:
        controller.tell(architecture, total(architecture))
    founders = play(controller, total, 3)
    assert founders == play(make(SPACE, seed=0, population=5), total, 3)
    assert members_of(controller) == [*told, *founders]
    play(controller, total, 1)
    assert len(controller.members) == 5
    assert controller.parents


@pytest.mark.parametrize("make", [RegularizedEvolution, Genetic])
def test_of_a_long_prior_the_best_are_founders(make):
    controller = make(SPACE, seed=0, population=3)
    told = [("3", "3", "3", str(i)) for i in (2, 3, 0, 1)]
    for architecture in told:
        controller.tell(architecture, total(architecture))
    controller.ask()
    assert members_of(controller) == [told[0], told[1], told[3]]


def test_founders_that_are_on_their_way_count():
    controller = RegularizedEvolution(SPACE, seed=0, population=3)
    controller.expect(("3", "3", "3", "3"))
    controller.ask()
    controller.tell(("3", "3", "3", "3"), 12.0)
    play(controller, total, 3)
    assert len(controller.parents) == 2


@pytest.mark.parametrize(
    ("cls", "options"),
    [
        (RegularizedEvolution, {"population": 0}),
        (RegularizedEvolution, {"sample": 0}),
        (Genetic, {"population": 1}),
        (Genetic, {"tournament": 0}),
        (Genetic, {"crossover_rate": -0.1}),
        (Genetic, {"mutation_rate": 1.1}),
    ],
)
def test_impossible_populations_are_refused(cls, options):
    ((name, value),) = options.items()
    with pytest.raises(BadValue, match=f"{name}={value}"):
        cls(SPACE, **options)
