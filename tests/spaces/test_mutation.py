"""The n-th architecture, mutation and crossover, on spaces small enough to list everything."""

from collections import Counter

import pytest

from nasedu import spaces
from nasedu.core import BadValue, rng_from
from nasedu.spaces import mutation
from nasedu.spaces.counting import below
from nasedu.spaces.mlp import MLP
from nasedu.testing import FixedLength, OneMember, VariableLength
from tests.controllers.games import Closing, Digits

SMALL = [
    FixedLength(),
    VariableLength(),
    OneMember(),
    Digits(3, 2),
    Closing(3, 2),
    MLP((4,), 2, depth=2, widths=(4, 2)),
]


@pytest.fixture(scope="module")
def chain(small_task):
    """A chain-cnn of a few hundred members, with walks of different lengths and choices that close."""
    return spaces.load("chain-cnn", small_task, depth=3, filters=(2,), kernels=(1, 3), dense=(8, 4))


# ---------------------------------------------------------------------- counting


@pytest.mark.parametrize("space", SMALL, ids=repr)
def test_the_nth_is_the_one_at_that_place_of_all(space):
    assert [space.nth(number) for number in range(space.size())] == list(space.enumerate())


def test_the_nth_of_a_chain_with_an_end_anywhere(chain):
    everything = list(chain.enumerate())
    assert len(everything) == chain.size() > 60
    assert [chain.nth(number) for number in range(chain.size())] == everything


def test_the_last_of_a_space_beyond_all_listing():
    space = Digits(60, 9)
    assert space.nth(10**60 - 1) == ("9",) * 60
    assert space.nth(int("123456789" * 6)) == tuple(f"{int('123456789' * 6):060d}")


@pytest.mark.parametrize("number", [-1, 12, 10**30])
def test_there_is_no_such_number(number):
    with pytest.raises(BadValue, match=rf"'FixedLength' has architectures 0 to 11; given {number}"):
        FixedLength().nth(number)


def test_uniform_draws_do_not_prefer_short_networks(chain):
    """Of the chains most have the greatest length; of walks most end before."""
    rng = rng_from(0, "uniform")
    longest = max(map(len, chain.enumerate()))
    share = sum(len(a) == longest for a in chain.enumerate()) / chain.size()

    def long(draw):
        return sum(len(draw(rng)) == longest for _ in range(2000)) / 2000

    assert abs(long(chain.sample_uniform) - share) < 0.06
    assert long(chain.sample) < share - 0.2


def test_uniform_draws_are_exact_beyond_what_numpy_counts():
    """Of the numbers with 60 digits, each first and each last digit comes equally often: 200 of 2,000, within 5 sd."""
    space, rng = Digits(60, 9), rng_from(0, "uniform")
    drawn = [space.sample_uniform(rng) for _ in range(2000)]
    for place in (0, 59):
        found = Counter(a[place] for a in drawn)
        assert set(found) == set("0123456789")
        assert all(130 < count < 270 for count in found.values())


def test_a_draw_that_would_make_one_number_likelier_is_rejected():
    """Of the 2^72 draws for one number below 3, one must go: 2^72 is no multiple of 3. It is the first, 0."""

    class Bytes:
        def __init__(self, *numbers):
            self.numbers = list(numbers)

        def bytes(self, length):
            return self.numbers.pop(0).to_bytes(length, "big")

    third = 2**72 // 3
    assert below(3, Bytes(0, 2 * third + 1)) == 2
    assert [below(3, Bytes(number)) for number in (1, third, third + 1, 2**72 - 1)] == [0, 0, 1, 2]


class Sorted(Digits):
    """Digits whose order does not matter."""

    def canonical(self, architecture):
        return tuple(sorted(architecture))


def test_different_networks_are_counted_and_not_walks():
    assert Digits(3, 9).count_networks() == (1000, True)
    assert Digits(60, 9).count_networks() == (10**60, True), "all architectures differ, and none is listed"
    assert Sorted(3, 9).count_networks() == (220, True), "10 + 10 * 9 + 10 * 9 * 8 / 6"


