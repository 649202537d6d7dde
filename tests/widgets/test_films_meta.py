"""The films of what earlier tasks teach: each number comes from the prior that is shown."""

import json
import re
import xml.etree.ElementTree as ET

import pytest

from nasedu import controllers, meta
from nasedu.core import BadValue
from nasedu.widgets import films
from tests.meta.made import WORDS, table, worth

SOURCES = {
    "forwards": worth,
    "against": lambda word: 1 - worth(word),
    "backwards": lambda word: worth(word[::-1]),
}
TARGETS = {
    "between": lambda word: round(2 * worth(word) + worth(word[::-1]), 1),  # no source is right; some rewards are equal
    "lost": lambda word: round(-worth(word) - worth(word[::-1]), 1),
}
MADE = table(WORDS, **SOURCES, **TARGETS)
EVIDENCE = [
    meta.Evidence(task, tuple(zip(MADE.architectures[::7], MADE.scores(task)[::7].tolist(), strict=True)))
    for task in SOURCES
]


def opened(name, **parameters):
    cold = controllers.load("q-learning", WORDS, seed=3, budget=20)
    return meta.load(name, EVIDENCE, **parameters).open(cold)


def told(controller, networks=14, task="between"):
    scores = dict(zip(MADE.architectures, MADE.scores(task).tolist(), strict=True))
    for _ in range(networks):
        architecture = controller.ask()
        yield architecture, scores[architecture]


def evaluated(expression):
    """Return what an equation in a sentence comes to, and what it says that it comes to."""
    terms, _, value = expression.replace("·", "*").replace("−", "-").rpartition(" = ")
    return eval(terms), float(value)


def well_formed(film, most):
    for place in range(len(film.frames)):
        ET.fromstring(film.svg(place))
    assert len(json.dumps(film.data())) < most


# ---------------------------------------------------------------------- a warm Q-table


def test_each_value_of_a_warm_table_stands_in_its_equation():
    controller, plain = opened("warm-q"), opened("warm-q")
    film = films.warm_q(controller, told(controller))
    well_formed(film, 60_000)
    assert len(film.frames) == 14
    asked = told(plain)
    for number, frame in enumerate(film.frames):
        mixes = {mix.choice: mix for mix in plain.mixes(plain.space.start())}
        architecture, reward = next(asked)
        mix = mixes[architecture[0]]
        assert f"Network {number + 1} of 14: {mix.choice}, " in frame.words
        equation, advice = re.search(r": (\(.*?); advice = (.*?)\. The", frame.words).groups()
        assert evaluated(equation) == pytest.approx((mix.value, mix.value), abs=2e-3)
        assert evaluated(advice) == pytest.approx((mix.advised, mix.advised), abs=2e-3)
        rows = {row[0]: row[1:] for row in frame.rows[1:]}
        assert rows == {
            m.choice: (f"{m.advised:.3f}", f"{m.own:.3f}", str(m.seen), f"{m.value:.3f}") for m in mixes.values()
        }
        greedy = mix.value == max(m.value for m in mixes.values())
        assert ("the highest value" in frame.words) == greedy
        plain.tell(architecture, reward)
    assert controller.q == plain.q, "a film is the same search"


# ---------------------------------------------------------------------- the vote of a surrogate


def test_each_question_says_which_task_says_what_and_how_much_it_counts():
    controller, plain = opened("surrogate"), opened("surrogate")
    film = films.vote(controller, told(controller))
    well_formed(film, 60_000)
    chosen = []
    for frame, (architecture, reward) in zip(film.frames, told(plain), strict=True):
        chosen.append(plain.asked_by)
        place = plain.pool.place(architecture)
        assert " ".join(architecture) in frame.words
        if plain.asked_by == "models":
            ballot = plain.vote
            claimed = evaluated(re.search(r"expected (.*?);", frame.words)[1])
            assert claimed == pytest.approx([float(ballot.expected[place])] * 2, abs=0.03)
            weights = [*ballot.weights.tolist(), ballot.own_weight]
            said = [*ballot.said[:, place].tolist(), float(ballot.own[place])]
            shown = zip([*SOURCES, "the new task itself"], ballot.wrong, said, weights, strict=True)
            assert frame.rows[1:] == tuple((t, f"{n:g}", f"{s:.2f}", f"{w:.2f}") for t, n, s, w in shown)
        else:
            assert "expected" not in frame.words
            assert {row[3] for row in frame.rows[1:]} == {"0.00"}
        plain.tell(architecture, reward)
    assert chosen == ["copied"] * 3 + ["landmark"] + ["models"] * 10
    assert "against counts most" not in film.frames[-1].words


# ---------------------------------------------------------------------- the guard


@pytest.mark.parametrize(("task", "share"), [("between", 0.5), ("lost", 0.2)])
def test_each_answer_says_what_it_is_compared_with_and_what_credit_is_left(task, share):
    def guarded():
        prior = {"name": "copy-best", "most": 30}
        return opened("guarded", prior=prior, budget=20, share=share, twin="random")

    controller, plain = guarded(), guarded()
    film = films.guard(controller, told(controller, 16, task))
    well_formed(film, 60_000)
    shown, lost = [], []
    for frame, (architecture, reward) in zip(film.frames, told(plain, 16, task), strict=True):
        by_prior, trusted = plain.asked_by[architecture], plain.trusted
        plain.tell(architecture, reward)
        assert (", the prior: " in frame.words) == by_prior
        assert f"credit: {plain.credit - plain.spent} of {plain.credit} left" in frame.words
        assert ("trust is lost: " + plain.why in frame.words) == (not plain.trusted)
        lost.append(not plain.trusted)
        if pair := re.search(r"answer (\d+) of the prior, (.*?), is (.*?) the twin's, (.*?);", frame.words):
            k, prior, said, twin = int(pair[1]), float(pair[2]), pair[3], float(pair[4])
            assert (prior, twin) == (plain.answers[True][k - 1], plain.answers[False][k - 1])
            assert said == ("better than" if prior > twin else "worse than" if prior < twin else "equal to")
            spent = re.search(r"spent max\(0, (.*?)\) = (\d+);", frame.words)
            assert max(0, eval(spent[1])) == int(spent[2]) == plain.spent
            shown.append(k)
        else:
            assert by_prior or not trusted
    assert shown == list(range(1, len(shown) + 1))
    assert any(lost) == (task == "lost")


# ---------------------------------------------------------------------- what is refused


@pytest.mark.parametrize("film", [films.warm_q, films.vote, films.guard])
def test_a_film_shows_its_own_prior_and_at_least_one_network(film):
    with pytest.raises(BadValue, match="this film shows what the prior"):
        film(controllers.load("random", WORDS), [])
    prior = {films.warm_q: "warm-q", films.vote: "surrogate", films.guard: "guarded"}[film]
    with pytest.raises(BadValue, match="no network was told"):
        film(opened(prior), [])


def test_the_film_of_a_vote_needs_a_vote():
    with pytest.raises(BadValue, match='combine="ranks"'):
        films.vote(opened("surrogate", combine="scores"), [])
