"""Where the lessons of this checkout lie, and where they are published."""

import base64
from collections.abc import Sequence
from pathlib import Path

from nasedu.core import BadValue

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
REPOSITORY = "OWNER/nasedu"
"""Where the course is published, on GitHub: the one place to change it (then: `python -m tools.lessons reword`)."""

BADGE = "binder_badge.png"


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


def badge(lesson: str) -> str:
    """Return the line at the head of a lesson that opens it on Binder; its picture is `badge_picture`."""
    picture = f"![Open this lesson on Binder](attachment:{BADGE})"
    return f"[{picture}]({binder(lesson)}) (nothing to install; it takes a minute or two)"


def binder(lesson: str) -> str:
    """Return the address that opens a lesson on Binder."""
    return f"https://mybinder.org/v2/gh/{REPOSITORY}/HEAD?urlpath=lab/tree/notebooks/{lesson}.ipynb"


def badge_picture() -> dict[str, dict[str, str]]:
    """Return the badge as the attachments of a cell: nothing is fetched when a lesson is opened."""
    data = Path(__file__).with_name(BADGE).read_bytes()
    return {BADGE: {"image/png": base64.b64encode(data).decode()}}
