"""Pictures are drawn without a window, and closed after each test."""

import matplotlib

matplotlib.use("Agg")

import pytest
from matplotlib import pyplot as plt

from nasedu.spaces.mlp import MLP


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture
def space():
    return MLP((4,), 2, depth=2, widths=(8,))


def texts(ax):
    return [text.get_text() for text in ax.texts]
