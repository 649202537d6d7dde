"""The atlas: the table of ground truth that comes with the package."""

from functools import lru_cache
from pathlib import Path

from nasedu.tables.table import Table

FILE = Path(__file__).parent / "atlas.npz"


@lru_cache(maxsize=1)
def atlas() -> Table:
    """Return the table of every network of a small space of chains, trained on a family of different tasks.

    Its data card, `ATLAS.md` in this folder, says how and on what it was made, and for what it must not be used.
    `nasedu table build` makes it again. Used in lessons 00 to 04, 08, 09, 10 and 15.
    """
    return Table.load(FILE)
