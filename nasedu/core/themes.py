"""Light and dark pages: what makes a page dark, and which colours of a picture change there.

A picture is drawn with INK on PAPER. On a dark page its ink and paper change places; the colours of data stay.
JupyterLab, VS Code and pages with `data-theme` say themselves what they are; for others the system's choice counts.
"""

import numpy as np

from nasedu.core.contrast import READABLE, contrast, lightened
from nasedu.core.palette import BLACK, LINES, METHODS

INK, PAPER = "#222222", "#ffffff"
SOFT, GREY, MIDDLE, FAINT, PANEL = "#555555", "#767676", "#b8b8b8", "#dddddd", "#f2f2f2"
NOTE, MARKED = "#a04000", "#fbe3d3"
"""A text that stands out, and the ground of a box that does."""
DARK_INK, DARK_PAPER = "#e6e6e6", "#111111"
"""The ground of JupyterLab's dark theme, and a text on it."""

STEPS = 10
"""Of a colour scale, from paper to its full colour."""


def _scale(paper: str, full: str) -> list[str]:
    a, b = ([int(colour[place : place + 2], 16) for place in (1, 3, 5)] for colour in (paper, full))
    mixed = ([round(x + (y - x) * step / STEPS) for x, y in zip(a, b, strict=True)] for step in range(STEPS + 1))
    return ["#{:02x}{:02x}{:02x}".format(*rgb) for rgb in mixed]


BLUES, ORANGES = _scale(PAPER, "#005a96"), _scale(PAPER, "#e8a200")
"""Colour scales from paper to their full colour, which no line has; on a dark page they begin with dark paper."""

DARK = {
    INK: DARK_INK,
    BLACK: DARK_INK,
    PAPER: DARK_PAPER,
    SOFT: "#b8b8b8",
    GREY: "#9c9c9c",
    MIDDLE: "#5c5c5c",
    FAINT: "#3a3a3a",
    PANEL: "#262626",
    NOTE: "#ff9e57",
    MARKED: "#52301a",
    **dict(zip(BLUES, _scale(DARK_PAPER, "#1f78b8"), strict=True)),
    **dict(zip(ORANGES, _scale(DARK_PAPER, "#a86200"), strict=True)),
}
"""What a colour becomes on a dark page; others stay as they are."""


def _readable(colours: set[str]) -> dict[str, str]:
    """Return the colours that a text on dark paper cannot have, each with a lighter one that it can."""
    rgb = {colour: np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255 for colour in colours}
    paper = np.full(3, int(DARK_PAPER[1:3], 16) / 255)
    faint = sorted(colour for colour in colours if contrast(rgb[colour], paper) < READABLE)
    lighter = [np.rint(255 * lightened(rgb[colour], paper, READABLE)).astype(int) for colour in faint]
    return {colour: "#{:02x}{:02x}{:02x}".format(*found) for colour, found in zip(faint, lighter, strict=True)}


DARK_TEXT = _readable({*LINES, *METHODS.values()} - DARK.keys())
"""What a text in a colour of data becomes on a dark page; lines and areas keep the colour."""

_PAGES = ('body[data-jp-theme-light="false"]', "body.vscode-dark", 'html[data-theme="dark"]')
_UNSAID = 'html:not([data-theme]) body:not([data-jp-theme-light],[class*="vscode-"])'


def on_dark(selector: str, declarations: str) -> str:
    """Return a style sheet that applies to elements on a dark page only; paper is light, so that a print is, too."""
    body = f"{{{declarations}}}"
    said = ",".join(f"{page} {selector}" for page in _PAGES) + body
    return f"@media not print{{{said}@media (prefers-color-scheme:dark){{{_UNSAID} {selector}{body}}}}}"


def themed(svg: str) -> str:
    """Return an SVG for an HTML image, with its dark colours; `color-scheme` of the image decides."""
    rules = svg_rules(svg)
    return svg.replace(">", f"><style>:root{{color-scheme:light dark}}{rules}</style>", 1) if rules else svg


def svg_rules(svg: str = "", inside: str = "") -> str:
    """Return style rules that give an SVG its dark colours where `color-scheme` is dark.

    They replace attributes such as fill="#222222", so that the SVG itself stays plain. White and black texts stay: they
    are on a coloured ground. A black ground stays, too: it is that of an image. A text in a colour of data becomes
    lighter where it could not be read.

    Args:
        svg: only the colours of this SVG; by default all that change.
        inside: a selector in front of each rule.
    """
    rules: list[str] = []
    for light, dark in DARK.items():
        for name in ("fill", "stroke"):
            if (not svg or f'{name}="{light}"' in svg) and (name, light) != ("fill", BLACK):
                but = ":not(text)" if (name, light) == ("fill", PAPER) else ""
                rules.append(f'{inside}{but}[{name}="{light}"]{{{name}:light-dark({light},{dark})}}')
    for light, dark in DARK_TEXT.items():
        if not svg or f'fill="{light}"' in svg:
            rules.append(f'{inside}text[fill="{light}"]{{fill:light-dark({light},{dark})}}')
    return "".join(rules)
