"""Grading: assignments for nbgrader, and marks that a student's code cannot talk its way into.

The path of an answer, one file for each step:

    notebook.py     the exercises of a lesson as the notebook of an assignment; how its cells are named
    ask.py          the visible tests, in the student's own kernel
    folders.py      files and names in the folder of submissions that nbgrader cannot read
    submission.py   reads and restores what was handed in
    steps.py        our other places in nbgrader's work: stubs for the release, a verdict for each answer
    sanitize.py     text cells as words and formulas, without what a browser runs
    parts.py        which cells of a submission belong to which answer
    judging.py      starts the judge, and outlives it
    judge.py        one answer after another: a sandbox, the check, a verdict
    remote.py       what a check sees of an answer in another process
    sandbox.py      the answer there;  process.py: its process, from outside;  sandbox_main.py: the program in it
    confinement.py  what holds it;  linux_sandbox.py: namespaces and system calls, on Linux
    wire_format.py  plain data, strictly typed
    result.py       what is said and kept of each answer
    course.py       a course folder;  report.py: the class, and who is stuck where

nbgrader is needed by folders.py, submission.py, steps.py and report.py alone (extra: classroom).
"""

from nasedu.classroom.grading.ask import NotYet, ask

__all__ = ["NotYet", "ask"]
