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
