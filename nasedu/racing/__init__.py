"""Floor 4: races, which controller finds more with the same number of networks.

The package is called `racing` so that `nasedu.race` is always the function.
"""

from nasedu.racing.incremental import IncrementalRace
from nasedu.racing.result import RaceResult
from nasedu.racing.start import race

__all__ = ["IncrementalRace", "RaceResult", "race"]
