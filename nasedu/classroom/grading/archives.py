"""Reads what a platform lets an instructor download: a zip archive or its unpacked folder, and zip archives inside.

Nothing is unpacked to its own place. Names only tell whose a file is, and the caller chooses where its content goes.
Every content is read piece by piece and counted, whatever the archive says about its size.
"""

import contextlib
import io
import os
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO

from nasedu.core import BadValue

MOST_BYTES = 60_000_000
"""Of one file, unpacked."""
MOST_TOGETHER = 150_000_000
"""Of all files of one student, unpacked."""
MOST_FILES = 200
"""Of one student."""
PIECE = 1 << 20
RUBBISH = {"__MACOSX", ".ipynb_checkpoints", "Thumbs.db", "desktop.ini", "__pycache__"}


class Refused(ValueError):
    """A file that is not taken from an archive; the message says why, in words for its author."""


@dataclass(frozen=True)
class Entry:
    """A file in a download.

    Attributes:
        parts: its path inside, as names.
        open: a function that opens it.
        time: the time in the archive or on the disk, in the local time zone; None if there is none.
        trouble: why its content must not be read; empty if it may be.
    """

    parts: tuple[str, ...]
    open: Callable[[], IO[bytes]]
    time: datetime | None = None
    trouble: str = ""

    @property
    def name(self) -> str:
        return self.parts[-1]


class Budget:
    """How much may still be read for one student."""

    def __init__(self) -> None:
        self.bytes, self.files = MOST_TOGETHER, MOST_FILES

    def read(self, entry: Entry) -> bytes:
        """Return the content of a file. Raise Refused if it is too much, or if it cannot be read."""
        if entry.trouble:
            raise Refused(f"{entry.name} {entry.trouble}")
        self.files -= 1
        if self.files < 0:
            raise Refused(f"there are more than {MOST_FILES} files")
        most, read = min(MOST_BYTES, self.bytes), io.BytesIO()
        try:
            with entry.open() as file:
                while read.tell() <= most and (piece := file.read(PIECE)):
                    read.write(piece)
        except Exception as error:  # the reader of damaged archives raises errors of many kinds
            raise Refused(f"{entry.name} is damaged or locked: {_words(error)}") from None
        finally:
            self.bytes -= read.tell()  # also what is refused has cost its time
        if read.tell() > most:
            raise Refused(
                f"{entry.name} is too large: of one file {MOST_BYTES:,} bytes are read, of all {MOST_TOGETHER:,}"
            )
        return read.getvalue()


def entries(path: Path) -> list[Entry]:
    """Return the files of a download. Raise BadValue if it is no folder and no zip archive."""
    if path.is_dir():
        return [entry for entry in _in_folder(path) if not _is_rubbish(entry.parts)]
    try:
        return entries_of_zip(path.open("rb"))
    except Refused as error:
        raise BadValue(
            f"{path} {error}: give the archive as it was downloaded, or the folder with its content"
        ) from None
    except OSError as error:
        raise BadValue(f"{path} cannot be read: {error.strerror}") from None


def entries_of_zip(file: IO[bytes], most: int | None = None) -> list[Entry]:
    """Return the files in a zip archive. Raise Refused if it is none, or if it has more than `most` files."""
    try:
        archive = zipfile.ZipFile(file)
        infos = archive.infolist()
    except Exception as error:  # the reader of damaged archives raises errors of many kinds
        raise Refused(f"is no zip archive that can be read: {_words(error)}") from None
    if most is not None and len(infos) > most:
        raise Refused(f"holds {len(infos):,} files, and {most} are read")
    found = [_entry(archive, info) for info in infos if not info.filename.endswith("/")]
    return [entry for entry in found if entry.parts and not _is_rubbish(entry.parts)]


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Entry:
    name = info.orig_filename
    if not info.flag_bits & 0x800:  # no mark for UTF-8: many programs write it without the mark
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    mode = info.external_attr >> 16
    trouble = "is a symbolic link" if stat.S_ISLNK(mode) else ""
    parts = _parts(name.replace("\\", "/"))
    if not trouble and _escapes(name):
        trouble = "has a path that leads out of its folder"
    return Entry(parts, lambda: archive.open(info), _time(info), trouble)


def _time(info: zipfile.ZipInfo) -> datetime | None:
    try:
        made = datetime(*info.date_time)
        return made.astimezone() if made.year > 1990 else None
    except (ValueError, OverflowError, OSError):
        return None


def _escapes(name: str) -> bool:
    pure = PurePosixPath(name.replace("\\", "/"))
    return pure.is_absolute() or ".." in pure.parts or "\0" in name or name[1:2] == ":"


def _parts(name: str) -> tuple[str, ...]:
    """Return a path as names that no file system takes for anything else."""
    return tuple(part for part in name.split("/") if part not in ("", "."))


def _in_folder(path: Path) -> Iterator[Entry]:
    for where, folders, files in os.walk(path):
        folders.sort()
        links = [name for name in folders if Path(where, name).is_symlink()]
        for name in sorted([*files, *links]):
            place = Path(where, name)
            try:
                status = place.lstat()
            except OSError:
                continue
            trouble = "" if stat.S_ISREG(status.st_mode) else "is no plain file"
            trouble = "is a symbolic link" if stat.S_ISLNK(status.st_mode) else trouble
            time = datetime.fromtimestamp(status.st_mtime).astimezone()
            yield Entry(place.relative_to(path).parts, _opener(place), time, trouble)


def _opener(place: Path) -> Callable[[], IO[bytes]]:
    return lambda: place.open("rb")


def _is_rubbish(parts: tuple[str, ...]) -> bool:
    return any(part in RUBBISH or part.startswith("._") for part in parts)


def _words(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__


def safe_name(name: str, longest: int = 120) -> str:
    """Return a name as the name of a file or folder: no control characters, no separators, nothing hidden.

    nbgrader takes [ ] * ? for a pattern, so they are replaced, too.
    """
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    kept = "".join(letter if letter.isprintable() else "_" for letter in name)
    kept = kept.translate(str.maketrans('[]*?/\\:"<>|', "()+____'()_")).strip(" .")
    while len(kept.encode()) > longest:
        stem, dot, end = kept.rpartition(".")
        kept = f"{stem[:-1]}.{end}" if dot and stem and len(end) <= 10 else kept[:-1]
    return kept or "_"
