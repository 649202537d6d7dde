"""The command `python -m tools.site`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from nasedu.core import NaseduError
from tools.lessons.places import ROOT
from tools.site.building import build_site


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if the site was built, 2 if it cannot be."""
    parser = argparse.ArgumentParser(prog="python -m tools.site", description="Build the course as a static site.")
    parser.add_argument("lessons", nargs="*", help="their numbers, such as 04; by default all")
    parser.add_argument("--out", type=Path, default=ROOT / "site", help="the folder of the site (default: site/)")
    told = parser.parse_args(arguments)
    try:
        for line in build_site(told.out, told.lessons):
            print(line)
    except NaseduError as error:
        print(error, file=sys.stderr)
        return 2
    return 0
