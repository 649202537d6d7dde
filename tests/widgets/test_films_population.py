"""The films of a population and of a swarm show what the searches yield, and are the searches themselves."""

import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from nasedu import controllers
from nasedu.core import BadValue
from nasedu.tables.atlas import atlas
from nasedu.widgets import films
from nasedu.widgets.films.particles import equation
from nasedu.widgets.films.population import History, changed

TABLE = atlas()
SCORES = TABLE.scores("where/digits")


def score(architecture):
    return float(SCORES[TABLE.row(architecture)])


def fresh(name, **options):
    return controllers.load(name, TABLE.space, seed=3, **options)


def searched(controller, trials):
    """The same search without a film."""
    asked = []
    for _ in range(trials):
        asked.append(controller.ask())
        controller.tell(asked[-1], score(asked[-1]))
    return asked


@pytest.mark.parametrize(("name", "options"), [("regularized-evolution", {"sample": 2}), ("genetic", {})])
def test_a_population_is_the_search_itself_and_its_members_those_that_live(name, options):
    plain = fresh(name, population=4, **options)
    asked = searched(plain, 25)
    history = History(fresh(name, population=4, **options), score)
    known = 0
    for _ in range(25):
        for moment in history.trial():
            known += moment.known
            assert [history.number[m.individual.architecture] for m in moment.alive] == [m.number for m in moment.alive]
        assert [member.individual for member in history.alive] == history.controller.members
    assert list(history.number) == asked
    assert history.controller.members == plain.members
    assert [tuple(list(history.number)[p] for p in own) for own in history.parents] == [
        plain.parents.get(architecture, ()) for architecture in asked
    ]
    assert known > 0  # children that were known already are shown, too


def test_a_film_of_a_population_says_who_was_drawn_who_is_the_parent_and_who_dies():
    film = films.population(fresh("regularized-evolution", population=4, sample=2), score, 12)
    for place in (0, 8, len(film.frames) - 1):
        ET.fromstring(film.svg(place))
    assert len(json.dumps(film.data())) < 100_000
    made = [frame.words for frame in film.frames if "drawn:" in frame.words]
    assert len(made) >= 8
    dead = [frame.words for frame in film.frames if " dies with " in frame.words]
    assert len(dead) >= 8
    assert "The winner is network" in film.frames[-1].words
    best = max(float(row[1]) for row in film.frames[-1].rows[1:])
    assert f"with {best:.3f}" in film.frames[-1].words


@pytest.mark.parametrize(
    ("a", "b", "place"), [("xyz", "xqz", (1, 2)), ("xyz", "xz", (1, 1)), ("xz", "xyz", (1, 2)), ("xx", "xxx", (2, 3))]
)
def test_where_a_child_differs(a, b, place):
    assert changed(tuple(a), tuple(b)) == place


def test_a_film_of_a_swarm_is_the_search_itself_and_its_numbers_add_up():
    plain = fresh("swarm", particles=2)
    asked = searched(plain, 8)
    film = films.swarm(fresh("swarm", particles=2), score, 8)
    draws = [frame.words for frame in film.frames if " draws " in frame.words]
    assert [words.split(" draws ")[1].split(",")[0] for words in draws] == [" ".join(a) for a in asked]
    assert len(film.frames) == 8 + 6  # each particle flies once it has a best
    for place in (0, 3, len(film.frames) - 1):
        ET.fromstring(film.svg(place))


def test_a_flight_is_the_sum_of_its_parts():
    swarm = fresh("swarm", particles=1)
    searched(swarm, 3)
    flight = next(swarm.proposals())
    assert np.allclose(flight.velocity, flight.inertia + flight.own + flight.social)
    moved = np.clip(flight.before + flight.velocity, 1e-9, 1)
    assert np.allclose(flight.position, moved / moved.sum(1, keepdims=True))
    columns, longest = swarm.space.vocabulary()
    from nasedu.widgets.films.particles import Layout

    one, two = equation(Layout(tuple(columns), longest), flight)
    assert f"{np.abs(flight.velocity).max():.2f}" in one
    assert "cut and scaled" in two


def test_films_refuse_what_is_no_fresh_population_or_swarm():
    told = fresh("genetic")
    searched(told, 1)
    for make in (films.population, films.swarm):
        with pytest.raises(BadValue, match="fresh"):
            make(told, score, 3)
        with pytest.raises(BadValue, match="0 trials"):
            make(fresh("swarm" if make is films.swarm else "genetic"), score, 0)