def test_many_networks_are_estimated_from_a_sample_and_that_is_said():
    """Of 100,000 ways to write 5 digits, 2,002 are in order: 20 of 1,000 drawn, within 5 sd."""
    number, exact = Sorted(5, 9).count_networks()
    assert not exact
    assert 0 < number < 4300
    assert number % 100 == 0, "a count of 1,000, times 100"


def test_the_vocabulary_is_every_choice_with_a_number_and_the_longest_walk():
    """In the order of their names as text: "16" stands before "4"."""
    assert VariableLength().vocabulary() == ({"16": 0, "4": 1, "8": 2, "stop": 3}, 4)
    assert OneMember().vocabulary() == ({"8": 0, "stop": 1}, 2)
    assert Closing(3, 1).vocabulary() == ({"0": 0, "1": 1, "stop": 2}, 4)


@pytest.mark.parametrize("space", SMALL, ids=repr)
def test_the_vocabulary_knows_all_that_is_ever_chosen(space):
    columns, longest = space.vocabulary()
    everything = list(space.enumerate())
    assert set(columns) == {choice for architecture in everything for choice in architecture}
    assert sorted(columns.values()) == list(range(len(columns)))
    assert longest == max(map(len, everything))


# ---------------------------------------------------------------------- mutation


def one_edit_away(a, b):
    """Whether one choice was replaced, inserted or removed, found out by trying every way."""
    if len(a) == len(b):
        return sum(x != y for x, y in zip(a, b, strict=True)) == 1
    short, long = sorted((a, b), key=len)
    return len(long) - len(short) == 1 and any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


def check_mutations(space, architecture, draws=60):
    near = {other for other in space.enumerate() if one_edit_away(architecture, other)}
    rng = rng_from(0, *architecture)
    seen = {space.mutate(architecture, rng) for _ in range(draws * max(len(near), 1))}
    assert set(space.neighbours(architecture)) == near
    if near:
        assert seen == near
    else:
        assert seen <= set(space.enumerate())


@pytest.mark.parametrize("space", SMALL, ids=repr)
def test_mutation_reaches_every_neighbour_and_nothing_else(space):
    for architecture in list(space.enumerate())[::3]:
        check_mutations(space, architecture)


