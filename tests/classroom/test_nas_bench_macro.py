"""NAS-Bench-Macro for lessons: read from next to the course, and said in one line where it is absent."""

import pytest

from nasedu.classroom import nas_bench_macro as module

ROWS = "code,test_acc_1,test_acc_2,test_acc_3\n22212220,93.0,93.1,93.2\n00000000,80.0,80.0,80.3\n"


def test_it_is_read_from_next_to_the_course(tmp_path, monkeypatch):
    folder = tmp_path / "shared" / "data"
    folder.mkdir(parents=True)
    (folder / module.FILE).write_text(ROWS, encoding="utf-8")
    course = tmp_path / "course" / "notebooks"
    course.mkdir(parents=True)
    monkeypatch.chdir(course)
    table = module.nas_bench_macro()
    assert table is not None
    assert len(table) == 2
    assert table.best().score == pytest.approx(93.1)
    assert table.best().architecture == table.space.from_code("22212220")


def test_its_absence_is_said_in_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "FILE", "absent.csv")
    assert module.nas_bench_macro() is None
    (line,) = capsys.readouterr().out.splitlines()
    assert "NAS-Bench-Macro" in line
    assert "shared/data/absent.csv" in line
