"""A network's computation on one example, as a graph: which layer reads which layer's output.

An example of zeros goes through the network. Hooks report every layer, and a mode of torch reports every function
between the layers, such as the sum in `main(x) + shortcut(x)`. The network's code in between (loops, conditions,
dictionaries) is run, not analysed, so every network can be traced.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

FUNCTIONS = {"add": "+", "radd": "+", "iadd": "+", "sub": "-", "mul": "×", "cat": "join", "concat": "join"}


class Node(NamedTuple):
    """One layer or function of the trace."""

    title: str
    shape: tuple[int, ...]  # of its output, the batch not counted
    parameters: int
    sources: tuple[int, ...]  # places of the nodes that it reads; always earlier ones
    layer: bool  # whether it is a layer; else a function between layers


def trace(network: nn.Module, input_shape: tuple[int, ...]) -> list[Node]:
    """Return the nodes of a network in the order in which they ran: first the input, at the end the output."""
    network.eval()
    recorder = Recorder(network)
    example = torch.zeros(1, *input_shape)
    recorder.add("input", [], example, 0, layer=True)
    hooks = list(recorder.hooks())
    try:
        with torch.no_grad(), recorder:
            network(example)
    finally:
        for hook in hooks:
            hook.remove()
    return recorder.nodes


class Recorder(TorchFunctionMode):
    """Records for every tensor which node it came from."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network
        self.nodes: list[Node] = []
        self._origin: dict[int, int] = {}
        self._kept: list[torch.Tensor] = []  # keeps tensors alive, so that no two of them have the same id
        self._inside = 0  # number of layers that are running: functions inside a layer are not recorded
        self._counted: set[int] = set()

    # ------------------------------------------------------------------ layers

    def hooks(self) -> Iterator[Any]:
        """Yield the handles of hooks on every module that counts as one layer."""
        for module in layers_of(self.network):
            yield module.register_forward_pre_hook(self._enter)
            yield module.register_forward_hook(self._leave, with_kwargs=True)

    def _enter(self, _module: nn.Module, _args: Any) -> None:
        self._inside += 1

    def _leave(self, module: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        self._inside -= 1
        if self._inside:
            return
        results, sources = tensors(output), self._sources((args, kwargs))
        if results and self._is_quiet(module, sources, results[0]):
            self._pass_on(results, sources[0])
        elif results:
            self.add(title(module), sources, results, self._count(module), layer=True)

    def _is_quiet(self, module: nn.Module, sources: list[int], result: torch.Tensor) -> bool:
        """Return whether a layer only acts on numbers one by one, such as an activation or dropout: it is not drawn."""
        if len(sources) != 1 or hasattr(module, "drawing") or "Pool" in type(module).__name__:
            return False
        return not list(module.parameters()) and tuple(result.shape[1:]) == self.nodes[sources[0]].shape

    def _count(self, module: nn.Module) -> int:
        fresh = [p for p in module.parameters() if id(p) not in self._counted]
        self._counted.update(map(id, fresh))
        return sum(p.numel() for p in fresh)

    # ------------------------------------------------------------------ functions

    def __torch_function__(self, func: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        output = func(*args, **(kwargs or {}))
        if not self._inside:
            self._between(func, (args, kwargs or {}), output)
        return output

    def _between(self, func: Any, given: Any, output: Any) -> None:
        results, sources = tensors(output), self._sources(given)
        own = [p for p in tensors(given) if isinstance(p, nn.Parameter) and id(p) not in self._counted]
        if not results or not (sources or own):
            return
        self._counted.update(map(id, own))
        parameters = sum(p.numel() for p in own)
        numbers = {t.numel() for t in tensors(given) if id(t) in self._origin}
        if len(sources) == 1 and not parameters and {t.numel() for t in results} == numbers:
            self._pass_on(results, sources[0])  # it only moves numbers, or changes them one by one
        else:
            name = getattr(func, "__name__", str(func)).strip("_")
            self.add(FUNCTIONS.get(name, name), sources, results, parameters, layer=False)

    # ------------------------------------------------------------------ book-keeping

    def add(self, name: str, sources: list[int], output: Any, parameters: int, *, layer: bool) -> None:
        """Add one node, and remember the tensors that came out of it."""
        results = tensors(output)
        shape = tuple(results[0].shape[1:])
        self.nodes.append(Node(name, shape, parameters, tuple(sources), layer))
        self._pass_on(results, len(self.nodes) - 1)

    def _pass_on(self, results: list[torch.Tensor], node: int) -> None:
        for tensor in results:
            self._origin[id(tensor)] = node
            self._kept.append(tensor)

    def _sources(self, given: Any) -> list[int]:
        """Return the nodes that these arguments came from, each once."""
        return list(dict.fromkeys(self._origin[id(t)] for t in tensors(given) if id(t) in self._origin))


def tensors(value: Any) -> list[torch.Tensor]:
    """Return all tensors in nested tuples, lists and dictionaries, in order."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [t for item in value for t in tensors(item)] if isinstance(value, tuple | list) else []


def layers_of(module: nn.Module) -> Iterator[nn.Module]:
    """Yield the modules that are drawn as one layer: with a `drawing`, torch's own, or without submodules."""
    containers = nn.Sequential | nn.ModuleList | nn.ModuleDict
    torchs = type(module).__module__.startswith("torch.nn") and not isinstance(module, containers)
    if hasattr(module, "drawing") or torchs or not list(module.children()):
        yield module
        return
    for child in module.children():
        yield from layers_of(child)


def title(module: Any) -> str:
    """Return the title of a layer in a picture: a word, then details."""
    if hasattr(module, "drawing"):
        return str(module.drawing)
    kind = type(module).__name__
    if kind.startswith("Conv"):
        return f"{kind} {_measure(module.kernel_size)}"
    if kind.startswith("AdaptiveAvgPool"):
        return "AvgPool global"
    if "Pool" in kind and hasattr(module, "stride"):
        return f"{kind.rstrip('123d')} {_measure(module.kernel_size)}, stride {_measure(module.stride)}"
    return kind


def _measure(size: int | tuple[int, ...]) -> str:
    return "×".join(map(str, size)) if isinstance(size, tuple) else str(size)
