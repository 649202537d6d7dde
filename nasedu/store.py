"""What a study remembers: one SQLite file, many studies, every trial.

The file is the single truth. It is written in transactions (write-ahead log), so a process that is killed at any
moment leaves all that was finished and nothing half-written. Results survive the death of the process; in a power cut
the last few may be lost, the file stays sound.
"""

import json
import os
import socket
import sqlite3
import stat
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from nasedu.core import Architecture, BadValue, Evaluation, StoreError, StoreHeld

APPLICATION = 0x4E415345  # "NASE", at a fixed place in the file: how it is told from other SQLite databases
VERSION = 1
IN_MEMORY = ":memory:"
PATIENCE = 30  # seconds that a process waits for another one's write to end
SILENCE = 900  # seconds after which a process on another machine that writes nothing is taken to be gone

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


@dataclass(frozen=True)
class Trial:
    """One architecture that was asked for, and what came of it.

    Attributes:
        number: its place in the study, from 0, in the order asked.
        batch: trials of one batch were asked together, before any of them was told.
        architecture: what was asked for.
        status: the controller's numbers when it asked, such as epsilon.
        evaluation: None while it is being trained.
    """

    number: int
    batch: int
    architecture: Architecture
    status: dict[str, float]
    evaluation: Evaluation | None = None

    @property
    def score(self) -> float:
        if self.evaluation is None:
            raise StoreError(f"trial {self.number} has no score yet: it was asked for, but not evaluated")
        return self.evaluation.score


