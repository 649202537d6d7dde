"""The policy gradient against finite differences, and its averages by hand."""

import numpy as np
import pytest

from nasedu.controllers import rebuild
from nasedu.controllers.reinforce import Adam, Reinforce
from nasedu.controllers.tabular_reinforce import TabularReinforce
from nasedu.core import BadValue, describe, rng_from
from nasedu.testing import VariableLength
from tests.controllers.games import Closing, Digits, play, total

CLOSING = ("0", "1", "1", "stop")


def policy(space=None, **options):
    """One whose weights are far enough from zero for every derivative to matter."""
    reinforce = Reinforce(space or Closing(4, 2), **({"hidden": 5, "seed": 2} | options))
    rng = rng_from(1, "weights")
    for weights in reinforce.weights.values():
        weights += rng.normal(0, 0.4, weights.shape)
    return reinforce


def by_differences(reinforce, architecture, advantage, step=1e-6):
    """The gradient of `objective`, one weight after the other: (f(w + step) - f(w - step)) / (2 step)."""
    found = {}
    for name, weights in reinforce.weights.items():
        found[name] = np.zeros_like(weights)
        for place in np.ndindex(weights.shape):
            kept, values = weights[place], []
            for shifted in (kept + step, kept - step):
                weights[place] = shifted
                values.append(reinforce.objective(architecture, advantage))
            weights[place] = kept
            found[name][place] = (values[0] - values[1]) / (2 * step)
    return found


@pytest.mark.parametrize(
    ("advantage", "entropy"), [(1.0, 0.0), (-1.7, 0.0), (0.0, 0.8), (0.6, 0.3)], ids=["up", "down", "entropy", "both"]
)
@pytest.mark.parametrize(
    ("space", "architecture"),
    [(Closing(4, 2), CLOSING), (Closing(4, 2), ("2", "stop")), (VariableLength(), ("8", "4", "4", "stop"))],
    ids=["long", "short", "variable"],
)
def test_the_gradient_is_that_of_the_objective(space, architecture, advantage, entropy):
    reinforce = policy(space, entropy=entropy)
    gradient = reinforce.gradient(architecture, advantage)
    differences = by_differences(reinforce, architecture, advantage)
    for name, expected in differences.items():
        assert gradient[name] == pytest.approx(expected, abs=1e-6), name
        assert np.abs(expected).max() > 1e-3, name


def test_the_objective_by_hand():
    """Weights of zero: every open choice is as likely. Three digits, then three and stop, then stop is taken."""
    reinforce = Reinforce(Closing(4, 2), entropy=0.5)
    for weights in reinforce.weights.values():
        weights[:] = 0
    assert reinforce.objective(("0", "stop"), 2.0) == pytest.approx(-2 * np.log(12) + 0.5 * np.log(12))


def teach(reinforce, architecture, reward):
    return list(reinforce.learn(architecture, reward))


def test_what_was_rewarded_becomes_likelier_and_what_disappointed_less_likely():
    for reward, sign in ((1.0, 1), (0.0, -1)):
        reinforce = policy(entropy=0.0)
        teach(reinforce, CLOSING, 0.5)  # the baseline
        before = reinforce.log_probability(CLOSING)
        teach(reinforce, CLOSING, reward)
        assert sign * (reinforce.log_probability(CLOSING) - before) > 0.01


def test_the_first_reward_is_the_baseline_and_teaches_nothing_else():
    reinforce = policy()
    before = {name: weights.copy() for name, weights in reinforce.weights.items()}
    reinforce.tell(CLOSING, 0.8)
    assert reinforce.status() == {"baseline": 0.8}
    assert all((reinforce.weights[name] == before[name]).all() for name in before)


def test_baseline_spread_and_advantage_by_hand():
    """Decay 0.75: rewards 1, 3, 0.

    After 1: baseline 1. Then 3: distance 2, spread 2, advantage 1, baseline 1.5. Then 0: distance -1.5, spread
    0.75 * 2 + 0.25 * 1.5 = 1.875, advantage -0.8, baseline 1.5 - 0.375 = 1.125.
    """
    reinforce = policy(baseline_decay=0.75)
    updates, seen = [], []
    for reward in (1.0, 3.0, 0.0):
        updates += teach(reinforce, CLOSING, reward)
        seen += [reinforce.average, reinforce.spread]
    assert seen == pytest.approx([1.0, 0.0, 1.5, 2.0, 1.125, 1.875])
    assert [update.advantage for update in updates] == pytest.approx([1.0, -0.8])
    assert [update.baseline for update in updates] == pytest.approx([1.0, 1.5])


def test_the_advantage_is_cut_at_three_and_flat_rewards_have_none():
    reinforce = policy(baseline_decay=0.9)
    updates = [update for reward in (0.0, 0.0, 0.001, 100.0) for update in teach(reinforce, CLOSING, reward)]
    assert [update.advantage for update in updates] == pytest.approx([0.0, 1.0, 3.0])


