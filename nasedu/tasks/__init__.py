"""Floor 1: tasks. A network is trained and scored on a task."""

from dataclasses import replace
from pathlib import Path

from nasedu.core import Registry, UnknownName, unknown
from nasedu.tasks import variants
from nasedu.tasks.base import Split, Task, split_indices
from nasedu.tasks.multi_task import MultiTask, folds_of, together

registry = Registry(
    "task",
    {
        "digits": "nasedu.tasks.digits:digits",
        "digits-rotated": "nasedu.tasks.digits:digits_rotated",
        "digits-noisy": "nasedu.tasks.digits:digits_noisy",
        "digits-shuffled": "nasedu.tasks.digits:digits_shuffled",
        "sinusoids": "nasedu.tasks.sinusoids:sinusoids",
        "tones/pitch": "nasedu.tasks.tones:tones_pitch",
        "tones/timbre": "nasedu.tasks.tones:tones_timbre",
        "tones/chirps": "nasedu.tasks.tones:tones_chirps",
    },
    contract="nasedu.tasks.base:AnyTask",
    ready_made=True,
)

QUESTIONS = tuple(variants.QUESTIONS)
"""The questions of tasks made from digits or glyphs: `load("where/digits")`, `load("shuffled/greek")`."""

_FAMILIES = {
    "glyphs": ("nasedu.tasks.glyphs:glyphs", "SCRIPT"),
    "gratings": ("nasedu.tasks.variants:grating", "KIND"),
    **dict.fromkeys(QUESTIONS, ("nasedu.tasks.variants:relative", "MATERIAL")),
    "sinusoids": ("nasedu.tasks.sinusoids:sinusoids_named", "NUMBER"),
    "openml": ("nasedu.tasks.openml:openml_named", "NAME"),
    "folder": ("nasedu.tasks.folder:folder_named", "PATH"),
    "csv": ("nasedu.tasks.csv_table:csv_named", "PATH:TARGET"),
}

families = Registry("family of tasks", {family: entry for family, (entry, _) in _FAMILIES.items()})
"""The part of a name before the slash; the entry is called with the part after the slash."""

PLACEHOLDERS = {family: f"{family}/{member}" for family, (_, member) in _FAMILIES.items()}
"""The form of the names in a family."""


def load(name: str) -> Task:
    """Return the task of this name, such as `load("digits")`, `load("glyphs/greek")` or `load("csv/my.csv:y")`.

    A name may also be the path of a task of your own, or of a function that makes it: "module:moons". The task then has
    that path as its name, so that stores and priors can load it again.

    Raises:
        UnknownName: the message lists the names that exist.
        BadValue: see the family's own module.
    """
    check_name(name)
    if registry.is_own(name):
        task = registry.make(name)
        return replace(task, name=name) if isinstance(task, Task) else task
    if name in registry:
        return registry[name]()
    family, _, member = name.partition("/")
    return families[family](family, member) if family in QUESTIONS else families[family](member)


def check_name(name: str) -> None:
    """Raise UnknownName if `load` knows neither the name nor its family; no data are read."""
    family, _, member = name.partition("/")
    if registry.is_own(name) and Path(name.partition(":")[0]).is_file():
        raise UnknownName(f"unknown task {name!r}: the task of a table is called csv/PATH:TARGET, such as csv/{name}")
    if registry.is_own(name):
        registry.check_name(name)
    elif name not in registry and not (member and family in families):
        raise UnknownName(unknown("task", name, [*sorted(registry), *PLACEHOLDERS.values()]))


def summaries() -> dict[str, str]:
    """Return one line on each task, by name; for a family, by the form of its names."""
    found = {name: registry.summary(name) for name in registry}
    for family, reads in PLACEHOLDERS.items():
        found[reads] = variants.summary_of(family) if family in QUESTIONS else families.summary(family)
    return found


__all__ = [
    "QUESTIONS",
    "MultiTask",
    "Split",
    "Task",
    "check_name",
    "families",
    "folds_of",
    "load",
    "registry",
    "split_indices",
    "summaries",
    "together",
]
