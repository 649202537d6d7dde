"""Whether the lessons of this repository are in order: what each promises in form, in time and in memory."""

import re
from pathlib import Path

import nbformat
import pytest

from nasedu.cli import doctor_checks
from nasedu.lessons.timings import recorded
from tools.lessons import checking, places, structure, timings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
REAL = places.sources(FOLDER)
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md")), *sorted(FOLDER.glob("*.md"))]


def test_sources_and_notebooks_of_all_lessons_agree():
    assert REAL
    assert not [f"{name}: {c}" for name, found in checking.check_all(FOLDER).items() for c in found]


@pytest.mark.parametrize("source", REAL, ids=lambda path: path.stem)
def test_a_lesson_is_built_as_lessons_are(source):
    assert not structure.complaints(source)


@pytest.mark.parametrize("source", REAL, ids=lambda path: path.stem)
def test_at_least_every_third_step_has_a_figure_or_a_widget(source):
    assert not structure.pictures(nbformat.read(places.notebook_of(source), as_version=4))


@pytest.mark.parametrize("source", REAL, ids=lambda path: path.stem)
def test_nothing_above_an_answer_gives_it_away(source):
    assert not structure.spoilers(nbformat.read(places.notebook_of(source), as_version=4))


@pytest.mark.parametrize("source", REAL, ids=lambda path: path.stem)
def test_a_lesson_kept_its_promise_when_it_was_built(source):
    timing = recorded(FOLDER)[source.stem]
    assert timing.processor_seconds <= timings.MOST_SECONDS  # the clock also counts what else the machine did
    assert timing.megabytes <= timings.MOST_MEGABYTES


def test_the_whole_course_takes_no_longer_than_it_may():
    found = recorded(FOLDER)
    assert found.keys() == {source.stem for source in REAL}
    assert sum(timing.processor_seconds for timing in found.values()) <= timings.MOST_MINUTES * 60


def test_the_widest_lesson_fits_into_a_machine_of_binder_beside_jupyterlab():
    widest = max(timing.megabytes * 1e6 for timing in recorded(FOLDER).values())
    assert widest + doctor_checks.JUPYTERLAB_MEMORY <= doctor_checks.BINDER_MEMORY


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_the_links_of_a_page_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    assert not list(structure.broken_links(text, page.parent, text))


def test_wherever_the_course_is_opened_on_binder_it_is_the_same_repository():
    texts = [page.read_text(encoding="utf-8") for page in [*PAGES, *FOLDER.glob("*.ipynb")]]
    named = re.findall(r"mybinder\.org/v2/gh/([^/]+/[^/]+)/", "".join(texts))
    assert len(named) >= len(REAL)
    assert set(named) == {places.REPOSITORY}
