"""Nothing that a student writes into a text cell acts on whoever reads it, and it looks as it was written."""

import re
from html.parser import HTMLParser

import pytest
from nbconvert.filters import markdown2html

from nasedu.classroom.grading import sanitize

WORDS = {"p", "h1", "h2", "a", "ul", "ol", "li", "em", "strong", "code", "pre", "blockquote", "hr", "br", "div", "span"}
WORDS |= {"table", "thead", "tbody", "tr", "th", "td", "del"}
ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<ImG src=x onerror=alert(1)//",
    "text <svg/onload=alert(1)> text",
    "<!--><img src=x onerror=alert(1)>-->",
    "<?xml ?><iframe src=/hub></iframe>",
    "</div><style>* { display: none }</style>",
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "- <details ontoggle=alert(1) open>",
    "$<img src=x onerror=alert(1)>$",
    "$$\n<img src=x onerror=alert(1)>\n$$",
    "\\begin{a}<img src=x onerror=alert(1)>\\end{a}",
    "&lt;img src=x onerror=alert(1)&gt;",
    "[here](javascript:alert(1))",
    "[here](JaVaScRiPt:alert(1))",
    "[here](javascript\\:alert(1))",
    "[here](&#106;avascript:alert(1))",
    "[here](javascript&colon;alert(1))",
    "[here](<javascript:alert(1)>)",
    "[here](<java\tscript:alert(1)>)",
    "[here](vbscript:x)",
    "$\\href{javascript:alert(1)}{x}$",
    "$\\href{java\nscript\n:alert(1)}{x}$",
    "[here][1]\n\n[1]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "![look](http://elsewhere.example/seen.png)",
    "![look](/formgrader/api/anything)",
    "![look][1]\n\n[1]: http://elsewhere.example/seen.png",
    "[![x](http://a.example/b.png)](javascript:alert(1))",
)


class Page(HTMLParser):
    """What a browser would make of a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.handlers, self.addresses = set(), [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name in ("style", "src")]
        self.addresses += [value for name, value in attrs if name in ("href", "action", "xlink:href")]


def runs_something(html):
    page = Page(html)
    schemes = [address.partition(":")[0].strip() for address in page.addresses if ":" in address]
    scripts = [scheme for scheme in schemes if scheme.isalpha() and scheme not in ("http", "https", "mailto")]
    return sorted(page.tags - WORDS), page.handlers, scripts


def test_nbconvert_lets_scripts_through():
    """Otherwise these tests would prove nothing."""
    assert sum(runs_something(markdown2html(attack)) != ([], [], []) for attack in ATTACKS) >= 15


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_becomes_words(attack):
    html = markdown2html(sanitize.text(attack))
    assert runs_something(html) == ([], [], [])
    assert not re.search(r"java\s*script\s*:", html, re.IGNORECASE), "MathJax makes links, too"
    assert sanitize.text(attack).replace(sanitize.BREAK, "") == attack, "it can still be read"


@pytest.mark.parametrize(
    "source",
    [
        "# Why\n\nBecause $a < b$ and *c* is **bold**: see [the paper](https://arxiv.org/abs/1611.01578).",
        "- one: `if a < b:`\n- two & three\n\n```python\nx = {1: 2}\n```",
        "| a | b |\n|:--|--:|\n| 1 | 2 |",
        "Write to [me](mailto:me@example.org). Nice! [1]",
    ],
)
def test_ordinary_text_looks_as_before(source):
    made = sanitize.text(source)
    assert made.replace(sanitize.BREAK, "") == source
    assert markdown2html(made).replace(sanitize.BREAK, "") == markdown2html(source)


def test_what_is_too_long_is_cut_and_says_so():
    assert sanitize.text("a" * 30_000).endswith("(Cut here: this cell had 30,000 characters, and 20,000 are read.)")
    assert sanitize.code("x = 1\n" * 30_000) == "# Left out: this cell had 180,000 characters, and 50,000 are read."
    assert sanitize.code("x = '<b>'") == "x = '<b>'"


def nested(depth):
    """Lists and quotes in each other, over many lines."""
    lines = ["a"]
    for level in range(depth):
        rest = "> " if level % 2 else "  "
        lines = [f"{'> ' if level % 2 else '- '}{lines[0]}", *(rest + line for line in lines[1:]), f"{rest}b"]
    return "\n".join(lines)


TANGLED = {
    **{f"{sign!r} deep": sign * 150 + "a" for sign in ("> - ", "- > ", ">", "- ", "1. > ", "* - + ")},
    **{
        f"{sign!r} often": sign * (20_000 // len(sign))
        for sign in ("[", "*", "_", "`", "a\n", "![", "[a](", "$$\n", "|a")
    },
    "on lines": "\n".join("> - " * depth + "a" for depth in range(70)),
    "in each other": nested(40),
    "deep lists": "\n".join("  " * depth + "- a" for depth in range(150)),
    "brackets": "[" * 9000 + "]" * 9000,
    "links": "[" * 500 + "a" + "](b)" * 500,
    "emphasis": "*a **b " * 900 + "c** d*" * 900,
    "entities": "&amp;" * 4000,
    "environments": "\\begin{a}" * 2000,
    "a table": "|a" * 3000 + "|\n" + "|-" * 3000 + "|\n" + "|a" * 2,
    "math in quotes": "> - " * 150 + "$$\n<b>\n$$",
}


@pytest.mark.parametrize("kind", TANGLED)
def test_text_that_a_renderer_cannot_read_is_shown_as_it_was_written(kind):
    made = sanitize.text(TANGLED[kind])
    assert made.startswith(sanitize.TANGLED)
    html = markdown2html(made)
    assert html.count("<pre") == 1
    assert runs_something(html) == ([], [], [])
    shown = Page(html)
    assert not shown.tags - {"p", "div", "pre", "code", "span"}


@pytest.mark.parametrize(
    "source",
    [
        "- a\n  - b\n    - c\n      - d\n        - e",
        "> a\n> > b\n> > - c",
        "\n\n".join(f"**{n}** see [{n}](https://example.org/{n}) and $a_{n}$" for n in range(99)),
        "```python\n" + "x = f(a[0])\n" * 200 + "```",
    ],
)
def test_ordinary_nesting_is_rendered(source):
    assert not sanitize.is_tangled(source)
