"""Killed with SIGKILL at random moments and continued: the same network, and the same numbers to the last bit."""

import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from functools import partial
from pathlib import Path

import torch

from nasedu.core import rng_from
from nasedu.oneshot import methods
from nasedu.oneshot.search_state import load_state, save_state
from tests.oneshot.small_mixtures import TASK, cell_201

KILLS = 3
STEPS = {"darts": 7, "darts-2": 7, "p-darts": 9, "gdas": 7, "enas": 3, "spos": 3}
OPTIONS = {
    **{name: {"batch": 16} for name in ("darts", "darts-2", "p-darts", "gdas")},
    "enas": {"policy_steps": 4, "batch": 16},  # both turns and the candidates are killed, too
    "spos": {"candidates": 5, "examples": 16},
}


def search_to_the_end(name: str, path: Path, heard) -> None:
    """Go on from the file, and write it after each step; `heard` is called in between."""
    torch.set_num_threads(1)
    search = methods.load(name, cell_201(), TASK, steps=STEPS[name], options=OPTIONS[name])
    if path.exists():
        search.restore(load_state(path))
    for step in search.run():
        heard(step)
        save_state(search.state(), path)
    path.with_suffix(".json").write_text(json.dumps(search.derived()))


def tell(writing: int, _) -> None:
    os.write(writing, b".")


def killed_and_continued(name: str, path: Path, seed: int) -> list[int]:
    """Fork a search and kill it in the middle of what it does, several times; return how many steps each one made."""
    rng, made = random.Random(seed), []
    while not path.with_suffix(".json").exists():
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                search_to_the_end(name, path, partial(tell, writing))
                os._exit(0)
            except Exception:
                traceback.print_exc()
            finally:
                os._exit(1)
        os.close(writing)
        wanted = rng.randint(1, 2) if len(made) < KILLS else 10**6
        heard = 0
        while heard < wanted and os.read(reading, 1):
            heard += 1
        if heard == wanted:
            time.sleep(rng.uniform(0, 0.03))  # somewhere in a step, or in the writing of the file
            os.kill(child, signal.SIGKILL)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.close(reading)
        if ended > 0:
            raise SystemExit(f"{name} could not go on after {made} steps")
        made.append(heard)
    return made


def test_a_killed_search_ends_as_one_that_never_stopped(tmp_path):
    # A process of its own, with one thread and with all that torch imports late: its forks begin in milliseconds.
    subprocess.run([sys.executable, "-m", "tests.oneshot.test_kill", str(tmp_path)], check=True, timeout=600)
    for name in methods.registry:
        killed, whole = tmp_path / f"{name}.safetensors", tmp_path / f"{name}-whole.safetensors"
        made = json.loads((tmp_path / f"{name}-made.json").read_text())
        assert len(made) > KILLS, name
        search_to_the_end(name, whole, lambda _: None)
        found, expected = load_state(killed), load_state(whole)
        assert found.tensors.keys() == expected.tensors.keys(), name
        for key, tensor in expected.tensors.items():
            assert torch.equal(found.tensors[key], tensor), (name, key)
        assert (found.about, found.plain) == (expected.about, expected.plain), name
        assert killed.with_suffix(".json").read_text() == whole.with_suffix(".json").read_text(), name


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    search_to_the_end("darts", folder / "first.safetensors", lambda _: None)
    for method in methods.registry:
        seed = int(rng_from(0, "kills", method).integers(1 << 30))
        tally = killed_and_continued(method, folder / f"{method}.safetensors", seed)
        (folder / f"{method}-made.json").write_text(json.dumps(tally))
