"""Tasks to learn from: their shapes, what is held out, and that a pool is drawn once."""

import numpy as np
import pytest
from PIL import Image

from nasedu.core import BadValue, UnknownName
from nasedu.metalearning import load_tasks
from nasedu.metalearning.few_shot import FewShotTasks
from nasedu.metalearning.pools import PARTS, RELATIVES, folder_pool, glyph_pool, relatives_pool
from nasedu.metalearning.sinusoids import Sinusoids
from nasedu.tasks.glyphs import letters
from tests.metalearning.small import BLOBS, blobs

RNG = np.random.default_rng


def test_waves_of_one_task_are_one_wave():
    batch = Sinusoids(shots=4, queries=6).draw(5, RNG(0))
    assert batch.support.X.shape == (5, 4, 1)
    assert batch.query.y.shape == (5, 6, 1)
    amplitude, phase = batch.origin.T[:, :, None, None]
    for part in (batch.support, batch.query):
        assert part.y == pytest.approx(amplitude * np.sin(part.X - phase), abs=1e-3)
    assert np.array_equal(batch.query.y, Sinusoids(shots=4, queries=6).draw(5, RNG(0)).query.y)


def test_an_episode_has_different_examples_of_classes_of_one_group():
    pool = BLOBS.pool
    batch = FewShotTasks(pool, ways=3, shots=2, queries=4).draw(200, RNG(0))
    assert batch.support.y.tolist() == [[0, 0, 1, 1, 2, 2]] * 200
    assert batch.query.y.shape == (200, 12)
    rows = {row.tobytes(): place for place, row in enumerate(pool.X)}
    for task in range(200):
        support, query = (
            np.array([rows[row.tobytes()] for row in part.X[task]]) for part in (batch.support, batch.query)
        )
        assert len({*support, *query}) == 18
        assert np.array_equal(pool.y[support], batch.origin[task][batch.support.y[task]])
        assert np.array_equal(pool.y[query], batch.origin[task][batch.query.y[task]])
        assert len(set(pool.groups[batch.origin[task]])) == 1
        assert len(set(batch.origin[task])) == 3
    drawn = np.bincount(batch.origin.ravel(), minlength=13)
    assert drawn.min() > 0
    assert drawn[:6].sum() == pytest.approx(300, abs=60)  # each group in half of the tasks


def test_classes_may_have_different_numbers_of_examples():
    pool = blobs(classes=(3,), each=8)
    kept = ~((pool.y == 1) & (np.arange(len(pool.y)) % 2 == 0))
    uneven = type(pool)(pool.name, pool.X[kept], pool.y[kept], pool.groups, pool.classes, pool.group_names)
    batch = FewShotTasks(uneven, ways=3, shots=2, queries=2).draw(50, RNG(0))
    rows = {row.tobytes(): label for row, label in zip(uneven.X, uneven.y, strict=True)}
    found = [[rows[row.tobytes()] for row in X] for X in batch.support.X]
    assert np.array_equal(found, np.take_along_axis(batch.origin, batch.support.y, 1))


def test_all_images_of_a_turned_task_are_turned_alike():
    straight, turned = (FewShotTasks(BLOBS.pool, 3, 1, 1, turned=flag) for flag in (False, True))
    batch = turned.draw(40, RNG(0))
    same = straight.draw(40, RNG(0))
    assert np.array_equal(batch.origin, same.origin)
    turns = set()
    for one, other, query, asked in zip(batch.support.X, same.support.X, batch.query.X, same.query.X, strict=True):
        (turn,) = (k for k in range(4) if np.array_equal(one, np.rot90(other, k, axes=(-2, -1))))
        assert np.array_equal(query, np.rot90(asked, turn, axes=(-2, -1)))
        turns.add(turn)
    assert turns == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"ways": 7}, "7 ways need 7 classes of one group, and 'group 0' has 6; take at most 6 ways"),
        ({"ways": 1}, "ways is a whole number of at least 2"),
        ({"shots": 0}, "shots is a whole number"),
        ({"shots": 5, "queries": 4}, "5 shots and 4 queries need 9 examples of each class, and 'class 0' has 8"),
    ],
)
def test_impossible_episodes_are_refused(how, message):
    with pytest.raises(BadValue, match=message):
        FewShotTasks(BLOBS.pool, **{"ways": 3, **how})


