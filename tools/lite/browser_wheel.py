"""The package as a wheel for a browser: without notebooks, and without grading and commands, which need a terminal."""

import base64
import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from nasedu.core import BadValue
from tools.lessons.places import ROOT

LEFT_OUT = ("nasedu/notebooks/", "nasedu/classroom/grading/", "nasedu/cli/", "nasedu/lessons/")
"""Folders of the full wheel that the browser's does not have."""
REQUIRED_BY_THESE = ("jupyter-core", "nbformat", "typer")
"""What only these folders import."""


def build_browser_wheel(folder: Path) -> Path:
    """Build the wheel into a folder, and return its path.

    Raises:
        BadValue: the full wheel cannot be built.
    """
    with tempfile.TemporaryDirectory() as full:
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", full]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise BadValue(f"the wheel of nasedu cannot be built: {done.stderr.strip()}")
        (wheel,) = Path(full).glob("*.whl")
        return strip(wheel, folder)


def strip(wheel: Path, folder: Path) -> Path:
    """Write a wheel without `LEFT_OUT` and `REQUIRED_BY_THESE` into a folder, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    stripped = folder / wheel.name
    record = []
    with zipfile.ZipFile(wheel) as full, zipfile.ZipFile(stripped, "w", zipfile.ZIP_DEFLATED) as browser:
        for name in sorted(full.namelist()):
            if name.startswith(LEFT_OUT) or name.endswith((".dist-info/entry_points.txt", ".dist-info/RECORD")):
                continue
            content = full.read(name)
            if name.endswith(".dist-info/METADATA"):
                content = _without_requirements(content.decode()).encode()
            # A fixed time: the same sources give the same bytes, so a browser keeps what it has loaded.
            browser.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(content)}")
        (own,) = (name for name in full.namelist() if name.endswith(".dist-info/RECORD"))
        browser.writestr(zipfile.ZipInfo(own), "\n".join([*record, f"{own},,", ""]), zipfile.ZIP_DEFLATED)
    return stripped


def _without_requirements(metadata: str) -> str:
    names = "|".join(REQUIRED_BY_THESE)
    return re.sub(rf"^Requires-Dist: (?:{names})\b(?!.*extra ==).*\n", "", metadata, flags=re.M)
