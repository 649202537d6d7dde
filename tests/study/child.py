"""What other processes do in the tests of stores and studies; run by itself, it starts one for each job it reads.

A job is a line of JSON, `{"do": ..., "answer": file, ...}`; it is done in a fork of this process, which has torch and
nasedu imported already, so a start costs milliseconds. The pid is printed at once; `{"wait": pid}` prints how it ended.
"""

import itertools
import json
import os
import signal
import sqlite3
import sys
import time
import traceback
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from nasedu import Study, controllers, meta, spaces, trainers
from nasedu.controllers.base import Controller
from nasedu.core import NaseduError, rng_from
from nasedu.store import Store
from nasedu.tasks.base import Sealed, Split, Task
from tests.patience import patience


class Climber(Controller):
    """A controller that is in no registry: it changes the best so far a little, and may well ask the same again."""

    def ask(self):
        if not self.rewards or self.rng.random() < 0.3:
            return self.space.sample(self.rng)
        best = max(self.rewards, key=self.rewards.__getitem__)
        return self.space.mutate(best, self.rng) if self.rng.random() < 0.7 else best


def small_task():
    """Four classes of 6x6 images, told apart by their bright corner, in noise; 600 examples."""
    rng = np.random.default_rng(0)
    y = np.tile(np.arange(4), 150)
    X = rng.normal(0, 0.8, size=(600, 1, 6, 6)).astype(np.float32)
    X[np.arange(600), 0, 5 * (y // 2), 5 * (y % 2)] += 1
    parts = [Split(X[i::5].copy(), y[i::5].copy()) for i in range(5)]
    train = Split(*(np.concatenate(arrays) for arrays in zip(*parts[:3], strict=True)))
    return Task("corners", "Which?", train, parts[3], Sealed(parts[4]), outputs=4, source="made up", licence="CC0")


def make_study(store, kind="q-learning", *, seed=0, budget=24, epochs=2, task=None):
    """A small study with real training; kind: a controller's name, or the name of the prior that opens q-learning."""
    task = task or small_task()
    space = spaces.load("mlp", task, depth=2, widths=(8, 4, 2))
    trainer = trainers.load("sequential", space, task)
    prior = None
    if kind in ("warm-q", "copy-best"):
        rng = rng_from(0, "earlier")
        earlier = tuple((space.sample(rng), float(rng.random())) for _ in range(12))
        prior = meta.load(kind, [meta.Evidence("earlier", earlier)])
    if kind == "climber":
        controller = Climber(space, seed=seed)
    elif kind == "random":
        controller = controllers.load("random", space, seed=seed)
    else:
        controller = controllers.load("q-learning", space, seed=seed, budget=budget)
    return Study(space, controller, trainer, store=store, epochs=epochs, seed=0, prior=prior)


# ---------------------------------------------------------------------- jobs


def search(store, trials=24, batch=4, finish=False, watch=None, began=None, enqueue=(), **parts):
    """Search to the end. `watch`: see `watch_sql`; `began`: a file made when the search begins.

    What is in `enqueue` is put into the queue after the first batch.
    """
    seen = watch_sql(**watch) if watch else None
    if began:
        Path(began).touch()
    with make_study(store, **parts) as study:
        if enqueue:
            list(study.run(batch, batch))
        for architecture in map(tuple, enqueue):
            study.enqueue(architecture)
        for _ in study.run(trials, batch):
            pass
        if finish:
            study.finish()
    return next(seen) - 1 if seen else None


def watch_sql(event, at, mark):
    """Kill this process at an SQL event: a "statement", or a "step" of SQLite's machine inside a transaction.

    Args:
        event: which events count.
        at: the number of the event, from 1; 0 only counts.
        mark: a file for what was going on at that moment.
    """
    connect, count = sqlite3.connect, itertools.count(1)

    def happened(db, what):
        if event == "step" and not db.in_transaction:
            return
        if next(count) == at:
            Path(mark).write_text(json.dumps({"in_transaction": db.in_transaction, "what": what}))
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(*args, **kwargs):
        db = connect(*args, **kwargs)
        if event == "statement":
            db.set_trace_callback(lambda sql: happened(db, sql))
        else:
            db.set_progress_handler(lambda: happened(db, "step"), 1)
        return db

    sqlite3.connect = watched
    return count


def hold(store, ready, until, trials=4, **parts):
    """Open a study, search, and keep it until a file appears."""
    with make_study(store, **parts) as study:
        for _ in study.run(trials, 4):
            pass
        Path(ready).touch()
        wait_for(until)


def create(store, go):
    """Make a store at the same moment as others do."""
    wait_for(go)
    store = Store(store)
    study = store.begin({"pid": os.getpid()})
    store.close()
    return study


def refused(store, create=True, unprivileged=True):
    """Open a store without any special rights: the error is the answer."""
    if unprivileged and os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    opened = Store(store, create=create)
    try:
        return len(opened.studies())
    finally:
        opened.close()


def fill_disk(store, room, trials=24):
    """Search while no file may grow beyond `room` bytes."""
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with make_study(store) as study:
            for trial in study.run(trials, 4):
                if trial.number == 4:
                    resource.setrlimit(resource.RLIMIT_FSIZE, (room, usual[1]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def wait_for(path):
    """Return when the file exists."""
    until = time.monotonic() + patience(180)
    while not Path(path).exists():
        if time.monotonic() > until:
            raise TimeoutError(path)
        time.sleep(0.005)


JOBS = {f.__name__: f for f in (search, hold, create, refused, fill_disk)}


def do(job):
    """Do a job in this process and write its answer; the exit code is 0 unless something unforeseen was raised."""
    answer = Path(job.pop("answer"))
    try:
        found = {"value": JOBS[job.pop("do")](**job)}
    except NaseduError as error:
        found = {"error": type(error).__name__, "message": str(error)}
    except BaseException:
        traceback.print_exc()
        return 1
    answer.write_text(json.dumps(found))
    return 0


def serve():
    import torch

    torch.set_num_threads(1)
    search(":memory:", trials=1, finish=True)  # imports whatever is imported late
    for line in sys.stdin:
        job = json.loads(line)
        if "wait" in job:
            _, status = os.waitpid(job["wait"], 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        pid = os.fork()
        if pid == 0:
            os._exit(do(job))
        print(pid, flush=True)


if __name__ == "__main__":
    serve()
