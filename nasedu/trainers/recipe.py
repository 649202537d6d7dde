"""How a network is trained: everything about a training that is not its architecture."""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Any, ClassVar

from nasedu.core import BadValue

OPTIMISERS = ("adam", "adamw", "sgd")
SCHEDULES = ("constant", "cosine", "one-cycle", "step")


@dataclass(frozen=True)
class Recipe:
    """A training recipe. `Recipe(schedule="cosine", shift=1)` changes what it names, the rest stays as usual.

    Shifts, turns, covers and mixtures are drawn again in every epoch, for training examples alone.

    Attributes:
        optimiser: "adam" (Kingma and Ba, ICLR 2015); "adamw", whose weight decay is no part of the gradient
            (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019); "sgd".
        learning_rate: the optimiser's step size, above 0; the greatest one, if a schedule changes it.
        schedule: of the learning rate, from step to step (see `nasedu.trainers.single.optimiser.rate_at`): "constant";
            "cosine", down to 0 along half a wave (Loshchilov and Hutter, "SGDR", ICLR 2017, without restarts); "step",
            a tenth of it after half and again after three quarters of the steps (He et al., CVPR 2016, section 4.2);
            "one-cycle", up and further down again (Smith and Topin, "Super-Convergence", 2018; the momentum stays).
        warmup: share of the steps, from 0 to below 1, in which the rate rises. None: 0.3 for "one-cycle", 0 for others.
        weight_decay: pulls every weight towards 0, at least 0; its strength relative to the gradient, or for "adamw"
            to the learning rate.
        momentum: of "sgd" alone: share of the last step that is taken again, from 0 to below 1.
        label_smoothing: share of an answer that is given to all classes alike, from 0 to below 1 (Szegedy et al.,
            "Rethinking the Inception Architecture", CVPR 2016, section 7).
        batch_size: examples in a step, at least 2.
        shift: most pixels by which an image is moved, down or up and right or left; zeros move in.
        rotate: most degrees by which an image is turned about its centre, either way; at most 180.
        cutout: side in pixels of a square that is set to 0 at a random place, partly outside at the border (DeVries and
            Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout", 2017).
        mixup: alpha of the Beta distribution that the share of an example in a mixture of two is drawn from, answers
            included (Zhang et al., "mixup", ICLR 2018). 0 mixes nothing, 1 draws every share alike.
        batch_norm: None leaves it as the space builds it; True puts one behind every convolution and linear layer that
            has none, but the last; False takes it out (Ioffe and Szegedy, "Batch Normalization", ICML 2015).
        dropout: None leaves it as the space builds it; a number from 0 to below 1 is the share that every dropout
            drops, with one before the last linear layer where there is none (Srivastava et al., JMLR 2014).

    Raises:
        BadValue: a value that a field cannot have.
    """

    optimiser: str = "adam"
    learning_rate: float = 2e-3
    schedule: str = "constant"
    warmup: float | None = None
    weight_decay: float = 0.0
    momentum: float = 0.9
    label_smoothing: float = 0.0
    batch_size: int = 32
    shift: int = 0
    rotate: float = 0.0
    cutout: int = 0
    mixup: float = 0.0
    batch_norm: bool | None = None
    dropout: float | None = None

    name: ClassVar[str] = "recipe"

    def __post_init__(self) -> None:
        for field in fields(self):
            # Whole numbers given as such or as 1.0 are one recipe: a store compares them as text.
            object.__setattr__(self, field.name, RULES[field.name](field.name, getattr(self, field.name)))

    @property
    def augments(self) -> bool:
        """Return whether it changes the training examples."""
        return bool(self.shift or self.rotate or self.cutout or self.mixup)


def _said(name: str, expected: str, given: Any) -> BadValue:
    return BadValue(f"a recipe's {name} is {expected}; given {given!r}")


def _one_of(*words: str) -> Callable[[str, Any], Any]:
    def rule(name: str, value: Any) -> Any:
        if not isinstance(value, str) or value not in words:
            raise _said(name, f"one of {', '.join(words)}", value)
        return value

    return rule


def _whole(least: int) -> Callable[[str, Any], Any]:
    def rule(name: str, value: Any) -> Any:
        if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
            raise _said(name, f"a whole number of at least {least}", value)
        return int(value)

    return rule


def _number(expected: str, allowed: Callable[[float], bool], *, none: bool = False) -> Callable[[str, Any], Any]:
    def rule(name: str, value: Any) -> Any:
        if value is None and none:
            return None
        number = float(value) if isinstance(value, Real) and not isinstance(value, bool) else math.nan
        if not math.isfinite(number) or not allowed(number):
            raise _said(name, f"{expected}{', or None' if none else ''}", value)
        return number

    return rule


def _yes_no_or_none(name: str, value: Any) -> Any:
    if value is not None and not isinstance(value, bool):
        raise _said(name, "True, False or None (at the terminal: true, false, null)", value)
    return value


def _share(*, none: bool = False) -> Callable[[str, Any], Any]:
    return _number("a number from 0 to below 1", lambda value: 0 <= value < 1, none=none)


_not_negative = _number("a number of at least 0", lambda value: value >= 0)

RULES: dict[str, Callable[[str, Any], Any]] = {
    "optimiser": _one_of(*OPTIMISERS),
    "learning_rate": _number("a number above 0", lambda value: value > 0),
    "schedule": _one_of(*SCHEDULES),
    "warmup": _share(none=True),
    "weight_decay": _not_negative,
    "momentum": _share(),
    "label_smoothing": _share(),
    "batch_size": _whole(2),
    "shift": _whole(0),
    "rotate": _number("a number of degrees from 0 to 180", lambda value: 0 <= value <= 180),
    "cutout": _whole(0),
    "mixup": _not_negative,
    "batch_norm": _yes_no_or_none,
    "dropout": _share(none=True),
}
"""What each field may be: a function of its name and value that gives the value back, or raises BadValue."""


def check_recipe(recipe: Any, task: Any) -> None:
    """Raise BadValue for what is no recipe, or for one that asks of a task's examples what they do not have."""
    if not isinstance(recipe, Recipe):
        raise BadValue(f"a trainer takes a Recipe, such as Recipe(learning_rate=0.001); given {recipe!r}")
    if recipe.label_smoothing and task.kind == "regression":
        raise BadValue(
            f"label_smoothing={recipe.label_smoothing} is for classes, and the answers of task {task.name!r} are "
            "numbers: set it to 0"
        )
    if not recipe.augments:
        return
    used = ", ".join(f"{n}={getattr(recipe, n)}" for n in ("shift", "rotate", "cutout", "mixup") if getattr(recipe, n))
    if len(task.input_shape) != 3:
        raise BadValue(
            f"{used}: only images of shape (channels, height, width) are augmented, and the examples of task "
            f"{task.name!r} have the shape {tuple(task.input_shape)}: leave it out"
        )
    side = min(task.input_shape[1:])
    if max(recipe.shift, recipe.cutout) >= side:
        raise BadValue(f"{used}: the images of task {task.name!r} are {side} pixels a side; stay below that")


USUAL = Recipe()
"""What a trainer uses when it is given none."""
