"""A network as definitions: the classes and functions from which a file builds it, each written once.

- A **layer** of torch is a constructor call in the definition that holds it.
- A **block** (layers in sequence with a name, `nasedu.spaces.layers.Block`) is a function, if it occurs twice.
- A **module** with code of its own is a class, if it is large or occurs twice; otherwise its code is part of the
  class around it. So is a sequence without a name.

Modules of one form, which differ in their sizes alone, share a definition. What differs is a parameter of it.
"""

import keyword
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import nn

from nasedu.export.constructors import Call, Size, is_layer, layer_call, sequential, tensor_call
from nasedu.export.statements import Body
from nasedu.export.tracing import Tracer, run, values_of

SMALL, LARGE = 3, 6
"""Calls of a module that is never a class of its own, and of one that is a class even if it occurs once."""

TAKEN = ("Network", "CLASSES", "WEIGHTS", "load", "prepare", "Path", "torch", "nn", "load_file")
"""Names that the file uses already."""

KINDS = {"Conv": "conv", "Norm": "norm", "Linear": "linear", "Pool": "pool", "Dropout": "dropout", "Embedding": "embed"}


class Reference(NamedTuple):
    """A call of a definition, with the sizes of everything in it."""

    definition: "Definition"
    all_sizes: tuple[Size, ...]

    def sizes(self) -> Iterator[Size]:
        yield from self.all_sizes

    def form(self) -> Any:
        return id(self.definition)

    def text(self, sizes: Iterator[str]) -> str:
        given = [next(sizes) for _ in self.all_sizes]
        if self.definition.is_function and not self.definition.is_shared:
            return self.definition.call.text(iter(given))
        return self.definition.invoked(given)


class Parameter(NamedTuple):
    """A parameter of a definition: the places of the sizes that it stands for."""

    name: str
    places: tuple[int, ...]
    default: int | None


class Definition:
    """A class or a function, and every set of sizes with which the network uses it.

    Attributes:
        name: of the class or function.
        attributes: what a class holds: (attribute, call).
        body: lines of its `forward`; none for a function.
        inputs: of its `forward`.
        uses: how often the text of the file mentions it.
    """

    def __init__(self, name: str, attributes: Sequence[tuple[str, Any]], body: Sequence[str], inputs: Sequence[str]):
        self.name, self.attributes, self.body, self.inputs = name, attributes, body, inputs
        self.note = ""
        self.uses = 0
        self._instances: dict[tuple[Size, ...], None] = {}

    @property
    def is_function(self) -> bool:
        return not self.body

    @property
    def is_shared(self) -> bool:
        return self.uses > 1

    @property
    def call(self) -> Any:
        """Return the call that a function returns."""
        return self.attributes[0][1]

    def used(self) -> Reference:
        sizes = tuple(size for _, call in self.attributes for size in call.sizes())
        return Reference(self, sizes)

    def add(self, reference: Reference) -> None:
        self._instances[reference.all_sizes] = None

    def parameters(self) -> list[Parameter]:
        """Return the parameters: one for all sizes that are equal in every use, and differ between uses."""
        groups: dict[tuple[int, ...], list[tuple[int, Size]]] = {}
        for place, column in enumerate(zip(*self._instances, strict=True)):
            values = tuple(size.value for size in column)
            if len(set(values)) > 1:
                groups.setdefault(values, []).append((place, column[0]))
        found: list[Parameter] = []
        for group in groups.values():
            labels = [size.label for _, size in group]
            label = "channels" if {"in_channels", "out_channels"} <= set(labels) else labels[0]
            name = _free(label, [parameter.name for parameter in found])
            defaults = {size.default for _, size in group}
            default = defaults.pop() if len(defaults) == 1 else None
            found.append(Parameter(name, tuple(place for place, _ in group), default))
        return sorted(found, key=lambda parameter: parameter.default is not None)

    def signature(self) -> list[str]:
        return [f"{name}: int" + ("" if d is None else f" = {d}") for name, _, d in self.parameters()]

    def size_texts(self) -> Iterator[str]:
        """Yield for each size its number, or the parameter that stands for it."""
        names = {place: name for name, places, _ in self.parameters() for place in places}
        first = next(iter(self._instances))
        yield from (names.get(place, str(size.value)) for place, size in enumerate(first))

    def invoked(self, sizes: Sequence[str]) -> str:
        """Return a call of the definition for these sizes."""
        parameters = self.parameters()
        values = [(name, sizes[places[0]], default) for name, places, default in parameters]
        required = [(name, value) for name, value, default in values if default is None]
        given = [value if len(required) < 4 else f"{name}={value}" for name, value in required]
        given += [f"{name}={value}" for name, value, d in values if d is not None and value != str(d)]
        return f"{self.name}({', '.join(given)})"


