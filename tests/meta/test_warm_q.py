"""A warmed Q-table: one scale for all tasks, task_similarity, and a trust that falls."""

import pytest

from nasedu import controllers
from nasedu.controllers.q_learning import QLearning
from nasedu.core import BadValue, Mismatch, describe
from nasedu.meta import Evidence
from nasedu.meta.warm_q import WarmQ, table_of
from nasedu.testing import FixedLength
from nasedu.testing.spaces import additive

A, B, C, D = ("4", "4", "4"), ("4", "8", "8"), ("8", "16", "4"), ("8", "16", "8")
MEMBERS = tuple(FixedLength().enumerate())


def everything(worth=additive, task="before"):
    return Evidence(task, tuple((a, worth(a)) for a in MEMBERS))


def test_a_warm_table_knows_what_was_good():
    q = WarmQ([everything()]).open(QLearning(FixedLength(), seed=0))
    assert isinstance(q, QLearning)
    assert q.row(0)["8"] > q.row(0)["4"]
    assert q.row(1)["16"] > q.row(1)["8"] > q.row(1)["4"]
    assert q.row(2)["8"] > q.row(2)["4"]
    assert q.walk(0.0) == D


@pytest.mark.parametrize("scale", [1, -3, 1e6])
def test_the_unit_of_an_earlier_task_does_not_matter(scale):
    """Worth (a - 700) * |scale|, turned around where the scale is negative: only the order counts."""
    told = everything(lambda a: scale * (additive(a) - 700))
    values = WarmQ([told]).open(QLearning(FixedLength())).row(0)
    plain = WarmQ([everything(lambda a: additive(a) * (1 if scale > 0 else -1))]).open(QLearning(FixedLength())).row(0)
    assert values == pytest.approx(plain)


def test_one_sweep_over_two_trials_by_hand():
    """Ranks 0.25 and 0.75, alpha 0.1: every choice of D moves from 0.5 to 0.5 + 0.1 * 0.25, those of A down."""
    table = table_of(FixedLength(), Evidence("t", ((A, 10.0), (D, 90.0))), 1, alpha=0.1)
    assert [table[0]["8"], table[1]["16"], table[2]["8"]] == pytest.approx([0.525] * 3)
    assert [table[0]["4"], table[1]["4"], table[2]["4"]] == pytest.approx([0.475] * 3)
    assert table[1]["8"] == 0.5


def test_advice_is_mapped_to_the_rewards_of_the_new_task_and_trusted_less_and_less():
    prior = WarmQ([Evidence("t", ((A, 10.0), (D, 90.0)))], sweeps=1, trust=4, half_life=2)
    q = prior.open(QLearning(FixedLength(), seed=0))
    assert q.row(0) == pytest.approx({"4": 0.475, "8": 0.525})  # nothing seen: from 0 to 1
    assert q.status()["trust"] == 4
    q.tell(A, 100.0)
    q.tell(C, 300.0)
    assert q.status()["trust"] == pytest.approx(2)  # two networks: halved once
    own = {choice: q.q[0][choice] for choice in ("4", "8")}
    advised = {"4": 100 + 200 * 0.475, "8": 100 + 200 * 0.525}
    # One network went through each of the two choices.
    assert q.row(0) == pytest.approx({c: (2 * advised[c] + own[c]) / 3 for c in own})
    assert q.row(2)["8"] == pytest.approx(100 + 200 * 0.525)  # nobody went through it: advice alone
    q.tell(A, 100.0)  # the same once more is no further evidence
    assert q.status()["trust"] == pytest.approx(2)


def test_in_the_end_its_own_evidence_decides():
    q = WarmQ([everything()], half_life=2).open(QLearning(FixedLength(), seed=0, replay=256))
    assert q.walk(0.0) == D
    for _ in range(12):
        architecture = q.ask()
        q.tell(architecture, -additive(architecture))
    assert q.walk(0.0) == A


def test_the_task_that_turns_out_to_be_alike_is_listened_to():
    tasks = [everything(task="wide"), everything(task="wide too"), everything(lambda a: -additive(a), "narrow")]
    q = WarmQ(tasks, trust=100, half_life=1000).open(QLearning(FixedLength(), seed=0))
    assert q.walk(0.0) == D
    for architecture in MEMBERS[2:10]:
        q.tell(architecture, -additive(architecture))
    assert q.walk(0.0) == A


def test_a_warm_start_explores_less_and_replays_only_its_own_trials():
    cold = QLearning(FixedLength(), budget=10, seed=3)
    q = WarmQ([everything()], epsilon_first=0.3).open(cold)
    assert q.status()["epsilon"] == pytest.approx(0.3)
    assert (q.memory, q.visits, q.rewards, q.asked) == ([], {}, {}, 0)
    assert describe(q) == {**describe(cold), "epsilon_first": 0.3}
    q.tell(q.ask(), 0.5)
    assert len(q.memory) == 1


def test_first_questions_of_a_warm_start_are_better_than_a_cold_ones():
    space, evidence = FixedLength(), [everything()]
    cold = [additive(QLearning(space, seed=seed).ask()) for seed in range(200)]
    warm = [additive(WarmQ(evidence).open(QLearning(space, seed=seed)).ask()) for seed in range(200)]
    assert sum(warm) / 200 > sum(cold) / 200 + 0.08


@pytest.mark.parametrize("how", [{"target": "max", "double": True}, {"exploration": "boltzmann"}, {"target": "lambda"}])
def test_every_kind_of_q_learning_can_be_warmed(how):
    q = WarmQ([everything()]).open(QLearning(FixedLength(), seed=0, **how))
    assert q.walk(0.0) == D or how.get("target") == "max"
    for _ in range(5):
        architecture = q.ask()
        q.tell(architecture, additive(architecture))


def test_only_a_table_can_be_warmed():
    with pytest.raises(
        Mismatch, match="the controller is 'random': use the controller q-learning, or the prior copy-best"
    ):
        WarmQ([everything()]).open(controllers.load("random", FixedLength()))


@pytest.mark.parametrize(
    "options", [{"sweeps": 0}, {"epsilon_first": 1.5}, {"epsilon_first": -0.1}, {"trust": 0}, {"half_life": -1}]
)
def test_an_impossible_warm_start_is_refused(options):
    with pytest.raises(BadValue, match=str(next(iter(options.values())))):
        WarmQ([everything()], **options)


def test_each_value_of_a_walk_is_made_from_advice_and_from_its_own_table():
    q = WarmQ([everything()], trust=4, half_life=2).open(QLearning(FixedLength(), seed=0))
    q.tell(A, 100.0)
    q.tell(C, 300.0)
    mixes = {mix.choice: mix for mix in q.mixes(0)}
    assert {choice: mix.value for choice, mix in mixes.items()} == q.row(0)
    assert (mixes["8"].own, mixes["8"].seen, mixes["8"].trust) == (q.q[0]["8"], 1, q.trust_left)
    assert q.scale == (100.0, 300.0)
    assert mixes["8"].advised == pytest.approx(100 + 200 * mixes["8"].said)
