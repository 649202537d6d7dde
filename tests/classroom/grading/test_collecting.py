"""What a platform lets an instructor download is collected safely, and whose it is, is never a student's choice."""

import io
import json
import stat
import zipfile
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from typer.testing import CliRunner

from nasedu.classroom.grading import archives
from nasedu.classroom.grading.archives import safe_name
from nasedu.classroom.grading.collecting import collect
from nasedu.classroom.grading.course import MARK
from nasedu.classroom.grading.folders import prepare
from nasedu.classroom.grading.notebook_names import choose_notebooks
from nasedu.classroom.grading.origin import problem_of, read_origin
from nasedu.classroom.grading.roster import read_roster
from nasedu.cli import app
from nasedu.core import BadValue

ENDING = "_assignsubmission_file_"


@pytest.fixture
def course(tmp_path):
    """A course with one assignment, as far as collection looks at it."""
    course = tmp_path / "course"
    source = course / "source/lesson_00/00.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text("{}")
    (course / "nbgrader_config.py").write_text(MARK)
    return course


@pytest.fixture
def collected(course, tmp_path):
    """Collect an archive with these files, and return the summary and what is there, by student."""

    def collected(files, name="class.zip", **options):
        path = tmp_path / name
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            for at, content in files.items() if isinstance(files, dict) else files:
                archive.writestr(at, content)
        made = collect(course, path, **options)
        return made, {
            place.parent.parent.name: place.read_text()
            for place in course.glob("submitted/*/lesson_00/00.ipynb")
            if not problem_of(place)
        }

    return collected


def zipped(*files, **changes):
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in files:
            info = name if isinstance(name, ZipInfo) else ZipInfo(name)
            for key, value in changes.items():
                setattr(info, key, value)
            info.compress_type = ZIP_DEFLATED
            archive.writestr(info, content)
    return file.getvalue()


# ---------------------------------------------------------------------- whose it is


@pytest.mark.parametrize("ending", ["_assignsubmission_file_", "_assignsubmission_file"])
def test_the_first_folder_of_moodles_archive_decides(ending, collected):
    made, there = collected(
        {
            f"Ann Smith_1234{ending}/00.ipynb": "ann",
            f"Eve_7{ending}/Bob Lee_9{ending}/00.ipynb": "eve",
            f"Eve_7{ending}/x/Bob Lee_9{ending}00.ipynb": "eve again",
            f"Mal_8{ending}/Bob Lee_9_assignsubmission_file_00.ipynb": "mal",
            f"Bob Lee_9_assignsubmission_file__66{ending}/00.ipynb": "dave, who calls himself Bob Lee_9...",
        }
    )
    assert made.platform == "moodle"
    assert there.pop("Bob Lee_9_assignsubmission_file_").startswith("dave")
    assert there == {"Ann Smith": "ann", "Eve": "eve", "Mal": "mal"}


def test_without_folders_the_first_name_decides_and_what_looks_odd_is_said(collected):
    made, there = collected({f"Ann_1{ENDING}00.ipynb": "ann", f"Eve_7{ENDING}Bob Lee_9{ENDING}00.ipynb": "eve"})
    assert there == {"Ann": "ann", "Eve": "eve"}
    assert "called like the work of somebody else" in made.notes["Eve"][0]


def test_one_student_is_one_over_all_assignments_by_the_roster(course, collected):
    source = course / "source/lesson_04/04.ipynb"
    source.parent.mkdir()
    source.write_text("{}")
    (course / "students.csv").write_text(
        "id,first_name,last_name,email,lms_user_id\nann1,Ann,Smith,a@x.org,501\nbob2,Bob,Lee,b@x.org,502\n"
        "zoe3,Zoe,Fox,z@x.org,503\nzoe4,Zoe,Fox,y@x.org,504\n"
    )
    made, _ = collected(
        {f"Ann Smith_11{ENDING}/00.ipynb": "1", f"Zoe Fox_5{ENDING}/00.ipynb": "2"}, assignment="lesson_00"
    )
    assert "nobody of this name" in made.notes["Zoe Fox_5"][0]
    assert made.missing == ["bob2", "zoe3", "zoe4"]
    collected({f"ann  SMITH_99{ENDING}/04.ipynb": "3"}, "m.zip", assignment="lesson_04")
    assert sorted(path.name for path in course.glob("submitted/ann1/*")) == ["lesson_00", "lesson_04"]