class Definitions:
    """All definitions of a network, in the order in which a file needs them; the last one is the network itself.

    Attributes:
        weights: each parameter and buffer of the network, under its name in the file.
    """

    def __init__(self, network: nn.Module, example: torch.Tensor, reserved: Iterable[str] = ()):
        self._inputs, self._outputs = run(network, example)
        self._survey = Tracer(lambda module: is_layer(module) or is_block(module), self._outputs)
        self._survey.graph_of(network)
        self._count = Counter(type(module) for module in network.modules())
        self._known: dict[Any, Definition] = {}
        self.weights: dict[str, torch.Tensor] = {}
        root = self._class(network, "", "Network")
        root.definition.add(root)
        self._mention(root.definition)
        self.all = [d for d in self._known.values() if d.is_shared or not d.is_function]
        taken = {*TAKEN, *reserved}
        for definition in self.all[:-1]:
            definition.name = _free(definition.name, taken)
            taken.add(definition.name)

    def _mention(self, definition: Definition) -> None:
        """Count how often each definition is mentioned, by walking through each of them once."""
        definition.uses += 1
        if definition.uses == 1:
            for _, call in definition.attributes:
                self._mention_in(call)

    def _mention_in(self, call: Any) -> None:
        if isinstance(call, Reference):
            self._mention(call.definition)
        elif isinstance(call, Call):
            for argument in call.arguments:
                self._mention_in(argument.value)

    # ------------------------------------------------------------------ what becomes of a module

    def _stands_alone(self, module: nn.Module, within: nn.Module) -> bool:
        """Return whether a module is one thing for the class around it, which calls it and does not open it."""
        if is_layer(module) or is_block(module):
            return True
        if isinstance(module, nn.Sequential):
            return False
        calls, most = self._survey.calls[module], layers_in(module) > layers_in(within) / 2
        return not most and (calls > LARGE or (calls > SMALL and self._count[type(module)] > 1))

    def _call(self, module: nn.Module, path: str) -> Any:
        """Return the call that makes a module which stands alone; its weights are collected under `path`."""
        if is_block(module):
            return self._block(module, path)
        if not is_layer(module):
            reference = self._class(module, path, type(module).__name__)
            reference.definition.add(reference)
            return reference
        self._collect(module, path)
        return layer_call(module)

    def _collect(self, module: nn.Module, path: str) -> None:
        for name, tensor in module.state_dict(keep_vars=True).items():
            self.weights[f"{path}.{name}"] = tensor

    def _block(self, module: nn.Module, path: str) -> Any:
        layers = [layer for layer in flat(module) if not isinstance(layer, nn.Identity)]
        if len(layers) == 1:
            return self._call(layers[0], path)
        call = sequential([self._call(layer, f"{path}.{i}") for i, layer in enumerate(layers)])
        reference = self._defined(identifier(getattr(module, "drawing", "block")), [("", call)], [], [])
        reference.definition.add(reference)
        return reference

    def _class(self, module: nn.Module, path: str, name: str) -> Reference:
        inputs = self._inputs[module]
        tracer = Tracer(lambda child: self._stands_alone(child, module), self._outputs)
        graph = tracer.graph_of(module, len(inputs))
        targets = list(dict.fromkeys(str(n.target) for n in graph.nodes if n.op in ("call_module", "get_attr")))
        things = {target: _found(module, target) for target in targets}
        named = attribute_names(things, last="output" if not path else "")
        prefix = f"{path}." if path else ""
        attributes = []
        for target, thing in things.items():
            attribute = named[target]
            if isinstance(thing, nn.Module):
                attributes.append((attribute, self._call(thing, prefix + attribute)))
            else:
                self.weights[prefix + attribute] = thing
                attributes.append((attribute, tensor_call(thing)))
        values = values_of(module, graph, inputs)
        notes = {node: shape for node, value in values.items() if (shape := shape_of(value, inputs[0]))}
        lengths = {node: len(value) for node, value in values.items() if isinstance(value, tuple)}
        body = Body(graph, named, lambda target: is_light(things[target]), tracer, {} if path else notes, lengths)
        reference = self._defined(name, attributes, body.lines(8), body.inputs)
        reference.definition.note = reference.definition.note or _first_sentence(module)
        return reference

    def _defined(
        self, name: str, attributes: Sequence[tuple[str, Any]], body: Sequence[str], inputs: Sequence[str]
    ) -> Reference:
        """Return a use of a definition: of one that is known already, if it has the same form."""
        form = (name, tuple((a, call.form()) for a, call in attributes), tuple(body))
        definition = self._known.get(form)
        new = Definition(name, attributes, body, inputs)
        if definition is None:
            definition = self._known[form] = new
        return Reference(definition, new.used().all_sizes)


