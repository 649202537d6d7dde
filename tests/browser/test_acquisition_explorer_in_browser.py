"""The acquisition explorer in a page without a kernel: each press shows what Python shows."""

import numpy as np
import pytest

from nasedu.widgets import AcquisitionExplorer
from nasedu.widgets.acquisition_explorer import Look

pytestmark = pytest.mark.browser


def looks(dial, steps=4):
    mean, known = np.sin(np.arange(12) / 2), [2, 7]
    for step in range(steps):
        spread = np.abs(np.cos(np.arange(12))) / (step + 1)
        worth = mean + dial * spread
        worth[known] = -9
        chosen = int(worth.argmax())
        yield Look(tuple(known), mean, spread, chosen)
        known = [*known, chosen]


def test_without_a_kernel_it_steps_turns_the_dial_and_shows_the_truth(outside, tmp_path):
    walk = [(f"conv{n}", "stop") for n in range(12)]
    shown = AcquisitionExplorer(walk, np.sin(np.arange(12)), {dial: list(looks(dial)) for dial in (0, 1, 4)})
    faults = []
    outside.on("pageerror", lambda error: faults.append(str(error)))
    (tmp_path / "page.html").write_text(shown.page())
    outside.goto((tmp_path / "page.html").as_uri())
    widget = outside.locator(".nasedu-acquisition")
    forward, back = (widget.get_by_role("button", name=name) for name in ("try it", "back"))
    words = widget.locator(".words")
    assert back.is_disabled()
    for step in (1, 2):
        forward.click()
        shown.go(step)
        assert words.inner_text() == shown.words()
    widget.get_by_role("slider", name="Dial").fill("2")
    shown.dial_place = 2
    assert words.inner_text() == shown.words()
    back.focus()
    outside.keyboard.press("Enter")
    shown.back()
    assert words.inner_text() == shown.words(), "one step back, by keyboard"
    widget.get_by_role("slider", name="Step").fill("3")
    assert forward.is_disabled()
    assert widget.locator(".truth").count() == 0
    widget.get_by_label("show the truth").check()
    assert widget.locator(".truth circle").count() == 12
    assert not faults
