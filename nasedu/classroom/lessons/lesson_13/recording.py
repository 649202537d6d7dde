"""What lesson 13 compares over several trainings, measured once: one training costs as much as half of the page may.

    python -m nasedu.classroom.lessons.lesson_13.recording    # writes recorded.npz; a quarter of an hour on one core

A recording that was stopped goes on with the seeds that are missing. The settings were chosen with learner seed 0 on
the validation scripts, those of prototypes and of transfer in `tests/benchmarks/metalearning.py`.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from nasedu.core import rng_from
from nasedu.metalearning import load
from nasedu.metalearning.evaluation import meta_test
from nasedu.metalearning.few_shot import FewShotTasks, Pool
from nasedu.metalearning.functional import Functional
from nasedu.metalearning.networks import image_network
from nasedu.metalearning.pools import glyph_pool, held_out_glyphs, relatives_pool

FILE = Path(__file__).parent / "recorded.npz"
SEEDS = (1, 2, 3, 4, 5)
SHOTS = (1, 5)
EPISODES, WAYS, QUERIES = 600, 5, 15
TEST_SEED = 1
"""Of the test episodes: the same 600 for every learner."""
AGAIN = 20
"""How often one learner is tested on 600 other episodes."""
STEPS, SHORT = 1000, 300
"""Meta-steps of the table and the comparison with MAML; of everything else, as on the page."""
IMAGE, WIDTH = (1, 12, 12), 16
"""Channels of every network; the benchmark has 32."""
MAML: dict[str, Any] = {"inner_rate": 0.1, "inner_steps": 1, "meta_rate": 0.003, "batch": 4}
MAML_PLAIN: dict[str, Any] = {"inner_rate": 0.1, "inner_steps": 1, "meta_rate": 0.003, "batch": 4}
"""Of the network without normalisation."""
MAML_TEST_STEPS = 5
FEW = ("cyrillic", "georgian")
"""A small pool of scripts, on which augmentation is tried as well: the first two."""

METHODS = ("pixels", "untrained trunk", "transfer, centroid", "transfer, linear probe", "matching", "prototypes")
"""Those of the table; prototypes and matching learn from tasks of 20 ways."""
ON_MAML = (
    "maml",
    "maml, one query at a time",  # with 1 shot only: each query is a computation of its own
    "maml's trunk, centroid",
    "maml, not normalised",
    "prototypes, normalised in each task",
    "prototypes, not normalised",
)
"""MAML has as many processor seconds as the prototypes of `METHODS`."""
VARIANTS = ("20 ways", "5 ways", "turned", "two scripts", "two scripts, turned")
"""Of prototypes: what they learn from."""
LEAKS = ("eight scripts", "other scripts", "same scripts", "same letters")
"""What joins the training of prototypes; these are tested on one half of the letters of each test script."""


def recorded(name: str, shots: int = 1, where: str = "glyphs") -> np.ndarray:
    """Return the share of right answers in each test episode, (seeds, episodes).

    Args:
        name: one of `METHODS`, `VARIANTS`, `ON_MAML`, `LEAKS`; or "again": the first learner of prototypes on `AGAIN`
            other sets of episodes with 1 shot.
        shots: one of `SHOTS`.
        where: "glyphs"; for `METHODS` also "digits": questions about digits, on which nothing was trained.
    """
    found = _all()
    if name == "again":
        return found["again"] / (WAYS * QUERIES)
    seeds = [seed for seed in SEEDS if f"{where}/{name}/{shots}/{seed}" in found]
    return np.array([found[f"{where}/{name}/{shots}/{seed}"] for seed in seeds]) / (WAYS * QUERIES)


def scripts(shots: int = 1) -> np.ndarray:
    """Return the script of each test episode as its place in `nasedu.tasks.episodes.held_out()[2]`, (episodes,)."""
    return _all()[f"scripts/{shots}"]


def spent(name: str) -> np.ndarray:
    """Return processor seconds and steps of a training, (seeds, 2): of "prototypes" or a training of MAML."""
    return np.array([_all()[f"spent/{name}/{seed}"] for seed in SEEDS if f"spent/{name}/{seed}" in _all()])


@lru_cache(maxsize=1)
def _all() -> dict[str, np.ndarray]:
    """Return the file as it is."""
    with np.load(FILE, allow_pickle=False) as file:
        return dict(file)


# ---------------------------------------------------------------------- measuring


def record() -> None:
    """Measure what is missing, and write the file after each part of a seed."""
    torch.set_num_threads(1)
    found: dict[str, np.ndarray] = {}
    if FILE.exists():
        with np.load(FILE, allow_pickle=False) as file:
            found = dict(file)
    jobs: dict[str, Callable[[int], dict[str, np.ndarray]]] = {"prototypes": _table, "maml": _maml}
    jobs |= {name: partial(_leak, name) for name in LEAKS} | {name: partial(_variant, name) for name in VARIANTS}
    jobs |= {"maml, not normalised": _plain}
    for seed, (name, job) in itertools.product(SEEDS, jobs.items()):
        if f"glyphs/{name}/1/{seed}" not in found:
            found |= job(seed)
            half = FILE.with_suffix(".half.npz")
            np.savez_compressed(half, allow_pickle=False, **found)
            half.replace(FILE)


def _table(seed: int) -> dict[str, np.ndarray]:
    network = image_network(IMAGE, width=WIDTH)
    found: dict[str, np.ndarray] = {}

    def keep(name: str, learner: Any) -> None:
        for where in ("glyphs", "digits"):
            found.update(_tested(f"{where}/{name}", learner, seed, _test_pool(where)))

    keep("pixels", load("centroid", nn.Flatten()))
    keep("untrained trunk", load("centroid", network, seed=seed))
    trunk = load("centroid", network, seed=seed, meta_rate=0.006, batch=120)
    _train(trunk, _tasks(), STEPS)
    keep("transfer, centroid", trunk)
    keep("transfer, linear probe", load("linear-probe", trunk.network, keep_weights=True))
    matching = load("matching", network, seed=seed, meta_rate=0.006, batch=1)
    _train(matching, _tasks(), STEPS)
    keep("matching", matching)
    learner, seconds = _prototypes(seed, _tasks())
    keep("prototypes", learner)
    found[f"spent/prototypes/{seed}"] = np.array([seconds, STEPS])
    found |= _tested("glyphs/prototypes, normalised in each task", _InEachTask(learner.network, learner.compare), seed)
    if seed == SEEDS[0]:
        one, five = _tests(_test_pool("glyphs"))
        again = [meta_test(learner, one, EPISODES, seed=TEST_SEED + 1 + n).scores for n in range(AGAIN)]
        found["again"] = _counts(np.array(again))
        found |= {"scripts/1": _scripts_of(one), "scripts/5": _scripts_of(five)}
    return found


def _variant(name: str, seed: int) -> dict[str, np.ndarray]:
    pool = glyph_pool(FEW) if name.startswith("two scripts") else held_out_glyphs("train")
    ways, batch = (5, 4) if name == "5 ways" else (20, 1)  # as many images in a step
    tasks = _tasks(pool, ways=ways, turned=name.endswith("turned"))
    return _tested(f"glyphs/{name}", _prototypes(seed, tasks, batch, SHORT)[0], seed)


def _leak(name: str, seed: int) -> dict[str, np.ndarray]:
    test = held_out_glyphs("test")
    first, second = _halves(test)
    pool = held_out_glyphs("train")
    if name == "other scripts":
        pool = _both(pool, held_out_glyphs("validation"))
    elif name == "same scripts":
        pool = _both(pool, first)
    elif name == "same letters":
        pool = _both(pool, _halves(glyph_pool(test.group_names, seed=1))[1])  # in other images
    learner, _ = _prototypes(seed, _tasks(pool), steps=SHORT)
    return _tested(f"glyphs/{name}", learner, seed, second)


def _maml(seed: int) -> dict[str, np.ndarray]:
    learner, found = _as_long_as_prototypes("maml", image_network(IMAGE, width=WIDTH, outputs=WAYS), MAML, seed)
    found |= _tested("glyphs/maml, one query at a time", _OneByOne(learner), seed, shots=(1,))
    trunk = nn.Sequential(*list(learner.network.children())[:-1])
    compare = load("centroid", nn.Flatten()).compare
    return found | _tested("glyphs/maml's trunk, centroid", _InEachTask(trunk, compare), seed)


def _plain(seed: int) -> dict[str, np.ndarray]:
    network = plain(image_network(IMAGE, width=WIDTH, outputs=WAYS))
    _, found = _as_long_as_prototypes("maml, not normalised", network, MAML_PLAIN, seed)
    trunk = plain(image_network(IMAGE, width=WIDTH))
    prototypes = load("prototypes", trunk, seed=seed, meta_rate=PLAIN_RATE, batch=1)
    _train(prototypes, _tasks(), STEPS)
    return found | _tested("glyphs/prototypes, not normalised", prototypes, seed)


def _as_long_as_prototypes(name: str, network: nn.Module, settings: Any, seed: int) -> tuple[Any, dict[str, Any]]:
    """Train MAML for the processor seconds of prototypes, and test it."""
    with np.load(FILE, allow_pickle=False) as file:
        seconds = float(file[f"spent/prototypes/{seed}"][0])
    tasks = _tasks(ways=WAYS)
    learner, sample = (load("maml", network, seed=seed, **settings) for _ in range(2))
    steps = round(seconds / _train(sample, tasks, 40, last=20) * 20)
    found = {f"spent/{name}/{seed}": np.array([_train(learner, tasks, steps), steps])}
    return learner, found | _tested(f"glyphs/{name}", learner, seed, steps=MAML_TEST_STEPS)


PLAIN_RATE = 0.006
"""Of prototypes without normalisation."""


def plain(network: nn.Module) -> nn.Module:
    """Return a network of `image_network` without its normalisation."""
    return nn.Sequential(*(module for module in network.children() if not isinstance(module, nn.BatchNorm2d)))


class _OneByOne:
    """Asks MAML each query alone: its normalisation then sees the support set and this query, and no other one."""

    def __init__(self, learner: Any):
        self.learner, self.check_fits = learner, learner.check_fits

    def answers(self, batch: Any) -> torch.Tensor:
        """Return the outputs for the queries of many tasks, (tasks, queries, ways)."""
        with torch.no_grad():
            return torch.stack([self._of(*map(torch.from_numpy, one)) for one in _one_by_one(batch)])

    def _of(self, X: torch.Tensor, y: torch.Tensor, asked: torch.Tensor) -> torch.Tensor:
        *_, last = self.learner.adaptation((X, y), MAML_TEST_STEPS)
        seen = torch.cat([asked[:, None], X.expand(len(asked), *X.shape)], dim=1)
        return torch.vmap(lambda images: self.learner.function(last.parameters, images)[0])(seen)


class _InEachTask:
    """Compares features that are normalised in each task, queries included, as MAML does."""

    def __init__(self, network: nn.Module, compare: Callable[..., torch.Tensor]):
        self.network, self.compare = Functional(network).network, compare

    def check_fits(self, tasks: Any) -> None:
        """Do nothing: the network has been trained on such tasks."""

    def answers(self, batch: Any) -> torch.Tensor:
        """Return a number for each class, (tasks, queries, ways)."""
        with torch.no_grad():
            return torch.stack([self._of(*map(torch.from_numpy, one)) for one in _one_by_one(batch)])

    def _of(self, X: torch.Tensor, y: torch.Tensor, asked: torch.Tensor) -> torch.Tensor:
        features, queries = self.network(torch.cat([X, asked])).flatten(1).split([len(X), len(asked)])
        return self.compare(features, y, WAYS, queries)


def _one_by_one(batch: Any) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    return zip(batch.support.X, batch.support.y, batch.query.X, strict=True)


# ---------------------------------------------------------------------- parts


def _tasks(pool: Pool | None = None, **how: Any) -> FewShotTasks:
    settings: dict[str, Any] = {"ways": 20, "shots": 1, "queries": 5} | how
    return FewShotTasks(pool or held_out_glyphs("train"), **settings)


def _test_pool(where: str) -> Pool:
    return held_out_glyphs("test") if where == "glyphs" else relatives_pool("test", "digits")


def _tests(pool: Pool, shots: tuple[int, ...] = SHOTS) -> list[FewShotTasks]:
    return [FewShotTasks(pool, ways=WAYS, shots=many, queries=QUERIES) for many in shots]


def _prototypes(seed: int, tasks: FewShotTasks, batch: int = 1, steps: int = STEPS) -> tuple[Any, float]:
    """Return a trained learner, and its processor seconds."""
    network = image_network(IMAGE, width=WIDTH)
    learner = load("prototypes", network, seed=seed, meta_rate=0.006, batch=batch)
    return learner, _train(learner, tasks, steps)


def _train(learner: Any, tasks: FewShotTasks, steps: int, last: int | None = None) -> float:
    """Train a learner; return the processor seconds, those of its last steps if a number is given."""
    started = time.process_time()
    for step in learner.meta_train(tasks, steps):
        if last and step.number == steps - last:
            started = time.process_time()
    return time.process_time() - started


def _tested(
    key: str, learner: Any, seed: int, pool: Pool | None = None, shots: tuple[int, ...] = SHOTS, **how: Any
) -> dict[str, np.ndarray]:
    found = {}
    for tests in _tests(pool or _test_pool("glyphs"), shots):
        test = meta_test(learner, tests, EPISODES, seed=TEST_SEED, **how)
        found[f"{key}/{tests.shots}/{seed}"] = _counts(test.scores)
        print(f"{key}, {tests.shots} shots, seed {seed}: {test.mean:.3f} ± {test.interval:.3f}", flush=True)
    return found


def _counts(scores: np.ndarray) -> np.ndarray:
    """Return the number of right answers of each episode."""
    return np.rint(scores * WAYS * QUERIES).astype(np.uint8)


def _scripts_of(tests: FewShotTasks) -> np.ndarray:
    """Return the script of each test episode: as `meta_test` draws them, 50 at a time."""
    rng = rng_from(TEST_SEED, "meta-test")
    classes = np.concatenate([tests.draw(50, rng).origin for _ in range(EPISODES // 50)])
    return tests.pool.groups[classes[:, 0]].astype(np.uint8)


def _halves(pool: Pool) -> tuple[Pool, Pool]:
    """Return two pools: of each script one half of the letters, drawn at random, and the other half."""
    rng = rng_from(0, "halves")
    drawn = [rng.permutation(np.flatnonzero(pool.groups == group)) for group in range(len(pool.group_names))]
    return tuple(
        _only(pool, np.sort(np.concatenate(part)))
        for part in (
            [letters[: len(letters) // 2] for letters in drawn],
            [letters[len(letters) // 2 :] for letters in drawn],
        )
    )  # type: ignore[return-value]


def _only(pool: Pool, classes: np.ndarray) -> Pool:
    kept = np.isin(pool.y, classes)
    y = np.searchsorted(classes, pool.y[kept])
    names = tuple(pool.classes[one] for one in classes)
    return Pool(pool.name, pool.X[kept], y, pool.groups[classes], names, pool.group_names)


def _both(one: Pool, other: Pool) -> Pool:
    return Pool(
        one.name,
        np.concatenate([one.X, other.X]),
        np.concatenate([one.y, other.y + len(one.classes)]),
        np.concatenate([one.groups, other.groups + len(one.group_names)]),
        one.classes + other.classes,
        one.group_names + other.group_names,
    )


if __name__ == "__main__":
    record()
