"""ANIL, almost no inner loop: only the last layer adapts.

Raghu, Raghu, Bengio, Vinyals, "Rapid Learning or Feature Reuse? Towards Understanding the Effectiveness of MAML", ICLR
2020, section 4.
"""

from typing import Any

from torch import nn

from nasedu.core import BadValue
from nasedu.metalearning.functional import Parameters
from nasedu.metalearning.maml import MAML


class ANIL(MAML):
    """MAML in which the inner steps move the last linear layer alone; the others are the same for all tasks.

    Arguments and errors are those of `InnerLoop`.

    Raises:
        BadValue: a network without a linear layer.
    """

    def __init__(self, network: nn.Module, **settings: Any):
        super().__init__(network, **settings)
        heads = [name for name, module in self.network.named_modules() if isinstance(module, nn.Linear)]
        if not heads:
            raise BadValue("ANIL adapts the last linear layer, and this network has none; use MAML")
        self.head = heads[-1]

    def moved(self, learned: Parameters, parameters: Parameters, gradient: Parameters) -> Parameters:
        """Return the parameters after one step of the head."""
        after = super().moved(learned, parameters, gradient)
        return {name: after[name] if name.startswith(self.head) else weight for name, weight in parameters.items()}
