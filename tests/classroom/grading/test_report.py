"""The report on a graded class: identities, late days, means, alike answers, and the feedback that goes back."""

import csv
import io
import json
import shutil
from zipfile import ZipFile

import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from nasedu.classroom.grading.collecting import collect
from nasedu.classroom.grading.export_grades import HarmlessExport
from nasedu.classroom.grading.lateness import read_rules
from nasedu.classroom.grading.report import report
from nasedu.cli import app
from tests.classroom.grading.made_up_class import made_course, write_roster
from tests.classroom.grading.nbgrader import run

LATE = {1: 1.5, 3: 0.1, 4: 2.0}


def nasedu(*words):
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "80"})


def folder_of(assignment, who):
    """Moodle's folders: a full name, and a number that differs between assignments."""
    return f"Student {who.upper()}_{'12' if assignment == 'week_5' else '98'}{who[1:]}"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    weeks = ("week_5", "week_6")
    return made_course(folder, 9, weeks, late=LATE, copies={6: 2}, folder_of=folder_of)


@pytest.fixture
def course(made, tmp_path):
    return shutil.copytree(made, tmp_path / "course")


ROSTER = [(f"s{n:02d}", "Student", f"S{n:02d}", f"s{n:02d}@example.org", 5000 + n) for n in range(9)]


# ---------------------------------------------------------------------- one student, one identity


def test_without_a_roster_each_folder_is_a_student(course):
    assert len(report(course)[0].students) == 16, "8 of one assignment, 8 of the other"


def test_with_a_roster_a_student_is_one_in_all_assignments_also_without_any_work(course):
    write_roster(course, ROSTER)
    for one in report(course):
        assert one.students == [row[0] for row in ROSTER]
        assert {line.status for line in one.of("s08")} == {"not handed in"}
        assert {line.status for line in one.of("s00")} <= {"right", "wrong"}
        assert one.remarks == []


def test_somebody_who_is_not_in_the_roster_is_shown_and_named(course):
    write_roster(course, ROSTER[1:])
    one, _ = report(course)
    assert "Student S00_1200" in one.students
    assert one.remarks == ["not in students.csv or the gradebook: Student S00_1200"]


def test_two_of_one_name_stay_two(course):
    write_roster(course, [*ROSTER, ("other", "Student", "S00", "", "")])
    one, _ = report(course)
    assert {"s00", "other", "Student S00_1200"} <= set(one.students)


def test_somebody_with_the_name_of_another_student_replaces_nobody(course):
    write_roster(course, ROSTER)
    shutil.copytree(course / "submitted/Student S00_1200", course / "submitted/Student S00_666")
    one, other = report(course)
    assert {line.status for line in one.of("s00")} == {"not handed in"}
    assert {line.status for line in one.of("Student S00_1200")} <= {"right", "wrong"}
    assert {line.status for line in one.of("Student S00_666")} == {"not graded"}
    assert one.remarks[0] == (
        "Student S00_1200 and Student S00_666 fit s00: each stands alone; rename the right folder to s00"
    )
    assert other.of("s00")[0].status in ("right", "wrong")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name,email\nann,a@b.org\n", "every student needs an id"),
        ("id\nann\nann\n", "is there twice"),
        ("id\n\xe9\n".encode("latin-1"), "save it again as `CSV UTF-8`"),
    ],
)
def test_a_roster_that_cannot_be_read_is_refused_in_one_line(text, says, course):
    (course / "students.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    done = nasedu("assignment", "report", course)
    assert done.exit_code == 2
    assert says in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("05.IPYNB", "called 05.IPYNB: rename it to 05.ipynb"),
        ("essay.pdf", "no notebook in what was handed in: essay.pdf"),
        (None, "The folder is empty."),
    ],
)
def test_whoever_handed_something_in_is_there_with_a_reason(name, says, course):
    folder = course / "submitted/s08/week_5"
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text("2026-11-02 10:00:00 UTC")
    if name:
        (folder / name).write_text("{}")
    one, _ = report(course)
    assert {line.status for line in one.of("s08")} == {"not graded"}
    assert says in one.of("s08")[0].message
    assert ("s08", one.of("s08")[0].message) in one.trouble()


def test_an_id_that_nbgrader_takes_for_a_pattern_is_named(course):
    folder = course / "submitted/ann[1]/week_5"
    folder.mkdir(parents=True)
    (folder / "05.ipynb").write_text("{}")
    one, _ = report(course)
    assert "takes the name ann[1] for a pattern" in one.of("ann[1]")[0].message


# ---------------------------------------------------------------------- late days