def test_tasks_are_described_by_what_they_are_made_of():
    assert BLOBS.describe() == FewShotTasks(blobs(), ways=3, shots=2, queries=2).describe()
    assert BLOBS.describe() != FewShotTasks(blobs(seed=1), ways=3, shots=2, queries=2).describe()
    assert BLOBS.describe() != FewShotTasks(blobs(), ways=3, shots=3, queries=2).describe()


# ---------------------------------------------------------------------- pools


def test_a_pool_of_letters_is_drawn_once():
    pool = glyph_pool(("nko", "hebrew"), images=3)
    assert glyph_pool(("nko", "hebrew"), images=3) is pool
    assert pool.classes == (*letters("nko"), *letters("hebrew"))
    assert pool.X.shape == (3 * len(pool.classes), 1, 12, 12)
    assert len(np.unique(pool.X.reshape(len(pool.X), -1), axis=0)) == len(pool.X)
    assert [pool.group_names[g] for g in pool.groups] == ["nko"] * 35 + ["hebrew"] * len(letters("hebrew"))


def test_relatives_of_the_digits_hold_questions_and_writings_out():
    pools = {part: relatives_pool(part) for part in PARTS}
    names = [set(pools[part].group_names) for part in PARTS]
    assert [sorted(found) for found in names] == [sorted(RELATIVES[part]) for part in PARTS]
    assert not names[0] & names[1] | names[0] & names[2] | names[1] & names[2]
    assert pools["test"].classes[3] == "what/digits 3"
    upright = relatives_pool("train", questions=("what",)).X
    assert not {x.tobytes() for x in upright} & {x.tobytes() for x in pools["test"].X}
    batch = FewShotTasks(pools["train"]).draw(2, RNG(0))
    assert batch.support.X.shape == (2, 5, 1, 12, 12)


@pytest.fixture
def pets(tmp_path):
    rng = RNG(0)
    for name in "abcdefghij":
        (tmp_path / name).mkdir()
        for number in range(6):
            image = Image.fromarray(rng.integers(256, size=(9, 9), dtype=np.uint8))
            image.save(tmp_path / name / f"{number}.png")
    return tmp_path


def test_a_folder_of_images_is_divided_by_its_classes(pets):
    pools = {part: folder_pool(f"{pets}:8x1", part) for part in ("all", *PARTS)}
    assert pools["all"].classes == tuple("abcdefghij")
    assert [len(pools[part].classes) for part in PARTS] == [6, 2, 2]
    assert sorted(sum((pools[part].classes for part in PARTS), ())) == list("abcdefghij")
    whole = {x.tobytes(): pools["all"].classes[y] for x, y in zip(pools["all"].X, pools["all"].y, strict=True)}
    for part in PARTS:
        found = [(x.tobytes(), pools[part].classes[y]) for x, y in zip(pools[part].X, pools[part].y, strict=True)]
        assert all(whole[image] == name for image, name in found)
    tasks = load_tasks(f"folder/{pets}:8x1", "test", ways=2, shots=1, queries=2)
    assert tasks.input_shape == (1, 8, 8)
    with pytest.raises(BadValue, match=r"need 3 classes of one group, and .* has 2"):
        load_tasks(f"folder/{pets}", "test", ways=3)


def test_a_folder_with_too_few_classes_is_not_divided(pets):
    for name in "defghij":
        for file in (pets / name).iterdir():
            file.unlink()
        (pets / name).rmdir()
    with pytest.raises(BadValue, match="3 classes in three parts leave 1 for 'test'"):
        folder_pool(pets, "test")
    assert len(folder_pool(pets).classes) == 3


# ---------------------------------------------------------------------- names


def test_tasks_have_names():
    assert load_tasks("sinusoids", shots=5) == Sinusoids(shots=5)
    assert load_tasks("relatives/digits", "test", ways=4, queries=3).ways == 4


@pytest.mark.parametrize(
    ("name", "part", "options", "error", "message"),
    [
        ("sinusoid", "train", {}, UnknownName, "unknown tasks 'sinusoid'; known: sinusoids, glyphs"),
        ("relatives", "train", {}, UnknownName, "unknown tasks"),
        ("relatives/klingon", "train", {}, UnknownName, "klingon"),
        ("sinusoids", "tests", {}, BadValue, "unknown part 'tests'; known: train, validation, test"),
        ("sinusoids", "train", {"ways": 5}, BadValue, "unexpected keyword argument 'ways'"),
        ("folder/nowhere", "train", {}, BadValue, "nowhere"),
    ],
)
def test_tasks_that_do_not_exist_are_refused(name, part, options, error, message):
    with pytest.raises(error, match=message):
        load_tasks(name, part, **options)
