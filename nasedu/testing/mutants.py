"""Mechanical changes of a piece of code, one at a time: the mistakes that a check must not let through.

Signs and operators, comparisons, off by one, swapped arguments, a factor or term that is lost in a return. Also min for
max, `and` for `or`, the branches of a condition, True for False.
"""

import ast
import copy
import hashlib
from collections.abc import Iterator

OPERATORS = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.MatMult: (ast.Add,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
OPPOSITES = {"min": "max", "argmin": "argmax", "any": "all", "minimum": "maximum", "floor": "ceil", "cumsum": "sum"}
OPPOSITES |= {b: a for a, b in OPPOSITES.items() if b != "sum"}


def mutants(code: str, most: int | None = None) -> list[str]:
    """Return the different changes of some code, as `ast.unparse` writes them; at most `most`, always the same."""
    tree = ast.parse(code)
    same = ast.unparse(tree)
    found = sorted({changed for changed in map(ast.unparse, _changed(tree)) if changed != same}, key=_shuffled)
    return found[:most]


def _shuffled(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _changed(tree: ast.Module) -> Iterator[ast.Module]:
    """Yield a tree for each change: the node is looked up in a copy by its place in the walk."""
    for place, node in enumerate(ast.walk(tree)):
        for replacement in _replacements(node):
            other = copy.deepcopy(tree)
            _put(other, list(ast.walk(other))[place], replacement)
            yield ast.fix_missing_locations(other)


def _put(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list) and any(item is old for item in value):
                value[[item is old for item in value].index(True)] = new


def _replacements(node: ast.AST) -> Iterator[ast.AST]:
    for other in OPERATORS.get(type(node), ()):
        yield other()
    if isinstance(node, ast.Constant):
        yield from _constants(node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield node.operand
    if isinstance(node, ast.Call):
        yield from _calls(node)
    if isinstance(node, ast.Return) and isinstance(node.value, ast.BinOp):
        yield ast.Return(node.value.left)
        yield ast.Return(node.value.right)
    if isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body)
    if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
        name = node.id if isinstance(node, ast.Name) else node.attr
        if name in OPPOSITES:
            yield _renamed(node, OPPOSITES[name])


def _renamed(node: ast.AST, name: str) -> ast.AST:
    other = copy.copy(node)
    setattr(other, "id" if isinstance(node, ast.Name) else "attr", name)
    return other


def _constants(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)
    elif isinstance(node.value, float):
        yield ast.Constant(node.value * 2 if node.value else 1.0)


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    """Yield the call with each pair of neighbouring arguments exchanged."""
    for place in range(len(node.args) - 1):
        pair = node.args[place : place + 2]
        if not any(isinstance(argument, ast.Starred) for argument in pair):
            args = [*node.args[:place], pair[1], pair[0], *node.args[place + 2 :]]
            yield ast.Call(node.func, args, node.keywords)
