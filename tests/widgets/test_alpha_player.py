"""The alpha player shows what the steps of a search say, and nothing else."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest

from nasedu.core import BadValue
from nasedu.oneshot.darts import Darts
from nasedu.oneshot.pdarts import PDarts
from nasedu.spaces.cell_201 import EDGES
from nasedu.widgets import AlphaPlayer, films
from nasedu.widgets.film import Film
from nasedu.widgets.player import size_of
from tests.oneshot.small_mixtures import TASK, cell_201, darts

SETTINGS = {"batch": 8, "alpha_rate": 0.3}


@pytest.fixture(scope="module")
def searched():
    """The steps of DARTS with eigenvalues, by space."""
    made = {"cell-201": cell_201(), "darts": darts()}
    settings = {**SETTINGS, "steps": 9, "warm": 3, "eigenvalue_every": 2}
    return {name: (space, list(Darts(space, TASK, **settings).run())) for name, space in made.items()}


@pytest.mark.parametrize("name", ["cell-201", "darts"])
def test_each_frame_says_what_its_step_says(searched, name):
    space, steps = searched[name]
    film = films.alpha(steps, space, frames=9)
    assert len(film.frames) == len(steps)
    for frame, step in zip(film.frames, steps, strict=True):
        assert frame.words.startswith(f"Step {step.number} of 9: the loss of the weights is {step.loss:.3f}")
        assert ("alpha stays" in frame.words) == (step.validation_loss is None) == (step.number <= 3)
        assert ("eigenvalue" in frame.words) == (step.number % 2 == 0)
        assert f"has {step.skips} skip connection" in frame.words
        shares = np.array([[float(cell) for cell in row[1:-1]] for row in frame.rows[1:]])
        assert shares == pytest.approx(step.shares, abs=0.0051)
        drawn = [float(one) for one in re.findall(r">(\d\.\d\d)</text>", "".join(frame.picture))]
        assert drawn == pytest.approx(step.shares.ravel().tolist(), abs=0.0051)
    ET.fromstring(film.svg(len(steps) - 1))


def test_the_derived_cell_is_drawn_as_the_space_draws_it(searched):
    space, steps = searched["cell-201"]
    film = films.alpha(steps, space, frames=9)
    for frame, step in zip(film.frames, steps, strict=True):
        labels = re.findall(r">([a-z_]+(?:_\dx\d)?)</text>", space.draw_cell(step.derived))
        assert [name for name in labels if name in step.derived] == [
            name for name in re.findall(r">(\w+)</text>", frame.picture[1]) if name in step.derived
        ]
        assert tuple(row[-1] for row in frame.rows[1:]) == step.derived
        assert sum('fill="none"' in part for part in frame.picture[2:]) >= len(step.derived)


def test_a_panel_has_the_number_of_its_edge_in_the_drawn_cell(searched):
    space, steps = searched["cell-201"]
    film = films.alpha(steps, space)
    numbered = [f"edge {number}: {start} → {end}" for number, (start, end) in enumerate(EDGES, 1)]
    assert [re.sub("<[^>]*>", "", part) for part in film.head if ">edge " in part] == numbered
    assert [row[0] for row in film.frames[0].rows[1:]] == numbered
    drawn = re.findall(r">(\d)</text>|>([a-z]+_\w+)</text>", space.draw_cell(steps[0].derived))
    by_number = [(number, name) for (number, _), (_, name) in pairwise(drawn) if number and name]
    assert by_number == [(str(number), name) for number, name in enumerate(steps[0].derived, 1)]


def test_strips_and_curves_only_grow(searched):
    space, steps = searched["cell-201"]
    frames = films.alpha(steps, space, frames=5).frames
    pieces = [[part for part in frame.picture if part.startswith("<path")] for frame in frames]
    assert all(after[: len(before)] == before for before, after in pairwise(pieces))
    assert len({len(one) for one in pieces}) == len(frames)


def test_the_eigenvalue_is_drawn_once_for_each_that_was_asked_for(searched):
    space, steps = searched["cell-201"]
    film = films.alpha(steps, space, frames=9)
    assert any("largest eigenvalue" in part for part in film.head)
    without = [step._replace(eigenvalue=None) for step in steps]
    assert any("skip connections" in part for part in films.alpha(without, space).head)


def test_few_frames_show_the_first_and_the_last_of_each_stage():
    space = cell_201()
    steps = list(PDarts(space, TASK, steps=6, cells=(1, 1, 1), **SETTINGS).run())
    film = films.alpha(steps, space, frames=2)
    ends = [f"stage {stage}, step {number}" for stage in (1, 2, 3) for number in (1, 6)]
    assert [frame.label for frame in film.frames] == ends
    left = [int(re.search(r"(\d) operations on each edge", frame.words)[1]) for frame in film.frames]
    assert left == [5, 5, 3, 3, 2, 2]
    dropped = ["".join(frame.picture).count(">dropped<") for frame in film.frames]
    assert dropped == [6 * (5 - count) for count in left]


@pytest.mark.parametrize("name", ["cell-201", "darts"])
def test_a_long_search_fits_into_a_notebook(searched, name):
    space, steps = searched[name]
    rng = np.random.default_rng(0)
    long = [
        steps[n % 9]._replace(
            number=n + 1, shares=rng.dirichlet(np.ones(steps[0].shares.shape[1]), len(steps[0].shares))
        )
        for n in range(400)
    ]
    player = AlphaPlayer(long, space, at=-1)
    assert 5 <= len(player.film.frames) < 60
    assert 100_000 < size_of(player.film.data()) < 190_000
    assert player.film.frames[-1].label == "step 400"
    assert "Step 400 of 400" in repr(player)


def test_a_search_that_the_eigenvalue_ended_says_so(searched):
    space, steps = searched["cell-201"]
    film = films.alpha([*steps[:-1], steps[-1]._replace(stopped=True)], space)
    assert film.frames[-1].words.endswith("The eigenvalue ended the search.")


@pytest.mark.parametrize(("count", "frames"), [(0, 40), (9, 1)])
def test_it_refuses_no_step_and_a_single_frame(searched, count, frames):
    space, steps = searched["cell-201"]
    with pytest.raises(BadValue, match=f"given {count} steps and frames={frames}"):
        AlphaPlayer(steps[:count], space, frames=frames)


def test_it_is_a_film_like_all_others(searched):
    space, steps = searched["cell-201"]
    assert isinstance(AlphaPlayer(steps, space).film, Film)
