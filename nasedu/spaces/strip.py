"""A network small enough for a row of a table: a block for each layer, as high as the layer is wide."""

import re
from collections.abc import Iterator
from html import escape
from math import log2
from typing import NamedTuple

from nasedu.core import Architecture
from nasedu.core.palette import layer
from nasedu.core.themes import INK

HEIGHT, LETTER, GAP = 30, 6.2, 3


class Block(NamedTuple):
    """A block of a strip: left edge, width and height in pixels, its colour and its text."""

    x: float
    width: float
    height: float
    colour: str
    text: str


def blocks(architecture: Architecture) -> Iterator[Block]:
    """Yield a block for each choice but "stop", from left to right.

    Its colour is the kind of the layer. Its height grows with channels or units, the last number of a choice such as
    "conv3-16" or "dense64"; a choice without channels, such as "pool2", is low.
    """
    x = 0.0
    for choice in architecture:
        if choice == "stop":
            continue
        found = re.search(r"(?:-|dense|width)(\d+)|^(\d+)-", choice)
        width, height = 10 + LETTER * len(choice), 13.0
        if found:
            height = min(12 + 3 * log2(int(found[1] or found[2])), HEIGHT)
        yield Block(x, width, height, layer(choice), choice)
        x += width + GAP


def strip(architecture: Architecture) -> str:
    """Return a network as an SVG of one line: `nasedu.show(strip(("conv3-16", "pool2", "dense64")))`."""
    drawn = list(blocks(tuple(architecture)))
    width = drawn[-1].x + drawn[-1].width + 2 if drawn else 2
    middle, words = HEIGHT / 2 + 1, escape(" ".join(architecture))
    parts = [
        f'<rect x="{b.x + 1:.1f}" y="{middle - b.height / 2:.1f}" width="{b.width:.1f}" height="{b.height:.1f}" rx="3" '
        f'fill="{b.colour}" stroke="{INK}"/><text x="{b.x + 1 + b.width / 2:.1f}" y="{middle + 3.5:.1f}" '
        f'text-anchor="middle" fill="black">{escape(b.text)}</text>'
        for b in drawn
    ]
    size = f'viewBox="0 0 {width:.0f} {HEIGHT + 2}" width="{width:.0f}" height="{HEIGHT + 2}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{words}" font-family="sans-serif" '
        f'font-size="10.5"><title>{words}</title>{"".join(parts)}</svg>'
    )
