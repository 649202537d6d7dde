"""Prototypical networks: a class is the mean of its examples, and the nearest mean wins.

Snell, Swersky, Zemel, "Prototypical Networks for Few-shot Learning", NIPS 2017, sections 2.2 to 2.5.
"""

from typing import Any

import torch

from nasedu.metalearning.embedding import Embedding, centroids
from nasedu.metalearning.examples import check_support


class Prototypes(Embedding):
    """Learn features in which each class lies around one point; distances are squared Euclidean ones.

        learner = Prototypes(network)
        for step in learner.meta_train(FewShotTasks(held_out_glyphs("train"), ways=20, shots=5), steps=500):
            print(step.number, step.loss)

    It learns best from tasks of more ways than those that it will meet (section 3.1 of the paper). Arguments and errors
    are those of `Learner`.
    """

    def compare(self, features: torch.Tensor, y: torch.Tensor, ways: int, asked: torch.Tensor) -> torch.Tensor:
        """Return the negative squared distance to each prototype (equation 2)."""
        prototypes = centroids(features, y, ways)
        return -(asked[:, None] - prototypes[None]).square().sum(-1)

    def linear_layer(self, support: Any) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the same classifier as a linear layer of the features (equation 8): w = 2c and b = -|c|^2.

        Its outputs differ from `compare` by -|x|^2, which is the same for all classes.

        Returns:
            weight: (ways, features). bias: (ways,).
        """
        X, y = check_support(support, self.kinds, type(self).__name__, self.device)
        with torch.no_grad():
            prototypes = centroids(self.embed(X), y, int(y.max()) + 1)
        return 2 * prototypes, -prototypes.square().sum(1)
