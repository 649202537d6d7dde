"""Builds the whole site from the executed notebooks."""

import re
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nasedu.core import BadValue
from nasedu.widgets.base import javascript, stylesheet
from tools.lessons.places import NOTEBOOKS, REPOSITORY, ROOT, binder, mistake, notebook_of, sources
from tools.site import reference, search
from tools.site.lesson import Lesson, anchored, markdown_html, read_lesson
from tools.site.packages import MATHJAX, fetched
from tools.site.pages import code_style, filled
from tools.site.pictures import picture_of

STATIC = Path(__file__).parent / "static"
FOLDERS = ("lessons", "notebooks", "pictures", "reference", "static")
"""What a build replaces; other folders of the site stay."""
LITE = "lite"
"""The folder in which JupyterLite may lie, with the lessons that run in the browser under `files/`."""
SOURCE = f"https://github.com/{REPOSITORY}"
TEXTS = {
    "notebooks/GLOSSARY.md": "glossary.html",
    "docs/INSTRUCTORS.md": "instructors.html",
    "docs/OWN_EXERCISES.md": "own_exercises.html",
    "docs/TEACHING_PLANS.md": "teaching_plans.html",
}
"""Pages of the repository that are pages of the site."""
FIRST_PLAYER = ("04", "Player: Q-learning, backup by backup")
"""What the front page plays: the lesson, and how the words of the widget begin."""


def build_site(out: Path, names: Sequence[str] = ()) -> Iterator[str]:
    """Build the site, and yield what there is to say about it.

    Args:
        out: its folder.
        names: the lessons, by the beginnings of their names; by default all.

    Raises:
        BadValue: no such lesson; a lesson that was not built; MathJax is not there and cannot be fetched.
    """
    started = time.process_time()
    mathjax = fetched(MATHJAX)
    lessons = [read_lesson(_built(source)) for source in sources(NOTEBOOKS, names)]
    for folder in FOLDERS:
        shutil.rmtree(out / folder, ignore_errors=True)
        (out / folder).mkdir(parents=True)
    _copy_static(out, mathjax)
    site = Site(out, lessons)
    site.write_lessons()
    site.write_texts()
    site.write_reference()
    site.write_front()
    (out / "static" / "search-index.js").write_text(search.script(site.index), encoding="utf-8")
    size = sum(file.stat().st_size for folder in FOLDERS for file in (out / folder).rglob("*") if file.is_file())
    yield f"{out}: {len(lessons)} lessons, {size / 1e6:.0f} MB, {time.process_time() - started:.0f} processor seconds"


