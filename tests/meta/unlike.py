"""A synthetic table of tasks that want different things: three groups, and one task that is like none."""

from itertools import pairwise

import numpy as np

from nasedu import Table
from nasedu.core import rng_from
from nasedu.spaces.base import Space

GROUPS = (4, 4, 3, 1)


class Chain(Space):
    """Up to four layers of six kinds, none following itself; "stop" ends it: 936 architectures."""

    kinds = ("conv3", "conv5", "pool", "global", "dense", "skip")

    def start(self):
        return ()

    def choices(self, state):
        if state and state[-1] == "stop":
            return ()
        open_ = tuple(kind for kind in self.kinds if len(state) < 4 and kind not in state[-1:])
        return (*open_, "stop") if state else open_

    def step(self, state, choice):
        return (*state, choice)

    def build(self, architecture):
        raise LookupError("this space is for its table; its networks are not built here")


def table(seed: int = 0, noise: float = 0.15, own: float = 0.35) -> Table:
    """Scores of all architectures on twelve tasks, three seeds each, and chance levels and ranges of their own."""
    space, rng = Chain(), rng_from(seed, "unlike")
    architectures = list(space.enumerate())
    scores = {}
    for group, size in enumerate(GROUPS):
        common = worth(architectures, rng_from(seed, "group", group))
        for member in range(size):
            value = common + own * worth(architectures, rng_from(seed, "task", group, member))
            value = (value - value.mean()) / value.std()
            noisy = value[:, None] + noise * rng.normal(size=(len(value), 3))
            low, high = rng.uniform(0.1, 0.5), rng.uniform(0.6, 0.95)
            scores[f"g{group}-{member}"] = low + (high - low) / (1 + np.exp(-noisy))
    return Table(space, architectures, scores, name="unlike")


def worth(architectures, rng) -> np.ndarray:
    """Main effects of the choices at each place, of each choice anywhere, and of pairs that follow each other."""
    effects: dict = {}

    def effect(name, spread):
        if name not in effects:
            effects[name] = rng.normal() * spread
        return effects[name]

    values = []
    for a in architectures:
        value = sum(effect(("at", i, c), 0.5) for i, c in enumerate(a)) + sum(
            effect(("any", c), 0.7) for c in sorted(set(a))
        )
        value += sum(effect(("pair", *pair), 0.5) for pair in pairwise(a))
        values.append(value)
    found = np.array(values)
    return (found - found.mean()) / found.std()
