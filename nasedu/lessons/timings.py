"""What each lesson took when it was built, as the page TIMINGS.md says."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Timing:
    """What one run of a lesson took.

    Attributes:
        seconds: on the clock, the start of the kernel included.
        processor_seconds: of the kernel alone; this counts where other programs run at the same time.
        megabytes: the greatest resident memory of the kernel.
    """

    seconds: float
    processor_seconds: float
    megabytes: float


def recorded(notebooks: Path) -> dict[str, Timing]:
    """Return what TIMINGS.md says, by lesson; empty if there is no such page."""
    page = notebooks / "TIMINGS.md"
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    rows = re.findall(r"^\| (\d\d_\w+) \| *(\d+) \| *(\d+) \| *(\d+) \|", text, re.M)
    return {name: Timing(*map(float, numbers)) for name, *numbers in rows}
