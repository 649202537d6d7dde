"""The file of a search or a training: where it may be, who has it open, and that nobody else has written it since."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nasedu.core import BadValue, StoreHeld
from nasedu.oneshot.search_state import SearchState, save_state
from nasedu.store.lock import still_alive, this_process


class CheckpointFile:
    """A file that one process writes again and again.

    Args:
        path: the file, which may not exist yet.
    """

    def __init__(self, path: Path):
        self.path = path
        self._saved, self._written = time.monotonic(), self._on_disk()
        self._new = self._written is None

    @property
    def age(self) -> float:
        """Return the seconds since this process wrote it, or opened it."""
        return time.monotonic() - self._saved

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other processes out inside, by a hidden file beside this one. A process that was killed holds nothing.

        Raises:
            StoreHeld: another living process has the file open.
            BadValue: the folder cannot be written.
        """
        lock = self.path.with_name(f".{self.path.name}.lock")
        try:
            self._check_free(lock)
            lock.unlink(missing_ok=True)
            with lock.open("x") as file:  # of two processes that begin at the same moment, one fails here
                json.dump(this_process(), file)
        except OSError as error:
            why = error.strerror or error
            raise BadValue(f"{self.path} cannot be written: {why}; name another file with --store") from error
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)

    def _check_free(self, lock: Path) -> None:
        with suppress(FileNotFoundError, ValueError, LookupError, TypeError):  # none, or one that is half-written
            holder = json.loads(lock.read_text())
            quiet = time.time() - max(file.stat().st_mtime for file in (lock, self.path) if file.exists())
            if holder != this_process() and still_alive(holder, quiet):
                raise StoreHeld(
                    f"process {holder['pid']} on {holder['host']} is working on {self.path}: wait for it or stop it, "
                    "or name another file with --store"
                )

    @contextmanager
    def dropped_on_failure(self) -> Iterator[None]:
        """Remove the file if this process made it, and what is computed inside fails: it would fail again."""
        try:
            yield
        except BadValue:
            if self._new and self._on_disk() == self._written:
                self.path.unlink(missing_ok=True)
            raise

    def write(self, state: SearchState) -> None:
        """Write a state. Raise BadValue if it cannot be written, or if another process has written the file since."""
        if self._on_disk() not in (None, self._written):
            raise BadValue(
                f"another process has written {self.path} since; let one of the two end, or give each a file "
                "of its own with --store"
            )
        save_state(state, self.path)
        self._saved, self._written = time.monotonic(), self._on_disk()

    def _on_disk(self) -> tuple[int, int] | None:
        """Return what tells this file from one that another process wrote in its place; None for no file."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns


def check_place(path: Path, option: str) -> None:
    """Raise BadValue if a file cannot be written there, before anything is computed."""
    why = ""
    if path.is_dir():
        why = "it is a folder"
    elif not path.parent.is_dir():
        why = f"there is no folder {path.parent}"
    else:
        with suppress(OSError):
            places = [place for place in (path, path.parent) if place.exists()]
            why = "" if all(os.access(place, os.W_OK) for place in places) else "permission denied"
    if why:
        raise BadValue(f"{path} cannot be written: {why}; name another file with {option}")
