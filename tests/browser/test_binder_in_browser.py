"""Binder rehearsed: its start script, its address, its memory. The image itself is built by nobody here."""

import re
from pathlib import Path

import psutil
import pytest

from nasedu.cli.doctor_checks import BINDER_MEMORY
from nasedu.lessons.timings import recorded
from tests.browser.jupyter import NOTEBOOKS, open_notebook, picture, run_all, start_lab

ROOT = NOTEBOOKS.parent
STATUS = Path("/proc/self/status")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not STATUS.exists(), reason="the most memory that a process ever had is read from /proc"),
]


@pytest.fixture(scope="module")
def binder(chromium_path, tmp_path_factory):
    """A JupyterLab as Binder starts it, and its process."""
    lab, server = start_lab(tmp_path_factory.mktemp("binder"), through=[ROOT / "binder" / "start"])
    yield lab, psutil.Process(server.pid)
    server.terminate()
    server.wait(20)


def most_memory(process):
    """The greatest resident memory of a process so far, in bytes."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) * 1024


def test_every_badge_names_a_lesson_that_exists():
    pages = [ROOT / "README.md", *NOTEBOOKS.glob("*.ipynb")]
    for page in pages:
        (opened,) = set(re.findall(r"urlpath=lab/tree/([\w./-]+?ipynb)", page.read_text(encoding="utf-8")))
        assert (ROOT / opened).exists(), opened
        assert page.name in ("README.md", Path(opened).name)


def test_the_widest_lesson_runs_beside_jupyterlab_in_the_memory_of_binder(page, binder):
    lab, server = binder
    timings = recorded(NOTEBOOKS)
    widest = max(timings, key=lambda name: timings[name].megabytes)
    open_notebook(page, lab, f"{widest}.ipynb")
    run_all(page)
    picture(page, "binder")
    (kernel,) = (child for child in server.children() if "ipykernel_launcher" in child.cmdline())
    assert kernel.environ()["OMP_NUM_THREADS"] == "2"
    assert most_memory(server) + most_memory(kernel) < BINDER_MEMORY
    print(f"JupyterLab {most_memory(server) / 1e6:.0f} MB, kernel {most_memory(kernel) / 1e6:.0f} MB")
