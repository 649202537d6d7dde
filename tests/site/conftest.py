"""One site of three lessons for all tests, and pages of it that reach no network."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from nasedu.core import BadValue
from tests.browser.conftest import chromium, chromium_path  # noqa: F401
from tests.browser.jupyter import SIZE
from tests.patience import patience
from tools.site.building import build_site
from tools.site.packages import AXE, MATHJAX, fetched

LESSONS = ("00", "04", "05")
RUNS_IN_BROWSER = "04_tabular_q_learning"


def package(wanted):
    """The file of an npm package; without it a test is skipped, or fails where NASEDU_REQUIRE_NPM is set."""
    try:
        return fetched(wanted)
    except BadValue as error:
        missing = pytest.fail if os.environ.get("NASEDU_REQUIRE_NPM") else pytest.skip
        missing(str(error))


@pytest.fixture(scope="session")
def axe():
    return package(AXE).read_text(encoding="utf-8")


@dataclass(frozen=True)
class Built:
    """A site: its folder, and what was said while it was built."""

    folder: Path
    said: list[str]

    def page(self, address):
        return (self.folder / address).read_text(encoding="utf-8")

    def pages(self):
        return {file.relative_to(self.folder).as_posix(): file for file in sorted(self.folder.rglob("*.html"))}


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    package(MATHJAX)
    folder = tmp_path_factory.mktemp("site")
    there = folder / "lite" / "files" / f"{RUNS_IN_BROWSER}.ipynb"  # as if JupyterLite had been built there before
    there.parent.mkdir(parents=True)
    there.write_text("{}")
    return Built(folder, list(build_site(folder, LESSONS)))


@dataclass
class Reader:
    """A page of the site in the browser, what it asked for from elsewhere, and its errors."""

    page: Any
    folder: Path
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, address):
        self.page.goto((self.folder / address).as_uri())
        return self.page


@pytest.fixture
def read(site, chromium, request):  # noqa: F811
    """A browser without a network; `pytest.mark.parametrize("read", [{...}], indirect=True)` sets its options."""
    context = chromium.new_context(**{"viewport": SIZE, "offline": True, **getattr(request, "param", {})})
    page = context.new_page()
    page.set_default_timeout(1000 * patience(30))
    reader = Reader(page, site.folder)
    page.on("request", lambda sent: reader.foreign.append(sent.url) if sent.url.startswith("http") else None)
    page.on("pageerror", lambda error: reader.errors.append(str(error)))
    page.on("console", lambda line: reader.errors.append(line.text) if line.type == "error" else None)
    yield reader
    context.close()
    assert reader.foreign == []
    assert reader.errors == []
