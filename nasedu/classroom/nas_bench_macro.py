"""NAS-Bench-Macro, a table of networks that other people trained, for lessons that compare searches on two tables.

The course contains no copy of its file. A lesson that uses it runs without it, too.
"""

from pathlib import Path

from nasedu.spaces.macro import Macro
from nasedu.tables import Table

NAME = "NAS-Bench-Macro"
FILE = "nasbench_macro.csv"


def nas_bench_macro() -> Table | None:
    """Return NAS-Bench-Macro as a table; None, after a line that says so, if its file is absent.

    The file is `nasbench_macro.csv`, in a folder `shared/data` next to the course. Its 6,561 networks have test
    accuracies only, in percent, and no validation accuracies. A lesson that uses them as rewards says so.

    Source: Su et al., "Prioritized Architecture Sampling with Monto-Carlo Tree Search", CVPR 2021.
    """
    near = (*Path.cwd().resolve().parents, *Path(__file__).resolve().parents)
    files = (folder / "shared" / "data" / FILE for folder in near)
    file = next((one for one in files if one.exists()), None)
    if file is None:
        print(f"{NAME} is not here (shared/data/{FILE}): the lesson goes on without it.")
        return None
    space = Macro((3, 32, 32), 10)
    scores = {"cifar10": ["test_acc_1", "test_acc_2", "test_acc_3"]}

    def read(row: dict[str, str]) -> tuple[str, ...]:
        return space.from_code(row["code"])

    return Table.from_csv(file, space, architecture=read, scores=scores, scale=100, name=NAME)
