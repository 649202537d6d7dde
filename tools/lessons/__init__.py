"""How lessons are kept: an author edits notebooks/source/NN_name.py, a student opens notebooks/NN_name.ipynb.

    python -m tools.lessons build [NN ...]      executes sources and writes their notebooks, with outputs
    python -m tools.lessons reword [NN ...]     takes over changed prose without running anything: the code is the same
    python -m tools.lessons check [NN ...]      says where source and notebook differ, and what is wrong with a lesson
    python -m tools.lessons new NN "Title"      writes a template: a source, and a module for its exercises

building.py   runs a source and writes its notebook
checking.py   what is wrong with a notebook
structure.py  what is wrong with a source
glossary.py   the spellings that a lesson uses
equations.py  the code of each displayed equation
latex.py      evaluates a displayed equation
source.py     reads a source as a notebook
new.py        a new lesson from the templates
timings.py    what each lesson takes, on the page TIMINGS.md
places.py     where lessons lie
command.py    the command
"""
