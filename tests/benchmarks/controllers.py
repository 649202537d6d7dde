"""Every controller on NAS-Bench-Macro, against what was promised and against random search."""

from collections.abc import Sequence

import numpy as np

import nasedu
from tests.benchmarks import macro_table
from tests.benchmarks.row import Row, mean_and_error, skipped

SEEDS = 100
AT = (50, 100, 400)
Q_LEARNING = "q-learning, best setting (default)"
PROMISED = {
    "local-search": (93.05, 93.10, 93.12),
    "regularized-evolution": (92.95, 93.07, 93.12),
    "genetic": (92.95, 93.05, 93.11),
    Q_LEARNING: (92.92, 93.03, 93.12),
}
ABOVE_RANDOM = (0.05, 0.08, 0.05)
CONTROLLERS = {
    "random": "random",
    **{name: name for name in PROMISED if name != Q_LEARNING},
    Q_LEARNING: "q-learning",
    "q-learning, boltzmann": ("q-learning", {"exploration": "boltzmann", "q_start": 0.9}),
    "q-learning, target max, double": ("q-learning", {"target": "max", "double": True}),
    **{name: name for name in ("grid", "swarm", "reinforce", "tpe")},
}


def measure() -> list[Row]:
    table = macro_table.load()
    if table is None:
        return skipped("NAS-Bench-Macro", f"no {macro_table.FILE.name} beside the repository")
    race = nasedu.race(table.space, table, CONTROLLERS, evaluations=max(AT), seeds=SEEDS, budgets=AT)
    random = [race.at(n)["random"].mean() for n in AT]
    exact = [expected_best(table.scores(), n) for n in AT]
    return [row(race, label, SEEDS, random) for label in CONTROLLERS] + [exact_row(race, exact)]


def exact_row(race: nasedu.racing.RaceResult, exact: list[float]) -> Row:
    """Random search has an expectation that can be computed: the race is right if it agrees with that."""
    found = [race.at(n)["random"] for n in AT]
    errors = [scores.std(ddof=1) / np.sqrt(len(scores)) for scores in found]
    off = [(scores.mean() - value) / error for scores, value, error in zip(found, exact, errors, strict=True)]
    measured = " / ".join(f"{value:+.1f}" for value in off) + " standard errors off"
    promised = " / ".join(f"{value:.3f}" for value in exact)
    return Row("random, against its exact expectation", promised, measured, max(map(abs, off)) < 3)


def expected_best(scores: np.ndarray, draws: int) -> float:
    """The mean of the best of so many different networks drawn at random, computed and not sampled."""
    ordered = np.sort(scores)[::-1]
    expected, still_missing = 0.0, 1.0  # the probability that none of the better ones was drawn
    for rank, score in enumerate(ordered[: len(ordered) - draws + 1]):
        left = len(ordered) - rank
        expected += still_missing * draws / left * score
        still_missing *= (left - draws) / left
    return expected


def row(race: nasedu.racing.RaceResult, label: str, seeds: int, random: list[float], at: Sequence[int] = AT) -> Row:
    """Best accuracy (%) after so many different networks, and whether it is what was promised."""
    found = [race.at(n)[label] for n in at]
    measured = " / ".join(mean_and_error(scores.tolist(), 3) for scores in found)
    what = f"{label} ({seeds} seeds)"
    if label in PROMISED:
        kept = all(scores.mean().round(2) >= goal for scores, goal in zip(found, PROMISED[label], strict=True))
        return Row(what, " / ".join(map(str, PROMISED[label])), measured, kept)
    if label in ("swarm", "reinforce", "tpe", "gp"):
        leads = zip(found, random, ABOVE_RANDOM[: len(at)], strict=True)
        kept = all(scores.mean() - base >= lead for scores, base, lead in leads)
        return Row(what, "random + " + " / ".join(map(str, ABOVE_RANDOM)), measured, kept)
    return Row(what, "", measured)
