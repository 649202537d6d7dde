"""The swarm's law, with the random numbers given."""

import numpy as np
import pytest

from nasedu.controllers.swarm import Swarm
from nasedu.core import BadValue
from tests.controllers.games import Closing, Digits, play, total

SPACE = Digits(2, 1)  # two layers of 0 or 1


class Given:
    """A generator whose numbers are 0.5 for the pull of its own best, and 0.25 for that of the swarm's."""

    def random(self, size):
        return np.stack([np.full(size[1:], 0.5), np.full(size[1:], 0.25)])


def swarm_of(position, best, leader_best, velocity, **weights):
    """A swarm of two: the first particle as given, the second is the leader."""
    swarm = Swarm(SPACE, particles=2, **weights)
    one, leader = swarm.swarm
    one.position, one.best_position, one.velocity = map(np.array, (position, best, velocity))
    one.best_reward, leader.best_reward = 1.0, 2.0
    leader.best_position = np.array(leader_best)
    swarm._leader, swarm.rng = leader, Given()
    return swarm


def test_one_step_of_the_law_by_hand():
    """Weights 0.5, 1 and 4; U is 0.5 for its own best and 0.25 for the swarm's.

    First layer, first choice: velocity 0.5 * 0.2 + 0.5 * (0.6 - 0.5) + 1 * (0.4 - 0.5) = 0.05, second choice -0.05:
    position 0.55, 0.45. Second layer: 0 + 0.5 * (1 - 0.8) + 1 * (0.6 - 0.8) = -0.1 and, with a velocity of its own,
    0.5 * 0.4 + 0.5 * (0 - 0.2) + 1 * (0.4 - 0.2) = 0.3: position 0.7, 0.5, scaled to 7/12, 5/12.
    """
    swarm = swarm_of(
        position=[[0.5, 0.5], [0.8, 0.2]],
        best=[[0.6, 0.4], [1.0, 0.0]],
        leader_best=[[0.4, 0.6], [0.6, 0.4]],
        velocity=[[0.2, -0.2], [0.0, 0.4]],
        inertia=0.5,
        own=1.0,
        social=4.0,
    )
    particle = swarm.swarm[0]
    swarm.move(particle)
    assert particle.velocity == pytest.approx(np.array([[0.05, -0.05], [-0.1, 0.3]]))
    assert particle.position == pytest.approx(np.array([[0.55, 0.45], [7 / 12, 5 / 12]]))


def test_each_entry_has_a_random_number_of_its_own_for_either_pull():
    """Inertia 0; pulled only by its own best, then only by the leader's: velocity / distance is U."""
    for weights in ({"own": 1.0, "social": 0.0}, {"own": 0.0, "social": 1.0}):
        swarm = Swarm(Digits(5, 3), particles=1, inertia=0.0, **weights)
        particle = swarm.swarm[0]
        play(swarm, total, 1)
        before = particle.position
        swarm.move(particle)
        u = particle.velocity / (particle.best_position - before)
        assert len(np.unique(u.round(9))) == 5 * 4
        assert 0 <= u.min() < 0.3 < 0.7 < u.max() <= 1


def test_what_would_leave_0_to_1_is_cut():
    swarm = swarm_of([[0.9, 0.1]] * 2, [[0.9, 0.1]] * 2, [[0.9, 0.1]] * 2, [[5.0, -5.0]] * 2, inertia=1.0)
    particle = swarm.swarm[0]
    swarm.move(particle)
    assert particle.position == pytest.approx(np.array([[1.0, 0.0]] * 2), abs=1e-8)
    assert particle.position.min() > 0  # a choice can always come back


def test_a_particle_without_a_best_stays_where_it_is():
    swarm = Swarm(SPACE, particles=2)
    before = [particle.position for particle in swarm.swarm]
    swarm.tell(swarm.ask(), 0.5)
    swarm.ask()
    assert swarm.swarm[1].position is before[1]
    swarm.ask()
    assert not np.allclose(swarm.swarm[0].position, before[0])


def test_biased_by_hand():
    """Scaling 0.25: the choices not taken keep a quarter of their probability, and what they lose goes to the taken."""
    swarm = Swarm(Digits(2, 2), scaling=0.25)
    position = np.array([[0.2, 0.4, 0.4], [0.6, 0.4, 0.0]])
    moved = swarm.biased(position, ("1", "0"))
    assert moved == pytest.approx(np.array([[0.05, 0.85, 0.1], [0.9, 0.1, 0.0]]))
    assert position[0, 1] == 0.4
    assert Swarm(Digits(2, 2), scaling=0.0).biased(position, ("1", "2")).tolist() == [[0, 1, 0], [0, 0, 1]]


