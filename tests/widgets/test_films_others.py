import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from nasedu import controllers, trainers
from nasedu.classroom import interval
from nasedu.core import BadValue, Mismatch, rng_from
from nasedu.study import Study
from nasedu.tables.atlas import atlas
from nasedu.trainers.halving.halving import Halving
from nasedu.trainers.halving.hyperband import Hyperband
from nasedu.trainers.single.gradient_descent import descend
from nasedu.widgets import films
from nasedu.widgets.films.loop import LINES
from nasedu.widgets.svg import ticks


def trainer():
    table = atlas()
    return trainers.load("table", table.space, table.task(table.tasks[0]))


def study_of(name, trials=20, **options):
    space = atlas().space
    study = Study(space, controllers.load(name, space, seed=3, **options), trainer(), epochs=16)
    list(study.run(trials=trials))
    return study


def well_formed(film):
    for place in (0, len(film.frames) // 2, len(film.frames) - 1):
        ET.fromstring(film.svg(place))
    assert len(json.dumps(film.data())) < 120_000


# ---------------------------------------------------------------------- a search


@pytest.mark.parametrize("name", ["regularized-evolution", "genetic", "local-search", "random"])
def test_a_search_says_score_parents_and_best_of_every_trial(name):
    options = {"population": 6} if name in ("regularized-evolution", "genetic") else {}
    study = study_of(name, **options)
    parents = study.controller.parents
    film = films.search(study.trials, parents)
    well_formed(film)
    assert len(film.frames) == len(study.trials)
    number = {trial.architecture: trial.number + 1 for trial in study.trials}
    for place, (frame, trial) in enumerate(zip(film.frames, study.trials, strict=True)):
        assert f"score {trial.score:.3f}" in frame.words
        best = max(study.trials[: place + 1], key=lambda t: t.score)
        assert frame.words.endswith(f"the best so far is trial {best.number + 1} with {best.score:.3f}.")
        made_from = parents.get(trial.architecture, ())
        assert [int(n) for n in re.findall(r"trial (\d+) \(", frame.words)] == [number[p] for p in made_from]
        assert ("without parents" in frame.words) == (not made_from)
    assert bool(parents) == (name != "random")


def test_a_search_draws_a_dot_for_each_trial_until_now():
    study = study_of("random", 8)
    frames = films.search(study.trials).frames
    assert [sum("<circle" in element for element in frame.picture) for frame in frames] == [n + 1 for n in range(1, 9)]


def test_a_search_refuses_no_trials():
    with pytest.raises(BadValue, match=r"study\.trials"):
        films.search([])


# ---------------------------------------------------------------------- the loop


RECORD = [(("conv3-8", "stop"), 0.79), (("stop",), 0.49), (("conv1-8", "gap", "stop"), 0.81)]


def test_the_loop_shows_four_lines_for_each_trial_and_records_at_the_last():
    film = films.loop(RECORD)
    well_formed(film)
    assert [frame.words.split(": ")[0] for frame in film.frames[:4]] == [
        f"Trial 1 of 3, {verb}" for verb in ("ask", "train", "tell", "record")
    ]
    assert [len(frame.rows) - 1 for frame in film.frames] == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3]
    assert film.frames[7].words.endswith("the best so far is trial 1 with 0.790.")
    assert film.frames[11].words.endswith("the best so far is trial 3 with 0.810.")


def test_the_loop_shows_the_lines_that_the_lesson_writes():
    lesson = (Path(__file__).parents[2] / "notebooks/source/03_the_loop.py").read_text(encoding="utf-8")
    assert all(line in lesson for line in LINES.values())


def test_the_loop_refuses_no_trials():
    with pytest.raises(BadValue, match="empty record"):
        films.loop([])


# ---------------------------------------------------------------------- halving


def test_halving_says_who_goes_on():
    space, rng = atlas().space, rng_from(0, "test")
    architectures = [space.sample(rng) for _ in range(8)]
    rungs = list(Halving(trainer(), factor=2).rungs(architectures, epochs=4, seed=0))
    film = films.halving(rungs, architectures)
    well_formed(film)
    assert len(film.frames) == 2 * len(rungs) == 6
    for rung, before, after in zip(rungs, film.frames[::2], film.frames[1::2], strict=True):
        scores = {int(row[0]) - 1: row[3] for row in after.rows[1:]}
        assert scores == {place: f"{score:.3f}" for place, score in rung.scores.items()}
        assert {int(row[0]) - 1 for row in after.rows[1:] if row[4] == "goes on"} == set(rung.kept)
        assert {row[4] for row in before.rows[1:]} == {""}
        if rung.kept:
            assert f"({', '.join(str(place + 1) for place in rung.kept)})" in after.words
    best = max(rungs[-1].scores, key=rungs[-1].scores.get)
    assert f"candidate {best + 1} is first" in film.frames[-1].words
    assert f"{sum(rung.spent for rung in rungs)} epochs so far" in film.frames[-1].words
    assert film.frames[0].words.startswith("Rung 1: 8 candidates")


