"""What somebody meant who typed a name that does not exist: said once, for names, options and columns."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: object, known: Iterable[object]) -> str:
    """Return `; did you mean 'digits'?`, to end a message with; empty if no known name is near.

    A name is near if most of its letters agree, in upper or lower case, or if it contains what was typed.
    """
    typed, names = str(name).lower(), {str(one).lower(): str(one) for one in reversed(list(known))}
    near = get_close_matches(typed, names, n=1) or [one for one in names if len(typed) > 2 and typed in one][-1:]
    return f"; did you mean {names[near[0]]!r}?" if near else ""


def unknown(what: str, name: object, known: Iterable[object]) -> str:
    """Return the message about a name that does not exist: `unknown task 'digitz'; known: ...`, and which may be meant.

    Args:
        what: the kind of thing that has names, in the singular.
        known: all names, in the order in which they are listed.
    """
    names = list(map(str, known))
    return f"unknown {what} {name!r}; known: {', '.join(names)}{did_you_mean(name, names)}"
