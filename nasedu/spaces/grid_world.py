"""A grid world as a space: cells are states, moves are choices. The classic picture of Q-learning. Lesson 04.

Sutton and Barto, "Reinforcement Learning: An Introduction", 2018, example 3.5 and chapter 6, use such grids.
"""

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from nasedu.core import Architecture, BadValue, check_counts
from nasedu.spaces.base import Choice, Space

if TYPE_CHECKING:
    from torch import nn

MOVES = {"up": (-1, 0), "right": (0, 1), "down": (1, 0), "left": (0, -1)}


class Place(NamedTuple):
    """The cell of the walk, and how many moves it has left."""

    row: int
    column: int
    left: int


class GridWorld(Space):
    """A walk over a grid from its start to a goal, around walls and pits: a minimal example for Q-learning.

        grid = GridWorld(["S...", ".#.P", "...G"])
        controller = QLearning(grid, target="max", gamma=0.9)
        walk = controller.walk(epsilon=1.0)                   # ("right", "right", "down", ...)
        list(controller.learn(controller.trajectory(walk), grid.reward(walk)))

    An "architecture" here is a walk, a tuple of moves. It ends on the goal (reward 1), in a pit (reward -1), or when
    it has made `most` moves (reward 0). Moves into a wall or over the edge do not exist. A space has no cycles, so its
    state counts the moves that are left; a tabular learner sees the cell alone (`key`), as in the books. No network
    can be built from a walk, so this space is in no registry. A walk that runs out of moves teaches that its last move
    was worth 0; with a small `most` this pulls down the values of cells that are far from the goal.

    Args:
        rows: the grid, one string for each row: S the start, G a goal, P a pit, # a wall, . a free cell.
        most: moves after which a walk ends.

    Raises:
        BadValue: rows of different lengths, an unknown sign, not exactly one start, no goal, or a start that is
            walled in.
    """

    def __init__(self, rows: Sequence[str], *, most: int = 20):
        self.rows = tuple(rows)
        self.most = most
        signs = "".join(self.rows)
        if not self.rows or len({len(row) for row in self.rows}) > 1:
            raise BadValue(f"the rows of a grid are equally long; given {list(self.rows)}")
        unknown = sorted(set(signs) - set("SGP#."))
        if unknown:
            raise BadValue(f"a grid is made of S, G, P, # and .; given {', '.join(map(repr, unknown))}")
        if signs.count("S") != 1 or "G" not in signs:
            raise BadValue(f"a grid has one start S and at least one goal G; given {list(self.rows)}")
        check_counts(most=most)
        place = signs.index("S")
        self.height, self.width = len(self.rows), len(self.rows[0])
        self._start = Place(place // self.width, place % self.width, most)
        if not self.choices(self._start):
            raise BadValue(f"the start of this grid is walled in, so there is no move: {list(self.rows)}")

    def sign(self, row: int, column: int) -> str:
        """Return the sign of a cell; "#" outside the grid."""
        inside = 0 <= row < self.height and 0 <= column < self.width
        return self.rows[row][column] if inside else "#"

    # ------------------------------------------------------------------ the decision process

    def start(self) -> Place:
        return self._start

    def choices(self, state: Place) -> tuple[Choice, ...]:
        if state.left == 0 or self.sign(state.row, state.column) in "GP":
            return ()
        return tuple(
            m for m, (down, right) in MOVES.items() if self.sign(state.row + down, state.column + right) != "#"
        )

    def step(self, state: Place, choice: Choice) -> Place:
        down, right = MOVES[choice]
        return Place(state.row + down, state.column + right, state.left - 1)

    def key(self, state: Place) -> Hashable:
        """Return the cell, (row, column) from 0, without the number of moves that are left."""
        return (state.row, state.column)

    def explain(self, state: Place, choice: Choice) -> str:
        return f"{choice!r} leads into a wall" if choice in MOVES else f"{choice!r} is no move"

    def reward(self, walk: Architecture) -> float:
        """Return the reward of a walk: 1 on a goal, -1 in a pit, 0 if it ran out of moves. Raise BadArchitecture."""
        row, column, _ = self.end(walk)
        return {"G": 1.0, "P": -1.0}.get(self.sign(row, column), 0.0)

    def end(self, walk: Architecture) -> Place:
        """Return where a walk ends. Raise BadArchitecture for a walk that is not legal."""
        end = self.walk(walk)[-1].after
        assert isinstance(end, Place)
        return end

    def build(self, architecture: Architecture) -> "nn.Module":
        raise BadValue("a grid world has walks and no networks: nothing can be built from it")
