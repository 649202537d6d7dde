"""What a training makes small."""

import torch
from torch import nn

from nasedu.trainers.recipe import Recipe


def losses_of(kind: str, outputs: torch.Tensor, y: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """Return the loss of each example: cross-entropy for classes, the mean squared error over the outputs for numbers.

    With label smoothing e, the answer of an example is 1 - e + e / classes for its own class and e / classes for each
    of the others (Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", CVPR 2016, section 7).

    Args:
        kind: of the task, "classification" or "regression".
        outputs: float of shape (examples, outputs) or (members, examples, outputs).
        y: int64 of the shape of the outputs but for its last dimension for classes, or float of the outputs' shape
            for mixtures of them; float of the shape of the outputs for numbers.

    Returns:
        Float of shape (examples) or (members, examples).
    """
    if kind == "regression":
        return (outputs - y).square().mean(-1)
    # torch wants the classes second; a population has its examples last in memory, and so nothing is copied.
    answers = y.movedim(-1, 1) if y.is_floating_point() else y
    classes_second = outputs.movedim(-1, 1)
    return nn.functional.cross_entropy(
        classes_second, answers, reduction="none", label_smoothing=recipe.label_smoothing
    )