def test_mutation_in_a_chain_reaches_every_neighbour_and_nothing_else(chain):
    for number in (0, 17, chain.size() // 2, chain.size() - 1):
        check_mutations(chain, chain.nth(number), draws=100)


def test_what_has_no_neighbour_keeps_its_beginning_and_gets_a_new_end():
    class Codes(Digits):
        """Two digits of a kind: 00, 11, 22."""

        def start(self):
            return ""

        def choices(self, state):
            return {"": ("0", "1", "2")}.get(state, (state,) if len(state) == 1 else ())

        def step(self, state, choice):
            return state + choice

    space = Codes()
    assert space.neighbours(("1", "1")) == []
    assert {space.mutate(("1", "1"), rng_from(seed)) for seed in range(40)} == set(space.enumerate())


@pytest.mark.parametrize("space", [FixedLength(), Digits(4, 2)], ids=repr)
def test_where_all_walks_are_equally_long_only_replacement_is_tried(space, monkeypatch):
    """Whatever stands behind the edit fits the length: no insertion, no removal was even looked at."""
    tried = []

    def follow(space, state, rest):
        tried.append(state + len(rest))
        return real(space, state, rest)

    real = mutation.completes
    monkeypatch.setattr(mutation, "completes", follow)
    architecture = space.nth(0)
    space.neighbours(architecture)
    for seed in range(60):
        space.mutate(architecture, rng_from(seed))
    assert set(tried) == {len(architecture)}


def test_where_they_are_not_insertion_and_removal_are_tried(monkeypatch):
    rng = rng_from(0)
    lengths = {len(VariableLength().mutate(("8", "4", "stop"), rng)) for _ in range(60)}
    assert lengths == {2, 3, 4}


# ---------------------------------------------------------------------- crossover


def joined(a, b):
    """Every beginning of `a` with every end of `b`, neither of them empty."""
    return {a[:cut] + b[start:] for cut in range(1, len(a)) for start in range(1, len(b))}


@pytest.mark.parametrize("space", SMALL, ids=repr)
def test_a_child_is_legal_and_is_a_beginning_of_one_and_an_end_of_the_other(space):
    rng = rng_from(0)
    everything = list(space.enumerate())
    mixed = 0
    for _ in range(300):
        a, b = (everything[int(rng.random() * len(everything))] for _ in range(2))
        child = space.crossover(a, b, rng)
        space.walk(child)
        assert child in joined(a, b) | {a}
        mixed += child not in (a, b)
    assert (mixed > 30) == (space.size() > 3)


def test_a_child_in_a_chain_is_legal_and_takes_from_both(chain):
    rng = rng_from(0)
    mixed = 0
    for _ in range(400):
        a, b = chain.sample(rng), chain.sample(rng)
        child = chain.crossover(a, b, rng)
        chain.walk(child)
        assert child in joined(a, b) | {a}
        mixed += child not in (a, b)
    assert mixed > 40


def test_every_cut_of_a_fixed_length_comes_up_and_places_are_kept():
    a, b = ("0", "0", "0", "0"), ("1", "2", "1", "2")
    rng = rng_from(0)
    children = [Digits(4, 2).crossover(a, b, rng) for _ in range(600)]
    counts = [children.count(a[:cut] + b[cut:]) for cut in (1, 2, 3)]
    assert sum(counts) == 600
    assert min(counts) > 150


def test_the_end_from_the_same_place_is_preferred():
    """Of walks that differ in length: other ends would fit as well, and are not taken."""
    rng = rng_from(0)
    children = {VariableLength().crossover(("8", "8", "stop"), ("8", "4", "stop"), rng) for _ in range(60)}
    assert children == {("8", "4", "stop"), ("8", "8", "stop")}


def test_beyond_the_end_of_the_second_parent_any_of_its_ends_that_fits_is_taken():
    """Cut after 1: "2, stop". Cut after 2: "stop". Cut after 3 there is no such place in the second parent."""
    rng = rng_from(0)
    children = {Closing(4, 2).crossover(("0", "0", "0", "stop"), ("2", "2", "stop"), rng) for _ in range(90)}
    short, same, long = ("0", "0", "stop"), ("0", "0", "0", "stop"), ("0", "0", "0", "2", "stop")
    assert children == {("0", "2", "stop"), short, same, long}


def test_where_the_same_place_does_not_fit_another_end_does():
    """After 2 no digit may fall: of 0, 1, 2, stop only "2, stop" and "stop" follow."""
    rng = rng_from(0)
    space = Closing(4, 2)
    children = {space.crossover(("2", "stop"), ("0", "1", "2", "stop"), rng) for _ in range(60)}
    assert children == {("2", "2", "stop"), ("2", "stop")}


def test_where_nothing_fits_or_there_is_nothing_to_cut_the_child_is_the_first_parent():
    class Kinds(Digits):
        def start(self):
            return ""

        def choices(self, state):
            return {"": ("a", "b", "c"), "a": ("x",), "b": ("y",)}.get(state, ())

        def step(self, state, choice):
            return state + choice

    space = Kinds()
    assert space.crossover(("a", "x"), ("b", "y"), rng_from(0)) == ("a", "x")
    assert space.crossover(("c",), ("b", "y"), rng_from(0)) == ("c",)
    assert space.crossover(("a", "x"), ("c",), rng_from(0)) == ("a", "x")


def test_what_is_made_once_for_a_space_is_made_once():
    space, made = FixedLength(), []
    assert [space.cached(("squares", n), lambda n=n: made.append(n) or n * n) for n in (2, 3, 2)] == [4, 9, 4]
    assert made == [2, 3]
    assert FixedLength().cached(("squares", 2), lambda: None) is None
