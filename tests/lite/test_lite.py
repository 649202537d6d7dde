"""What a browser gets: a wheel without grading, a lock file that names it, and no other foreign address."""

import json
import re
import subprocess
import sys
import zipfile
from hashlib import sha256

import nbformat
import pytest

from nasedu.core import BadValue
from tools.lessons.places import IN_BROWSER, NOTEBOOKS, ROOT, notebook_of, sources
from tools.lite.browser_wheel import LEFT_OUT, REQUIRED_BY_THESE, build_browser_wheel
from tools.lite.building import ADDRESS, VENV, build_lite
from tools.lite.saved_cells import SAID, with_saved_cells, write_copy
from tools.lite.trying import told, try_lessons


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("hatchling")
    return zipfile.ZipFile(build_browser_wheel(tmp_path_factory.mktemp("wheel")))


def test_the_wheel_has_the_lessons_exercises_and_neither_grading_nor_notebooks(wheel):
    names = wheel.namelist()
    assert not [name for name in names if "/classroom/grading/" in name or name.endswith(".ipynb")]
    for number in IN_BROWSER:
        assert f"nasedu/classroom/lessons/lesson_{number}/exercises.py" in names
    assert "nasedu/tables/atlas.npz" in names
    assert all((ROOT / folder).is_dir() for folder in LEFT_OUT if "notebooks" not in folder), "a folder was renamed"


def test_the_wheel_records_its_files_and_requires_what_they_import(wheel):
    (record,) = (name for name in wheel.namelist() if name.endswith("/RECORD"))
    listed = [line.split(",")[0] for line in wheel.read(record).decode().splitlines()]
    assert sorted(listed) == sorted(wheel.namelist())
    metadata = wheel.read(record.replace("RECORD", "METADATA")).decode()
    required = re.findall(r"^Requires-Dist: ([\w-]+)(?!.*extra ==)", metadata, re.M)
    assert "numpy" in required
    assert not set(required) & set(REQUIRED_BY_THESE)


