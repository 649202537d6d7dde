"""`nasedu doctor`: what it finds on machines that are made up for the purpose."""

import builtins
import json
from importlib import metadata

import psutil
import pytest

from nasedu.classroom.grading import fence
from nasedu.cli import doctor_checks
from nasedu.core import machine
from nasedu.lessons.timings import Timing

ABOUT = {"Python", "PyTorch", "GPU", "threads", "JupyterLab", "widgets", "memory", "lessons", "folder", "grading"}


def test_everything_is_looked_at_and_nothing_is_broken_here(nasedu):
    result = nasedu("doctor", "--json")
    findings = json.loads(result.stdout)
    assert {f["about"] for f in findings} == ABOUT
    assert not [f for f in findings if f["state"] == "problem"]
    assert result.exit_code == 0
    assert all(about in nasedu("doctor").stdout for about in ABOUT)


def test_a_problem_has_exit_code_1_and_a_way_to_mend_it(nasedu, monkeypatch):
    monkeypatch.setattr(
        doctor_checks, "CHECKS", (lambda: doctor_checks.Finding("sun", "problem", "clouds", "wait a little"),)
    )
    result = nasedu("doctor")
    assert result.exit_code == 1
    assert "problem" in result.stdout
    assert "to mend: wait a little" in result.stdout


def test_a_check_that_breaks_is_a_problem_and_not_a_traceback(monkeypatch):
    def check_moon():
        raise RuntimeError("dark\nside")

    monkeypatch.setattr(doctor_checks, "CHECKS", (check_moon,))
    (finding,) = doctor_checks.examine()
    assert (finding.about, finding.state, finding.found) == ("moon", "problem", "RuntimeError: dark")


@pytest.mark.parametrize(
    ("gib", "state"), [(0.5, "problem"), (2.0, "warning"), (2.2, "warning"), (8.0, "ok"), (None, "ok")]
)
def test_memory_of_a_container_counts(monkeypatch, gib, state):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"total": 64 * doctor_checks.GIB}))
    monkeypatch.setattr(doctor_checks, "memory_limit", lambda: gib and int(gib * doctor_checks.GIB))
    finding = doctor_checks.check_memory()
    assert finding.state == state
    assert bool(finding.mend) == (state != "ok")
    assert f"{gib or 64:.1f} GB" in finding.found


def machine_with(monkeypatch, gib, cores=2):
    """A container with so much memory and so many cores, as the files of its cgroup say it."""
    files = {"memory.max": str(int(gib * doctor_checks.GIB)), "cpu.max": f"{int(cores * 100000)} 100000"}
    monkeypatch.setattr(machine, "_cgroup", lambda name: files.get(name, ""))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"total": 64 * doctor_checks.GIB}))
    monkeypatch.setattr(machine.os, "sched_getaffinity", lambda _: set(range(64)), raising=False)


def test_a_machine_as_small_as_binders_is_warned_of_and_every_lesson_fits(monkeypatch):
    machine_with(monkeypatch, doctor_checks.BINDER_MEMORY / doctor_checks.GIB, doctor_checks.BINDER_CORES)
    assert doctor_checks.check_memory().state == "warning"
    assert "as little as Binder gives" in doctor_checks.check_memory().found
    finding = doctor_checks.check_lessons()
    assert finding.state == "ok", finding.found
    assert finding.found.startswith("all ")


def test_lessons_that_do_not_fit_are_named(monkeypatch):
    timings = {"00_first": Timing(60, 50, 600), "09_wide": Timing(60, 50, 1400)}
    monkeypatch.setattr(doctor_checks, "recorded", lambda _: timings)
    machine_with(monkeypatch, 1.2)
    finding = doctor_checks.check_lessons()
    assert finding.state == "warning"
    assert "1 of 2 fit" in finding.found
    assert "not: 09_wide (1400 MB)" in finding.found
    machine_with(monkeypatch, 2, cores=1)
    assert "1 core is few" in doctor_checks.check_lessons().found
    machine_with(monkeypatch, 2)
    assert doctor_checks.check_lessons().state == "ok"


