"""One JupyterLab, one browser and one page for all browser tests; without Chromium they are skipped."""

import os

import pytest

from tests.browser.jupyter import CHROMIUM, QUIET, SIZE, WAIT, open_notebook, start_lab


@pytest.fixture(scope="session")
def chromium_path():
    if not CHROMIUM:
        missing = pytest.fail if os.environ.get("NASEDU_REQUIRE_BROWSER") else pytest.skip
        missing("no Chromium on the path: install it to see the lessons in a browser")
    return CHROMIUM


@pytest.fixture(scope="package")
def chromium(chromium_path):
    """For this folder of tests only: while it is open, an event loop runs that would be in the way of other tests."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu", *QUIET]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def lab(chromium_path, tmp_path_factory):
    """A JupyterLab on a copy of the lessons (see `tests.browser.jupyter.Lab`)."""
    lab = start_lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.server.terminate()
    lab.server.wait(WAIT)


@pytest.fixture(scope="package")
def page(chromium, lab):
    """JupyterLab in the browser: to load it takes longer than most tests, so that it is loaded once."""
    page = chromium.new_page(viewport=SIZE)
    page.set_default_timeout(1000 * WAIT)
    page.goto(lab.address)
    page.wait_for_function("() => window.jupyterapp?.shell.isEmpty('main') === false")
    yield page
    page.close()


@pytest.fixture
def notebook(page, lab):
    """Opens a notebook in JupyterLab."""
    return lambda name: open_notebook(page, lab, name)


@pytest.fixture
def outside(chromium):
    """A page of its own, which reaches no server."""
    page = chromium.new_page(viewport=SIZE)
    page.set_default_timeout(1000 * WAIT)
    page.route("**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort())
    yield page
    page.close()
