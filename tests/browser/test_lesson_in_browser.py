"""Lesson 00 as a student meets it: a real JupyterLab, a real browser, real clicks."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SCREENSHOTS = Path(__file__).parent / "screenshots"
LESSON = "00_a_search_in_ten_minutes.ipynb"
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
MINUTE = 60_000

pytestmark = pytest.mark.browser


@pytest.fixture
def lab(tmp_path):
    """The address of a JupyterLab on a copy of the notebooks; every cell is in the page, seen or not."""
    copy = shutil.copytree(NOTEBOOKS, tmp_path / "notebooks")
    settings = {
        "notebook-extension/tracker": {"windowingMode": "none"},
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    }
    for name, values in settings.items():
        file = tmp_path / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(values))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={copy}"]
    command += ["--LabApp.expose_app_in_browser=True"]
    command += ["--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate"]
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    own = {"JUPYTERLAB_SETTINGS_DIR": tmp_path / "settings", "JUPYTERLAB_WORKSPACES_DIR": tmp_path / "workspaces"}
    own |= {"JUPYTER_RUNTIME_DIR": tmp_path / "runtime", "JUPYTER_CONFIG_DIR": tmp_path / "config"}
    own |= {"JUPYTER_DATA_DIR": tmp_path / "data", "IPYTHONDIR": tmp_path / "ipython"}
    environment = os.environ | {name: str(path) for name, path in own.items()}
    with (tmp_path / "lab.log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_for(f"http://127.0.0.1:{port}/api/status?token={token}", server, tmp_path / "lab.log")
            yield f"http://127.0.0.1:{port}/lab/tree/{LESSON}?token={token}"
        finally:
            server.terminate()
            server.wait(20)


def wait_for(address, server, log):
    for _ in range(300):
        assert server.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start: {log.read_text()}")


@pytest.fixture
def page(lab):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("no Chromium on the path: install it to see the lessons in a browser")
    sync_api = pytest.importorskip("playwright.sync_api")
    SCREENSHOTS.mkdir(exist_ok=True)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu", *QUIET])
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(2 * MINUTE)
        page.goto(lab)
        page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        yield page
        browser.close()


def picture(page, name, target=None):
    if target is not None:
        target.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def trials_done(page):
    """How many trials the widget says there are."""
    return int(page.locator(".jp-OutputArea .widget-html svg[role=img]").first.get_attribute("aria-label").split()[0])


def test_a_student_runs_the_lesson_and_its_widget(page):
    page.get_by_role("heading", name="A search in ten minutes").wait_for()
    picture(page, "opened")
    saved = page.locator(".jp-OutputArea img[alt*='of 24 trials']")
    assert saved.count() == 1, "before anything runs, the saved notebook shows the widget's picture"

    # Run All Cells, as in the menu; the promise is kept when the last cell is done.
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status == 'idle'"
    )
    page.set_default_timeout(5 * MINUTE)
    assert page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')") is not False
    errors = page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']")
    assert errors.count() == 0, errors.first.inner_text()
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    unfinished = page.locator(".jp-CodeCell .jp-InputPrompt", has_text="[*]")
    assert unfinished.count() == 0
    figures = page.locator(".jp-RenderedImage img")
    assert figures.count() >= 7
    picture(page, "last_figure", figures.last)
    assert figures.last.is_visible()

    page.set_default_timeout(MINUTE)
    go, stop = (page.locator("button.widget-button", has_text=text) for text in ("Go on", "Stop"))
    picture(page, "widget", page.locator(".jp-OutputArea .widget-html svg[role=img]").first)
    assert trials_done(page) == 4
    assert go.get_attribute("title").startswith("Run trials")
    assert stop.is_disabled()

    go.click()
    page.wait_for_function("() => !!document.querySelector('svg[aria-label^=\"6 of 24\"]')")
    picture(page, "running")
    stop.click()
    page.get_by_text("Go on continues where it stopped.").wait_for()
    stopped_at = trials_done(page)
    assert 6 <= stopped_at < 24
    page.wait_for_timeout(3000)
    assert trials_done(page) == stopped_at, "Stop holds"
    picture(page, "stopped")

    go.focus()
    page.keyboard.press("Enter")  # by keyboard, too
    page.get_by_text("Done: all 24 trials have run.").wait_for()
    assert trials_done(page) == 24
    assert go.is_disabled()
    picture(page, "done")

    page.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    page.wait_for_selector("body[data-jp-theme-light='false']", state="attached")
    picture(page, "dark")
