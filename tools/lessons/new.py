"""A new lesson: a source and a module for its exercises that pass the checks of form, to be filled with a lesson."""

import re
from pathlib import Path

from nasedu.core import BadValue
from tools.lessons.places import sources

HERE = Path(__file__).parent


def new_lesson(root: Path, number: str, title: str) -> tuple[Path, Path]:
    """Write notebooks/source/NN_title.py and nasedu/classroom/lessons/lesson_NN/exercises.py into a checkout.

    Raises:
        BadValue: the number is taken or is not of two digits, or the title makes no name of a file.
    """
    slug = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    if not re.fullmatch(r"\d\d", number) or not slug:
        raise BadValue(
            f'a lesson has a number of two digits and a title, such as 24 "Graph networks"; given {number} {title!r}'
        )
    taken = [source.stem for source in sources(root / "notebooks") if source.stem.startswith(number)]
    source = root / "notebooks" / "source" / f"{number}_{slug}.py"
    module = root / "nasedu" / "classroom" / "lessons" / f"lesson_{number}" / "exercises.py"
    if taken or module.exists():
        raise BadValue(f"there is a lesson {number} already: {taken[0] if taken else module}")
    for path, template in ((source, "template_lesson.txt"), (module, "template_exercises.txt")):
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (HERE / template).read_text(encoding="utf-8")
        path.write_text(text.replace("NUMBER", number).replace("TITLE", title), encoding="utf-8")
    return source, module
