"""A store in a browser's storage: complete after each transaction, for its page is closed without a word."""

from pathlib import Path

import pytest

from nasedu.core import Evaluation, StoreError
from nasedu.store import Store, Trial, lock, sqlite_file


@pytest.fixture
def browser(monkeypatch):
    monkeypatch.setattr(sqlite_file, "in_browser", lambda: True)
    monkeypatch.setattr(lock, "in_browser", lambda: True)
    return monkeypatch


@pytest.fixture
def path(tmp_path):
    return tmp_path / "page.db"


def write(path, first=0, trials=3):
    """Write finished trials into a store that nobody closes, as when a page is closed; return what writes one more."""
    store = Store(path)
    study = store.begin({"task": "digits"})
    token = store.hold(study)

    def one_more(number):
        store.add_batch(study, token, [Trial(number, number, ("stop",), {})])
        store.add_evaluations(study, token, {number: Evaluation(("stop",), number / 10)})

    for number in range(first, first + trials):
        one_more(number)
    return store, one_more


def scores(path):
    store = Store(path, create=False)
    found = [trial.score for trial in store.trials(1)]
    store.close()
    return found


def test_a_page_that_is_closed_loses_nothing(browser, path):
    write(path)
    assert [file.name for file in path.parent.iterdir()] == ["page.db"], "SQLite must keep no second file"
    assert scores(path) == [0.0, 0.1, 0.2]
    write(path, first=3)
    assert len(scores(path)) == 6


def test_a_store_goes_from_a_machine_to_a_browser_and_back(monkeypatch, path):
    write(path)[0].close()
    with monkeypatch.context() as browser:
        browser.setattr(sqlite_file, "in_browser", lambda: True)
        assert scores(path) == [0.0, 0.1, 0.2]
        write(path, first=3)
    write(path, first=6)[0].close()
    assert len(scores(path)) == 9


def test_two_notebooks_never_mix_their_results(browser, path):
    _, older = write(path)
    write(path, first=3, trials=1)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"page\.db was changed by another notebook, or removed: open the study again"):
        older(3)
    assert path.read_bytes() == before


def test_writes_that_a_killed_process_left_are_refused_and_stay(browser, path):
    write(path)
    rest = Path(f"{path}-wal")
    rest.write_bytes(b"half")
    with pytest.raises(StoreError, match=r"unfinished writes in page\.db-wal, which a browser cannot read: open the"):
        Store(path)
    assert rest.read_bytes() == b"half"


def test_a_storage_that_is_full_says_so(browser, path):
    _, one_more = write(path)

    def full(*_):
        raise OSError(28, "No space left on device")

    browser.setattr(Path, "write_bytes", full)
    with pytest.raises(StoreError, match=r"page\.db cannot be written: .*No space left.* Download what you need"):
        one_more(3)


def test_a_file_of_another_program_is_left_as_it_is(browser, path):
    path.write_bytes(b"a diary, and no database" * 40)
    with pytest.raises(StoreError, match="is not a nasedu store"):
        Store(path)
    assert path.read_bytes() == b"a diary, and no database" * 40
