"""Writes wheels into pyodide's lock file, so that an import in a browser loads them and all that they need.

    build/lite-venv/bin/python -P tools/lite/add_to_lock.py LOCK ADDRESS WHEEL...

It runs where `pyodide_lock` is, and imports nothing of ours. The wheels lie beside the lock file. ADDRESS is where the
packages of pyodide are published.
"""

import json
import sys
from pathlib import Path

from pyodide_lock import PyodideLockSpec
from pyodide_lock.utils import add_wheels_to_spec

PARTS_OF_JUPYTERLAB = {"jupyterlab-widgets", "widgetsnbextension"}
"""Required by ipywidgets, and never imported: the site has them as extensions of JupyterLab."""


def main(lock: Path, address: str, wheels: list[Path]) -> None:
    """Write the lock file in place."""
    written = json.loads(lock.read_text(encoding="utf-8"))
    # pyodide 314 no longer writes its own version; pyodide_lock 0.1.2 demands one, and uses it nowhere here.
    spec = PyodideLockSpec(info={"version": "", **written["info"]}, packages=written["packages"])
    for package in spec.packages.values():
        package.file_name = address + package.file_name
    spec = add_wheels_to_spec(spec, wheels, base_path=lock.parent, ignore_missing_dependencies=True)
    for package in spec.packages.values():
        package.depends = [name for name in package.depends if name not in PARTS_OF_JUPYTERLAB]
        missing = set(package.depends) - set(spec.packages)
        if missing and not package.file_name.startswith(address):
            sys.exit(f"{package.name} needs {', '.join(sorted(missing))}: add a wheel of it to tools/lite/browser.txt")
    written["packages"] = spec.model_dump()["packages"]
    lock.write_text(json.dumps(written, sort_keys=True), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], [Path(wheel) for wheel in sys.argv[3:]])
