"""Whether a deep kernel learned on earlier tasks finds networks sooner than plain features, leave-one-task-out.

A few-shot deep kernel (FSBO: Wistuba, Grabocka, "Few-Shot Bayesian Optimization with Deep Kernel Surrogates", ICLR
2021, algorithm 1, without its fine-tuning on the new task): a small network maps the features of an architecture to
those of a Gaussian process. It is trained to make the scores of random small sets of each earlier task likely. Then it
replaces the features of `mixture`, given and learned, and of its twin `gp-cold`. It learns either from what a prior is
given, the trials of one search on each earlier task, or from the complete tables of these tasks, which no user has.
"""

import functools
from collections import defaultdict

import numpy as np
import torch
from torch import nn

from nasedu import Table, controllers, meta
from nasedu.core import derive_seed
from nasedu.core.ranking import normal_scores
from nasedu.meta.candidate_pool import CandidatePool
from tests.benchmarks import mlp_tables, transfer
from tests.benchmarks.row import Row, spread

SEEDS = range(200, 205)
HIDDEN, WIDTH = 64, 16
STEPS, RATE, TASKS_AT_ONCE, SET = 400, 3e-3, 4, 50

Scored = tuple[torch.Tensor, torch.Tensor]
"""Features of some members, (n, features), and their scores, (n,)."""


def measure() -> list[Row]:
    tables = {"atlas": transfer.atlas(), "HPOBench": mlp_tables.load()}
    return [row for name, table in tables.items() if table for row in compared(name, table)]


def compared(name: str, table: Table) -> list[Row]:
    found = defaultdict(list)
    for seed in SEEDS:
        for way, counts in one_seed(table, seed).items():
            found[way].append(float(np.mean(counts)))
    rows = [Row(f"{name}, {way}: evaluations to the best 1%, mean", "", spread(runs, 1)) for way, runs in found.items()]
    for given in ("trials", "tables"):
        fewer = np.subtract(found["mixture"], found[f"mixture, kernel learned on {given}"])
        rows.append(Row(f"{name}: fewer evaluations of mixture by a kernel learned on {given}", "", spread(fewer, 1)))
    return rows


def one_seed(table: Table, seed: int) -> dict[str, list[int]]:
    evidence = {task: transfer.earlier(table, task, seed) for task in table.tasks}
    found = defaultdict(list)
    for target in table.tasks:
        others = [evidence[task] for task in table.tasks if task != target]
        pool = CandidatePool(table.space, others, seed=seed)
        learned = {"": pool.X}
        for given, sets in (("trials", of_trials(pool, others)), ("tables", of_tables(table, pool, target, seed))):
            learned[f", kernel learned on {given}"] = features(train(sets, seed), pool.X)
        for how, X in learned.items():
            local = controllers.load("local-search", table.space, seed=seed)
            searches = {"mixture": meta.load("mixture", others).open(local)}
            searches["gp-cold"] = controllers.load("gp-cold", table.space, seed=seed)
            for label, search in searches.items():
                search.model.pool.X = X
                if how:
                    search.model.pool.learned = None
                found[label + how].append(transfer.evaluations_to_aim(search, table, target, seed))
    return found


# ---------------------------------------------------------------------- learning


def of_trials(pool: CandidatePool, others: list[meta.Evidence]) -> list[Scored]:
    return [
        scored(pool.X[[pool.place(a) for a, _ in one.trials]], [reward for _, reward in one.trials]) for one in others
    ]


def of_tables(table: Table, pool: CandidatePool, target: str, seed: int) -> list[Scored]:
    rows = [table.row(architecture) for architecture in pool.architectures]
    told = (transfer.rewards(table, task, seed % table.values.shape[2])[rows] for task in table.tasks if task != target)
    return [scored(pool.X, scores) for scores in told]


def scored(X: np.ndarray, scores) -> Scored:
    return torch.tensor(X, dtype=torch.float32), torch.tensor(np.asarray(scores), dtype=torch.float32)


class DeepKernel(nn.Module):
    """exp(-|f(a) - f(b)|^2 / (2 length^2)) for a small network f; length, noise and variance are learned, too."""

    def __init__(self, inputs: int, generator: torch.Generator):
        super().__init__()
        sizes = ((inputs, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN, WIDTH))
        self.layers = nn.ModuleList(nn.Linear(*size) for size in sizes)
        for parameter in self.parameters():
            bound = parameter.shape[-1] ** -0.5
            nn.init.uniform_(parameter, -bound, bound, generator=generator)
        self.log_length, self.log_noise, self.log_variance = (nn.Parameter(torch.tensor(v)) for v in (0.0, -1.5, 0.0))

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        first, second, last = self.layers
        return last(second(first(X).relu()).relu()) / self.log_length.exp()

    def loss(self, X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the negative logarithm of the marginal likelihood, for each score."""
        Z = self(X)
        K = 1 + self.log_variance.exp() * torch.exp(-0.5 * torch.cdist(Z, Z) ** 2)  # 1: a level of the task's own
        factor = torch.linalg.cholesky(K + (self.log_noise.exp() + 1e-3) * torch.eye(len(y)))
        half = torch.linalg.solve_triangular(factor, y[:, None], upper=False)
        return (0.5 * (half**2).sum() + factor.diagonal().log().sum()) / len(y)


def train(tasks: list[Scored], seed: int) -> DeepKernel:
    generator = torch.Generator().manual_seed(derive_seed(seed, "deep kernel"))
    shuffled = functools.partial(torch.randperm, generator=generator)
    kernel = DeepKernel(tasks[0][0].shape[1], generator)
    optimiser = torch.optim.Adam(kernel.parameters(), RATE)
    for _ in range(STEPS):
        optimiser.zero_grad()
        for task in shuffled(len(tasks))[:TASKS_AT_ONCE].tolist():
            X, scores = tasks[task]
            rows = shuffled(len(scores))[:SET]
            y = torch.tensor(normal_scores(scores[rows].tolist()), dtype=torch.float32)
            kernel.loss(X[rows], y).backward()
        optimiser.step()
    return kernel


@torch.no_grad()
def features(kernel: DeepKernel, X: np.ndarray) -> np.ndarray:
    """Return the learned features, scaled so that the learned length is the middle one that `mixture` tries."""
    learned: np.ndarray = kernel(torch.tensor(X, dtype=torch.float32)).numpy().astype(float)
    return learned
