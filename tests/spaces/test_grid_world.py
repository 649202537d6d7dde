import pytest

from nasedu.controllers.q_learning import QLearning
from nasedu.core import BadArchitecture, BadValue, describe
from nasedu.spaces.grid_world import GridWorld, Place

ROWS = ["S..", ".#P", "..G"]


def test_moves_stay_on_the_grid_and_out_of_walls():
    grid = GridWorld(ROWS)
    assert grid.start() == Place(0, 0, 20)
    assert grid.choices(Place(0, 0, 5)) == ("right", "down")
    assert grid.choices(Place(1, 0, 5)) == ("up", "down")
    assert grid.choices(Place(0, 1, 0)) == (), "no moves left"
    assert grid.choices(Place(2, 2, 5)) == grid.choices(Place(1, 2, 5)) == (), "goal and pit end a walk"
    assert grid.step(Place(0, 0, 5), "down") == Place(1, 0, 4)
    assert "wall" in grid.why_not(Place(1, 0, 5), "right")
    assert "no move" in grid.why_not(Place(1, 0, 5), "jump")


def test_a_walk_is_worth_what_it_ends_on():
    grid = GridWorld(ROWS, most=4)
    assert grid.reward(("down", "down", "right", "right")) == 1.0
    assert grid.reward(("right", "right", "down")) == -1.0
    assert grid.reward(("right", "left", "right", "left")) == 0.0
    assert grid.end(("right", "right", "down")) == Place(1, 2, 1)
    with pytest.raises(BadArchitecture):
        grid.reward(("down", "right"))


def test_it_is_a_space_whose_learner_sees_cells_alone():
    grid = GridWorld(ROWS, most=6)
    grid.check()
    assert grid.size() == len(list(grid.enumerate()))
    assert describe(GridWorld(**{k: v for k, v in describe(grid).items() if k != "name"})) == describe(grid)
    assert {grid.key(Place(1, 0, left)) for left in (1, 2, 3)} == {(1, 0)}
    with pytest.raises(BadValue, match="no networks"):
        grid.build(("down",))


def test_q_learning_finds_the_shortest_way():
    grid = GridWorld(["S...", ".#.P", "...G"], most=80)
    learner = QLearning(grid, seed=0, target="max", gamma=0.9, alpha=0.5, q_start=0.0)
    for _ in range(300):
        walk = learner.walk(0.8)
        list(learner.learn(learner.trajectory(walk), grid.reward(walk)))
    walk = learner.walk(0.0)
    assert grid.reward(walk) == 1.0
    assert len(walk) == 5
    assert learner.q[0, 0]["down"] == pytest.approx(0.9**4, abs=0.02)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["S.", "."], "equally long"),
        ([], "equally long"),
        (["SX", ".G"], "'X'"),
        (["..", ".G"], "one start"),
        (["SS", ".G"], "one start"),
        (["S.", ".."], "one goal"),
        (["S#G"], "walled in"),
    ],
    ids=str,
)
def test_refuses_what_is_no_grid(rows, says):
    with pytest.raises(BadValue, match=says):
        GridWorld(rows)


def test_refuses_no_moves():
    with pytest.raises(BadValue, match="at least 1"):
        GridWorld(ROWS, most=0)
