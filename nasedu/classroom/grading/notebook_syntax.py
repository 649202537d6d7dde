"""Turns a cell that runs in a notebook into plain Python: `f?`, `x = !ls`, `%timeit f()`, `%%time`, `await f()`.

IPython's own transformer reads the syntax. What needs a kernel is passed over, and the rest of the cell runs: a
placeholder stands for `get_ipython()` where answers run. A cell in plain Python stays exactly as it is.
"""

import ast
import re
import warnings
from collections.abc import Iterable, Iterator

from IPython.core.inputtransformer2 import TransformerManager

from nasedu.classroom.grading.sanitize import LONGEST_CODE

BUDGET = 500_000
"""Characters of one notebook that the transformer reads: it reads a cell again for each line in notebook syntax."""
NOTEBOOK_LINE = re.compile(r"^[ \t]*+(?:[%!?,;/].*|.*\?[ \t]*|.*=[ \t]*[!%].*)$", re.MULTILINE)
TIMED = re.compile(r"\A\s*%%(?:time|capture|prun)\b[^\n]*\n")
"""Cell magics that run the rest of the cell in the notebook's own names."""
SHELL = re.compile(
    r"^(?:pip3?|conda|mamba|ls|cd|pwd|mkdir|cat|cp|mv|rm|less|man)(?: +[\w./~=<>-][^=(\n]*)?$", re.MULTILINE
)
"""Commands that a notebook takes without a % if they stand alone on a line."""
PROMPT = re.compile(r"\s*In \[\d+\]:")
ERRORS = (SyntaxError, ValueError, RecursionError, MemoryError)
WAITING = """
import asyncio as _asyncio, selectors as _selectors
class _Loop(_asyncio.SelectorEventLoop):
    def _make_self_pipe(self): pass  # a sandbox has no sockets
    def _close_self_pipe(self): pass
with _asyncio.Runner(loop_factory=lambda: _Loop(_selectors.SelectSelector())) as _runner:
    _runner.run(_cell())
"""


def plain_cells(sources: Iterable[str]) -> list[str]:
    """Return the Python that a notebook would run for each of its cells; what cannot run in a script is passed over."""
    made, left = [], BUDGET
    for source in sources:
        tree = parsed(source)
        if len(source) <= LONGEST_CODE and (tree is None or PROMPT.match(source)):
            left -= len(NOTEBOOK_LINE.findall(source)) * len(source)
            source = _transformed(TIMED.sub("", source), exactly=left > 0)
            tree = parsed(source)
        made.append(source if tree is None else _awaited(tree, _without_commands(tree, source)))
    return made


def _without_commands(tree: ast.Module, source: str) -> str:
    """Return plain Python without lines such as `ls`, which are the names of nothing."""
    lines = source.split("\n")
    for node in tree.body:
        if isinstance(node, ast.Expr) and SHELL.fullmatch(lines[node.lineno - 1]):
            lines[node.lineno - 1] = "pass"
    return "\n".join(lines)


def _transformed(source: str, exactly: bool) -> str:
    try:
        made = TransformerManager().transform_cell(source) if exactly else _without_notebook_lines(source)
    except Exception:  # the transformer reads whatever a student has written
        made = _without_notebook_lines(source)
    for attempt in (made, SHELL.sub("pass", made), _without_notebook_lines(source)):
        if (tree := parsed(attempt)) is not None:
            try:
                return ast.unparse(ast.fix_missing_locations(_RunTimed().visit(tree)))
            except ERRORS:
                return attempt
    return source


def parsed(source: str) -> ast.Module | None:
    """Return the syntax tree of plain Python; None if it is no plain Python, or too long to be graded."""
    if len(source) > LONGEST_CODE:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a student's code, for whoever grades
            return ast.parse(source)
    except ERRORS:
        return None


def _without_notebook_lines(source: str) -> str:
    return re.sub(r"^([ \t]*+)[%!?][^\n]*$|^([ \t]*+)[^\n#]*\?[ \t]*$", r"\1\2pass", source, flags=re.MULTILINE)


class _RunTimed(ast.NodeTransformer):
    """Puts the statement of `%time` in the place of the magic, which would have run it."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | list[ast.stmt]:
        body = _timed(node.value)
        return body if body else node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        body = _timed(node.value)
        if len(body) == 1 and isinstance(body[0], ast.Expr):
            node.value = body[0].value
        return node


def _timed(node: ast.expr) -> list[ast.stmt]:
    """Return the statements in `get_ipython().run_line_magic("time", "...")`; empty for everything else."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "run_line_magic":
        words = [word.value for word in node.args if isinstance(word, ast.Constant)]
        if len(words) == 2 and words[0] in ("time", "prun") and (tree := parsed(str(words[1]))) is not None:
            return tree.body
    return []


# ---------------------------------------------------------------------- await at top level


def _awaited(tree: ast.Module, source: str) -> str:
    """Return code that waits for what the cell awaits at top level; the code as it is if it awaits nothing."""
    try:
        if ("await" not in source and "async" not in source) or not any(map(_waits, _top(tree))):
            return source
        stars = [node for node in tree.body if isinstance(node, ast.ImportFrom) and _only_in_a_module(node)]
        body = [_as_in_a_function(node) for node in tree.body if node not in stars and not isinstance(node, ast.Global)]
        names = sorted(set(bound_names(tree)))
        body[:0] = [ast.Global(names)] if names else []
        wrapped = ast.parse("async def _cell(): pass").body[0]
        assert isinstance(wrapped, ast.AsyncFunctionDef)
        wrapped.body = body
        made = ast.fix_missing_locations(ast.Module([*stars, wrapped], []))
        return ast.unparse(made) + WAITING
    except ERRORS:
        return source


def _waits(node: ast.AST) -> bool:
    comprehension = isinstance(node, ast.comprehension) and bool(node.is_async)
    return comprehension or isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith)


def _only_in_a_module(node: ast.ImportFrom) -> bool:
    return node.module == "__future__" or any(alias.name == "*" for alias in node.names)


def _as_in_a_function(node: ast.stmt) -> ast.stmt:
    """Return a statement of a module for a function whose names are global: those have no annotations."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return ast.Assign([node.target], node.value) if node.value else ast.Pass()
    return node


# ---------------------------------------------------------------------- names


def bound_names(tree: ast.Module) -> Iterator[str]:
    """Yield the names that a cell binds at top level, also inside of loops and conditions."""
    for node in _top(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.asname or alias.name.partition(".")[0] for alias in node.names]
            yield from (name for name in names if name != "*")
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest


def _top(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a module that are in no function and no class of their own."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)
