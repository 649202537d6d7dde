"""The layers that the words of a grammar stand for.

A word is bound to a *factory*: a function from the shape of one example to a torch module that takes a batch of them.
Every factory here fits every shape. A convolution reads a flat vector as an image of one pixel, a dense layer flattens
an image, and a window is never larger than the image. The network therefore runs with any order of layers.
"""

import re
import sys
from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING

from nasedu.core import BadValue

if TYPE_CHECKING:
    from torch import nn

Shape = tuple[int, ...]
Factory = Callable[[Shape], "nn.Module"]

WORDS = "conv3-16, sep3-16, pool2, avgpool2, dense64, relu, tanh, norm, dropout0.2, gap, flatten, nothing"
"""One example of each layer that needs no binding."""


def factory(word: str) -> Factory | None:
    """Return the factory that the name of a layer stands for; None for any other word."""
    for pattern, make in PATTERNS.items():
        found = re.fullmatch(pattern, word)
        if found:
            numbers = [float(n) if "." in n else int(n) for n in found.groups()]
            return lambda shape: make(shape, *numbers)
    return None


def importable_name(word: str, bound: object) -> str:
    """Return what a word is bound to, as text for a store: the name of a layer, or `module:function`.

    Raises:
        BadValue: it is neither a layer nor a function that can be found by its name.
    """
    if isinstance(bound, str):
        if factory(bound) or _function(bound):
            return bound
        raise BadValue(
            f"the word {word!r} is bound to {bound!r}, which is neither a layer ({WORDS}) nor the module:function of a "
            "module that is imported"
        )
    name = f"{getattr(bound, '__module__', '')}:{getattr(bound, '__qualname__', '')}"
    if callable(bound) and _function(name) is bound:
        return name
    raise BadValue(
        f"the word {word!r} is bound to {bound!r}, which cannot be found again by name when a study is continued: bind "
        "a function that is defined at the top of a module or a notebook, no lambda"
    )


def resolve(text: str) -> Factory:
    """Return the factory for a text that `importable_name` gave."""
    made = factory(text) or _function(text)
    if made is None:
        raise BadValue(f"{text!r} is bound no longer: import its module first")
    return made


def _function(text: str) -> Factory | None:
    """Return the function `module:name` if its module is imported; a name in a store never imports a module."""
    module, _, path = text.partition(":")
    thing: object = sys.modules.get(module)
    for part in path.split("."):
        thing = getattr(thing, part, None)
    return thing if path and callable(thing) else None


# ---------------------------------------------------------------------- layers


def _image(shape: Shape) -> "tuple[list[nn.Module], Shape]":
    """Return the layers that make an image of any shape, and the image's shape."""
    from torch import nn

    if len(shape) == 3:
        return [], shape
    if len(shape) == 1:
        return [nn.Unflatten(1, (shape[0], 1, 1))], (shape[0], 1, 1)
    return [nn.Flatten(2), nn.Unflatten(1, (1, shape[0]))], (1, shape[0], prod(shape[1:]))


def _one(layers: "list[nn.Module]") -> "nn.Module":
    from torch import nn

    return layers[0] if len(layers) == 1 else nn.Sequential(*layers)


def _conv(shape: Shape, kernel: int, filters: int) -> "nn.Module":
    from torch import nn

    view, (channels, *_) = _image(shape)
    return _one([*view, nn.Conv2d(channels, filters, kernel, padding="same"), nn.ReLU()])


def _separable(shape: Shape, kernel: int, filters: int) -> "nn.Module":
    from torch import nn

    view, (channels, *_) = _image(shape)
    depthwise = nn.Conv2d(channels, channels, kernel, padding="same", groups=channels)
    return _one([*view, depthwise, nn.Conv2d(channels, filters, 1), nn.ReLU()])


def _pool(shape: Shape, window: int, kind: str) -> "nn.Module":
    from torch import nn

    view, (_, height, width) = _image(shape)
    cls = nn.MaxPool2d if kind == "max" else nn.AvgPool2d
    fitting = min(window, height), min(window, width)
    return _one([*view, cls(window if fitting == (window, window) else fitting)])


def _dense(shape: Shape, units: int) -> "nn.Module":
    from torch import nn

    return _one([*_flat(shape), nn.Linear(prod(shape), units), nn.ReLU()])


def _flat(shape: Shape) -> "list[nn.Module]":
    from torch import nn

    return [] if len(shape) == 1 else [nn.Flatten()]


def _gap(shape: Shape) -> "nn.Module":
    from nasedu.spaces.layers import GlobalAverage

    view, _ = _image(shape)
    return _one([*view, GlobalAverage()])


def _norm(shape: Shape) -> "nn.Module":
    from torch import nn

    if len(shape) == 1:
        return nn.BatchNorm1d(shape[0])
    view, (channels, *_) = _image(shape)
    return _one([*view, nn.BatchNorm2d(channels)])


def _dropout(shape: Shape, probability: float) -> "nn.Module":
    from nasedu.spaces.layers import Dropout

    return Dropout(probability)


def _plain(name: str) -> "Callable[[Shape], nn.Module]":
    def make(shape: Shape) -> "nn.Module":
        from torch import nn

        return getattr(nn, name)()

    return make


COUNT, WINDOW = r"([1-9]\d{0,3})", r"([1-9]\d?)"
"""Numbers in a word: units of a layer have four digits at most, a window has two."""

PATTERNS: dict[str, Callable[..., "nn.Module"]] = {
    rf"conv{WINDOW}-{COUNT}": _conv,
    rf"sep{WINDOW}-{COUNT}": _separable,
    rf"pool{WINDOW}": lambda shape, window: _pool(shape, window, "max"),
    rf"avgpool{WINDOW}": lambda shape, window: _pool(shape, window, "mean"),
    rf"dense{COUNT}": _dense,
    r"dropout(0\.\d+)": _dropout,
    "relu": _plain("ReLU"),
    "tanh": _plain("Tanh"),
    "norm": _norm,
    "gap": _gap,
    "flatten": _plain("Flatten"),
    "nothing": _plain("Identity"),
}
"""conv, sep and dense end in ReLU, as conv and dense do in chain-cnn."""
