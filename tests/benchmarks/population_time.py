"""Where the time of a population goes, on one core: the products that it must do, and what the rest is spent on."""

from collections import Counter

from torch.profiler import ProfilerActivity, profile

from nasedu import spaces
from tests.benchmarks.population import CNN, EPOCHS, MLP, PRECISIONS, digits, population
from tests.benchmarks.row import Row

PRODUCTS = ("aten::bmm", "aten::baddbmm", "aten::mm", "aten::addmm", "aten::mkldnn_convolution")
MOST = 6


def measure() -> list[Row]:
    task = digits()
    cases = {"32 MLPs": (spaces.load("mlp", task), MLP), "16 small CNNs": (spaces.load("chain-cnn", task), CNN)}
    rows = []
    for what, (space, architecture) in cases.items():
        for precision in PRECISIONS:
            trainer = population(space, task, precision, threads=1)
            members = int(what.split()[0])
            trainer([architecture] * members, epochs=1, seed=0)
            with profile(activities=[ProfilerActivity.CPU]) as seen:
                trainer([architecture] * members, epochs=EPOCHS, seed=list(range(members)))
            rows.append(Row(f"{what}, {precision}", "", told(seen)))
    return rows


def told(seen: profile) -> str:
    """The share of the products, and of the operations that take most of the rest."""
    spent = Counter({event.key: event.self_cpu_time_total for event in seen.key_averages()})
    total = sum(spent.values())
    products = sum(spent.pop(name, 0) for name in PRODUCTS)
    rest = ", ".join(f"{name.removeprefix('aten::')} {time / total:.0%}" for name, time in spent.most_common(MOST))
    return f"products {products / total:.0%}; {rest}; what is left {1 - (products + top(spent)) / total:.0%}"


def top(spent: Counter[str]) -> float:
    return sum(time for _, time in spent.most_common(MOST))
