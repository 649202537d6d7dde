"""The feedback page in a browser of 600 pixels: nothing is cut, and nothing is asked of the network."""

from pathlib import Path

import nbformat
import pytest

from nasedu.classroom.grading import result
from nasedu.classroom.grading.feedback import FeedbackPage
from nasedu.classroom.grading.result import Result
from tests.classroom.grading.submissions import release, restored

pytestmark = pytest.mark.browser


def test_sentences_wrap_and_formulas_need_no_network(chromium, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    notebook = release(standard_error="def standard_error(p, n):\n    return " + " + ".join(["p"] * 200))
    notebook["cells"].append({"cell_type": "markdown", "source": "$\\sqrt{x}$ ![a](http://a.example/b.png)"})
    result.write(Path(), "lesson_00", "ann", "00", [Result("00", "standard_error", "wrong", "a sentence " * 60)])
    cells, _ = restored(notebook)
    about = {
        "student": "ann",
        "assignment": "lesson_00",
        "notebook": "00",
        "score": 0,
        "max_score": 4,
        "late_penalty": 0,
    }
    page, _ = FeedbackPage().from_notebook_node(nbformat.v4.new_notebook(cells=cells), {"nbgrader": about})
    Path("page.html").write_text(page)
    tab = chromium.new_page(viewport={"width": 600, "height": 900})
    try:
        asked = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto((tmp_path / "page.html").as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") <= 600
        verdict = tab.locator(".verdict.wrong")
        assert verdict.evaluate("box => box.scrollWidth <= box.clientWidth")
        assert verdict.evaluate("box => box.clientHeight / parseFloat(getComputedStyle(box).lineHeight)") > 5
        pictures = tab.locator("img.formula").evaluate_all("all => all.map(one => one.naturalWidth)")
        assert len(pictures) == 2
        assert min(pictures) > 0
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    finally:
        tab.close()
