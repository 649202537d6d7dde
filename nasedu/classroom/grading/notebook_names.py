"""Finds the notebook of an assignment among the files of a submission, whatever a browser or a platform called it."""

import re
from collections.abc import Iterable, Sequence

NOTEBOOK = re.compile(r"(?!\.)(?P<stem>.*?)\.ipynb(?:\.txt|\.json)?", re.IGNORECASE | re.DOTALL)
COPY = re.compile(
    r"^(?:copy of |kopie von )|(?:[ _-]*(?:\(\d+\)|copy\d*|kopie\d*|副本)|-\d+|_\d+)+$",
    re.IGNORECASE,
)
"""What browsers, platforms and JupyterLab add to the name of a second copy."""


def is_notebook(name: str) -> bool:
    """Return whether a file is called like a notebook, also as `04.IPYNB` or `04.ipynb.txt`."""
    return NOTEBOOK.fullmatch(name) is not None


def choose_notebooks(names: Iterable[str], wanted: Sequence[str]) -> tuple[dict[str, str], str]:
    """Choose the files of a submission that are the notebooks of its assignment.

    Args:
        names: the names of all files of the submission.
        wanted: the names of the notebooks of the assignment, such as `04.ipynb`.

    Returns:
        The chosen file for each wanted name that was found, and a sentence on the problem if none was found.
    """
    names = list(names)
    notebooks = [name for name in names if is_notebook(name)]
    chosen = {name: found for name in wanted if (found := _chosen(name, notebooks))}
    if len(wanted) == len(notebooks) == 1:
        chosen = {wanted[0]: notebooks[0]}
    if chosen or not wanted:
        return chosen, ""
    if not notebooks:
        found = _listed(names) if names else "nothing"
        return {}, f"No notebook was handed in, only {found}. Hand in {_listed(wanted)}."
    return {}, f"What was handed in is called {_listed(notebooks)}: hand in one file, and call it {_listed(wanted)}."


def _chosen(wanted: str, names: Sequence[str]) -> str:
    """Return the file that is called as wanted, else the only one that is nearly called so, else nothing."""
    if wanted in names:
        return wanted
    for simple in (str.casefold, _plain):
        alike = [name for name in names if simple(name) == simple(wanted)]
        if alike:
            return alike[0] if len(alike) == 1 else ""
    return ""


def _plain(name: str) -> str:
    found = NOTEBOOK.fullmatch(name)
    return COPY.sub("", found["stem"] if found else name).strip().casefold()


def _listed(names: Iterable[str], most: int = 4) -> str:
    names = sorted(names)
    shown = [name if len(name) <= 60 else f"{name[:57]}..." for name in names[:most]]
    if len(names) > most:
        shown.append(f"{len(names) - most} others")
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
