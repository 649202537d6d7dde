"""The one-shot methods by name. Listing them imports no torch.

search = methods.load("darts", space, task, steps=200, seed=0)
for step in search.run():
    print(step.number, step.of, step.loss, step.architecture)
search.derived()
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nasedu.core import BadValue, Registry, check_counts
from nasedu.core.options import check_options

if TYPE_CHECKING:
    from nasedu.oneshot.searches import Method

STEPS = {"darts": 200, "darts-2": 200, "p-darts": 300, "gdas": 400, "enas": 1000, "spos": 1000}
"""The methods, and their usual steps of the weights, in all."""

registry = Registry("method", {name: f"nasedu.oneshot.searches:{name.replace('-', '_')}" for name in STEPS})


def load(
    name: str,
    space: Any,
    task: Any,
    *,
    steps: int | None = None,
    seed: int = 0,
    device: str = "cpu",
    options: Mapping[str, Any] | None = None,
) -> "Method":
    """Return a method for a space and a task, at its first step.

    Args:
        name: see `registry`.
        steps: of the weights, in all; None for as many as `STEPS` says.
        seed: of everything that is drawn.
        device: where torch computes.
        options: settings of this method by name.

    Raises:
        UnknownName: there is no such method.
        BadValue, Mismatch: a space or a task that it cannot search, or an impossible setting.
    """
    check_options(registry, name, options or {})
    if not hasattr(task, "train"):
        raise BadValue(f"a method needs a task with examples, such as nasedu.tasks.load('digits'); given {task!r}")
    steps = STEPS[name] if steps is None else steps
    check_counts(steps=steps)
    try:
        return registry[name](space, task, steps=steps, seed=seed, device=device, **options or {})
    except TypeError as error:  # a list of words, where numbers are expected
        raise BadValue(f"the method {name!r} cannot be made with these options: {error}") from error
