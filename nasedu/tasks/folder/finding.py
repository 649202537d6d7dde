"""Which files of a folder are images of which class, and of which split: by the names of folders, no file is opened."""

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from nasedu.core import BadValue, counted
from nasedu.tasks.folder.decoding import is_image_name
from nasedu.tasks.preparing import listed

MOST_ENTRIES = 1_000_000
"""Files and folders that are looked at, at most: more is a whole disk, not a data set."""

PARTS = ("train", "validation", "test")

_PART = {
    "train": "train(?:ing)?|trn",
    "validation": "val|valid|validation|validate|dev",
    "test": "test(?:ing)?|tst",
}
_FILLER = r"(?:sets?|data|datasets?|images?|imgs?|splits?|seg)"
"""Words that data sets put around the name of a split: `training_set`, `test2017`, `seg_train`, `val-images`."""

_OF_TOOLS = re.compile(
    r"\..*|__.*|.*~|~\$.*|@eadir|@tmp|@recycle|@recently-snapshot|#recycle|#snapshot|\$recycle\.bin|lost\+found"
    r"|system volume information|(?:eh)?thumbs\.db|desktop\.ini|icon\r|network trash folder|temporary items",
    re.I | re.S,
)
"""What file managers, notebooks, network drives and editors leave behind, and anything hidden."""

Place = tuple[str, ...]
"""Where something lies: the names of the folders below the user's folder, its own name last."""


class File(NamedTuple):
    """A file, its name below the user's folder, the number of its class, and its given split (or "")."""

    path: Path
    told: str
    label: int
    part: str


@dataclass
class Found:
    """The files of all classes, in the order of classes and names; `guesses` and `left_out` are sentences."""

    files: list[File]
    names: list[str]
    guesses: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


@dataclass
class Tree:
    """All that lies below a folder: the names of the folders and of the files of each folder, in order."""

    root: Path
    folders: dict[Place, list[str]] = field(default_factory=dict)
    files: dict[Place, list[str]] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    of_tools: Counter[str] = field(default_factory=Counter)

    def images(self, at: Place) -> list[str]:
        """Return the names of the files right in this folder that are called like images."""
        return [name for name in self.files.get(at, []) if is_image_name(name)]

    def below(self, at: Place) -> Iterator[Place]:
        """Yield the place of every file at any depth."""
        yield from ((*at, name) for name in self.files.get(at, []))
        for name in self.folders.get(at, []):
            yield from self.below((*at, name))


def existing(path: str | Path) -> Path:
    """Return the path that is meant: as it stands if there is such a thing on disk, else with `~` expanded."""
    return Path(path) if os.path.lexists(path) else Path(os.path.expanduser(path))


def told(place: Place | str) -> str:
    """Return a place for people: separated by slashes, bytes that are no text replaced."""
    text = place if isinstance(place, str) else "/".join(place)
    return os.fsencode(text).decode("utf-8", "replace")


