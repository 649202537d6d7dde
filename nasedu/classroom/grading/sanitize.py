"""Makes a student's text harmless for the person who reads it in formgrader or on a feedback page.

nbgrader shows text cells as HTML by nbconvert. nbconvert keeps tags and scripts. A script would run with the rights of
the instructor who is signed in to JupyterLab.
"""

import re

LONGEST_TEXT = 20_000
LONGEST_CODE = 50_000
"""Characters of a cell. The time to convert text to HTML, or to colour code, grows faster than its length."""
BREAK = "\N{ZERO WIDTH SPACE}"
UNSEEN = re.compile(
    r"<(?=[A-Za-z/!?])"  # a tag
    r"|&(?=[#A-Za-z])"  # a letter that is written as &...;
    r"|!(?=\[)"  # an image: its server learns who opens the page
    r"|(?:j\s*a\s*v\s*a|v\s*b)\s*s\s*c\s*r\s*i\s*p\s*t(?=[\s\\]*:)",  # a script's address; browsers skip line ends
    re.IGNORECASE,
)


MOST_NESTED = 8
MOST_LINES = 1_000
MOST_SIGNS = 400
"""Of one kind in a cell, such as [: a renderer may look at each pair of them. Ordinary text has far fewer."""
CONTAINERS = re.compile(r"^[ \t]*(?:(?:>|[-*+](?=\s)|\d{1,9}[.)](?=\s))[ \t]*)+", re.MULTILINE)
INDENTED = re.compile(r"^[ \t]{33,}\S", re.MULTILINE)
SIGNS = "[]<&$`\\|~*_"
TANGLED = "(Shown as it was written: quotes, lists or brackets are nested too deeply, or there are too many of them.)"


def text(source: str) -> str:
    """Return Markdown that looks the same: invisible spaces turn tags, images and script addresses into plain text.

    Text with deep nesting becomes a block of code. A renderer calls itself for each level, and ends in an error.
    """
    kept = UNSEEN.sub(lambda found: found[0] + BREAK, source[:LONGEST_TEXT])
    if is_tangled(kept):
        lines = kept.expandtabs(4).replace("$$", f"${BREAK}$").replace("\\begin{", f"\\begin{BREAK}{{").splitlines()
        kept = "\n".join([TANGLED, "", *(f"    {line}" for line in lines)])
    return kept if len(source) <= LONGEST_TEXT else f"{kept}\n\n(Cut here: {_too_long(source, LONGEST_TEXT)})"


def is_tangled(source: str) -> bool:
    """Return whether Markdown has too many levels or signs for a renderer: it would fail, or take minutes."""
    deepest = max((len(re.findall(r"[>*+-]|\d+[.)]", found[0])) for found in CONTAINERS.finditer(source)), default=0)
    many = source.count("\n") > MOST_LINES or any(source.count(sign) > MOST_SIGNS for sign in SIGNS)
    return many or deepest > MOST_NESTED or INDENTED.search(source) is not None


def code(source: str) -> str:
    """Return the code, or a comment instead if it is too long."""
    return source if len(source) <= LONGEST_CODE else f"# Left out: {_too_long(source, LONGEST_CODE)}"


def _too_long(source: str, longest: int) -> str:
    return f"this cell had {len(source):,} characters, and {longest:,} are read."
