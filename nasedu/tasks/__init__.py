"""Floor 1: tasks, what a network is judged on."""

from nasedu.core import Registry, UnknownName
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
)

QUESTIONS = (
    "what",
    "rotated",
    "turned",
    "noisy-pixels",
    "noisy-labels",
    "few",
    "shuffled",
    "anywhere",
    "where",
    "how-many",
    "same",
)
"""What the relatives of digits and glyphs ask: `load("where/digits")`, `load("shuffled/greek")`."""

families = Registry(
    "family of tasks",
    {
        "glyphs": "nasedu.tasks.glyphs:glyphs",
        "gratings": "nasedu.tasks.variants:grating",
        **dict.fromkeys(QUESTIONS, "nasedu.tasks.variants:relative"),
        "sinusoids": "nasedu.tasks.sinusoids:sinusoids_named",
        "openml": "nasedu.tasks.openml:openml_named",
        "folder": "nasedu.tasks.folder:folder_named",
        "csv": "nasedu.tasks.csv_table:csv_named",
    },
)
"""What may stand before the slash of a name; each is called with what stands behind it."""

PLACEHOLDERS = {
    "glyphs": "glyphs/SCRIPT",
    "gratings": "gratings/KIND",
    **{question: f"{question}/MATERIAL" for question in QUESTIONS},
    "sinusoids": "sinusoids/NUMBER",
    "openml": "openml/NAME",
    "folder": "folder/PATH",
    "csv": "csv/PATH:TARGET",
}
"""How the names of a family read."""


def load(name: str) -> Task:
    """The task of this name: `load("digits")`, `load("glyphs/greek")`, `load("where/digits")`, `load("csv/my.csv:y")`.

    Raises:
        UnknownName: listing those that exist.
        BadValue: see the family's own module.
    """
    check_name(name)
    if name in registry:
        return registry[name]()
    family, _, member = name.partition("/")
    return families[family](family, member) if family in QUESTIONS else families[family](member)


def check_name(name: str) -> None:
    """Raises UnknownName if `load` knows neither the name nor its family; looks at no data."""
    family, _, member = name.partition("/")
    if name not in registry and not (member and family in families):
        raise UnknownName(f"unknown task {name!r}; known: {', '.join([*sorted(registry), *PLACEHOLDERS.values()])}")


def summaries() -> dict[str, str]:
    """What there is, and one line on each: names, and how the names of families read."""
    from nasedu.tasks.variants import summary_of

    found = {name: registry.summary(name) for name in registry}
    for family, reads in PLACEHOLDERS.items():
        found[reads] = summary_of(family) if family in QUESTIONS else families.summary(family)
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