class Store:
    """An SQLite file with studies; `Store(":memory:")` keeps them for as long as the process lives.

    Args:
        path: the file; it is made if it does not exist and `create` is set.
        create: whether a file that does not exist is made, and may be written to; False opens for reading only.

    Raises:
        StoreError: a folder, a file that is no store, a truncated one, one from newer code, or one that cannot be
            read or written. What was there is untouched.
    """

    def __init__(self, path: str | os.PathLike[str], *, create: bool = True):
        self.path = str(path)
        self.quiet = 0.0  # seconds since anybody wrote to it
        if self.path == IN_MEMORY:
            self._db = self._connect()
        else:
            if self._check_path(create):
                self._look_again_before_refusing()
            self._db = self._connect(self._mode(create))
        try:
            self._prepare(create)
        except BaseException:
            self._db.close()
            raise

    # ------------------------------------------------------------------ opening

    def _check_path(self, create: bool) -> bool:
        """What the file system can tell; True if there is a file with something in it.

        Nothing is opened here but by SQLite: closing the file again would drop every lock on it that SQLite holds for
        another store of this process (POSIX locks belong to the process, not to the file handle).
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
        """Whether the file, and beside it the files that SQLite needs while it writes, may be written."""
        path = Path(self.path)
        return _may(path.parent, os.W_OK | os.X_OK) and (not path.exists() or _may(path, os.W_OK))

    def _beside(self, *ends: str) -> list[Path]:
        """Files with unfinished business beside the store: "-wal" (not yet moved into it), "-journal" (to undo)."""
        found = []
        for end in ends:
            with suppress(FileNotFoundError):  # it may vanish at any moment
                path = Path(self.path + end)
                if path.stat().st_size:
                    found.append(path)
        return found

    def _look_again_before_refusing(self) -> None:
        """Another process may be making the file, or tidying it up, at the very moment of a look."""
        for wait in (0.05, 0.2):
            try:
                return self._look()
            except StoreError:
                time.sleep(wait)
        self._look()

    def _look(self) -> None:
        """Refuse what is no sound store of this version, without changing a byte of it or leaving a file beside it."""
        with closing(self._connect("immutable=1")) as db, self._clear_errors():
            db.execute("PRAGMA writable_schema=ON")  # lets SQLite read the first page even if the last one is missing
            self._check_owner(db)
            db.execute("PRAGMA writable_schema=OFF")
            if not self._beside("-wal", "-journal"):
                self._check_sound(db)
        if self._beside("-wal"):  # a process is at work, or was killed: what it wrote last is there, not in the file
            self._look_through_log()

    def _look_through_log(self) -> None:
        index = Path(self.path + "-shm")
        was_there = index.exists()
        try:
            with closing(self._connect("mode=ro")) as db, self._clear_errors():  # moves nothing into the file
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
        if problem == "ok" and Path(self.path).stat().st_size % page and not self._beside("-wal"):
            problem = "its last page is truncated"  # SQLite would read zeros for what is missing
        if problem != "ok":
            raise StoreError(
                f"the store {self.path} is damaged ({' '.join(problem.split())}): put back a copy; it was left as it is"
            )

    def _mode(self, create: bool) -> str:
        """How to open the file: whoever may write opens it so even to read, since only then SQLite tidies up after."""
        if create:
            return "mode=rwc"
        if self._writable():
            return "mode=rw"
        return "mode=ro" if self._beside("-wal") else "immutable=1"

    def _connect(self, mode: str = "") -> sqlite3.Connection:
        """A connection that any thread may use, one after the other."""
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

    def _has_tables(self) -> bool:
        return bool(self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])

    def _make_tables(self) -> None:
        """In one transaction, and before the write-ahead log begins: the file itself says whose it is from then on.

        Not waiting for the disk saves 30 ms: a killed process loses nothing by it, and the switch to the log waits.
        """
        self._db.execute("PRAGMA synchronous=OFF")
        with self.transaction() as db:
            if self._has_tables():
                return  # another process was quicker
            for statement in SCHEMA.split(";\n"):
                db.execute(statement)
            db.execute(f"PRAGMA application_id={APPLICATION}")
            db.execute(f"PRAGMA user_version={VERSION}")
        with suppress(sqlite3.OperationalError):  # another process is here already, and has made the switch
            self._db.execute("PRAGMA journal_mode=MEMORY")  # the switch writes one page: it needs no file to undo it

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
        """All of what is written inside, or nothing."""
        with self._clear_errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with self._clear_errors():
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """A row that is not what was written: bytes were changed where SQLite has no check of its own."""
        try:
            yield
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise StoreError(f"the store {self.path} is damaged: put back a copy ({error})") from error

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        """SQLite's errors in words that say what to do."""
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
                "not a database": "it is not a nasedu store, nor any SQLite database; it was left as it is",
                "locked": f"another process has been writing to it for {PATIENCE} seconds: wait for it, or stop it",
                "closed database": "it was closed: open the study again",
            }
            if self.path != IN_MEMORY and "disk I/O" in text and not Path(self.path).exists():
                raise StoreError(f"store {self.path}: the file is gone; was it moved or removed?") from error
            reason = next((words for sign, words in advice.items() if sign in text), "SQLite refused")
            raise StoreError(f"store {self.path}: {reason} ({text})") from error

    # ------------------------------------------------------------------ studies

    def study_id(self, identity: dict[str, Any]) -> int | None:
        """The number of the study with this identity; None if there is none yet."""
        rows = self._rows("SELECT id FROM studies WHERE identity = ?", canonical_json(identity))
        return rows[0][0] if rows else None

    def studies(self) -> list[tuple[int, dict[str, Any]]]:
        """(number, identity) of every study, the oldest first."""
        rows = self._rows("SELECT id, identity FROM studies ORDER BY id")
        with self._readable():
            return [(number, json.loads(text)) for number, text in rows]

    def begin(self, identity: dict[str, Any], prior: Any = None) -> int:
        """The number of the study with this identity, which is made if there is none."""
        found = self.study_id(identity)
        if found is not None:
            return found
        with self.transaction() as db:
            db.execute(
                "INSERT OR IGNORE INTO studies (identity, prior, created) VALUES (?, ?, ?)",
                (canonical_json(identity), json.dumps(prior), datetime.now(UTC).isoformat(timespec="seconds")),
            )
        (row,) = self._rows("SELECT id FROM studies WHERE identity = ?", canonical_json(identity))
        return row[0]

    def prior(self, study: int) -> Any:
        """The data of the prior that the study was opened with; None if it had none."""
        return json.loads(self._rows("SELECT prior FROM studies WHERE id = ?", study)[0][0])

    def hold(self, study: int) -> str:
        """Take a study for this process; the token that is returned goes with every later write.

        Raises:
            StoreHeld: another living process has it. A process that died does not hold anything.
        """
        me = this_process()
        token = uuid.uuid4().hex
        with self.transaction() as db:
            held = db.execute("SELECT holder FROM studies WHERE id = ?", (study,)).fetchone()[0]
            other = json.loads(held) if held else me
            if any(other[part] != me[part] for part in ("pid", "host")) and still_alive(other, self.quiet):
                raise StoreHeld(
                    f"process {other['pid']} on {other['host']} is working on this study in {self.path}: "
                    "wait for it or stop it, or use another store"
                )
            db.execute("UPDATE studies SET holder = ? WHERE id = ?", (json.dumps({**me, "token": token}), study))
        return token

    def release(self, study: int, token: str) -> None:
        """Give a study back; nothing happens if it is already someone else's."""
        with self.transaction() as db:
            if self._holds(db, study, token):
                db.execute("UPDATE studies SET holder = NULL WHERE id = ?", (study,))

    def _holds(self, db: sqlite3.Connection, study: int, token: str) -> bool:
        held = db.execute("SELECT holder FROM studies WHERE id = ?", (study,)).fetchone()[0]
        return bool(held) and json.loads(held)["token"] == token

    @contextmanager
    def writing(self, study: int, token: str) -> Iterator[sqlite3.Connection]:
        """A transaction for the holder of a study, refused to anybody else."""
        with self.transaction() as db:
            if not self._holds(db, study, token):
                raise StoreHeld("this study was opened again elsewhere in the meantime: go on with the newer one")
            yield db

    # ------------------------------------------------------------------ trials

    def trials(self, study: int) -> list[Trial]:
        """Every trial in the order asked, those without an evaluation included."""
        rows = self._rows(
            "SELECT number, batch, architecture, status, evaluation FROM trials WHERE study = ? ORDER BY number", study
        )
        with self._readable():
            return [
                Trial(number, batch, read_architecture(text), json.loads(status), ev and Evaluation.from_json(ev))
                for number, batch, text, status, ev in rows
            ]

    def add_batch(self, study: int, token: str, trials: list[Trial]) -> None:
        """Record what was asked, before any of it is trained: all of the batch, or nothing. Twice is as good as once.

        Raises:
            BadValue: a status that is not made of numbers.
        """
        rows = [(study, t.number, t.batch, as_json(t.architecture), as_json(t.status)) for t in trials]
        with self.writing(study, token) as db:
            db.executemany(
                "INSERT OR IGNORE INTO trials (study, number, batch, architecture, status) VALUES (?, ?, ?, ?, ?)",
                rows,
            )

    def add_evaluations(self, study: int, token: str, evaluations: dict[int, Evaluation]) -> None:
        """Record what was found, by the number of the trial.

        Raises:
            BadValue: an evaluation that is not made of finite numbers, strings, lists and dictionaries.
        """
        rows = [(as_json(evaluation), study, number) for number, evaluation in evaluations.items()]
        with self.writing(study, token) as db:
            db.executemany("UPDATE trials SET evaluation = ? WHERE study = ? AND number = ?", rows)

    # ------------------------------------------------------------------ the last word

    def finals(self, study: int) -> list[tuple[str, Evaluation]]:
        """(role, evaluation on the test split) of what `Study.finish` reported: the best, then the hand-picked."""
        rows = self._rows("SELECT role, evaluation FROM finals WHERE study = ? ORDER BY role, rowid", study)
        with self._readable():
            return [(role, Evaluation.from_json(text)) for role, text in rows]

    def add_final(self, study: int, token: str, role: str, evaluation: Evaluation) -> None:
        row = (study, role, as_json(evaluation.architecture), as_json(evaluation))
        with self.writing(study, token) as db:
            db.execute("INSERT INTO finals (study, role, architecture, evaluation) VALUES (?, ?, ?, ?)", row)


