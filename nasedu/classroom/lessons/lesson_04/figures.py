"""The figures of lesson 04, tabular Q-learning, from plain numbers.

Each function draws one figure and returns its axes.
"""

from matplotlib.axes import Axes

from nasedu.plots.axes import new_axes


def schedules(budget: int) -> Axes:
    """Epsilon over a budget: the straight line, and MetaQNN's steps squeezed into it."""
    from nasedu.controllers import schedules as known

    ax = new_axes(7, 2.6)
    for name in ("linear", "metaqnn"):
        ax.step(range(budget), [known.epsilon(name, n, budget) for n in range(budget)], where="post", label=name)
    ax.set(xlabel=f"networks asked for, of a budget of {budget}", ylabel="epsilon", ylim=(0, 1.05))
    ax.legend()
    return ax
