"""How long each lesson takes and how much memory, as measured when it was built, on the page TIMINGS.md."""

import re
from dataclasses import dataclass
from pathlib import Path

from nasedu.lessons.places import sources

MOST_SECONDS, MOST_MEGABYTES = 90, 1500
MOST_MINUTES = 15
"""What the whole course may take, one lesson after the other."""

HEAD = f"""# How long the lessons take

Written by `nasedu lessons build`: one run of each lesson from top to bottom in a fresh kernel, start of the kernel
included. A lesson may take {MOST_SECONDS} s and {MOST_MEGABYTES:,} MB on two cores, the whole course {MOST_MINUTES}
minutes. Where the seconds are well above the processor seconds, the machine was busy with something else.

| lesson | seconds | processor seconds | peak memory, MB | notebook, kB |
|---|---:|---:|---:|---:|
"""


@dataclass(frozen=True)
class Timing:
    """What one run of a lesson took.

    Attributes:
        seconds: on the clock, the start of the kernel included.
        processor_seconds: of the kernel alone; what counts where other programs run beside it.
        megabytes: the greatest resident memory of the kernel.
    """

    seconds: float
    processor_seconds: float
    megabytes: float


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


def recorded(notebooks: Path) -> dict[str, Timing]:
    """What TIMINGS.md says, by lesson; empty if there is no such page."""
    page = notebooks / "TIMINGS.md"
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    rows = re.findall(r"^\| (\d\d_\w+) \| *(\d+) \| *(\d+) \| *(\d+) \|", text, re.M)
    return {name: Timing(*map(float, numbers)) for name, *numbers in rows}
