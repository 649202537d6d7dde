"""The path sampler and the scatter of two scores: in a page without a kernel, and in JupyterLab with one."""

import pytest

from nasedu import spaces, tasks
from nasedu.building.atlas import ATLAS
from nasedu.oneshot.spos import SUPERNET_RECIPE, SupernetTraining
from nasedu.oneshot.supernet import Supernet
from nasedu.widgets import PathSampler, ScoreScatter
from tests.browser.jupyter import add_and_run, picture, run_all, theme

pytestmark = pytest.mark.browser

SETUP = """
from nasedu import spaces, tasks
from nasedu.building.atlas import ATLAS
from nasedu.oneshot.supernet import Supernet
from nasedu.widgets import PathSampler, ScoreScatter
space = spaces.load("chain-cnn", tasks.load("where/digits"), **{**ATLAS.space_parameters, "depth": 2})
networks = list(space.enumerate())
sampler = PathSampler(Supernet(space), networks[:30])
sampler
"""
SCATTER = "scatter = ScoreScatter(networks, range(len(networks)), [n % 7 for n in range(len(networks))])\nscatter"
PATHS, SCATTERS = ".nasedu-paths", ".nasedu-scatter"


@pytest.fixture(scope="module")
def sampler():
    task = tasks.load("where/digits")
    space = spaces.load("chain-cnn", task, **{**ATLAS.space_parameters, "depth": 2})
    net = Supernet(space, recipe=SUPERNET_RECIPE)
    return PathSampler(net, SupernetTraining(net, task, steps=20))


def opened(page, tmp_path, widget):
    """The widget alone in a page without kernel and server; what the page's scripts complain of."""
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    (tmp_path / "page.html").write_text(widget.page())
    page.goto((tmp_path / "page.html").as_uri())
    return faults


def counted(widget):
    """The numbers in the parts of the picture, in order, and the places of those with a frame."""
    numbers = widget.locator(".picture rect.part").evaluate_all(
        """parts => parts.map((part) => {
            let next = part.nextElementSibling;
            while (next.nextElementSibling?.tagName == "text") next = next.nextElementSibling;
            return Number(next.textContent);
        })"""
    )
    return numbers, widget.locator(".picture rect.lit").count()


def test_without_a_kernel_a_path_is_sampled_taken_back_and_built(outside, tmp_path, sampler):
    faults = opened(outside, tmp_path, sampler)
    widget = outside.locator(PATHS)
    forward, back = (widget.get_by_role("button", name=name) for name in ("sample a path", "back"))
    assert back.is_disabled()
    for step in (1, 2, 3):
        forward.click()
        sampler.go(step)
        assert counted(widget) == (sampler.counts, len(sampler.lit)), f"after step {step}"
        assert widget.locator("button.taken").all_inner_texts() == sampler.path
    back.focus()
    outside.keyboard.press("Enter")
    sampler.back()
    assert counted(widget) == (sampler.counts, len(sampler.lit)), "one step back, by keyboard"
    widget.get_by_role("slider").fill("20")
    assert forward.is_disabled()

    widget.locator("button.taken").first.click()
    assert counted(widget)[1] == 0, "an empty path reads nothing"
    sampler.go(20)
    sampler.path = []
    for choice in ("conv3-8", "conv1-4", "stop"):
        widget.get_by_role("button", name=choice, exact=True).click()
        sampler.choose(choice)
        assert counted(widget) == (sampler.counts, len(sampler.lit)), choice
    assert sampler.words().partition("The path")[2] in widget.locator(".words").inner_text()
    assert not faults


def test_without_a_kernel_a_press_on_a_dot_shows_its_network(outside, tmp_path, sampler):
    networks = sampler.networks
    shared, true = [n / 40 for n in range(len(networks))], [(n * 7 % 40) / 40 for n in range(len(networks))]
    scatter = ScoreScatter(networks, shared, true)
    faults = opened(outside, tmp_path, scatter)
    widget = outside.locator(SCATTERS)
    drawn = widget.locator(".picture svg").bounding_box()
    for place in (3, 17):
        x, y = (axis[place] for axis in scatter._data["views"][0]["places"])
        scale = drawn["width"] / scatter._data["width"]
        outside.mouse.click(drawn["x"] + x * scale, drawn["y"] + y * scale)
        scatter.chosen = place
        assert widget.get_by_role("status").inner_text() == scatter.words()
        assert widget.locator(".block").all_inner_texts() == list(networks[place])
    outside.keyboard.press("Tab")  # from the last press on, the focus is in the picture
    widget.locator(".picture").focus()
    outside.keyboard.press("ArrowRight")
    assert widget.get_by_role("status").inner_text().startswith(" ".join(networks[18]) + ":"), "next by the cheap score"
    outside.keyboard.press("ArrowUp")
    above = min((score, n) for n, score in enumerate(true) if score > true[18])[1]
    assert widget.get_by_role("status").inner_text().startswith(" ".join(networks[above]) + ":"), "next by the true one"
    widget.get_by_role("button", name="best by true score").click()
    assert "true score 0.975 (rank 1 of" in widget.get_by_role("status").inner_text()

    ranks = widget.get_by_role("button", name="show ranks")
    for view, pressed in ((1, "true"), (0, "false"), (1, "true")):
        ranks.press("Enter")
        assert ranks.get_attribute("aria-pressed") == pressed
        ring = widget.locator("circle.chosen")
        best = [axis[scatter.scores[1].argmax()] for axis in scatter._data["views"][view]["places"]]
        assert [float(ring.get_attribute(side)) for side in ("cx", "cy")] == best
    x, y = (axis[3] for axis in scatter._data["views"][1]["places"])
    outside.mouse.click(drawn["x"] + x * scale, drawn["y"] + y * scale)
    scatter.chosen = 3
    assert widget.get_by_role("status").inner_text() == scatter.words(), "a press on a dot among the ranks"
    assert not faults


def test_the_kernel_hears_of_it_and_can_change_it(page, lab, notebook):
    notebook(lab.write("shared.ipynb", SETUP, SCATTER))
    run_all(page)
    paths, scatter = page.locator(PATHS), page.locator(SCATTERS)
    paths.get_by_role("button", name="10 more").click()
    scatter.get_by_role("button", name="ranked far too low").click()
    page.wait_for_timeout(500)
    assert add_and_run(page, "print(sampler.at, sampler.path == list(networks[9]), scatter.chosen)").split()[:2] == [
        "10",
        "True",
    ]
    add_and_run(page, "sampler.go(3); scatter.chosen = 5")
    paths.get_by_text("step 3 of 30").wait_for()
    scatter.get_by_text("rank", exact=False).first.wait_for()
    page.wait_for_function(f"() => document.querySelector('{SCATTERS} .words').textContent.includes('5.000')")
    picture(page, "paths_light", paths)
    picture(page, "scatter_light", scatter)
    theme(page, "JupyterLab Dark")
    picture(page, "paths_dark", paths)
    picture(page, "scatter_dark", scatter)
