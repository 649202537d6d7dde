"""The policy gradient against finite differences, and its averages by hand."""

import numpy as np
import pytest

from nasedu.controllers.reinforce import Adam, Reinforce
from nasedu.core import BadValue, rng_from
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


def log_probability(reinforce, architecture):
    return sum(float(np.log(p[taken])) for *_, p, taken in reinforce._forward(architecture))


def test_what_was_rewarded_becomes_likelier_and_what_disappointed_less_likely():
    for reward, sign in ((1.0, 1), (0.0, -1)):
        reinforce = policy(entropy=0.0)
        reinforce.learn(CLOSING, 0.5)  # the baseline
        before = log_probability(reinforce, CLOSING)
        reinforce.learn(CLOSING, reward)
        assert sign * (log_probability(reinforce, CLOSING) - before) > 0.01


def test_the_first_reward_is_the_baseline_and_teaches_nothing_else():
    reinforce = policy()
    before = {name: weights.copy() for name, weights in reinforce.weights.items()}
    reinforce.tell(CLOSING, 0.8)
    assert reinforce.status() == {"baseline": 0.8}
    assert all((reinforce.weights[name] == before[name]).all() for name in before)


def test_baseline_spread_and_advantage_by_hand(monkeypatch):
    """Decay 0.75: rewards 1, 3, 0.

    After 1: baseline 1. Then 3: distance 2, spread 2, advantage 1, baseline 1.5. Then 0: distance -1.5, spread
    0.75 * 2 + 0.25 * 1.5 = 1.875, advantage -0.8, baseline 1.5 - 0.375 = 1.125.
    """
    reinforce = policy(baseline_decay=0.75)
    advantages, gradient = [], reinforce.gradient
    monkeypatch.setattr(reinforce, "gradient", lambda a, advantage: advantages.append(advantage) or gradient(a, 0.1))
    seen = []
    for reward in (1.0, 3.0, 0.0):
        reinforce.learn(CLOSING, reward)
        seen += [reinforce.baseline, reinforce.spread]
    assert seen == pytest.approx([1.0, 0.0, 1.5, 2.0, 1.125, 1.875])
    assert advantages == pytest.approx([1.0, -0.8])


def test_the_advantage_is_cut_at_three_and_flat_rewards_have_none(monkeypatch):
    reinforce = policy(baseline_decay=0.9)
    advantages = []
    zeros = {name: np.zeros_like(weights) for name, weights in reinforce.weights.items()}
    monkeypatch.setattr(reinforce, "gradient", lambda _, advantage: advantages.append(advantage) or zeros)
    for reward in (0.0, 0.0, 0.001, 100.0):
        reinforce.learn(CLOSING, reward)
    assert advantages == pytest.approx([0.0, 1.0, 3.0])


def test_the_scale_of_the_rewards_does_not_matter():
    questions = []
    for scale, shift in ((1.0, 0.0), (1024.0, 0.0), (1.0, 8.0)):
        reinforce = Reinforce(Digits(3, 3), seed=4)
        questions.append(play(reinforce, lambda a, scale=scale, shift=shift: total(a) * scale + shift, 30))
    assert questions[0] == questions[1] == questions[2]


def test_probabilities_of_open_choices_alone_sum_to_one():
    reinforce = policy()
    for (state, choice, _), (*_, columns, p, taken) in zip(
        reinforce.space.walk(CLOSING), reinforce._forward(CLOSING), strict=True
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
    *_, p, _ = reinforce._forward(("0", "stop"))[0]
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
    *_, p, _ = reinforce._forward(("0",) * 3)[0]
    return float(-(p * np.log(p)).sum())


def test_the_entropy_bonus_keeps_it_less_decided():
    found = {}
    for entropy in (0.0, 1.0):
        reinforce = Reinforce(Digits(3, 3), seed=0, entropy=entropy)
        for _ in range(150):
            architecture = reinforce.draw()
            reinforce.learn(architecture, total(architecture))
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
        reinforce.learn(architecture, total(architecture))
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
    "options", [{"hidden": 0}, {"learning_rate": 0}, {"entropy": -1}, {"baseline_decay": 1}, {"baseline_decay": -0.1}]
)
def test_an_impossible_policy_is_refused(options):
    ((name, value),) = options.items()
    with pytest.raises(BadValue, match=f"{name}={value}"):
        Reinforce(Digits(), **options)
