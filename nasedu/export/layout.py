"""Python as `ruff format` lays it out: lines of at most 88 characters, broken at the outermost brackets."""

import ast
import copy
import re

WIDTH = 88  # what ruff and black take if nobody tells them otherwise


def text(node: ast.AST) -> str:
    """Return the code of an expression on one line."""
    code = ast.unparse(node)
    if "'" in code:
        code = ast.unparse(_Quoted().visit(copy.deepcopy(node)))
    return re.sub(r"(?<![\w)\]])([\w.]+) \*\* (-?[\w.]+)(?![\w(\[])", r"\1**\2", code)


class _Quoted(ast.NodeTransformer):
    """Puts texts in double quotation marks, unless they hold some."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        code = repr(node.value)
        plain = isinstance(node.value, str) and "'" not in node.value and '"' not in node.value
        return ast.Name(f'"{code[1:-1]}"') if plain else node


def lines(node: ast.AST, indent: int, prefix: str = "", suffix: str = "") -> list[str]:
    """Return the lines of an expression, between a prefix (`x = `) and a suffix (`,`)."""
    space = " " * indent
    whole = f"{space}{prefix}{text(node)}{suffix}"
    if len(whole) <= WIDTH:
        return [whole]
    if isinstance(node, ast.Call):
        parts: list[tuple[str, ast.AST]] = [("", part) for part in node.args]
        parts += [(f"{keyword.arg}=", keyword.value) for keyword in node.keywords]
        opening, closing = f"{text(node.func)}(", ")"
        each = text(node.func) in ("nn.Sequential", "Sequential")
    elif isinstance(node, ast.List):
        parts, opening, closing, each = [("", part) for part in node.elts], "[", "]", False
    elif isinstance(node, ast.BinOp):
        return _sum(node, indent, prefix, suffix)
    else:
        return [whole]
    joined = f"{space}    {', '.join(name + text(part) for name, part in parts)}"
    first, last = f"{space}{prefix}{opening}", f"{space}{closing}{suffix}"
    if len(joined) <= WIDTH and not each and not isinstance(node, ast.List):
        return [first, joined, last]
    return [first, *(line for name, part in parts for line in lines(part, indent + 4, name, ",")), last]


def _sum(node: ast.BinOp, indent: int, prefix: str, suffix: str) -> list[str]:
    """Return the lines of a long chain of one operator, with a term on each line."""
    terms: list[ast.AST] = []
    left: ast.AST = node
    while isinstance(left, ast.BinOp) and type(left.op) is type(node.op):
        terms.append(left.right)
        left = left.left
    terms.append(left)
    operator = text(ast.BinOp(ast.Name("a"), node.op, ast.Name("b")))[2:-1].strip()
    space = " " * indent
    rows = [
        row for i, term in enumerate(reversed(terms)) for row in lines(term, indent + 4, f"{operator} " if i else "")
    ]
    return [f"{space}{prefix}(", *rows, f"{space}){suffix}"]
