"""Our preprocessors for nbgrader: they release an assignment and judge the submissions.

    c.GenerateAssignment.preprocessors     InsertStubs, in place of nbgrader's ClearSolutions
    c.Autograde.exporter_class             SubmissionExporter: a file that is no notebook gives an empty one with a note
    c.Autograde.sanitize_preprocessors     RestoreCells, first: restores the cells of the assignment by their names
    c.Autograde.autograde_preprocessors    Grade, in place of nbgrader's Execute: no kernel runs a student's code
                                           RequestManualGrades, last: tests that are not ours wait for a mark

Grade writes outputs into the test cells; `nbgrader autograde` computes the marks of its gradebook from them.
SubmissionExporter and RestoreCells are in submission.py; folders.py prepares the folder before them.
"""

import re
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook
from nbgrader.preprocessors import ClearSolutions, NbGraderPreprocessor
from traitlets import Float, Integer, Unicode

from nasedu.classroom.grading import result
from nasedu.classroom.grading.answer_cells import collect_answers
from nasedu.classroom.grading.ask import exercises, find
from nasedu.classroom.grading.fence import NOT_HELD, prepared
from nasedu.classroom.grading.judging import results_of
from nasedu.classroom.grading.notebook import BEGIN, NO_NAME, role
from nasedu.classroom.grading.personal import give_numbers
from nasedu.classroom.grading.process import Limits
from nasedu.classroom.grading.result import Result


class InsertStubs(ClearSolutions):
    """Replaces the solution of an exercise by its stub; other cells are handled as by ClearSolutions."""

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> Any:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if re.fullmatch(r"student-\d\d", name):
            cell.source = NO_NAME
            return cell, resources
        known = role(name)
        if known and known[0] == "answer" and cell.source.lstrip().startswith(BEGIN):
            cell.source = find(*known[1:]).stub
            return cell, resources
        return super().preprocess_cell(cell, resources, cell_index)


class RequestManualGrades(NbGraderPreprocessor):
    """Marks tests that are not ours for manual grading, so that formgrader asks for their points."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        where = resources["nbgrader"]
        with Gradebook(where["db_url"]) as gradebook:
            for name in nb.metadata["nasedu"]["by_hand"]:
                grade = gradebook.find_grade(name, where["notebook"], where["assignment"], where["student"])
                grade.auto_score, grade.needs_manual_grade = None, True
            gradebook.db.commit()
        return nb, resources


class Grade(NbGraderPreprocessor):
    """Lets the judge judge every answer, and writes the results into the outputs of the tests, where nbgrader looks."""

    seconds = Float(30.0, help="Seconds for one answer: its cells, and all calls of the check together.").tag(
        config=True
    )
    cell_seconds = Float(10.0, help="Seconds for each other cell; a slower one is skipped.").tag(config=True)
    megabytes = Integer(2048, help="Memory for a student's code.").tag(config=True)
    confinement = Unicode(
        "all", help="'all': bubblewrap where it works; 'bubblewrap': nothing else; 'hook': the weak level."
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> Any:
        tests = {
            number: role(cell.metadata.nbgrader.grade_id)
            for number, cell in enumerate(nb.cells)
            if cell.metadata.get("nbgrader", {}).get("grade") and not cell.metadata.nbgrader.get("solution")
        }
        about = nb.metadata.get("nasedu", {})
        where = resources["nbgrader"]
        results = self._results(nb.cells, tests, about, where)
        for number, found in results.items():
            nb.cells[number].outputs = _outputs(found, nb.cells[number].metadata.nbgrader.points)
            self._say(found)
        nb.metadata["nasedu"] = {**about, "by_hand": [r.name for r in results.values() if r.status == "by hand"]}
        result.write(Path.cwd(), where["assignment"], where["student"], where["notebook"], list(results.values()))
        return nb, resources

    def _results(self, cells: Any, tests: dict[int, Any], about: Any, where: Any) -> dict[int, Result]:
        """Return the results by the number of the test's cell. A test that is not ours waits for the instructor."""
        ours, results = {}, {}
        for number, known in tests.items():
            name = cells[number].metadata.nbgrader.grade_id
            if not known or known[0] != "test" or known[2] not in exercises(known[1]):
                words = "This test is not from nasedu, so it is not run. Its points are given by hand."
                results[number] = Result("", name, "by hand", words)
            elif about.get("unreadable"):
                results[number] = Result(known[1], known[2], "unreadable", about["unreadable"])
            else:
                ours[number] = known[1:]
        limits = Limits(self.seconds, self.cell_seconds, self.megabytes, self.confinement)  # type: ignore[arg-type]
        answers = collect_answers(cells, list(ours.values()), about.get("notes", {}))
        give_numbers(cells, zip(ours, answers, strict=True), where)
        results.update(zip(ours, results_of(answers, limits), strict=True))
        return dict(sorted(results.items()))

    def _say(self, found: Result) -> None:
        self.log.info("%s %s: %s", found.lesson, found.name, re.sub(r"\s+", " ", str(found)))
        if "audit hook" in str(found.confinement):
            self.log.warning("Weak confinement: %s. %s", prepared(self.confinement).why_weak, NOT_HELD)


def _outputs(found: Result, points: float) -> list[Any]:
    """Return the outputs that nbgrader takes for full points, for a number of points, or for none."""
    if found.status == "right":
        return [nbformat.v4.new_output("stream", name="stdout", text=str(found))]
    if found.share:
        earned = nbformat.v4.new_output("execute_result", data={"text/plain": f"{found.share * points:g}"})
        return [nbformat.v4.new_output("stream", name="stdout", text=str(found)), earned]
    return [nbformat.v4.new_output("error", ename="NotYet", evalue=found.message, traceback=str(found).split("\n"))]
