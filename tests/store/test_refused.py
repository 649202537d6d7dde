"""What is no sound store is refused in one line, and left as it was to the last byte."""

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

import numpy as np
import psutil
import pytest

from nasedu.core import StoreError
from nasedu.store import VERSION, Store
from tests.store.folder import contents, fill


@pytest.fixture(autouse=True)
def _not_waited_for(monkeypatch):
    """What is damaged stays so: the retries are for other processes (tests/store/test_shared.py)."""
    monkeypatch.setattr("nasedu.store.sqlite_file.RETRIES", (0, 0))


@pytest.fixture
def sound(tmp_path):
    path = tmp_path / "sound.db"
    fill(path)
    return path


def refused(path, match, folder=None):
    """Both ways of opening are refused, with one line, and nothing in the folder changes."""
    before = contents(folder or path.parent)
    for create in (True, False):
        with pytest.raises(StoreError, match=match) as caught:
            Store(path, create=create)
        assert "\n" not in str(caught.value)
        assert str(path) in str(caught.value)
        assert contents(folder or path.parent) == before


def change(path, *statements):
    db = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        db.execute(statement)
    db.close()


def test_from_newer_code(sound):
    change(sound, f"PRAGMA user_version={VERSION + 1}")
    refused(sound, f"written by a newer nasedu .store version {VERSION + 1}.*upgrade nasedu")


def test_from_newer_code_that_was_killed(sound):
    """Its version is then in the log beside the file only."""
    db = sqlite3.connect(sound, isolation_level=None)
    db.execute("PRAGMA wal_autocheckpoint=0")
    db.execute(f"PRAGMA user_version={VERSION + 1}")
    killed = copy(sound, sound.parent / "killed")
    db.close()
    with pytest.raises(StoreError, match="written by a newer nasedu"):
        Store(killed)
    assert killed.read_bytes() == sound.read_bytes() or Path(f"{killed}-wal").stat().st_size


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.5, 0.9, 0.99999])
def test_a_truncated_file(sound, share):
    os.truncate(sound, int(sound.stat().st_size * share))
    refused(sound, "truncated.*put back a copy.*left as it is")


@pytest.mark.parametrize("size", [1, 15, 16, 40, 99, 100, 511, 512])
def test_a_file_that_is_cut_within_its_first_lines(sound, size):
    os.truncate(sound, size)
    refused(sound, "not a nasedu store|truncated or damaged|another program")


def test_a_page_of_zeros_in_the_middle(sound):
    """As a file system may leave it after a power cut."""
    with sound.open("r+b") as file:
        file.seek(4096 * 5)
        file.write(bytes(4096))
    refused(sound, "damaged")


def test_a_row_whose_text_was_changed(sound):
    """SQLite has no check of that."""
    change(sound, "UPDATE trials SET evaluation = replace(evaluation, ':', ';') WHERE number = 7")
    store = Store(sound)
    with pytest.raises(StoreError, match="damaged: put back a copy"):
        store.trials(1)
    store.close()


@pytest.mark.parametrize(
    "content",
    [b"a", b"# My notes\n", b"# My notes\n" * 500, np.random.default_rng(0).bytes(20_000), b"SQLite format 3\0" * 900],
    ids=["letter", "text", "long text", "random bytes", "nearly"],
)
def test_a_file_that_is_no_database(tmp_path, content):
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    refused(path, "not a nasedu store|another program|truncated or damaged")


@pytest.mark.parametrize("log", ["DELETE", "WAL"])
def test_a_database_of_another_program(tmp_path, log):
    path = tmp_path / "browser.db"
    change(path, f"PRAGMA journal_mode={log}", "CREATE TABLE history (address TEXT)", "PRAGMA user_version=63")
    refused(path, "another program")


def test_a_database_that_another_program_has_open(tmp_path):
    path = tmp_path / "browser.db"
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("CREATE TABLE history (address TEXT)")
    refused(path, "another program")
    db.close()


def test_a_folder(tmp_path):
    (tmp_path / "results").mkdir()
    refused(tmp_path / "results", "is a folder; a store is a file: give a name in it")


def test_a_missing_folder(tmp_path):
    for create, match in ((True, "there is no folder .*: make it first"), (False, "there is no store at")):
        with pytest.raises(StoreError, match=match):
            Store(tmp_path / "nowhere" / "a.db", create=create)
    assert contents(tmp_path) == {}


def test_a_file_in_the_place_of_a_folder(sound):
    with pytest.raises(StoreError, match="there is no folder"):
        Store(sound / "a.db")


def test_names_that_no_file_can_have(tmp_path):
    for name in ("x" * 300, "a\0b"):
        with pytest.raises(StoreError, match="cannot be read"):
            Store(tmp_path / name)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StoreError, match="is no file"):
        Store(tmp_path / "pipe")


@pytest.mark.parametrize("name", ["a b.db", "50%.db", "what?.db", "a#b.db", "ä.db"])
def test_names_that_files_do_have(tmp_path, name):
    fill(tmp_path / name, trials=3)
    assert list(contents(tmp_path)) == [name]
    store = Store(tmp_path / name, create=False)
    assert len(store.trials(1)) == 3
    store.close()


def test_an_empty_file_is_a_new_store(tmp_path):
    path = tmp_path / "new.db"
    path.touch()
    refused_for_reading = pytest.raises(StoreError, match="is empty: no study was ever begun in it")
    with refused_for_reading as caught:
        Store(path, create=False)
    assert str(path) not in [file.path for file in psutil.Process().open_files()], caught
    assert contents(tmp_path) == {"new.db": b""}
    fill(path, trials=2)
    assert list(contents(tmp_path)) == ["new.db"]


