"""What was read of a user's own data: so that no misreading stays unseen."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reading:
    """What was read from a file, a folder or the network, and what it became.

    Attributes:
        kind: "table" or "images".
        examples: how many are used, of all splits together.
        features: how many of each sort, such as {"numbers": 4, "categories": 2}; empty for images.
        became: what each column became, in the order of the table, such as {"age": "number", "sex": "category (2)"}.
        classes: how many examples each class has, by its name; empty for a regression.
        splits: how the examples were divided, in words, such as "60/20/20 by class" or "as given".
        left_out: one sentence for each thing that was left out, filled or guessed.
    """

    kind: str
    examples: int
    features: Mapping[str, int] = field(default_factory=dict)
    became: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, int] = field(default_factory=dict)
    splits: str = ""
    left_out: tuple[str, ...] = ()
