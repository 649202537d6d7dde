"""Settings that work on the tasks of the package: what `nasedu metatrain` takes unless it is told otherwise.

They were chosen on waves of other seeds and on the validation scripts.
"""

from typing import Any

WAVES: dict[str, tuple[int, dict[str, Any]]] = {
    "maml": (2000, {"meta_rate": 0.01, "batch": 25}),
    "first-order-maml": (2500, {"meta_rate": 0.01, "batch": 25}),
    "reptile": (1000, {"meta_rate": 0.005, "inner_rate": 0.02, "batch": 25}),
    "anil": (2000, {"meta_rate": 0.01, "batch": 25}),
    "meta-sgd": (600, {"meta_rate": 0.005, "batch": 25, "inner_steps": 5, "every_step": True}),
}
"""For numbers as answers: the meta-steps and the settings of a method."""

IMAGES: dict[str, tuple[int, dict[str, Any]]] = {
    **dict.fromkeys(
        ("maml", "first-order-maml", "anil", "meta-sgd"), (300, {"meta_rate": 0.003, "inner_rate": 0.1, "batch": 8})
    ),
    "metanas": (30, {"meta_rate": 0.01, "inner_rate": 0.3, "minibatch": 10, "batch": 5}),
    **dict.fromkeys(("prototypes", "matching"), (1000, {"meta_rate": 0.006, "batch": 1})),
    **dict.fromkeys(("centroid", "linear-probe", "fine-tuning"), (1000, {"meta_rate": 0.006, "batch": 120})),
}
"""For classes as answers."""

WIDER = {"prototypes": 20, "matching": 20}
"""Methods that learn from tasks of more ways than they are tested on, and of how many (see `Prototypes`)."""


def usual(method: str, kind: str) -> tuple[int, dict[str, Any]]:
    """Return the number of meta-steps and the settings of a method for "classification" or "regression".

    One that is not in the tables has 500 steps, and the settings of its class.
    """
    steps, settings = (WAVES if kind == "regression" else IMAGES).get(method, (500, {}))
    return steps, dict(settings)
