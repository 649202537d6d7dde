"""What lesson 14 computes in closed form is what happens, and its recorded rules are those of its recording."""

import numpy as np
import pytest
import torch

from nasedu.classroom.lessons.lesson_14 import exercises, figures, measuring, recording
from nasedu.classroom.lessons.lesson_14.noisy_quadratic import NoisyQuadratic, example

Q = NoisyQuadratic(*np.random.default_rng(0).uniform(0.2, 1.5, (3, 4)))


# ---------------------------------------------------------------------- the noisy quadratic


def test_a_step_is_what_gradient_descent_does_on_average():
    rng = np.random.default_rng(1)
    count, alpha = 200_000, 0.6
    x = rng.normal(0, np.sqrt(Q.A), (count, 4))
    minimum = rng.normal(0, np.sqrt(Q.s), (count, 4))
    after = x - alpha * Q.h * (x - minimum)
    assert Q.step(Q.A, alpha) == pytest.approx(np.square(after).mean(0), rel=0.02)
    assert Q.loss(Q.A) == pytest.approx((Q.h * x**2).sum(1).mean() / 2, rel=0.02)


def test_the_greedy_rate_is_the_best_for_one_step():
    rates = np.linspace(0.01, 1.5, 3000)
    after = [Q.loss(Q.step(Q.A, rate)) for rate in rates]
    assert Q.greedy_rate(Q.A) == pytest.approx(rates[np.argmin(after)], abs=1e-3)
    first, second = Q.greedy_rates(2)
    assert first == Q.greedy_rate(Q.A)
    assert second == Q.greedy_rate(Q.step(Q.A, first))


@pytest.mark.parametrize("alpha", [0.2, 0.9])
def test_the_slope_without_a_cut_is_that_of_finite_differences(alpha):
    above, below = (np.mean(Q.losses([rate] * 7)[1:]) for rate in (alpha + 1e-5, alpha - 1e-5))
    assert Q.slope(alpha, 7, 7) == pytest.approx((above - below) / 2e-5, rel=1e-6)
    assert Q.slope(alpha, 7, 100) == Q.slope(alpha, 7, 7)


def test_a_slope_with_cuts_is_the_sum_of_those_of_its_pieces():
    alpha, A, total = 0.3, Q.A, 0.0
    for _ in range(3):
        total += 2 * NoisyQuadratic(Q.h, Q.s, A).slope(alpha, 2, 2)
        for _ in range(2):
            A = Q.step(A, alpha)
    assert Q.slope(alpha, 6, 2) == pytest.approx(total / 6)
    assert Q.slope(alpha, 6, 2) != pytest.approx(Q.slope(alpha, 6, 6), rel=0.01)


def test_meta_training_without_a_cut_ends_at_the_best_rate():
    q = example()
    rates = np.linspace(0.6, 1.3, 701)
    best = rates[np.argmin([np.mean(q.losses([rate] * 50)[1:]) for rate in rates])]
    assert q.learned_rate(50, 50) == pytest.approx(best, abs=1e-3)
    assert q.learned_rate(50, 1) < best - 0.05


# ---------------------------------------------------------------------- exercises


def test_the_slope_of_the_listing_is_that_of_finite_differences():
    def loss(alpha, h=2.0, x=1.5, steps=3):
        return h * (x * (1 - alpha * h) ** steps) ** 2 / 2

    found = exercises.mended_reference(0.1, 2.0, 1.5, 3)
    assert found == pytest.approx((loss(0.1 + 1e-6) - loss(0.1 - 1e-6)) / 2e-6, rel=1e-5)
    names = {"torch": torch}
    exec(exercises.LISTING, names)
    assert names["slope_in_alpha"](0.1, 2.0, 1.5, 3) is None


def test_the_greedy_rate_of_the_exercise_is_that_of_the_lesson():
    assert exercises.greedy_reference(*(part.tolist() for part in (Q.h, Q.A, Q.s))) == pytest.approx(Q.greedy_rate(Q.A))


@pytest.mark.parametrize(("after", "choice"), [((1, 1), 0), ((1, 4), 1), ((3, 4), 2)])
def test_what_happens_beyond_the_horizon_is_one_of_the_choices(after, choice):
    assert exercises.what_happens((2, 2), after) == exercises.beyond.choices[choice]


# ---------------------------------------------------------------------- measuring and recording


def test_rates_are_tuned_to_the_smallest_loss():
    problems = measuring.quadratics(7, 20)
    rates = (0.001, 0.01, 0.5)
    found = measuring.tuned(problems, 10, rates)
    for name, rate in found.items():
        ends = [measuring.curve(problems, measuring.RIVALS[name](other), 10)[-1] for other in rates]
        assert rate == rates[int(np.nanargmin(ends))]
    assert found["SGD"] == 0.01
    losses, starts = problems
    assert measuring.curve(problems, measuring.RIVALS["SGD"](0.01), 2)[0] == pytest.approx(float(losses(starts).mean()))


def test_recorded_rules_are_ahead_of_the_rule_that_they_began_from():
    problems = measuring.quadratics(8, 50)
    for unroll in recording.META_STEPS:
        untrained = measuring.curve(problems, recording.fresh(unroll, 1).optimiser_for, 20)[-1]
        ends = [
            measuring.curve(problems, recording.recorded(unroll, seed).optimiser_for, 20)[-1]
            for seed in recording.SEEDS
        ]
        assert max(ends) < untrained / 5
        assert len(set(ends)) == len(recording.SEEDS)


def test_a_rule_is_recorded_as_it_is(tmp_path, monkeypatch):
    from safetensors.torch import save_file

    learner = recording.fresh(5, 9)
    save_file(recording.rule_of(learner), tmp_path / "rules.safetensors")
    monkeypatch.setattr(recording, "FILE", tmp_path / "rules.safetensors")
    for tensor in learner.rule.parameters():
        tensor.data = tensor.data.clone()
    again = recording.recorded(5, 9).rule.state_dict()
    assert all(torch.equal(tensor, again[name]) for name, tensor in learner.rule.state_dict().items())


def test_figures_show_what_they_are_given():
    ax = figures.curves({"a": [3.0, 2.0, 1.0], "b": np.array([[4.0, 2.0, 1.0], [2.0, 2.0, 3.0]])}, horizon=1)
    lines = {line.get_label(): np.array(line.get_ydata()).tolist() for line in ax.lines}
    assert lines["a"] == [3, 2, 1]
    assert lines["b"] == [3, 2, 2]
    _, rates, losses = figures.cuts(Q, 20, (1, 20))
    assert losses[1] < losses[0]
    _, slopes = figures.explosion(Q, (0.1,), (1, 3))
    assert slopes == [[abs(Q.slope(0.1, steps, steps)) for steps in (1, 3)]]
    assert rates == [Q.learned_rate(20, unroll) for unroll in (1, 20)]
