"""What many parts check at their door, said once."""

from nasedu.core.errors import BadValue


def check_counts(least: int = 1, /, **counts: int) -> None:
    """Refuse arguments that are no whole numbers of at least `least`: `check_counts(trials=trials, batch=batch)`.

    numpy's whole numbers are refused, too: a store would keep them as something else.

    Raises:
        BadValue: the first such argument, by its name.
    """
    for name, value in counts.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise BadValue(f"{name} is a whole number of at least {least}; given {value!r}")
