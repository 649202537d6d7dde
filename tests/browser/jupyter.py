"""Help for tests that drive a real JupyterLab in a real browser: `from tests.browser.jupyter import open_notebook`."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import warnings
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from nbformat.sign import NotebookNotary

from tests.patience import patience
from tools.lessons.building import WIDGET_VIEW

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SCREENSHOTS = os.environ.get("NASEDU_SCREENSHOTS")
"""A folder for pictures of what the tests see; without it none are taken."""
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SIZE = {"width": 1280, "height": 1000}
WAIT = 180
"""Seconds that the browser is waited for; only a broken test takes as long."""
TROUBLE = ".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']"
"""Errors and warnings: JupyterLab shows both as this kind of text."""


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: where it listens, the folder that it shows (with a copy of the lessons), its process."""

    port: int
    token: str
    root: Path
    server: subprocess.Popen

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}/lab?token={self.token}"

    def write(self, name, *cells):
        """Write a notebook of code cells; gives its name, to be opened."""
        content = [
            {"cell_type": "code", "id": f"c{i}", "source": cell, "metadata": {}, "outputs": [], "execution_count": None}
            for i, cell in enumerate(cells)
        ]
        kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
        notebook = {"cells": content, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
        (self.root / name).write_text(json.dumps(notebook))
        return name

    def api(self, path, method="GET"):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/{path}", method=method)
        request.add_header("Authorization", f"token {self.token}")
        with urllib.request.urlopen(request, timeout=patience(30)) as answer:
            return json.loads(answer.read() or b"null")

    def kernels(self):
        """The processes of the kernels that run."""
        children = psutil.Process(self.server.pid).children()
        return [child for child in children if "ipykernel_launcher" in child.cmdline()]

    def stop_kernels(self):
        for kernel in self.api("kernels"):
            self.api(f"kernels/{kernel['id']}", "DELETE")


def start_lab(folder):
    """Start a JupyterLab on a copy of the lessons, with no settings but ours."""
    copy = shutil.copytree(NOTEBOOKS, folder / "notebooks")
    settings = {
        "notebook-extension/tracker": {"windowingMode": "none"},  # every cell is in the page, seen or not
        "docmanager-extension/plugin": {"autosave": False},  # a test says when; the next one finds what was there
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    }
    for name, values in settings.items():
        file = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
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
    own = {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces"}
    own |= {"JUPYTER_RUNTIME_DIR": "runtime", "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data"}
    own |= {"IPYTHONDIR": "ipython"}
    environment = os.environ | {name: str(folder / path) for name, path in own.items()}
    with (folder / "lab.log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    lab = Lab(port, token, copy, server)
    try:
        _wait_for(lab, folder / "lab.log")
    except BaseException:
        server.terminate()
        raise
    return lab


def _wait_for(lab, log):
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        assert lab.server.poll() is None, log.read_text()
        try:
            lab.api("status")
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start: {log.read_text()}")


def open_notebook(page, lab, name):
    """Open a notebook alone in the light theme, and wait until its cells are there and its kernel is idle."""
    page.set_viewport_size(SIZE)
    _open(page, lab, name)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status == 'idle'"
    )
    theme(page, "JupyterLab Light")


def _open(page, lab, name):
    """Close all notebooks without saving them, stop their kernels, and open another one."""
    page.evaluate(
        """() => {
            for (const widget of [...window.jupyterapp.shell.widgets("main")]) if (widget.context) widget.dispose();
        }"""
    )
    lab.stop_kernels()
    page.evaluate("(path) => void window.jupyterapp.commands.execute('docmanager:open', { path })", name)


def run_all(page, errors=0):
    """Run All Cells, as in the menu; comes back when the last cell is done, and wants this many errors and warnings."""
    page.evaluate(
        """() => {
            const ran = window.jupyterapp.commands.execute("notebook:run-all-cells");
            window.done = undefined;
            ran.then((well) => { window.done = well !== false }, () => { window.done = false });
        }"""
    )
    # Asked once a second: by default the page is asked, and drawn, sixty times.
    page.wait_for_function("() => window.done !== undefined", timeout=1000 * patience(600), polling=1000)
    found = page.locator(TROUBLE)
    assert found.count() == errors, found.all_inner_texts()
    assert errors or page.evaluate("() => window.done")
    assert errors or page.locator(".jp-CodeCell .jp-InputPrompt", has_text="[*]").count() == 0


def add_and_run(page, code):
    """Append a cell, run it, and give the text of its output."""
    page.evaluate(
        """async (code) => {
            const app = window.jupyterapp, panel = app.shell.currentWidget, notebook = panel.content;
            const run = (name) => app.commands.execute("notebook:" + name);
            notebook.activeCellIndex = notebook.widgets.length - 1;
            await run("insert-cell-below");
            notebook.activeCell.model.sharedModel.setSource(code);
            await run("run-cell");
        }""",
        code,
    )
    return page.locator(".jp-CodeCell").last.locator(".jp-OutputArea").inner_text()


def only_the_first_cell(page, name):
    """Take all cells but the first away, and show it as it is when opened; whether this notebook is on show at all."""
    page.set_viewport_size(SIZE)
    theme(page, "JupyterLab Light")
    return page.evaluate(
        """(name) => {
            const panel = window.jupyterapp.shell.currentWidget;
            if (panel?.context?.path != name) return false;
            const cells = panel.content.model.sharedModel;
            cells.deleteCellRange(1, cells.cells.length);
            return true;
        }""",
        name,
    )


def theme(page, name):
    """Switch to "JupyterLab Light" or "JupyterLab Dark"."""
    page.evaluate("(theme) => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", name)
    light = str(name.endswith("Light")).lower()
    page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")


def save(page, lab, notebook):
    """Save the notebook on show; gives its file. The command is over when it is written."""
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    return lab.root / notebook


def saved_without_a_kernel(page, lab, folder, notebook, views=True):
    """Save the notebook on show, and write it anew, trusted, as one whose kernel is not on this machine.

    Without `views` the widgets themselves are taken out, and only their pictures stay: so lessons are shipped.
    Gives its name, and the page that nbconvert makes of it in `folder`.
    """
    content = json.loads(save(page, lab, notebook).read_text())
    for cell in content["cells"]:
        cell["outputs"] = [one for one in cell["outputs"] if views or WIDGET_VIEW not in one.get("data", {})]
    content["metadata"] = {"kernelspec": {"name": "gone", "display_name": "Gone", "language": "gone"}}
    name = f"without_{notebook}"
    (lab.root / name).write_text(json.dumps(content))
    return name, _trusted_as_a_page(lab, lab.root / name, folder)


def _trusted_as_a_page(lab, notebook, folder):
    """What `jupyter trust` and `nbconvert --to html` do, in this process: each would take seconds to start."""
    from nbconvert import HTMLExporter

    notary = NotebookNotary(data_dir=str(lab.root.parent / "data"))
    notary.sign(nbformat.read(notebook, as_version=4))
    notary.store.close()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        page, _ = HTMLExporter().from_filename(str(notebook))
    html = folder / f"{notebook.stem}.html"
    html.write_text(page, encoding="utf-8")
    return html


def open_without_a_kernel(page, lab, name):
    """Open a notebook alone, and answer JupyterLab's question for a kernel with none."""
    _open(page, lab, name)
    page.locator(".jp-Dialog select").select_option(label="No Kernel")
    page.locator(".jp-Dialog button.jp-mod-accept").click()
    page.locator(".jp-Dialog").wait_for(state="detached")


def picture(page, name, target=None):
    """Scroll to `target` if one is given, and keep a screenshot if they are wanted."""
    if target is not None:
        target.scroll_into_view_if_needed()
    if SCREENSHOTS:
        page.wait_for_timeout(300)
        page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")
