"""Several processes and one file: who may write, who has to wait, who takes over."""

import functools
import json
import os
import socket
import sqlite3
import threading

import psutil
import pytest

from nasedu.core import BadValue, Evaluation, StoreError, StoreHeld
from nasedu.store import SILENCE, Store, Trial
from tests.store.folder import fill
from tests.study.child import make_study, wait_for


@pytest.fixture
def path(tmp_path):
    return tmp_path / "shared.db"


@pytest.fixture
def holder(children, path, tmp_path):
    """A process that has a study open until `end` appears."""
    child = children.start("hold", store=path, ready=tmp_path / "ready", until=tmp_path / "end")
    wait_for(tmp_path / "ready")
    yield child
    if psutil.pid_exists(child.pid) and psutil.Process(child.pid).ppid() != os.getpid():
        (tmp_path / "end").touch()


def rows(path):
    store = Store(path, create=False)
    found = [(identity, store.trials(study)) for study, identity in store.studies()]
    store.close()
    return found


def edit_holder(path, **changes):
    """Change what the store says about the process that holds its first study."""
    db = sqlite3.connect(path, isolation_level=None)
    held = json.loads(db.execute("SELECT holder FROM studies").fetchone()[0] or "{}") | changes
    db.execute("UPDATE studies SET holder = ?", (json.dumps(held),))
    db.close()


def test_a_second_process_is_refused_and_told_which_one_has_it(path, holder, tmp_path):
    before = rows(path)
    with pytest.raises(StoreHeld, match=f"process {holder.pid} on .* is working on this study in .*: wait for it"):
        make_study(path)
    assert rows(path) == before
    (tmp_path / "end").touch()
    assert holder.wait() == 0
    with make_study(path) as study:
        assert len(study.trials) == 4


def test_a_dead_process_holds_nothing_not_even_as_a_zombie(path, holder):
    holder.kill()
    while psutil.Process(holder.pid).status() != psutil.STATUS_ZOMBIE:
        pass
    make_study(path).close()
    assert holder.wait() == -9


def test_a_dead_process_holds_nothing(path, holder):
    holder.kill()
    assert holder.wait() == -9
    with make_study(path) as study:
        assert len(list(study.run(8, 4))) == 4


def test_a_process_that_got_the_number_of_a_dead_one_holds_nothing(path, holder, tmp_path):
    edit_holder(path, started=psutil.Process(holder.pid).create_time() - 1000)
    make_study(path).close()
    (tmp_path / "end").touch()
    assert holder.wait() == 0


def test_another_machine_holds_a_study_until_it_has_been_silent_for_long(path):
    """Nobody can see the processes of another machine; its pid may well be the same as ours, as in containers."""
    study = make_study(path)
    edit_holder(path, host="another-machine")
    other = Store(path)
    with pytest.raises(StoreHeld, match=f"process {os.getpid()} on another-machine"):
        other.hold(1)
    other.close()
    study.close()
    edit_holder(path, host="another-machine", pid=os.getpid(), started=0, token="")
    with pytest.raises(StoreHeld, match="another-machine"):
        make_study(path)
    os.utime(path, (0, path.stat().st_mtime - SILENCE - 1))
    make_study(path).close()


def test_the_same_process_opens_it_again(path):
    """A notebook cell that is run twice: the newer one goes on, the older one is refused."""
    older = make_study(path)
    assert len(list(older.run(4, 4))) == 4
    newer = make_study(path)
    with pytest.raises(StoreHeld, match="opened again elsewhere in the meantime: go on with the newer one"):
        next(older.run(8, 4))
    older.close()
    assert len(list(newer.run(8, 4))) == 4
    newer.close()
    assert [len(trials) for _, trials in rows(path)] == [8]


def test_opening_again_keeps_the_locks_of_this_process(children, path):
    """Another process that closes the file must see that it is in use, or it would delete the log under our hands."""
    first = make_study(path, seed=1)
    make_study(path, seed=2).close()
    Store(path, create=False).close()
    children.done("search", store=path, kind="random", trials=4)
    assert len(list(first.run(8, 4))) == 8
    first.close()
    assert sorted(len(trials) for _, trials in rows(path)) == [0, 4, 8]


def test_two_processes_and_two_studies_in_one_file(children, path):
    searching = [children.start("search", store=path, seed=seed, trials=24) for seed in (1, 2)]
    assert [child.wait() for child in searching] == [0, 0]
    for identity, trials in rows(path):
        with make_study(":memory:", seed=identity["controller"]["seed"]) as alone:
            assert [(t.architecture, t.score) for t in alone.run(24, 4)] == [(t.architecture, t.score) for t in trials]


def test_reading_while_another_process_writes(children, path):
    make_study(path).close()
    child = children.start("search", store=path, trials=24)
    seen = [0]
    while seen[-1] < 24:
        seen.append(sum(t.evaluation is not None for t in rows(path)[0][1]))
    assert child.wait() == 0
    assert seen == sorted(seen)
    assert list(path.parent.glob("shared.db*")) == [path]


def test_a_reader_writes_nothing(path):
    fill(path, trials=3)
    reader = Store(path, create=False)
    with pytest.raises(StoreError, match="cannot be written"):
        reader.begin({"new": 1})
    reader.close()


