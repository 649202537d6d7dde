"""Q-learning's target and setting on NAS-Bench-Macro: why the default is what it is."""

import nasedu
from tests.benchmarks import macro_table
from tests.benchmarks.row import Row, mean_and_error, skipped

SEEDS = 40
AT = (50, 100, 400)
PUBLISHED = {"target": "max", "alpha": 0.01, "replay": 100, "schedule": "metaqnn"}
SETTINGS = {
    "random": "random",
    "q-learning, MetaQNN as published": ("q-learning", PUBLISHED),
    "q-learning, default but target max": ("q-learning", {"target": "max"}),
    "q-learning, default but target lambda 0.5": ("q-learning", {"target": "lambda"}),
    "q-learning, default but target lambda 0.9": ("q-learning", {"target": "lambda", "lambda_": 0.9}),
    "q-learning, default but alpha 0.01": ("q-learning", {"alpha": 0.01}),
    "q-learning, default but 16 replayed": ("q-learning", {"replay": 16}),
    "q-learning, default (target return)": "q-learning",
}
PROMISED = {"q-learning, default (target return)": (92.92, 93.03, 93.12)}


def measure() -> list[Row]:
    table = macro_table.load()
    if table is None:
        return skipped("NAS-Bench-Macro", f"no {macro_table.FILE.name} beside the repository")
    race = nasedu.race(table.space, table, SETTINGS, evaluations=max(AT), seeds=SEEDS, budgets=AT)
    return [row(race, label) for label in SETTINGS]


def row(race: nasedu.racing.RaceResult, label: str) -> Row:
    """Best accuracy (%) after so many different networks, and whether it is what was promised."""
    found = [race.at(n)[label] for n in AT]
    measured = " / ".join(mean_and_error(scores.tolist(), 2) for scores in found)
    promised = PROMISED.get(label)
    if promised is None:
        return Row(label, "", measured)
    kept = all(scores.mean().round(2) >= goal for scores, goal in zip(found, promised, strict=True))
    return Row(label, " / ".join(map(str, promised)), measured, kept)
