import xml.etree.ElementTree as ET

import pytest

from nasedu.controllers.base import Controller
from nasedu.controllers.q_learning import QLearning
from nasedu.core import BadValue
from nasedu.spaces.grid_world import GridWorld
from nasedu.tables.atlas import atlas
from nasedu.widgets import films
from nasedu.widgets.films.q_moment import names_of


def learner(**options):
    return QLearning(atlas().space, **{"seed": 1, "replay": 3, "budget": 10, "alpha": 0.2, **options})


def told(controller, count=4):
    table = atlas()
    scores = dict(zip(table.architectures, table.scores(table.tasks[0]), strict=True))
    for _ in range(count):
        architecture = controller.ask()
        yield architecture, float(scores[architecture])


def steps(controller, pairs):
    """What the learner does without a film: None where a network is told, then its backups."""
    made = []
    for architecture, reward in pairs:
        Controller.tell(controller, architecture, reward)
        made += [None, *controller.updates(architecture, reward)]
    return made


def numbers(update, alpha):
    return f"{update.old:.3f} + {alpha:g} · ({update.target:.3f} − {update.old:.3f}) = {update.new:.3f}"


@pytest.mark.parametrize(
    "options", [{}, {"target": "max", "gamma": 0.9}, {"target": "lambda", "lambda_": 0.25, "gamma": 0.9}], ids=str
)
def test_every_backup_is_a_frame_with_the_numbers_of_the_learner(options):
    controller, plain = learner(**options), learner(**options)
    film = films.q_learning(controller, told(controller), replay="singly")
    made = steps(plain, told(plain))
    assert len(film.frames) == len(made)
    for frame, update in zip(film.frames, made, strict=True):
        if update is not None:
            assert f"{update.choice}) becomes {numbers(update, 0.2)};" in frame.words
            assert any(numbers(update, 0.2) in element for element in frame.picture)
    assert controller.q == plain.q
    assert controller.rewards == plain.rewards


@pytest.mark.parametrize("target", ["return", "max", "lambda"])
def test_the_reason_comes_to_the_target(target):
    controller = learner(target=target, gamma=0.9, lambda_=0.25)
    film = films.q_learning(controller, told(controller), replay="singly")
    reasons = [frame.words for frame in film.frames if "; target = gamma" in frame.words]
    assert reasons
    for words in reasons:
        claimed = float(words.split("(")[2].split(" −")[0])
        formula = words.rpartition("= ")[2].rstrip(".")
        assert eval(formula.replace("·", "*")) == pytest.approx(claimed, abs=2e-3), words


def test_the_rows_are_the_table_of_the_learner_at_the_end():
    controller = learner()
    film = films.q_learning(controller, told(controller), replay="singly")
    head, *rows = film.frames[-1].rows
    shown = [value for row in rows for value in row[1:] if value]
    visited = {state for path, _ in controller.memory for state, *_ in path}
    kept = [f"{value:.3f}" for state in visited for value in controller.q[state].values()]
    assert sorted(shown) == sorted(kept)
    assert head[0] == "state"
    assert len(rows) == len(visited)


def test_a_frame_shows_the_table_as_it_was_then():
    controller = learner()
    film = films.q_learning(controller, told(controller), replay="singly")
    assert all(set(row[1:]) <= {"", "0.500"} for row in film.frames[0].rows[1:]), "nothing is learned before it is told"
    first = film.frames[1]
    assert sum(value not in ("", "0.500") for row in first.rows[1:] for value in row[1:]) == 1


def test_replay_is_one_frame_or_none():
    frames = {}
    for replay in ("together", "singly", "hidden"):
        controller = learner()
        frames[replay] = films.q_learning(controller, told(controller), replay=replay).frames
    walks = [frame for frame in frames["hidden"] if "asked with epsilon" in frame.words]
    assert len(walks) == 4
    choices = [len(walk.words.split(": ")[1].split(",")[0].split()) for walk in walks]
    assert len(frames["hidden"]) == 4 + sum(choices), "each network, and a backup for each of its choices"
    assert len(frames["together"]) == len(frames["hidden"]) + 4
    assert len(frames["singly"]) > len(frames["together"])
    together = [frame for frame in frames["together"] if "more backups from the replay memory" in frame.words]
    backups = sum(int(frame.words.split(": ")[1].split()[0]) for frame in together)
    assert backups == len(frames["singly"]) - len(frames["hidden"])
    assert frames["together"][-1].rows == frames["singly"][-1].rows


def test_frames_are_well_formed_pictures():
    controller = learner()
    film = films.q_learning(controller, told(controller))
    for place in (0, 1, len(film.frames) - 1):
        ET.fromstring(film.svg(place))
    assert film.width == 640


def test_refuses_what_it_cannot_show():
    with pytest.raises(BadValue, match="one table"):
        films.q_learning(learner(target="max", double=True), [])
    with pytest.raises(BadValue, match="no network was told"):
        films.q_learning(learner(), [])
    with pytest.raises(BadValue, match="together, singly, hidden"):
        films.q_learning(learner(), [], replay="all")


def test_names_are_short_while_they_tell_states_apart():
    assert names_of([("conv", 1, "large", 0), ("pool", 1, "small", 0)]) == {
        ("conv", 1, "large", 0): "conv large",
        ("pool", 1, "small", 0): "pool small",
    }
    assert set(names_of([("dense", 2, "small", 1), ("dense", 2, "small", 2)]).values()) == {
        "dense small 1",
        "dense small 2",
    }
    assert names_of([(0, 1), (1, 1)]) == {(0, 1): "0", (1, 1): "1"}
    assert names_of(["left"]) == {"left": "left"}


# ---------------------------------------------------------------------- on a grid


def grid_learner(grid, **options):
    return QLearning(grid, **{"seed": 1, "target": "max", "gamma": 0.9, "alpha": 0.5, "q_start": 0.0, **options})


def test_the_grid_shows_the_backups_of_the_learner():
    grid = GridWorld(["S..", ".#P", "..G"], most=10)
    controller, plain = grid_learner(grid), grid_learner(grid)

    def walks(learner):
        for _ in range(5):
            walk = learner.walk(1.0)
            yield walk, grid.reward(walk)

    film = films.grid_world(grid, controller, walks(controller))
    made = []
    for walk, reward in walks(plain):
        made += [None, *plain.learn(plain.trajectory(walk), reward)]
    assert len(film.frames) == len(made)
    for frame, update in zip(film.frames, made, strict=True):
        assert update is None or numbers(update, 0.5) in frame.words
    head, *rows = film.frames[-1].rows
    shown = {(row[0], move): value for row in rows for move, value in zip(head[1:], row[1:], strict=True)}
    assert len(shown) == 4 * len(plain.q)
    for (row, column), values in plain.q.items():
        for move, value in values.items():
            assert shown[f"row {row + 1} column {column + 1}", move] == f"{value:.3f}"
    ET.fromstring(film.svg(len(film.frames) - 1))


def test_the_grid_refuses_a_learner_on_another_one():
    grid = GridWorld(["S.G"])
    with pytest.raises(BadValue, match="on this grid"):
        films.grid_world(grid, grid_learner(GridWorld(["SG"])), [])
    with pytest.raises(BadValue, match="no walk"):
        films.grid_world(grid, grid_learner(grid), [])
