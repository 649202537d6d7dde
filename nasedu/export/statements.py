"""A graph as the statements of a `forward`: what is used once is written where it is used, what ends frees its name."""

import ast
import inspect
import keyword
import math
import operator
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

import torch
from torch import fx, nn
from torch.fx.graph import magic_methods

from nasedu.core import BadValue
from nasedu.export.layout import WIDTH, lines, text
from nasedu.export.tracing import Tracer

LONGEST = 64
"""Characters of an expression that is still written inside another one."""
LONGEST_NAMED = 32
"""The same, if the original code gives its value a name."""
RESERVED = {"self", "torch", "nn", "float"}
INPLACE = {"iadd": "add", "isub": "sub", "imul": "mul", "itruediv": "truediv"}


class Body:
    """The statements of one `forward`.

    Args:
        graph: what it computes.
        attributes: for each path of a module or tensor in the graph, the attribute that holds it.
        is_light: whether a module is written around its input, `self.norm(self.conv(x))`, and not on a line of its own.
        trace: what made the graph; it has the names of the original code.
        notes: for a node, a comment.
        lengths: for a node that is a tuple, the number of its parts.
    """

    def __init__(
        self,
        graph: fx.Graph,
        attributes: Mapping[str, str],
        is_light: Callable[[str], bool],
        trace: Tracer,
        notes: Mapping[fx.Node, str],
        lengths: Mapping[fx.Node, int],
    ):
        self.graph = graph
        self._attributes = attributes
        self._is_light = is_light
        self._trace = trace
        self._notes = notes
        self._lengths = lengths
        self._codes: dict[fx.Node, str] = {}
        self._inside: set[fx.Node] = set()  # values that are to be written where they are used
        self._statements: list[tuple[list[fx.Node], ast.expr]] = []
        self._uses: Counter[fx.Node] = Counter()
        for node in graph.nodes:
            fx.node.map_arg((node.args, node.kwargs), lambda n: self._uses.update([n]))
        self._given = {node.name: str(node.target) for node in graph.nodes if node.op == "placeholder"}
        self.inputs = list(self._given.values())

    def lines(self, indent: int) -> list[str]:
        """Return the lines of the statements, the last one `return ...`."""
        self._room = WIDTH - indent - len("variable = ")
        for node in self.graph.nodes:
            if node in self._codes:  # a variable already, as a part of an unpacked tuple
                continue
            if node.op == "placeholder":
                self._codes[node] = node.name
                continue
            code = self._code(node)
            while len(text(_parsed(code))) > self._room and self._inside & set(node.all_input_nodes):
                self._take_out(max(self._inside & set(node.all_input_nodes), key=lambda n: len(self._codes[n])))
                code = self._code(node)
            self._codes[node] = f"({code})"
            if node.op != "get_attr":
                self._inside.add(node)
            if node.op == "output" or (node.op != "get_attr" and not self._goes_inside(node, code)):
                self._take_out(node)
        return self._written(indent)

    def _take_out(self, node: fx.Node) -> None:
        """Make a statement of a value that was to be written where it is used."""
        self._inside.remove(node)
        targets = self._unpacked(node) or [node]
        self._statements.append((targets, _parsed(self._codes[node])))
        for target in targets:
            self._codes[target] = target.name

    def _unpacked(self, node: fx.Node) -> list[fx.Node]:
        """Return the parts of a tuple, if the code uses nothing else of it: `height, width = x.shape[2:]`."""
        parts = list(node.users)
        indices = [user.args[1] if user.target is operator.getitem else None for user in parts]
        return parts if node in self._lengths and indices == list(range(self._lengths[node])) else []

    # ------------------------------------------------------------------ the code of a node

    def _code(self, node: fx.Node) -> str:
        if node.op == "output":
            return self._value(node.args[0])
        if node.op == "get_attr":
            return f"self.{self._attributes[str(node.target)]}"
        positional = [self._value(value) for value in node.args]
        named = [f"{name}={self._value(value)}" for name, value in node.kwargs.items()]
        if node.op == "call_module":
            return f"self.{self._attributes[str(node.target)]}({', '.join([*positional, *named])})"
        if node.op == "call_method":
            return f"{positional[0]}.{node.target}({', '.join([*positional[1:], *named])})"
        return self._function(node.target, node.args, positional, named)

    def _function(self, function: Any, given: Any, positional: list[str], named: list[str]) -> str:
        name = INPLACE.get(function.__name__, function.__name__)
        if function is getattr:
            return f"{positional[0]}.{given[1]}"
        if function is operator.getitem:
            return f"{positional[0]}[{self._index(given[1])}]"
        if function.__module__ == "_operator" and name in magic_methods:
            return f"({magic_methods[name].format(*positional)})"
        for place, where in (("torch", torch), ("nn.functional", nn.functional)):
            if getattr(where, name, None) is function:
                named = [one for one in named if one not in _defaults(function)]
                return f"{place}.{name}({', '.join([*positional, *named])})"
        raise BadValue(
            f"a network calls {function.__module__}.{name}, which plain PyTorch does not have: use functions of torch "
            "alone, or export to torch or onnx"
        )

    def _value(self, value: Any) -> str:
        if isinstance(value, fx.Node):
            return self._codes[value]
        if isinstance(value, tuple | list):
            parts = [self._value(part) for part in value]
            return f"[{', '.join(parts)}]" if isinstance(value, list) else f"({''.join(f'{p}, ' for p in parts)})"
        if isinstance(value, dict):
            return f"{{{', '.join(f'{key!r}: {self._value(part)}' for key, part in value.items())}}}"
        if isinstance(value, float) and not math.isfinite(value):
            return f'float("{value}")'
        return repr(str(value) if isinstance(value, torch.device) else value)

    def _index(self, index: Any) -> str:
        if isinstance(index, slice):
            start, stop, step = (
                "" if end is None else self._value(end) for end in (index.start, index.stop, index.step)
            )
            return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"
        if isinstance(index, tuple):
            return ", ".join(map(self._index, index)) + ("," if len(index) == 1 else "")
        return "..." if index is Ellipsis else self._value(index)

    def _goes_inside(self, node: fx.Node, code: str) -> bool:
        """Return whether a value is written where it is used."""
        if self._unpacked(node) or self._uses[node] != 1:
            return False
        (user,) = node.users
        if user.op == "output":
            return True
        if len(text(_parsed(code))) > (LONGEST_NAMED if node in self._trace.names else LONGEST):
            return False
        return user.op != "call_module" or self._is_light(str(user.target)) or "self." not in code

    # ------------------------------------------------------------------ names of variables

    def _written(self, indent: int) -> list[str]:
        """Return the statements with names a reader can follow: a name is free again after its last use."""
        last = {name: place for place, (_, tree) in enumerate(self._statements) for name in _variables(tree)}
        called = dict(self._given)
        holders = {name: variable for variable, name in called.items()}  # which variable has a name now
        rows: list[str] = []
        noted = ""
        for place, (nodes, tree) in enumerate(self._statements):
            inputs = [called[variable] for variable in _variables(tree)]
            tree = _Renamed(called).visit(tree)
            if nodes[0].op == "output":
                return [*rows, *lines(tree, indent, "return ")]
            for node in nodes:
                candidates = self._candidates(node, inputs if len(nodes) == 1 else [])
                name = next(n for n in candidates if n not in holders or last.get(holders[n], -1) <= place)
                called[node.name], holders[name] = name, node.name
                last.setdefault(node.name, place)
            written = lines(tree, indent, f"{', '.join(called[node.name] for node in nodes)} = ")
            note = self._notes.get(nodes[0], noted)
            comment, noted = (f"  # {note}" if note != noted else ""), note
            rows += [written[0] + comment] if len(written) == 1 and len(written[0] + comment) <= WIDTH else written
        raise AssertionError("a graph ends in its output")

    def _candidates(self, node: fx.Node, inputs: list[str]) -> Iterator[str]:
        """Yield names for the value of a node, the best one first."""
        own = self._trace.names.get(node) or self._trace.members.get(node)
        user = next(iter(node.users), node)
        if not own and len(node.users) == 1 and user.op != "call_module":
            own = self._trace.names.get(user)
        if own:
            yield from _numbered(own)
        if len(inputs) == 1:
            yield inputs[0]
        elif node.op != "call_module" and "x" in inputs:
            yield "x"
        yield from _numbered(self._attributes[str(node.target)] if node.op == "call_module" else "y")


def _numbered(base: str) -> Iterator[str]:
    """Yield a name, then the same name with numbers; none that has a meaning in a `forward`."""
    if base.isidentifier() and not keyword.iskeyword(base) and base not in RESERVED:
        yield base
    yield from (f"{base.rstrip('0123456789')}_{number}" for number in count(2))


def _defaults(function: Any) -> set[str]:
    """Return the keyword arguments that a call of the function need not give; torch's own code gives all of them."""
    try:
        parameters = inspect.signature(function).parameters
    except ValueError:  # a function of C++
        return set()
    return {f"{name}={parameter.default!r}" for name, parameter in parameters.items()}


def _parsed(code: str) -> ast.expr:
    return ast.parse(code, mode="eval").body


def _variables(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - RESERVED


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]):
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._names.get(node.id, node.id), node.ctx)