def set_rules(course, free, penalty):
    config = course / "nbgrader_config.py"
    text = config.read_text().replace("free_days = 0", f"free_days = {free}")
    config.write_text(text.replace("penalty_per_day = 0.0", f"penalty_per_day = {penalty}"))


def test_late_days_are_shown_and_cost_nothing_unless_the_course_says_so(course):
    write_roster(course, ROSTER)
    rules = read_rules(course)
    assert (rules.free_days, rules.penalty_per_day) == (0, 0)
    one, _ = report(course)
    assert {who: late.days for who, late in one.late.items()} == {"s01": 2, "s03": 1, "s04": 2}
    assert all(one.final(who) == one.points(who) for who in one.students[:-1])
    assert "2 d" in nasedu("assignment", "report", course).stdout


def test_free_days_are_spent_in_the_order_of_due_dates_and_further_days_cost_a_share(course):
    write_roster(course, ROSTER)
    set_rules(course, 3, 0.1)
    first, second = report(course)
    assert [(one.late["s01"].days, one.late["s01"].free) for one in (first, second)] == [(2, 2), (2, 1)]
    assert second.late["s01"].share == pytest.approx(0.1)
    assert second.final("s01") == pytest.approx(0.9 * second.points("s01"))
    assert first.final("s01") == first.points("s01")
    rows = list(csv.DictReader(nasedu("assignment", "report", course, "--csv").stdout.splitlines()))
    mine = [row for row in rows if (row["assignment"], row["student"]) == ("week_6", "s01")]
    assert {row["days_late"] for row in mine} == {"2"}
    assert sum(float(row["penalty"]) for row in mine) == pytest.approx(0.1 * second.points("s01"))


def test_a_penalty_is_at_most_all_points(course):
    write_roster(course, ROSTER)
    set_rules(course, 0, 0.9)
    assert report(course)[0].final("s01") == 0


def test_due_csv_counts_before_the_gradebook_and_origin_where_nbgrader_has_no_time(course):
    write_roster(course, ROSTER)
    (course / "due.csv").write_text("assignment,due\nweek_5,2026-11-08 23:59 UTC\n")
    folder = course / "submitted/Student S00_1200/week_5"
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        gradebook.find_submission("week_5", "Student S00_1200").timestamp = None
        gradebook.db.commit()
    assert "s00" not in report(course)[0].late
    (folder / "origin.json").write_text(json.dumps({"folder": "x", "time": "2026-11-12 00:00:00 UTC"}))
    assert report(course)[0].late["s00"].days == 4
    assert report(course)[0].late["s01"].days == 3
    (folder / "origin.json").write_text('{"time": "soon"}')
    assert "s00" not in report(course)[0].late
    (course / "due.csv").write_text("assignment,due\nweek_5,soon\n")
    assert "write it as 2026-11-09 23:59:59 UTC" in " ".join(nasedu("assignment", "report", course).stderr.split())


# ---------------------------------------------------------------------- means, pairs


def test_means_count_those_whose_points_are_final(course):
    write_roster(course, ROSTER)
    one, _ = report(course)
    points = [one.points(f"s{n:02d}") for n in range(8)]
    average = one.average()
    assert average.count == 8
    assert average.mean == pytest.approx(sum(points) / 8)
    assert average.deviation == pytest.approx((sum((p - average.mean) ** 2 for p in points) / 7) ** 0.5)
    assert (average.median, average.most) == (sorted(points)[3] / 2 + sorted(points)[4] / 2, 10)
    assert one.average("tau").most == 2


def test_alike_answers_are_shown_with_where(course):
    write_roster(course, ROSTER)
    one, _ = report(course)
    assert [pair.students for pair in one.pairs] == [("s02", "s06")]
    shown = " ".join(nasedu("assignment", "report", course, "--assignment", "week_5").stdout.split())
    assert f"s02 and s06 share {one.pairs[0].fragments} rare fragments" in shown
    assert "shown, not judged" in shown
    (data, _) = json.loads(nasedu("assignment", "report", course, "--json").stdout)
    assert data["alike"][0]["students"] == ["s02", "s06"]
    assert data["averages"]["all"]["count"] == 8


# ---------------------------------------------------------------------- formulas, platforms


EVIL = '=HYPERLINK("http://example.org","marks")'


def evil_roster(course):
    rows = [*ROSTER[:-1], ("s08", EVIL, "@SUM(1)", "+a@example.org", "=1+1")]
    write_roster(course, rows)


