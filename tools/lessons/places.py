"""Where the lessons of this checkout lie, and where they are published."""

import base64
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from nasedu.core import BadValue

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
REPOSITORY = "OWNER/nasedu"
"""Where the course is published, on GitHub: the one place to change it (then: `python -m tools.lessons reword`)."""

SITE = "https://{}.github.io/{}".format(*REPOSITORY.split("/"))
"""Where the site of the course is published: that of `make site` and `make lite`, on GitHub Pages."""
IN_BROWSER = ("04", "06", "07", "08", "15")
"""The lessons that train nothing, or only in marked cells: `make lite` makes them run in a browser."""
BADGES = ("binder_badge.png", "browser_badge.png")


def sources(notebooks: Path, names: Sequence[str] = ()) -> list[Path]:
    """Return the sources of all lessons, in order, or of those whose names begin as given.

    Raises:
        BadValue: a name that no lesson begins with.
    """
    known = sorted(notebooks.joinpath("source").glob("[0-9][0-9]_*.py"))
    for name in names:
        if not any(source.stem.startswith(name) for source in known):
            listed = ", ".join(source.stem for source in known) or "none yet"
            raise BadValue(f"no lesson begins with {name}; there are: {listed}")
    return [source for source in known if not names or source.stem.startswith(tuple(names))]


def notebook_of(source: Path) -> Path:
    return source.parent.parent / f"{source.stem}.ipynb"


def badges(lesson: str) -> str:
    """Return the lines at the head of a lesson that open it elsewhere; their pictures are `badge_pictures`."""
    lines = [f"[![Open this lesson on Binder](attachment:{BADGES[0]})]({binder(lesson)})"]
    if lesson.startswith(IN_BROWSER):
        lines.append(f"[![Run this lesson in your browser](attachment:{BADGES[1]})]({in_browser(lesson)})")
    return " ".join(lines) + " (nothing to install; it takes a minute or two)"


def binder(lesson: str) -> str:
    """Return the address that opens a lesson on Binder."""
    return f"https://mybinder.org/v2/gh/{REPOSITORY}/HEAD?urlpath=lab/tree/notebooks/{lesson}.ipynb"


def in_browser(lesson: str) -> str:
    """Return the address at which a lesson of `IN_BROWSER` runs without a server."""
    return f"{SITE}/lite/lab/index.html?path={lesson}.ipynb"


def mistake(where: str) -> str:
    """Return the address of a form for a mistake; `where` is the lesson, and the section."""
    return f"https://github.com/{REPOSITORY}/issues/new?title={quote(f'Mistake in {where}')}"


def badge_pictures(lesson: str) -> dict[str, dict[str, str]]:
    """Return the badges as the attachments of a cell: nothing is fetched when a lesson is opened."""
    shown = BADGES if lesson.startswith(IN_BROWSER) else BADGES[:1]
    content = {name: Path(__file__).with_name(name).read_bytes() for name in shown}
    return {name: {"image/png": base64.b64encode(data).decode()} for name, data in content.items()}
