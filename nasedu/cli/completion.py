"""What a shell completes after an option: the registered names, without importing what they name."""

from collections.abc import Iterable


def tasks(incomplete: str) -> list[str]:
    """Return the tasks that begin so; of a family, the part before the slash."""
    from nasedu.tasks import PLACEHOLDERS, registry

    return _beginning(incomplete, [*registry, *(f"{family}/" for family in PLACEHOLDERS)])


def spaces(incomplete: str) -> list[str]:
    """Return the spaces that begin so."""
    from nasedu.spaces import registry

    return _beginning(incomplete, registry)


def controllers(incomplete: str) -> list[str]:
    """Return the controllers that begin so."""
    from nasedu.controllers import registry

    return _beginning(incomplete, registry)


def trainers(incomplete: str) -> list[str]:
    """Return the trainers that begin so."""
    from nasedu.trainers import registry

    return _beginning(incomplete, registry)


def priors(incomplete: str) -> list[str]:
    """Return the priors that begin so."""
    from nasedu.meta import registry

    return _beginning(incomplete, registry)


def learners(incomplete: str) -> list[str]:
    """Return the meta-learners that begin so."""
    from nasedu.metalearning import registry

    return _beginning(incomplete, registry)


def task_distributions(incomplete: str) -> list[str]:
    """Return what `nasedu metatrain` learns from; of a family, the part before the slash."""
    from nasedu.metalearning import TASKS

    return _beginning(incomplete, [name.partition("/")[0] + "/" * ("/" in name) for name in TASKS])


METHODS = ("darts", "darts-2", "p-darts", "gdas", "enas", "spos")
"""The methods of `nasedu oneshot`, as `nasedu.oneshot.methods` has them: a help text needs no numpy."""


def methods(incomplete: str) -> list[str]:
    """Return the one-shot methods that begin so."""
    return _beginning(incomplete, METHODS)


def several_tasks(incomplete: str) -> list[str]:
    """Return the tasks that may end a list of tasks, divided by commas."""
    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in tasks(last)]


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
