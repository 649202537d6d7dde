r"""Evaluates the arithmetic of a displayed equation, so that what a lesson shows can be compared with the code.

    evaluate(r"s = \sqrt{\frac{p \, (1 - p)}{n}}", {"p": 0.5, "n": 100})     # [0.05]

It knows sums and products (also by standing beside each other), powers, `\frac`, `\sqrt`, `\log`, `\exp`, `\min`,
`\max`, `\binom`, `|x|`, floor and ceiling, and `\sum_{i=1}^{n}`, `\prod_i` and `\max_i` over indexed symbols.
Everything else is a symbol, written as it stands in the equation: `{r"\max_{c'} Q(s', c')": 0.7}`.
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from nasedu.core import BadValue

Env = Mapping[str, int]
Node = Callable[[Env], float]

DECORATION = re.compile(r"\\(?:left|right|[bB]igg?[lr]?|displaystyle|limits)(?![A-Za-z])|\\[,;:! ]|\{,\}|[\s~&]|[.,;]$")
FUNCTIONS: dict[str, Callable[[float], float]] = {
    r"\log": math.log,
    r"\ln": math.log,
    r"\exp": math.exp,
    r"\tanh": math.tanh,
}
FOLDS: dict[str, Callable[[list[float]], float]] = {r"\sum": sum, r"\prod": math.prod, r"\max": max, r"\min": min}
FENCES: dict[str, tuple[str, Callable[[float], float]]] = {
    "(": (")", lambda x: x),
    "[": ("]", lambda x: x),
    "{": ("}", lambda x: x),
    "|": ("|", abs),
    r"\lvert": (r"\rvert", abs),
    r"\lfloor": (r"\rfloor", math.floor),
    r"\lceil": (r"\rceil", math.ceil),
}
CLOSERS = (")", "]", "}", r"\rvert", r"\rfloor", r"\rceil", r"\}", ",")


def evaluate(latex: str, symbols: Mapping[str, Any]) -> list[float]:
    """The values of all sides of an equation but the first, which only gives a name; or of an expression by itself.

    Args:
        latex: the equation, without `$$`. What follows a `\\quad` is a remark.
        symbols: the value of each symbol; for an indexed one, such as `x_i`, its values in order.

    Raises:
        BadValue: something in it is neither known here nor among the symbols.
    """
    equation = re.split(r"\\q?quad(?![A-Za-z])", latex)[0]
    sides = re.split(r"(?<![\\<>])=|\\leftarrow(?![A-Za-z])|\\approx(?![A-Za-z])", _outside_subscripts(equation))
    return [_Parser(_restore(side), symbols).value() for side in sides[1:] or sides]


def _outside_subscripts(text: str) -> str:
    """Hides the `=` of `_{i=1}`, so that a text can be split at the others."""
    return re.sub(r"_\{[^{}]*\}", lambda found: found[0].replace("=", "\0"), text)


def _restore(text: str) -> str:
    return text.replace("\0", "=")


def _bare(text: str) -> str:
    before = None
    while before != text:
        before, text = text, DECORATION.sub("", text)
    return text


class _Parser:
    """Recursive descent: a sum of products of powers; gives functions of the running indices."""

    def __init__(self, text: str, symbols: Mapping[str, Any]):
        # A command ends where its blank stood: \alpha b is two symbols.
        self.text = _bare(re.sub(r"(\\[A-Za-z]+)\s+(?=[A-Za-z])", "\\1\x01", text))
        self.symbols = {_bare(name): value for name, value in symbols.items()}
        self.names = sorted(self.symbols, key=len, reverse=True)
        self.at = 0
        self.fences: list[str] = []

    def value(self) -> float:
        node = self.sum()
        if self.rest():
            raise self.lost()
        return node({})

    # ------------------------------------------------------------------ reading

    def rest(self) -> str:
        while self.text[self.at : self.at + 1] == "\x01":
            self.at += 1
        return self.text[self.at :]

    def take(self, *options: str) -> str:
        """The first of the options that comes next, which is then behind us; otherwise nothing."""
        rest = self.rest()
        for option in options:
            letters = option.startswith("\\") and option[-1].isalpha()
            if rest.startswith(option) and not (letters and rest[len(option) : len(option) + 1].isalpha()):
                self.at += len(option)
                return option
        return ""

    def group(self) -> str:
        """What stands in the braces that come next, or the one sign that comes next."""
        if not self.take("{"):
            if not self.rest():
                raise self.lost()
            self.at += 1
            return self.text[self.at - 1]
        begin, depth = self.at, 1
        while depth:
            if self.at >= len(self.text):
                raise self.lost()
            depth += {"{": 1, "}": -1}.get(self.text[self.at], 0)
            self.at += 1
        return self.text[begin : self.at - 1]

    def inner(self, text: str) -> Node:
        parser = _Parser(text, self.symbols)
        node = parser.sum()
        if parser.rest():
            raise parser.lost()
        return node

    def lost(self) -> BadValue:
        known = ", ".join(self.symbols) or "none"
        return BadValue(f"cannot read {self.rest()!r} in the equation {self.text!r}; its symbols: {known}")

    # ------------------------------------------------------------------ grammar

    def sum(self) -> Node:
        total = self.product() if not self.take("-") else _minus(self.product())
        while sign := self.take("+", "-", r"\pm"):
            total = _apply(_subtract if sign == "-" else _add, total, self.product())
        return total

    def product(self) -> Node:
        result = self.power()
        while True:
            if self.take("/"):
                result = _apply(_divide, result, self.power())
            elif self.take("*", r"\cdot", r"\times") or self.begins_factor():
                result = _apply(_multiply, result, self.power())
            else:
                return result

    def begins_factor(self) -> bool:
        rest = self.rest()
        if not rest or rest[0] in "+-/*" or rest.startswith((r"\pm", *CLOSERS)):
            return False
        return not (self.fences and rest.startswith(self.fences[-1]))

    def power(self) -> Node:
        base = self.atom()
        while True:
            if self.take("^"):
                base = _apply(_power, base, self.inner(self.group()))
            elif self.take("!"):
                base = _apply(lambda n, _: float(math.factorial(int(n))), base, base)
            else:
                return base

    def atom(self) -> Node:
        if name := self.take(*self.names):
            return self.symbol(name)
        if number := re.match(r"\d+(?:\.\d+)?", self.rest()):
            self.at += len(number[0])
            return lambda _: float(number[0])
        if self.take(r"\frac", r"\tfrac", r"\dfrac"):
            return _apply(_divide, self.inner(self.group()), self.inner(self.group()))
        if self.take(r"\binom"):
            n, k = self.inner(self.group()), self.inner(self.group())
            return _apply(lambda a, b: float(math.comb(int(a), int(b))), n, k)
        if self.take(r"\sqrt"):
            root = self.inner(self.group())
            return lambda env: math.sqrt(root(env))
        if name := self.take(*FUNCTIONS):
            function, argument = FUNCTIONS[name], self.power()
            return lambda env: function(argument(env))
        if name := self.take(*FOLDS):
            return self.fold(name)
        if fence := self.take(*FENCES):
            return self.fenced(fence)
        if self.take("e"):
            return lambda _: math.e
        raise self.lost()

    def fenced(self, opening: str) -> Node:
        closing, function = FENCES[opening]
        self.fences.append(closing)
        node = self.sum()
        self.fences.pop()
        if not self.take(closing):
            raise self.lost()
        return lambda env: function(node(env))

    def symbol(self, name: str) -> Node:
        value = self.symbols[name]
        if not hasattr(value, "__len__"):
            return lambda _: float(value)
        index = re.search(r"_\{?(\w)", name)
        if not index:
            raise BadValue(f"the symbol {name!r} has several values and no index, such as x_i")
        return lambda env: float(value[env[index[1]]])

    def fold(self, name: str) -> Node:
        """A sum, product, maximum or minimum over an index; or the maximum or minimum of what stands in brackets."""
        if not self.take("_"):
            return self.extreme(name)
        index, _, first = self.group().partition("=")
        last = self.inner(self.group()) if self.take("^") else None
        body, fold = self.product(), FOLDS[name]
        begin = int(first) if first else 1
        lengths = [len(v) for key, v in self.symbols.items() if hasattr(v, "__len__") and f"_{index}" in _plain(key)]

        def total(env: Env) -> float:
            count = int(last(env)) - begin + 1 if last else max(lengths)
            return fold([body({**env, index: i}) for i in range(count)])

        return total

    def extreme(self, name: str) -> Node:
        opening = self.take(r"\{", "(", "{")
        options = [self.sum()]
        while self.take(","):
            options.append(self.sum())
        if not self.take({r"\{": r"\}", "(": ")", "{": "}"}.get(opening, "")):
            raise self.lost()
        return lambda env: FOLDS[name]([option(env) for option in options])


def _plain(name: str) -> str:
    return name.replace("{", "")


def _apply(operation: Callable[[float, float], float], a: Node, b: Node) -> Node:
    return lambda env: operation(a(env), b(env))


def _minus(node: Node) -> Node:
    return lambda env: -node(env)


def _add(a: float, b: float) -> float:
    return a + b


def _subtract(a: float, b: float) -> float:
    return a - b


def _multiply(a: float, b: float) -> float:
    return a * b


def _divide(a: float, b: float) -> float:
    return a / b


def _power(a: float, b: float) -> float:
    return float(a**b)
