"""The live bar, as a person sees it."""

import io
from dataclasses import replace
from types import SimpleNamespace

import pytest
from rich.console import Console

from nasedu.cli import progress
from nasedu.cli.progress import SearchProgress
from nasedu.core import Evaluation
from nasedu.store import Trial


def trial(number, score, **more):
    architecture = ("64-relu", "stop")
    return Trial(number, 0, architecture, {"epsilon": 0.5}, Evaluation(architecture, score, **more))


def seen(width, terminal=True):
    """What a search of two trials writes, one of them from before."""
    console = Console(file=io.StringIO(), force_terminal=terminal, width=width, color_system=None)
    with SearchProgress(console, 2) as progress:
        progress.begin([trial(0, 0.25)], {"epsilon": 0.75}, "one trial is there")
        progress._live.refresh()
        progress.trial(trial(1, 0.125, status="diverged", reason="the loss was nan in epoch 1"))
        progress._live.refresh()
        progress.testing()
        progress._live.refresh()
    return console.file.getvalue()


def test_a_terminal_sees_progress_best_and_epsilon():
    shown = seen(80)
    for part in ("one trial is there", "searching", "1/2", "2/2", "best 0.2500", "epsilon 0.75", "testing", "diverged"):
        assert part in shown


def test_a_pipe_gets_a_line_for_each_trial_and_no_control_characters():
    shown = seen(80, terminal=False)
    assert shown.splitlines() == [
        "one trial is there",
        "2/2  best 0.2500  trial 2  0.1250  epsilon 0.50  64-relu stop  (diverged: the loss was nan in epoch 1)",
    ]


@pytest.mark.parametrize("width", [30, 40, 60, 80])
def test_nothing_of_it_is_cut_on_a_narrow_terminal(width):
    shown = seen(width)
    for part in ("best 0.2500", "epsilon 0.75", "searching", "diverged", "in epoch 1", "testing each once"):
        assert part in " ".join(shown.split())
    assert "…" not in shown


def test_brackets_are_no_style():
    console = Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)
    with SearchProgress(console, 2) as progress:
        progress.begin([], {}, "csv/[1].csv has no trials")
    assert "csv/[1].csv has no trials" in console.file.getvalue()


def seen_in_time(monkeypatch, trials, terminal=True):
    """What a search of two minutes writes, one of them gone; `trials` of 10 may limit it, too."""
    clock = SimpleNamespace(now=50.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(progress, "time", clock)
    console = Console(file=io.StringIO(), force_terminal=terminal, width=80, color_system=None)
    with SearchProgress(console, trials, 2) as shown:
        shown.begin([], {})
        clock.now += 61
        shown.trial(trial(0, 0.25))
        shown._live.refresh()
        assert shown._bar.tasks[0].completed == (61 if trials is None else 1)
        assert shown._bar.tasks[0].total == (120 if trials is None else 10)
    return console.file.getvalue()


def test_where_only_time_limits_a_search_the_bar_is_the_time(monkeypatch):
    shown = seen_in_time(monkeypatch, None)
    assert "1 trial " in shown
    assert "0:59 left" in shown


def test_with_both_the_bar_is_the_trials_and_the_time_left_is_no_more_than_was_given(monkeypatch):
    shown = seen_in_time(monkeypatch, 10)
    assert "1/10" in shown
    assert "0:59 left" in shown


def test_a_pipe_gets_the_number_of_each_trial(monkeypatch):
    assert seen_in_time(monkeypatch, None, terminal=False).startswith("1  best 0.2500  trial 1")


def test_imported_trials_do_not_count(monkeypatch):
    console = Console(file=io.StringIO(), force_terminal=False, width=80)
    with SearchProgress(console, 2) as shown:
        shown.begin([replace(trial(0, 0.75), origin="imported")], {})
        shown.trial(trial(1, 0.25))
    assert console.file.getvalue().startswith("1/2  best 0.7500  trial 2  0.2500")
