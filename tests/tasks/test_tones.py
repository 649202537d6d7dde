"""Sounds: their bytes, what their classes are, and that each task asks for something else."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from nasedu.tasks.base import digest_of
from nasedu.tasks.tones import HERTZ, RATE, TIMBRES, tones_chirps, tones_pitch, tones_timbre
from nasedu.testing import check_task

TASKS = {"tones/pitch": tones_pitch, "tones/timbre": tones_timbre, "tones/chirps": tones_chirps}

GOLDEN = {
    "tones/pitch": "db2759eeb2621933aafc8d94912465c86c468e4b95e19b753539f537101c42e0",
    "tones/timbre": "c5bf796f2899ed2a696913ab317ac00568c514962785aea5b7322b6cdc880e99",
    "tones/chirps": "56b4a12bf3e1a2bd759a47f69e25dfc0b7be3be7534cf2a33f88501e1d80e63b",
}


@pytest.fixture(scope="module", params=TASKS)
def task(request):
    return TASKS[request.param]()


def test_the_bytes_are_the_same_on_every_machine(task):
    assert digest_of(task) == GOLDEN[task.name]


@pytest.mark.parametrize("name", TASKS)
def test_it_keeps_all_rules_of_a_task(name):
    check_task(TASKS[name])


def test_shapes_sizes_and_balance(task):
    assert task.input_shape == (1, 256)
    for split, size in ((task.train, 500), (task.validation, 1000), (task.reveal_test()[1], 1000)):
        counts = np.bincount(split.y, minlength=task.outputs)
        assert counts.sum() == size
        assert np.ptp(counts) <= 1
        assert np.any(np.diff(split.y) == 0)  # in no order that could be counted along


def test_samples_are_whole_steps_within_bounds(task):
    steps = task.train.X * 128
    assert np.array_equal(steps, steps.round())
    assert 110 < np.abs(steps).max() <= 128
    assert 16 <= np.abs(steps).max(axis=(1, 2)).min() < 60  # quiet ones too


def spectra(X):
    return np.abs(np.fft.rfft(X[:, 0]))


def learned(task, look):
    """How well a linear model tells the validation examples by what `look` sees of them."""
    model = LogisticRegression(max_iter=200).fit(look(task.train.X), task.train.y)
    return model.score(look(task.validation.X), task.validation.y)


def test_a_pitch_is_heard_in_the_spectrum():
    """The highest peak of a class's spectrum lies at its pitch, and a linear model on spectra tells nearly all."""
    task = tones_pitch()
    at = np.round(np.array(HERTZ) * 256 / RATE).astype(int)
    power = spectra(task.train.X)
    for label, place in enumerate(at):
        mean = power[task.train.y == label].mean(0)
        assert abs(int(mean.argmax()) - place) <= 1
    assert learned(task, spectra) > 0.95
    assert learned(task, lambda X: X[:, 0]) < 0.5  # a random phase hides it from a linear look at the samples


@pytest.mark.parametrize("make", [tones_timbre, tones_chirps])
def test_timbres_and_chirps_take_more_than_a_linear_look(make):
    assert learned(make(), lambda X: X[:, 0]) < 0.5


def test_timbres_have_the_harmonics_of_their_names():
    """Of a wave of 16 turns: a sine has one, square and triangle have odd ones, sawtooth and pulse have all."""
    turns = np.arange(4096) / 256 + 1 / 512
    found = {name: np.abs(np.fft.rfft(wave(turns)))[16::16] / 2048 for name, wave in TIMBRES.items()}
    odd, even = slice(0, 6, 2), slice(1, 6, 2)
    assert found["sine"][:6] == pytest.approx([1, 0, 0, 0, 0, 0], abs=1e-6)
    assert found["square"][odd] == pytest.approx(4 / np.pi / np.array([1, 3, 5]), rel=0.01)
    assert found["triangle"][odd] == pytest.approx(8 / np.pi**2 / np.array([1, 9, 25]), rel=0.01)
    assert found["sawtooth"][:6] == pytest.approx(2 / np.pi / np.arange(1, 7), rel=0.01)
    assert max(found["square"][even].max(), found["triangle"][even].max()) < 1e-6
    assert found["pulse"][:6].min() > 0.08
    assert all(abs(wave(turns).mean()) < 1e-6 for wave in TIMBRES.values())
    assert all(np.abs(wave(turns)).max() <= 1 for wave in TIMBRES.values())


def test_chirps_glide_the_way_their_names_say():
    """The mean frequency of the first, middle and last part of each sound, averaged over a class."""
    task = tones_chirps()
    hertz = np.fft.rfftfreq(64, 1 / RATE)
    parts = []
    for start in (0, 96, 192):
        power = np.abs(np.fft.rfft(task.train.X[:, 0, start : start + 64])) ** 2
        parts.append(hertz[power.argmax(1)])
    first, middle, last = (np.array([part[task.train.y == k].mean() for k in range(5)]) for part in parts)
    up, down, up_down, down_up, steady = range(5)
    assert first[up] + 50 < middle[up] < last[up] - 50
    assert first[down] - 50 > middle[down] > last[down] + 50
    assert middle[up_down] > max(first[up_down], last[up_down]) + 50
    assert middle[down_up] < min(first[down_up], last[down_up]) - 50
    assert np.ptp([first[steady], middle[steady], last[steady]]) < 20
