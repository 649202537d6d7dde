"""How every plot looks: letters and lines that can be read from the last row of a lecture hall."""

from typing import Any

from matplotlib.rcsetup import cycler

from nasedu.core.palette import LINES

STYLE: dict[Any, Any] = {
    "font.size": 11.5,
    "axes.labelsize": "medium",
    "axes.titlesize": "medium",
    "xtick.labelsize": "small",
    "ytick.labelsize": "small",
    "legend.fontsize": "small",
    "legend.frameon": False,
    "lines.linewidth": 2.2,
    "lines.markersize": 6,
    "axes.linewidth": 1,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=LINES),
}
"""Settings of matplotlib: in a notebook from `import nasedu.plots` on; elsewhere `with plt.rc_context(STYLE)`."""
