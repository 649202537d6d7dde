"""The figures of lesson 14, learned optimisers. Each function draws one figure and returns its axes."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from matplotlib.axes import Axes

from nasedu.classroom.lessons.lesson_14.noisy_quadratic import NoisyQuadratic
from nasedu.core.palette import BLUE, GREEN, GREY, ORANGE, RED
from nasedu.metalearning.learned_optimizer import preprocess
from nasedu.plots.axes import MARKERS, name_lines, new_axes, tidy

STYLES = ((GREY, ":"), (BLUE, "--"), (GREEN, "-."), (RED, "-"), (ORANGE, "-"))


def gradient(function: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """Return the gradient of a function at a point."""
    x = x.detach().clone().requires_grad_()
    return torch.autograd.grad(function(x), x)[0]


def two_inputs() -> Axes:
    """Draw what the rule is given for positive gradients of all sizes."""
    sizes = np.logspace(-8, 2, 400)
    given = preprocess(torch.from_numpy(sizes)).numpy()
    ax = new_axes(6.5, 2.8)
    ax.semilogx(sizes, given[:, 0], color=BLUE, label="first input: size")
    ax.semilogx(sizes, given[:, 1], color=RED, linestyle="--", label="second input: sign")
    ax.axvline(np.exp(-10), color=GREY, linestyle=":")
    ax.set(xlabel="gradient", ylabel="input of the rule")
    ax.legend(loc="upper left")
    return tidy(ax)


def meta_losses(losses: Sequence[float], pieces: int) -> Axes:
    """Draw the loss of each step of meta-training; a dotted line begins a new training."""
    ax = new_axes(6.5, 2.8)
    ax.semilogy(range(1, len(losses) + 1), losses, ".-", color=BLUE)
    for begin in range(0, len(losses), pieces):
        ax.axvline(begin + 0.5, color=GREY, linestyle=":", linewidth=0.8)
    ax.set(xlabel="steps of meta-training", ylabel="mean loss of the piece")
    return tidy(ax)


def curves(losses: Mapping[str, np.ndarray | Sequence[float]], *, horizon: int = 0, log: bool = False) -> Axes:
    """Draw the loss of each optimiser over its steps, on logarithmic axes.

    Args:
        losses: by name, (runs, steps + 1): the mean of the runs is a line, and a band reaches from the least to the
            largest of them.
        horizon: a dotted line ends what was trained for; 0 for none.
        log: the steps have a logarithmic axis, too.
    """
    ax = new_axes(7, 3.4)
    for (name, runs), (colour, style) in zip(losses.items(), STYLES, strict=False):
        runs = np.atleast_2d(runs)
        ax.plot(runs.mean(0), color=colour, linestyle=style, label=name)
        if len(runs) > 1:
            ax.fill_between(range(runs.shape[1]), runs.min(0), runs.max(0), color=colour, alpha=0.2)
    if horizon:
        ax.axvline(horizon, color=GREY, linestyle=":")
    ax.set_yscale("log")
    if log:
        ax.set(xscale="log", xlim=(1, None))
    ax.set(xlabel="steps", ylabel="loss")
    name_lines(ax)
    return tidy(ax)


def cuts(q: NoisyQuadratic, steps: int, unrolls: Sequence[int]) -> tuple[Axes, list[float], list[float]]:
    """Draw the mean loss over all rates, and where meta-training with each cut ends; return rates and losses, too."""
    rates = [q.learned_rate(steps, unroll) for unroll in unrolls]
    found = [float(np.mean(q.losses([rate] * steps)[1:])) for rate in rates]
    ax = new_axes(6.5, 3.2)
    some = np.linspace(min(rates) * 0.8, max(rates) * 1.15, 60)
    ax.plot(some, [np.mean(q.losses([rate] * steps)[1:]) for rate in some], color=GREY)
    ax.plot(rates, found, "o", color=RED)
    for unroll, rate, loss in zip(unrolls, rates, found, strict=True):
        ax.annotate(str(unroll), (rate, loss), (4, 6), "data", "offset points")
    ax.set(xlabel="the rate that is learned; numbers: steps between cuts", ylabel=f"mean loss of {steps} steps")
    return tidy(ax), rates, found


def explosion(q: NoisyQuadratic, rates: Sequence[float], unrolls: Sequence[int]) -> tuple[Axes, list[list[float]]]:
    """Draw the size of the slope in alpha by the length of the unroll, a line for each rate; return them, too."""
    slopes = [[abs(q.slope(rate, unroll, unroll)) for unroll in unrolls] for rate in rates]
    ax = new_axes(6.5, 3)
    for rate, of, marker, (colour, style) in zip(rates, slopes, MARKERS, STYLES[1:], strict=False):
        ax.semilogy(unrolls, of, marker=marker, color=colour, linestyle=style, label=f"alpha = {rate}")
    ax.set(xlabel="unrolled steps", ylabel="size of the slope in alpha")
    name_lines(ax)
    return tidy(ax), slopes
