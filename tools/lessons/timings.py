"""Writes the page TIMINGS.md: how long each lesson took and how much memory, as measured when it was built."""

import re
from pathlib import Path

from nasedu.lessons.timings import Timing
from tools.lessons.places import sources

MOST_SECONDS, MOST_MEGABYTES = 90, 1500
MOST_MINUTES = 15
"""What the whole course may take, one lesson after the other."""

HEAD = f"""# How long the lessons take

Written by `make lessons`: one run of each lesson from top to bottom in a fresh kernel, start of the kernel included.
A lesson may take {MOST_SECONDS} s and {MOST_MEGABYTES:,} MB on two cores, the whole course {MOST_MINUTES} minutes.
Where the seconds are well above the processor seconds, the machine ran other programs at the same time.

| lesson | seconds | processor seconds | peak memory, MB | notebook, kB |
|---|---:|---:|---:|---:|
"""


def record(notebooks: Path, timings: dict[str, Timing]) -> None:
    """Write the run times into TIMINGS.md; lessons that were not run keep the line they had."""
    page = notebooks / "TIMINGS.md"
    old = page.read_text(encoding="utf-8") if page.exists() else ""
    lines = {name: line for line, name in re.findall(r"^(\| (\d\d_\w+) \|.*)$", old, re.M)}
    for name, timing in timings.items():
        kilobytes = notebooks.joinpath(f"{name}.ipynb").stat().st_size / 1000
        lines[name] = (
            f"| {name} | {timing.seconds:.0f} | {timing.processor_seconds:.0f} | {timing.megabytes:.0f} "
            f"| {kilobytes:.0f} |"
        )
    kept = {source.stem for source in sources(notebooks)}
    rows = [line for name, line in sorted(lines.items()) if name in kept]
    page.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
