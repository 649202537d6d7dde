"""Killed with SIGKILL at random moments and continued: the same network, and the same numbers to the last bit."""

import gc
import json
import multiprocessing
import os
import random
import signal
import time
import traceback
from functools import partial
from pathlib import Path

import numpy as np
import torch

from nasedu.core import rng_from
from nasedu.oneshot import methods
from nasedu.oneshot.search_state import load_state, save_state
from nasedu.oneshot.searches import Method
from tests.oneshot.small_mixtures import cell_201, stripes

TASK = stripes(examples=48)
KILLS = 3
STEPS = {"darts": 5, "darts-2": 5, "p-darts": 6, "gdas": 5, "enas": 2, "spos": 2}
OPTIONS = {
    **{name: {"batch": 16} for name in ("darts", "darts-2", "p-darts", "gdas")},
    "enas": {"policy_steps": 8, "batch": 16},  # Adam knows something from the second of these on
    "spos": {"candidates": 6, "examples": 16},
}


def new_search(name: str) -> Method:
    return methods.load(name, cell_201(TASK), TASK, steps=STEPS[name], options=OPTIONS[name])


def search_to_the_end(name: str, path: Path, heard) -> None:
    """Go on from the file, and write it after each step; `heard` is called in between."""
    torch.set_num_threads(1)
    search = new_search(name)
    if path.exists():
        search.restore(load_state(path))
    for step in search.run():
        heard(step)
        save_state(search.state(), path)
    path.with_suffix(".json").write_text(json.dumps(search.derived()))


def tell(writing: int, step) -> None:
    os.write(writing, bytes([step.number]))


def killed_and_continued(name: str, path: Path, seed: int) -> int:
    """Fork a search, and kill it in each third of its steps, in the middle of something; return the number of kills."""
    rng, killed, last = random.Random(seed), 0, 0
    moments = np.array_split(range(1, new_search(name).of - 1), KILLS)  # never so late that it may be done
    while not path.with_suffix(".json").exists():
        wanted = rng.choice(moments[killed]) if killed < KILLS else 256
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
        heard = os.read(reading, 1)
        if heard and heard[0] < last:
            raise SystemExit(f"{name} made step {heard[0]} once more, and {last} had come")
        while heard and (last := heard[0]) < wanted:
            heard = os.read(reading, 1)
        if heard:
            time.sleep(rng.uniform(0, 0.02))  # somewhere in a step, or in the writing of the file
            os.kill(child, signal.SIGKILL)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.close(reading)
        if ended > 0:
            raise SystemExit(f"{name} could not go on after {killed} kills")
        killed += ended == -signal.SIGKILL
    return killed


def kill_all(folder: Path) -> None:
    """Search by each method, killed and not; every fork begins with all that torch imports late."""
    search_to_the_end("darts", folder / "first.safetensors", lambda _: None)
    gc.freeze()  # else each fork copies what a collection touches
    for method in methods.registry:
        seed = int(rng_from(0, "kills", method).integers(1 << 30))
        killed = killed_and_continued(method, folder / f"{method}.safetensors", seed)
        (folder / f"{method}-killed.json").write_text(json.dumps(killed))
        search_to_the_end(method, folder / f"{method}-whole.safetensors", lambda _: None)


def test_a_killed_search_ends_as_one_that_never_stopped(tmp_path):
    # In a process of its own, which has one thread: with more than one, a fork may wait for ever.
    own = multiprocessing.get_context("spawn").Process(target=kill_all, args=(tmp_path,))
    own.start()
    own.join()
    assert own.exitcode == 0
    for name in methods.registry:
        killed, whole = tmp_path / f"{name}.safetensors", tmp_path / f"{name}-whole.safetensors"
        assert json.loads((tmp_path / f"{name}-killed.json").read_text()) == KILLS, name
        found, expected = load_state(killed), load_state(whole)
        assert found.tensors.keys() == expected.tensors.keys(), name
        for key, tensor in expected.tensors.items():
            assert torch.equal(found.tensors[key], tensor), (name, key)
        assert (found.about, found.plain) == (expected.about, expected.plain), name
        assert killed.with_suffix(".json").read_text() == whole.with_suffix(".json").read_text(), name
