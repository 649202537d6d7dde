"""Which students' answers are alike beyond names and blanks: shown to the instructor, never judged.

Code is cut into fragments: each statement, and each block's head with a statement directly in it. Names that the
student gives, values of constants, docstrings, comments, imports, annotations and the order of statements do not count.
A fragment counts only if it is rare in the class, and neither the solution nor the stub has it: most short answers are
written in one natural way.

The evidence for a pair is a logarithm of a likelihood ratio (a copy against independent work), for each exercise:

    + ln(students / students who have the fragment)    for each rare fragment that both have
    - ln 10                                            for each fragment that only one has: a copy changes one in ten.
                                                       At most three for each one that the other lacks: added
                                                       statements that do nothing hide no copy
    0 to 5 in all                                      fragments of one answer depend on each other

A pair is shown if the exercises together reach `THRESHOLD`: at least three of them are alike. One or two short
exercises tell nothing. In made-up classes of 100 independent authors, fewer than one pair was shown. With new names,
another order and comments, more than nine of ten copies were found. Both are tested (test_report_similarity.py). Real
students who learn together may write alike without copying: read both answers before you ask.
"""

import ast
import builtins
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations

from nasedu.classroom.grading.sanitize import LONGEST_CODE

SMALLEST = 8
"""Parts of the syntax tree that a statement has at least to be a fragment: `total = 0` says nothing."""
LONGEST_WORDS = 1_000
RARE = 0.25
"""The largest share of the class that has a rare fragment."""
CHANGED = math.log(10)
MOST_ADDED = 3
MOST = 5.0
THRESHOLD = 11.0
BUILTINS = frozenset(dir(builtins))
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
SKIPPED = (*BLOCKS, "ctx", "annotation", "returns", "type_comment", "kind", "decorator_list", "type_params")


@dataclass(frozen=True)
class Pair:
    """Two students whose answers are alike.

    Attributes:
        students: their ids.
        shared: the number of rare fragments that both have, for each exercise that counts.
        evidence: the logarithm of the likelihood ratio.
    """

    students: tuple[str, str]
    shared: dict[str, int]
    evidence: float

    @property
    def fragments(self) -> int:
        return sum(self.shared.values())


def alike(answers: Mapping[str, Mapping[str, str]], published: Mapping[str, str]) -> list[Pair]:
    """Return the pairs of students whose answers are alike, the strongest evidence first.

    Args:
        answers: by student and exercise, the code of an answer.
        published: by exercise, the solution and the stub, as code: their fragments do not count.
    """
    known = {exercise: fragments(code) for exercise, code in published.items()}
    found = {
        who: {exercise: fragments(code) - known.get(exercise, set()) for exercise, code in own.items()}
        for who, own in answers.items()
    }
    weights = _weights(found)
    pairs = (_compare(pair, found, weights) for pair in combinations(sorted(found), 2))
    return sorted((pair for pair in pairs if pair.evidence >= THRESHOLD), key=lambda pair: -pair.evidence)


def _weights(found: Mapping[str, Mapping[str, set[str]]]) -> dict[str, dict[str, float]]:
    """Return the weight of each rare fragment, by exercise."""
    counts: dict[str, Counter[str]] = {}
    for own in found.values():
        for exercise, parts in own.items():
            counts.setdefault(exercise, Counter()).update(parts)
    rare = max(2.0, RARE * len(found))
    return {
        exercise: {part: math.log(len(found) / count) for part, count in counted.items() if count <= rare}
        for exercise, counted in counts.items()
    }


def _compare(
    pair: tuple[str, str], found: Mapping[str, Mapping[str, set[str]]], weights: Mapping[str, Mapping[str, float]]
) -> Pair:
    one, other = (found[who] for who in pair)
    shared, evidence = {}, 0.0
    for exercise in one.keys() & other.keys():
        rare = [part for part in one[exercise] & other[exercise] if part in weights[exercise]]
        alone = [len(one[exercise] - other[exercise]), len(other[exercise] - one[exercise])]
        changed = min(sum(alone), MOST_ADDED * min(alone))
        score = min(MOST, math.fsum(weights[exercise][part] for part in rare) - CHANGED * changed)
        if score > 0:
            shared[exercise] = len(rare)
            evidence += score
    return Pair(pair, dict(sorted(shared.items(), key=lambda item: (-item[1], item[0]))), evidence)


# ---------------------------------------------------------------------- the fragments of some code


def fragments(code: str) -> set[str]:
    """Return the fragments of some code, each in its normal form; none if it is no Python."""
    if len(code) > LONGEST_CODE:
        return set()
    try:
        tree = ast.parse(re.sub(r"^([ \t]*+)[%!].*", r"\1pass", code, flags=re.M))  # IPython's own syntax
        return set(_of_block(tree.body, "", _Names(tree)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()


class _Names:
    """What a name in the code stands for: the names that the student gives are numbered.

    Args:
        tree: the code, with its imports: `np` stands for numpy, and the attributes that it sets on its own objects.
    """

    def __init__(self, tree: ast.AST) -> None:
        self.imported: dict[str, str] = {}
        self.stored: set[str] = set()
        self.attributes: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                self.imported.update({one.asname or one.name: one.name for one in node.names})
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.stored.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                self.attributes.add(node.attr)

    def of(self, node: ast.AST, name: str, numbers: dict[str, int]) -> str:
        if isinstance(node, ast.keyword) or (isinstance(node, ast.Attribute) and name not in self.attributes):
            return name
        if name in self.imported:
            return self.imported[name]
        if isinstance(node, ast.Name) and name in BUILTINS and name not in self.stored:
            return name
        return f"_{numbers.setdefault(name, len(numbers))}"


def _of_block(body: list[ast.stmt], head: str, names: _Names) -> Iterator[str]:
    for statement in body:
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if is_text or isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass):
            continue
        parts = list(_parts(statement, names, {}))
        words = " ".join(parts)
        if len(words) > LONGEST_WORDS:  # each statement in its block repeats a head: together, gigabytes
            words = sha256(words.encode()).hexdigest()
        if len(parts) >= SMALLEST:
            yield words
        if head:
            yield f"{head} > {words}"
        for block in BLOCKS:
            yield from _of_block(getattr(statement, block, []), words, names)


def _parts(node: ast.AST, names: _Names, numbers: dict[str, int]) -> Iterator[str]:
    """Yield the normal form of a statement, without the statements in its blocks, part by part."""
    yield type(node).__name__
    if isinstance(node, ast.Constant):
        plain = node.value is None or node.value is ... or isinstance(node.value, bool)
        yield str(node.value) if plain else type(node.value).__name__
        return
    for field, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            if field not in SKIPPED or field == "body":  # a lambda's body is an expression, and counts
                yield from _parts(value, names, numbers)
        elif isinstance(value, list) and field in SKIPPED:
            yield from [field] if value and field in BLOCKS[1:] else []
        elif isinstance(value, list):
            yield "["
            for one in value:
                if isinstance(one, ast.AST):
                    yield from _parts(one, names, numbers)
            yield "]"
        elif isinstance(value, str) and field not in SKIPPED:
            yield names.of(node, value, numbers)
