"""How lessons are kept: an author edits notebooks/source/NN_name.py, a student opens notebooks/NN_name.ipynb.

    nasedu lessons build [NN ...]      executes sources and writes their notebooks, with outputs
    nasedu lessons reword [NN ...]     takes over changed prose without running anything: the code must be the same
    nasedu lessons check [NN ...]      says where source and notebook differ, and what is wrong with a lesson
    nasedu lessons new NN "Title"      writes a template: a source, and a module for its exercises
    nasedu lessons copy DIR            gives a student the lessons to work in

All but `copy` need the `dev` extra (jupytext, nbclient). `python -m nasedu.lessons` is the same command.
"""

from nasedu.lessons.building import WIDGET_VIEW, build, build_all, clean, reword
from nasedu.lessons.checking import MACHINE, MOST_BYTES, check, check_all, drift, faults
from nasedu.lessons.command import main
from nasedu.lessons.copying import copy_lessons
from nasedu.lessons.places import folder, notebook_of, shipped, sources
from nasedu.lessons.source import read_source
from nasedu.lessons.timings import MOST_MEGABYTES, MOST_SECONDS, Timing, record

__all__ = [
    "MACHINE",
    "MOST_BYTES",
    "MOST_MEGABYTES",
    "MOST_SECONDS",
    "WIDGET_VIEW",
    "Timing",
    "build",
    "build_all",
    "check",
    "check_all",
    "clean",
    "copy_lessons",
    "drift",
    "faults",
    "folder",
    "main",
    "notebook_of",
    "read_source",
    "record",
    "reword",
    "shipped",
    "sources",
]
