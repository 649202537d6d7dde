"""Films: pure functions from the steps that an algorithm yields to what a `Player` plays. One file for each.

    from nasedu.widgets import Player, films
    Player(films.q_learning(controller, told))

None of them runs an algorithm of its own: every number in a frame is a number that the algorithm gave.

    q_learning(controller, told, replay="together")
        told: (architecture, reward) pairs, taken one by one, so it may be a generator that asks the controller. Steps
        through `controller.updates`. replay: "together" (one frame for all replayed backups), "singly", "hidden".
    grid_world(grid, controller, told)
        grid: a `nasedu.spaces.grid_world.GridWorld`; told: (walk, reward) pairs. Steps through `controller.learn`.
    search(trials, parents={}, title="...")
        trials: `study.trials`; parents: `controller.parents`, who each architecture was made from.
    descent(steps, X, y)
        steps: what `nasedu.trainers.single.gradient_descent.descend(X, y, ...)` yields; X has two columns.
    halving(rungs, architectures)
        rungs: what `Halving(trainer).race(architectures, ...)` or that of `Hyperband` yields.
"""

from nasedu.widgets.films.bracket import halving
from nasedu.widgets.films.grid import grid_world
from nasedu.widgets.films.q_table import q_learning
from nasedu.widgets.films.surface import descent
from nasedu.widgets.films.tree import search

__all__ = ["descent", "grid_world", "halving", "q_learning", "search"]
