"""The atlas is what its plan says, knows unlike tasks, repeats itself, and can be built again."""

import random
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest

from nasedu import trainers
from nasedu.building.atlas import ATLAS
from nasedu.tables import Table, atlas
from nasedu.tables.atlas import FILE
from nasedu.tables.task_correlation import reliability, task_correlation
from nasedu.trainers import Recipe


def test_it_holds_every_network_of_its_plan():
    table = Table.load(FILE, complete=True)
    assert table.tasks == ATLAS.tasks
    assert table.architectures == list(ATLAS.architectures)
    assert table.values.shape == (len(ATLAS.architectures), len(ATLAS.tasks), 3, 5)
    assert len(table) >= 1000
    assert table.epochs == ATLAS.record_test_at
    assert FILE.stat().st_size < 8e6


def test_it_loads_without_torch():
    code = "import sys; from nasedu.tables import atlas; atlas(); assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_its_tasks_are_unlike():
    alike = task_correlation(atlas())
    pairs = np.array([alike[i, j] for i, j in combinations(range(len(alike)), 2)])
    for low, high in ((-1, 0.2), (0.2, 0.6), (0.6, 1)):
        assert ((low <= pairs) & (pairs < high)).sum() >= 5


def test_half_of_the_seeds_repeats_the_other_half():
    found = np.array(list(reliability(atlas()).values()))
    assert (found > 0.8).mean() > 0.5
    assert found.min() > 0.7


def test_its_winners_differ():
    best = {atlas().best(task).architecture for task in atlas().tasks}
    assert len(best) > len(ATLAS.tasks) / 2


@pytest.mark.parametrize("draw", range(3))
def test_an_entry_drawn_at_random_is_built_again(draw):
    """Another one in each run: `seed` in a failure says which."""
    seed = random.SystemRandom().randrange(10**9)
    rng = random.Random(seed)
    table, architecture, name = atlas(), rng.choice(ATLAS.architectures), rng.choice(ATLAS.tasks)
    task = ATLAS.loaded[name]
    settings = {
        "record_test_at": ATLAS.record_test_at,
        "patience": 0,
        "recipe": Recipe(**ATLAS.recipe),
        "precision": ATLAS.precision,
    }
    trainer = trainers.load(ATLAS.trainer, ATLAS.space_for(task), task, **settings)
    found = trainer([architecture] * ATLAS.seeds, epochs=ATLAS.epochs, seed=range(ATLAS.seeds))
    again = np.array([evaluation.curve for evaluation in found])
    stored = table.values[table.row(architecture), table.tasks.index(name)]
    noise = table.values[:, table.tasks.index(name), :, -1].std(axis=1, ddof=1).mean()
    assert abs(again[:, -1].mean() - stored[:, -1].mean()) < max(4 * noise / ATLAS.seeds**0.5, 0.02), (seed, noise)
