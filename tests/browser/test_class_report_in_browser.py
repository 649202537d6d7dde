"""The page of `nasedu assignment report --html` in a real browser: it fetches nothing, and fits 600 pixels."""

import pytest

from nasedu.cli.class_page import page_of
from tests.classroom.grading.test_report_shown import class_of

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [375, 600, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fetches_nothing_and_does_not_scroll_sideways(chromium, tmp_path, width, scheme):
    file = tmp_path / "class.html"
    file.write_text(page_of([class_of()]), encoding="utf-8")
    page = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")
    points = page.locator(".marks tbody tr").first.locator("td").first.bounding_box()
    assert points["x"] + points["width"] <= width, "points are seen without scrolling"
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('main *')].map((one) => parseFloat(getComputedStyle(one).fontSize)))"
    )
    assert smallest >= 11.5
    page.close()
