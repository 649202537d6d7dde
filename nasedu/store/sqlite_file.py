"""The file of a store: inspected before any change, opened, written in transactions, with errors in plain words."""

import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from nasedu.core import StoreError
from nasedu.core.machine import in_browser
from nasedu.store.browser_file import BrowserFile

APPLICATION = 0x4E415345  # "NASE", at a fixed place in the file: it marks the file as a store of nasedu
VERSION = 1
IN_MEMORY = ":memory:"
PATIENCE = 30  # seconds that a process waits for the end of another process's write
RETRIES = (0.05, 0.2)  # seconds that it waits before it looks again at a file that looks damaged

SCHEMA = """
CREATE TABLE studies (
    id INTEGER PRIMARY KEY,
    identity TEXT NOT NULL UNIQUE,      -- JSON: task, space, controller, trainer, epochs, seed, prior
    prior TEXT,                         -- JSON: what the study was opened with
    created TEXT NOT NULL,
    holder TEXT                         -- JSON: the process that has it open
);
CREATE TABLE trials (
    study INTEGER NOT NULL REFERENCES studies(id),
    number INTEGER NOT NULL,            -- in the order asked, from 0
    batch INTEGER NOT NULL,             -- asked together, before any of them was told
    architecture TEXT NOT NULL,
    status TEXT NOT NULL,               -- JSON: the controller's status when it asked
    evaluation TEXT,                    -- JSON; NULL until there is one
    PRIMARY KEY (study, number)
) WITHOUT ROWID;
CREATE TABLE finals (
    study INTEGER NOT NULL REFERENCES studies(id),
    role TEXT NOT NULL,                 -- best, or hand-picked
    architecture TEXT NOT NULL,
    evaluation TEXT NOT NULL,           -- JSON; on the test split
    PRIMARY KEY (study, role, architecture)
);
"""

ADDED = {
    "winners": """
        study INTEGER PRIMARY KEY REFERENCES studies(id),
        about TEXT NOT NULL,                -- JSON: the network, its task and preparation (nasedu.study.winner)
        weights BLOB NOT NULL               -- safetensors
    """,
    "names": """
        study INTEGER PRIMARY KEY REFERENCES studies(id),
        name TEXT NOT NULL UNIQUE           -- what a person calls the study
    """,
    "queue": """
        study INTEGER NOT NULL REFERENCES studies(id),
        architecture TEXT NOT NULL,         -- to be asked before the controller is, in the order of the rows
        UNIQUE (study, architecture)
    """,
    "comparisons": """
        study INTEGER PRIMARY KEY REFERENCES studies(id)  -- of a rival, run only to compare another search with it
    """,
    "origins": """
        study INTEGER NOT NULL REFERENCES studies(id),
        number INTEGER NOT NULL,            -- of a trial that the controller did not ask for
        origin TEXT NOT NULL,               -- enqueued, or imported
        PRIMARY KEY (study, number)
    """,
}
"""Tables that came later, by name. A store without one is read as if it were empty; a process that may write adds it.

Each has a column `study`: what it says of a study goes when the study is deleted.
"""


