"""Floor 3: the memory of a study: one SQLite file, many studies, every trial.

This file is the only place where results are kept. It is written in transactions (write-ahead log). If the process is
killed at any moment, all finished trials are kept and nothing is half-written. A power cut may lose the last few
trials, but the file stays intact.
"""

from nasedu.store.lock import SILENCE
from nasedu.store.sqlite_file import IN_MEMORY, VERSION
from nasedu.store.studies import Origin, Store, Trial
from nasedu.store.text import canonical_json

__all__ = ["IN_MEMORY", "SILENCE", "VERSION", "Origin", "Store", "Trial", "canonical_json"]