def test_a_course_that_nobody_measured_is_a_warning(monkeypatch):
    monkeypatch.setattr(doctor_checks, "recorded", lambda _: {})
    assert doctor_checks.check_lessons().state == "warning"


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        ({"memory.max": "2147483648"}, 2**31),
        ({"memory.max": "max"}, None),
        ({"memory/memory.limit_in_bytes": "1073741824"}, 2**30),
        ({"memory/memory.limit_in_bytes": "9223372036854771712"}, None),
        ({}, None),
    ],
)
def test_both_versions_of_cgroups_are_read(monkeypatch, files, limit):
    monkeypatch.setattr(machine, "_cgroup", lambda name: files.get(name, ""))
    assert machine.memory_limit() == limit


def test_more_threads_than_cores_are_warned_of(monkeypatch):
    import torch

    monkeypatch.setattr(machine, "_cgroup", lambda name: "50000 100000" if name == "cpu.max" else "")
    assert machine.usable_cores() == 0.5
    monkeypatch.setattr(torch, "get_num_threads", lambda: 8)
    finding = doctor_checks.check_threads()
    assert finding.state == "warning"
    assert finding.mend.endswith("OMP_NUM_THREADS=1")


def test_a_missing_an_old_and_a_broken_package(monkeypatch):
    assert doctor_checks._package("no-such-package", (1, 0), about="x").state == "problem"
    monkeypatch.setattr(metadata, "version", lambda _: "2.5.1+cpu")
    old = doctor_checks._package("torch", (2, 6), about="PyTorch")
    assert (old.state, old.found) == ("problem", "2.5.1+cpu; 2.6 or newer is needed")
    assert "--upgrade" in old.mend

    def broken(*_, **__):
        raise ImportError("libgomp.so.1: cannot open shared object file")

    monkeypatch.setattr(builtins, "__import__", broken)
    finding = doctor_checks._package("torch", (2, 6), about="PyTorch", must_import=True)
    monkeypatch.undo()
    assert finding.state == "problem"
    assert "libgomp" in finding.found


def test_widgets_without_their_extension_or_with_it_disabled(tmp_path, monkeypatch):
    from jupyter_core import paths

    monkeypatch.setattr(paths, "jupyter_path", lambda *parts: [str(tmp_path.joinpath(*parts))])
    monkeypatch.setattr(paths, "jupyter_config_path", lambda: [str(tmp_path)])
    assert "has no extension @jupyter-widgets" in doctor_checks.check_widgets().found
    for number, extension in enumerate(doctor_checks.EXTENSIONS):
        assert (doctor_checks.check_widgets().state, number) == ("problem", number)
        place = tmp_path / "labextensions" / extension
        place.mkdir(parents=True)
        (place / "package.json").write_text("{}")
    assert doctor_checks.check_widgets().state == "ok"
    (tmp_path / "labconfig").mkdir()
    (tmp_path / "labconfig" / "page_config.json").write_text(
        json.dumps({"disabledExtensions": {doctor_checks.WIDGETS: True}})
    )
    finding = doctor_checks.check_widgets()
    assert (finding.state, finding.mend) == ("problem", f"jupyter labextension enable {doctor_checks.WIDGETS}")


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert doctor_checks.check_folder().state == "ok"

    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor_checks.tempfile, "TemporaryFile", refuse)
    finding = doctor_checks.check_folder()
    assert finding.state == "problem"
    assert "Permission denied" in finding.found
    assert "--store" in finding.mend


@pytest.mark.parametrize(
    ("why", "mend"),
    [
        ("bubblewrap is not installed", "apt install bubblewrap"),
        ("this bubblewrap is too old: 0.7 or newer is needed", "conda-forge"),
        ("bwrap: setting up uid map: Permission denied", "user namespaces"),
        ("bubblewrap needs Linux", "grade on Linux"),
        ("", ""),
    ],
)
def test_the_fence_around_a_students_code(monkeypatch, why, mend):
    pytest.importorskip("nbgrader")
    setup = fence.Setup("hook" if why else "bubblewrap", "", program="/usr/bin/bwrap", why_weak=why)
    monkeypatch.setattr(fence, "prepared", lambda: setup)
    finding = doctor_checks.check_grading()
    assert finding.state == ("warning" if why else "ok")
    assert why in finding.found
    assert mend in finding.mend
    monkeypatch.setattr(doctor_checks.importlib.util, "find_spec", lambda name: None)
    assert "only instructors" in doctor_checks.check_grading().found
