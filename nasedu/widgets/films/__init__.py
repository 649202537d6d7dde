"""Films: pure functions that turn the steps of an algorithm into a film for a `Player`. One file for each film.

    from nasedu.widgets import Player, films
    Player(films.q_learning(controller, told))

No film has an algorithm of its own: every number in a frame comes from the algorithm that is shown.

    q_learning(controller, told, replay="together")
        told: (architecture, reward) pairs, taken one by one, so it may be a generator that asks the controller. It
        shows `controller.updates`. replay: "together" (one frame for all replayed backups), "singly", "hidden".
    grid_world(grid, controller, told)
        grid: a `nasedu.spaces.grid_world.GridWorld`; told: (walk, reward) pairs. It shows `controller.learn`.
    policy(controller, told)
        controller: "reinforce-table"; told: as for `q_learning`. It shows what its `learn` yields.
    loop(record)
        record: (architecture, score) of each trial; it shows the four lines of the loop in turn.
    search(trials, parents={}, title="...")
        trials: `study.trials`; parents: `controller.parents`, the parents of each architecture.
    population(controller, score, trials), swarm(controller, score, trials)
        controller: a fresh genetic or regularized-evolution, or a fresh swarm; score: architecture to reward. They show
        the `proposals` of each question, and what `learn` yields.
    descent(steps, X, y)
        steps: from `nasedu.trainers.single.gradient_descent.descend(X, y, ...)`; X has two columns.
    halving(rungs, architectures)
        rungs: from `rungs(architectures, ...)` of `Halving(trainer)` or `Hyperband(trainer)`.
    enas(search)
        search: a `nasedu.oneshot.enas.Enas`, not begun; the film lets it run to its end.
    warm_q(controller, told), vote(controller, told), guard(controller, told)
        controller: what `meta.load(prior, evidence).open(...)` gives for "warm-q", "surrogate" or "guarded"; told: as
        for `q_learning`. They show the `mixes` of a warm Q-table, the `vote` of a surrogate, and the answers
        that a guard compares.
    alpha(steps, space)
        steps: from `run()` of `nasedu.oneshot.darts.Darts` or `nasedu.oneshot.pdarts.PDarts`.
    optimizer_race(paths, function)
        paths: by name, steps of `nasedu.metalearning.learned_optimizer.descend` on a function of two numbers.
    adaptation(learner, support, query, steps)
        learner: one with inner steps, such as `nasedu.metalearning.maml.MAML`; support, query: (X, y) of one curve.
    winners_curse(first, again, sizes, drops)
        first, again: two scores of each network; drops: the mean drop of the best of each size, as intervals.
"""

import importlib
from typing import TYPE_CHECKING, Any

from nasedu.widgets.films.advised_q import warm_q
from nasedu.widgets.films.alpha import alpha
from nasedu.widgets.films.bracket import halving
from nasedu.widgets.films.enas import enas
from nasedu.widgets.films.grid import grid_world
from nasedu.widgets.films.guarded_search import guard
from nasedu.widgets.films.loop import loop
from nasedu.widgets.films.particles import swarm
from nasedu.widgets.films.policy import policy
from nasedu.widgets.films.population import population
from nasedu.widgets.films.q_table import q_learning
from nasedu.widgets.films.surface import descent
from nasedu.widgets.films.surrogate_vote import vote
from nasedu.widgets.films.tree import search
from nasedu.widgets.films.winner import winners_curse

if TYPE_CHECKING:
    from nasedu.widgets.films.inner_steps import adaptation
    from nasedu.widgets.films.optimizer_paths import optimizer_race

__all__ = [
    "adaptation",
    "alpha",
    "descent",
    "enas",
    "grid_world",
    "guard",
    "halving",
    "loop",
    "optimizer_race",
    "policy",
    "population",
    "q_learning",
    "search",
    "swarm",
    "vote",
    "warm_q",
    "winners_curse",
]

_NEED_TORCH = {"adaptation": "inner_steps", "optimizer_race": "optimizer_paths"}
"""Imported when they are asked for: the other films run in a browser, which has no torch."""


def __getattr__(name: str) -> Any:
    if name not in _NEED_TORCH:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has: {', '.join(__all__)}")
    return getattr(importlib.import_module(f"{__name__}.{_NEED_TORCH[name]}"), name)
