"""The studies in a store, and their trials: begin, hold (one process at a time), write and read them."""

import json
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from nasedu.core import Architecture, BadValue, Evaluation, StoreError, StoreHeld
from nasedu.store.lock import still_alive, this_process
from nasedu.store.renamed import renamed
from nasedu.store.sqlite_file import ADDED, SQLiteFile
from nasedu.store.text import as_json, canonical_json

Origin = Literal["asked", "enqueued", "imported"]


@dataclass(frozen=True)
class Trial:
    """One architecture of a study, and its evaluation.

    Attributes:
        number: its place in the study, from 0, in the order asked.
        batch: trials of one batch were asked together, before any of them was told.
        architecture: what was asked for.
        status: the controller's numbers at that moment, such as epsilon.
        evaluation: None while it is being trained.
        origin: "asked" by the controller; "enqueued" by a person (`Study.enqueue`), and trained like any other; or
            "imported" with its result (`Study.add_results`), and never trained here.
    """

    number: int
    batch: int
    architecture: Architecture
    status: dict[str, float]
    evaluation: Evaluation | None = None
    origin: Origin = "asked"

    @property
    def imported(self) -> bool:
        """Return whether its result was found elsewhere, so that this study did not train it."""
        return self.origin == "imported"

    @property
    def score(self) -> float:
        if self.evaluation is None:
            raise StoreError(f"trial {self.number} has no score yet: it was asked for, but not evaluated")
        return self.evaluation.score