def test_many_processes_make_the_same_new_file(children, tmp_path):
    for attempt in range(5):
        path, go = tmp_path / f"{attempt}.db", tmp_path / f"go-{attempt}"
        started = [children.start("create", store=path, go=go) for _ in range(6)]
        go.touch()
        assert [child.wait() for child in started] == [0] * 6
        assert sorted(child.answer()["value"] for child in started) == [1, 2, 3, 4, 5, 6]
        assert [len(trials) for _, trials in rows(path)] == [0] * 6


def test_a_study_may_move_to_another_thread(path):
    """Widgets search in the background."""
    study = make_study(path)
    found = []
    thread = threading.Thread(target=lambda: found.extend(study.run(4, 4)))
    thread.start()
    thread.join()
    study.close()
    assert len(found) == 4


def test_a_fork_does_not_give_back_what_its_parent_holds(path):
    study = make_study(path)
    pid = os.fork()
    if pid == 0:
        study.close()
        os._exit(0)
    os.waitpid(pid, 0)
    assert len(list(study.run(4, 4))) == 4
    study.close()


def test_a_closed_study_says_so(path):
    study = make_study(path)
    study.close()
    with pytest.raises(StoreError, match="it was closed: open the study again"):
        next(study.run(4, 4))


def test_released_studies_name_no_holder(path):
    with make_study(path):
        held = json.loads(sqlite3.connect(path).execute("SELECT holder FROM studies").fetchone()[0])
        assert (held["pid"], held["host"]) == (os.getpid(), socket.gethostname())
    assert sqlite3.connect(path).execute("SELECT holder FROM studies").fetchone() == (None,)


# ---------------------------------------------------------------------- a full disk


@pytest.mark.parametrize("room", [0, 5_000, 20_000, 30_000, 40_000])
def test_no_file_may_grow_in_the_middle_of_a_study(children, tmp_path, room):
    path = tmp_path / "a.db"
    answer = children.done("fill_disk", store=path, room=room)
    assert answer["error"] == "StoreError"
    assert "free some space, then run the same command again" in answer["message"]
    kept = rows(path)[0][1]
    assert 5 <= sum(t.evaluation is not None for t in kept) < 24
    assert_goes_on(path, kept)


def assert_goes_on(path, kept):
    """With room again, the study keeps what it had and ends as if nothing had happened."""
    with make_study(path) as study:
        assert [t for t in study.trials if t not in kept] == []
        for _ in study.run(24, 4):
            pass
        assert [(t.batch, t.architecture, t.status, t.score) for t in study.trials] == never_full()


@functools.cache
def never_full():
    with make_study(":memory:") as whole:
        return [(t.batch, t.architecture, t.status, t.score) for t in whole.run(24, 4)]


def test_the_disk_is_full_and_the_same_object_goes_on(path):
    """In a notebook the study is still there when space has been made: nothing that was asked is lost."""
    study = make_study(path)
    asked = list(study.run(8, 4))
    study._store._db.execute("PRAGMA max_page_count=1")
    with pytest.raises(StoreError, match="the disk is full: free some space"):
        asked += study.run(400, 40)
    study._store._db.execute("PRAGMA max_page_count=100000")
    list(study.run(24, 4))
    kept = list(study.trials)
    study.close()
    with make_study(path) as again:
        assert again.trials == kept


# ---------------------------------------------------------------------- what a store cannot hold


def test_numbers_come_back_to_the_last_bit(path):
    store = Store(path)
    study = store.begin({})
    token = store.hold(study)
    scores = [0.1 + 0.2, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, 2**-1074 * 3, 1e22, 123456789.123456789]
    store.add_batch(study, token, [Trial(n, 0, ("a",), {"epsilon": s}) for n, s in enumerate(scores)])
    store.add_evaluations(study, token, {n: Evaluation(("a",), s, curve=(s,)) for n, s in enumerate(scores)})
    store.close()
    ((_, trials),) = rows(path)
    for of in (lambda t: t.score, lambda t: t.status["epsilon"], lambda t: t.evaluation.curve[0]):
        assert [of(t).hex() for t in trials] == [s.hex() for s in scores]


def test_recording_a_batch_twice_is_as_good_as_once(path):
    """Ctrl-C may come between the write and the note that it was done."""
    store = fill(path, trials=3, close=False)
    token = store.hold(1)
    before = store.trials(1)
    store.add_batch(1, token, [Trial(n, n, (f"layer-{n}", "stop"), {}) for n in range(4)])
    assert store.trials(1)[:3] == before
    assert len(store.trials(1)) == 4
    store.close()


@pytest.mark.parametrize("metrics", [{"loss": float("nan")}, {"network": object()}])
def test_an_evaluation_that_json_cannot_hold(path, metrics):
    store = fill(path, trials=1, close=False)
    token = store.hold(1)
    with pytest.raises(BadValue, match="a store holds finite Python numbers, strings, lists and dictionaries"):
        store.add_evaluations(1, token, {0: Evaluation(("layer-0", "stop"), 0.5, metrics=metrics)})
    assert [t.score for t in store.trials(1)] == [1 / 3]
    store.close()
