"""Errors that say what was given, what was expected and what to do next.

Every error that nasedu raises on purpose is a `NaseduError`; the terminal shows its message as one line and
leaves with exit code 2. Errors are raised at the door: in constructors, in `load`, in the command line.
"""


class NaseduError(Exception):
    """The common base: catch this to catch everything that nasedu refuses."""


class BadValue(NaseduError, ValueError):
    """A value out of its range, or of the wrong kind."""


class BadArchitecture(BadValue):
    """An architecture that the space cannot read: an illegal choice, one too many, or one too few."""


class UnknownName(NaseduError, LookupError):
    """A name that is in no registry; the message lists the names that are."""


class Mismatch(NaseduError, ValueError):
    """Two things that do not belong together: a task and a space, a prior and a space, a store and the code."""


class MissingExtra(NaseduError, ImportError):
    """An optional dependency is absent; the message says how to install it."""


class StoreError(NaseduError):
    """A store that cannot be read or written; what was in it is untouched."""


class StoreHeld(StoreError):
    """Another living process holds this study."""


class Exhausted(NaseduError):
    """The controller has asked every architecture of its space. A study that meets it ends well."""