def test_an_update_tells_what_was_before_the_step():
    reinforce = policy(entropy=0.3)
    teach(reinforce, CLOSING, 0.0)
    before, entropies = reinforce.log_probability(CLOSING), [step.p for step in reinforce.steps(CLOSING)]
    gradient = reinforce.gradient(CLOSING, 1.0)
    (update,) = teach(reinforce, CLOSING, 2.0)
    assert (update.architecture, update.reward, update.baseline, update.advantage) == (CLOSING, 2.0, 0.0, 1.0)
    assert sum(update.log_probabilities) == pytest.approx(before)
    assert update.entropies == pytest.approx([-(p * np.log(p)).sum() for p in entropies])
    assert update.gradient_norm == pytest.approx(np.sqrt(sum((g**2).sum() for g in gradient.values())))


def test_without_a_baseline_the_first_reward_teaches_and_each_advantage_is_a_share_of_the_reward():
    reinforce = policy(baseline="none", baseline_decay=0.5)
    updates = [update for reward in (2.0, 4.0) for update in teach(reinforce, CLOSING, reward)]
    assert [update.baseline for update in updates] == [0.0, 0.0]
    assert [update.advantage for update in updates] == pytest.approx([1.0, 4 / 3])  # spread 2, then 3


def test_leave_one_out_by_hand():
    """Rewards 1, 2, 6: the means of the others are 4, 3.5 and 1.5; the mean distance is 9 / 3."""
    reinforce = policy(baseline="leave-one-out", batch=3)
    before = {name: weights.copy() for name, weights in reinforce.weights.items()}
    assert not teach(reinforce, CLOSING, 1.0) + teach(reinforce, ("2", "stop"), 2.0)
    assert all((reinforce.weights[name] == before[name]).all() for name in before)
    updates = teach(reinforce, CLOSING, 6.0)
    assert [update.baseline for update in updates] == [4.0, 3.5, 1.5]
    assert [update.advantage for update in updates] == pytest.approx([-1, -0.5, 1.5])


def test_a_batch_is_one_step_along_the_mean_of_its_gradients():
    table = TabularReinforce(Closing(4, 2), baseline="none", batch=2, learning_rate=1.0)
    gradients = [table.gradient(a, advantage) for a, advantage in ((CLOSING, 0.5), (("2", "stop"), 1.5))]
    teach(table, CLOSING, 1.0)
    teach(table, ("2", "stop"), 3.0)  # the mean distance from 0 is 2
    for name, weights in table.weights.items():
        assert weights == pytest.approx(sum(g.get(name, 0) for g in gradients) / 2)


def test_the_reward_cubed_as_zoph_and_le_did():
    reinforce = policy(reward_power=3)
    teach(reinforce, CLOSING, 0.5)
    (update,) = teach(reinforce, CLOSING, 0.8)
    assert (update.baseline, update.reward) == (0.5**3, 0.8)
    assert reinforce.spread == pytest.approx(0.8**3 - 0.5**3)


def test_new_options_at_rest_leave_a_study_what_it_was():
    """Stores of before know nothing of them; with another value it is another study."""
    old = {"name", "seed", "hidden", "learning_rate", "entropy", "baseline_decay"}
    assert describe(policy()).keys() == old
    changed = describe(policy(baseline="none", reward_power=3))
    assert changed.keys() - old == {"baseline", "reward_power"}
    assert describe(rebuild(changed, Closing(4, 2))) == changed


# ---------------------------------------------------------------------- a table instead of the network


def test_a_logit_of_the_table_moves_by_rate_times_advantage_times_onehot_less_p():
    table = TabularReinforce(Digits(3, 3), learning_rate=0.4)
    teach(table, ("0",) * 3, 0.0)
    (update,) = teach(table, ("2", "1", "1"), 1.0)
    taken = table._column["2"]
    row = table.row(table.space.key(table.space.start()))
    assert update.advantage == 1.0
    assert row[taken] == pytest.approx(0.4 * (1 - 1 / 4))
    assert np.delete(row, taken) == pytest.approx([-0.4 / 4] * 3)


@pytest.mark.parametrize("rows", ["state", "position"])
def test_the_gradient_of_the_table_is_that_of_the_objective(rows):
    table = TabularReinforce(Closing(4, 2), rows=rows, entropy=0.3)
    rng = rng_from(1, "weights")
    for step in table.steps(CLOSING):
        table.row(step.after)[:] = rng.normal(0, 0.7, len(table._column))
    gradient = table.gradient(CLOSING, -0.6)
    for name, expected in by_differences(table, CLOSING, -0.6).items():
        assert gradient[name] == pytest.approx(expected, abs=1e-6)
        assert np.abs(expected).max() > 1e-3


def test_rows_by_position_do_not_look_at_earlier_choices():
    table = TabularReinforce(Closing(4, 2), rows="position")
    for name in range(3):
        table.row(name)[:] = rng_from(name, "row").normal(size=len(table._column))
    after = [table.probabilities(a)[2] for a in (("0", "1", "1", "stop"), ("1", "1", "1", "stop"))]
    assert after[0] == after[1]
    assert TabularReinforce(Closing(4, 2)).recall(None, -1, Closing(4, 2).start(), 0) == Closing(4, 2).start()


