"""What a training makes small."""

import torch
from torch import nn

from nasedu.trainers.recipe import Recipe


def losses_of(kind: str, outputs: torch.Tensor, y: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """The loss of each example: cross-entropy for classes, the mean squared error over the outputs for numbers.

    With label smoothing e, the answer of an example is 1 - e + e / classes for its own class and e / classes for each
    of the others (Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", CVPR 2016, section 7).

    Args:
        kind: of the task, "classification" or "regression".
        outputs: float of shape (..., examples, outputs).
        y: int64 of shape (..., examples) for classes, or float of the shape of the outputs for mixtures of them; float
            of the shape of the outputs for numbers.

    Returns:
        Float of shape (..., examples).
    """
    if kind == "regression":
        return (outputs - y).square().mean(-1)
    answers = y.flatten(0, -2) if y.is_floating_point() else y.flatten()
    flat = nn.functional.cross_entropy(
        outputs.flatten(0, -2), answers, reduction="none", label_smoothing=recipe.label_smoothing
    )
    return flat.view(outputs.shape[:-1])
