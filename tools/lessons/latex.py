r"""Evaluates the arithmetic of a displayed equation, so that what a lesson shows can be compared with the code.

    evaluate(r"s = \sqrt{\frac{p \, (1 - p)}{n}}", {"p": 0.5, "n": 100})     # [0.05]

It knows sums and products (also without a sign between factors), powers, `\frac`, `\sqrt`, `\log`, `\exp`, `\min`,
`\max`, `\binom`, `|x|`, floor and ceiling, and `\sum_{i=1}^{n}`, `\prod_i` and `\max_i` over indexed symbols.
Everything else is a symbol, written as it stands in the equation: `{r"\max_{c'} Q(s', c')": 0.7}`. (sympy's readers of
LaTeX know neither such symbols nor sums without limits, `\bigl` and `\pm`.)
"""

import math
import re
from collections.abc import Mapping
from typing import Any

from nasedu.core import BadValue

DECORATION = re.compile(r"\\(?:left|right|[bB]igg?[lr]?|displaystyle|limits)(?![A-Za-z])|\\[,;:! ]|\{,\}|[\s~&]|[.,;]$")
FUNCTIONS = {r"\log": "log", r"\ln": "log", r"\exp": "exp", r"\tanh": "tanh", r"\sqrt": "sqrt"}
FOLDS = {r"\sum": "sum", r"\prod": "prod", r"\max": "max", r"\min": "min"}
FENCES = {
    "(": (")", ""),
    "[": ("]", ""),
    "{": ("}", ""),
    "|": ("|", "abs"),
    r"\lvert": (r"\rvert", "abs"),
    r"\lfloor": (r"\rfloor", "floor"),
    r"\lceil": (r"\rceil", "ceil"),
}
CLOSERS = (")", "]", "}", r"\rvert", r"\rfloor", r"\rceil", r"\}", ",")
PYTHON: dict[str, Any] = {
    **{name: getattr(math, name) for name in ("log", "exp", "tanh", "sqrt", "prod", "floor", "ceil", "e")},
    "factorial": lambda n: math.factorial(int(n)),
    "comb": lambda n, k: math.comb(int(n), int(k)),
}


def evaluate(latex: str, symbols: Mapping[str, Any]) -> list[float]:
    """Return the values of all sides of an equation but the first, which only gives a name; or of an expression.

    Args:
        latex: the equation, without `$$`. What follows a `\\quad` is a remark.
        symbols: the value of each symbol; for an indexed one, such as `x_i`, its values in order.

    Raises:
        BadValue: something in it is neither known here nor among the symbols.
    """
    equation = re.split(r"\\q?quad(?![A-Za-z])", latex)[0]
    hidden = re.sub(r"_\{[^{}]*\}", lambda found: found[0].replace("=", "\0"), equation)  # the = of \sum_{i=1}
    sides = re.split(r"(?<![\\<>])=|\\leftarrow(?![A-Za-z])|\\approx(?![A-Za-z])", hidden)
    bare = {_bare(name): value for name, value in symbols.items()}
    names = PYTHON | {f"v{n}": value for n, value in enumerate(bare.values())}
    return [float(eval(_Reader(side.replace("\0", "="), bare).whole(), names)) for side in sides[1:] or sides]


def _bare(text: str) -> str:
    before = None
    while before != text:
        before, text = text, DECORATION.sub("", text)
    return text


