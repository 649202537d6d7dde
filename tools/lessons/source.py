"""A lesson as its author writes it, py:percent, read as a notebook without outputs."""

import copy
from pathlib import Path
from typing import Any

import jupytext

from tools.lessons.places import badge_pictures, badges

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def read_source(source: Path) -> Any:
    """Return the notebook that a py:percent source describes, without outputs. The same source gives the same notebook.

    Under its title stand links that open it elsewhere: added here, so that no source repeats an address.
    """
    notebook = jupytext.read(source, fmt="py:percent")
    notebook.metadata = copy.deepcopy(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:03d}"
    first = notebook.cells[0]
    if first.cell_type == "markdown" and first.source.startswith("# "):
        title, _, rest = first.source.partition("\n")
        first.source = f"{title}\n\n{badges(source.stem)}\n{rest}".rstrip("\n")
        first.attachments = badge_pictures(source.stem)
    return notebook
