"""Lessons for a student to work in: copies, so that what JupyterLab saves never changes the originals.

JupyterLab also saves a notebook that was only looked at: with other metadata, with lines divided otherwise. So the
sources of the cells tell whether a student changed a copy. A list next to the copies keeps a digest of the sources of
every edition that was copied there. A copy with the sources of one of them is brought up to date, also if it was run.
One with other sources is the student's, and stays.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from nasedu.core import BadValue, counted

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
        untouched: files that the student did not change, the written ones included.
    """

    target: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]
    outdated: tuple[str, ...]
    untouched: tuple[str, ...]

    def words(self) -> str:
        if not self.written:
            return f"nothing new for {self.target}"
        return f"{counted(len(self.written), 'file')} copied to {self.target}"

    def advice(self) -> str:
        """Return how to get the originals of the files that were kept."""
        first = self.target / self.kept[0]
        return (
            f"not overwritten, because you changed them: {', '.join(self.kept)}. To get an original, rename yours "
            f"(mv {first} {first.with_stem(first.stem + '-mine')}) and copy again."
        )


@dataclass(frozen=True)
class Editions:
    """What is known of the editions of a file that were copied to a folder.

    Attributes:
        last: digest of all bytes of the last one; empty if none is known.
        sources: digests of what the cells of each one say; see `sources_digest`.
    """

    last: str = ""
    sources: tuple[str, ...] = ()

    def with_edition(self, content: bytes) -> "Editions":
        """Return what is known after this edition was copied."""
        return Editions(_digest(content), tuple(dict.fromkeys((*self.sources, sources_digest(content)))))


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
    written, kept, outdated, untouched = [], [], [], []
    for file in _files(origin):
        name, new, mine = file.name, file.read_bytes(), target / file.name
        old = mine.read_bytes() if mine.exists() else None
        known = copied.get(name, Editions())
        after = known.with_edition(new)
        if old is not None and sources_digest(old) not in after.sources and _digest(old) != known.last:
            kept.append(name)
            if after.last != known.last and after.sources != known.sources:
                outdated.append(name)
            continue
        untouched.append(name)
        # What was run and not edited stays until there is another edition: a student may want to see these outputs.
        if old is None or (old != new and known.last not in ("", after.last)):
            _write(mine, new)
            written.append(name)
        copied[name] = after
    listed = {name: {"last": one.last, "sources": one.sources} for name, one in copied.items()}
    _write(target / LIST, json.dumps(listed, indent=1).encode())
    return Copied(target, tuple(written), tuple(kept), tuple(outdated), tuple(untouched))


def sources_digest(content: bytes) -> str:
    """Return a digest of what a student types into a notebook: kinds and sources of its cells, without empty ones.

    Outputs, metadata, ids and the division into lines do not count: JupyterLab changes them. Nor does an empty cell:
    JupyterLab adds one after the last cell is run. Of a file that is no notebook, all bytes count.
    """
    try:
        cells = [(cell["cell_type"], "".join(cell["source"]).rstrip()) for cell in json.loads(content)["cells"]]
    except (ValueError, LookupError, TypeError):
        return _digest(content)
    return _digest(json.dumps([cell for cell in cells if cell[1]]).encode())


def _files(origin: Path) -> list[Path]:
    visible = (path for path in origin.iterdir() if path.is_file() and not path.name.startswith("."))
    return sorted(path for path in visible if path.suffix in SUFFIXES)


def _write(path: Path, content: bytes) -> None:
    """Write a file in one step: half of one, after a stop, would be taken for a student's work."""
    half = path.with_name(f".{path.name}.half")
    half.write_bytes(content)
    half.replace(path)


def _read_list(target: Path) -> dict[str, Editions]:
    """Return what the list says; lists of nasedu 0.1 have one digest of all bytes for each file."""
    try:
        found = json.loads((target / LIST).read_text(encoding="utf-8"))
        return {
            name: Editions(one) if isinstance(one, str) else Editions(one["last"], tuple(one["sources"]))
            for name, one in found.items()
        }
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
