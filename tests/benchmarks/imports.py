"""What an import costs, in a fresh process each time."""

import statistics
import subprocess
import sys

from tests.benchmarks.row import Row

PROGRAM = """
import sys, time
start = time.perf_counter()
import nasedu
print(time.perf_counter() - start, "torch" in sys.modules)
"""


def measure() -> list[Row]:
    runs = [
        subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True) for _ in range(11)
    ]
    seconds = [float(run.stdout.split()[0]) for run in runs]
    with_torch = any(run.stdout.split()[1] == "True" for run in runs)
    median = statistics.median(seconds)
    measured = f"{median * 1000:.1f} ms (median of {len(seconds)}, worst {max(seconds) * 1000:.1f} ms)"
    return [
        Row("`import nasedu`", "under 200 ms", measured, median < 0.2),
        Row("torch imported by it", "no", "yes" if with_torch else "no", not with_torch),
    ]