def formulas(text):
    return [cell for row in csv.reader(io.StringIO(text)) for cell in row if cell[:1] in tuple("=+-@\t\r")]


@pytest.mark.parametrize("words", [("--csv",), ("--for", "moodle"), ("--for", "canvas"), ("--for", "gradescope")])
def test_no_table_has_a_formula(words, course):
    evil_roster(course)
    done = nasedu("assignment", "report", course, *words)
    assert done.exit_code == 0, done.output
    assert formulas(done.stdout) == []
    assert "s08" in done.stdout or "'=HYPER" in done.stdout


def test_nbgraders_own_table_has_none_either_and_keeps_its_columns(course):
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        gradebook.update_or_create_student("Student S00_1200", first_name=EVIL, last_name="Smith, Ann")
    run(course, "export")
    text = (course / "grades.csv").read_text()
    assert formulas(text) == []
    rows = list(csv.DictReader(io.StringIO(text)))
    mine = next(row for row in rows if (row["student_id"], row["assignment"]) == ("Student S00_1200", "week_5"))
    assert (mine["last_name"], mine["first_name"]) == ("Smith, Ann", f"'{EVIL}")
    one, _ = report(course)
    assert float(mine["score"]) == one.points("Student S00_1200")
    assert float(mine["max_score"]) == 10
    assert mine["duedate"] == "2026-11-09 23:59:00"
    export = HarmlessExport(to=str(course / "one.csv"), assignment=["week_6"], student=["Student S01_9801"])
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        export.export(gradebook)
    assert len((course / "one.csv").read_text().splitlines()) == 2


def table(course, *words):
    done = nasedu("assignment", "report", course, "--for", *words)
    assert done.exit_code == 0, done.output
    return list(csv.DictReader(done.stdout.splitlines())), " ".join(done.stderr.split())


def test_moodle_gets_ids_addresses_points_and_late_days(course):
    write_roster(course, ROSTER)
    rows, said = table(course, "moodle")
    one, two = report(course)
    assert list(rows[0])[:4] == ["First name", "Last name", "ID number", "Email address"]
    assert rows[1]["ID number"] == "5001"
    assert float(rows[1]["week_5"]) == one.points("s01")
    assert float(rows[1]["week_6"]) == two.points("s01")
    assert rows[1]["week_5 days late"] == "2"
    assert rows[8]["week_5"] == "", "nothing handed in: the platform keeps what it has"
    assert "week_5: 1 without final points" in said


def canvas_reads(head):
    """The rule of Canvas' importer: the last column about the student is Section, each further one an assignment."""
    assert "Student" in head[0]
    assert "ID" in head[1]
    assert head[2:5] == ["SIS User ID", "SIS Login ID", "Section"]
    return head[5:]


def test_canvas_gets_its_header_possible_points_and_the_ids_of_assignments(course):
    write_roster(course, ROSTER)
    rows, said = table(course, "canvas", "--column", "week_5=Week 5 (1234)")
    assert canvas_reads(list(rows[0])) == ["Week 5 (1234)", "week_6"], "no column that would become an assignment"
    assert "Points Possible" in rows[0]["Student"]
    assert float(rows[0]["Week 5 (1234)"]) == 10
    assert (rows[1]["Student"], rows[1]["ID"], rows[1]["SIS Login ID"]) == ("S00, Student", "5000", "s00")
    assert "they are in --csv" in said


def test_gradescope_gets_its_own_columns(course):
    write_roster(course, ROSTER)
    rows, _ = table(course, "gradescope")
    assert list(rows[0])[:4] == ["First Name", "Last Name", "SID", "Email"]
    assert (rows[1]["week_5 - Max Points"], rows[1]["week_5 - Days Late"]) == ("10.0", "2")


def test_what_the_roster_lacks_is_said_in_one_line(course):
    write_roster(course, [*ROSTER[:7], ("s07", "Student", "S07", "", ""), ("s08", "", "", "", "")])
    for platform in ("moodle", "canvas", "gradescope"):
        lines = nasedu("assignment", "report", course, "--for", platform).stderr.splitlines()
        assert sum("s07, s08" in line for line in lines) == 1, platform


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--for", "blackboard"), "known: moodle, canvas, gradescope"),
        (("--for", "moodle", "--csv"), "choose one of"),
        (("--column", "week_5=x"), "needs --for"),
        (("--for", "canvas", "--column", "week_5"), "ASSIGNMENT=TITLE"),
        (("--for", "canvas", "--column", "week_7=x"), "known: week_5, week_6"),
    ],
)
def test_a_table_is_refused_at_the_door(words, says, course):
    done = nasedu("assignment", "report", course, *words)
    assert done.exit_code == 2
    assert says in " ".join(done.stderr.split())


