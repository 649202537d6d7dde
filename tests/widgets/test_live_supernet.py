"""The live supernet without a browser: stopped and gone on with, it is the same training."""

import torch

from nasedu import tasks
from nasedu.building.atlas import ATLAS
from nasedu.oneshot.spos import SupernetTraining
from nasedu.oneshot.supernet import Supernet
from nasedu.trainers.recipe import Recipe
from nasedu.widgets import LiveSupernet


def training(steps):
    task = tasks.load("where/digits")
    return SupernetTraining(Supernet(ATLAS.space_for(task), recipe=Recipe(**ATLAS.recipe)), task, steps=steps)


def ask(live):
    live._handle_custom_msg({"ask": "q"}, [])
    return live.view


def test_pieces_of_the_page_and_a_run_in_a_cell_are_one_training():
    live, whole = LiveSupernet(training(65)), training(65)
    assert (live.view["done"], live.view["total"], live.view["ending"]) == (0, 65, "")
    assert "No step yet of 65." in live.view["svg"]
    assert ask(live)["done"] == 10
    assert live.view["place"] == "after step 10 of 65"
    live.run(30)
    assert live.done == 30
    live.run()
    assert ask(live)["ending"] == "all 65 steps are taken."
    steps = list(whole)
    assert live.losses == {step.number: step.loss for step in steps}
    assert live.means == [(50, sum(step.loss for step in steps[:50]) / 50)]
    assert "mean loss of 50 steps" in live.words()
    assert "1 to 50" in live.listing()
    pairs = zip(live.training.supernet.weights.values(), whole.supernet.weights.values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
