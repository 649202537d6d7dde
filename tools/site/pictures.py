"""A picture of each lesson for the front page: the first frame of its first player, else its first figure."""

import base64
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SVG = re.compile(r'<img alt="([^"]*)" class="nasedu-picture"[^>]* src="data:image/svg\+xml;base64,([^"]+)"')
_FIGURE = re.compile(
    r'<img class="nasedu-\w+" alt="([^"]*)"[^>]* src="data:image/png;base64,([^"]+)">'
    r"<style>[^{]+\{--dark:url\(data:image/png;base64,([^)]+)\)"
)


@dataclass(frozen=True)
class Picture:
    """An image for light pages and one for dark pages, each as the file name and its content; and its words."""

    words: str
    light: tuple[str, bytes]
    dark: tuple[str, bytes] | None
    """None: the light one is an SVG that is dark on a dark page."""

    def write(self, folder: Path) -> None:
        """Write the files of the picture."""
        for name, content in filter(None, (self.light, self.dark)):
            folder.joinpath(name).write_bytes(content)


def picture_of(name: str, notebook: Any) -> Picture | None:
    """Return the picture of a lesson; None if it has no picture at all."""
    outputs = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", ())]
    pages = [data["text/html"] for data in outputs if "text/html" in data]
    for html in (page for page in pages if "data-nasedu=" in page):
        if found := _SVG.search(html):
            return Picture(found[1], (f"{name}.svg", base64.b64decode(found[2])), None)
    for html in pages:
        if found := _FIGURE.search(html):
            light, dark = (base64.b64decode(found[place]) for place in (2, 3))
            return Picture(found[1], (f"{name}.png", light), (f"{name}-dark.png", dark))
    return None
