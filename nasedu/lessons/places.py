"""Where the built lessons lie: in a checkout next to the package, in an installed package inside it."""

from pathlib import Path

from nasedu.core import BadValue

PACKAGE = Path(__file__).resolve().parents[1]


def shipped() -> Path:
    """Return the folder of the built notebooks: of the checkout, or the one inside the installed package.

    Raises:
        BadValue: this installation has none.
    """
    candidates = [PACKAGE.parent / "notebooks", PACKAGE / "notebooks"]
    for candidate in candidates:
        if any(candidate.glob("[0-9][0-9]_*.ipynb")):
            return candidate
    raise BadValue(f"no lesson NN_*.ipynb in {' or '.join(map(str, candidates))}: install nasedu again, or clone it")
