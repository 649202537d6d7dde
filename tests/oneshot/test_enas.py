"""Weights and a policy trained in turn: the turns, what the policy learns, what is derived."""

from collections import Counter

import numpy as np
import pytest

from nasedu import spaces
from nasedu.core import BadValue, Mismatch
from nasedu.oneshot.enas import Enas
from nasedu.oneshot.search_state import load_state, save_state
from nasedu.oneshot.supernet import Supernet
from nasedu.trainers import Recipe


def search(task, **options):
    space = spaces.load("mlp", task, depth=2, widths=(16, 1), activations=("relu",))
    supernet = Supernet(space, recipe=Recipe(learning_rate=0.02, batch_size=16))
    return Enas(supernet, task, **{"rounds": 3, "weight_steps": 20, "policy_steps": 10, **options})


def test_the_turns_alternate_and_only_the_second_moves_the_policy(small_task):
    enas = search(small_task, rounds=2, weight_steps=3, policy_steps=2, warm_up=0)
    before = {name: weights.copy() for name, weights in enas.policy.weights.items()}
    turns = []
    for step in enas:
        turns.append((step.round, step.turn))
        same = all(np.array_equal(weights, enas.policy.weights[name]) for name, weights in before.items())
        assert same == (len(turns) <= 4)  # the first reward is the baseline alone
    expected = [[(n, "weights")] * 3 + [(n, "policy")] * 2 for n in (1, 2)]
    assert turns == expected[0] + expected[1]


def test_the_policy_waits_until_the_weights_are_half_trained_along_uniform_paths(small_task, monkeypatch):
    enas = search(small_task, rounds=4, weight_steps=3, policy_steps=2)
    drawn = []
    monkeypatch.setattr(enas, "draw", lambda rng: (drawn.append(enas.training.done), ("16-relu", "stop"))[1])
    steps = list(enas)
    assert [step.round for step in steps if step.turn == "policy"] == [3, 3, 4, 4]
    assert min(drawn) == 6  # until then no path came from the policy
    assert len({step.architecture for step in steps[:6]}) > 1


def test_the_policy_learns_to_avoid_networks_of_a_single_unit(small_task):
    enas = search(small_task, rounds=6, policy_steps=25, warm_up=0, learning_rate=0.03, entropy=0.02)

    def narrow():
        rng = np.random.default_rng(0)
        return np.mean([any(c == "1-relu" for c in enas.draw(rng)) for _ in range(200)])

    before = narrow()
    rewards = [step.value for step in enas if step.turn == "policy"]
    assert narrow() < 0.6 * before
    assert np.mean(rewards[-25:]) > np.mean(rewards[:25])
    derived = enas.derive()
    assert enas.reward(derived) > 0.6
    assert "1-relu" not in derived


def test_a_search_is_a_function_of_its_seed(small_task):
    first, again, other = (list(search(small_task, rounds=1, seed=seed)) for seed in (0, 0, 1))
    assert first == again
    assert first != other
    assert len(Counter(step.architecture for step in first)) > 3


@pytest.mark.parametrize("stop", [7, 24, 40, 45])  # uniform paths; paths of the policy; between turns; in the policy's
def test_a_search_goes_on_bit_for_bit_from_a_file(stop, small_task, tmp_path):
    straight, half, again = (search(small_task, rounds=2) for _ in range(3))
    steps = list(straight)
    first = [step for _, step in zip(range(stop), half, strict=False)]
    save_state(half.state(), tmp_path / "half.safetensors")
    again.restore(load_state(tmp_path / "half.safetensors"))
    assert first + list(again) == steps
    assert again.derive() == straight.derive()
    with pytest.raises(Mismatch, match="of another search: its steps is 40, and here it is 60"):
        search(small_task, rounds=3, weight_steps=20).restore(half.state())


def test_nonsense_is_refused_at_the_door(small_task):
    with pytest.raises(BadValue, match="rounds is a whole number of at least 1"):
        search(small_task, rounds=0)
    with pytest.raises(BadValue, match="warm_up is a number of rounds from 0 to below rounds=3; given 3"):
        search(small_task, warm_up=3)
    with pytest.raises(BadValue, match="entropy"):
        search(small_task, entropy=-1.0)
