"""Candidates that fail and workers that die: the search goes on, and the store says what happened."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
import torch._dynamo  # noqa: F401  torch would import it on the time of the first candidate

from nasedu import Study
from nasedu.cli.study_record import records_in
from nasedu.core import NaseduError
from nasedu.trainers.parallel.processes import ProcessPool, processes
from nasedu.trainers.parallel.trainer import Parallel
from nasedu.trainers.population.trainer import PopulationTrainer
from nasedu.trainers.single.sequential import SequentialTrainer
from tests.patience import patience
from tests.trainers.faulty import InOrder, Threes, Workshop, essence

EPOCHS = 36  # of three steps each: step 100 is in epoch 34


def searched(store, trainer, epochs=EPOCHS):
    """Search a workshop to its end; what the store says of each network afterwards, by its name."""
    space = trainer.space
    with Study(space, InOrder(space), trainer, store=store, epochs=epochs) as study:
        for _ in study.run(len(space.networks), batch=len(space.networks)):
            pass
    (record,) = records_in(store).values()
    assert [t.architecture for t in record.trials] == [(name,) for name in space.networks]
    return {t.architecture[0]: t.evaluation for t in record.trials}


def failures(found):
    return {name: e.status for name, e in found.items() if not e.ok}


# ---------------------------------------------------------------------- candidates that fail by themselves

CANDIDATES = {
    "nan": ("diverged", "the loss was nan in epoch 1"),
    "explodes": ("diverged", r"the (loss|answers) .*(?i:nan|inf).*"),
    "never ends": ("timeout", r"\d\.\d s in epoch \d+; the limit is 3 s"),
    "refuses": ("error", "ValueError: no such layer"),
}


def on_threads(make):
    return lambda space, task, **options: Parallel(make(space, task, **options), partial(ThreadPoolExecutor, 2))


TRAINERS = {
    "sequential": SequentialTrainer,
    "population": PopulationTrainer,
    "parallel": on_threads(SequentialTrainer),
    "parallel population": on_threads(PopulationTrainer),
}


@pytest.mark.parametrize("trainer", TRAINERS)
def test_candidates_that_fail_have_the_chance_score_and_a_reason_in_the_store(trainer, small_task, tmp_path):
    space = Workshop(["4", *CANDIDATES, "8"])
    made = TRAINERS[trainer](space, small_task, device="cpu", patience=0, time_limit=3.0)
    found = searched(tmp_path / "a.db", made)
    getattr(made, "close", lambda: None)()
    assert failures(found) == {name: status for name, (status, _) in CANDIDATES.items()}
    for name, (_, reason) in CANDIDATES.items():
        assert found[name].score == small_task.chance
        assert re.fullmatch(reason, found[name].reason)
    assert len(found["explodes"].curve) == 33
    assert min(found[name].score for name in ("4", "8")) >= small_task.chance


def test_a_network_that_needs_more_memory_than_there_is(tmp_path):
    script = Path(__file__).with_name("little_memory.py")
    done = subprocess.run([sys.executable, script, tmp_path], capture_output=True, text=True, timeout=patience(240))
    assert done.returncode == 0, done.stderr
    for trainer in ("sequential", "population", "parallel"):
        (record,) = records_in(tmp_path / f"{trainer}.db").values()
        assert [t.evaluation.status for t in record.trials] == ["ok", "out-of-memory", "ok"]
        assert record.trials[1].score == 0.25
        assert "alloc" in record.trials[1].evaluation.reason.lower()


# ---------------------------------------------------------------------- workers that die

DEADLY = {
    "killed": "it was ended by SIGKILL, which is what a system does that runs out of memory",
    "leaves": "it ended with exit code 3",
}


def test_a_candidate_that_brings_its_worker_down_is_an_error_and_no_other_is(small_task, tmp_path):
    space = Workshop(["4", "killed once", "8", *DEADLY, "16"], tmp_path)
    trainer = SequentialTrainer(space, small_task, device="cpu")
    with Parallel(trainer, processes(2)) as together:
        together([("4",), ("8",)], epochs=2, seed=0)  # both are ready: nobody dies before "killed once" is built
        found = searched(tmp_path / "a.db", together, epochs=2)
    assert failures(found) == dict.fromkeys(DEADLY, "error")
    for name, cause in DEADLY.items():
        assert found[name].score == small_task.chance
        assert found[name].reason == f"it brought its worker down, also with nothing beside it: {cause}"
    good = [(name,) for name in space.networks if name not in DEADLY]
    assert essence(found[name] for (name,) in good) == essence(trainer(good, epochs=2, seed=0))


def test_of_a_group_only_the_guilty_one_fails(small_task):
    trainer = Threes(Workshop(["4", "8", "leaves"]), small_task, device="cpu")
    asked = [("4",), ("leaves",), ("8",)]
    with Parallel(trainer, processes(1)) as together:
        found = together.extend(asked, epochs=1, seed=0, total=2)
    assert [e.status for e, _ in found] == ["ok", "error", "ok"]
    assert [state is None for _, state in found] == [False, True, False]
    good = trainer([asked[0], asked[2]], epochs=1, seed=0)
    assert essence([found[0][0], found[2][0]]) == essence(good)


def test_a_pool_that_cannot_be_made_again_is_a_clear_error_and_nothing_is_lost(small_task, tmp_path):
    space = Workshop(["4", "8", "killed once", "16"], tmp_path)
    alone = SequentialTrainer(space, small_task, device="cpu")
    with ProcessPool(2) as pool:
        together = Parallel(alone, pool)
        study = Study(space, InOrder(space), together, store=tmp_path / "a.db", epochs=1)
        with study, pytest.raises(NaseduError, match="Give Parallel a function that makes the pool"):
            for _ in study.run(4, batch=2):
                pass
        with pytest.raises(NaseduError, match="a worker died and took the pool with it"):
            together([("4",)], epochs=1, seed=0)
    (record,) = records_in(tmp_path / "a.db").values()
    assert [t.architecture for t in record.trials] == [("4",), ("8",)]
    found = searched(tmp_path / "a.db", alone, epochs=1)
    assert failures(found) == {}


def test_workers_that_die_at_once_are_an_error_that_says_what_to_do():
    script = Path(__file__).with_name("orphan.py")
    done = subprocess.run([sys.executable, script, "unguarded"], capture_output=True, text=True, timeout=patience(240))
    assert done.returncode == 1
    # not the last line: Python may warn of what dead workers left behind after it
    last = [line for line in done.stderr.splitlines() if line.startswith("nasedu.core.errors.NaseduError: ")][-1]
    assert "workers die before they train anything" in last
    assert "behind `if __name__ == '__main__':`" in last
