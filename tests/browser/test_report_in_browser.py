"""The page of `nasedu report` in a real browser: it fetches nothing, and fits a telephone."""

import pytest
from typer.testing import CliRunner

from nasedu.cli import app

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(tmp_path_factory, chromium_path):
    folder = tmp_path_factory.mktemp("report")
    store, page = str(folder / "a.db"), folder / "a.html"
    for words in (
        ["search", "--space", "mlp", "--trials", "2", "--epochs", "1", "--store", store],
        ["report", store, "--html", str(page), "--no-rivals"],
    ):
        assert CliRunner().invoke(app, words).exit_code == 0
    return page


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fetches_nothing_and_does_not_scroll_sideways(chromium, report, width, scheme):
    page = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(report.as_uri())
    assert asked == [report.as_uri()]
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")
    ink, axis = page.evaluate(
        """() => [document.body, document.querySelector("figure svg [style*='currentColor']")]
            .map((one) => getComputedStyle(one).color)"""
    )
    assert ink == axis, "pictures take the colours of the page"
    page.close()
