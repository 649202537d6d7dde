"""The command `python -m tools.lite`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from nasedu.core import NaseduError
from tools.lessons.places import IN_BROWSER, ROOT
from tools.lite.building import build_lite
from tools.lite.checking import check_lessons
from tools.lite.trying import try_lessons


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if all is well, 1 if a cell failed, 2 if the site cannot be built."""
    parser = argparse.ArgumentParser(prog="python -m tools.lite", description="Lessons that run in a browser.")
    parser.add_argument("action", nargs="?", choices=("build", "check", "try"), default="build")
    parser.add_argument("lessons", nargs="*", help=f"their numbers; by default {' '.join(IN_BROWSER)}")
    parser.add_argument("--out", type=Path, default=ROOT / "site" / "lite", help="the folder (default: site/lite/)")
    parser.add_argument(
        "--wheels", type=Path, help="for `try`: a folder with wheels that stand in for the public host's"
    )
    told = parser.parse_args(arguments)
    lessons = told.lessons or IN_BROWSER
    try:
        if told.action == "check":
            return 0 if check_lessons(lessons) else 1
        if told.action == "try":
            found = []
            for line in try_lessons(told.out, lessons, told.wheels):
                print(line, flush=True)
                found.append(line)
            return int(any("\n" in line for line in found))  # a lesson in which all is well takes one line
        for line in build_lite(told.out, lessons):
            print(line)
    except NaseduError as error:
        print(error, file=sys.stderr)
        return 2
    return 0
