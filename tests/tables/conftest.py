import numpy as np
import pytest

from nasedu import Table
from tests.benchmarks import macro_table, mlp_tables
from tests.tables.spaces import MEMBERS, Letters


@pytest.fixture(scope="session")
def macro():
    return there(macro_table)


@pytest.fixture(scope="session")
def mlp():
    return there(mlp_tables)


def there(module):
    table = module.load()
    if table is None:
        pytest.skip(f"no {module.FILE.name} beside the repository")
    return table


@pytest.fixture
def curves():
    """Nine networks, two tasks, three seeds, four epochs, in percent; with everything that is optional."""
    rng = np.random.default_rng(0)
    return Table(
        Letters(),
        MEMBERS,
        {"one": rng.uniform(20, 90, (9, 3, 4)), "two": rng.uniform(20, 90, (9, 3, 4))},
        test={"one": rng.uniform(20, 90, (9, 3)), "two": rng.uniform(20, 90, (9, 3))},
        seconds=np.arange(9) + 1.0,
        parameters=np.arange(9) * 100 + 7,
        flops=np.arange(9) * 1000 + 3,
        scale=100,
        name="curves",
        note="made up",
    )
