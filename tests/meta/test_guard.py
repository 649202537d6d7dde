"""The guard: what a prior may cost, when it loses its trust, and what goes on then."""

import pytest

from nasedu import controllers, meta
from nasedu.controllers.base import Wrapped
from nasedu.core import BadValue
from nasedu.meta import Evidence, Prior
from nasedu.meta.guard import Guarded, pairs_won
from tests.meta import unlike

SPACE = unlike.Chain()
MEMBERS = tuple(SPACE.enumerate())


def worth(architecture):
    """From 0 to 1, by the place in the space: whoever asks from the back asks the worst first."""
    return 1 - MEMBERS.index(architecture) / len(MEMBERS)


FORETOLD = Evidence("the same", tuple((a, worth(a)) for a in MEMBERS[::12]))
AGAINST = Evidence("against", tuple((a, -worth(a)) for a in MEMBERS[::12]))
"""Of a task on which all is the other way round."""


class Fixed(Prior):
    """Asks a fixed list, whatever it is told. By default one of the worst networks, and then ever worse ones."""

    name = "fixed"

    def __init__(self, evidence, *, start=-60, step=1):
        super().__init__(evidence)
        self.start = start
        self.step = step

    def prepare(self, controller):
        return Asking(controller, list(MEMBERS[self.start :: self.step]))


class Listed(Fixed):
    def __init__(self, evidence, *, first):
        super().__init__(evidence)
        self.first = first

    def prepare(self, controller):
        return Asking(controller, list(self.first))


class Asking(Wrapped):
    name = "asking"

    def __init__(self, inner, left):
        super().__init__(inner)
        self.left = left

    def ask(self):
        architecture = self.left.pop(0)
        self.inner.expect(architecture)
        return architecture


def played(controller, questions, batch=1):
    asked = []
    while len(asked) < questions:
        together = [controller.ask() for _ in range(batch)]
        for architecture in together:
            controller.tell(architecture, worth(architecture))
        asked += together
    return asked


@pytest.mark.parametrize("batch", [1, 7])
@pytest.mark.parametrize("name", ["q-learning", "regularized-evolution", "local-search"])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.3])
def test_a_prior_never_costs_more_than_its_share(name, batch, share):
    guard = Guarded(Fixed([FORETOLD]), budget=50, share=share, every=0)
    controller = guard.open(controllers.load(name, SPACE, seed=2))
    asked = played(controller, 49, batch)
    of_the_prior = [a for a in asked if a in MEMBERS[-60:]]  # and a few that the cold search happened to ask
    of_the_cold = [a for a in played(controllers.load(name, SPACE, seed=2), 49, batch) if a in MEMBERS[-60:]]
    assert len(of_the_prior) <= 1 + share * 50 + len(of_the_cold) + 3
    assert controller.spent == share * 50
    assert not controller.trusted


def test_a_question_that_raises_the_best_gives_its_credit_back():
    guard = Guarded(Fixed([FORETOLD], start=0), budget=40, share=0.25, every=0)
    controller = guard.open(controllers.load("random", SPACE))
    asked = played(controller, 40)
    assert asked[:11] == list(MEMBERS[:11])  # the very best, then ten that did not raise it
    assert asked[11:] != list(MEMBERS[11:40])
    assert (controller.spent, controller.trusted) == (10, False)
    assert controller.why == "10 of its questions did not raise the best"
    assert controller.status()["trusted"] == 0


@pytest.mark.parametrize("name", ["q-learning", "regularized-evolution", "local-search", "reinforce", "tpe"])
def test_from_then_on_it_asks_what_a_cold_search_asks(name):
    """Whatever the prior did: after the question that raised the best and the four on credit, the cold search."""
    guard = Guarded(Fixed([FORETOLD]), budget=40, share=0.1, every=0)
    controller = guard.open(controllers.load(name, SPACE, seed=3))
    asked = played(controller, 21)
    of_the_prior = set(MEMBERS[-60:-55])
    cold = played(controllers.load(name, SPACE, seed=3), 12)
    assert not of_the_prior & set(cold)
    assert [a for a in asked if a not in of_the_prior][:12] == cold
    assert not controller.trusted


def test_what_the_prior_has_answered_costs_the_cold_search_nothing():
    cold = played(controllers.load("q-learning", SPACE, seed=3), 12)
    guard = Guarded(Listed([FORETOLD], first=[cold[2], cold[7], *MEMBERS[-60:]]), budget=40, share=0.05, every=0)
    controller = guard.open(controllers.load("q-learning", SPACE, seed=3))
    asked = played(controller, 13)
    assert asked[:2] == [cold[2], cold[7]]
    rest = [a for a in cold if a not in (cold[2], cold[7])]
    assert [a for a in asked[2:] if a not in MEMBERS[-60:]] == rest[: len(asked) - 2 - controller.spent]


