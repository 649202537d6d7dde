"""The lessons that train nothing, as a JupyterLite site: Python runs in the reader's browser.

    python -m tools.lite                  builds site/lite/; needs build/lite-venv, which `make lite` sets up
    python -m tools.lite check            runs their cells here, with what a browser lacks made unimportable
    python -m tools.lite try              runs them in Chromium: by hand, for it needs the network or the wheels

command.py        the command
building.py       builds the site: the runtime, the lock file, the lessons
browser_wheel.py  the package as a wheel, without what a browser does not need
add_to_lock.py    writes the wheels into pyodide's lock file; runs in build/lite-venv
saved_cells.py    turns cells that need torch into text, with what they showed
checking.py       runs the cells of lessons from the browser wheel
cells.py          the process in which the cells of one lesson run
trying.py         runs lessons of the built site in Chromium
"""
