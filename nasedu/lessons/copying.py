"""Lessons for a student to work in: copies, so that what JupyterLab saves never changes the originals.

A list next to the copies says what each file was when it was copied. A file that is still the same is brought up to
date; one that the student has changed is the student's, and stays.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from nasedu.core import BadValue

LIST = ".nasedu-lessons.json"
SUFFIXES = (".ipynb", ".md", "")


@dataclass(frozen=True)
class Copied:
    """What became of each file.

    Attributes:
        target: where the copies are.
        written: files that are new, or were brought up to date.
        kept: files that the student changed.
        outdated: those of them whose original is another one now.
    """

    target: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]
    outdated: tuple[str, ...]

    def words(self) -> str:
        return (
            f"{len(self.written)} files copied to {self.target}" if self.written else f"nothing new for {self.target}"
        )

    def advice(self) -> str:
        """Return how to get the originals of the files that were kept."""
        first = self.target / self.kept[0]
        return (
            f"not overwritten, because you changed them: {', '.join(self.kept)}. To get an original, rename yours "
            f"(mv {first} {first.with_stem(first.stem + '-mine')}) and copy again."
        )


def copy_lessons(origin: Path, target: Path) -> Copied:
    """Copy the notebooks, and the pages that they link to. What was changed in the target is not overwritten.

    Raises:
        BadValue: the target lies in the folder of the originals, or is no folder that can be written.
    """
    target = target.expanduser()
    if target.resolve().is_relative_to(origin.resolve()):
        raise BadValue(f"{target} lies where the originals are: choose a folder of your own")
    try:
        target.mkdir(parents=True, exist_ok=True)
        return _copy(origin, target)
    except OSError as error:
        raise BadValue(f"{target} cannot be written ({error.strerror}): choose a folder of your own") from error


def _copy(origin: Path, target: Path) -> Copied:
    copied = _read_list(target)
    written, kept, outdated = [], [], []
    for file in _files(origin):
        name, new, mine = file.name, file.read_bytes(), target / file.name
        old = mine.read_bytes() if mine.exists() else None
        if old is not None and old != new and copied.get(name) != _digest(old):
            kept.append(name)
            if copied.get(name) != _digest(new):
                outdated.append(name)
            continue
        if old != new:
            mine.write_bytes(new)
            written.append(name)
        copied[name] = _digest(new)
    (target / LIST).write_text(json.dumps(copied, indent=1), encoding="utf-8")
    return Copied(target, tuple(written), tuple(kept), tuple(outdated))


def _files(origin: Path) -> list[Path]:
    visible = (path for path in origin.iterdir() if path.is_file() and not path.name.startswith("."))
    return sorted(path for path in visible if path.suffix in SUFFIXES)


def _read_list(target: Path) -> dict[str, str]:
    try:
        found = json.loads((target / LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