def this_process() -> dict[str, Any]:
    """What tells a process from all others, those that get its number later included."""
    process = psutil.Process()
    return {"pid": process.pid, "started": process.create_time(), "host": socket.gethostname()}


def still_alive(holder: dict[str, Any], quiet: float = 0.0) -> bool:
    """Whether the process that holds a study runs.

    Nobody here can see the processes of another machine (or container): one is taken to be gone when the store has
    been quiet for a while. If it is not, its next write is refused, so nothing is ever mixed up.
    """
    if holder["host"] != socket.gethostname():
        return quiet < SILENCE
    try:
        process = psutil.Process(holder["pid"])
        same = abs(process.create_time() - holder["started"]) < 2  # the number may have gone to another process
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def _may(path: Path, mode: int) -> bool:
    """Whether this process, with its rights of this moment, may do that."""
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def canonical_json(value: Any) -> str:
    """Equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def as_json(value: Any) -> str:
    """The value as a store keeps it. Raises BadValue for what JSON cannot hold, NaN included."""
    try:
        return value.to_json() if isinstance(value, Evaluation) else json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise BadValue(
            f"a store holds finite Python numbers, strings, lists and dictionaries, and was given {value!r} ({error}): "
            "use float(), int() or .tolist() on what numpy and torch return"
        ) from error


def read_architecture(text: str) -> Architecture:
    return tuple(json.loads(text))
