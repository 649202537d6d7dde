"""Grading: assignments for nbgrader, and marks that a student's code cannot manipulate.

The path of an answer, one file for each step:

    notebook.py      makes the notebook of an assignment from the exercises of a lesson; names its cells
    ask.py           the visible tests, in the student's own kernel; where exercises are found
    own_exercises.py the exercises of a course's own, in its folder
    collecting.py    what a platform lets an instructor download, into submitted/;  archives.py: read within limits;
                     downloads.py: whose each file is;  origin.py: what is noted about it;  zip_collect.py: for nbgrader
    folders.py       puts the folder of submissions into a state that nbgrader can read;  notebook_names.py
    notebook_file.py reads a notebook file as far as it can be read
    cell_names.py    which cell of the assignment each cell was;  notebook_syntax.py: `f?` and `!ls` as plain Python
    submission.py    restores the cells of a submitted notebook
    steps.py         our other nbgrader preprocessors: stubs for the release, a verdict for each answer
    personal.py      the numbers of each student, where a question has own numbers
    answer_cells.py  finds the cells of each answer in a submission
    judging.py       starts the judge, and continues if the judge ends
    judge.py         judges one answer after another: a sandbox, the check, a verdict
    remote.py        proxies: a check calls an answer in another process
    sandbox.py       the answer in that process;  process.py: the process from outside;  sandbox_main.py: its program
    fence.py         bubblewrap around the process, or the weak level;  system_calls.py: the filter of system calls
    confinement.py   limits inside the process, and the audit hook;  placeholders.py: a classroom without solutions
    wire_format.py   plain data between the two processes, strictly typed
    sanitize.py      makes a student's text harmless for its readers
    result.py        the stored result of each answer;  feedback.py: the page for the student
    handing_in.py    a look at a notebook before it is handed in: `nasedu handin check`
    course.py        a course folder;  report.py: the results of the class
    roster.py        one identity for each student;  lateness.py: late days
    similarity.py    which answers are alike beyond names and blanks
    platforms.py     the tables that learning platforms read;  feedback_archive.py: what Moodle takes back
    spreadsheet.py   tables without formulas;  export_grades.py: nbgrader's grades.csv is one of them

These need nbgrader (extra: classroom): folders.py, submission.py, steps.py, personal.py, report.py, lateness.py,
export_grades.py, feedback.py, zip_collect.py; and collecting.py, when it writes.
"""

from nasedu.classroom.grading.ask import NotYet, ask, question

__all__ = ["NotYet", "ask", "question"]
