"""Errors that say what was given, what was expected and what to do next.

Every error that nasedu raises on purpose is a `NaseduError`. The terminal shows its message as one line and
ends with exit code 2. Errors are raised early: in constructors, in `load`, in the command line.
"""


class NaseduError(Exception):
    """The base of all errors of nasedu: catch it to catch every one of them."""


class BadValue(NaseduError, ValueError):
    """A value is out of its range, or of the wrong kind."""


class BadArchitecture(BadValue):
    """The space cannot read an architecture: a choice is illegal, or there are too many or too few choices."""


class NoTest(BadValue):
    """Nothing can be tested: a trainer has no test examples and no test. A search ends without a test then."""


class UnknownName(NaseduError, LookupError):
    """A name is in no registry; the message lists the known names."""


class Mismatch(NaseduError, ValueError):
    """Two things do not fit together: a task and a space, a prior and a space, or a store and the code."""


class MissingExtra(NaseduError, ImportError):
    """An optional dependency is absent; the message says how to install it."""


class StoreError(NaseduError):
    """A store cannot be read or written; its contents are unchanged."""


class StoreHeld(StoreError):
    """Another running process holds this study."""


class Exhausted(NaseduError):
    """The controller has asked every architecture of its space. The study then ends normally."""
