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


def text(source: str) -> str:
    """Return Markdown that looks the same: invisible spaces turn tags, images and script addresses into plain text."""
    kept = UNSEEN.sub(lambda found: found[0] + BREAK, source[:LONGEST_TEXT])
    return kept if len(source) <= LONGEST_TEXT else f"{kept}\n\n(Cut here: {_too_long(source, LONGEST_TEXT)})"


def code(source: str) -> str:
    """Return the code, or a comment instead if it is too long."""
    return source if len(source) <= LONGEST_CODE else f"# Left out: {_too_long(source, LONGEST_CODE)}"


def _too_long(source: str, longest: int) -> str:
    return f"this cell had {len(source):,} characters, and {longest:,} are read."
