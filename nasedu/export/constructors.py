"""Calls that build a network's layers again: `nn.Conv2d(1, 16, 3, padding=1)`, read from the layer's attributes.

The whole numbers of a call are its *sizes*. Calls that differ in their sizes alone have one form, and a class or
function of the exported file can build all of them.
"""

import inspect
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import nn

from nasedu.core import BadValue
from nasedu.spaces import layers

CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
WINDOWED = ("Conv", "Pool")
OMITTED = ("self", "device", "dtype", "inplace")


class Size(NamedTuple):
    """A whole number of a call: its argument, its value, and the value that the argument has where it is not given."""

    label: str
    value: int
    default: int | None


class Argument(NamedTuple):
    """An argument of a call: its value, with the sizes in it as places from 0, and the value that may be omitted."""

    name: str
    value: Any
    default: Any = inspect.Parameter.empty


class Call(NamedTuple):
    """A call with its arguments. An argument without a name is one of several, such as a layer of `nn.Sequential`."""

    name: str
    arguments: tuple[Argument, ...]

    def sizes(self) -> Iterator[Size]:
        """Yield the sizes in the order in which the call is written."""
        for argument in self.arguments:
            default = argument.default if is_size(argument.default) else None
            yield from _sizes(argument.name, argument.value, default)

    def form(self) -> Any:
        """Return all of the call but its sizes."""
        return self.name, tuple((a.name, _form(a.value)) for a in self.arguments)

    def text(self, sizes: Iterator[str]) -> str:
        """Return the call as Python, with these texts as its sizes; what an argument has anyway is not written."""
        written, texts = [], dict[str, str]()
        for name, value, default in self.arguments:
            texts[name] = text = _text(value, sizes)
            if default is inspect.Parameter.empty:
                written.append(text)
            elif text != texts.get(default, repr(default)):  # a pool's stride is its kernel_size
                written.append(f"{name}={text}")
        return f"{self.name}({', '.join(written)})"


def is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _sizes(label: str, value: Any, default: int | None = None) -> Iterator[Size]:
    if hasattr(value, "sizes"):
        yield from value.sizes()
    elif isinstance(value, tuple):
        for part in value:
            yield from _sizes(label, part)
    elif is_size(value):
        yield Size(label, value, default)


def _form(value: Any) -> Any:
    if hasattr(value, "form"):
        return value.form()
    if isinstance(value, tuple):
        return tuple(map(_form, value))
    return int if is_size(value) else (type(value), value)


def _text(value: Any, sizes: Iterator[str]) -> str:
    if hasattr(value, "text"):
        return value.text(sizes)
    if isinstance(value, tuple):
        parts = [_text(part, sizes) for part in value]
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
    return next(sizes) if is_size(value) else repr(value)


# ---------------------------------------------------------------------- torch's layers


def is_layer(module: nn.Module) -> bool:
    """Return whether one constructor call of torch makes the module."""
    if isinstance(module, layers.Dropout):
        return True
    return type(module).__module__.startswith("torch.nn.") and not isinstance(module, CONTAINERS)


def layer_call(layer: nn.Module) -> Call:
    """Return the call that makes a layer of torch.

    Raises:
        BadValue: a layer that does not keep what its constructor was given.
    """
    if isinstance(layer, layers.Dropout):
        return Call("nn.Dropout", (Argument("p", layer.p),))
    cls = type(layer)
    # RNN, GRU and LSTM take (*args, **kwargs), and document what their base takes.
    signed: Any = nn.RNNBase if isinstance(layer, nn.RNNBase) else cls
    arguments = [
        Argument(name, _value(layer, name, parameter.default), _default(layer, name, parameter.default))
        for name, parameter in inspect.signature(signed.__init__).parameters.items()
        if name not in OMITTED and (signed is cls or name != "mode")
    ]
    if getattr(layer, "nonlinearity", "tanh") != "tanh":
        arguments.append(Argument("nonlinearity", layer.nonlinearity, "tanh"))
    public = getattr(nn, cls.__name__, None) is cls
    return Call(f"nn.{cls.__name__}" if public else f"{cls.__module__}.{cls.__name__}", tuple(arguments))


def _value(layer: nn.Module, name: str, default: Any) -> Any:
    if name == "bias" and not isinstance(getattr(layer, "bias", True), bool):
        return layer.bias is not None
    value = getattr(layer, name, default)
    if value is inspect.Parameter.empty or isinstance(value, torch.Tensor | nn.Module):
        raise BadValue(
            f"the layer {layer} cannot be written as Python, because its argument {name!r} is not among its "
            "attributes: export to torch or onnx, or build it from other layers"
        )
    if isinstance(value, list | torch.Size):
        value = tuple(value)
    alike = isinstance(value, tuple) and len(set(value)) == 1
    if alike and (_windowed(layer) or (name == "normalized_shape" and len(value) == 1)):
        return value[0]
    return value


def _default(layer: nn.Module, name: str, default: Any) -> Any:
    return "kernel_size" if name == "stride" and default is None else default


def _windowed(layer: nn.Module) -> bool:
    return any(word in type(layer).__name__ for word in WINDOWED)


def sequential(calls: Sequence[Any]) -> Call:
    return Call("nn.Sequential", tuple(Argument("", call) for call in calls))


def tensor_call(tensor: torch.Tensor) -> Call:
    """Return the call that makes a tensor of this shape, to be filled from the file of weights."""
    arguments = [Argument("size", side) for side in tensor.shape] or [Argument("size", ())]
    if tensor.dtype != torch.get_default_dtype():
        arguments.append(Argument("dtype", _Word(tensor.dtype), None))
    shape = Call("torch.zeros", tuple(arguments))
    if isinstance(tensor, nn.Parameter):
        return Call("nn.Parameter", (Argument("data", shape),))
    return shape


class _Word(str):
    """A name of Python, which is written without quotation marks."""

    __repr__ = str.__str__
