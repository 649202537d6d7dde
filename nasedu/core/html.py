"""Short texts as HTML, and the least size of a picture in it."""

from collections.abc import Iterable
from html import escape
from math import ceil, inf

LEAST_LETTER = 9
"""Pixels of the smallest letters of a picture on a narrow page. A wider picture is moved sideways there."""


def marked(text: str) -> str:
    """Return text as HTML: escaped, and parts between backticks as code."""
    parts = escape(text).split("`")
    if len(parts) % 2 == 0:
        return escape(text)  # a single backtick is only a backtick
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))


def least_width(width: float, letters: Iterable[float]) -> int:
    """Return the pixels to which a picture may shrink, so that its letters can be read.

    Args:
        width: of the picture in its full size, in pixels.
        letters: the sizes of its letters there.
    """
    return ceil(width * min(LEAST_LETTER / min(letters, default=inf), 1))
