"""The recording of lesson 13 is what its code measures; its parts split and join pools as they say."""

import numpy as np
import pytest
import torch
from torch import nn

from nasedu.classroom import interval
from nasedu.classroom.lessons.lesson_13 import exercises, figures, recording
from nasedu.metalearning import load
from nasedu.metalearning.evaluation import meta_test
from nasedu.metalearning.few_shot import FewShotTasks, Pool
from nasedu.metalearning.networks import image_network
from nasedu.metalearning.pools import held_out_glyphs
from nasedu.metalearning.task_distribution import TaskBatch
from nasedu.tasks.base import Split


def small_pool(letters=(5, 6), name="p"):
    count = sum(letters)
    X = np.random.default_rng(0).random((count * 8, 1, 6, 6), dtype=np.float32)
    groups = np.repeat(np.arange(len(letters)), letters)
    scripts = tuple(f"{name}{n}" for n in range(len(letters)))
    return Pool(name, X, np.repeat(np.arange(count), 8), groups, tuple(f"{name}-{n}" for n in range(count)), scripts)


def test_the_recording_has_each_method_with_five_seeds_on_the_same_episodes():
    for name in (*recording.METHODS, *recording.ON_MAML, *recording.VARIANTS, *recording.LEAKS):
        for shots in recording.SHOTS if name != "maml, one query at a time" else (1,):
            scores = recording.recorded(name, shots)
            assert scores.shape == (len(recording.SEEDS), recording.EPISODES), name
            assert 0.2 < scores.mean() < 1
    assert recording.recorded("again").shape == (recording.AGAIN, recording.EPISODES)
    assert (recording.spent("prototypes")[:, 1] == recording.STEPS).all()


@pytest.mark.parametrize("shots", recording.SHOTS)
def test_what_needs_no_training_is_measured_again(shots):
    tests = FewShotTasks(held_out_glyphs("test"), ways=recording.WAYS, shots=shots, queries=recording.QUERIES)
    again = meta_test(load("centroid", nn.Flatten()), tests, recording.EPISODES, seed=recording.TEST_SEED).scores
    assert recording.recorded("pixels", shots)[0] == pytest.approx(again, abs=0.02)
    assert recording.recorded("pixels", shots)[0].mean() == pytest.approx(again.mean(), abs=1e-3)
    assert recording.scripts(shots).tolist() == recording._scripts_of(tests).tolist()


def test_halves_share_every_script_and_no_letter():
    pool = small_pool()
    parts = recording._halves(pool)
    assert sorted(parts[0].classes + parts[1].classes) == sorted(pool.classes)
    for part in parts:
        assert set(part.groups) == {0, 1}
        for label, name in enumerate(part.classes):
            whole = pool.classes.index(name)
            assert np.array_equal(part.X[part.y == label], pool.X[pool.y == whole])
            assert part.groups[label] == pool.groups[whole]


def test_joined_pools_keep_their_letters_and_scripts_apart():
    one, other = small_pool(), small_pool((5,), "q")
    both = recording._both(one, other)
    assert both.group_names == ("p0", "p1", "q0")
    label = both.classes.index("q-3")
    assert both.group_names[both.groups[label]] == "q0"
    assert np.array_equal(both.X[both.y == label], other.X[other.y == 3])
    assert FewShotTasks(both, ways=4).draw(2, np.random.default_rng(0)).origin.shape == (2, 4)


def asked(batch, places):
    """The same tasks with some of their queries only."""
    return TaskBatch(batch.support, Split(batch.query.X[:, places], batch.query.y[:, places]), batch.origin)


def test_asked_one_by_one_maml_does_not_hear_of_other_queries():
    learner = load("maml", image_network((1, 6, 6), width=4, outputs=3), inner_rate=0.1)
    batch = FewShotTasks(small_pool(), ways=3, shots=1, queries=4).draw(2, np.random.default_rng(0))
    few, alone = asked(batch, [0, 5]), recording._OneByOne(learner)
    assert torch.allclose(alone.answers(batch)[:, [0, 5]], alone.answers(few), atol=1e-5)
    assert not torch.allclose(learner.answers(batch)[:, [0, 5]], learner.answers(few), atol=1e-3)


