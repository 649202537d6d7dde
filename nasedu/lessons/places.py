"""Where lessons lie: in a checkout beside the package, in an installed package inside it."""

import base64
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nasedu.core import BadValue, MissingExtra

PACKAGE = Path(__file__).resolve().parents[1]
REPOSITORY = "OWNER/nasedu"
"""Where the course is published, on GitHub: the one place to change it (then: `nasedu lessons reword`)."""


def folder(path: Path | None = None) -> Path:
    """The folder of the notebooks and their sources: the one given, or of the checkout, or in the current folder.

    Raises:
        BadValue: it has no `source` in it.
    """
    candidates = [path] if path else [PACKAGE.parent / "notebooks", Path("notebooks")]
    for candidate in candidates:
        if candidate.joinpath("source").is_dir():
            return candidate
    raise BadValue(f"there is no folder {candidates[0] / 'source'}: run this in a checkout of nasedu")


def shipped() -> Path:
    """The folder of the built notebooks: of the checkout, or the one that the installed package brought along.

    Raises:
        BadValue: this installation has none.
    """
    candidates = [PACKAGE.parent / "notebooks", PACKAGE / "notebooks"]
    for candidate in candidates:
        if any(candidate.glob("[0-9][0-9]_*.ipynb")):
            return candidate
    raise BadValue(f"no lesson NN_*.ipynb in {' or '.join(map(str, candidates))}: install nasedu again, or clone it")


def sources(notebooks: Path, names: Sequence[str] = ()) -> list[Path]:
    """The sources of all lessons, in order, or of those whose names begin as given.

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


BADGE = "binder_badge.png"


def badge(lesson: str) -> str:
    """The line at the head of a lesson that opens it on Binder; its picture is in the notebook, see `badge_picture`."""
    picture = f"![Open this lesson on Binder](attachment:{BADGE})"
    return f"[{picture}]({binder_address(lesson)}) (nothing to install; it takes a minute or two)"


def badge_picture() -> dict[str, dict[str, str]]:
    """The badge as the attachments of a cell: nothing is fetched from elsewhere when a lesson is opened."""
    data = Path(__file__).with_name(BADGE).read_bytes()
    return {BADGE: {"image/png": base64.b64encode(data).decode()}}


def binder_address(lesson: str) -> str:
    return f"https://mybinder.org/v2/gh/{REPOSITORY}/HEAD?urlpath=lab/tree/notebooks/{lesson}.ipynb"


def needed(module: str) -> Any:
    """A module that only authors have.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra(f"lessons are built with {module}: pip install 'nasedu[dev]'") from error
