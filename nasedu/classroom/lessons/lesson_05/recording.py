"""What lesson 05 compares over many seeds, run once: races of a hundred seeds on five tables take minutes.

    python -m nasedu.classroom.lessons.lesson_05.recording    # writes recorded.npz

A recording that was stopped goes on with what is missing. Where the file of NAS-Bench-Macro is absent, its part stays
as it was recorded.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

import nasedu
from nasedu import controllers
from nasedu.classroom.nas_bench_macro import NAME as MACRO
from nasedu.classroom.nas_bench_macro import nas_bench_macro
from nasedu.tables import Table
from nasedu.tables.atlas import atlas

FILE = Path(__file__).parent / "recorded.npz"
TASKS = ("what/digits", "shuffled/digits", "where/digits", "gratings/angle")
"""Unlike each other; lessons 09 and 10 compare on them, too."""
TABLES = (*TASKS, MACRO)
"""The last one has test accuracies only, so there they are the rewards."""
NETWORKS = 100
RIVALS: dict[str, Any] = {
    "random": "random",
    "regularized-evolution": "regularized-evolution",
    "q-learning": "q-learning",
    "reinforce": "reinforce",
    "reinforce-table": "reinforce-table",
}
VARIANTS: dict[str, Any] = {
    "table, no baseline": ("reinforce-table", {"baseline": "none"}),
    "RNN, no baseline": ("reinforce", {"baseline": "none"}),
    "table, entropy 0.1": ("reinforce-table", {"entropy": 0.1}),
}
SEEDS, SEEDS_OF_VARIANTS = 100, 20
CHUNK = 10
"""Seeds that are run together."""
POLICIES = {"table by position": 0.3, "table by state": 0.3, "LSTM": 0.003}
"""Of the question whether a network learns structure, each with the best of two to four rates of Adam on few/digits."""
SEEDS_OF_POLICIES = 5
STEPS = 200
"""Of a batch of ten each, so 2,000 drawn networks."""
LOOKS = (30, 100, 200)
"""Steps after which is measured what a policy knows."""
BONUSES = (0, 0.1, 0.4)
DRAWS, SEEDS_OF_BONUSES = 200, 40
"""Of the question what an entropy bonus is worth to a policy that may ask twice."""


def regrets(method: str, task: str) -> np.ndarray:
    """Return the regret after 1 to 100 networks, (seeds, 100), seeds 0, 1, 2, ...; `task` is one of `TABLES`."""
    found = _all()
    chunks = (f"{method}|{task}|{start}" for start in range(0, SEEDS, CHUNK))
    return np.concatenate([found[chunk] for chunk in chunks if chunk in found]) / 30_000


def policies(name: str, task: str) -> np.ndarray:
    """Return what a policy was after `LOOKS` steps, (seeds, looks, 4).

    The four: the mean reward of what it draws; the divergence of the best policy by position from it, in nats; the
    mean reward of that policy; its own entropy in nats.
    """
    return _all()[f"policy|{name}|{task}"]


def certainty(bonus: float, task: str) -> np.ndarray:
    """Return what table policies with a bonus for entropy were after 200 draws, (seeds, 3).

    The three: the number of networks among which it is undecided, exp(H); the mean reward of what it draws; the regret
    of its likeliest network.
    """
    return _all()[f"bonus|{bonus}|{task}"]


@lru_cache(maxsize=1)
def _all() -> dict[str, np.ndarray]:
    with np.load(FILE, allow_pickle=False) as file:
        return dict(file)


def record() -> None:
    """Run what is missing, and write the file after each chunk."""
    found: dict[str, Any] = {}
    if FILE.exists():
        with np.load(FILE, allow_pickle=False) as file:
            found = dict(file)
    chunks = [(methods, start) for methods in (RIVALS, VARIANTS) for start in range(0, SEEDS_OF_VARIANTS, CHUNK)]
    chunks += [(RIVALS, start) for start in range(SEEDS_OF_VARIANTS, SEEDS, CHUNK)]
    tables = [task for task in TABLES if _table(task) is not None]
    for methods, start in chunks:
        for task in tables:
            missing = {m: made for m, made in methods.items() if f"{m}|{task}|{start}" not in found}
            if missing:
                found |= {f"{m}|{task}|{start}": found_now for m, found_now in _race(missing, task, start).items()}
                _write(found)
                print(start, task, flush=True)
    for task in TASKS:
        for name in POLICIES:
            if f"policy|{name}|{task}" not in found:
                found[f"policy|{name}|{task}"] = np.array([trained(name, task, s) for s in range(SEEDS_OF_POLICIES)])
                _write(found)
                print(name, task, flush=True)
    for task in tables:
        for bonus in BONUSES:
            if f"bonus|{bonus}|{task}" not in found:
                found[f"bonus|{bonus}|{task}"] = np.array([drawn(bonus, task, s)[-1] for s in range(SEEDS_OF_BONUSES)])
                _write(found)
                print("bonus", bonus, task, flush=True)


def _write(found: dict[str, Any]) -> None:
    half = FILE.with_suffix(".half.npz")
    np.savez_compressed(half, allow_pickle=False, **found)
    half.replace(FILE)


def drawn(bonus: float, task: str, seed: int, every: int = DRAWS) -> np.ndarray:
    """Return the three numbers of `certainty` for one seed, at first and after each `every` draws, (times, 3)."""
    table, scores, walks = _rewards(task)
    policy: Any = controllers.load("reinforce-table", table.space, seed=seed, entropy=bonus, learning_rate=0.5)
    found = []
    for count in range(DRAWS + 1):
        if count % every == 0:
            p = walks.probabilities(walks.table(policy))
            undecided = np.exp(-(p * np.log(p + 1e-300)).sum())
            found.append((undecided, p @ scores, scores.max() - scores[p.argmax()]))
        network = policy.draw()
        list(policy.learn(network, float(scores[table.row(network)])))
    return np.array(found)


@lru_cache(maxsize=len(TABLES))
def _rewards(task: str) -> tuple[Any, np.ndarray, Any]:
    """Return a table, the score of each of its architectures from 0 to 1, and their walks."""
    from nasedu.classroom.lessons.lesson_05.walks import Walks

    table = _table(task)
    scores = table.scores(None if task == MACRO else task) / table.scale
    return table, scores, Walks(table.space, table.architectures)


def trained(name: str, task: str, seed: int) -> list[list[float]]:
    """Return the four numbers of `policies` for one seed, after each of `LOOKS`."""
    from nasedu.classroom.lessons.lesson_05.policies import Table, Training, recurrent
    from nasedu.classroom.lessons.lesson_05.walks import best_by_position, divergence

    by_state, by_position = _walks()
    walks, rewards = by_position if name == "table by position" else by_state, atlas().scores(task)
    policy = recurrent(walks, seed) if name == "LSTM" else Table(walks)  # a table begins with logits of 0
    training = Training(policy, walks, rewards, seed=seed, rate=POLICIES[name])
    found = []
    for number, _ in enumerate(training.steps(STEPS), 1):
        if number in LOOKS:
            p = training.probabilities()
            q = best_by_position(by_position, p)
            undecided = float(-(p[p > 0] * np.log(p[p > 0])).sum())
            found.append([float(p @ rewards), divergence(p, q), float(q @ rewards), undecided])
    return found


@lru_cache(maxsize=1)
def _walks() -> tuple[Any, Any]:
    from nasedu.classroom.lessons.lesson_05.walks import Walks

    table = atlas()
    return Walks(table.space, table.architectures), Walks(table.space, table.architectures, "position")


@lru_cache(maxsize=1)
def _macro() -> Table | None:
    return nas_bench_macro()


def _table(task: str) -> Any:
    return _macro() if task == MACRO else atlas()


def _race(methods: dict[str, Any], task: str, start: int) -> dict[str, np.ndarray]:
    """Return the regrets of some seeds in 30,000ths, as whole numbers: scores are means of three, each in 10,000ths."""
    table, seeds = _table(task), list(range(start, start + CHUNK))
    where = None if task == MACRO else task
    race = nasedu.race(table.space, table, methods, NETWORKS, seeds, task=where, workers=1)
    return {m: np.rint(30_000 * race.curves(m, of="regret") / table.scale).astype(np.uint16) for m in methods}


if __name__ == "__main__":
    record()
