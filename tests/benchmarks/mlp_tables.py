"""HPOBench's MLP tables (Eggensperger et al., NeurIPS 2021) as a space and their recorded validation accuracies.

They lie beside the repository, not in it, like NAS-Bench-Macro.
"""

from pathlib import Path

from nasedu import Space, Table

FILE = Path(__file__).parents[3] / "shared" / "data" / "hpobench_mlp.npz"
TASKS = ("car", "phoneme", "vehicle", "australian", "kc1", "segment", "blood_transfusion", "credit_g")
OPTIONS = {"alpha": 10, "batch_size": 10, "depth": 3, "learning_rate_init": 10, "width": 10}
"""How many values each setting has, in the order of the digits of `code`."""


class Settings(Space):
    """An MLP and its training as five settings: for each the place of its value, as a digit."""

    sizes = tuple(OPTIONS.values())

    def start(self):
        return 0

    def choices(self, state):
        return tuple(map(str, range(self.sizes[state]))) if state < len(self.sizes) else ()

    def step(self, state, choice):
        return state + 1

    def build(self, architecture):
        raise LookupError("this space is for its table; its networks are not built here")


def load() -> Table | None:
    """All 30,000 settings, eight tasks, five seeds each: balanced accuracies from 0 to 1; None if absent."""
    if not FILE.exists():
        return None
    return Table.from_npz(
        FILE,
        Settings(),
        architecture="code",
        separator="",
        scores={task: task for task in TASKS},
        epochs=[243],
        name="HPOBench MLP",
        complete=True,
    )
