"""A space, task, trainer and state whose classes a script or a notebook defines: workers know them too."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import patience

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
(SPACE,) = re.findall(r"```python\n(from math import prod\n.*?class Widths.*?)```", README, flags=re.DOTALL)

CLASSES = """
from dataclasses import dataclass
from nasedu.core import BadValue
from nasedu.tasks.base import Task
from nasedu.trainers import Parallel, processes
from nasedu.trainers.single.sequential import SequentialTrainer

class OwnTask(Task):
    pass

@dataclass
class OwnState:
    inner: object

class OwnTrainer(SequentialTrainer):
    def extend(self, architectures, *, epochs, seed, total, states=None):
        if not all(state is None or isinstance(state, OwnState) for state in states or ()):
            raise BadValue("these states are of another class")
        states = states and [state and state.inner for state in states]
        found = super().extend(architectures, epochs=epochs, seed=seed, total=total, states=states)
        return [(evaluation, OwnState(state)) for evaluation, state in found]

def scores(trainer):
    asked = [("16", "64", "16"), ("64", "16", "64"), ("16", "16", "16")]
    begun = trainer.extend(asked, epochs=1, seed=0, total=2)
    ended = trainer.extend(asked, epochs=2, seed=0, total=2, states=[state for _, state in begun])
    final = trainer.retrain_and_test(asked[0], epochs=1, seed=0)
    return [e.score for e in (*trainer(asked, epochs=1, seed=0), *(e for e, _ in ended), final)]

own = OwnTrainer(Widths(), OwnTask(**vars(nasedu.tasks.load("digits"))), device="cpu", patience=0)
"""

SCRIPT = f"""
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
{SPACE}{CLASSES}
def executors(with_dask):
    yield processes(1)
    yield ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
    if with_dask:
        from distributed import LocalCluster
        from nasedu.trainers.parallel.dask import Cluster
        with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as cluster:
            yield Cluster(cluster.scheduler_address)

def main():
    print(scores(own))
    for executor in executors({{with_dask}}):
        with Parallel(own, executor) as shared:
            print(scores(shared))

if __name__ == "__main__":
    main()
"""


def test_workers_know_the_classes_of_a_script(tmp_path):
    """Those of nasedu, of any pool of spawned processes, and of dask where there is the extra `scale`."""
    with_dask = importlib.util.find_spec("distributed") is not None
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(with_dask=with_dask))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=patience(240), env=environment
    )
    assert done.returncode == 0, done.stderr
    check_equal(done.stdout, executors=2 + with_dask)


def test_workers_know_the_classes_of_a_notebook(tmp_path, monkeypatch):
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    cells = [
        SPACE,
        CLASSES,
        "with Parallel(own, processes(1)) as shared:\n    print(scores(own), scores(shared), sep='\\n')",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(
        notebook, timeout=round(patience(240)), kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    printed = "".join(output.text for output in notebook.cells[-1].outputs if output.get("name") == "stdout")
    check_equal(printed, executors=1)


def check_equal(printed, executors):
    """Check that the trainer alone and all workers gave the same scores, which differ among the networks."""
    alone, *shared = map(json.loads, printed.splitlines())
    assert shared == [alone] * executors
    assert len(alone) == 7
    assert len(set(alone)) > 3
