"""A module's `forward` as a graph of calls, by `torch.fx`: what it does in eval mode, without its loops and conditions.

Reed, DeVito, He, Ussery, Ansel, "torch.fx: Practical Program Capture and Transformation for Deep Learning in Python",
MLSys 2022.
"""

import inspect
import operator
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import fx, nn

from nasedu.core import BadValue

FUNCTIONS: dict[type[nn.Module], Callable[..., torch.Tensor]] = {
    nn.ReLU: torch.relu,
    nn.Tanh: torch.tanh,
    nn.Sigmoid: torch.sigmoid,
}
"""Layers without weights, and how a person writes them in a `forward`."""


class Tracer(fx.Tracer):
    """Traces one module; what `is_leaf` says of the modules inside decides which are called and which are opened.

    Args:
        is_leaf: whether a module inside is called.
        outputs: what each module gave for an example: a tuple is a tuple in the trace, too.

    Attributes:
        calls: for each module that was opened or called, the number of calls in it.
        names: for a node, the variable that held it at the end of the `forward` that made it.
        members: for a node in a list or dictionary, a name made from that of the list: `nodes[2]` is node2.
    """

    proxy_buffer_attributes = True

    def __init__(self, is_leaf: Callable[[nn.Module], bool], outputs: Mapping[nn.Module, Any]):
        super().__init__()
        self._is_leaf = is_leaf
        self._outputs = outputs
        self.calls: Counter[nn.Module] = Counter()
        self.names: dict[fx.Node, str] = {}
        self.members: dict[fx.Node, str] = {}

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return self._is_leaf(m)

    def call_module(self, m: nn.Module, forward: Any, args: Any, kwargs: Any) -> Any:
        before = self._calls_so_far()
        result = super().call_module(m, forward, args, kwargs)
        self.calls[m] += self._calls_so_far() - before
        return _spread(result, self._outputs[m]) if self._is_leaf(m) else result

    def _calls_so_far(self) -> int:
        nodes = self.graph.nodes
        return sum(n.op.startswith("call_") and n.target not in (operator.getitem, getattr) for n in nodes)

    def graph_of(self, module: nn.Module, inputs: int = 1) -> fx.Graph:
        """Return the graph of a module with this number of inputs. Raise BadValue if its code cannot be traced."""
        self._wanted = inputs
        try:
            with self._watched({f.__code__ for m in module.modules() if (f := _own_forward(m))}):
                graph = self.trace(module)
        except Exception as error:  # anything that the module's own code may raise
            raise _untraceable(module, error) from error
        _simplify(graph, module)
        return graph

    def create_args_for_root(self, root_fn: Any, is_module: bool, concrete_args: Any = None) -> Any:
        """Return the inputs of `forward`; `*inputs` are as many as the module is given by its caller."""
        names: list[str] = []
        for name, parameter in list(inspect.signature(root_fn).parameters.items())[1:]:
            if parameter.kind is parameter.VAR_POSITIONAL:
                more = self._wanted - len(names)
                names += [f"{name.rstrip('s')}{i}" for i in range(more)] if more > 1 else ["x"]
            elif len(names) < self._wanted:
                names.append("x" if isinstance(self.root, nn.Sequential) else name)
        return root_fn, [self.root, *(self.create_proxy("placeholder", name, (), {}) for name in names)]

    @contextmanager
    def _watched(self, codes: set[Any]) -> Iterator[None]:
        """Learn the names of a `forward`'s variables, when it returns."""

        def watch(frame: Any, event: str, arg: Any) -> None:
            if event == "return" and frame.f_code in codes:
                for name, value in frame.f_locals.items():
                    self._name(name, value)

        if sys.getprofile() is not None:  # a profiler is running, and there is room for one: do without the names
            yield
            return
        sys.setprofile(watch)
        try:
            yield
        finally:
            sys.setprofile(None)

    def _name(self, name: str, value: Any) -> None:
        if isinstance(value, fx.Proxy):
            self.names[value.node] = name
        elif isinstance(value, list | dict) and name.endswith("s"):
            for key, part in value.items() if isinstance(value, dict) else enumerate(value):
                if isinstance(part, fx.Proxy):
                    self.members.setdefault(part.node, f"{name[:-1]}{key}")


def _own_forward(module: nn.Module) -> Any:
    forward = type(module).forward
    return forward if inspect.isfunction(forward) and not forward.__module__.startswith("torch.") else None


def _simplify(graph: fx.Graph, root: nn.Module) -> None:
    """Take out of a graph what changes nothing, and turn layers without weights into functions."""
    for node in list(graph.nodes):
        if node.op != "call_module":
            continue
        layer: Any = root.get_submodule(node.target)
        if isinstance(layer, nn.Identity):
            node.replace_all_uses_with(node.args[0])
            graph.erase_node(node)
        elif type(layer) in FUNCTIONS:
            node.op, node.target = "call_function", FUNCTIONS[type(layer)]
        elif isinstance(layer, nn.Flatten) and layer.end_dim == -1:
            node.op, node.target, node.args = "call_method", "flatten", (*node.args, layer.start_dim)
    graph.eliminate_dead_code(lambda node: node.op in ("placeholder", "output"))


def _spread(result: Any, example: Any) -> Any:
    """Return a traced result in the tuples of the real one: code may ask whether it is one."""
    if isinstance(example, tuple):
        return tuple(_spread(result[place], part) for place, part in enumerate(example))
    return result


def run(module: nn.Module, example: torch.Tensor) -> tuple[dict[nn.Module, tuple[Any, ...]], dict[nn.Module, Any]]:
    """Return what every module inside takes, and what it gives, when the whole is given an example."""
    inputs: dict[nn.Module, tuple[Any, ...]] = {}
    outputs: dict[nn.Module, Any] = {}

    def keep(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
        inputs[module], outputs[module] = (*args, *kwargs.values()), output

    hooks = [part.register_forward_hook(keep, with_kwargs=True) for part in module.modules()]
    with torch.inference_mode():
        module(example)
    for hook in hooks:
        hook.remove()
    return inputs, outputs


def values_of(module: nn.Module, graph: fx.Graph, inputs: Sequence[Any]) -> dict[fx.Node, Any]:
    """Return the value of every node of a module's graph. Raise BadValue if the graph does not fit these inputs."""
    found: dict[fx.Node, Any] = {}

    class Keeping(fx.Interpreter):
        def run_node(self, n: fx.Node) -> Any:
            found[n] = super().run_node(n)
            return found[n]

    try:
        with torch.inference_mode():
            Keeping(module, graph=graph, garbage_collect_values=False).run(*inputs)
    except Exception as error:
        raise _untraceable(module, error) from error
    return found


def _untraceable(module: nn.Module, error: Exception) -> BadValue:
    reason = str(error).strip().partition("\n")[0]
    return BadValue(
        f"the code of a {type(module).__name__} cannot be written as plain Python ({reason}): let no `if` or loop "
        "depend on a tensor, and write x.shape[0] instead of len(x); or export to torch"
    )