def test_the_scale_of_the_rewards_does_not_matter():
    questions = []
    for scale, shift in ((1.0, 0.0), (1024.0, 0.0), (1.0, 8.0)):
        reinforce = Reinforce(Digits(3, 3), seed=4)
        questions.append(play(reinforce, lambda a, scale=scale, shift=shift: total(a) * scale + shift, 30))
    assert questions[0] == questions[1] == questions[2]


def test_probabilities_of_open_choices_alone_sum_to_one():
    reinforce = policy()
    for (state, choice, _), (*_, columns, p, taken) in zip(
        reinforce.space.walk(CLOSING), reinforce.steps(CLOSING), strict=True
    ):
        names = {number: name for name, number in reinforce._column.items()}
        assert [names[column] for column in columns] == list(reinforce.space.choices(state))
        assert p.sum() == pytest.approx(1)
        assert names[columns[taken]] == choice


def test_a_closed_choice_is_never_drawn_however_much_the_policy_likes_it():
    reinforce = policy()
    reinforce.weights["offset"][reinforce._column["stop"]] = 50.0  # not open at first
    drawn = {reinforce.draw() for _ in range(50)}
    assert {len(architecture) for architecture in drawn} == {2}
    reinforce.weights["offset"][reinforce._column["0"]] = 100.0  # not open once a digit was higher
    drawn = {reinforce.draw() for _ in range(50)}
    assert drawn == {("0", "0", "0", "0", "stop")}


def test_drawing_follows_the_probabilities():
    reinforce = policy()
    *_, p, _ = reinforce.steps(("0", "stop"))[0]
    firsts = [reinforce.draw()[0] for _ in range(3000)]
    assert [firsts.count(choice) / 3000 for choice in "012"] == pytest.approx(p.tolist(), abs=0.03)


def test_a_very_decided_policy_still_has_finite_numbers():
    reinforce = policy(entropy=0.5)
    reinforce.weights["offset"][reinforce._column["0"]] = 1e5
    for architecture in (("2", "stop"), ("0", "0", "stop")):
        assert np.isfinite(reinforce.objective(architecture, 1.0))
        assert all(np.isfinite(g).all() for g in reinforce.gradient(architecture, 1.0).values())


def undecided(reinforce):
    """The entropy of the first choice."""
    *_, p, _ = reinforce.steps(("0",) * 3)[0]
    return float(-(p * np.log(p)).sum())


def test_the_entropy_bonus_keeps_it_less_decided():
    found = {}
    for entropy in (0.0, 1.0):
        reinforce = Reinforce(Digits(3, 3), seed=0, entropy=entropy)
        for _ in range(150):
            architecture = reinforce.draw()
            teach(reinforce, architecture, total(architecture))
        found[entropy] = undecided(reinforce)
    assert found[0.0] < 0.2
    assert found[1.0] > 1.0  # four choices that are all alike: 1.39


def test_it_learns_to_write_what_is_good():
    """The mean reward of what it draws, of 9: near 4.5 before, above 7 after 150 rewards."""
    reinforce = Reinforce(Digits(3, 3), seed=1)

    def mean_now():
        return sum(total(reinforce.draw()) for _ in range(200)) / 200

    assert mean_now() == pytest.approx(4.5, abs=0.8)
    for _ in range(150):
        architecture = reinforce.draw()
        teach(reinforce, architecture, total(architecture))
    assert mean_now() > 7


def test_adam_by_hand():
    """First step: mean / sqrt(square) is the gradient's sign. Second, with decays 0.5: worked out below."""
    weights = {"w": np.array([1.0, 1.0])}
    adam = Adam(weights, 0.1, decay=0.5, decay_squares=0.5)
    adam.climb(weights, {"w": np.array([4.0, -0.01])})
    assert weights["w"] == pytest.approx([1.1, 0.9], abs=1e-6)
    adam.climb(weights, {"w": np.array([1.0, 0.0])})
    # mean: (0.25 * 4 + 0.5 * 1) / 0.75 = 2; square: (0.25 * 16 + 0.5 * 1) / 0.75 = 6
    assert weights["w"][0] == pytest.approx(1.1 + 0.1 * 2 / np.sqrt(6))


@pytest.mark.parametrize(
    "options",
    [
        {"hidden": 0},
        {"learning_rate": 0},
        {"entropy": -1},
        {"baseline_decay": 1},
        {"baseline_decay": -0.1},
        {"batch": 0},
        {"reward_power": 0},
    ],
)
def test_an_impossible_policy_is_refused(options):
    ((name, value),) = options.items()
    with pytest.raises(BadValue, match=f"{name}={value}"):
        Reinforce(Digits(), **options)


def test_an_unknown_word_is_answered_with_the_known_ones():
    with pytest.raises(BadValue, match="moving-average, leave-one-out, none; given 'mean'"):
        Reinforce(Digits(), baseline="mean")
    with pytest.raises(BadValue, match="a batch of 2 or more"):
        Reinforce(Digits(), baseline="leave-one-out")
    with pytest.raises(BadValue, match="'state' or 'position'; given 'depth'"):
        TabularReinforce(Digits(), rows="depth")
