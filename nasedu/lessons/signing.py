"""Signatures of the copies, as `jupyter trust` gives them: the players in their saved outputs then play at once.

The outputs come from the package whose code the student runs anyway. Outputs of a student's own run are JupyterLab's to
sign, which it does when it saves them.
"""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

DEAD = "saved players stand still until you run their cells"


def sign(origin: Path, target: Path, names: Sequence[str]) -> str:
    """Mark as trusted the copies with the outputs of their originals; those that are signed already stay so.

    Args:
        origin: folder of the originals.
        target: folder of the copies.
        names: files to sign; pages are passed over.

    Returns:
        one line on what did not work; empty if all is well.
    """
    try:
        from nbformat.sign import NotebookNotary

        notary = NotebookNotary()
        with closing(notary.store):
            for name in (name for name in names if name.endswith(".ipynb")):
                mine = _read(target / name)
                if _run(mine) == _run(_read(origin / name)):
                    notary.sign(mine)
            if notary.store.db_file == ":memory:":
                return f"{DEAD}: Jupyter's data folder {notary.data_dir} cannot be written"
    except Exception as error:  # whatever is wrong with Jupyter's data folder: a lesson without players is a lesson
        return f"{DEAD}: they could not be signed ({type(error).__name__}: {error})"
    return ""


def _read(path: Path) -> Any:
    from nbformat.v4 import reads

    return reads(path.read_text(encoding="utf-8"))


def _run(notebook: Any) -> tuple[Any, list[Any]]:
    """Return what a run leaves: the state of the widgets, and the outputs of each cell that has any."""
    return notebook["metadata"].get("widgets"), [cell["outputs"] for cell in notebook["cells"] if cell.get("outputs")]
