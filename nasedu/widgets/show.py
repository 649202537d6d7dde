"""Shows the source of a function or class, or a drawing, as the output of a cell."""

import base64
import inspect
import re
import textwrap
from html import escape, unescape
from typing import Any

from nasedu.core import BadValue
from nasedu.core.html import least_width
from nasedu.core.themes import on_dark, themed


def show(thing: Any) -> Any:
    """Return the output that shows the thing, for the last line of a cell: `nasedu.show(study.run)`.

    Args:
        thing: a function, method, class or module, shown with its source; or a drawing, the text of an SVG such as
            `space.draw(architecture)`.

    Raises:
        BadValue: the thing has no Python source and is no drawing.
    """
    from IPython.display import HTML, Markdown

    if isinstance(thing, str) and thing.lstrip().startswith("<svg"):
        return HTML(picture(thing))
    return Markdown(source(thing))


def source(thing: Any) -> str:
    """Return the source of a function, method, class or module in Markdown: its full name, then the code."""
    thing = inspect.unwrap(thing)
    try:
        code = textwrap.dedent(inspect.getsource(thing)).rstrip()
    except (TypeError, OSError) as error:
        raise BadValue(
            f"a {type(thing).__name__} has no source to show: give a function, a class or a module; "
            "for a value, show its type: nasedu.show(type(value))"
        ) from error
    name = getattr(thing, "__qualname__", "")
    module = thing.__name__ if inspect.ismodule(thing) else thing.__module__
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", code))])
    return f"`{module}{'.' if name else ''}{name}`\n\n{fence}python\n{code}\n{fence}"


def picture(svg: str) -> str:
    """Return an SVG as an HTML image, which is dark on a dark page.

    JupyterLab shows images also in a notebook that it does not trust yet. There, style sheets are removed, and the
    system decides whether the image is dark. On a narrow page a wide image shrinks as far as its letters can be read;
    then it is moved sideways.
    """
    words = re.search(r'aria-label="([^"]*)"', svg)
    data = base64.b64encode(themed(svg).encode()).decode()
    wide = re.search(r' width="([\d.]+)"', svg)
    letters = map(float, re.findall(r'font-size="([\d.]+)"', svg))
    least = least_width(float(wide[1]), letters) if wide else 0
    return (
        f'<div style="overflow-x:auto"><img alt="{escape(unescape(words[1])) if words else "a drawing"}" '
        f'class="nasedu-picture" style="max-width:100%;min-width:{least}px;height:auto;color-scheme:light" '
        f'src="data:image/svg+xml;base64,{data}">'
        f"<style>{on_dark('.nasedu-picture', 'color-scheme:dark!important')}</style></div>"
    )
