"""What the methods refuse, each at its door."""

import pytest

from nasedu.core import BadValue, Mismatch
from nasedu.oneshot import methods
from nasedu.tables.atlas import atlas
from tests.oneshot.small_mixtures import TASK, cell_201

FEW = {"spos": {"candidates": 3}, "enas": {"policy_steps": 2, "batch": 16}, "darts": {"batch": 16}}


@pytest.mark.parametrize("name", FEW)
@pytest.mark.parametrize("other", [{"steps": 3}, {"seed": 1}])
def test_a_state_of_another_search_is_refused(name, other):
    given = {"steps": 2, "seed": 0, "options": FEW[name]}
    state = methods.load(name, cell_201(), TASK, **given).state()
    with pytest.raises(Mismatch, match="the checkpoint is of another search"):
        methods.load(name, cell_201(), TASK, **(given | other)).restore(state)
    methods.load(name, cell_201(), TASK, **given).restore(state)


def test_other_candidates_are_another_search():
    state = methods.load("spos", cell_201(), TASK, steps=2, options={"candidates": 3}).state()
    with pytest.raises(Mismatch, match="its candidates is 3, and here it is 4"):
        methods.load("spos", cell_201(), TASK, steps=2, options={"candidates": 4}).restore(state)


@pytest.mark.parametrize("name", FEW)
@pytest.mark.parametrize("task", ["digits", atlas().task("what/digits")])
def test_a_task_without_examples_is_refused(name, task):
    with pytest.raises(BadValue, match="needs a task with examples, such as"):
        methods.load(name, cell_201(), task)


def test_spos_derives_nothing_before_its_candidates():
    with pytest.raises(BadValue, match="none is scored yet"):
        methods.load("spos", cell_201(), TASK, steps=2).derived()
