"""A student's words, so that nothing in them acts on whoever reads them in formgrader or on a feedback page.

nbgrader shows text cells as nbconvert makes HTML of them: tags, and with them scripts, go through, and run with the
rights of the instructor who is signed in to JupyterLab.
"""

import re

LONGEST_TEXT = 20_000
LONGEST_CODE = 50_000
"""Characters of a cell: turning text into HTML, and code into colours, takes longer than proportionally long."""
BREAK = "\N{ZERO WIDTH SPACE}"
UNSEEN = re.compile(
    r"<(?=[A-Za-z/!?])"  # a tag
    r"|&(?=[#A-Za-z])"  # a letter that is written as &...;
    r"|!(?=\[)"  # an image: whoever looks at it tells its server so
    r"|(?:j\s*a\s*v\s*a|v\s*b)\s*s\s*c\s*r\s*i\s*p\s*t(?=[\s\\]*:)",  # a script's address; browsers skip ends of lines
    re.IGNORECASE,
)


def text(source: str) -> str:
    """Markdown that looks as before: an unseen space stands inside of what would be more than words and formulas."""
    kept = UNSEEN.sub(lambda found: found[0] + BREAK, source[:LONGEST_TEXT])
    return kept if len(source) <= LONGEST_TEXT else f"{kept}\n\n(Cut here: {_too_long(source, LONGEST_TEXT)})"


def code(source: str) -> str:
    """Code of a reasonable length, or a comment in its place."""
    return source if len(source) <= LONGEST_CODE else f"# Left out: {_too_long(source, LONGEST_CODE)}"


def _too_long(source: str, longest: int) -> str:
    return f"this cell had {len(source):,} characters, and {longest:,} are read."
