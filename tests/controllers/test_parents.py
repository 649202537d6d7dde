"""What controllers say about who was made from whom."""

import pytest

from nasedu import controllers
from nasedu.tables.atlas import atlas

MAKERS = ["regularized-evolution", "genetic", "local-search", "predictor"]


def run(controller, trials=60, batch=3):
    """Asks in batches, as a study does; gives what was asked in order."""
    table = atlas()
    scores = dict(zip(table.architectures, table.scores(table.tasks[0]), strict=True))
    asked = []
    while len(asked) < trials:
        architectures = [controller.ask() for _ in range(batch)]
        for architecture in architectures:
            controller.tell(architecture, float(scores[architecture]))
        asked += architectures
    return asked


@pytest.mark.parametrize("name", MAKERS)
def test_parents_were_asked_before_their_children(name):
    controller = controllers.load(name, atlas().space, seed=2)
    asked = run(controller)
    assert controller.parents
    assert set(controller.parents) <= set(asked)
    for child, parents in controller.parents.items():
        assert parents
        assert all(asked.index(parent) < asked.index(child) for parent in parents)


def test_a_mutant_is_a_neighbour_of_its_parent():
    space = atlas().space
    for name in ("regularized-evolution", "local-search"):
        controller = controllers.load(name, space, seed=2)
        run(controller, 40)
        near = [child in space.neighbours(parent) for child, (parent,) in controller.parents.items()]
        assert sum(near) >= 0.8 * len(near)


def test_a_genetic_child_may_have_two():
    controller = controllers.load("genetic", atlas().space, seed=2, crossover_rate=1.0)
    run(controller)
    assert {len(parents) for parents in controller.parents.values()} == {1, 2}


def test_those_that_make_everything_anew_have_none():
    controller = controllers.load("random", atlas().space, seed=2)
    run(controller, 9)
    assert controller.parents == {}