def tree_of(path: Path, where: str, holds: str) -> Tree:
    """Return what lies below a folder, without what tools leave there; links to folders are followed.

    Raises:
        BadValue: no folder, one that cannot be opened, or one with more than a million entries.
    """
    if not os.path.isdir(path):
        archive = path.suffix.lower() in (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar")
        what = "is a file" if os.path.exists(path) else "does not exist"
        raise BadValue(f"{where} {what}; {'unpack it first: ' if archive else ''}expected {holds}")
    tree, entries = Tree(path), 0
    waiting: list[tuple[Place, frozenset[tuple[int, int]]]] = [((), frozenset())]
    while waiting:
        at, above = waiting.pop()
        try:
            status = os.stat(path.joinpath(*at))
            found = sorted(os.scandir(path.joinpath(*at)), key=lambda entry: entry.name)
        except OSError as error:
            if not at:
                raise BadValue(f"{where} cannot be opened ({error.strerror}); change its permissions") from error
            tree.closed.append(told(at))
            continue
        if (here := (status.st_dev, status.st_ino)) in above:  # a link back to a folder that this one lies in
            continue
        kept: list[os.DirEntry[str]] = []
        of_tools: list[os.DirEntry[str]] = []
        for entry in found:
            (of_tools if _OF_TOOLS.fullmatch(entry.name) else kept).append(entry)
        tree.of_tools.update(
            "._*" if entry.name.startswith("._") else told(entry.name)
            for entry in of_tools
            if os.path.isdir(entry.path) or is_image_name(entry.name)
        )
        folders = [entry.name for entry in kept if os.path.isdir(entry.path)]
        tree.folders[at], tree.files[at] = folders, sorted({entry.name for entry in kept} - set(folders))
        entries += len(found)
        if entries > MOST_ENTRIES:
            raise BadValue(f"{where} holds more than {MOST_ENTRIES:,} files and folders; name the folder of the images")
        waiting += (((*at, name), above | {here}) for name in reversed(folders))
    return tree


def find(tree: Tree, where: str) -> Found:
    """Return the files of each class, and of each split if the folders are named after splits.

    Raises:
        BadValue: no folders of classes, or a class that one of the given splits lacks.
    """
    at, guesses = _way_down(tree, where)
    by_part, unused = _given(tree, at, where)
    if by_part or (by_part := _given_in_classes(tree, at)):
        files, names = _in_splits(tree, by_part, where, guesses)
    else:
        files, names = _in_classes(tree, at)
        guesses += _alike_inside(tree, at)
    if not files:
        raise BadValue(f"{where}: there are no images in its folders {listed(names)}; put some there")
    found = Found(files, names, guesses)
    found.left_out += _strays(tree, {file.told for file in files}, unused)
    guesses += _alike(names)
    if tree.closed:
        found.left_out.append(
            f"left out {counted(len(tree.closed), 'folder')} that cannot be opened: {listed(tree.closed)}"
        )
    return found


def of_tools(tree: Tree) -> list[str]:
    """Return the sentence that names what tools left there, if there is any."""
    names = [f"{name} ({count})" if count > 1 else name for name, count in sorted(tree.of_tools.items())]
    return [f"passed over what tools and systems keep there: {listed(names)}"] if names else []


# ---------------------------------------------------------------------- where the classes are


def _way_down(tree: Tree, where: str) -> tuple[Place, list[str]]:
    """Return the folder that holds the folders of the classes, and a sentence if that is not the user's own."""
    if not tree.folders[()]:
        images, tables = len(tree.images(())), [n for n in tree.files[()] if n.lower().endswith((".csv", ".tsv"))]
        but = f"holds {images} images and no folders" if images else "holds no folders"
        table = (
            f"; a table of labels ({told(tables[0])}) is not read: sort the images by it" if images and tables else ""
        )
        raise BadValue(
            f"{where} {but}; expected one folder of images for each class, named after it: cat/1.jpg, dog/2.jpg{table}"
        )
    at = _narrowest(tree, ())
    return at, [f"took the classes from its one folder {told(at)!r}"] if at else []


def _narrowest(tree: Tree, at: Place) -> Place:
    """Return the first folder below that holds several folders, or images; the given one if it has none."""
    while len(tree.folders.get(at, [])) == 1 and not tree.images(at):
        below = (*at, tree.folders[at][0])
        if not tree.folders.get(below) or tree.images(below):
            break
        at = below
    return at


def _in_classes(tree: Tree, at: Place) -> tuple[list[File], list[str]]:
    return _files(tree, {"": {_class(name): [(*at, name)] for name in tree.folders[at]}})


ByPart = dict[str, dict[str, list[Place]]]
"""For each split, or for "", the folders of each class."""


def _files(tree: Tree, by_part: ByPart) -> tuple[list[File], list[str]]:
    names = sorted({name for classes in by_part.values() for name in classes})
    files = []
    for label, name in enumerate(names):
        places = [(part, p) for part, of in by_part.items() for at in of.get(name, []) for p in tree.below(at)]
        ordered = sorted(("/".join(place), place, part) for part, place in places)
        files += [File(tree.root.joinpath(*place), told(place), label, part) for _, place, part in ordered]
    return files, names


def _class(name: str) -> str:
    """Return the name of a class: macOS and Linux write an accented letter in different ways."""
    return unicodedata.normalize("NFC", told(name))


# ---------------------------------------------------------------------- splits that are given


def part_of(name: str) -> str:
    """Return the split that a folder is named after: train, validation or test; "" if its name is no such name."""
    words = [w for w in re.split(r"[\W_\d]+", name.casefold()) if w and not re.fullmatch(_FILLER, w)]
    if len(words) != 1:
        return ""
    return next((part for part, p in _PART.items() if re.fullmatch(rf"(?:{p})(?:sets?|data|images?)?", words[0])), "")


def _given(tree: Tree, at: Place, where: str) -> tuple[ByPart, list[Place]]:
    """Return the classes of each split, and the folders that are not used; nothing if the folders are no splits.

    They are splits if they are named so and hold folders of the same names: a class may really be called `test`.
    """
    folders: dict[str, list[str]] = {}
    for name in tree.folders[at]:
        folders.setdefault(part_of(name), []).append(name)
    others = folders.pop("", [])
    if len(folders) < 2:
        return {}, []
    places = {part: [_narrowest(tree, (*at, name)) for name in names] for part, names in folders.items()}
    inside = {part: {_class(n).casefold() for p in of for n in tree.folders[p]} for part, of in places.items()}
    train = inside.get("train", set())
    shared = [part for part in inside if part != "train" and inside[part] & train]
    if others and not shared:
        return {}, []
    named = [name for part in PARTS for name in folders.get(part, [])]
    if not train:
        raise BadValue(
            f"{where}: its folders {', '.join(named)} are named after splits, and "
            f"{'no folder of a class is in train' if 'train' in folders else 'there is no folder train'}; expected "
            "train/cat/1.jpg, test/cat/2.jpg; if these are classes, give them other names"
        )
    for part, names in folders.items():
        if len(names) > 1:
            raise BadValue(f"{where}: {' and '.join(names)} are both names of the {part} split; expected one of them")
    by_part: ByPart = {}
    for part in ("train", *shared):
        for place in places[part]:
            for name in tree.folders[place]:
                by_part.setdefault(part, {}).setdefault(_class(name), []).append((*place, name))
    unused = [(*at, name) for name in others]
    unused += [(*at, name) for part in folders if part not in by_part for name in folders[part]]
    return by_part, unused


def _given_in_classes(tree: Tree, at: Place) -> ByPart:
    """Return the classes of each split where every class has a folder for each split: cat/train, cat/test."""
    by_part: ByPart = {}
    for name in tree.folders[at]:
        inside = tree.folders[(*at, name)]
        if not inside or not all(map(part_of, inside)):
            return {}
        for part in inside:
            by_part.setdefault(part_of(part), {}).setdefault(_class(name), []).append((*at, name, part))
    return by_part if len(by_part) > 1 and "train" in by_part else {}


def _in_splits(tree: Tree, by_part: ByPart, where: str, guesses: list[str]) -> tuple[list[File], list[str]]:
    files, names = _files(tree, by_part)
    for part, classes in by_part.items():
        missing = [name for name in names if not any(True for at in classes.get(name, []) for _ in tree.below(at))]
        if missing:
            have = next((other for other in by_part if missing[0] in by_part[other]), part)
            raise BadValue(
                f"{where}: there are no images of {listed([repr(name) for name in missing])} in the {part} split, and "
                f"there are in {have}; every split needs every class: add images, or remove the class everywhere"
            )
    return files, names


# ---------------------------------------------------------------------- what to say of it


def _strays(tree: Tree, used: set[str], unused: Sequence[Place]) -> list[str]:
    """Return sentences on images outside the folders of classes."""
    sentences = []
    for place in unused:
        count = sum(is_image_name(inner[-1]) for inner in tree.below(place))
        if count:
            sentences.append(
                f"left out the {counted(count, 'image')} in {told(place)!r}: there is no folder in it that is named "
                "after a class of train"
                if part_of(place[-1])
                else f"left out the {counted(count, 'image')} in {told(place)!r}, which is no split"
            )
    strays = [
        name
        for place in tree.below(())
        if is_image_name(place[-1]) and (name := told(place)) not in used
        if not any(place[: len(folder)] == folder for folder in unused)
    ]
    if strays:
        sentences.append(f"left out {counted(len(strays), 'image')} outside the folders of classes: {listed(strays)}")
    return sentences


def _alike(names: Sequence[str]) -> list[str]:
    """Return a sentence on classes whose names differ in nothing but case or blanks."""
    by_form: dict[str, list[str]] = {}
    for name in names:
        by_form.setdefault(" ".join(name.casefold().split()), []).append(repr(name))
    same = [" and ".join(many) for many in by_form.values() if len(many) > 1]
    return [f"took {listed(same)} as different classes; merge the folders if they are the same"] if same else []


def _alike_inside(tree: Tree, at: Place) -> list[str]:
    """Return a sentence if folders inside the classes look like the real classes, or like splits."""
    names = tree.folders[at]
    inside = [set(tree.folders[(*at, name)]) for name in names]
    common = set.intersection(*inside) if len(inside) > 1 else set()
    splits = {name for folders in inside for name in folders if part_of(name)}
    if len(common) < 2 and not splits:
        return []
    return [
        f"took {listed(names)} as the classes; the names of the folders inside them are not used: "
        f"{listed(sorted(common | splits))}"
    ]