def test_what_a_browser_lacks_fails_a_cell_and_the_others_run(tmp_path):
    cells = ["import sys", "assert sys.platform == 'emscripten'", "import torch", "import scipy.stats", "1 / 0"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(notebook, tmp_path / "99_cells.ipynb")
    command = [sys.executable, "-P", str(ROOT / "tools" / "lite" / "cells.py"), str(tmp_path / "99_cells.ipynb")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        "99: 3 of 5",
        "  cell 3: ModuleNotFoundError(\"No module named 'torch'\")",
        "  cell 5: ZeroDivisionError('division by zero')",
    ]
    assert done.returncode == 1


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A JupyterLite site of one lesson; skipped where its tools are not installed, or a package cannot be had."""
    if not VENV.is_dir():
        pytest.skip("build/lite-venv is not there: `make lite` sets it up")
    out = tmp_path_factory.mktemp("site") / "lite"
    try:
        list(build_lite(out, IN_BROWSER[:1]))
    except BadValue as error:
        if "fetched" in str(error) or "pip download" in str(error):
            pytest.skip(str(error))
        raise
    return out


def test_the_lock_names_our_wheel_and_all_that_it_needs(site):
    runtime = site / "static" / "pyodide"
    packages = json.loads((runtime / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    assert packages["nasedu"]["imports"] == ["nasedu"]
    to_load, loaded = ["nasedu"], set()
    while to_load:
        name = to_load.pop()
        loaded.add(name)
        depends = {one.lower().replace("_", "-") for one in packages[name]["depends"]}  # as pyodide compares names
        to_load += depends - loaded
    assert {"numpy", "scikit-learn", "ipywidgets", "psygnal", "comm"} <= loaded
    assert not {"torch", "jupyterlab", "psutil", "typer"} & loaded
    here = {name for name, package in packages.items() if not package["file_name"].startswith(ADDRESS)}
    assert here == {"nasedu", "ipywidgets", "anywidget", "psygnal", "comm"}
    for name in here:
        assert sha256((runtime / packages[name]["file_name"]).read_bytes()).hexdigest() == packages[name]["sha256"]


def test_the_site_asks_no_other_host(site):
    """The pages and settings of the site; scripts of JupyterLab and pyodide also have links for people in them."""
    for page in site.rglob("*.html"):
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page.read_text(encoding="utf-8")), page
    for settings in site.rglob("jupyter-lite.json"):
        plugins = json.loads(settings.read_text(encoding="utf-8"))["jupyter-config-data"].get("litePluginSettings", {})
        assert "//" not in json.dumps(plugins), settings
    settings = json.loads((site / "jupyter-lite.json").read_text(encoding="utf-8"))["jupyter-config-data"]
    (kernel,) = settings["litePluginSettings"].values()
    assert kernel["disablePyPIFallback"] is True
    assert kernel["pyodideUrl"] == "./static/pyodide/pyodide.mjs"
    assert [file.name[:2] for file in (site / "files").glob("*.ipynb")] == [IN_BROWSER[0]]


def marked(source, *outputs, tags=("torch",)):
    return nbformat.v4.new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


FIGURE = {"text/html": '<img class="nasedu-a1" alt="two lines" width="9" src="data:image/png;base64,QUJD">'}


def test_a_cell_that_needs_torch_is_text_with_its_lines_and_what_it_showed():
    said = nbformat.v4.new_output("stream", text="0.9\n")
    shown = nbformat.v4.new_output("display_data", FIGURE)
    cells = [nbformat.v4.new_code_cell("a = 1"), marked("import torch", said), marked("draw(torch)", shown)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    copy = with_saved_cells(notebook)
    nbformat.validate(copy)
    assert [cell.cell_type for cell in copy.cells] == ["code", "markdown", "markdown"]
    assert copy.cells[1].source == f"{SAID}\n\n```python\nimport torch\n```\n\n```text\n0.9\n```"
    assert copy.cells[2].source == "```python\ndraw(torch)\n```\n\n![two lines](attachment:figure-0.png)"
    assert copy.cells[2].attachments == {"figure-0.png": {"image/png": "QUJD"}}
    assert notebook.cells[1].cell_type == "code", "the notebook itself is as it was"


def test_a_copy_keeps_lines_together_as_the_page_shows_them(tmp_path):
    notebook = notebook_of(sources(NOTEBOOKS, ["15"])[0])
    cells = json.loads(write_copy(notebook, tmp_path).read_text(encoding="utf-8"))["cells"]
    printed = [output["text"] for cell in cells for output in cell.get("outputs", ()) if "text" in output]
    assert printed
    assert all(isinstance(text, str) for text in printed)


def test_what_text_cannot_hold_is_refused():
    widget = nbformat.v4.new_output("display_data", {"text/html": "<div>a widget</div>"})
    with pytest.raises(BadValue, match=r"a cell with the tag 'torch' shows text/html, and a browser's copy can hold"):
        with_saved_cells(nbformat.v4.new_notebook(cells=[marked("show()", widget)]))


@pytest.mark.parametrize("source", sources(NOTEBOOKS), ids=lambda source: source.stem[:2])
def test_only_lessons_for_a_browser_mark_cells_and_they_import_torch_in_no_other(source):
    cells = nbformat.read(notebook_of(source), as_version=4).cells
    running = [
        cell.source for cell in with_saved_cells({"cells": cells, "metadata": {}}).cells if cell.cell_type == "code"
    ]
    assert source.stem.startswith(IN_BROWSER) or len(running) == sum(cell.cell_type == "code" for cell in cells)
    if source.stem.startswith(IN_BROWSER):
        assert not [cell for cell in running if re.search(r"^\s*(?:import|from) torch\b", cell, re.M)]


def test_what_a_lesson_did_in_chromium_is_told():
    error = nbformat.v4.new_output("error", ename="E", evalue="No module named 'numpy'\nhelp", traceback=[])
    cells = [
        nbformat.v4.new_code_cell("a", execution_count=1),
        nbformat.v4.new_code_cell("import numpy", execution_count=2, outputs=[error]),
        nbformat.v4.new_code_cell("b"),
        nbformat.v4.new_markdown_cell("text"),
    ]
    told_so = told("04_x.ipynb", nbformat.v4.new_notebook(cells=cells))
    assert told_so.splitlines() == ["04: 1 of 3", "  cell 2: No module named 'numpy'", "  1 after it did not run"]


def test_lessons_that_were_not_built_cannot_be_tried(tmp_path):
    with pytest.raises(BadValue, match=r"lacks one of the lessons 04: run `make lite` first"):
        list(try_lessons(tmp_path, ["04"]))
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "04_a.ipynb").touch()
    with pytest.raises(BadValue, match=r"nowhere has no wheels: give the folder in which they lie"):
        list(try_lessons(tmp_path, ["04"], tmp_path / "nowhere"))
