"""The live study without a browser: it is asked what a page would ask."""

from types import SimpleNamespace

import pytest

from nasedu import Evaluation, Study, controllers, spaces, tasks
from nasedu.core import BadValue
from nasedu.widgets import LiveStudy


class Lengths:
    """A trainer that needs no time: longer names score higher."""

    name = "lengths"

    def __init__(self, space, fail_at=None, preferred_batch=1):
        self.space = space
        self.task = SimpleNamespace(name="none")
        self.preferred_batch = preferred_batch
        self.calls = 0
        self.fail_at = fail_at

    def __call__(self, architectures, *, epochs, seed):
        self.calls += 1
        if self.calls == self.fail_at:
            raise RuntimeError("<the disk is full>")
        return [Evaluation(a, min(len(" ".join(a)) / 100, 1.0), epochs=epochs) for a in architectures]

    def retrain_and_test(self, architecture, *, epochs, seed, best_epoch=None):
        raise NotImplementedError


def study(fail_at=None, preferred_batch=1, controller="random"):
    space = spaces.load("chain-cnn", tasks.load("digits"))
    return Study(space, controllers.load(controller, space), Lengths(space, fail_at, preferred_batch))


def whole(trials, batch=1, **options):
    done = study(**options)
    for _ in done.run(trials, batch):
        pass
    return done


def ask(live):
    live._handle_custom_msg({"ask": "q"}, [])
    return live.view


def architectures(study):
    return [t.architecture for t in study.trials]


def test_it_displays_before_anything_has_run():
    live = LiveStudy(study(), trials=5)
    assert "No trial yet of 5." in live.view["svg"]
    assert (live.view["done"], live.view["total"], live.view["ending"], live.view["last"]) == (0, 5, "", "")
    assert live._says["hint"] == "Go on runs the search up to 5 trials."


def test_it_says_at_which_trial_it_stands():
    live = LiveStudy(study(), trials=5)
    assert live.view["place"] == ""
    for _ in range(2):
        ask(live)
    assert live.view["place"] == "after trial 2 of 5"
    assert live.view["last"].endswith(" ".join(live.study.trials[1].architecture))


def test_each_question_is_one_trial():
    live = LiveStudy(study(), trials=5)
    for number in range(1, 6):
        view = ask(live)
        assert len(live.study.trials) == view["done"] == number
        assert view["svg"].count("<circle") == number
        assert view["last"].startswith(f"Last: trial {number}, score 0.")
    assert view["ending"] == "all 5 trials have run."
    assert ask(live)["done"] == 5
    assert live.study.trainer.calls == 5


@pytest.mark.parametrize(("batch", "preferred_batch"), [(1, 1), (4, 1), (4, 3)])
def test_it_finds_what_the_study_finds_that_runs_by_itself(batch, preferred_batch):
    live = LiveStudy(study(controller="q-learning", preferred_batch=preferred_batch), trials=12, batch=batch)
    while not live.view["ending"]:
        ask(live)
    alone = whole(12, batch, controller="q-learning", preferred_batch=preferred_batch)
    assert architectures(live.study) == architectures(alone)
    assert live.study.controller.q == alone.controller.q, "the last batch was told, too"


def test_cells_may_go_on_with_the_study_in_between():
    live = LiveStudy(study(controller="q-learning"), trials=9, batch=3)
    for _ in range(2):
        ask(live)
    for _ in live.study.run(5):
        pass
    live.run()
    assert len(live.study.trials) == live.study.trainer.calls == 9
    assert live.view["done"] == 9


def test_an_error_is_shown_and_going_on_tries_again():
    live = LiveStudy(study(fail_at=2), trials=3)
    ask(live)
    view = ask(live)
    assert view["alert"] == "RuntimeError: <the disk is full>"
    assert len(live.study.trials) == view["done"] == 1
    live.run()
    assert live.view["alert"] == ""
    assert len(live.study.trials) == 3


def test_from_a_cell_an_error_is_raised():
    live = LiveStudy(study(fail_at=2), trials=3)
    live.advance()
    with pytest.raises(RuntimeError, match="disk is full"):
        live.advance()


def test_a_controller_with_nothing_left_to_ask_ends_it():
    live = LiveStudy(study(), trials=3)
    live.study.exhausted = True
    assert ask(live)["ending"] == "the controller has nothing left to ask."


def test_without_a_kernel_there_is_a_picture_and_a_table():
    live = LiveStudy(study(), trials=3)
    live.run()
    bundle, _ = live._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"].startswith("LiveStudy: 3 of 3 trials; best score")
    assert "<img alt=" in bundle["text/html"]
    assert "<table>" in bundle["text/html"]


def test_buttons_say_what_they_do():
    says = LiveStudy(study(), trials=3)._says
    assert says["go"].startswith("Run trials")
    assert says["stop"].startswith("Stop after the trial")


def test_a_study_that_is_already_there_is_done_at_once():
    live = LiveStudy(whole(3), trials=3)
    assert live.view["ending"]
    assert live.view["done"] == 3


@pytest.mark.parametrize("numbers", [{"trials": 0}, {"batch": 0}, {"trials": 2.5}])
def test_impossible_numbers_are_refused_at_once(numbers):
    with pytest.raises(BadValue, match="at least 1"):
        LiveStudy(study(), **numbers)
