"""Short texts as HTML."""

from html import escape


def marked(text: str) -> str:
    """Return text as HTML: escaped, and parts between backticks as code."""
    parts = escape(text).split("`")
    if len(parts) % 2 == 0:
        return escape(text)  # a single backtick is only a backtick
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))