def test_a_name_that_a_student_chose_is_never_taken_for_an_id(course, collected):
    (course / "students.csv").write_text("id,first_name,last_name\nann1,Ann,Smith\n")
    _, there = collected({f"ann1_7{ENDING}/00.ipynb": "eve calls herself ann1"})
    assert there.keys() == {"ann1_7"}


def test_two_students_of_one_name_are_told_apart_and_it_is_said(collected):
    made, there = collected({f"Ann Smith_1{ENDING}/00.ipynb": "1", f"Ann Smith_2{ENDING}/00.ipynb": "2"})
    assert there == {"Ann Smith_1": "1", "Ann Smith_2": "2"}
    assert "told apart by their numbers" in made.notes["Ann Smith_1"][0]


def test_canvas_calls_files_after_name_lateness_and_numbers(course, collected):
    (course / "students.csv").write_text(
        "id,first_name,last_name,email,lms_user_id\nann1,Ann,Smith,,55\nbob2,Bob,Lee,,\n"
    )
    made, there = collected(
        {
            "smithann_LATE_55_901_00-1.ipynb": "ann",
            "leebob_56_902_00.ipynb": "bob",
            "foxeve_57_903_smithann_55_904_00.ipynb": "eve",
        }
    )
    assert made.platform == "canvas"
    assert there == {"ann1": "ann", "bob2": "bob", "foxeve_57": "eve"}
    assert made.notes["ann1"] == ["Canvas says that it is late"]


def test_gradescope_says_whose_each_folder_is(collected, course):
    about = """
submission_1:
  :submitters:
  - :name: Ann Smith
    :sid: '55'
    :email: a@x.org
  - :name: Bob Lee
    :sid: '56'
  :created_at: 2026-11-02 10:00:00.000000000 Z
submission_2:
  :submitters: nobody
submission_3:
  :submitters: 7
"""
    made, there = collected(
        {
            "assignment_9_export/submission_metadata.yml": about,
            "assignment_9_export/submission_1/00.ipynb": "both",
            "assignment_9_export/submission_2/00.ipynb": "nobody's",
        }
    )
    assert (made.platform, there) == ("gradescope", {"55": "both", "56": "both"})
    assert "does not say whose" in made.lost[0]
    assert read_origin(course / "submitted/55/lesson_00")["time"] == "2026-11-02 10:00:00 UTC"


CLASSES = {
    "moodle": f"{{0}}_1{ENDING}/{{1}}",
    "canvas": "{0}_55{0}_901_{1}",
    "gradescope": "assignment_9_export/submission_1/{1}",
    "folders": "{0}/{1}",
}


@pytest.mark.parametrize("platform", CLASSES)
@pytest.mark.parametrize(
    "name",
    [
        "submission_metadata.yml",
        f"bob_9{ENDING}00.ipynb",
        "bob_55bob_902_00.ipynb",
        "submission_2/00.ipynb",
        f"bob_9{ENDING}/00.ipynb",
        "bob/lesson_00/00.ipynb",
    ],
)
def test_no_file_of_a_student_makes_it_another_platform_or_another_student(platform, name, collected):
    if platform == "canvas":
        name = name.replace("/", "_")
    pattern = CLASSES[platform]
    files = {pattern.format("eve", name): "eve's", pattern.format("eve", "00.ipynb"): "eve"}
    if platform == "gradescope":
        said = "submission_1:\n  :submitters:\n  - :name: eve\n"
        files["assignment_9_export/submission_metadata.yml"] = said
    else:
        files |= {pattern.format(who, "00.ipynb"): who for who in ("ann", "zoe")}
    made, there = collected(files)
    assert made.platform == platform
    assert not [who for who in there if "bob" in who]
    assert sorted(there.values()) == (["eve"] if platform == "gradescope" else ["ann", "eve", "zoe"])


