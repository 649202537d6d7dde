"""Fills the templates: the frame around each page, with links relative to it; and the colours of code."""

from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pygments.styles import get_style_by_name
from pygments.token import STANDARD_TYPES

from nasedu.core.themes import DARK_INK, INK
from tools.site.lesson import TEMPLATES

LIGHT_CODE, DARK_CODE = "xcode", "github-dark"
"""Styles of Pygments whose colours can be read on the pages' ground."""


def filled(template: str, address: str, **values: Any) -> str:
    """Return a page.

    Args:
        template: the name of its template.
        address: its address from the root of the site; links are relative to it, so that the site works in any folder.
        values: what the template asks for.
    """
    return _environment().get_template(template).render(root="../" * address.count("/"), address=address, **values)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def code_style() -> str:
    """Return the colours of code, each for a light and for a dark page, as a style sheet."""
    light, dark = (get_style_by_name(name) for name in (LIGHT_CODE, DARK_CODE))
    rules = []
    for token, name in STANDARD_TYPES.items():
        found = [style.style_for_token(token)["color"] for style in (light, dark)]
        if any(found) and name not in ("", "w"):  # of white space nothing is seen
            one, other = (f"#{colour}" if colour else ink for colour, ink in zip(found, (INK, DARK_INK), strict=True))
            rules.append(f".highlight .{name} {{ color: light-dark({one}, {other}); }}\n")
    return "".join(rules)
