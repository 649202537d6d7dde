"""A player for adaptation by gradient descent: curve, parameters, and the gradient through each step. Lesson 12."""

from typing import Any

from nasedu.widgets.films.inner_steps import adaptation
from nasedu.widgets.player import Player


class AdaptationPlayer(Player):
    """Plays how a learner adapts to one curve, inner step by inner step, and how MAML's gradient comes back.

        AdaptationPlayer(learner, support, query, steps=5)

    It is a player: buttons, slider, keys, and a saved page that plays without a kernel. All steps are made before the
    widget is, by the learner's own `adaptation` and by `going_back`; the learner does not change.

    Args:
        learner: any learner with inner steps, such as `MAML`, `ANIL`, `MetaSGD` or `Reptile`. Only MAML and its
            relatives have a gradient that goes back.
        support: (X, y), the examples to adapt to; X and y have one column.
        query: (X, y), other examples of the same task.
        steps: inner steps; those of meta-training if None.
        at: the first frame to show, from 0; -1 is the last one.
        title: replaces "Adaptation by" and the method.

    Raises:
        BadValue: another learner, inputs of more than one number, an inner step that explodes, or more steps than a
            notebook can hold.
    """

    def __init__(
        self, learner: Any, support: Any, query: Any, steps: int | None = None, at: int = 0, *, title: str = ""
    ):
        super().__init__(adaptation(learner, support, query, steps, title=title), at=at)
