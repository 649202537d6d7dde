"""The pages of the site as files: what they load, where their links lead, and what their questions know."""

import importlib
import json
import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import nbformat
import numpy as np
import pytest
import yaml

from nasedu.classroom import MultipleChoice
from nasedu.core import BadValue
from nasedu.core.contrast import READABLE, contrast
from nasedu.widgets.question import RUN
from tests.site.conftest import LESSONS, RUNS_IN_BROWSER
from tools.lessons.places import NOTEBOOKS, mistake, sources
from tools.site import packages, search
from tools.site.building import SOURCE
from tools.site.command import main
from tools.site.lesson import plain
from tools.site.pages import code_style
from tools.site.questions import with_buttons
from tools.site.stills import with_note

LOADED = {"script": "src", "link": "href", "img": "src", "source": "srcset", "iframe": "src", "video": "src"}
LOADED |= {"object": "data", "embed": "src", "audio": "src", "image": "href", "use": "href"}
IN_STYLE = re.compile(r"url\(\s*['\"]?([^)'\"]+)|@import\s+['\"]([^'\"]+)")


class Parts(HTMLParser):
    """The addresses that a page loads, those it links to, and its anchors."""

    def __init__(self, text):
        super().__init__()
        self.loaded, self.links, self.anchors = [], [], []
        self.feed(text)
        self.loaded += ["".join(found) for found in IN_STYLE.findall(text)]

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if attrs.get(LOADED.get(tag, "")):
            self.loaded.append(attrs[LOADED[tag]])
        if tag == "a" and attrs.get("href"):
            self.links.append(attrs["href"])
        if "id" in attrs:
            self.anchors.append(attrs["id"])


@pytest.fixture(scope="module")
def parts(site):
    return {address: Parts(file.read_text(encoding="utf-8")) for address, file in site.pages().items()}


def test_nothing_is_loaded_from_elsewhere(site, parts):
    for address, page in parts.items():
        here = (site.folder / address).parent
        for one in page.loaded:
            assert one.startswith("data:") or (here / one).is_file(), f"{address} loads {one[:80]}"
    styles = [file.read_text(encoding="utf-8") for file in site.folder.rglob("*.css")]
    assert not any(IN_STYLE.search(style) for style in styles)
    for script in ("site.js", "questions.js"):
        assert not re.search(r"https?://(?!www\.w3\.org/)|\bimport\b", site.page(f"static/{script}"))


def test_a_page_that_loads_something_from_elsewhere_would_be_found():
    page = '<link href="//a.b/c.css"><img src="http://a.b/c.png"><style>p{background:url("http://a.b/d.png")}</style>'
    assert Parts(page).loaded == ["//a.b/c.css", "http://a.b/c.png", "http://a.b/d.png"]


def test_every_link_within_the_site_leads_to_a_page_and_an_anchor(site, parts):
    unbuilt = {f"{source.stem}.html" for source in sources(NOTEBOOKS)} - {address.split("/")[-1] for address in parts}
    inside = 0
    for address, page in parts.items():
        assert len(page.anchors) == len(set(page.anchors)), f"{address} has an anchor twice"
        for link in page.links:
            split = urlsplit(link)
            if link.startswith(f"{SOURCE}/blob/HEAD/"):
                assert (packages.ROOT / split.path.partition("/HEAD/")[2]).is_file(), f"{address} links to {link}"
            if split.scheme or split.netloc or split.path.split("/")[-1] in unbuilt or "lite/" in split.path:
                continue
            target = (
                (site.folder / address).parent.joinpath(split.path).resolve() if split.path else site.folder / address
            )
            assert target.is_file(), f"{address} links to {link}"
            if split.fragment:
                known = parts[target.relative_to(site.folder.resolve()).as_posix()].anchors
                assert unquote(split.fragment) in known, f"{address} links to {link}"
            inside += 1
    assert inside > 500
    foreign = {link for page in parts.values() for link in page.links if ".ipynb" in link and "mybinder" not in link}
    assert all(link.startswith(("../notebooks/", "../lite/", "lite/")) for link in foreign)


