"""One JupyterLab for all browser tests, and a fresh page for each; without Chromium they are skipped."""

import shutil

import pytest

from tests.browser.jupyter import MINUTE, QUIET, open_notebook, start_lab


@pytest.fixture(scope="session")
def chromium_path():
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip("no Chromium on the path: install it to see the lessons in a browser")
    return found


@pytest.fixture(scope="module")
def chromium(chromium_path):
    """For one file of tests only: while it is open, an event loop runs that would be in the way of other tests."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu", *QUIET]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(chromium_path, tmp_path_factory):
    """A JupyterLab on a copy of the lessons (see `tests.browser.jupyter.Lab`)."""
    lab, server = start_lab(tmp_path_factory.mktemp("lab"))
    yield lab
    server.terminate()
    server.wait(20)


@pytest.fixture
def page(chromium):
    """A fresh page of 1280 by 1000."""
    page = chromium.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(MINUTE)
    yield page
    page.close()


@pytest.fixture
def notebook(page, lab):
    """Opens notebooks in the page; their kernels are stopped when the test is over."""
    yield lambda name: open_notebook(page, lab, name)
    lab.stop_kernels()
