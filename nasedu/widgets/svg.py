"""The few strokes that all pictures of widgets share: SVG as text, on a ground of its own.

The colours are those of a light page. `nasedu.core.themes` says which of them change on a dark one.
"""

from collections.abc import Iterable, Sequence
from html import escape
from math import floor, log10

from nasedu.core.themes import BLUES, INK, PAPER, STEPS


def document(width: float, height: float, words: str, parts: Iterable[str]) -> str:
    """Return elements as a whole picture, with `words` for those who do not see it."""
    said = escape(words)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{said}" style="max-width:100%;height:auto" font-family="sans-serif" font-size="12">'
        f'<title>{said}</title><rect width="{width}" height="{height}" rx="4" fill="{PAPER}"/>{"".join(parts)}</svg>'
    )


def text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 12,
    anchor: str = "start",
    fill: str = INK,
    bold: bool = False,
    halo: str = "",
) -> str:
    """Draw text with its baseline at y; a halo in the colour of the ground interrupts lines that cross the text.

    This function escapes the words.
    """
    usual = {"font-size": 12, "text-anchor": "start", "font-weight": "normal"}  # as in `document`; films are short
    look = {"font-size": size, "text-anchor": anchor, "font-weight": "bold" if bold else "normal"}
    if halo:
        look |= {"paint-order": "stroke", "stroke": halo, "stroke-width": 4, "stroke-linejoin": "round"}
    more = "".join(f' {name}="{value}"' for name, value in look.items() if value != usual.get(name))
    return f'<text x="{_short(x)}" y="{_short(y)}" fill="{fill}"{more}>{escape(words)}</text>'


def box(
    x: float, y: float, width: float, height: float, fill: str, *, line: str = "none", stroke: float = 1, round: int = 0
) -> str:
    """Draw a rectangle."""
    corner = f' rx="{round}"' if round else ""
    edge = "" if line == "none" else f' stroke="{line}" stroke-width="{_short(stroke)}"'
    size = f'x="{_short(x)}" y="{_short(y)}" width="{_short(width)}" height="{_short(height)}"'
    return f'<rect {size}{corner} fill="{fill}"{edge}/>'


def path(d: str, line: str = INK, stroke: float = 1, *, dash: str = "", opacity: float = 1) -> str:
    """Draw a line, not filled."""
    more = (f' stroke-dasharray="{dash}"' if dash else "") + (f' stroke-opacity="{opacity}"' if opacity < 1 else "")
    return f'<path d="{d}" fill="none" stroke="{line}" stroke-width="{_short(stroke)}"{more}/>'


def dot(x: float, y: float, radius: float, fill: str, line: str = PAPER) -> str:
    """Draw a filled circle with a thin edge."""
    return f'<circle cx="{_short(x)}" cy="{_short(y)}" r="{_short(radius)}" fill="{fill}" stroke="{line}"/>'


def cross(x: float, y: float, reach: float, line: str = INK) -> str:
    """Draw a cross of two lines."""
    r, d = _short(reach), _short(2 * reach)
    return path(f"M{_short(x - reach)} {_short(y - reach)}l{d} {d}m-{d} 0l{d} -{d}", line, 2) if r else ""


def ramp(value: float, low: float, high: float, scale: Sequence[str] = BLUES) -> tuple[str, str]:
    """Return a background colour from paper (low) to full colour (high), and a text colour that is readable on it."""
    share = 0.5 if high <= low else min(max((value - low) / (high - low), 0.0), 1.0)
    step = round(share * STEPS)
    return scale[step], PAPER if scale is BLUES and step > 0.65 * STEPS else INK


def curve(points: Sequence[tuple[float, float]], line: str, stroke: float = 2) -> str:
    """Draw a line through points."""
    if not points:
        return ""
    return path("M" + "L".join(f"{_short(x)} {_short(y)}" for x, y in points), line, stroke)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return about this many round numbers from `low` to `high`."""
    rough = (high - low) / about or 1.0
    power = 10 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first = -floor(-low / step + 1e-9)
    return [round(number * step, 10) for number in range(first, floor(high / step + 1e-9) + 1)]


def whole_ticks(last: int) -> list[int]:
    """Return 1 and round numbers up to `last`, at most seven: ticks of an axis of whole numbers."""
    power = 10 ** max(len(str(last)) - 2, 0)
    step = next(step for step in (f * p for p in (power, 10 * power) for f in (1, 2, 5)) if last / step <= 6)
    return sorted({1, *range(step, last + 1, step)})


def _short(number: float) -> str:
    """Return a number with one decimal, or none if it is whole: films are sent as text, so short is better."""
    return f"{number:.1f}".removesuffix(".0")
