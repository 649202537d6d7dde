"""A store in the storage of a browser: SQLite works in memory, and each transaction ends with a copy of all pages.

SQLite cannot work in the file itself. In JupyterLite 0.8.6, an open file has no size before it is closed, so SQLite
takes its own file for damaged. And only a file that is closed reaches the storage.
"""

import sqlite3
from pathlib import Path

from nasedu.core import StoreError

FORMAT = slice(18, 20)
"""Of a database: two bytes that say whether it has a write-ahead log, which a database in memory cannot have."""


class BrowserFile:
    """The file of a store, and what it held when this process last read or wrote it.

    Args:
        path: the file; it need not exist.

    Raises:
        StoreError: a process that was killed has left writes in a second file.
    """

    def __init__(self, path: str):
        self.path = Path(path)
        for end in ("-wal", "-journal"):
            if (rest := Path(f"{path}{end}")).exists() and rest.stat().st_size:
                raise StoreError(
                    f"the store {path} has unfinished writes in {rest.name}, which a browser cannot read: open the "
                    "store once with nasedu on a machine, then upload it again"
                )
        self._content = self._read()

    def load(self) -> sqlite3.Connection:
        """Return a database in memory with the content of the file."""
        db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        if self._content:
            content = bytearray(self._content)
            content[FORMAT] = b"\x01\x01"
            db.deserialize(bytes(content))
        return db

    def check(self) -> None:
        """Check that nobody else has changed the file.

        Raises:
            StoreError: another notebook, or a person, has.
        """
        if self._read() != self._content:
            raise StoreError(
                f"the store {self.path} was changed by another notebook, or removed: open the study again. Nothing was "
                "written"
            )

    def keep(self, db: sqlite3.Connection) -> None:
        """Write all pages of the database into the file.

        Raises:
            StoreError: the storage refuses.
        """
        content = db.serialize()
        try:
            self.path.write_bytes(content)
        except OSError as error:
            raise StoreError(
                f"the store {self.path} cannot be written: {error}. Download what you need, and make room"
            ) from error
        self._content = content

    def _read(self) -> bytes:
        return self.path.read_bytes() if self.path.exists() else b""
