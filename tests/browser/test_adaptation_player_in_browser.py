"""The adaptation player in a saved page, without a kernel: forward, back, keys, slider, table."""

import pytest

from tests.browser.jupyter import picture

pytestmark = pytest.mark.browser


def test_a_saved_page_plays_an_adaptation_forward_and_back(outside, tmp_path):
    from nasedu.metalearning import load
    from nasedu.metalearning.functional import Examples
    from nasedu.widgets import AdaptationPlayer
    from tests.metalearning.small import wave_batch, wave_net

    support, query = (Examples(*(part[0] for part in split)) for split in wave_batch(count=1))
    widget = AdaptationPlayer(load("maml", wave_net(), inner_rate=0.1), support, query, steps=2)
    path = tmp_path / "adaptation.html"
    path.write_text(f"<meta charset=utf-8><body>{widget.page()}", encoding="utf-8")
    faults = []
    outside.on("pageerror", lambda error: faults.append(str(error)))
    outside.goto(path.as_uri())
    player = outside.locator(".nasedu-player")
    player.wait_for()

    def shows(place):
        assert int(player.get_by_label("Step", exact=True).input_value()) == place
        assert player.locator("[role=status]").inner_text() == widget.film.frames[place].words
        arrows = player.locator(".picture svg").first.text_content().count("against the gradient")
        assert arrows == (place > 2)

    shows(0)
    player.get_by_label("Step forward").click()
    shows(1)
    player.focus()
    outside.keyboard.press("End")
    shows(5)
    player.focus()
    outside.keyboard.press("ArrowLeft")
    shows(4)
    player.get_by_label("Step", exact=True).fill("2")
    shows(2)
    player.locator("summary").click()
    cells = [line.split("\t") for line in player.locator("tbody tr").all_inner_texts()]
    assert [tuple(cell.strip() for cell in line[:3]) for line in cells] == [
        row[:3] for row in widget.film.frames[2].rows[1:]
    ]
    assert not faults
    picture(outside, "adaptation_player", player)
