"""Context-free grammars as text: reading and checking, with the line and column of each error.

Net  -> Body Head        # a rule: a name, an arrow, alternatives
Body -> Block            # words with a capital letter are rules, the others are layers
      | Block Body       # alternatives may go on in the next line
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from nasedu.core import BadValue, did_you_mean

Alternative = tuple[str, ...]
TOKEN = re.compile(r"(?P<space>[ \t]+|#.*)|(?P<arrow>->)|(?P<bar>\|)|(?P<word>[A-Za-z](?:[\w./]|-(?!>))*)")
ENDLESS = 10**9


class Token(NamedTuple):
    """A word or a sign, and its place (line and column count from 1)."""

    kind: str  # word, arrow, bar, end
    text: str
    line: int
    column: int


class Rules(NamedTuple):
    """A parsed grammar: the alternatives of each rule, the place of each rule, the first place of each word."""

    start: str
    alternatives: dict[str, tuple[Alternative, ...]]
    names: dict[str, Token]
    places: dict[str, Token]

    def terminals(self) -> list[str]:
        """Return the words that are layers, in the order of their first use."""
        return [word for word in self.places if not is_rule(word)]


def is_rule(word: str) -> bool:
    """Return whether a word is the name of a rule, that is, begins with a capital letter."""
    return word[0].isupper()


def read(text: str) -> Rules:
    """Return the rules of a grammar; the first one is where every network begins.

    Raises:
        BadValue: a syntax error, or a rule that never ends, is unreachable, undefined or defined twice. The message
            gives its place.
    """
    if not isinstance(text, str) or not text.strip():
        raise BadValue(f"a grammar is text such as 'Net -> conv3-16 Net | gap'; given {text!r}")
    alternatives: dict[str, tuple[Alternative, ...]] = {}
    names: dict[str, Token] = {}
    places: dict[str, Token] = {}
    for tokens in _rules(text):
        name = _name(tokens)
        if name.text in alternatives:
            raise _wrong(name, f"{name.text!r} has a rule already; put all its alternatives into one, with |")
        alternatives[name.text] = _alternatives(tokens)
        names[name.text] = name
        for token in tokens:
            if token.kind == "word":
                places.setdefault(token.text, token)
    rules = Rules(next(iter(alternatives)), alternatives, names, places)
    _check(rules)
    return rules


# ---------------------------------------------------------------------- reading


def _rules(text: str) -> Iterator[list[Token]]:
    """Yield the tokens of each rule, closed by an end token; a line that begins with | continues the rule before."""
    rule: list[Token] = []
    for number, line in enumerate(text.splitlines(), 1):
        tokens = list(_tokens(line, number))
        if not tokens:
            continue
        if rule and tokens[0].kind != "bar":
            yield rule
            rule = []
        rule = [*rule[:-1], *tokens, Token("end", "the end of the rule", number, len(line.rstrip()) + 1)]
    if rule:
        yield rule
    else:
        raise BadValue("a grammar needs at least one rule, such as 'Net -> conv3-16 Net | gap'; given only comments")


def _tokens(line: str, number: int) -> Iterator[Token]:
    place = 0
    while place < len(line):
        found = TOKEN.match(line, place)
        token = Token(found.lastgroup if found else "", found.group() if found else line[place], number, place + 1)  # type: ignore[arg-type]
        if found is None:
            raise _wrong(token, f"{token.text!r} is no sign of a grammar: words, ->, |, and # before a comment")
        if token.kind != "space":
            yield token
        place = found.end()


def _name(tokens: list[Token]) -> Token:
    """Return the name on the left of the arrow."""
    name, arrow = tokens[0], tokens[1]
    if name.kind != "word":
        raise _wrong(name, f"expected the name of a rule, found {name.text!r}")
    if not is_rule(name.text):
        raise _wrong(name, f"the name of a rule begins with a capital letter; found {name.text!r}")
    if arrow.kind != "arrow":
        raise _wrong(arrow, f"expected -> after {name.text!r}, found {arrow.text!r}")
    return name


def _alternatives(tokens: list[Token]) -> tuple[Alternative, ...]:
    """Return the alternatives on the right of the arrow."""
    found: list[Alternative] = []
    words: list[str] = []
    for token in tokens[2:]:
        if token.kind == "word":
            words.append(token.text)
        elif token.kind == "arrow":
            raise _wrong(token, "a second arrow in one rule; begin each rule in a line of its own")
        elif not words:
            raise _wrong(token, f"expected a word, found {token.text!r}; for no layer at all write 'nothing'")
        elif tuple(words) in found:
            raise _wrong(token, f"the alternative {' '.join(words)!r} stands here twice")
        else:
            found.append(tuple(words))
            words = []
    return tuple(found)


def _wrong(token: Token, what: str) -> BadValue:
    return BadValue(f"grammar, line {token.line}, column {token.column}: {what}")


# ---------------------------------------------------------------------- checking


def _check(rules: Rules) -> None:
    """Raise BadValue for a rule that is missing, unreachable, or never comes to an end."""
    for word, token in rules.places.items():
        if is_rule(word) and word not in rules.alternatives:
            raise _wrong(token, f"{word!r} has no rule{did_you_mean(word, rules.alternatives)}")
    reached, waiting = {rules.start}, [rules.start]
    while waiting:
        for word in {w for alternative in rules.alternatives[waiting.pop()] for w in alternative if is_rule(w)}:
            if word not in reached:
                reached.add(word)
                waiting.append(word)
    for name in rules.alternatives:
        if name not in reached:
            raise _wrong(rules.names[name], f"nothing leads from {rules.start!r} to {name!r}; use it, or leave it out")
    lowest = heights(rules)
    for name in rules.alternatives:
        if lowest[name] >= ENDLESS:
            raise _wrong(
                rules.names[name],
                f"{name!r} never comes to an end: each of its alternatives leads to a rule without an end, itself "
                "perhaps; add an alternative without",
            )


def heights(rules: Rules) -> dict[str, int]:
    """Return the depth of nested rules in the shortest derivation of each rule; ENDLESS if there is none."""
    lowest = dict.fromkeys(rules.alternatives, ENDLESS)
    for _ in rules.alternatives:  # each pass completes at least one more rule
        for name, alternatives in rules.alternatives.items():
            inside = [max((lowest[w] for w in a if is_rule(w)), default=0) for a in alternatives]
            lowest[name] = min(1 + min(inside), ENDLESS)
    return lowest


def reaches(rules: Rules) -> dict[str, int]:
    """Return the greatest depth of nested rules that each rule can use; ENDLESS if it is recursive."""
    highest = dict.fromkeys(rules.alternatives, 1)
    for _ in range(len(highest) + 1):  # a rule that still grows after this number of passes contains itself
        for name, alternatives in rules.alternatives.items():
            inside = max((highest[w] for a in alternatives for w in a if is_rule(w)), default=0)
            highest[name] = 1 + inside if 1 + inside <= len(highest) else ENDLESS
    return highest
