"""What a study remembers: one SQLite file, many studies, every trial.

The file is the single truth. It is written in transactions (write-ahead log), so a process that is killed at any
moment leaves all that was finished and nothing half-written. Results survive the death of the process; in a power cut
the last few may be lost, the file stays sound.
"""

import json
import os
import socket
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from nasedu.core import Architecture, Evaluation, StoreError, StoreHeld

APPLICATION = 0x4E415345  # "NASE", at a fixed place in the file: how it is told from other SQLite databases
VERSION = 1
IN_MEMORY = ":memory:"

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
) WITHOUT ROWID;
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
        if self.path != IN_MEMORY:
            self._check_file(create)
        with self._clear_errors():
            self._db = self._connect(create)
            self._prepare(create)

    # ------------------------------------------------------------------ opening

    def _check_file(self, create: bool) -> None:
        """Look at the file before SQLite does: opening it for writing might change it."""
        path = Path(self.path)
        if path.is_dir():
            raise StoreError(f"{path} is a folder; a store is a file: give a name in it, such as {path / 'search.db'}")
        if not path.exists():
            if not create:
                raise StoreError(f"there is no store at {path}")
            if not path.parent.is_dir():
                raise StoreError(f"there is no folder {path.parent} for the store {path.name}: make it first")
            return
        try:
            with path.open("rb") as file:
                header = file.read(100)
        except OSError as error:
            raise StoreError(f"the store {path} cannot be read: {error.strerror}") from error
        if not header:
            return  # made, and nothing written yet
        if len(header) < 100 or not header.startswith(b"SQLite format 3\0"):
            raise StoreError(f"{path} is not a nasedu store (no SQLite database); it was left as it is")
        page_size = int.from_bytes(header[16:18], "big")
        pages = int.from_bytes(header[28:32], "big")
        if path.stat().st_size < pages * (65536 if page_size == 1 else page_size):
            raise StoreError(
                f"the store {path} is truncated: {path.stat().st_size} bytes of {pages * page_size}. "
                "Put back a copy, or start a new one; it was left as it is"
            )

    def _connect(self, create: bool) -> sqlite3.Connection:
        if self.path == IN_MEMORY:
            return sqlite3.connect(IN_MEMORY, isolation_level=None)
        mode = "rwc" if create else "ro"
        uri = f"{Path(self.path).absolute().as_uri()}?mode={mode}"
        return sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None)

    def _prepare(self, create: bool) -> None:
        db = self._db
        application, version, tables = (
            db.execute(query).fetchone()[0]
            for query in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_master")
        )
        if tables and application != APPLICATION:
            raise StoreError(f"{self.path} is an SQLite database of another program; it was left as it is")
        if version > VERSION:
            raise StoreError(
                f"the store {self.path} was written by a newer nasedu (store version {version}, this one reads up to "
                f"{VERSION}): upgrade nasedu; it was left as it is"
            )
        problem = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if problem != "ok":
            raise StoreError(f"the store {self.path} is damaged ({problem}); put back a copy; it was left as it is")
        if not create:
            if not tables:
                raise StoreError(f"the store {self.path} is empty: no study was ever begun in it")
            return
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        if not tables:
            with self.transaction():
                if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:  # another process was quicker
                    for statement in SCHEMA.split(";\n"):
                        db.execute(statement)
                    db.execute(f"PRAGMA application_id={APPLICATION}")
                    db.execute(f"PRAGMA user_version={VERSION}")

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
                "malformed": "it is damaged: put back a copy; it was left as it is",
                "not a database": "it is no SQLite database; it was left as it is",
                "locked": "another process has been writing to it for 30 seconds: wait for it, or stop it",
            }
            reason = next((words for sign, words in advice.items() if sign in text), "SQLite refused")
            raise StoreError(f"store {self.path}: {reason} ({text})") from error

    # ------------------------------------------------------------------ studies

    def study_id(self, identity: dict[str, Any]) -> int | None:
        """The number of the study with this identity; None if there is none yet."""
        rows = self._rows("SELECT id FROM studies WHERE identity = ?", canonical_json(identity))
        return rows[0][0] if rows else None

    def studies(self) -> list[tuple[int, dict[str, Any]]]:
        """(number, identity) of every study, the oldest first."""
        return [(row[0], json.loads(row[1])) for row in self._rows("SELECT id, identity FROM studies ORDER BY id")]

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
        process = psutil.Process()
        token = uuid.uuid4().hex
        mine = {"pid": process.pid, "started": process.create_time(), "host": socket.gethostname(), "token": token}
        with self.transaction() as db:
            held = db.execute("SELECT holder FROM studies WHERE id = ?", (study,)).fetchone()[0]
            if held:
                other = json.loads(held)
                if other["pid"] != process.pid and still_alive(other):
                    raise StoreHeld(
                        f"process {other['pid']} on {other['host']} is working on this study in {self.path}: "
                        "wait for it or stop it, or use another store"
                    )
            db.execute("UPDATE studies SET holder = ? WHERE id = ?", (json.dumps(mine), study))
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
        return [
            Trial(number, batch, read_architecture(text), json.loads(status), ev and Evaluation.from_json(ev))
            for number, batch, text, status, ev in rows
        ]

    def add_batch(self, study: int, token: str, trials: list[Trial]) -> None:
        """Record what was asked, before any of it is trained: all of the batch, or nothing."""
        rows = [(study, t.number, t.batch, json.dumps(t.architecture), json.dumps(t.status)) for t in trials]
        with self.writing(study, token) as db:
            db.executemany(
                "INSERT INTO trials (study, number, batch, architecture, status) VALUES (?, ?, ?, ?, ?)", rows
            )

    def add_evaluations(self, study: int, token: str, evaluations: dict[int, Evaluation]) -> None:
        """Record what was found, by the number of the trial."""
        rows = [(evaluation.to_json(), study, number) for number, evaluation in evaluations.items()]
        with self.writing(study, token) as db:
            db.executemany("UPDATE trials SET evaluation = ? WHERE study = ? AND number = ?", rows)

    # ------------------------------------------------------------------ the last word

    def finals(self, study: int) -> list[tuple[str, Evaluation]]:
        """(role, evaluation on the test split) of what `Study.finish` reported: the best first, then hand-picked."""
        rows = self._rows("SELECT role, evaluation FROM finals WHERE study = ? ORDER BY role, architecture", study)
        return [(role, Evaluation.from_json(text)) for role, text in rows]

    def add_final(self, study: int, token: str, role: str, evaluation: Evaluation) -> None:
        row = (study, role, json.dumps(evaluation.architecture), evaluation.to_json())
        with self.writing(study, token) as db:
            db.execute("INSERT INTO finals (study, role, architecture, evaluation) VALUES (?, ?, ?, ?)", row)


def still_alive(holder: dict[str, Any]) -> bool:
    """Whether the process that holds a study runs; one on another machine is taken to, since nobody here can tell."""
    if holder["host"] != socket.gethostname():
        return True
    try:
        process = psutil.Process(holder["pid"])
        same = abs(process.create_time() - holder["started"]) < 2  # the number may have gone to another process
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def canonical_json(value: Any) -> str:
    """Equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def read_architecture(text: str) -> Architecture:
    return tuple(json.loads(text))
