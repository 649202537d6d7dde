"""The alpha player in a saved page, without a kernel: mouse, keys, slider, table, the derived cell."""

import pytest

from tests.browser.jupyter import picture

pytestmark = pytest.mark.browser


def test_a_saved_page_plays_a_differentiable_search(outside, tmp_path):
    from nasedu.oneshot.darts import Darts
    from nasedu.widgets import AlphaPlayer
    from tests.oneshot.small_mixtures import TASK, cell_201

    space = cell_201()
    search = Darts(space, TASK, steps=8, warm=2, batch=8, alpha_rate=0.5, eigenvalue_every=2)
    widget = AlphaPlayer(search.run(), space, frames=8)
    path = tmp_path / "alpha.html"
    path.write_text(f"<meta charset=utf-8><body>{widget.page()}", encoding="utf-8")
    faults = []
    outside.on("pageerror", lambda error: faults.append(str(error)))
    outside.goto(path.as_uri())
    player = outside.locator(".nasedu-player")
    player.wait_for()
    slider = player.get_by_label("Step", exact=True)

    def shows(place):
        assert int(slider.input_value()) == place
        assert player.locator("[role=status]").inner_text() == widget.film.frames[place].words
        drawn = player.locator(".picture svg").first.text_content()
        assert all(name in drawn for name in widget.film.frames[place].rows[1][1:2])

    shows(0)
    player.get_by_label("Step forward").click()
    shows(1)
    player.focus()
    outside.keyboard.press("End")
    shows(7)
    player.focus()
    outside.keyboard.press("ArrowLeft")
    shows(6)
    slider.fill("3")
    shows(3)
    player.locator("summary").click()
    cells = player.locator("tbody tr").all_inner_texts()
    assert [line.split("\t")[-1].strip() for line in cells] == [row[-1] for row in widget.film.frames[3].rows[1:]]
    assert not faults
    picture(outside, "alpha_player", player)