def test_without_any_credit_it_is_the_cold_search():
    guard = Guarded(Fixed([FORETOLD]), share=0)
    controller = guard.open(controllers.load("q-learning", SPACE, seed=3))
    assert played(controller, 20) == played(controllers.load("q-learning", SPACE, seed=3), 20)
    assert controller.why == "it has no credit"


def test_credit_is_taken_when_a_question_is_asked_and_not_when_it_is_answered():
    guard = Guarded(Fixed([FORETOLD]), budget=40, share=0.1, every=0)
    controller = guard.open(controllers.load("random", SPACE, seed=1))
    batch = [controller.ask() for _ in range(10)]
    assert batch[:4] == list(MEMBERS[-60:-56])
    assert not set(batch[4:]) & set(MEMBERS[-56:-30])


def test_a_prior_that_is_worth_it_goes_on_asking():
    better = Guarded(Fixed([FORETOLD], start=None, step=-1), budget=10, share=0.1, every=0)
    controller = better.open(controllers.load("random", SPACE, seed=1))
    assert played(controller, 20) == list(MEMBERS[:-21:-1])  # from the back, each is a little better than the last
    assert controller.spent == 0
    assert controller.trusted


@pytest.mark.parametrize("prior", ["copy-best", "surrogate"])
def test_on_a_task_that_is_the_other_way_round_a_prior_loses_its_trust_to_the_cold_search(prior):
    """Credit alone does not see it: whoever asks the worst first finds each a little better than the one before."""

    def opened(evidence, **options):
        given = {"name": "copy-best", "most": 50} if prior == "copy-best" else {"name": "surrogate", "copied": 50}
        guard = meta.load("guarded", [evidence], prior=given, budget=100, share=0.2, **options)
        controller = guard.open(controllers.load("random", SPACE, seed=1))
        played(controller, 30)
        return controller

    doubted, only_credit = opened(AGAINST), opened(AGAINST, every=0)
    assert doubted.why.startswith("what it asked is worse than what a cold search asks: better in ")
    assert len(doubted.told[True]) <= 8
    assert only_credit.trusted
    assert len(only_credit.told[True]) == 30
    assert opened(AGAINST, better=0.0).why == "20 of its questions did not raise the best"
    assert "worse" not in opened(FORETOLD).why


def test_a_guard_shows_what_it_compared_and_what_waits_for_the_twin():
    guard = Guarded(Fixed([FORETOLD]), budget=50, share=0.2, every=3)
    controller = guard.open(controllers.load("random", SPACE, seed=2))
    assert controller.won is None
    played(controller, 12)
    assert not controller.trusted
    assert controller.won == pairs_won(controller.told[True], controller.told[False]) < 0.5
    assert len(controller.answered) == len(controller.told[True])
    assert set(controller.answered) <= set(MEMBERS[-60:])


def test_the_questions_of_the_twin_are_those_of_the_cold_search():
    """They cost nothing: a cold search would have asked them, too."""
    guard = Guarded(Fixed([FORETOLD], start=0), budget=100, share=0.5, every=3)
    asked = played(guard.open(controllers.load("q-learning", SPACE, seed=3)), 12)
    assert asked[2::3] == played(controllers.load("q-learning", SPACE, seed=3), 4)
    assert [a for place, a in enumerate(asked) if place % 3 != 2] == list(MEMBERS[:8])


def test_pairs_won_by_hand():
    assert pairs_won([3, 1], [2, 2]) == 0.5
    assert pairs_won([3, 2], [2, 1]) == 3.5 / 4
    assert pairs_won([0], [1, 2]) == 0


def test_what_a_limited_search_may_not_ask_a_guarded_prior_may_not_either():
    inner = controllers.load("random", SPACE, seed=1)
    limited = controllers.Constrained(inner, limits={"layers": 3})
    opened = meta.load("guarded", [FORETOLD], prior="copy-best").open(limited)
    assert all(len(architecture) <= 3 for architecture in played(opened, 10))


def test_a_guard_is_described_by_what_it_guards():
    by_name = meta.load("guarded", [FORETOLD], prior={"name": "copy-best", "most": 7}, share=0.3)
    by_hand = Guarded(meta.load("copy-best", [FORETOLD], most=7), share=0.3)
    assert by_name.identity() == by_hand.identity()
    assert by_name.identity()["prior"]["most"] == 7


@pytest.mark.parametrize(
    "options",
    [{"budget": 0}, {"share": 1.5}, {"share": -0.1}, {"fewest": 0}, {"every": 1}, {"every": -5}, {"better": 2}],
)
def test_an_impossible_guard_is_refused(options):
    with pytest.raises(BadValue, match=str(next(iter(options)))):
        Guarded(Fixed([FORETOLD]), **options)


def test_a_guard_stands_around_a_prior():
    with pytest.raises(BadValue, match=r"such as meta.load\('surrogate', evidence\); given 'surrogate'"):
        Guarded("surrogate")
