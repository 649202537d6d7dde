"""The colours of every picture, told apart by colour-blind eyes too.

Okabe and Ito, "Color Universal Design", 2008. Nothing is said by colour alone. A method has the same colour in every
plot, widget and report: `methods`.
"""

from collections.abc import Sequence

BLUE, ORANGE, GREEN, RED = "#0072b2", "#e69f00", "#009e73", "#d55e00"
PURPLE, SKY, YELLOW, BLACK = "#cc79a7", "#56b4e9", "#f0e442", "#000000"
GREY = "#999999"

LINES = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY, BLACK, "#8c6d1f")
"""For lines that are many: yellow is too pale for a line, and a brown stands in for it."""

METHODS = {
    "random": "#767676",
    "hand-picked": "#8c6d1f",
    "you": "#d4145a",
    "q-learning": BLUE,
    "local-search": GREEN,
    "genetic": "#b07d48",
    "regularized-evolution": RED,
    "swarm": PURPLE,
    "reinforce": "#9c4674",
    "tpe": "#8a8a2b",
    "gp": "#7a6fd0",
    "cold": BLUE,
    "warm-q": SKY,
    "copy-best": ORANGE,
    "surrogate": "#7a6fd0",
    "mixture": PURPLE,
    "guarded": "#2fa39a",
    "warm-policy": "#9c4674",
}
"""The colours of controllers, of priors, and of what they are compared with. A cold search is Q-learning in blue."""


LAYERS = {
    "#ffffff": "input start",
    ORANGE: "pool mean max avg gap",
    SKY: "conv sep dil ir merge halve nor_conv",
    GREEN: "linear dense relu tanh",
    YELLOW: "norm positions batch layernorm",
    "#d9d9d9": "flatten rows first zeros identity none stop skip",
    PURPLE: "multihead attention heads self",
    "#a6d854": "lstm gru rnn simple",
}
"""The kinds of layers by their colour, as words in their titles and in choices: text on each of them is black."""
OTHER = "#c9b79c"

TASKS = {
    "what": BLUE,
    "where": ORANGE,
    "how-many": GREEN,
    "anywhere": RED,
    "gratings": PURPLE,
    "noisy-labels": "#7a6fd0",
    "noisy-pixels": SKY,
    "few": "#8c6d1f",
    "shuffled": "#767676",
    "same": "#2fa39a",
    "turned": "#9c4674",
    "glyphs": "#8a8a2b",
}
"""The colours of families of tasks: all of gratings/angle and gratings/width have one."""


def layer(title: str) -> str:
    """Return the colour of a layer, by its title or its choice: "Conv2d 3x3", "conv3-16", "dense64"."""
    name = title.lower()
    known = {word: colour for colour, words in LAYERS.items() for word in words.split()}
    starts = [known[word] for word in sorted(known, key=len, reverse=True) if name.startswith(word)]
    return (starts or [colour for word, colour in known.items() if word in name] or [OTHER])[0]


def task(name: str) -> str:
    """Return the colour of a task, by its family: the part of the name before the slash."""
    family = name.partition("/")[0]
    return TASKS.get(family) or LINES[sum(map(ord, family)) % len(LINES)]


def methods(labels: Sequence[str]) -> list[str]:
    """Return a colour for each label, all different while the palette lasts.

    A label that begins with a known name has its colour: "q-learning, own schedule" is blue, if "q-learning" is not
    among the labels. Every other label gets the next free colour of `LINES`.
    """
    found: dict[int, str] = {}
    by_length = sorted(METHODS, key=len, reverse=True)
    for exact in (True, False):
        for place, label in enumerate(labels):
            name = next((n for n in by_length if label == n or (not exact and label.startswith(n))), None)
            if place not in found and name and METHODS[name] not in found.values():
                found[place] = METHODS[name]
    free = [colour for colour in LINES if colour not in found.values()] or list(LINES)
    rest = [place for place in range(len(labels)) if place not in found]
    return [found.get(place) or free[rest.index(place) % len(free)] for place in range(len(labels))]


def methods_or_one(labels: Sequence[str], colour: str = BLUE) -> list[str]:
    """Return a colour for each label if one of them is a method; else one colour for all: they are no methods."""
    return methods(labels) if any(label in METHODS for label in labels) else [colour] * len(labels)
