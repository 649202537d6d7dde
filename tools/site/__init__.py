"""The course as a static site: pages of the executed lessons, for any web server or a folder that is opened as it is.

    python -m tools.site                  builds site/ of all lessons; executes nothing, needs no network
    python -m tools.site 04 08            only these lessons
    python -m tools.site --out DIR        in another folder

command.py    the command
building.py   builds the whole site
lesson.py     reads a lesson: its title, minutes, sections, and its cells as HTML
questions.py  quizzes and predictions that are marked without a kernel
stills.py     what stays a picture without a kernel, and says so
pictures.py   a picture of each lesson for the front page
pages.py      fills the templates: the frame around each page
reference.py  the public names of the package with their docstrings
search.py     the index of the search
packages.py   MathJax and other npm packages, fetched once and kept in build/

`templates/` has the pages, `templates/notebook/` the cells of a notebook, `static/` the style sheet and the scripts. A
page loads nothing from another host. Module scripts do not load from a file address, so the scripts are plain.
"""