@pytest.mark.parametrize(
    "files",
    [
        {"ann/00.ipynb": "a", "bob/lesson_00/00.ipynb": "b", "bob/lesson_04/00.ipynb": "other"},
        {"submitted/ann/lesson_00/00.ipynb": "a", "submitted/bob/lesson_00/00.ipynb": "b"},
        {"lesson_00/ann/00.ipynb": "a", "lesson_00/bob/00.ipynb": "b"},
    ],
)
def test_plain_folders_have_the_names_of_students(files, collected):
    made, there = collected(files)
    assert (made.platform, there) == ("folders", {"ann": "a", "bob": "b"})


def test_an_unpacked_download_is_collected_like_the_archive(course, tmp_path):
    place = tmp_path / f"unpacked/Ann_1{ENDING}/00.ipynb"
    place.parent.mkdir(parents=True)
    place.write_text("ann")
    place.with_name("00 (1).ipynb").symlink_to(course / "nbgrader_config.py")
    made = collect(course, tmp_path / "unpacked")
    assert made.new == ["Ann"]
    assert made.notes["Ann"] == ["00 (1).ipynb is a symbolic link"]


# ---------------------------------------------------------------------- one student's fault


def bomb():
    return zipped(*((f"{n}.ipynb", b"\0" * 2_000_000) for n in range(4)))


def lying():
    """An archive that gives a false size."""
    data = bytearray(zipped(("00.ipynb", b"{}" * 5000)))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = (7).to_bytes(4, "little")
    return bytes(data)


def encrypted():
    data = bytearray(zipped(("00.ipynb", b"{}")))
    for head, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.index(head) + offset] |= 1
    return bytes(data)


