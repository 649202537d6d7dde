"""The command `python -m tools.lessons`."""

import sys
from collections.abc import Callable, Sequence

import nbformat

from nasedu.core import BadValue, NaseduError
from tools.lessons import structure
from tools.lessons.building import build_all, reword
from tools.lessons.checking import check_all
from tools.lessons.new import new_lesson
from tools.lessons.places import NOTEBOOKS, ROOT, notebook_of, sources

USAGE = 'say `build 00`, `reword 00`, `check` or `new 24 "Title"`'


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if all is well, 1 if something was found, 2 if the command makes no sense."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if not words or words[0] not in COMMANDS:
            raise BadValue(USAGE)
        return COMMANDS[words[0]](words[1:])
    except NaseduError as error:
        print(error, file=sys.stderr)
        return 2


def _build(names: list[str]) -> int:
    for name, timing in build_all(NOTEBOOKS, names).items():
        print(f"{name}: {timing.seconds:.0f} s, {timing.megabytes:.0f} MB")
    return 0


def _reword(names: list[str]) -> int:
    for source in sources(NOTEBOOKS, names):
        reword(source)
        print(f"{source.stem}: prose taken over")
    return 0


def _check(names: list[str]) -> int:
    found = check_all(NOTEBOOKS, names)
    for source in sources(NOTEBOOKS, names):
        found[source.stem] += structure.complaints(source)
        if notebook_of(source).exists():
            notebook = nbformat.read(notebook_of(source), as_version=4)
            found[source.stem] += structure.pictures(notebook) + structure.spoilers(notebook)
    for name, complaints in found.items():
        print(f"{name}: {'in order' if not complaints else ''}")
        print("".join(f"  - {complaint}\n" for complaint in complaints), end="")
    return int(any(found.values()))


def _new(words: list[str]) -> int:
    if len(words) != 2:
        raise BadValue('say which number, and the title: python -m tools.lessons new 24 "Graph networks"')
    for path in new_lesson(ROOT, *words):
        print(f"written: {path}")
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "build": _build,
    "reword": _reword,
    "check": _check,
    "new": _new,
}
