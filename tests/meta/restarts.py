"""Loops that are killed while they run; a script, since only a process of its own can be killed.

Each loop runs in a fork of this process. `python restarts.py FOLDER PART...` runs one to its end in FOLDER/whole.db;
and for each PART (of its SQL statements, from 0 to 1) one that is killed there and run again, in FOLDER/PART.db. It
prints the exit codes as JSON.
"""

import itertools
import json
import os
import signal
import sqlite3
import sys
from pathlib import Path

from tests.meta.made import loop


def kill_at(statement):
    """Kill this process at an SQL statement, counted from 1; gives the counter."""
    connect, count = sqlite3.connect, itertools.count(1)

    def happened(_):
        if next(count) == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(*args, **kwargs):
        db = connect(*args, **kwargs)
        db.set_trace_callback(happened)
        return db

    sqlite3.connect = watched
    return count


def run(store, statement=0):
    """Run the loop in a fork; the exit code, -9 if it was killed."""
    pid = os.fork()
    if pid == 0:
        count = kill_at(statement)
        for _ in loop(store=store).run():
            pass
        Path(f"{store}.count").write_text(str(next(count) - 1))
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main(folder, parts):
    codes = {"whole": [run(f"{folder}/whole.db")]}
    statements = int(Path(f"{folder}/whole.db.count").read_text())
    for part in parts:
        codes[part] = [run(f"{folder}/{part}.db", int(float(part) * statements)), run(f"{folder}/{part}.db")]
    print(json.dumps(codes))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
