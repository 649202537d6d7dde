"""What lesson 05 sums over all walks is what the controller does, and its recordings are those of its settings."""

import numpy as np
import pytest
import torch

import nasedu
from nasedu.classroom import interval
from nasedu.classroom.lessons.lesson_05 import exercises, figures, policies, recording
from nasedu.classroom.lessons.lesson_05.walks import Walks, best_by_position, divergence
from nasedu.controllers import load
from nasedu.tables.atlas import atlas
from nasedu.testing import VariableLength

SPACE = VariableLength()
NETWORKS = list(SPACE.enumerate())


def taught(rows="state", **options):
    policy = load("reinforce-table", SPACE, rows=rows, **options)
    for number, network in enumerate(NETWORKS[:6]):
        policy.tell(network, float(number % 3))
    return policy


@pytest.mark.parametrize("rows", ["state", "position"])
def test_probabilities_and_slopes_are_those_of_the_controller(rows):
    policy, walks = taught(rows, seed=1), Walks(SPACE, NETWORKS, rows)
    table = walks.table(policy)
    p, slopes = walks.probabilities(table), walks.score_vectors(table)
    assert p.sum() == pytest.approx(1)
    for place, network in enumerate(NETWORKS):
        assert np.log(p[place]) == pytest.approx(policy.log_probability(network))
        own = policy.gradient(network, 1.0)
        wanted = np.stack([own.get(name, np.zeros(len(walks.choices))) for name in walks.rows])
        assert slopes[place] == pytest.approx(wanted.ravel())


def test_a_policy_by_position_is_its_own_best_policy_by_position_and_another_is_not():
    by_position = Walks(SPACE, NETWORKS, "position")
    p = by_position.probabilities(by_position.table(taught("position")))
    assert divergence(p, best_by_position(by_position, p)) < 1e-4
    one = np.zeros(len(NETWORKS))
    one[[NETWORKS.index(("16", "4", "stop")), NETWORKS.index(("8", "8", "stop"))]] = 0.5
    q = best_by_position(by_position, one)
    assert divergence(one, q) > 0.2
    assert q.sum() == pytest.approx(1)


@pytest.mark.parametrize("kind", [policies.Table, policies.Recurrent])
def test_torch_policies_give_each_network_a_probability_and_learn(kind):
    walks = Walks(SPACE, NETWORKS)
    rewards = np.array([len(network) / 4 for network in NETWORKS])
    with torch.random.fork_rng():
        torch.manual_seed(0)
        training = policies.Training(kind(walks), walks, rewards, seed=0, rate=0.05)
    before = training.probabilities()
    assert before.sum() == pytest.approx(1)
    *_, last = training.steps(40)
    assert len(last.places) == 10
    assert training.probabilities() @ rewards > before @ rewards + 0.1


def test_what_is_recorded_is_what_a_race_gives():
    table = atlas()
    race = nasedu.race(table.space, table, recording.RIVALS, 100, 1, task="gratings/angle", workers=1)
    for method in recording.RIVALS:
        kept = recording.regrets(method, "gratings/angle")
        assert len(kept) == recording.SEEDS
        assert race.curves(method, of="regret")[0] == pytest.approx(kept[0], abs=1e-4)


def test_what_is_recorded_of_a_bonus_is_what_is_drawn():
    for bonus, task in ((0, "what/digits"), (0.4, "where/digits")):
        kept = recording.certainty(bonus, task)
        assert kept.shape == (recording.SEEDS_OF_BONUSES, 3)
        assert recording.drawn(bonus, task, seed=3)[-1] == pytest.approx(kept[3])


def test_answers_of_the_predictions_are_computed():
    assert exercises.what_changes(0.0, 6.0) == "only the variance"
    assert exercises.what_changes(0.1, 1.0) == "only the mean step"
    won, lost = interval([0.1, 0.11]), interval([-0.1, 0.11])
    assert exercises.on_how_many({"a": won, "b": won}) == "on all four tasks"
    assert exercises.on_how_many({"a": won, "b": lost}) == "on some tasks"
    assert exercises.on_how_many({"b": lost}) == "on no task"
    assert exercises.who_is_ahead(won) == "clearly ahead of random search"
    assert exercises.who_is_ahead(lost) == "no clear difference"
    assert exercises.who_is_ahead(interval([-0.1, -0.11])) == "clearly behind random search"


def test_figures_draw_what_they_are_given():
    from matplotlib import pyplot as plt

    dots = {"raw": {1: np.zeros((3, 2)), 10: np.ones((3, 2))}, "less": {1: np.ones((3, 2)), 10: np.ones((3, 2))}}
    axes = figures.clouds(dots, (0.5, 0.5), ("a", "b")).axes
    assert [ax.get_title() for ax in axes] == ["raw, 1 sample", "raw, 10 samples", "less, 1 sample", "less, 10 samples"]
    assert axes[0].collections[0].get_offsets().tolist() == [[0, 0]] * 3
    panel = figures.races(
        {"what": {"random": np.array([[0.4, 0.2], [0.2, 0.2]])}, "where": {"random": np.ones((2, 2))}}
    )
    assert list(panel.axes[0].get_lines()[0].get_ydata()) == pytest.approx([0.3, 0.2])
    lead = interval([0.1, 0.3])
    leads = figures.panels({"what": {"random": lead}, "where": {"random": lead}, "Macro": {"random": lead}}, "lead")
    assert [ax.get_title(loc="left") for ax in leads.axes] == ["what", "where", "Macro"]
    assert leads.axes[2].collections[-1].get_offsets()[0][0] == pytest.approx(0.2)
    plt.close("all")
