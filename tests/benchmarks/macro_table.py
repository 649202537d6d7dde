"""NAS-Bench-Macro (Su et al., CVPR 2021) as a space and its recorded accuracies.

The table lies beside the repository, not in it: benchmarks and tests that need it are skipped, saying so, where it is
absent.
"""

from pathlib import Path

from nasedu import Space, Table

FILE = Path(__file__).parents[3] / "shared" / "data" / "nasbench_macro.csv"
NOTE = "NAS-Bench-Macro has test accuracy only, no validation split: here the test accuracy is the reward."


class Macro(Space):
    """Eight layers, three operations each; a tabular learner sees the position alone."""

    def start(self):
        return 0

    def choices(self, state):
        return ("0", "1", "2") if state < 8 else ()

    def step(self, state, choice):
        return state + 1

    def build(self, architecture):
        raise LookupError("this space is for its table; its networks are not built here")


def load() -> Table | None:
    """All 6,561 networks, three trainings each, in percent; None if the file is absent."""
    if not FILE.exists():
        return None
    return Table.from_csv(
        FILE,
        Macro(),
        architecture="code",
        separator="",
        scores={"cifar10": ["test_acc_1", "test_acc_2", "test_acc_3"]},
        parameters="params",
        flops="flops",
        scale=100,
        name="NAS-Bench-Macro",
        note=NOTE,
        complete=True,
    )
