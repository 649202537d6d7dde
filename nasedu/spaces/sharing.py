"""How the networks of a space share one set of weights: what `Space.sharing` gives. Runs without torch.

A layer of a network reads its weights from a **shared tensor**, which other networks read too. The layer takes the
first rows and the first columns of it, as many as it needs (Guo et al., "Single Path One-Shot Neural Architecture
Search with Uniform Sampling", ECCV 2020, section 3.4, searches for widths in this way).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from nasedu.core import BadValue

if TYPE_CHECKING:
    from nasedu.spaces.base import Space


class Shared(NamedTuple):
    """Names the shared tensors of one layer, and says how large they are.

    Attributes:
        key: two layers of any two networks with one key share their weights. For a module with layers inside, the name
            of the layer inside is added.
        outputs: rows of the shared tensors, for the widest network; None for as many as this layer has.
        inputs: columns of the shared weight; None for as many as this layer has.
        columns: which columns the layer reads; None for the first ones.
    """

    key: str
    outputs: int | None = None
    inputs: int | None = None
    columns: tuple[int, ...] | None = None


def shares_weights(space: Any) -> bool:
    """Return whether a space, an object or a class, says how its networks share weights."""
    from nasedu.spaces.base import Space

    method = getattr(space, "sharing", None)
    return method is not None and getattr(method, "__func__", method) is not Space.sharing


def sharing_spaces() -> list[str]:
    """Return the registered spaces whose networks can share one set of weights."""
    from nasedu.spaces import registry

    return [name for name in registry if shares_weights(registry[name])]


def no_supernet(space: Space) -> BadValue:
    """Return the error for a space that does not say how its networks share weights."""
    title = getattr(space, "title", type(space).__name__)
    return BadValue(
        f"space {title!r} has no supernet; those that have: {', '.join(sharing_spaces())}; "
        "a space of your own gets one by its method `sharing`"
    )
