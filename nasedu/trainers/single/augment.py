"""Training images that are moved, turned, partly covered and mixed: on the device, for any number of members at once.

What happens to an example in an epoch is drawn before the epoch begins, for all examples in the order of the split. The
draw depends on the seed and the epoch's number alone. It does not depend on the batch of the example, nor on the
networks that are trained with it. So a training can be left and gone on with.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import nn

from nasedu.core import rng_from
from nasedu.trainers.recipe import Recipe


@dataclass(frozen=True)
class Draws:
    """What is done to examples: of shape (examples, ...) for one member, (members, examples, ...) for several.

    Attributes:
        move: int64 of shape (..., examples, 2), pixels down and pixels right, none larger than `reach`; None for no
            shift.
        turn: float32 of shape (..., examples), radians anticlockwise; None for no rotation.
        hole: int64 of shape (..., examples, 2), first row and first column of what is covered, which may lie outside;
            None for no cutout.
        share: float32 of shape (..., examples), of the example itself in its mixture; None for no mixture.
        reach, side: the greatest shift and the side of the hole, in pixels.
    """

    move: torch.Tensor | None = None
    turn: torch.Tensor | None = None
    hole: torch.Tensor | None = None
    share: torch.Tensor | None = None
    reach: int = 0
    side: int = 0

    def take(self, places: torch.Tensor) -> "Draws":
        """Return what is done to the examples at these places, int64 of shape (..., batch)."""
        return self._each(lambda drawn: _at(drawn, places.to(drawn.device)))

    def to(self, device: torch.device) -> "Draws":
        """Return the same on a device."""
        return self._each(lambda drawn: drawn.to(device))

    def _each(self, change: Callable[[torch.Tensor], torch.Tensor]) -> "Draws":
        own = {name: getattr(self, name) for name in TENSORS}
        changed = {name: None if drawn is None else change(drawn) for name, drawn in own.items()}
        return Draws(**changed, reach=self.reach, side=self.side)


TENSORS = tuple(field.name for field in fields(Draws) if field.name not in ("reach", "side"))


def _at(drawn: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """The entries at these places along the dimension of the examples, the last one that `places` has."""
    examples = places.dim() - 1
    if drawn.dim() > places.dim():
        places = places[..., None].expand(*places.shape, drawn.shape[-1])
    return drawn.gather(examples, places)


def draw(recipe: Recipe, examples: int, shape: Sequence[int], generator: np.random.Generator) -> Draws:
    """Return what is done to the examples of one member in one epoch; nothing is drawn for what the recipe leaves out.

    Args:
        examples: how many.
        shape: of one, (channels, height, width).
    """
    drawn: dict[str, torch.Tensor] = {}
    if recipe.shift:
        far = generator.integers(-recipe.shift, recipe.shift, size=(examples, 2), endpoint=True)
        drawn["move"] = torch.from_numpy(far)
    if recipe.rotate:
        degrees = generator.uniform(-recipe.rotate, recipe.rotate, size=examples)
        drawn["turn"] = torch.from_numpy(np.radians(degrees)).float()
    if recipe.cutout:
        middle = generator.integers(0, shape[1:], size=(examples, 2))
        drawn["hole"] = torch.from_numpy(middle - recipe.cutout // 2)
    if recipe.mixup:
        drawn["share"] = torch.from_numpy(generator.beta(recipe.mixup, recipe.mixup, size=examples)).float()
    return Draws(**drawn, reach=recipe.shift, side=recipe.cutout)


def draws_of(recipe: Recipe, seed: int, epoch: int, examples: int, shape: Sequence[int]) -> Draws:
    """Return what is done to the examples of a training with this seed in its epoch of this number; see `draw`."""
    return draw(recipe, examples, shape, rng_from(seed, "augment", epoch))


def stacked(draws: Sequence[Draws]) -> Draws:
    """Return the draws of several members as one, of shape (members, examples, ...)."""
    first = draws[0]
    several = {name: torch.stack([getattr(own, name) for own in draws]) for name in TENSORS if _has(first, name)}
    return Draws(**several, reach=first.reach, side=first.side)


def _has(draws: Draws, name: str) -> bool:
    return getattr(draws, name) is not None


# ---------------------------------------------------------------------- what is done


def apply(draws: Draws, X: torch.Tensor) -> torch.Tensor:
    """Turn, then move, then cover, then mix.

    Args:
        draws: of shape (..., examples, ...).
        X: float of shape (..., examples, channels, height, width).

    Returns:
        Images of the same shape; X stays as it is.
    """
    if not any(_has(draws, name) for name in TENSORS):
        return X  # which may be no images at all
    lead = X.dim() - 4
    flat = X.flatten(0, lead)
    if draws.turn is not None:
        flat = turned(flat, draws.turn.flatten())
    if draws.move is not None:
        flat = moved(flat, draws.move.flatten(0, lead), draws.reach)
    if draws.hole is not None:
        flat = covered(flat, draws.hole.flatten(0, lead), draws.side)
    images = flat.view(X.shape)
    return images if draws.share is None else _mixed(images, draws.share[..., None, None, None], lead)


def mixed_answers(draws: Draws, y: torch.Tensor, outputs: int) -> torch.Tensor:
    """Return the answers to the examples after `apply`: y, or the same mixture of answers if examples were mixed.

    Args:
        draws: of shape (..., examples, ...).
        y: int64 of shape (..., examples) for classes; float of shape (..., examples, outputs) for numbers.
        outputs: how many classes, or numbers in an answer.

    Returns:
        y itself, or float of shape (..., examples, outputs): of classes their shares, which sum to 1.
    """
    if draws.share is None:
        return y
    soft = y if y.is_floating_point() else nn.functional.one_hot(y, outputs).to(draws.share.dtype)
    return _mixed(soft, draws.share[..., None], draws.share.dim() - 1)


def _mixed(values: torch.Tensor, share: torch.Tensor, examples: int) -> torch.Tensor:
    """Each example with the one before it in the batch, the first with the last.

    A batch is a piece of a random order, so that neighbours are a random pair.
    """
    return share * values + (1 - share) * values.roll(1, dims=examples)


def moved(X: torch.Tensor, move: torch.Tensor, reach: int) -> torch.Tensor:
    """Move images (examples, channels, height, width) by (examples, 2) pixels down and right; zeros move in."""
    height, width = X.shape[2:]
    wide = nn.functional.pad(X, (reach, reach, reach, reach)).flatten(2)
    rows = torch.arange(reach, reach + height, device=X.device) - move[:, :1]
    columns = torch.arange(reach, reach + width, device=X.device) - move[:, 1:]
    places = rows[:, :, None] * (width + 2 * reach) + columns[:, None, :]
    return wide.gather(2, places.flatten(1)[:, None].expand(-1, X.shape[1], -1)).view(X.shape)


def turned(X: torch.Tensor, turn: torch.Tensor) -> torch.Tensor:
    """Turn images (examples, channels, height, width) anticlockwise about their centre by (examples,) radians.

    Bilinear between pixels; what comes from outside is zero.
    """
    height, width = X.shape[2:]
    cos, sin, nothing = turn.cos(), turn.sin(), torch.zeros_like(turn)
    # torch measures places from -1 to 1 along either side, whatever the image's proportions.
    across = torch.stack([cos, -sin * height / width, nothing], dim=1)
    down = torch.stack([sin * width / height, cos, nothing], dim=1)
    grid = nn.functional.affine_grid(torch.stack([across, down], dim=1), list(X.shape), align_corners=False)
    return nn.functional.grid_sample(X, grid, padding_mode="zeros", align_corners=False)


def covered(X: torch.Tensor, hole: torch.Tensor, side: int) -> torch.Tensor:
    """Cover a square of images (examples, channels, height, width) with zeros; its first pixel is at (examples, 2)."""
    rows, columns = (torch.arange(size, device=X.device) - hole[:, i : i + 1] for i, size in enumerate(X.shape[2:]))
    inside = _within(rows, side)[:, :, None] & _within(columns, side)[:, None, :]
    return X.masked_fill(inside[:, None], 0.0)


def _within(places: torch.Tensor, side: int) -> torch.Tensor:
    return (places >= 0) & (places < side)