def packed_in_no_way():
    """An archive whose method of packing has settings that do not exist: its reader raises an error of its own."""
    file = io.BytesIO()
    with ZipFile(file, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("00.ipynb", "{}" * 500)
    data = bytearray(file.getvalue())
    data[data.index(b"00.ipynb") + len("00.ipynb") + 4] = 255
    return bytes(data)


def nameless():
    """An archive that holds a file without a name: the one letter of its name belongs to other fields."""
    data = bytearray(zipped(("x", b"{}")))
    for head, name, other in ((b"PK\x01\x02", 28, 32), (b"PK\x03\x04", 26, 28)):
        at = data.index(head)
        data[at + name], data[at + other] = 0, 1
    return bytes(data)


FAULTS = {
    "no zip": (("00.zip", b"no zip"), "no zip archive that can be read"),
    "half a zip": (("00.zip", zipped(("00.ipynb", b"{}" * 99))[:60]), "no zip archive that can be read"),
    "a bomb": (("00.zip", bomb()), "too large"),
    "a large file": (("00.ipynb", b" " * 2_000_000), "too large"),
    "a lying zip": (("00.zip", lying()), "damaged or locked"),
    "a locked zip": (("00.zip", encrypted()), "damaged or locked"),
    "a zip that is packed in no way": (("00.zip", packed_in_no_way()), "damaged or locked"),
    "a zip with a file without a name": (("00.zip", nameless()), None),
    "a zip in a zip": (("00.zip", zipped(("in.zip", zipped(("00.ipynb", b"{}"))))), "not opened"),
    "many files": (("00.zip", zipped(*((f"{n}.ipynb", b"") for n in range(400)))), "400 files"),
    "a path upwards": (("00.zip", zipped(("../../../out/00.ipynb", b"{}"))), "leads out"),
    "an absolute path": (("00.zip", zipped(("/tmp/out.ipynb", b"{}"))), "leads out"),
    "a path of windows": (("00.zip", zipped(("..\\..\\out.ipynb", b"{}"))), "leads out"),
    "a drive": (("00.zip", zipped(("C:/out.ipynb", b"{}"))), "leads out"),
    "a link": (("00.zip", zipped(("00.ipynb", b"/etc/passwd"), external_attr=(stat.S_IFLNK | 0o777) << 16)), "link"),
    "a rar": (("00.rar", b"Rar!"), "not opened"),
    "a pdf": (("essay.pdf", b"%PDF"), "only essay.pdf. Hand in 00.ipynb"),
    "an old lesson": (("01.ipynb", b"{}"), None),
    "two notebooks": (("a.zip", zipped(("a.ipynb", b"{}"), ("b.ipynb", b"[]"))), "a.ipynb and b.ipynb: hand in one"),
    "nothing but rubbish": (("__MACOSX/._00.ipynb", b"x"), None),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_students_fault_is_that_students(fault, collected, course, monkeypatch, tmp_path):
    monkeypatch.setattr(archives, "MOST_BYTES", 1_000_000)
    (name, content), says = FAULTS[fault]
    made, there = collected(
        {f"Ann_1{ENDING}/00.ipynb": "ann", f"Eve_7{ENDING}/{name}": content, f"Zoe_9{ENDING}/00.ipynb": "zoe"}
    )
    assert there["Ann"] == "ann"
    assert there["Zoe"] == "zoe"
    if says:
        assert says in made.problems["Eve"]
        notebook = course / "submitted/Eve/lesson_00/00.ipynb"
        assert notebook.read_bytes() == b""
        assert says in problem_of(notebook), "the report and the feedback say it"
    assert not (tmp_path / "out").exists()
    assert {path.name for path in course.iterdir()} <= {"source", "submitted", "nbgrader_config.py"}


def test_what_is_large_costs_no_more_than_its_budget(monkeypatch):
    monkeypatch.setattr(archives, "MOST_BYTES", 1_000_000)
    monkeypatch.setattr(archives, "MOST_TOGETHER", 3_000_000)
    inner = archives.entries_of_zip(io.BytesIO(zipped(*((f"{n}.x", b"\0" * 20_000_000) for n in range(30)))))
    budget, read = archives.Budget(), []
    opened = ZipFile.open

    def counting(*arguments):
        file = opened(*arguments)
        inside = file.read
        file.read = lambda count: read.append(count) or inside(count)
        return file

    monkeypatch.setattr(zipfile.ZipFile, "open", counting)
    for entry in inner:
        with pytest.raises(archives.Refused, match="too large"):
            budget.read(entry)
    assert len(read) < 10


def test_names_of_files_and_students_stay_in_their_folder(collected, course):
    _, there = collected(
        [
            (f"A[b]*?_1{ENDING}/00.ipynb", "1"),
            (f"..._2{ENDING}/00.ipynb", "2"),
            (f"\u202egpj.exe_3{ENDING}/00.ipynb", "3"),
            (f"{'x' * 300}_4{ENDING}/00.ipynb", "4"),
            (f"Ünal_5{ENDING}/00.ipynb", "5"),
            (f"U\u0308nal_6{ENDING}/00.ipynb", "6"),
            (f"ünal_7{ENDING}/00.ipynb", "7"),
        ]
    )
    assert sorted(there.values()) == list("1234567")
    for who in there:
        assert not set(who) & set("[]*?/\\\0\n\u202e")
        assert len(who.encode()) < 200
        assert not who.startswith(".")
    assert "A(b)+_" in there
    assert {"Ünal_5", "Ünal_6", "ünal_7"} <= there.keys(), "a file system may take them for one"


@pytest.mark.parametrize(
    "name", ["", ".", "..", "...", "/", "\0", "a/b", "-", " ", "con\n", "\ud800", "a" * 999 + ".ipynb"]
)
def test_every_name_is_a_name(name):
    made = safe_name(name)
    assert made
    assert made not in (".", "..")
    assert made.isprintable()
    assert len(made.encode()) <= 120
    assert safe_name("04 (1).ipynb") == "04 (1).ipynb"


def test_names_that_other_programs_wrote_are_read(collected):
    """Without the mark for UTF-8, as many programs write it."""
    data = zipped((f"Celik_5{ENDING}/00.ipynb", b"x")).replace(b"Celik", "Çeli".encode())
    file = ZipFile(io.BytesIO(data))
    assert file.namelist()[0] != f"Çeli_5{ENDING}/00.ipynb"
    found = archives.entries_of_zip(io.BytesIO(data))
    assert found[0].parts[0] == f"Çeli_5{ENDING}"


# ---------------------------------------------------------------------- again


def test_collecting_again_replaces_only_what_has_changed(collected, course):
    first = {f"Ann_1{ENDING}/00.ipynb": "1", f"Bob_2{ENDING}/00.ipynb": "1"}
    made, _ = collected(first)
    assert made.new == ["Ann", "Bob"]
    (course / "autograded/Bob/lesson_00").mkdir(parents=True)
    (course / "submitted/Ann/lesson_00/00.ipynb").write_text("mended by the instructor")
    made, there = collected({**first, f"Bob_2{ENDING}/00.ipynb": "2"})
    assert (made.new, made.changed, made.unchanged, made.graded) == ([], ["Bob"], ["Ann"], ["Bob"])
    assert there == {"Ann": "mended by the instructor", "Bob": "2"}


def test_folder_and_time_of_the_platform_are_noted_and_no_student_writes_them(collected, course):
    info = ZipInfo(f"Ann_1{ENDING}/00 (1).ipynb", (2026, 11, 2, 10, 0, 0))
    forged = json.dumps({"folder": "Bob_2", "time": "2020-01-01 00:00:00 UTC"})
    collected([(info, "x"), (f"Ann_1{ENDING}/origin.json", forged), (f"Ann_1{ENDING}/timestamp.txt", "2020-01-01")])
    noted = read_origin(course / "submitted/Ann/lesson_00")
    assert (noted["folder"], noted["platform"], noted["number"]) == (f"Ann_1{ENDING}", "moodle", "1")
    assert noted["notebook"] == "00 (1).ipynb"
    assert noted["time"][:4] == "2026"
    assert (course / "submitted/Ann/lesson_00/timestamp.txt").read_text() == noted["time"]


# ---------------------------------------------------------------------- names of notebooks


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["04.ipynb", "04 (1).ipynb", "x.ipynb"], "04.ipynb"),
        (["04.IPYNB", "notes.txt"], "04.IPYNB"),
        (["04 (1).ipynb", "own.ipynb"], "04 (1).ipynb"),
        (["04-Copy1.ipynb", "own.ipynb"], "04-Copy1.ipynb"),
        (["Copy of 04.ipynb", "own.ipynb"], "Copy of 04.ipynb"),
        (["04-1.ipynb", "own.ipynb"], "04-1.ipynb"),
        (["04.ipynb.txt", "own.ipynb"], "04.ipynb.txt"),
        (["final version.ipynb", "a.csv"], "final version.ipynb"),
        (["04 (1).ipynb", "04 (2).ipynb"], ""),
        (["a.ipynb", "b.ipynb"], ""),
        ([".04.ipynb", "a.py"], ""),
        ([], ""),
    ],
)
def test_the_notebook_of_the_assignment_is_chosen_by_its_name(names, found):
    chosen, problem = choose_notebooks(names, ["04.ipynb"])
    assert chosen.get("04.ipynb", "") == found
    assert bool(problem) == (not found)


