"""What the methods refuse, each at its door."""

import pytest
import torch

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


NO_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here: one-shot search on a GPU")


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=[pytest.mark.gpu, NO_GPU])])
@pytest.mark.parametrize("name", methods.STEPS)
def test_a_search_goes_on_from_a_state_that_is_no_file_on_another_device(name, device):
    given = {"steps": 3, "options": FEW.get(name, {"batch": 16})}
    there, here = (methods.load(name, cell_201(), TASK, device=place, **given) for place in (device, "cpu"))
    assert next(there.run()).loss == pytest.approx(next(here.run()).loss, rel=1e-2)
    here.restore(there.state())
    *_, last = here.run()
    assert last.number == here.of
    assert here.derived() in cell_201()