def test_hyperband_shows_every_bracket():
    space, rng = atlas().space, rng_from(1, "test")
    architectures = [space.sample(rng) for _ in range(10)]
    rungs = list(Hyperband(trainer(), factor=2).rungs(architectures, epochs=4, seed=0))
    film = films.halving(rungs, architectures)
    well_formed(film)
    assert film.title == "Hyperband"
    for bracket in (0, 1, 2):
        assert any(f">bracket {bracket}</text>" in element for element in film.head)
        assert any(frame.words.startswith(f"Bracket {bracket}, rung 1: ") for frame in film.frames)


def test_halving_refuses_nothing_and_too_few_names():
    with pytest.raises(BadValue, match="at least one rung"):
        films.halving([], [])
    space = atlas().space
    architectures = [space.nth(0), space.nth(1)]
    rungs = list(Halving(trainer(), factor=2).rungs(architectures, epochs=2, seed=0))
    with pytest.raises(BadValue, match="1 architectures"):
        films.halving(rungs, architectures[:1])


# ---------------------------------------------------------------------- gradient descent


def clouds():
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal((1.5, 0.5), 1, (30, 2)), rng.normal((-1, -0.8), 1, (30, 2))])
    return X, np.repeat([1, 0], 30)


def test_descent_shows_the_numbers_of_every_step():
    X, y = clouds()
    steps = list(descend(X, y, alpha=1.5, steps=12, weights=(-1.0, 2.0)))
    film = films.descent(steps, X, y)
    well_formed(film)
    assert len(film.frames) == 12
    for step, frame in zip(steps, film.frames, strict=True):
        said = [float(n) for n in re.findall(r"-?\d+\.\d+", frame.words.replace("−", "-").replace(" - ", " "))]
        assert said == pytest.approx(
            [step.loss, step.accuracy, *step.weights, step.alpha, *step.gradient, *step.after], abs=6e-4
        )


def test_descent_refuses_other_than_two_weights():
    X, y = clouds()
    steps = list(descend(np.hstack([X, X]), y, alpha=0.1, steps=2))
    with pytest.raises(BadValue, match="2 steps over 4"):
        films.descent(steps, X, y)
    with pytest.raises(BadValue, match="0 steps"):
        films.descent([], X, y)


# ---------------------------------------------------------------------- the winner's curse

FIRST, AGAIN = [0.5, 0.9, 0.7, 1.0], [0.6, 0.8, 0.7, 0.75]
DROPS = [interval([-0.0002, 0.0]), interval([0.1, 0.2]), interval([0.2, 0.4])]


def test_the_winners_curse_follows_the_best_of_each_size():
    film = films.winners_curse(FIRST, AGAIN, (1, 3, 4), DROPS)
    well_formed(film)
    found = [[float(n) for n in re.findall(r"\d\.\d+", frame.words)] for frame in film.frames]
    assert found == [[0.5, 0.6, 0.0], [0.9, 0.8, 0.15], [1.0, 0.75, 0.3]]
    assert "0.100 more" in film.svg(0)
    assert "0.250 less" in film.svg(2)
    assert film.frames[2].rows[1:] == (
        ("1", "0.500", "0.600", "0.000"),
        ("3", "0.900", "0.800", "0.150"),
        ("4", "1.000", "0.750", "0.300"),
    )
    thin = [sum(part.count("L") for part in frame.picture if "opacity" in part) for frame in film.frames]
    assert thin == [1, 3, 4]  # a line for each network that the search has seen


def test_the_winners_curse_refuses_what_does_not_fit():
    with pytest.raises(Mismatch, match="3 sizes and 2 drops"):
        films.winners_curse(FIRST, AGAIN, (1, 3, 4), DROPS[:2])
    with pytest.raises(Mismatch, match="two scores"):
        films.winners_curse(FIRST, AGAIN[:2], (1, 3, 4), DROPS)
    for sizes in ((0, 1, 2), (1, 1, 2), (1, 2, 5)):
        with pytest.raises(BadValue, match="at most 4"):
            films.winners_curse(FIRST, AGAIN, sizes, DROPS)


def test_ticks_are_round_and_inside():
    assert ticks(0, 1) == [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert ticks(0.31, 0.94) == [0.4, 0.6, 0.8]
    assert ticks(0, 41) == [0, 10, 20, 30, 40]
    assert ticks(-2.2, 2.2) == [-2, -1, 0, 1, 2]
    assert ticks(1, 1) == [1]
