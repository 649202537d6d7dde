"""The figures of lesson 04, tabular Q-learning.

Each function draws one figure and returns its axes.
"""

from matplotlib.axes import Axes

from nasedu.plots.axes import new_axes


def schedules(budget: int) -> Axes:
    """Draw epsilon over a budget: the linear schedule, and MetaQNN's steps scaled to the budget."""
    from nasedu.controllers import schedules as known

    ax = new_axes(7, 2.6)
    for name in ("linear", "metaqnn"):
        ax.step(range(budget), [known.epsilon(name, n, budget) for n in range(budget)], where="post", label=name)
    ax.set(xlabel=f"networks asked for, of a budget of {budget}", ylabel="epsilon", ylim=(0, 1.05))
    ax.legend()
    return ax