def test_a_lesson_has_its_neighbours_its_notebook_and_a_copy_that_runs_here(site):
    names = [source.stem for source in sources(NOTEBOOKS, LESSONS)]
    for place, name in enumerate(names):
        page = site.page(f"lessons/{name}.html")
        for rel, other in (("prev", names[place - 1 : place]), ("next", names[place + 1 : place + 2])):
            assert re.findall(rf'rel="{rel}" href="(\w+)\.html"', page) == other
        assert (site.folder / "notebooks" / f"{name}.ipynb").read_bytes() == (NOTEBOOKS / f"{name}.ipynb").read_bytes()
        assert ("Run it in this browser" in page) is (name == RUNS_IN_BROWSER)
        assert f"urlpath=lab/tree/notebooks/{name}.ipynb" in page
    assert (site.folder / "lite" / "files").is_dir(), "a build keeps what others put there"
    address = f"lite/lab/index.html?path={RUNS_IN_BROWSER}.ipynb"
    assert f'in\nlessons <a href="{address}">{RUNS_IN_BROWSER[:2]}</a>.' in site.page("index.html")


def test_each_section_of_a_lesson_has_a_form_for_its_mistakes(site):
    for source in sources(NOTEBOOKS, LESSONS):
        page = site.page(f"lessons/{source.stem}.html")
        forms = re.findall(r'href="([^"]+)" title="Report a mistake here"', page)
        assert len(forms) == len(re.findall(r"<h[2-4] id=", page)) > 5
        assert unescape(forms[0]).startswith(mistake(f"lesson {source.stem[:2]}, "))
        assert f'href="{mistake(f"lesson {source.stem[:2]}")}"' in page


def test_what_was_built_is_said_and_so_is_what_cannot_be(site, capsys):
    assert re.search(r"3 lessons, \d+ MB, \d+ processor seconds", site.said[-1])
    assert main(["77"]) == 2
    assert "no lesson begins with 77" in capsys.readouterr().err


def outputs(name):
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    return [output.data for cell in notebook.cells for output in cell.get("outputs", ()) if "data" in output]


@pytest.mark.parametrize("name", [source.stem for source in sources(NOTEBOOKS)])
def test_every_question_of_a_lesson_is_marked_as_its_exercises_mark_it(name):
    module = importlib.import_module(f"nasedu.classroom.lessons.lesson_{name[:2]}.exercises")
    quizzes = {one.question: one for one in vars(module).values() if isinstance(one, MultipleChoice)}
    found = {"Quiz": 0, "Predict": 0, "Reveal": 0}
    for data in outputs(name):
        kind = data.get("text/plain", "").split(":")[0]
        html = data.get("text/html", "")
        if kind not in found or RUN not in html:
            continue
        found[kind] += 1
        asked = Asked(with_buttons(html)).question
        assert asked["kind"] == {"Reveal": "Prediction"}.get(kind, kind)
        if kind == "Quiz":
            quiz = quizzes[asked["question"]]
            assert (tuple(asked["choices"]), asked["right"], asked["why"]) == (quiz.choices, quiz.right, quiz.why)
        if kind == "Reveal":
            assert {asked["right"], *asked["right"].split(" and ")} & set(asked["choices"])
    assert min(found["Quiz"], found["Reveal"]) > 0


class Asked(HTMLParser):
    """The question that an output asks."""

    def __init__(self, html):
        super().__init__()
        self.question = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if "data-question" in dict(attrs):
            self.question = json.loads(dict(attrs)["data-question"])


def test_a_question_of_another_form_is_refused():
    html = f'<div class="nasedu-still nasedu-still-1"><p><strong>Quiz.</strong> Why?</p><ol></ol>{RUN}</div>'
    with pytest.raises(BadValue, match="has another form"):
        with_buttons(html)