# ---------------------------------------------------------------------- the feedback archive


def with_feedback(course):
    for folder in course.glob("submitted/*/week_5"):
        page = course / "feedback" / folder.parent.name / "week_5" / "05.html"
        page.parent.mkdir(parents=True)
        page.write_text(folder.parent.name)
        page.with_name("notes.txt").write_text("not feedback")


def packed(course, *words):
    done = nasedu("assignment", "feedback-archive", "week_5", "--course", course, "--out", course / "f.zip", *words)
    assert done.exit_code == 0, done.output
    with ZipFile(course / "f.zip") as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}, " ".join(done.stderr.split())


def moodle_reads(name):
    """The rule of Moodle's importer: a full name, a number, a plug-in; what follows is the file."""
    folder, file = name.split("/")
    _, number, kind, plugin, *_ = folder.split("_")
    assert (kind, plugin) == ("assignsubmission", "file")
    return int(number), file


def note(course, who, **noted):
    (course / "submitted" / who / "week_5/origin.json").write_text(json.dumps(noted))


def test_feedback_goes_back_in_the_folders_that_collection_noted(course):
    write_roster(course, ROSTER)
    with_feedback(course)
    for n in range(8):
        note(course, f"Student S{n:02d}_12{n:02d}", folder=f"Student S{n:02d}_77{n:02d}_assignsubmission_file_")
    found, said = packed(course)
    assert {moodle_reads(name) for name in found} == {(7700 + n, "05.html") for n in range(8)}
    assert found["Student S03_7703_assignsubmission_file_/05.html"] == "Student S03_1203"
    assert said == ""


def test_without_notes_the_folders_come_from_names_and_numbers_and_that_is_said(course):
    write_roster(course, ROSTER)
    with_feedback(course)
    (course / "feedback/Student S00_1200").rename(course / "feedback/s00")
    (course / "feedback/Student S01_1201").rename(course / "feedback/stranger")
    found, said = packed(course)
    assert "Student S00_5000_assignsubmission_file_/05.html" in found, "from the roster"
    assert "Student S02_1202_assignsubmission_file_/05.html" in found, "from the student's folder"
    assert len(found) == 7
    assert "made from name and number" in said
    assert "stranger: no number of Moodle's is known" in said


@pytest.mark.parametrize("roster", [ROSTER, None])
@pytest.mark.parametrize(
    "folder",
    [
        "Student S01_1201_assignsubmission_file_",
        "../../x_1_assignsubmission_file_",
        "/etc/x_1_assignsubmission_file_",
        7,
    ],
)
def test_nobody_sends_feedback_into_the_folder_of_another_student(folder, roster, course):
    """A student can hand in an origin.json."""
    if roster:
        write_roster(course, roster)
    with_feedback(course)
    note(course, "Student S00_1200", folder=folder)
    found, _ = packed(course)
    assert found["Student S01_1201_assignsubmission_file_/05.html"] == "Student S01_1201"
    assert found["Student S00_1200_assignsubmission_file_/05.html"] == "Student S00_1200"
    assert len(found) == 8


def test_an_archive_is_refused_without_pages_or_over_another_file(course):
    done = nasedu("assignment", "feedback-archive", "week_5", "--course", course, "--out", course / "f.zip")
    assert done.exit_code == 2
    assert "generate_feedback week_5" in " ".join(done.stderr.split())
    (course / "f.zip").touch()
    done = nasedu("assignment", "feedback-archive", "week_5", "--course", course, "--out", course / "f.zip")
    assert "is there already" in " ".join(done.stderr.split())


def test_what_moodle_gave_is_what_it_gets_back(course):
    """Collected from its archive, packed into ours: the same folders, for students whose names differ in the roster."""
    write_roster(course, ROSTER)
    shutil.rmtree(course / "submitted")
    given = [f"Student S{n:02d}_88{n:02d}_assignsubmission_file_" for n in range(8)]
    with ZipFile(course / "moodle.zip", "w") as archive:
        for folder in given:
            archive.writestr(f"{folder}/05.ipynb", (course / "release/week_5/05.ipynb").read_text())
    made = collect(course, course / "moodle.zip", "week_5")
    assert made.new == [f"s{n:02d}" for n in range(8)]
    with_feedback(course)
    found, said = packed(course)
    assert {name.split("/")[0] for name in found} == set(given)
    assert found["Student S03_8803_assignsubmission_file_/05.html"] == "s03"
    assert said == ""
