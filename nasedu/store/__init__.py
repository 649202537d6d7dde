"""Floor 3: what a study remembers: one SQLite file, many studies, every trial.

The file is the single truth. It is written in transactions (write-ahead log), so a process that is killed at any
moment leaves all that was finished and nothing half-written. Results survive the death of the process; in a power cut
the last few may be lost, the file stays sound.
"""

from nasedu.store.lock import SILENCE
from nasedu.store.sqlite_file import IN_MEMORY, VERSION
from nasedu.store.studies import Store, Trial
from nasedu.store.text import canonical_json

__all__ = ["IN_MEMORY", "SILENCE", "VERSION", "Store", "Trial", "canonical_json"]
