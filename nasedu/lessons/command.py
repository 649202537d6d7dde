"""The command `nasedu lessons`."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from nasedu.core import BadValue, NaseduError
from nasedu.lessons.building import build_all, reword
from nasedu.lessons.checking import check_all
from nasedu.lessons.copying import copy_lessons
from nasedu.lessons.places import folder, needed, notebook_of, shipped, sources

USAGE = 'say `build 00`, `reword 00`, `check`, `new 24 "Title"` or `copy FOLDER`'


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if all is well, 1 if something was found or left undone, 2 if the command makes no sense."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if not words or words[0] not in COMMANDS:
            raise BadValue(USAGE)
        return COMMANDS[words[0]](words[1:])
    except NaseduError as error:
        print(error, file=sys.stderr)
        return 2


def _build(names: list[str]) -> int:
    for name, timing in build_all(folder(), names).items():
        print(f"{name}: {timing.seconds:.0f} s, {timing.megabytes:.0f} MB")
    return 0


def _reword(names: list[str]) -> int:
    for source in sources(folder(), names):
        reword(source)
        print(f"{source.stem}: prose taken over")
    return 0


def _check(names: list[str]) -> int:
    from nasedu.lessons import structure

    found = check_all(folder(), names)
    for source in sources(folder(), names):
        found[source.stem] += structure.complaints(source)
        if notebook_of(source).exists():
            found[source.stem] += structure.pictures(needed("nbformat").read(notebook_of(source), as_version=4))
    for name, complaints in found.items():
        print(f"{name}: {'in order' if not complaints else ''}")
        print("".join(f"  - {complaint}\n" for complaint in complaints), end="")
    return int(any(found.values()))


def _new(words: list[str]) -> int:
    from nasedu.lessons.new import new_lesson

    if len(words) != 2:
        raise BadValue('say which number, and the title: nasedu lessons new 24 "Graph networks"')
    notebooks = folder()
    for path in new_lesson(notebooks, notebooks.parent / "nasedu" / "classroom", *words):
        print(f"written: {path}")
    return 0


def _copy(words: list[str]) -> int:
    if len(words) != 1:
        raise BadValue("say where to: nasedu lessons copy FOLDER")
    copied = copy_lessons(shipped(), Path(words[0]))
    print(copied.words())
    if copied.kept:
        print(copied.advice(), file=sys.stderr)
    return int(bool(copied.kept))


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "build": _build,
    "reword": _reword,
    "check": _check,
    "new": _new,
    "copy": _copy,
}
