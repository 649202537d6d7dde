"""Runs lessons of a built JupyterLite site in Chromium: the real thing, which needs the network or the wheels.

By hand, because pyodide's packages come from a public host. Where that host is not reached, put its wheels into a
folder; a wheel of the package index with the same version does, too.
"""

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from nasedu.core import BadValue

BROWSER = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
RUN_ALL = """async () => {
  const app = window.jupyterapp;
  await app.commands.execute("notebook:run-all-cells");
  return app.shell.currentWidget.content.model.toJSON();
}"""


def try_lessons(site: Path, names: Sequence[str], wheels: Path | None = None) -> Iterator[str]:
    """Run all cells of these lessons, each in a new page; yield for each how many passed, and the errors.

    Args:
        site: what `make lite` has built.
        names: of the notebooks in it, by how they begin.
        wheels: a folder with wheels that Chromium gets instead of those on the public host.

    Raises:
        BadValue: the site is not built, or has no such lesson; the folder has no wheel.
    """
    from playwright.sync_api import sync_playwright

    found = [path for name in names for path in sorted(site.glob(f"files/{name}*.ipynb"))]
    if len(found) < len(names) or not names:
        raise BadValue(f"{site} lacks one of the lessons {', '.join(names)}: run `make lite` first")
    if wheels and not any(wheels.glob("*.whl")):
        raise BadValue(f"{wheels} has no wheels: give the folder in which they lie, or none to use the public host")
    with served(site) as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_chromium(), args=list(BROWSER))
        for lesson in found:
            context = chromium.new_context(service_workers="allow")
            page = context.new_page()
            context.route(lambda url: not url.startswith(address), partial(_answer, wheels))
            context.route("**/jupyter-lite.json*", _with_app)
            context.route("**/pyodide-lock.json", partial(_with_hashes, wheels))
            page.goto(f"{address}/lab/index.html?path={lesson.name}")
            page.wait_for_function(
                "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel", timeout=60_000
            )
            yield told(lesson.name, page.evaluate(RUN_ALL))
            context.close()


def told(name: str, notebook: Any) -> str:
    """Return how many code cells of a notebook passed, and what is wrong with the others."""
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    lines = [
        f"  cell {place}: {output['evalue'].splitlines()[0]}"
        for place, cell in enumerate(cells, 1)
        for output in cell["outputs"]
        if output["output_type"] == "error"
    ]
    waiting = sum(cell["execution_count"] is None and bool("".join(cell["source"]).strip()) for cell in cells)
    passed = len(cells) - len(lines) - waiting
    if waiting:
        lines.append(f"  {waiting} after it did not run")
    return "\n".join([f"{name[:2]}: {passed} of {len(cells)}", *lines])


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine, and yield its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def _answer(wheels: Path | None, route: Any) -> None:
    """Answer a request to another host: with a wheel from the folder if there is one."""
    file = wheels / route.request.url.rsplit("/", 1)[1] if wheels else None
    if file and file.is_file():
        route.fulfill(body=file.read_bytes(), headers={"Access-Control-Allow-Origin": "*"})
    elif wheels:
        route.abort()
    else:
        route.continue_()


def _with_app(route: Any) -> None:
    """Let the page reach JupyterLab's commands."""
    response = route.fetch()
    settings = response.json()
    settings.setdefault("jupyter-config-data", {})["exposeAppInBrowser"] = True
    route.fulfill(response=response, json=settings)


def _with_hashes(wheels: Path | None, route: Any) -> None:
    """Give the lock file the hashes of the wheels in the folder: those of a package index may differ."""
    response = route.fetch()
    lock = response.json()
    for package in lock["packages"].values():
        file = wheels / package["file_name"].rsplit("/", 1)[-1] if wheels else None
        if file and file.is_file():
            package["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    route.fulfill(response=response, body=json.dumps(lock))


def _chromium() -> str | None:
    """Return Debian's Chromium if it is there; None for Playwright's own."""
    path = Path("/usr/bin/chromium")
    return str(path) if path.exists() else None