def test_folders_that_an_instructor_made_are_put_in_order_too(course, capsys):
    for who, name in {"a[b]": "00.IPYNB", "c*": "00.ipynb", "d": "deep/00.ipynb", "e": "e.pdf", "f": ".hidden"}.items():
        place = course / "submitted" / who / "lesson_00" / name
        place.parent.mkdir(parents=True)
        place.write_text(who)
    for _ in range(2):
        prepare(course)
        found = {path.parts[-3]: path.read_text() for path in course.glob("submitted/*/*/*.ipynb")}
        assert found == {"a(b)": "a[b]", "c+": "c*", "d": "d", "e": ""}
    assert read_origin(course / "submitted/a(b)/lesson_00")["folder"] == "a[b]"
    assert "only e.pdf" in problem_of(course / "submitted/e/lesson_00/00.ipynb")
    (course / "submitted/e/lesson_00/late.ipynb").write_text("mended")
    prepare(course)
    assert (course / "submitted/e/lesson_00/00.ipynb").read_text() == "mended"


# ---------------------------------------------------------------------- the command


def nasedu(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_the_command_says_who_handed_in_and_what_is_wrong(course, tmp_path):
    (course / "students.csv").write_text("id,first_name,last_name\nann,Ann,Smith\nbob,Bob,Lee\n")
    path = tmp_path / "class.zip"
    path.write_bytes(zipped((f"Ann Smith_1{ENDING}/a\n.pdf", b"x"), ("readme.txt", b"")))
    done = nasedu("assignment", "collect", path, "--course", course)
    assert done.exit_code == 0, done.output
    assert "moodle: 1 handed in (1 new, 0 changed, 0 the same), 1 with nothing to grade" in done.stdout
    assert "ann: No notebook was handed in" in done.stdout
    assert "handed in nothing: bob" in done.stderr
    assert "not collected: readme.txt" in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nowhere.zip",), "cannot be read"),
        (("course/nbgrader_config.py",), "is no zip archive"),
        (("empty.zip",), "holds nobody's work"),
        (("empty.zip", "--assignment", "x"), "no assignment 'x'; known: lesson_00"),
        (("empty.zip", "--platform", "ilias"), "known: moodle, canvas, gradescope, folders"),
        (("empty.zip", "--course", "nowhere"), "no course of nasedu"),
    ],
)
def test_collect_refuses_at_the_door(words, says, course, monkeypatch):
    monkeypatch.chdir(course.parent)
    Path("empty.zip").write_bytes(zipped())
    done = nasedu("assignment", "collect", *words)
    assert done.exit_code == 2
    assert says in done.stderr
    with pytest.raises(BadValue):
        collect(course.parent, Path("empty.zip"))


