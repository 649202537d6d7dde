"""Builds the JupyterLite site."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from nasedu.core import BadValue
from tools.lessons.places import IN_BROWSER, NOTEBOOKS, ROOT, notebook_of, sources
from tools.lite.browser_wheel import build_browser_wheel
from tools.lite.saved_cells import write_copy
from tools.site.packages import Package, fetched

HERE = Path(__file__).parent
VENV = ROOT / "build" / "lite-venv"
VERSION = "314.0.6"
"""Of pyodide: the one that jupyterlite-pyodide-kernel of requirements.txt is made for."""
SHA256 = "d78ac549b28a2a58600cd06f44e017024151775f8c6b2d73fab1475400d38ea2"
FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
ADDRESS = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"
"""Where the packages of pyodide are published: a reader's browser loads numpy and others from there."""
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
SETTINGS = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {"appName": "nasedu", "litePluginSettings": {KERNEL: {"disablePyPIFallback": True}}},
}
"""Everything comes from the lock file, so a package index is never asked."""


def build_lite(out: Path, names: Sequence[str] = IN_BROWSER) -> Iterator[str]:
    """Build the site of these lessons into a folder, which it replaces; yield what there is to say.

    Raises:
        BadValue: no such lesson; the tools are not installed; the runtime or a wheel cannot be had; a tool fails.
    """
    if not (VENV / "bin" / "jupyter-lite").exists():
        raise BadValue(f"{VENV} has no jupyter-lite: run `make lite`, which installs tools/lite/requirements.txt there")
    notebooks = [notebook_of(source) for source in sources(NOTEBOOKS, names)]
    with tempfile.TemporaryDirectory() as folder:
        lite = Path(folder)
        runtime = lite / "static" / "pyodide"
        write_runtime(runtime)
        contents = lite / "lessons"
        contents.mkdir()
        for path in notebooks:
            write_copy(path, contents)
        shutil.copy(NOTEBOOKS / "GLOSSARY.md", contents)
        (lite / "jupyter-lite.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
        shutil.rmtree(out, ignore_errors=True)
        _run(
            "jupyter-lite",
            "build",
            "--lite-dir",
            lite,
            "--contents",
            contents,
            "--output-dir",
            out,
            "--no-sourcemaps",
            cwd=lite,
        )
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    yield f"{out}: {len(notebooks)} lessons, {size / 1e6:.0f} MB"


def write_runtime(folder: Path) -> Path:
    """Write pyodide's runtime, our wheels and the lock file of all packages into a folder; return the lock file."""
    folder.mkdir(parents=True)
    for name in FILES:
        shutil.copy(fetched(Package("pyodide", VERSION, SHA256, f"package/{name}")), folder)
    options = ("--quiet", "--no-deps", "--only-binary", ":all:", "--platform", "any", "--python-version", "3.14")
    _run("python", "-m", "pip", "download", *options, "--dest", folder, "--requirement", HERE / "browser.txt")
    build_browser_wheel(folder)
    lock = folder / "pyodide-lock.json"
    _run("python", "-P", HERE / "add_to_lock.py", lock, ADDRESS, *sorted(folder.glob("*.whl")))
    return lock


def _run(tool: str, *arguments: object, cwd: Path = ROOT) -> None:
    command = [str(VENV / "bin" / tool), *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise BadValue(f"{' '.join(command[:3])} failed: {(done.stderr or done.stdout).strip()[-2000:]}")
