"""A controller's own cost: ask and tell, beside Optuna's random sampler on the same choices, in the same run."""

import hashlib
import statistics
import time
from collections.abc import Callable

import nasedu
from nasedu import controllers
from tests.benchmarks.row import Row

OPTIONS = ("0", "1", "2", "3")  # eight choices of four: enough members for 10,000 different questions
PUBLISHED = {"target": "max", "alpha": 0.01, "replay": 100, "schedule": "metaqnn", "budget": 2700}
MOST = {  # of Optuna's cost at 1,000 trials
    "random": 1 / 20,
    "grid": 1 / 20,
    "local-search": 1 / 20,
    "regularized-evolution": 1 / 20,
    "genetic": 1 / 20,
    "q-learning, published replay": 1,
}
OTHERS = ("q-learning", "swarm", "reinforce")


class Chain(nasedu.Space):
    """Eight layers, four operations each."""

    def start(self):
        return 0

    def choices(self, state):
        return OPTIONS if state < 8 else ()

    def step(self, state, choice):
        return state + 1

    def build(self, architecture):
        raise LookupError("nothing is built here")


def reward(architecture: tuple[str, ...]) -> float:
    """A number from 0 to 1 that has nothing to do with what the architecture is like."""
    return hashlib.sha256("".join(architecture).encode()).digest()[0] / 255


def measure() -> list[Row]:
    optuna = statistics.median(optuna_seconds(1_000) for _ in range(5))
    rows = [Row("Optuna's RandomSampler, 1,000 trials", "", f"{optuna * 1e6:.0f} µs a trial")]
    for label in (*MOST, *OTHERS):
        short = statistics.median(seconds(label, 1_000) for _ in range(5))
        share = optuna / short
        goal = MOST.get(label)
        promised = "" if goal is None else f"at most {'its equal' if goal == 1 else f'1/{1 / goal:.0f}'}"
        measured = f"{short * 1e6:.1f} µs a trial: 1/{share:.1f} of Optuna's"
        rows.append(Row(label, promised, measured, None if goal is None else 1 / share <= goal))
        if goal is not None:
            growth = seconds(label, 10_000) / short
            what = f"{label}, a trial of 10,000 against one of 1,000"
            rows.append(Row(what, "at most 1.5 times", f"{growth:.2f} times", growth <= 1.5))
    return rows


def seconds(label: str, trials: int) -> float:
    """Seconds a trial of asking and telling, without the reward's own."""
    name, parameters = ("q-learning", PUBLISHED) if "published" in label else (label, {})
    controller = controllers.load(name, Chain(), seed=0, **parameters)
    return timed(lambda: controller.ask(), lambda question, value: controller.tell(question, value), trials)


def optuna_seconds(trials: int) -> float:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))
    asked = {}

    def ask() -> tuple[str, ...]:
        trial = study.ask()
        question = tuple(trial.suggest_categorical(str(place), OPTIONS) for place in range(8))
        asked[0] = trial
        return question

    return timed(ask, lambda _, value: study.tell(asked[0], value), trials)


def timed(ask: Callable, tell: Callable, trials: int) -> float:
    total = 0.0
    for _ in range(trials):
        start = time.perf_counter()
        question = ask()
        total += time.perf_counter() - start
        value = reward(question)
        start = time.perf_counter()
        tell(question, value)
        total += time.perf_counter() - start
    return total / trials
