"""What lesson 10 compares over several seeds, measured once: one supernet costs as much as the whole page may.

    python -m nasedu.classroom.lessons.lesson_10.recording    # writes recorded.npz; half an hour on one core

A recording that was stopped goes on with what is missing. Everything is trained with the recipe of the atlas.
"""

import itertools
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from nasedu import tasks, trainers
from nasedu.building.atlas import ATLAS
from nasedu.core.ranking import kendall_tau
from nasedu.oneshot.batch_norm import STATISTICS
from nasedu.oneshot.enas import Enas
from nasedu.oneshot.scoring import answers
from nasedu.oneshot.spos import SUPERNET_RECIPE
from nasedu.tables.atlas import atlas
from nasedu.trainers.single.metrics import score_of

FILE = Path(__file__).parent / "recorded.npz"
TASKS = ("what/digits", "shuffled/digits", "where/digits", "gratings/angle")
"""Those on which lesson 09 compares proxies."""
ENAS_TASKS = ("where/digits", "what/digits")
SEEDS = tuple(range(5))
STEPS = 1500
RECIPE = SUPERNET_RECIPE
"""That of the atlas, by which its networks were trained alone."""
POLICY = {"learning_rate": 0.005, "entropy": 0.5}
"""Of ENAS. On what/digits some policies collapse with it; today's defaults keep them undecided for longer."""
DRAWS = 50
"""Architectures that are drawn from the policy of ENAS at its end."""
TIMED = (0, 1)
"""Seeds of which the seconds are taken: those of a supernet that builds the networks of the space, too."""
OWN = 3
"""Trainings of random networks that are timed, for each task and seed."""
SAMPLE = np.random.default_rng(0).choice(1188, 200, replace=False)
"""Rows of the networks on which the three ways to normalise are compared."""


def recorded(measure: str, task: str) -> np.ndarray:
    """Return what was measured on a task, for all seeds: (seeds, ...).

    Args:
        measure: one of these, "enas" and "drawn" on `ENAS_TASKS` only:
            "uniform", "enas": the score of every network of the atlas with shared weights, (seeds, 1188);
            "statistics": Kendall's tau of shared and true scores of the networks `SAMPLE`, for each of `STATISTICS`;
            "trainings": how many own trainings take as long as a supernet and the scores of all, for `TIMED`;
            "drawn": rows of the networks that the policy of ENAS draws at its end, (seeds, DRAWS).
        task: one of `TASKS`.
    """
    seeds = TIMED if measure == "trainings" else SEEDS
    found = np.array([_all()[f"{measure}/{task}/{seed}"] for seed in seeds])
    return found / 1000 if measure in ("uniform", "enas") else found


@lru_cache(maxsize=1)
def _all() -> dict[str, np.ndarray]:
    """Return the file as it is, by "measure/task/seed"."""
    with np.load(FILE, allow_pickle=False) as file:
        return dict(file)


# ---------------------------------------------------------------------- measuring


def record() -> None:
    """Measure what is missing, and write the file after each supernet."""
    found: dict[str, Any] = {}
    if FILE.exists():
        with np.load(FILE, allow_pickle=False) as file:
            found = dict(file)
    for method, names in (("uniform", TASKS), ("enas", ENAS_TASKS)):
        for name, seed in itertools.product(names, SEEDS):
            if f"{method}/{name}/{seed}" in found:
                continue
            measured = _uniform(name, seed) if method == "uniform" else _enas(name, seed)
            found |= {f"{key}/{name}/{seed}": value for key, value in measured.items()}
            half = FILE.with_suffix(".half.npz")
            np.savez_compressed(half, allow_pickle=False, **found)
            half.replace(FILE)
            print(method, name, seed, {k: v for k, v in measured.items() if v.size < 9}, flush=True)


def _uniform(name: str, seed: int) -> dict[str, np.ndarray]:
    table = atlas()
    if seed in TIMED:
        _trainers.cache_clear()
    trainer, own = _trainers(name)
    trainer.statistics = "re-estimated"
    started = time.process_time()
    scores = trainer.score_all(seed=seed)
    seconds = time.process_time() - started
    some = [network for network in scores if table.row(network) in SAMPLE]
    truth = [table.scores(name)[table.row(network)] for network in some]
    taus = []
    for statistics in STATISTICS:
        trainer.statistics = statistics
        found: Any = scores if statistics == "re-estimated" else trainer.score_all(seed=seed, architectures=some)
        taus.append(kendall_tau([found[network] for network in some], truth))
    measured = {
        "uniform": _thousandths([scores[network] for network in table.architectures]),
        "statistics": np.array(taus, np.float32),
    }
    if seed in TIMED:
        started = time.process_time()
        for row in np.random.default_rng(seed).choice(len(table), OWN, replace=False):
            own([table.architectures[row]], epochs=ATLAS.epochs, seed=seed)
        measured["trainings"] = np.array(seconds / (time.process_time() - started) * OWN, np.float32)
    return measured


@lru_cache(maxsize=1)
def _trainers(name: str) -> tuple[Any, Any]:
    """Return the trainer with shared weights and that of own trainings; the first builds the networks once."""
    task = tasks.load(name)
    space = ATLAS.space_for(task)
    shared = trainers.load("shared", space, task, steps=STEPS, recipe=RECIPE)
    return shared, trainers.load("sequential", space, task, recipe=RECIPE)


def _enas(name: str, seed: int) -> dict[str, np.ndarray]:
    task, table = tasks.load(name), atlas()
    supernet = _trainers(name)[0].supernet(SEEDS[0]).again(seed)  # its networks are built already
    settings: dict[str, Any] = {"rounds": STEPS // 50, "policy_steps": 40, "warm_up": STEPS // 100, **POLICY}
    search = Enas(supernet, task, seed=seed, **settings)
    for _ in search:
        pass
    X, y = search.validation
    options: dict[str, Any] = {"statistics": "re-estimated", "seen": search.training.data.X[:256]}
    asked = list(table.space.enumerate())  # in the order in which common first layers are computed once
    scores = {network: score_of(task, out, y) for network, out in answers(search.supernet, asked, X, **options)}
    rng = np.random.default_rng(seed)
    drawn = np.array([table.row(search.draw(rng)) for _ in range(DRAWS)], np.uint16)
    return {"enas": _thousandths([scores[network] for network in table.architectures]), "drawn": drawn}


def _thousandths(scores: Any) -> np.ndarray:
    """Return scores as whole thousandths: each is a share of 1,000 validation examples."""
    return np.rint(1000 * np.asarray(scores)).astype(np.uint16)


if __name__ == "__main__":
    record()