# ---------------------------------------------------------------------- permissions


@pytest.fixture
def open_folder():
    """A folder that any user can come to (those of pytest are private)."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755)
    shutil.rmtree(folder)


def without_rights(children, path, create=True):
    """What a process gets that has no special rights; nothing in the folder changes."""
    children.folder.chmod(0o777)
    for parent in children.folder.parents:
        if parent.stat().st_uid == os.geteuid() and parent != Path(tempfile.gettempdir()):
            parent.chmod(parent.stat().st_mode | 0o011)
    before = contents(path.parent)
    answer = children.done("refused", store=path, create=create)
    assert contents(path.parent) == before
    return answer


def test_a_read_only_folder(children, open_folder):
    path = open_folder / "a.db"
    fill(path)
    path.chmod(0o666)
    open_folder.chmod(0o555)
    new = without_rights(children, open_folder / "new.db")
    assert new["error"] == "StoreError"
    assert "cannot be written" in new["message"]
    assert "cannot be written" in without_rights(children, path)["message"]
    assert without_rights(children, path, create=False) == {"value": 1}, "reading is possible"


def test_a_read_only_file(children, open_folder):
    path = open_folder / "a.db"
    fill(path)
    path.chmod(0o444)
    open_folder.chmod(0o777)
    assert "cannot be written" in without_rights(children, path)["message"]
    assert without_rights(children, path, create=False) == {"value": 1}


def test_an_unreadable_file(children, open_folder):
    path = open_folder / "a.db"
    fill(path)
    path.chmod(0o222)
    open_folder.chmod(0o777)
    for create in (True, False):
        assert "cannot be read" in children.done("refused", store=path, create=create)["message"]
    assert [p.name for p in open_folder.iterdir()] == ["a.db"]


# ---------------------------------------------------------------------- the log beside the file


def copy(path, folder):
    """The store as a killed process would leave it: the file and its log."""
    folder.mkdir()
    for file in path.parent.glob(f"{path.name}*"):
        if not file.name.endswith("-shm"):
            shutil.copy(file, folder)
    return folder / path.name


@pytest.fixture
def killed(tmp_path):
    """A store whose writer was killed: a closed one with 300 trials, then 300 more in the log."""
    path = tmp_path / "live" / "a.db"
    path.parent.mkdir()
    fill(path)
    store = Store(path)
    store._db.execute("PRAGMA wal_autocheckpoint=0")
    second = store.begin({"the": "second"})
    store._db.execute("INSERT INTO trials SELECT 2, number, batch, architecture, status, evaluation FROM trials")
    assert second == 2
    result = copy(path, tmp_path / "killed")
    store.close()
    return result


def counts(path):
    store = Store(path)
    found = [len(store.trials(study)) for study, _ in store.studies()]
    store.close()
    return found


def test_a_killed_writer_leaves_all_that_it_wrote(killed):
    assert counts(killed) == [300, 300]
    assert list(contents(killed.parent)) == ["a.db"]


def test_a_lost_log_leaves_what_was_there_before(killed):
    Path(f"{killed}-wal").unlink()
    assert counts(killed) == [300]


@pytest.mark.parametrize("share", [0, 0.001, 0.1, 0.5, 0.99])
def test_a_cut_log_leaves_what_was_there_before(killed, share):
    log = Path(f"{killed}-wal")
    os.truncate(log, int(log.stat().st_size * share))
    assert counts(killed) in ([300], [300, 0])


@pytest.mark.parametrize("pages", [1, 2, 3, 10, 30])
def test_killed_while_the_log_is_moved_into_the_file(killed, pages):
    """Pages go there in the order of their numbers, and the first one says how many there will be."""
    move(killed, pages)
    assert counts(killed) == [300, 300]


@pytest.mark.parametrize("pages", [1, 10])
def test_and_then_the_log_is_lost(killed, pages):
    move(killed, pages)
    Path(f"{killed}-wal").unlink()
    refused(killed, "damaged")


def test_a_truncated_file_with_its_log(killed):
    """Nothing of the log is moved into what is refused, and no file is left beside it."""
    os.truncate(killed, 4096 * 6)
    refused(killed, "damaged")


def move(path, pages):
    """Begin to move a log into its file: the newest version of each page, the first so many pages only."""
    log = Path(f"{path}-wal").read_bytes()
    newest = {}
    for start in range(32, len(log), 24 + 4096):
        newest[int.from_bytes(log[start : start + 4], "big")] = log[start + 24 : start + 24 + 4096]
    with path.open("r+b") as file:
        for number in sorted(newest)[:pages]:
            file.seek((number - 1) * 4096)
            file.write(newest[number])


def test_killed_while_the_first_tables_are_written(tmp_path):
    """The file has its first page, the others are missing, and the journal knows that there was nothing before."""
    whole = tmp_path / "whole.db"
    Store(whole).close()
    for size in (0, 4096, 8192):
        folder = tmp_path / str(size)
        folder.mkdir()
        path = folder / "a.db"
        begin_tables(path)
        path.write_bytes(whole.read_bytes()[:size])
        fill(path, trials=3)
        assert counts(path) == [3]
        assert list(contents(folder)) == ["a.db"]


def begin_tables(path):
    """Leave the journal of a first transaction behind."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA cache_size=1")
    db.execute("PRAGMA cache_spill=1")
    db.execute("BEGIN IMMEDIATE")
    for n in range(40):
        db.execute(f"CREATE TABLE t{n} (x)")
    journal = Path(f"{path}-journal").read_bytes()
    db.execute("ROLLBACK")
    db.close()
    Path(f"{path}-journal").write_bytes(journal)
