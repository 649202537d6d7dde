"""A search asks the same on every processor: the last digits of a computed value differ, and decide nothing."""

import numpy as np
import pytest

from nasedu import controllers, meta
from nasedu.controllers import gaussian, processes
from nasedu.controllers.gaussian import kernel
from nasedu.core.ranking import ROUNDING, first_best
from nasedu.meta import Evidence
from tests.meta.unlike import Chain


def test_of_values_that_differ_by_rounding_the_first_is_best():
    assert first_best(np.array([0.1, 0.3, 0.1 + 0.2])) == 1
    assert first_best(np.array([0.1, 0.3, 0.3 * (1 + 10 * ROUNDING)])) == 2
    assert first_best(np.array([-2.0, -2.0 * (1 - ROUNDING / 10), -3.0])) == 0
    assert first_best(np.array([-np.inf, 0.0, 1e-300])) == 2
    assert first_best(np.array([-np.inf, -np.inf])) == 0


def asked(prior, questions=12):
    """What a search asks that has seen few kinds of layers: it expects the same of many networks."""
    space = Chain()
    few = [("conv3", "stop"), ("pool", "conv3", "stop"), ("conv3", "pool", "stop")]
    earlier = [Evidence(name, tuple((a, a.index(name)) for a in few)) for name in ("conv3", "stop")]
    search = controllers.load("local-search", space) if prior else controllers.load("gp-cold", space, first=1)
    if prior:
        search = meta.load(prior, earlier).open(search)
    architectures = []
    for _ in range(questions):
        architectures.append(search.ask())
        search.tell(architectures[-1], architectures[-1].count("conv3"))
    return architectures


@pytest.mark.parametrize("prior", [None, "mixture", "surrogate"])
def test_the_last_digits_do_not_change_what_is_asked(prior, monkeypatch):
    exact = asked(prior)
    for seed in range(4):
        rng = np.random.default_rng(seed)

        def inexact(A, B, length, rng=rng):
            found = kernel(A, B, length)
            return found * (1 + 1e-13 * rng.normal(size=found.shape))

        monkeypatch.setattr(gaussian, "kernel", inexact)
        monkeypatch.setattr(processes, "kernel", inexact)
        assert asked(prior) == exact
