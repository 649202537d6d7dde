"""Our places in nbgrader's work: releasing an assignment, and judging what was handed in.

    c.GenerateAssignment.preprocessors     Stubs, where nbgrader has ClearSolutions
    c.Autograde.exporter_class             Reader: a file that is no notebook becomes an empty one with a note
    c.Autograde.sanitize_preprocessors     Restore, first: the cells as they were given out, by their names
    c.Autograde.autograde_preprocessors    Grade, where nbgrader has Execute: no kernel, hence no code of the student's
                                           ByHand, last: tests that are not ours wait for a mark

`nbgrader autograde` then writes the marks into its gradebook from the outputs that Grade leaves in the test cells.
Reader and Restore stand in handed_in.py; what is done to the folder before that, in folders.py.
"""

import re
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook
from nbgrader.preprocessors import ClearSolutions, NbGraderPreprocessor
from traitlets import Float, Integer, Unicode

from nasedu.classroom.grading import result
from nasedu.classroom.grading.ask import exercises, find
from nasedu.classroom.grading.judging import results_of
from nasedu.classroom.grading.notebook import BEGIN, role
from nasedu.classroom.grading.parts import works_of
from nasedu.classroom.grading.process import Limits
from nasedu.classroom.grading.result import Result


class Stubs(ClearSolutions):
    """Puts an exercise's own stub where its solution was; elsewhere it does what ClearSolutions does."""

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> Any:
        known = role(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if known and known[0] == "answer" and cell.source.lstrip().startswith(BEGIN):
            cell.source = find(*known[1:]).stub
            return cell, resources
        return super().preprocess_cell(cell, resources, cell_index)


class ByHand(NbGraderPreprocessor):
    """Leaves the points of a test that is not ours open, so that formgrader asks for them."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        where = resources["nbgrader"]
        with Gradebook(where["db_url"]) as gradebook:
            for name in nb.metadata["nasedu"]["by_hand"]:
                grade = gradebook.find_grade(name, where["notebook"], where["assignment"], where["student"])
                grade.auto_score, grade.needs_manual_grade = None, True
            gradebook.db.commit()
        return nb, resources


class Grade(NbGraderPreprocessor):
    """Has every answer judged, and writes what comes of it where nbgrader looks: into the outputs of the tests."""

    seconds = Float(30.0, help="Seconds for one answer: its cells, and all calls of the check together.").tag(
        config=True
    )
    cell_seconds = Float(10.0, help="Seconds for each other cell; a slower one is passed over.").tag(config=True)
    megabytes = Integer(2048, help="Memory for a student's code.").tag(config=True)
    fence = Unicode(
        "all", help="'all' that the system has to offer; 'calls' does without namespaces, 'hook' without its help."
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> Any:
        tests = {
            number: role(cell.metadata.nbgrader.grade_id)
            for number, cell in enumerate(nb.cells)
            if cell.metadata.get("nbgrader", {}).get("grade") and not cell.metadata.nbgrader.get("solution")
        }
        about = nb.metadata.get("nasedu", {})
        results = self._results(nb.cells, tests, about)
        for number, found in results.items():
            nb.cells[number].outputs = [_output(found)]
            self._say(found)
        nb.metadata["nasedu"] = {**about, "by_hand": [r.name for r in results.values() if r.status == "by hand"]}
        where = resources["nbgrader"]
        result.write(Path.cwd(), where["assignment"], where["student"], where["notebook"], list(results.values()))
        return nb, resources

    def _results(self, cells: Any, tests: dict[int, Any], about: Any) -> dict[int, Result]:
        """By the number of a test's cell. A test that is not ours is left to the instructor, and earns nothing."""
        ours, results = {}, {}
        for number, known in tests.items():
            name = cells[number].metadata.nbgrader.grade_id
            if not known or known[0] != "test" or known[2] not in exercises(known[1]):
                words = "This test is none of nasedu's, and is not run. Its points are given by hand."
                results[number] = Result("", name, "by hand", words)
            elif about.get("unreadable"):
                results[number] = Result(known[1], known[2], "unreadable", about["unreadable"])
            else:
                ours[number] = known[1:]
        limits = Limits(self.seconds, self.cell_seconds, self.megabytes, self.fence)  # type: ignore[arg-type]
        works = works_of(cells, list(ours.values()), about.get("notes", {}))
        results.update(zip(ours, results_of(works, limits), strict=True))
        return dict(sorted(results.items()))

    def _say(self, found: Result) -> None:
        self.log.info("%s %s: %s", found.lesson, found.name, re.sub(r"\s+", " ", str(found)))
        for what, how in found.fence.items():
            if how in ("audit hook", "audit hook, seccomp", "the clock"):
                self.log.warning("This system does not help to hold a student's code (%s: only %s)", what, how)


def _output(found: Result) -> Any:
    if found.status == "right":
        return nbformat.v4.new_output("stream", name="stdout", text=str(found))
    return nbformat.v4.new_output("error", ename="NotYet", evalue=found.message, traceback=str(found).split("\n"))
