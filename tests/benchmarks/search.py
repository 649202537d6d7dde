"""The main job, from the command line, as a user types it: time, memory, and what it finds."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from threading import Thread
from typing import Any

import psutil

from tests.benchmarks.row import Row, mean_and_error

SEEDS = range(5)
COMMAND = "search --task digits --space chain-cnn --controller q-learning --trials 40 --batch 4 --epochs 8 --json"


def measure() -> list[Row]:
    runs = [one_search(seed) for seed in SEEDS]
    seconds = [run["wall"] for run in runs]
    peak = max(run["peak"] for run in runs)
    first = [run["first"] for run in runs]
    final = [run["final"]["accuracy"] for run in runs]
    by_hand = [[rival["accuracy"] for rival in run["hand_picked"]] for run in runs]
    rivals = [statistics.mean(column) for column in zip(*by_hand, strict=True)]
    better = [own - max(others) for own, others in zip(final, by_hand, strict=True)]
    found = statistics.mean(final)
    return [
        Row("the whole command, worst of 5", "at most 45 s", f"{max(seconds):.1f} s", max(seconds) <= 45),
        Row("peak memory, worst of 5", "under 700 MB", f"{peak / 1e6:.0f} MB", peak < 700e6),
        Row("first trial after, worst of 5", "within 5 s", f"{max(first):.1f} s", max(first) <= 5),
        Row("final test accuracy, seeds 0 to 4", "at least 0.97", mean_and_error(final), found >= 0.97),
        Row(
            "against the better of two hand-picked networks, each seed's mean",
            "above",
            f"{found:.3f} against {' and '.join(f'{r:.3f}' for r in rivals)}",
            found > max(rivals),
        ),
        Row("lead over the better one, seed by seed", "", mean_and_error(better)),
    ]


def one_search(seed: int) -> dict[str, Any]:
    """The command's own JSON, with wall-clock seconds, peak memory in bytes, and seconds to the first trial."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "digits.db"
        command = [sys.executable, "-m", "nasedu.cli", *COMMAND.split(), "--seed", str(seed), "--store", str(store)]
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        watch = Watch(process.pid, store)
        out, _ = process.communicate()
        wall = time.perf_counter() - start
        watch.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed with exit code {process.returncode}")
    return {**json.loads(out), "wall": wall, "peak": watch.peak, "first": watch.first - start}


class Watch(Thread):
    """Follows a process: its peak memory, and when its store held the first evaluated trial."""

    def __init__(self, pid: int, store: Path):
        super().__init__()
        self.process = psutil.Process(pid)
        self.store = store
        self.peak = 0
        self.first = float("inf")
        self.start()

    def run(self) -> None:
        while True:
            try:
                self.peak = max(self.peak, self.process.memory_info().rss)
            except psutil.NoSuchProcess:
                return
            if self.process.status() == psutil.STATUS_ZOMBIE:
                return
            if self.first == float("inf") and self._has_trial():
                self.first = time.perf_counter()
            time.sleep(0.05)

    def _has_trial(self) -> bool:
        import sqlite3

        if not self.store.exists():
            return False
        try:
            with sqlite3.connect(f"{self.store.as_uri()}?mode=ro", uri=True) as db:
                return db.execute("SELECT count(*) FROM trials WHERE evaluation IS NOT NULL").fetchone()[0] > 0
        except sqlite3.Error:
            return False