# ---------------------------------------------------------------------- modules


def flat(chain: nn.Module) -> Iterator[nn.Module]:
    """Yield the layers of a sequence; sequences within it are part of it."""
    for module in chain.children():
        if isinstance(module, nn.Sequential):
            yield from flat(module)
        else:
            yield module


def is_block(module: nn.Module) -> bool:
    """Return whether a module is a sequence of layers with a name, which says what it is."""
    named = isinstance(module, nn.Sequential) and hasattr(module, "drawing")
    return named and type(module).forward is nn.Sequential.forward and all(map(is_layer, flat(module)))


def is_light(thing: Any) -> bool:
    """Return whether a layer is written around its input: normalisation and dropout."""
    return any(word in type(thing).__name__ for word in ("Norm", "Dropout"))


def _found(module: nn.Module, path: str) -> Any:
    found: Any = module
    for name in path.split("."):
        found = getattr(found, name)
    return found


def layers_in(module: nn.Module) -> int:
    return sum(map(is_layer, module.modules()))


def shape_of(value: Any, x: Any) -> str:
    """Return the shape of one example in a batch as large as `x`, `16 x 8 x 8`; empty for anything else."""
    batched = isinstance(value, torch.Tensor) and value.shape[:1] == x.shape[:1]
    return " x ".join(map(str, value.shape[1:])) if batched else ""


# ---------------------------------------------------------------------- names


def attribute_names(things: dict[str, Any], last: str) -> dict[str, str]:
    """Return an attribute for each path: its own name, or its kind and a number (`conv1`) where the path has numbers.

    Args:
        things: modules and tensors, by their paths.
        last: what the last linear layer is called; "" for nothing special.
    """
    wanted = {path: _wanted(path, thing) for path, thing in things.items()}
    linear = [path for path, thing in things.items() if isinstance(thing, nn.Linear)]
    if last and linear and wanted[linear[-1]] == "linear":
        wanted[linear[-1]] = last
    total = Counter(wanted.values())
    number: Counter[str] = Counter()
    names: dict[str, str] = {}
    for path, name in wanted.items():
        number[name] += 1
        alone = total[name] == 1
        joint = "_" if name[-1].isdigit() else ""
        names[path] = _free(name if alone else f"{name}{joint}{number[name]}", names.values())
    return names


def _wanted(path: str, thing: Any) -> str:
    *_, own = path.split(".")
    if not re.search(r"\d", path) or isinstance(thing, torch.Tensor):
        return identifier(own)
    if is_block(thing):
        return identifier(thing.drawing)
    name = type(thing).__name__
    kind = next((kind for word, kind in KINDS.items() if word in name), None)
    return kind or identifier(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name))


def identifier(title: str) -> str:
    """Return a title as a name of Python: "Conv 3×3" as conv_3x3."""
    name = re.sub(r"\W+", "_", title.replace("×", "x"), flags=re.ASCII).strip("_").lower()
    fits = name.isidentifier() and not keyword.iskeyword(name) and not hasattr(nn.Module, name)
    return name if fits else f"block_{name}".rstrip("_")


def _free(name: str, taken: Any) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}" if name[-1].isdigit() else f"{name}{number}"
    return free


def _first_sentence(module: nn.Module) -> str:
    own = "" if type(module).__module__.startswith("torch.") else type(module).__doc__ or ""
    return re.split(r"(?<=[.])\s|\n\s*\n", own.strip())[0].replace('"""', "")