# ---------------------------------------------------------------------- ids and names, as they are written


def test_an_id_with_signs_of_patterns_is_found_again_and_nobody_takes_it(course, collected):
    (course / "students.csv").write_text("id,first_name,last_name\ns[9]*,Ann,Smith\nbob,Bob,Lee\n")
    made, there = collected(
        {f"Ann Smith_1{ENDING}/00.ipynb": "ann", f"s[9]*_2{ENDING}/00.ipynb": "eve", f"s(9)+_3{ENDING}/00.ipynb": "mal"}
    )
    assert {text: who for who, text in there.items()} == {"ann": "s(9)+", "eve": "s(9)+_2", "mal": "s(9)+_3"}
    assert made.missing == ["bob"]
    assert set(made.notes) == {"s(9)+_2", "s(9)+_3"}
    assert read_roster(course).identify("s(9)+") == "s[9]*"


def test_an_accent_may_be_a_letter_of_its_own(course, collected):
    (course / "students.csv").write_text("id,first_name,last_name\numit,\u00dcmit,Kaya\n", encoding="utf-8")
    _, there = collected({f"U\u0308mit Kaya_1{ENDING}/00.ipynb": "here"})
    assert there == {"umit": "here"}
    assert read_roster(course).identify("U\u0308mit Kaya_7") == "umit"
