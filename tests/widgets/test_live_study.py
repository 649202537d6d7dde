"""The live study without a browser: its buttons are called, its event loop is asyncio's own."""

import asyncio
from types import SimpleNamespace

import pytest

from nasedu import Evaluation, Study, controllers, spaces, tasks
from nasedu.core import BadValue
from nasedu.widgets import LiveStudy


class Lengths:
    """A trainer that needs no time: longer names score higher."""

    name = "lengths"
    group = 1

    def __init__(self, space, fail_at=None):
        self.space = space
        self.task = SimpleNamespace(name="none")
        self.calls = 0
        self.fail_at = fail_at

    def __call__(self, architectures, *, epochs, seed):
        self.calls += 1
        if self.calls == self.fail_at:
            raise RuntimeError("<the disk is full>")
        return [Evaluation(a, min(len(" ".join(a)) / 100, 1.0), epochs=epochs) for a in architectures]

    def judge(self, architecture, *, epochs, seed):
        raise NotImplementedError


def study(fail_at=None):
    space = spaces.load("chain-cnn", tasks.load("digits"))
    return Study(space, controllers.load("random", space), Lengths(space, fail_at))


def test_it_displays_before_anything_has_run():
    live = LiveStudy(study(), trials=5)
    assert "No trial yet of 5." in live.plot.value
    assert not live.go.disabled
    assert live.stop.disabled


def test_go_on_runs_all_trials():
    async def click():
        live.go.click()
        assert live.go.disabled
        assert not live.stop.disabled
        await live.task

    live = LiveStudy(study(), trials=5)
    asyncio.run(click())
    assert len(live.study.trials) == 5
    assert live.bar.value == 5
    assert "Done: all 5 trials" in live.status.value
    assert "trial 5" in live.status.value
    assert live.plot.value.count("<circle") == 5
    assert live.go.disabled
    assert live.stop.disabled


def test_stop_holds_between_two_trials_and_go_on_continues():
    async def click():
        live.go.click()
        while len(live.study.trials) < 2:
            await asyncio.sleep(0)
        live.stop.click()
        assert "Stopping after this trial" in live.status.value
        await live.task
        stopped_at = len(live.study.trials)
        assert 2 <= stopped_at <= 3
        assert "Stopped." in live.status.value
        assert not live.go.disabled
        live.go.click()
        await live.task

    live = LiveStudy(study(), trials=6)
    asyncio.run(click())
    whole = study()
    for _ in whole.run(trials=6):
        pass
    assert [t.architecture for t in live.study.trials] == [t.architecture for t in whole.trials]


def test_a_second_click_on_go_on_does_not_run_twice():
    async def click():
        live.start()
        task = live.task
        live.start()
        assert live.task is task
        await task

    live = LiveStudy(study(), trials=3)
    asyncio.run(click())
    assert live.study.trainer.calls == 3


def test_an_error_is_shown_escaped_and_go_on_tries_again():
    async def click():
        live.start()
        await live.task

    live = LiveStudy(study(fail_at=2), trials=3)
    asyncio.run(click())
    assert 'role="alert"' in live.status.value
    assert "RuntimeError: &lt;the disk is full&gt;" in live.status.value
    assert not live.go.disabled
    assert len(live.study.trials) == 1
    asyncio.run(click())
    assert len(live.study.trials) == 3


def test_without_a_kernel_there_is_a_picture_and_a_table():
    live = LiveStudy(study(), trials=3)
    asyncio.run(run(live))
    bundle = live._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"].startswith("LiveStudy: 3 of 3 trials; best score")
    assert "<img alt=" in bundle["text/html"]
    assert "<table>" in bundle["text/html"]


async def run(live):
    live.start()
    await live.task


def test_buttons_say_what_they_do():
    live = LiveStudy(study(), trials=3)
    assert (live.go.description, live.stop.description) == ("Go on", "Stop")
    assert live.go.tooltip
    assert live.stop.tooltip
    assert 'aria-live="polite"' in live.status.value


def test_a_study_that_is_already_there_is_done_at_once():
    done = study()
    for _ in done.run(trials=3):
        pass
    live = LiveStudy(done, trials=3)
    assert live.go.disabled
    assert live.bar.value == 3


@pytest.mark.parametrize("numbers", [{"trials": 0}, {"batch": 0}, {"trials": 2.5}])
def test_impossible_numbers_are_refused_at_once(numbers):
    with pytest.raises(BadValue, match="at least 1"):
        LiveStudy(study(), **numbers)


def test_where_no_event_loop_runs_the_advice_is_a_plain_loop():
    with pytest.raises(BadValue, match=r"study\.run"):
        LiveStudy(study(), trials=3).start()