class Store(SQLiteFile):
    """A file with studies; `Store(":memory:")` keeps them for as long as the process lives.

    Args:
        path: the file; it is made if it does not exist and `create` is set.
        create: whether a file that does not exist is made, and may be written to; False opens for reading only.

    Raises:
        StoreError: a folder, a file that is no store or is truncated, a store from newer code, or a file that cannot
            be read or written. The file is not changed.
    """

    def study_id(self, identity: dict[str, Any]) -> int | None:
        """Return the number of the study with this identity; None if there is none yet."""
        return next((number for number, known in self.studies() if known == json.loads(canonical_json(identity))), None)

    def studies(self) -> list[tuple[int, dict[str, Any]]]:
        """Return (number, identity) of every study, the oldest first, in the names of today."""
        rows = self._rows("SELECT id, identity FROM studies ORDER BY id")
        with self._readable():
            return [(number, renamed(json.loads(text))) for number, text in rows]

    def begin(self, identity: dict[str, Any], prior: Any = None) -> int:
        """Return the number of the study with this identity; it is made if there is none."""
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

    def adopt(self, study: int, token: str, identity: dict[str, Any]) -> None:
        """Record the identity of a study in the words of today, by its holder: one of an earlier version says less."""
        with self.writing(study, token) as db:
            db.execute("UPDATE studies SET identity = ? WHERE id = ?", (canonical_json(identity), study))

    def prior(self, study: int) -> Any:
        """Return the data of the prior that the study was opened with; None if it had none."""
        return json.loads(self._rows("SELECT prior FROM studies WHERE id = ?", study)[0][0])

    def hold(self, study: int) -> str:
        """Take a study for this process; return the token that every later write needs.

        Raises:
            StoreHeld: another living process has it. A process that died does not hold anything.
        """
        token = uuid.uuid4().hex
        with self.transaction() as db:
            me = self._check_free(db, study)
            db.execute("UPDATE studies SET holder = ? WHERE id = ?", (json.dumps({**me, "token": token}), study))
        return token

    def _check_free(self, db: sqlite3.Connection, study: int) -> dict[str, Any]:
        """Return what identifies this process; raise StoreHeld if another living process has the study."""
        me = this_process()
        held = db.execute("SELECT holder FROM studies WHERE id = ?", (study,)).fetchone()
        if held is None:
            raise StoreError(f"study {study} is no longer in {self.path}: it was deleted in the meantime")
        other = json.loads(held[0]) if held[0] else me
        if any(other[part] != me[part] for part in ("pid", "host")) and still_alive(other, self.quiet):
            raise StoreHeld(
                f"process {other['pid']} on {other['host']} is working on this study in {self.path}: "
                "wait for it or stop it, or use another store"
            )
        return me

    def release(self, study: int, token: str) -> None:
        """Give a study back; nothing happens if another process holds it already."""
        with self.transaction() as db:
            if self._holds(db, study, token):
                db.execute("UPDATE studies SET holder = NULL WHERE id = ?", (study,))

    def _holds(self, db: sqlite3.Connection, study: int, token: str) -> bool:
        held = db.execute("SELECT holder FROM studies WHERE id = ?", (study,)).fetchone()
        return bool(held and held[0]) and json.loads(held[0])["token"] == token

    @contextmanager
    def writing(self, study: int, token: str) -> Iterator[sqlite3.Connection]:
        """Open a transaction for the holder of a study. Raise StoreHeld for any other process."""
        with self.transaction() as db:
            if not self._holds(db, study, token):
                raise StoreHeld("this study was opened again elsewhere in the meantime: go on with the newer one")
            yield db

    def mark_comparison(self, study: int) -> None:
        """Note that a study is a rival, run only to compare another search with it; once it is enough."""
        with self.transaction() as db:
            db.execute("INSERT OR IGNORE INTO comparisons VALUES (?)", (study,))

    def comparisons(self) -> set[int]:
        """Return the numbers of the studies that are rivals; see `mark_comparison`."""
        return {number for (number,) in self._rows_of_added("comparisons", "SELECT study FROM comparisons")}

    # ------------------------------------------------------------------ what a person does with a study

    def name(self, study: int) -> str:
        """Return what a person called the study; empty if nobody named it."""
        rows = self._rows_of_added("names", "SELECT name FROM names WHERE study = ?", study)
        return rows[0][0] if rows else ""

    def rename(self, study: int, name: str) -> None:
        """Name a study. Its number and its identity stay what they are.

        Raises:
            BadValue: a name that is empty, a number, more than one line, or that of another study.
        """
        if not name.strip() or name.strip().isdigit() or not name.isprintable():
            raise BadValue(f"a study's name is one line with a letter in it, such as 'wide networks'; given {name!r}")
        with self.transaction() as db:
            taken = db.execute(
                "SELECT study FROM names WHERE name = ? AND study != ?", (name.strip(), study)
            ).fetchone()
            if taken:
                raise BadValue(
                    f"study {taken[0]} of {self.path} is called {name.strip()!r} already: choose another name"
                )
            db.execute("INSERT OR REPLACE INTO names (study, name) VALUES (?, ?)", (study, name.strip()))

    def begun(self, study: int) -> str:
        """Return when the study was begun: date and time in UTC, ISO 8601."""
        return self._rows("SELECT created FROM studies WHERE id = ?", study)[0][0]

    def delete(self, study: int) -> None:
        """Delete a study with everything that the store has of it: all of it, or nothing.

        Other studies stay as they are. One that it was evidence for has a copy of that evidence (`prior`).

        Raises:
            StoreHeld: another living process has the study.
        """
        with self.transaction() as db:
            self._check_free(db, study)
            for table in (*ADDED, "finals", "trials"):
                db.execute(f"DELETE FROM {table} WHERE study = ?", (study,))
            db.execute("DELETE FROM studies WHERE id = ?", (study,))

    # ------------------------------------------------------------------ trials

    def trials(self, study: int) -> list[Trial]:
        """Return every trial in the order asked, including those without an evaluation."""
        rows = self._rows(
            "SELECT number, batch, architecture, status, evaluation FROM trials WHERE study = ? ORDER BY number", study
        )
        origin = dict(self._rows_of_added("origins", "SELECT number, origin FROM origins WHERE study = ?", study))
        with self._readable():
            return [
                Trial(
                    number,
                    batch,
                    tuple(json.loads(text)),
                    json.loads(status),
                    ev and Evaluation.from_json(ev),
                    origin.get(number, "asked"),
                )
                for number, batch, text, status, ev in rows
            ]

    def add_batch(self, study: int, token: str, trials: list[Trial]) -> None:
        """Record trials before any of them is trained: the whole batch, or nothing. A repeat changes nothing.

        A trial that was enqueued leaves the queue. An imported one is recorded with its evaluation.

        Raises:
            BadValue: a status that is not made of numbers.
        """
        rows = [
            (
                study,
                t.number,
                t.batch,
                as_json(t.architecture),
                as_json(t.status),
                t.evaluation and as_json(t.evaluation),
            )
            for t in trials
        ]
        with self.writing(study, token) as db:
            db.executemany(
                "INSERT OR IGNORE INTO trials (study, number, batch, architecture, status, evaluation) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                rows,
            )
            for t in (t for t in trials if t.origin != "asked"):
                db.execute("INSERT OR IGNORE INTO origins VALUES (?, ?, ?)", (study, t.number, t.origin))
                if t.origin == "enqueued":
                    db.execute(
                        "DELETE FROM queue WHERE (study, architecture) = (?, ?)", (study, as_json(t.architecture))
                    )

    def queue(self, study: int) -> list[Architecture]:
        """Return the architectures that wait to be asked before the controller is, in their order."""
        rows = self._rows_of_added("queue", "SELECT architecture FROM queue WHERE study = ? ORDER BY rowid", study)
        with self._readable():
            return [tuple(json.loads(text)) for (text,) in rows]

    def enqueue(self, study: int, token: str, architecture: Architecture) -> None:
        """Put an architecture at the end of the queue; one that waits already keeps its place."""
        with self.writing(study, token) as db:
            db.execute("INSERT OR IGNORE INTO queue VALUES (?, ?)", (study, as_json(architecture)))

    def add_evaluations(self, study: int, token: str, evaluations: dict[int, Evaluation]) -> None:
        """Record evaluations, by the number of the trial.

        Raises:
            BadValue: an evaluation that is not made of finite numbers, strings, lists and dictionaries.
        """
        rows = [(as_json(evaluation), study, number) for number, evaluation in evaluations.items()]
        with self.writing(study, token) as db:
            db.executemany("UPDATE trials SET evaluation = ? WHERE study = ? AND number = ?", rows)

    # ------------------------------------------------------------------ final results

    def finals(self, study: int) -> list[tuple[str, Evaluation]]:
        """Return (role, evaluation on the test split) from `Study.finish`: the best, then the hand-picked."""
        rows = self._rows("SELECT role, evaluation FROM finals WHERE study = ? ORDER BY role, rowid", study)
        with self._readable():
            return [(role, Evaluation.from_json(text)) for role, text in rows]

    def add_final(
        self, study: int, token: str, role: str, evaluation: Evaluation, winner: tuple[str, bytes] | None = None
    ) -> None:
        """Record a final result, and with it the network: what it is as JSON, and its weights."""
        row = (study, role, as_json(evaluation.architecture), as_json(evaluation))
        with self.writing(study, token) as db:
            db.execute("INSERT INTO finals (study, role, architecture, evaluation) VALUES (?, ?, ?, ?)", row)
            if winner:
                db.execute("INSERT INTO winners (study, about, weights) VALUES (?, ?, ?)", (study, *winner))

    def winner(self, study: int) -> tuple[str, bytes] | None:
        """Return the network that a study found, as JSON and weights; None if it kept none."""
        rows = self._rows_of_added("winners", "SELECT about, weights FROM winners WHERE study = ?", study)
        return rows[0] if rows else None

    def with_winner(self) -> list[int]:
        """Return the numbers of the studies whose network is kept."""
        return [number for (number,) in self._rows_of_added("winners", "SELECT study FROM winners ORDER BY study")]