class _Reader:
    """Recursive descent: sums of products of powers, as the text of a Python expression."""

    def __init__(self, text: str, symbols: Mapping[str, Any]):
        # A command ends where its blank stood: \alpha b is two symbols.
        self.text = _bare(re.sub(r"(\\[A-Za-z]+)\s+(?=[A-Za-z])", "\\1\x01", text))
        self.symbols = symbols
        self.variables = {name: f"v{n}" for n, name in enumerate(symbols)}
        self.at = 0
        self.fences: list[str] = []

    def whole(self) -> str:
        expression = self.sum()
        if self.rest():
            raise self.lost()
        return expression

    # ------------------------------------------------------------------ reading

    def rest(self) -> str:
        while self.text[self.at : self.at + 1] == "\x01":
            self.at += 1
        return self.text[self.at :]

    def take(self, *options: str) -> str:
        """Return the first of the options that comes next and go on behind it; otherwise return an empty text."""
        rest = self.rest()
        for option in options:
            letters = option.startswith("\\") and option[-1].isalpha()
            if rest.startswith(option) and not (letters and rest[len(option) : len(option) + 1].isalpha()):
                self.at += len(option)
                return option
        return ""

    def group(self) -> str:
        """Return what stands in the braces that come next, or the one sign that comes next."""
        if not self.rest():
            raise self.lost()
        begin, depth = self.at, 0
        while self.at < len(self.text):
            depth += {"{": 1, "}": -1}.get(self.text[self.at], 0)
            self.at += 1
            if not depth:
                return self.text[begin : self.at].removeprefix("{").removesuffix("}")
        raise self.lost()

    def inner(self) -> str:
        return f"({_Reader(self.group(), self.symbols).whole()})"

    def lost(self) -> BadValue:
        known = ", ".join(self.symbols) or "none"
        return BadValue(f"cannot read {self.rest()!r} in the equation {self.text!r}; its symbols: {known}")

    # ------------------------------------------------------------------ grammar

    def sum(self) -> str:
        total = self.take("-") + self.product()
        while sign := self.take("+", "-", r"\pm"):
            total += ("-" if sign == "-" else "+") + self.product()
        return total

    def product(self) -> str:
        result = self.power()
        while True:
            if self.take("/"):
                result += "/" + self.power()
            elif self.take("*", r"\cdot", r"\times") or self.begins_factor():
                result += "*" + self.power()
            else:
                return result

    def begins_factor(self) -> bool:
        rest = self.rest()
        if not rest or rest[0] in "+-/*" or rest.startswith((r"\pm", *CLOSERS)):
            return False
        return not (self.fences and rest.startswith(self.fences[-1]))

    def power(self) -> str:
        base = self.atom()
        while sign := self.take("^", "!"):
            base = f"({base} ** {self.inner()})" if sign == "^" else f"factorial({base})"
        return base

    def atom(self) -> str:
        if name := self.take(*sorted(self.symbols, key=len, reverse=True)):
            return self.symbol(name)
        if number := re.match(r"\d+(?:\.\d+)?", self.rest()):
            self.at += len(number[0])
            return number[0]
        if self.take(r"\frac", r"\tfrac", r"\dfrac"):
            return f"({self.inner()} / {self.inner()})"
        if self.take(r"\binom"):
            return f"comb({self.inner()}, {self.inner()})"
        if name := self.take(*FUNCTIONS):
            return f"{FUNCTIONS[name]}({self.power()})"
        if name := self.take(*FOLDS):
            return self.fold(name) if self.take("_") else self.extreme(name)
        if fence := self.take(*FENCES):
            return self.fenced(fence)
        if self.take("e"):
            return "e"
        raise self.lost()

    def fenced(self, opening: str) -> str:
        closing, function = FENCES[opening]
        self.fences.append(closing)
        expression = self.sum()
        self.fences.pop()
        if not self.take(closing):
            raise self.lost()
        return f"{function}({expression})"

    def symbol(self, name: str) -> str:
        if not hasattr(self.symbols[name], "__len__"):
            return self.variables[name]
        index = re.search(r"_\{?(\w)", name)
        if not index:
            raise BadValue(f"the symbol {name!r} has several values and no index, such as x_i")
        return f"{self.variables[name]}[at_{index[1]}]"

    def fold(self, name: str) -> str:
        """Read a sum, product, maximum or minimum over an index."""
        index, _, first = self.group().partition("=")
        indexed = (len(v) for key, v in self.symbols.items() if hasattr(v, "__len__") and f"_{index}" in _plain(key))
        count = f"int({self.inner()}) - {int(first or 1) - 1}" if self.take("^") else str(max(indexed))
        return f"{FOLDS[name]}([{self.product()} for at_{index} in range({count})])"

    def extreme(self, name: str) -> str:
        """Read the maximum or minimum of what stands in brackets."""
        opening = self.take(r"\{", "(", "{")
        options = [self.sum()]
        while self.take(","):
            options.append(self.sum())
        if not self.take({r"\{": r"\}", "(": ")", "{": "}"}.get(opening, "")):
            raise self.lost()
        return f"{FOLDS[name]}([{', '.join(options)}])"


def _plain(name: str) -> str:
    return name.replace("{", "")
