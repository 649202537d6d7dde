"""The guard: what a prior may cost, when it loses its trust, and who goes on then, knowing what."""

import pytest

from nasedu import controllers, meta
from nasedu.controllers.base import Wrapped
from nasedu.core import BadValue, NaseduError
from nasedu.meta import Evidence, Prior
from nasedu.meta.guard import Guarded
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


WORST = set(MEMBERS[-60:])


def of_the_prior(asked):
    """Questions that only a prior asks which goes for the worst networks; a cold search may ask one by chance."""
    return [architecture for architecture in asked if architecture in WORST]


@pytest.mark.parametrize("batch", [1, 7])
@pytest.mark.parametrize("twin", ["gp-cold", "local-search", ""])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.3])
def test_a_prior_that_asks_the_worst_costs_exactly_its_share(twin, batch, share):
    guard = Guarded(Fixed([FORETOLD]), budget=50, share=share, twin=twin)
    controller = guard.open(controllers.load("random", SPACE, seed=2))
    played(controller, 49, batch)
    assert len(controller.answers[True]) <= share * 50 + 1  # and one that the twin happened to lose
    assert controller.spent == share * 50
    assert not controller.trusted


def test_a_better_answer_gives_credit_back_and_a_prior_that_wins_goes_on_asking():
    guard = Guarded(Fixed([FORETOLD], start=0), budget=40, share=0.1, twin="")
    controller = guard.open(controllers.load("random", SPACE))
    asked = played(controller, 40)
    assert asked[::2] == list(MEMBERS[:20])  # the very best
    assert (controller.spent, controller.trusted) == (0, True)
    assert controller.status()["trusted"] == 1


def test_credit_by_hand():
    """Against a twin that always finds 0.5: two lost, one won, two lost."""
    by_worth = sorted(MEMBERS, key=worth)
    low, high = by_worth[: len(by_worth) // 2], by_worth[len(by_worth) // 2 + 1 :]
    first = [low[0], low[1], high[0], low[2], low[3], low[4]]
    controller = Guarded(Listed([FORETOLD], first=first), budget=30, share=0.1, twin="").open(
        controllers.load("random", SPACE, seed=1)
    )
    spent = []
    while controller.trusted:
        architecture = controller.ask()
        by_prior = controller.asked_by[architecture]
        controller.tell(architecture, worth(architecture) if by_prior else 0.5)
        if not by_prior:
            spent.append(controller.spent)
    assert spent == [1, 2, 1, 2, 3]
    assert controller.why == "3 more of its answers were worse than the cold search's than were better"
    assert controller.status()["trusted"] == 0


def test_both_sides_are_told_everything_and_nothing_is_asked_twice():
    guard = Guarded(meta.load("copy-best", [FORETOLD], most=40), budget=60, share=0.2, twin="local-search")
    controller = guard.open(controllers.load("q-learning", SPACE, seed=3))
    asked = played(controller, 60)
    assert len(set(asked)) == 60
    assert controller.inner.inner.rewards.keys() == controller.cold.rewards.keys() == set(asked)


def test_the_search_that_goes_on_knows_what_the_prior_found():
    """Local search goes on from the best that the prior found: what the prior was right about is not lost."""
    best = MEMBERS[1]
    guard = Guarded(Listed([FORETOLD], first=[best, *MEMBERS[-60:]]), budget=50, share=0.04, twin="local-search")
    controller = guard.open(controllers.load("random", SPACE, seed=1))
    while controller.trusted:
        played(controller, 1)
    neighbours = set(SPACE.neighbours(best))
    assert controller.cold.ask() in neighbours


def test_without_any_credit_it_is_the_cold_search():
    guard = Guarded(Fixed([FORETOLD]), share=0, twin="")
    controller = guard.open(controllers.load("q-learning", SPACE, seed=3))
    assert played(controller, 20) == played(controllers.load("q-learning", SPACE, seed=3), 20)
    assert controller.why == "it has no credit"


def test_credit_is_taken_when_a_question_is_asked_and_not_when_it_is_answered():
    guard = Guarded(Fixed([FORETOLD]), budget=40, share=0.1, twin="")
    controller = guard.open(controllers.load("random", SPACE, seed=1))
    batch = [controller.ask() for _ in range(20)]
    assert sum(controller.asked_by[architecture] for architecture in batch) == 4


@pytest.mark.parametrize("prior", ["copy-best", "surrogate"])
def test_on_a_task_that_is_the_other_way_round_a_prior_loses_its_trust(prior):
    """A guard that only asks whether the best rises would not see it: of the worst first, each next one is better."""
    given = {"name": "copy-best", "most": 50} if prior == "copy-best" else {"name": "surrogate", "copied": 50}

    def opened(evidence):
        guard = meta.load("guarded", [evidence], prior=given, budget=100, share=0.1, twin="")
        controller = guard.open(controllers.load("random", SPACE, seed=1))
        played(controller, 40)
        return controller

    against = opened(AGAINST)
    assert not against.trusted
    assert len(against.answers[True]) <= 14
    assert opened(FORETOLD).trusted


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
    assert meta.load("guarded", [FORETOLD]).identity()["prior"]["name"] == "mixture"


@pytest.mark.parametrize(
    "options",
    [{"budget": 0}, {"budget": 9}, {"share": 1.5}, {"share": -0.1}, {"twin": "cold"}],
)
def test_an_impossible_guard_is_refused(options):
    with pytest.raises(NaseduError, match=str(next(iter(options))) if "twin" not in options else "unknown controller"):
        Guarded(Fixed([FORETOLD]), **options)


def test_a_guard_stands_around_a_prior():
    with pytest.raises(BadValue, match=r"such as meta.load\('mixture', evidence\); given 'surrogate'"):
        Guarded("surrogate")
