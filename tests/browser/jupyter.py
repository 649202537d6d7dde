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
from dataclasses import dataclass
from pathlib import Path

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SCREENSHOTS = Path(__file__).parent / "screenshots"
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
MINUTE = 60_000
ERRORS = ".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']"
WARNINGS = ".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']"


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: where it listens, and the folder that it shows (a copy of the lessons is in it)."""

    port: int
    token: str
    root: Path

    def address(self, notebook):
        """A workspace of its own for each look, so that nothing is restored from an earlier one."""
        return f"http://127.0.0.1:{self.port}/lab/workspaces/w{secrets.token_hex(4)}/tree/{notebook}?token={self.token}"

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
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")

    def stop_kernels(self):
        for kernel in self.api("kernels"):
            self.api(f"kernels/{kernel['id']}", "DELETE")


def start_lab(folder, through=()):
    """Start a JupyterLab on a copy of the lessons, with no settings but ours; gives the `Lab` and its process.

    `through` is a command that starts it: what it does to the environment counts.
    """
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
    lab = Lab(port, secrets.token_hex(16), copy)
    command = [*map(str, through), sys.executable, "-m", "jupyterlab"]
    command += ["--no-browser", "--ip=127.0.0.1", f"--port={port}"]
    command += [f"--IdentityProvider.token={lab.token}", f"--ServerApp.root_dir={copy}"]
    command += ["--LabApp.expose_app_in_browser=True"]
    command += ["--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate"]
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    own = {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces"}
    own |= {"JUPYTER_RUNTIME_DIR": "runtime", "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data"}
    own |= {"IPYTHONDIR": "ipython"}
    environment = os.environ | {name: str(folder / path) for name, path in own.items()}
    with (folder / "lab.log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_for(lab, server, folder / "lab.log")
    except BaseException:
        server.terminate()
        raise
    return lab, server


def _wait_for(lab, server, log):
    for _ in range(300):
        assert server.poll() is None, log.read_text()
        try:
            lab.api("status")
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start: {log.read_text()}")


def open_notebook(page, lab, notebook):
    """Open a notebook in the light theme, and wait until its cells are there and its kernel is idle."""
    page.goto(lab.address(notebook))
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status == 'idle'"
    )
    theme(page, "JupyterLab Light")


def run_all(page, errors=0):
    """Run All Cells, as in the menu; comes back when the last cell is done, and wants this many errors."""
    page.set_default_timeout(5 * MINUTE)
    done = page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.set_default_timeout(MINUTE)
    found = page.locator(ERRORS)
    assert found.count() == errors, found.all_inner_texts()
    assert errors or done is not False
    assert page.locator(WARNINGS).count() == 0, page.locator(WARNINGS).all_inner_texts()
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


def theme(page, name):
    """Switch to "JupyterLab Light" or "JupyterLab Dark"."""
    page.evaluate("(theme) => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", name)
    light = str(name.endswith("Light")).lower()
    page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")


def save(page, lab, notebook):
    """Save the notebook on show; gives its file. The command is over when it is written."""
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    return lab.root / notebook


def saved_without_a_kernel(page, lab, folder, notebook):
    """Save the notebook on show, and write it anew, trusted, as one whose kernel is not on this machine.

    Gives its name, and the page that nbconvert makes of it in `folder`.
    """
    content = json.loads(save(page, lab, notebook).read_text())
    content["metadata"] = {"kernelspec": {"name": "gone", "display_name": "Gone", "language": "gone"}}
    name = f"without_{notebook}"
    (lab.root / name).write_text(json.dumps(content))
    own = os.environ | {"JUPYTER_DATA_DIR": str(lab.root.parent / "data")}
    subprocess.run([sys.executable, "-m", "jupyter", "trust", str(lab.root / name)], env=own, check=True)
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--log-level=ERROR", f"--output-dir={folder}"]
    subprocess.run([*command, str(lab.root / name)], check=True, timeout=120)
    return name, folder / name.replace(".ipynb", ".html")


def open_without_a_kernel(page, lab, name):
    """Open a notebook, and answer JupyterLab's question for a kernel with none."""
    page.goto(lab.address(name))
    page.locator(".jp-Dialog select").select_option(label="No Kernel")
    page.locator(".jp-Dialog button.jp-mod-accept").click()
    page.locator(".jp-Dialog").wait_for(state="detached")


def picture(page, name, target=None):
    """Keep a screenshot, of what is around `target` if one is given."""
    SCREENSHOTS.mkdir(exist_ok=True)
    if target is not None:
        target.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")
