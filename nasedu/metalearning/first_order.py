"""First-order MAML: the same, as if the gradients of the inner steps did not depend on the start.

Finn, Abbeel, Levine, ICML 2017, section 5.2 ("first order approximation"); Nichol, Achiam, Schulman, "On First-Order
Meta-Learning Algorithms", 2018, section 3.
"""

from nasedu.metalearning.functional import Parameters
from nasedu.metalearning.inner_loop import detached
from nasedu.metalearning.maml import MAML


class FirstOrderMAML(MAML):
    """MAML without second derivatives.

    Arguments and errors are those of `InnerLoop`.
    """

    def moved(self, learned: Parameters, parameters: Parameters, gradient: Parameters) -> Parameters:
        """Return the parameters after one step; the gradient counts as a constant."""
        return super().moved(learned, parameters, detached(gradient))