class SQLiteFile:
    """An SQLite file with the tables of a store; ":memory:" keeps them for as long as the process lives.

    Arguments and errors: see Store.
    """

    def __init__(self, path: str | os.PathLike[str], *, create: bool = True):
        self.path = str(path)
        self.quiet = 0.0  # seconds since the last write of any process
        self._browser_file: BrowserFile | None = None
        if self.path == IN_MEMORY:
            self._db = self._connect()
        else:
            filled = self._check_path(create)
            if in_browser():
                self._browser_file = BrowserFile(self.path)
            if filled:
                self._inspect_with_retries()
            self._db = self._browser_file.load() if self._browser_file else self._connect(self._mode(create))
        try:
            self._prepare(create)
        except BaseException:
            self._db.close()
            raise

    # ------------------------------------------------------------------ opening

    def _check_path(self, create: bool) -> bool:
        """Check what the file system can tell; return True if the file exists and is not empty.

        Only SQLite may open the file here. Closing another handle would drop every lock that SQLite holds on the file
        for another store of this process (POSIX locks belong to the process, not to the file handle).
        """
        path = Path(self.path)
        try:
            status = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            if not create:
                raise StoreError(f"there is no store at {path}") from None
            if not path.parent.is_dir():
                raise StoreError(f"there is no folder {path.parent} for the store {path.name}: make it first") from None
            status = None
        except (OSError, ValueError) as error:
            raise StoreError(f"the store {self.path!r} cannot be read: {error}") from error
        if status and stat.S_ISDIR(status.st_mode):
            raise StoreError(f"{path} is a folder; a store is a file: give a name in it, such as {path / 'search.db'}")
        if status and not stat.S_ISREG(status.st_mode):
            raise StoreError(f"{path} is no file; a store is a file of its own")
        if create and not self._writable():
            raise StoreError(
                f"the store {path} cannot be written; it was left as it is: use one in a folder that you may write to"
            )
        if status is None or status.st_size == 0:
            return False
        if not _may(path, os.R_OK):
            raise StoreError(f"the store {path} cannot be read: you have no permission to")
        self.quiet = time.time() - status.st_mtime
        with suppress(FileNotFoundError):
            self.quiet = min(self.quiet, time.time() - Path(self.path + "-wal").stat().st_mtime)
        return True

    def _writable(self) -> bool:
        """Return whether the file may be written, and the files in its folder that SQLite needs while it writes."""
        path = Path(self.path)
        return _may(path.parent, os.W_OK | os.X_OK) and (not path.exists() or _may(path, os.W_OK))

    def _unfinished_files(self, *ends: str) -> list[Path]:
        """Return SQLite's side files with unfinished work: "-wal" (to move into the store), "-journal" (to undo)."""
        found = []
        for end in ends:
            with suppress(FileNotFoundError):  # another process may remove it at any moment
                path = Path(self.path + end)
                if path.stat().st_size:
                    found.append(path)
        return found

    def _inspect_with_retries(self) -> None:
        """Inspect the file, with two retries: another process may be creating it or cleaning it up at this moment."""
        for wait in RETRIES:
            try:
                return self._inspect()
            except StoreError:
                time.sleep(wait)
        self._inspect()

    def _inspect(self) -> None:
        """Refuse a file that is no intact store of this version; change no byte of it, and leave no new file."""
        with closing(self._connect("immutable=1")) as db, self._clear_errors():
            db.execute("PRAGMA writable_schema=ON")  # let SQLite read the first page even if the last one is missing
            self._check_owner(db)
            db.execute("PRAGMA writable_schema=OFF")
            if not self._unfinished_files("-wal", "-journal"):
                self._check_sound(db)
        if self._unfinished_files("-wal"):  # a process is running or was killed: its last writes are in the log only
            self._inspect_log()

    def _inspect_log(self) -> None:
        index = Path(self.path + "-shm")
        was_there = index.exists()
        try:
            with closing(self._connect("mode=ro")) as db, self._clear_errors():  # "ro" moves nothing into the file
                self._check_owner(db)
                self._check_sound(db)
        except StoreError:
            if not was_there:
                with suppress(OSError):
                    index.unlink()
            raise

    def _check_owner(self, db: sqlite3.Connection) -> None:
        application, version = (
            db.execute(query).fetchone()[0] for query in ("PRAGMA application_id", "PRAGMA user_version")
        )
        if application != APPLICATION:
            raise StoreError(f"{self.path} is an SQLite database of another program; it was left as it is")
        if version > VERSION:
            raise StoreError(
                f"the store {self.path} was written by a newer nasedu (store version {version}, this one reads up to "
                f"{VERSION}): upgrade nasedu; it was left as it is"
            )

    def _check_sound(self, db: sqlite3.Connection) -> None:
        problem = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        page = db.execute("PRAGMA page_size").fetchone()[0]
        if problem == "ok" and Path(self.path).stat().st_size % page and not self._unfinished_files("-wal"):
            problem = "its last page is truncated"  # SQLite would read zeros for the missing bytes
        if problem != "ok":
            raise StoreError(
                f"the store {self.path} is damaged ({' '.join(problem.split())}): put back a copy; it was left as it is"
            )

    def _mode(self, create: bool) -> str:
        """Return how to open the file.

        A process that may write opens it for writing even to read: only then SQLite removes its side files at the end.
        """
        if create:
            return "mode=rwc"
        if self._writable():
            return "mode=rw"
        return "mode=ro" if self._unfinished_files("-wal") else "immutable=1"

    def _connect(self, mode: str = "") -> sqlite3.Connection:
        """Return a connection that every thread may use, one at a time."""
        file = f"{Path(self.path).absolute().as_uri()}?{mode}" if mode else IN_MEMORY
        with self._clear_errors():
            return sqlite3.connect(
                file, uri=bool(mode), timeout=PATIENCE, isolation_level=None, check_same_thread=False
            )

    def _prepare(self, create: bool) -> None:
        with self._clear_errors():
            if not create:
                self._db.execute("PRAGMA query_only=ON")
                if not self._has_tables():
                    raise StoreError(f"the store {self.path} is empty: no study was ever begun in it")
            elif not self._has_tables():
                self._make_tables()
            self._check_owner(self._db)
            if create:
                self._db.execute("PRAGMA synchronous=NORMAL")
                self._write_ahead()
                self._add_tables()

    def _has_tables(self) -> bool:
        return bool(self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])

    def _make_tables(self) -> None:
        """Make the tables in one transaction, before the write-ahead log begins: then the file itself names its owner.

        It does not wait for the disk, which saves 30 ms: a killed process loses nothing, and the switch to the log
        waits.
        """
        self._db.execute("PRAGMA synchronous=OFF")
        with self.transaction() as db:
            if self._has_tables():
                return  # another process made them first
            for statement in SCHEMA.split(";\n"):
                db.execute(statement)
            self._add_tables()
            db.execute(f"PRAGMA application_id={APPLICATION}")
            db.execute(f"PRAGMA user_version={VERSION}")
        with suppress(sqlite3.OperationalError):  # another process has already made the switch
            self._db.execute("PRAGMA journal_mode=MEMORY")  # the switch writes one page and needs no journal file

    def _add_tables(self) -> None:
        """Make the tables that came after the first version of this store; nothing is written where they are there."""
        for name, columns in ADDED.items():
            if not self._has_table(name):
                self._db.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")

    def _has_table(self, name: str) -> bool:
        return bool(self._rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", name))

    def _write_ahead(self) -> None:
        """Switch the write-ahead log on; while another process does the same, SQLite says "locked" without waiting."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self._db.execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
                time.sleep(0.01)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction: all statements inside are written, or none."""
        with self._clear_errors():
            if self._browser_file:
                self._browser_file.check()
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            if self._browser_file:
                self._browser_file.keep(self._db)

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with self._clear_errors():
            return self._db.execute(query, values).fetchall()

    def _rows_of_added(self, table: str, query: str, *values: Any) -> list[Any]:
        """Return the rows of a table in `ADDED`; none where an earlier version wrote the store, and nobody since."""
        return self._rows(query, *values) if self._has_table(table) else []

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Raise StoreError for a row that cannot be read: its bytes were changed where SQLite itself checks nothing."""
        try:
            yield
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise StoreError(f"the store {self.path} is damaged: put back a copy ({error})") from error

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        """Translate SQLite's errors into a StoreError that says what to do."""
        try:
            yield
        except sqlite3.Error as error:
            text = str(error)
            advice = {
                "full": "the disk is full: free some space, then run the same command again; finished trials are kept",
                "readonly": "it cannot be written: choose a folder that you may write to",
                "unable to open": "it cannot be opened for writing: choose a folder that you may write to",
                "disk I/O": "the disk refused to read or write: free some space, then run the same command again",
                "malformed": "it is truncated or damaged: put back a copy; it was left as it is",
                "not a database": "it is not a nasedu store, nor any SQLite database; it was left as it is "
                "(a file of nasedu oneshot or metatrain is read by that command only: type it once more)",
                "locked": f"another process has been writing to it for {PATIENCE} seconds: wait for it, or stop it",
                "closed database": "it was closed: open the study again",
            }
            if self.path != IN_MEMORY and "disk I/O" in text and not Path(self.path).exists():
                raise StoreError(f"store {self.path}: the file is gone; was it moved or removed?") from error
            reason = next((words for sign, words in advice.items() if sign in text), "SQLite refused")
            raise StoreError(f"store {self.path}: {reason} ({text})") from error


def _may(path: Path, mode: int) -> bool:
    """Return whether this process, with its present rights, may do that."""
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)