def test_a_widget_that_needs_a_kernel_says_so_and_no_other_does(site):
    page = site.page("lessons/00_a_search_in_ten_minutes.html")
    kinds = [data["text/plain"].split(":")[0] for data in outputs("00_a_search_in_ten_minutes") if "text/html" in data]
    needing = sum(kind in ("LiveStudy", "Canvas") for kind in kinds)
    assert page.count('class="needs-kernel"') == needing > 0
    for lesson in ("04_tabular_q_learning", "05_policy_gradients"):
        assert "needs-kernel" not in site.page(f"lessons/{lesson}.html")
        page += site.page(f"lessons/{lesson}.html")
    assert "Run this cell" not in page
    assert with_note("<p>text</p>") == "<p>text</p>"


def test_search_entries_are_sections_without_scripts():
    link = ' <a class="anchor" href="#a">#</a>'
    page = (
        f'<p>head</p><h2 id="a">A <b>title</b>{link}</h2><p>on<b>e</b></p><script>no</script><style>p{{}}</style><p>two'
    )
    first, second = search.entries("Page", "x.html", page, {"a": "A title"})
    assert first == search.Entry("Page", "", "x.html", "head")
    assert second == search.Entry("Page", "A title", "x.html#a", "A title one two")


def test_code_can_be_read_on_light_and_dark_panels():
    panels = [rgb("#f5f5f5"), rgb("#1e1e1e")]  # --panel in site.css
    assert "--panel: light-dark(#f5f5f5, #1e1e1e)" in (packages.ROOT / "tools/site/static/site.css").read_text()
    pairs = re.findall(r"\.(\w+) \{ color: light-dark\((#\w{6}), (#\w{6})\)", code_style())
    assert len(pairs) > 20
    faint = {
        name
        for name, *pair in pairs
        for c, panel in zip(pair, panels, strict=True)
        if contrast(rgb(c), panel) < READABLE
    }
    assert faint == set()


def test_the_site_styles_no_class_of_a_widget():
    def classes(file):
        selectors = re.sub(r"/\*.*?\*/|\{[^{}]*\}", " ", file.read_text(encoding="utf-8"), flags=re.S)
        return set(re.findall(r"\.([a-zA-Z][\w-]*)", selectors))

    of_site = classes(packages.ROOT / "tools/site/static/site.css")
    of_widgets = set().union(*map(classes, packages.ROOT.glob("nasedu/widgets/*.css")))
    assert "columns" in of_site
    assert "nasedu-player" in of_widgets
    assert of_site & of_widgets == {"nasedu-quiz"}  # it is not torn apart in print


def rgb(colour):
    return np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255


def test_an_archive_with_another_hash_is_refused(tmp_path):
    (tmp_path / packages.AXE.archive).write_bytes(b"something else")
    with pytest.raises(BadValue, match=r"has the SHA-256 hash .* expected e6b0"):
        packages.fetched(packages.AXE, tmp_path)


def test_without_a_network_the_build_says_what_to_do(tmp_path, monkeypatch):
    def offline():
        raise OSError("no network")

    monkeypatch.setattr(packages, "_registry", offline)
    with pytest.raises(BadValue, match=r"npm pack mathjax@3\.2\.2"):
        packages.fetched(packages.MATHJAX, tmp_path)


def test_the_reference_has_every_public_name_with_its_docstring(site):
    from nasedu import controllers

    page = site.page("reference/nasedu.controllers.html")
    for name in (*controllers.__all__, *controllers.registry):
        assert re.search(rf"<h[23] id=\"[^\"]+\">(<code>)?{re.escape(name)}\b", page), name
    assert "Return a new controller from a description that" in page
    assert "trials: Sequence[Trial]," in plain(site.page("reference/nasedu.study.html"))


def test_the_workflow_that_publishes_the_site_runs_targets_that_exist():
    page = (packages.ROOT / "docs" / "HOSTING.md").read_text(encoding="utf-8")
    steps = yaml.safe_load(re.search(r"```yaml\n(.*?)```", page, re.S)[1])["jobs"]["publish"]["steps"]
    targets = [step["run"].removeprefix("make ") for step in steps if "run" in step]
    assert targets == ["lite", "site"], "a site that is built first has no links to the lessons of the other"
    makefile = (packages.ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(re.search(rf"^{target}:", makefile, re.M) for target in targets)
    assert [step["with"]["path"] for step in steps if "upload-pages" in step.get("uses", "")] == ["site"]
