"""Floor 3: races, which controller finds more with the same number of networks.

The package is called `racing` so that `nasedu.race` is always the function.
"""

from nasedu.racing.lap_by_lap import LapByLap
from nasedu.racing.result import Race
from nasedu.racing.start import race

__all__ = ["LapByLap", "Race", "race"]
