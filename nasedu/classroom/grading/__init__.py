"""Grading: assignments for nbgrader, and marks that a student's code cannot manipulate.

The path of an answer, one file for each step:

    notebook.py      makes the notebook of an assignment from the exercises of a lesson; names its cells
    ask.py           the visible tests, in the student's own kernel
    folders.py       puts the folder of submissions into a state that nbgrader can read
    submission.py    reads a submitted notebook and restores its cells
    steps.py         our other nbgrader preprocessors: stubs for the release, a verdict for each answer
    answer_cells.py  finds the cells of each answer in a submission
    judging.py       starts the judge, and continues if the judge ends
    judge.py         judges one answer after another: a sandbox, the check, a verdict
    remote.py        proxies: a check calls an answer in another process
    sandbox.py       the answer in that process;  process.py: the process from outside;  sandbox_main.py: its program
    fence.py         bubblewrap around the process, or the weak level;  system_calls.py: the filter of system calls
    confinement.py   limits inside the process, and the audit hook;  placeholders.py: a classroom without solutions
    wire_format.py   plain data between the two processes, strictly typed
    sanitize.py      makes a student's text harmless for its readers
    result.py        the stored result of each answer
    course.py        a course folder;  report.py: the results of the class

Only folders.py, submission.py, steps.py and report.py need nbgrader (extra: classroom).
"""

from nasedu.classroom.grading.ask import NotYet, ask

__all__ = ["NotYet", "ask"]
