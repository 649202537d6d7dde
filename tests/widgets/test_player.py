import json
import re
import xml.etree.ElementTree as ET

import pytest

from nasedu.core import BadValue
from nasedu.widgets import Film, Frame, Player
from nasedu.widgets.base import Widget, interactive_html, table

DOT = '<circle cx="5" cy="5" r="3"/>'


def film(count=4, **options):
    frames = [
        Frame((DOT, f'<rect x="{i}" y="0" width="1" height="1"/>'), f"value {i}", (("value",), (str(i),)), f"frame {i}")
        for i in range(count)
    ]
    return Film(frames, 640, 200, **options)


def unpacked(data):
    """What the browser makes of a film's data: the elements and rows of each frame."""
    picture, rows, frames = [], [], []
    for frame in data["frames"]:
        for now, (length, *news) in ((picture, frame["picture"]), (rows, frame["rows"])):
            now[length:] = []
            for place, value in news:
                now[place : place + 1] = [value]
        frames.append(([data["parts"][p] for p in picture], [data["lines"][line] for line in rows]))
    return frames


def test_steps_forward_and_back_and_stays_at_the_ends():
    player = Player(film())
    assert player.at == 0
    assert player.back().words == "value 0"
    assert [player.forward().words for _ in range(4)] == ["value 1", "value 2", "value 3", "value 3"]
    assert player.back().words == "value 2"
    assert player.go(-1) is player.frame is player.film.frames[3]
    assert Player(film(), at=-2).at == 2


@pytest.mark.parametrize("at", [4, -5, 1.0, True, "1"])
def test_refuses_a_frame_that_is_not_there(at):
    player = Player(film())
    with pytest.raises(BadValue, match="frames 0 to 3"):
        player.go(at)
    with pytest.raises(BadValue, match="frames 0 to 3"):
        Player(film(), at=at)


def test_what_the_browser_sets_is_checked_too():
    player = Player(film())
    player.set_state({"at": 3})
    assert player.frame.words == "value 3"
    with pytest.raises(BadValue):
        player.at = 9


def test_the_data_holds_every_frame_and_what_is_shared_once():
    dot, quoted = DOT.replace('"', "'"), '<text fill="red">it\'s</text>'
    frames = [
        Frame((dot, "<g/>"), "a", (("x",),)),
        Frame(("<g/>",), "b"),
        Frame(("<g/>", dot, dot, quoted), "c", (("y",), ("x",))),
    ]
    data = Film(frames, 10, 10).data()
    assert unpacked(data) == [(list(f.picture), [list(row) for row in f.rows]) for f in frames]
    assert data["parts"] == [dot, "<g/>", quoted]
    assert Film([Frame((DOT,), "a")], 10, 10).data()["parts"] == [dot], "a double quote is longer in a notebook"
    assert [frame["words"] for frame in data["frames"]] == ["a", "b", "c"]
    json.dumps(data, allow_nan=False)


def test_a_film_too_large_for_a_notebook_is_refused_with_advice():
    frames = [Frame((f"<g>{i}{'x' * 2000}</g>",), "w") for i in range(150)]
    with pytest.raises(BadValue, match=r"150 frames takes 3\d\d,\d\d\d bytes.*about 9\d would do"):
        Player(Film(frames, 640, 200))


def test_refuses_what_is_no_film():
    with pytest.raises(BadValue, match="given a list"):
        Player([Frame((), "a")])
    with pytest.raises(BadValue, match="at least one frame"):
        Film([], 10, 10)
    with pytest.raises(BadValue, match="positive"):
        Film([Frame((), "a")], 0, 10)
    with pytest.raises(BadValue, match="label of its own"):
        Film([Frame((), "a", label="x"), Frame((), "b", label="x")], 10, 10, choose=True)


def test_says_itself_in_words_picture_and_table():
    player = Player(film(title="Counting <up>"), at=2)
    data, _ = player._repr_mimebundle_()
    assert data["text/plain"] == "Player: Counting <up> (step 3 of 4). value 2"
    assert "0x" not in data["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/html"].startswith("<div data-nasedu=")
    static = player.static()
    assert "<script" not in static
    assert static.startswith('<div style="overflow-x:auto"><img alt="Counting &lt;up&gt;. value 2"')
    assert "<td" in static
    svg = ET.fromstring(player.film.svg(2))
    assert svg.get("aria-label") == "Counting <up>. value 2"
    assert len(svg.findall("{*}rect")) == 2


def test_choose_names_the_alternative_and_not_a_step():
    player = Player(film(choose=True, title="Tasks"), at=1)
    assert player.words() == "Tasks (frame 1). value 1"


def test_the_page_cannot_be_broken_out_of():
    evil = "</script><script>alert(1)</script><!--"
    page = Player(Film([Frame((), evil, ((evil,), (evil,)), evil)], 640, 100, title=evil)).page()
    assert page.count("</script>") == 1
    assert page.endswith("</script>")
    assert "<!--" not in page


def test_the_same_player_gives_the_same_page():
    pages = {Player(film(), at=1).page() for _ in range(2)}
    assert len(pages) == 1
    assert pages != {Player(film(), at=2).page()}


def test_the_script_of_a_page_holds_the_film_and_loads_nothing():
    player = Player(film(), at=1)
    script = player.page().partition('<script type="module">')[2]
    state = json.loads(re.search(r"^const state = (.*);$", script, re.M)[1])
    assert state == {"_film": player._film, "at": 1}
    assert not re.search(r"\bimport\b|https?://(?!www\.w3\.org)|fetch\(", script)


def test_table_escapes_and_alive_keeps_the_static_part():
    assert "&lt;b&gt;" in table((("<b>",),), caption="<b>")
    assert table(()) == ""
    assert table((), caption="words & more") == "<p>words &amp; more</p>"
    assert "<p>still</p></div><script" in interactive_html("<p>still</p>", "function render() {}", "", {})


def test_a_widget_says_what_it_needs():
    class Bare(Widget):
        pass

    with pytest.raises(NotImplementedError):
        Bare().words()