def test_normalised_in_each_task_queries_do_hear_of_each_other():
    learner = load("prototypes", image_network((1, 6, 6), width=4))
    batch = FewShotTasks(small_pool(), ways=5, shots=1, queries=4).draw(2, np.random.default_rng(0))
    own = recording._InEachTask(learner.network, learner.compare)
    assert own.answers(batch).shape == (2, 20, 5)
    assert not torch.allclose(own.answers(batch)[:, [0, 5]], own.answers(asked(batch, [0, 5])), atol=1e-3)
    assert torch.allclose(learner.answers(batch)[:, [0, 5]], learner.answers(asked(batch, [0, 5])), atol=1e-3)


def test_a_plain_network_has_no_normalisation():
    network = recording.plain(image_network((1, 12, 12), width=4))
    assert not any(isinstance(module, nn.BatchNorm2d) for module in network.modules())
    assert network(torch.zeros(1, 1, 12, 12)).shape == (1, 36)


@pytest.mark.parametrize(("values", "place"), [((0.1, 0.11, 0.12), 0), ((-0.1, 0.1, 0.02), 1), ((-0.1, -0.11), 2)])
def test_what_is_told_is_the_choice_for_a_clear_lead(values, place):
    assert figures.told(exercises.leak_helps, interval(values)) == exercises.leak_helps.choices[place]


def test_by_hand_both_ways_to_compare_differ():
    support = dict(zip("ABCDE", exercises.POINTS, strict=True))
    assert exercises.by_euclid(support) == "BCAD"
    assert exercises.by_cosine(support) == "DCED"


def test_rows_has_a_panel_for_each_number_of_shots_and_a_dot_for_each_seed():
    found = {"1 shot": {"a": [0.1, 0.3], "b": [0.5, 0.7]}, "5 shots": {"a": [0.2, 0.2], "b": [0.9, 0.7]}}
    ax = figures.rows(found)
    assert [panel.get_title() for panel in ax.figure.axes] == list(found)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    dots = [line.get_xdata().tolist() for line in ax.get_lines() if line.get_marker() == "o"]
    assert dots == [[0.1, 0.3], [0.5, 0.7]]
    means = [container.lines[0].get_xdata()[0] for container in ax.figure.axes[1].containers]
    assert means == pytest.approx([0.2, 0.8])


def test_intervals_stand_in_groups_with_the_first_as_a_band():
    one, two = interval([0.4, 0.6]), interval([0.1, 0.1])
    ax = figures.intervals({"left": [one], "right": [two, one]})
    assert [container.lines[0].get_ydata().tolist() for container in ax.containers] == [
        [pytest.approx(0.5)],
        pytest.approx([0.1, 0.5]),
    ]
    band = ax.patches[0].get_extents().transformed(ax.transData.inverted())
    assert (band.y0, band.y1) == (pytest.approx(one.low), pytest.approx(one.high))


def test_curves_of_lesson_13_draw_what_they_are_given():
    pixels, line = figures.learning({0: 0.3, 20: 0.8}, 0.5).get_lines()
    assert (list(line.get_xdata()), list(line.get_ydata())) == ([0, 20], [0.3, 0.8])
    assert list(pixels.get_ydata()) == [0.5, 0.5]
    ax = figures.shots_and_ways((1, 5), {2: [0.9, 1.0], 5: [0.7, 0.9]})
    drawn = {line.get_label(): list(line.get_ydata()) for line in ax.get_lines() if line.get_marker() == "o"}
    assert drawn == {"2 ways": [0.9, 1.0], "5 ways": [0.7, 0.9]}
    assert [line.get_ydata()[0] for line in ax.get_lines() if line.get_linestyle() == ":"] == [0.5, 0.2]


@pytest.fixture(autouse=True)
def _close_figures():
    import matplotlib

    matplotlib.use("agg")
    yield
    from matplotlib import pyplot as plt

    plt.close("all")
