"""A graph as the statements of a `forward`: what is used once is written where it is used, what ends frees its name."""

import ast
import keyword
import operator
from collections import Counter
from collections.abc import Callable, Mapping
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
RESERVED = {"self", "torch", "nn", "Path", "load_file", "load", "prepare"}
INPLACE = {"iadd": "add", "isub": "sub", "imul": "mul", "itruediv": "truediv"}


class Body:
    """The statements of one `forward`.

    Args:
        graph: what it computes.
        attributes: for each path of a module or tensor in the graph, the attribute that holds it.
        is_light: whether a module is written around its input, `self.norm(self.conv(x))`, and not on a line of its own.
        trace: what made the graph; it has the names of the original code.
        notes: for a node, a comment.
    """

    def __init__(
        self,
        graph: fx.Graph,
        attributes: Mapping[str, str],
        is_light: Callable[[str], bool],
        trace: Tracer,
        notes: Mapping[fx.Node, str],
    ):
        self.graph = graph
        self._attributes = attributes
        self._is_light = is_light
        self._trace = trace
        self._notes = notes
        self._codes: dict[fx.Node, str] = {}
        self._uses: Counter[fx.Node] = Counter()
        for node in graph.nodes:
            fx.node.map_arg((node.args, node.kwargs), lambda n: self._uses.update([n]))
        self._given = {node.name: str(node.target) for node in graph.nodes if node.op == "placeholder"}
        self.inputs = list(self._given.values())

    def lines(self, indent: int) -> list[str]:
        """Return the lines of the statements, the last one `return ...`."""
        statements: list[tuple[fx.Node, ast.expr]] = []
        for node in self.graph.nodes:
            if node.op == "placeholder":
                self._codes[node] = node.name
                continue
            code = self._code(node)
            if node.op == "output":
                statements.append((node, _parsed(code)))
            elif node.op == "get_attr" or self._goes_inside(node, code):
                self._codes[node] = f"({code})"
            else:
                statements.append((node, _parsed(code)))
                self._codes[node] = node.name
        return self._written(statements, indent)

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
                return f"{place}.{name}({', '.join([*positional, *named])})"
        raise BadValue(
            f"a network calls {function.__module__}.{name}, which plain PyTorch does not have: export to torch or onnx, "
            "or use functions of torch alone"
        )

    def _value(self, value: Any) -> str:
        if isinstance(value, fx.Node):
            return self._codes[value]
        if isinstance(value, tuple | list):
            parts = [self._value(part) for part in value]
            return f"[{', '.join(parts)}]" if isinstance(value, list) else f"({''.join(f'{p}, ' for p in parts)})"
        if isinstance(value, dict):
            return f"{{{', '.join(f'{key!r}: {self._value(part)}' for key, part in value.items())}}}"
        return repr(value)

    def _index(self, index: Any) -> str:
        if isinstance(index, slice):
            start, stop, step = ("" if end is None else self._value(end) for end in (index.start, index.stop, index.step))
            return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"
        if isinstance(index, tuple):
            return ", ".join(map(self._index, index)) + ("," if len(index) == 1 else "")
        return "..." if index is Ellipsis else self._value(index)

    def _goes_inside(self, node: fx.Node, code: str) -> bool:
        """Return whether a value is written where it is used."""
        if self._uses[node] != 1:
            return False
        (user,) = node.users
        if user.op == "output":
            return True
        if node in self._trace.names or len(text(_parsed(code))) > LONGEST:
            return False
        if user.op == "call_module" and not self._is_light(str(user.target)):
            return "self." not in code
        return True

    # ------------------------------------------------------------------ names of variables

    def _written(self, statements: list[tuple[fx.Node, ast.expr]], indent: int) -> list[str]:
        """Return the statements with names a reader can follow: a variable is free again after its last use."""
        last = {name: place for place, (_, tree) in enumerate(statements) for name in _variables(tree)}
        called = dict(self._given)
        holders = {name: variable for variable, name in called.items()}  # which variable has a name now
        written: list[str] = []
        noted = ""
        for place, (node, tree) in enumerate(statements):
            used = _variables(tree)
            tree = _Renamed(called).visit(tree)
            note = self._notes.get(node, "")
            comment, noted = (f"  # {note}" if note != noted else ""), note or noted
            if node.op == "output":
                return [*written, *lines(tree, indent, "return ")]
            name = next(
                name
                for name in self._candidates(node, [called[variable] for variable in used])
                if name not in holders or last.get(holders[name], -1) <= place
            )
            called[node.name], holders[name] = name, node.name
            rows = lines(tree, indent, f"{name} = ")
            written += [rows[0] + comment] if len(rows) == 1 and len(rows[0] + comment) <= WIDTH else rows
        raise AssertionError("a graph ends in its output")

    def _candidates(self, node: fx.Node, inputs: list[str]) -> Any:
        """Yield names for the value of a node, the best one first."""
        own = self._trace.names.get(node) or self._trace.members.get(node)
        if own:
            yield from _numbered(own)
        simple = node.op != "call_module"
        if len(inputs) == 1:
            yield inputs[0]
        elif simple and "x" in inputs:
            yield "x"
        base = self._attributes.get(str(node.target), "y") if node.op == "call_module" else "y"
        yield from _numbered(base)


def _numbered(base: str) -> Any:
    """Yield a name, then the same name with numbers; none that Python or the file uses."""
    if base.isidentifier() and not keyword.iskeyword(base) and base not in RESERVED:
        yield base
    yield from (f"{base.rstrip('0123456789')}_{number}" for number in count(2))


def _parsed(code: str) -> ast.expr:
    return ast.parse(code, mode="eval").body


def _variables(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - {"self", "torch", "nn"}


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]):
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:  # noqa: N802
        return ast.Name(self._names.get(node.id, node.id), node.ctx)
