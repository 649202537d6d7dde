import matplotlib
import pytest

from tests.tables.conftest import curves, macro, mlp

matplotlib.use("agg")

__all__ = ["curves", "macro", "mlp"]


@pytest.fixture(autouse=True)
def _close_figures():
    from matplotlib import pyplot as plt

    yield
    plt.close("all")
