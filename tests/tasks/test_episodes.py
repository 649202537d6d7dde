"""Few-shot episodes: what is in one, that they are a function of their number, and which scripts are held out."""

import itertools

import numpy as np
import pytest

from nasedu.core import BadValue, UnknownName, rng_from
from nasedu.tasks.drawing import first_of_a_kind
from nasedu.tasks.glyphs import ALIKE, LEVELS, SCRIPTS, draw, episodes, held_out, letters


@pytest.fixture(scope="module")
def twenty():
    made = episodes(5, 2, ("greek", "hebrew", "nko"), queries=3)
    return list(itertools.islice(made, 20))


def test_an_episode_has_so_many_of_each_letter(twenty):
    for episode in twenty:
        assert episode.support.X.shape == (10, 1, 12, 12)
        assert episode.query.X.shape == (15, 1, 12, 12)
        assert episode.support.y.tolist() == np.repeat(range(5), 2).tolist()
        assert episode.query.y.tolist() == np.repeat(range(5), 3).tolist()
        for X, y in (episode.support, episode.query):
            assert (X.dtype, y.dtype) == (np.float32, np.int64)
            assert (X.min(), X.max()) == (0, 1)
            assert np.array_equal(X * LEVELS, (X * LEVELS).round())


def test_no_image_is_in_support_and_query(twenty):
    for episode in twenty:
        assert len(first_of_a_kind(np.concatenate([episode.support.X, episode.query.X]))) == 25


def test_the_letters_of_an_episode_are_of_one_script(twenty):
    assert {episode.script for episode in twenty} == {"greek", "hebrew", "nko"}
    for episode in twenty:
        assert len(set(episode.characters)) == 5
        assert set(episode.characters) <= set(letters(episode.script))
    assert len({episode.characters for episode in twenty}) == 20


def test_answers_belong_to_their_images():
    """The nearest image of the support set, on letters that differ a lot: better than 1 in 5 by far."""
    right = []
    for episode in itertools.islice(episodes(5, 5, "tifinagh"), 20):
        distance = ((episode.query.X[:, None] - episode.support.X) ** 2).sum((2, 3, 4))
        right.append(episode.support.y[distance.argmin(1)] == episode.query.y)
    assert np.mean(right) > 0.8


def test_classes_are_numbered_in_the_order_of_the_characters():
    """The nearest mean of 50 other images of each character."""
    right = []
    for number, episode in enumerate(itertools.islice(episodes(5, 1, "tifinagh"), 10)):
        images = draw([c for c in episode.characters for _ in range(50)], rng_from(number)) / LEVELS
        means = images.reshape(5, 50, 12, 12).mean(1)
        for X, y in (episode.support, episode.query):
            right += (((X - means) ** 2).sum((2, 3)).argmin(1) == y).tolist()
    assert np.mean(right) > 0.8


def test_an_episode_is_a_function_of_its_number_and_seed():
    one, other = (episodes(3, 1, ["latin", "lao"], seed=seed) for seed in (0, 1))
    walked = list(itertools.islice(one, 4))
    for number in (3, 0, 2):
        assert one[number].characters == walked[number].characters
        assert np.array_equal(one[np.int64(number)].query.X, walked[number].query.X)
    assert [next(iter(one)).characters for _ in range(2)] == [walked[0].characters] * 2
    assert other[0].characters != one[0].characters


def test_as_many_ways_as_there_are_letters():
    episode = episodes(35, 1, "nko", queries=1, side=16)[0]
    assert set(episode.characters) == set(letters("nko"))
    assert episode.support.X.shape == (35, 1, 16, 16)


@pytest.mark.parametrize(
    ("ways", "shots", "scripts", "how", "error", "message"),
    [
        (36, 1, ("greek", "nko"), {}, BadValue, "36 ways needs 36 letters of one script, and nko has 35; take fewer"),
        (1, 1, "greek", {}, BadValue, "ways is a whole number of at least 2; given 1"),
        (5.0, 1, "greek", {}, BadValue, "ways is a whole number of at least 2; given 5.0"),
        (5, 0, "greek", {}, BadValue, "shots is a whole number of at least 1; given 0"),
        (5, True, "greek", {}, BadValue, "shots is a whole number of at least 1; given True"),
        (5, 1, "greek", {"queries": 0}, BadValue, "queries is a whole number of at least 1; given 0"),
        (5, 1, "greek", {"side": 2}, BadValue, "side is a whole number of pixels from 6 to 256; given 2"),
        (5, 1, "greek", {"seed": -1}, BadValue, "seed is a whole number of at least 0; given -1"),
        (5, 1, (), {}, BadValue, "at least one script, and none was given; there are arabic, "),
        (5, 1, ("greek", "runes"), {}, UnknownName, "unknown script 'runes'; known: arabic, "),
    ],
)
def test_impossible_episodes_are_refused_before_the_first(ways, shots, scripts, how, error, message):
    with pytest.raises(error, match=message):
        episodes(ways, shots, scripts, **how)


@pytest.mark.parametrize("number", [-1, 1.5, "0", slice(3)])
def test_what_is_no_number_of_an_episode_is_refused(number):
    with pytest.raises(BadValue, match=r"episodes are numbered 0, 1, 2 and so on, without end; given"):
        episodes(5, 1, "greek")[number]


# ---------------------------------------------------------------------- held out


@pytest.mark.parametrize("seed", range(5))
def test_held_out_scripts_never_mix(seed):
    parts = held_out(seed)
    assert [len(part) for part in parts] == [8, 3, 3]
    assert sorted(itertools.chain(*parts)) == sorted(SCRIPTS)
    assert set(ALIKE) <= set(parts[0])
    characters = [
        {c for e in itertools.islice(episodes(5, 1, part, queries=1), 6) for c in e.characters} for part in parts
    ]
    for one, other in itertools.combinations(characters, 2):
        assert not one & other


def test_another_seed_holds_out_other_scripts():
    assert held_out(0) == held_out()
    assert len({held_out(seed) for seed in range(5)}) > 1