def test_layers_that_an_architecture_does_not_have_stay_as_they_are():
    swarm = Swarm(Closing(3, 1))
    position = swarm.swarm[0].position
    moved = swarm.biased(position, ("0", "stop"))
    assert (moved[2:] == position[2:]).all()
    assert not (moved[:2] == position[:2]).any()


@pytest.mark.parametrize("space", [Digits(4, 3), Closing(3, 2)], ids=repr)
def test_positions_stay_distributions(space):
    swarm = Swarm(space, particles=3, inertia=1.5, own=3.0, social=3.0, seed=5)
    for _ in range(12):
        play(swarm, total, 1)
        for particle in swarm.swarm:
            for table in (particle.position, particle.best_position):
                assert table.min() >= 0
                assert table.sum(1) == pytest.approx(np.ones(len(table)))


def test_particles_ask_in_turn_and_each_keeps_the_best_of_its_own():
    swarm = Swarm(Digits(4, 3), particles=3)
    asked = play(swarm, total, 9, batch=3)
    for place, particle in enumerate(swarm.swarm):
        assert particle.best_reward == max(total(a) for a in asked[place::3])


def test_the_leader_is_the_best_ever():
    swarm = Swarm(Digits(4, 3), particles=4, seed=1)
    asked = []
    for _ in range(20):
        asked += play(swarm, total, 2, batch=2)
        best = max(total(a) for a in asked)
        assert swarm._leader.best_reward == best
        assert max(particle.best_reward for particle in swarm.swarm) == best


def test_a_remembered_best_is_the_position_moved_towards_what_was_best():
    swarm = Swarm(Digits(4, 3), particles=1, seed=1)
    architecture = swarm.ask()
    particle = swarm.swarm[0]
    swarm.tell(architecture, 1.0)
    assert (particle.best_position == swarm.biased(particle.position, architecture)).all()
    kept = particle.best_position
    swarm.tell(swarm.ask(), 0.5)
    assert particle.best_position is kept


def test_a_stranger_is_the_experience_of_the_particle_whose_turn_it_is():
    swarm = Swarm(Digits(4, 3), particles=2)
    swarm.tell(swarm.ask(), 1.0)
    swarm.tell(("3", "3", "3", "3"), 12.0)
    assert [particle.best_reward for particle in swarm.swarm] == [1.0, 12.0]
    assert swarm._leader is swarm.swarm[1]


def test_what_is_told_first_goes_to_one_particle_each():
    swarm = Swarm(Digits(4, 3), particles=3)
    for digit in "1320":
        swarm.tell((digit,) * 4, total((digit,) * 4))
    assert [particle.best_reward for particle in swarm.swarm] == [4.0, 12.0, 8.0]
    assert swarm._leader is swarm.swarm[1]


def test_it_draws_as_its_particle_says_among_what_is_open():
    swarm = Swarm(Closing(3, 2), particles=1, seed=2)
    particle = swarm.swarm[0]
    column, _ = swarm.space.vocabulary()
    particle.position = np.full(particle.position.shape, 0.1)
    particle.position[0, column["1"]] = 0.7
    firsts = [swarm.draw(particle, noise=0.0)[0] for _ in range(2000)]
    assert abs(firsts.count("1") / 2000 - 0.7 / 0.9) < 0.04  # "stop" is not open at first: 0.1 + 0.7 + 0.1 are
    assert abs(firsts.count("0") / 2000 - 0.1 / 0.9) < 0.03


def test_the_swarm_climbs():
    """On average of 10 seeds, the last 20 of 80 questions are better than the first 8 by more than 2 of 18."""
    gains = []
    for seed in range(10):
        rewards = [total(a) for a in play(Swarm(Digits(6, 3), seed=seed), total, 80)]
        gains.append(sum(rewards[60:]) / 20 - sum(rewards[:8]) / 8)
    assert sum(gains) / 10 > 2


@pytest.mark.parametrize(
    "options", [{"particles": 0}, {"scaling": 1.0}, {"scaling": -0.1}, {"inertia": -1}, {"own": -1}, {"social": -1}]
)
def test_an_impossible_swarm_is_refused(options):
    ((name, value),) = options.items()
    with pytest.raises(BadValue, match=f"{name}={value}"):
        Swarm(SPACE, **options)