class Site:
    """A site in the making.

    Args:
        out: its folder.
        lessons: what it has, in order.
    """

    def __init__(self, out: Path, lessons: Sequence[Lesson]):
        self.out = out
        self.lessons = lessons
        self.index: list[search.Entry] = []

    def write(self, template: str, address: str, title: str, **values: Any) -> None:
        """Write a page; `title` is that of the browser's tab."""
        values = {"equations": False, "source": SOURCE, "titles": self.lessons, **values}
        (self.out / address).write_text(filled(template, address, title=title, **values), encoding="utf-8")

    def write_lessons(self) -> None:
        """Write a page for each lesson, and its notebook to take away."""
        for place, lesson in enumerate(self.lessons):
            address = f"lessons/{lesson.name}.html"
            self._add(f"{lesson.number} · {lesson.title}", address, lesson.body, lesson.sections)
            shutil.copy(NOTEBOOKS / f"{lesson.name}.ipynb", self.out / "notebooks")
            self.write(
                "lesson.html.j2",
                address,
                title=lesson.title,
                lesson=lesson,
                body=led(lesson.body, address, NOTEBOOKS),
                equations=lesson.has_equations,
                before=self.lessons[place - 1] if place else None,
                after=self.lessons[place + 1] if place + 1 < len(self.lessons) else None,
                binder=binder(lesson.name),
                lite=self._lite(lesson.name),
                mistake=mistake(f"lesson {lesson.number}"),
            )

    def _lite(self, name: str) -> str:
        """Return the address at which a lesson runs in the browser; empty if the site has no such copy of it."""
        there = (self.out / LITE / "files" / f"{name}.ipynb").exists()
        return f"../{LITE}/lab/index.html?path={name}.ipynb" if there else ""

    def write_texts(self) -> None:
        """Write the glossary and the pages for instructors."""
        for source, address in TEXTS.items():
            path = ROOT / source
            self._write_text(address, path.read_text(encoding="utf-8"), path.parent)

    def write_reference(self) -> None:
        """Write a page for each part of the package, and a page that lists them."""
        parts = reference.parts()
        rows = "\n".join(f"- [{part}]({part}.html): {reference.summary(part)}" for part in parts)
        self._write_text("reference/index.html", f"# Reference\n\nThe public names of the package.\n\n{rows}\n")
        for part in parts:
            self._write_text(f"reference/{part}.html", reference.page(part))

    def write_front(self) -> None:
        """Write the front page."""
        pictures = {lesson.name: picture_of(lesson.name, lesson.notebook) for lesson in self.lessons}
        for picture in filter(None, pictures.values()):
            picture.write(self.out / "pictures")
        self.write(
            "front.html.j2",
            "index.html",
            title="Neural architecture search, by running it",
            lessons=self.lessons,
            pictures=pictures,
            seconds=_seconds(),
            player=self._player(),
            running=[
                {"number": lesson.number, "address": address.removeprefix("../")}
                for lesson in self.lessons
                if (address := self._lite(lesson.name))
            ],
            binder=binder(self.lessons[0].name),
        )

    def _player(self) -> str:
        number, words = FIRST_PLAYER
        for lesson in (lesson for lesson in self.lessons if lesson.number == number):
            for cell in lesson.notebook.cells:
                for output in cell.get("outputs", ()):
                    if output.get("data", {}).get("text/plain", "").startswith(words):
                        return str(output.data["text/html"])
            raise BadValue(
                f"lesson {number} has no output that begins with {words!r}: change FIRST_PLAYER in {__file__}"
            )
        return ""

    def _write_text(self, address: str, markdown: str, folder: Path = ROOT) -> None:
        body, sections = anchored(led(markdown_html(markdown), address, folder))
        title = sections[0].title
        self._add(title, address, body, sections)
        self.write("text.html.j2", address, title=title, body=body, sections=sections)

    def _add(self, page: str, address: str, body: str, sections: Sequence[Any]) -> None:
        titles = {section.anchor: section.title for section in sections if section.level > 1}
        self.index += search.entries(page, address, body, titles)


def led(html: str, address: str, folder: Path) -> str:
    """Return HTML whose links to files of the repository lead to their pages on the site, else to the repository.

    Args:
        html: the content of a page.
        address: of the page, from the root of the site.
        folder: the folder of the file that the page is made of: its links are relative to it.
    """

    def link(found: re.Match[str]) -> str:
        path = (folder / found[1]).resolve().relative_to(ROOT).as_posix()
        page = "../" * address.count("/") + TEXTS[path] if path in TEXTS else f"{SOURCE}/blob/HEAD/{path}"
        return f'href="{page}{found[2]}"'

    return re.sub(r'href="(?!https?:)([\w./-]+\.(?:md|py|cfg))((?:#[^"]*)?)"', link, html)


def _built(source: Path) -> Path:
    notebook = notebook_of(source)
    if not notebook.exists():
        raise BadValue(
            f"{notebook.name} does not exist: build it first, with `python -m tools.lessons build {source.stem[:2]}`"
        )
    return notebook


def _seconds() -> dict[str, int]:
    """Return how long each lesson ran, as TIMINGS.md says it."""
    page = (NOTEBOOKS / "TIMINGS.md").read_text(encoding="utf-8")
    return {name: int(seconds) for name, seconds in re.findall(r"^\| (\d\d_\w+) \| (\d+) \|", page, re.M)}


def _copy_static(out: Path, mathjax: Path) -> None:
    """Copy scripts and style sheets; questions are drawn by the widget's own."""
    shutil.copytree(STATIC, out / "static", dirs_exist_ok=True)
    shutil.copy(mathjax, out / "static")
    script = javascript("quiz.js").replace("export default { render };", "")
    questions = out / "static" / "questions.js"
    questions.write_text(f"(() => {{\n{script}\n{questions.read_text(encoding='utf-8')}}})();\n", encoding="utf-8")
    sheet = out / "static" / "site.css"
    widget = stylesheet("quiz.css", ".nasedu-quiz")
    sheet.write_text(sheet.read_text(encoding="utf-8") + code_style() + widget, encoding="utf-8")
