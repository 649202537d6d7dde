"""`make bench`: measures what nasedu promises, and writes the table to tests/benchmarks/RESULTS.md.

    python -m tests.benchmarks              all of it
    python -m tests.benchmarks search loop  only these

Every row says what was promised and what was measured here, now. Nothing is tuned to pass: a row that misses its
promise says so.
"""

import argparse
import importlib
import os
import platform
from datetime import date
from pathlib import Path

import numpy
import torch
from rich.console import Console
from rich.table import Table

from tests.benchmarks.row import Row

BENCHMARKS = {
    "imports": "What an import costs",
    "loop": "The loop's own cost: everything but training",
    "search": "The main job: 40 trials of chain-cnn on digits",
    "targets": "Q-learning's target: best accuracy on NAS-Bench-Macro after 50 / 100 / 400 networks, 40 seeds",
    "controllers": "Controllers: best accuracy on NAS-Bench-Macro after 50 / 100 / 400 different networks",
    "gp": "The Gaussian process on NAS-Bench-Macro after 50 / 100 / 400 different networks",
    "predictor": "Predictors against their rivals, five tasks, 30 seeds; and learning rate against architecture",
    "cell_encodings": "One-hot or path encoding: which one ranks cells, 150 of NAS-Bench-201's space on digits",
    "second_space": "The same controllers on HPOBench's MLPs: eight tasks, 100 evaluations, 20 seeds",
    "cost": "What asking and telling costs, in microseconds a trial",
    "race": "A race of 8 controllers, 50 seeds, 300 evaluations on a table",
    "population": "Many networks at once, against the loop that everybody writes (5 epochs, batches of 64)",
    "population_time": "Where the time of a population goes, on one core (torch's profiler)",
    "workers": "Two workers against one",
    "threads": "Why a training uses one core",
    "retraining": "The winner, trained again: its test against its score in the search, 20 splits, best of 12 networks",
    "own_data": "One minute on own data: NASClassifier, NASRegressor and what people use, five outer splits",
    "atlas": "The atlas: the table of ground truth that comes with the package",
    "shared_weights": "Shared weights: ranks against the atlas's ground truth, and what they find in equal seconds",
    "enas": "ENAS against uniform paths: what its policy draws, and the best of ten retrained",
    "priors": "What a prior carries over: best validation score on a relative after 5 / 10 / 20 networks, 5 seeds",
    "transfer": "What a prior carries over on the atlas: evaluations until the best 1% is found, leave-one-task-out",
    "transfer_mlp": "The same on HPOBench's MLPs: eight real tasks",
    "deep_kernel": "A deep kernel learned on the other tasks, against the features of mixture, 5 seeds",
    "differentiable": "Differentiable search: largest alpha against perturbation on the same supernets",
    "collapse": "Whether DARTS collapses to skips that harm: settings that should provoke it",
    "collapse_s2": "Skips where they harm most: DARTS's cells of skip or separable convolution",
    "skip_share": "Whether the skip's share grows as a supernet gets better: alpha learned on weights that stay",
    "derived_cells": "Derived cells against random cells trained alone for the same processor seconds",
    "fused_edges": "A supernet's edges that leave one node: one call against one for each",
    "second_order": "DARTS's second-order gradient, against the exact one through one unrolled step",
    "metalearning": "Learning to learn: waves after inner steps, letters of held-out scripts, 5 seeds",
    "metanas": "MetaNAS against Reptile with a cell that stays, equal seconds, letters of held-out scripts, 5 seeds",
    "grading": "Grading a class: 100 notebooks with five answers each, and what the fence around each answer costs",
    "learned_optimizer": "A learned optimiser against tuned SGD, momentum and Adam, 5 seeds",
}
RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all if none is given")
    names = parser.parse_args().names or list(BENCHMARKS)
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(f"unknown benchmark {', '.join(unknown)}; known: {', '.join(BENCHMARKS)}")
    for name in names:
        rows = importlib.import_module(f"tests.benchmarks.{name}").measure()
        show(name, rows)
        write(name, rows)


def show(name: str, rows: list[Row]) -> None:
    table = Table("what", "promised", "measured", "", title=BENCHMARKS[name], title_justify="left")
    for row in rows:
        table.add_row(row.what, row.promised, row.measured, row.verdict)
    Console().print(table)


def write(name: str, rows: list[Row]) -> None:
    """Replace this benchmark's section of RESULTS.md, and leave the others as they are."""
    sections = read_sections()
    lines = [f"Measured {date.today()} on {machine()}.", "", "| what | promised | measured | |", "|---|---|---|---|"]
    sections[name] = "\n".join([*lines, *(row.markdown() for row in rows)])
    parts = [f"## {BENCHMARKS[key]}\n<!-- {key} -->\n\n{sections[key]}\n" for key in BENCHMARKS if key in sections]
    RESULTS.write_text("# Results of `make bench`\n\n" + "\n".join(parts))


def read_sections() -> dict[str, str]:
    if not RESULTS.exists():
        return {}
    found = {}
    for part in RESULTS.read_text().split("\n## ")[1:]:
        _, _, rest = part.partition("<!-- ")
        key, _, body = rest.partition(" -->")
        found[key] = body.strip()
    return found


def machine() -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ", no GPU"
    versions = f"Python {platform.python_version()}, torch {torch.__version__}, numpy {numpy.__version__}"
    return f"{cores} cores ({platform.machine()}){gpu}; {versions}"


if __name__ == "__main__":
    main()
