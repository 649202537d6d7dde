"""Letters as tasks: the same bytes everywhere, what varies, what is refused."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from nasedu.core import BadValue, UnknownName, rng_from
from nasedu.tasks.base import digest_of
from nasedu.tasks.drawing import draw_distinct
from nasedu.tasks.glyphs import LEVELS, SCRIPTS, draw, glyphs, letters, ten_of
from nasedu.tasks.preparing import first_copies
from nasedu.testing import check_task

DRAWN = "290862418805babdeeb3a476850da6d24b00784a773f32793cd849918cf10601"
GREEK = "ed13596143749807b11a9deda1c1cc9a1aa246e02de7fbacf5622dad668ee924"
STILL = {"shift": 0.0, "rotate": 0.0, "scale": (0.9, 0.9), "stroke": (0.0, 0.0), "noise": 0}


def everything(task):
    both, test = task.reveal_test()
    return np.concatenate([both.X, test.X]), np.concatenate([both.y, test.y])


# ---------------------------------------------------------------------- the same bytes


def test_the_bytes_are_the_same_on_every_machine():
    """The same with matplotlib 3.8.0, 3.10.0 and 3.11.2 (FreeType 2.6.1 and 2.14.3), numpy 1.26.4, 2.0.2 and 2.4.6."""
    total = hashlib.sha256()
    for script in SCRIPTS:
        total.update(draw(letters(script), rng_from(0, script)).tobytes())
    assert total.hexdigest() == DRAWN


def test_the_bytes_of_a_task_are_the_same_on_every_machine():
    assert digest_of(glyphs("greek")) == GREEK


def test_the_generator_decides():
    once, again, other = (draw("abc", rng_from(seed)) for seed in (0, 0, 1))
    assert np.array_equal(once, again)
    assert not np.array_equal(once, other)


def test_importing_it_loads_neither_fonts_nor_torch():
    code = "import sys, nasedu.tasks.glyphs; print([m for m in ('torch', 'matplotlib', 'sklearn') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# ---------------------------------------------------------------------- images


def test_images_are_whole_levels():
    images = draw("ABBA" * 50, rng_from(0), side=9)
    assert images.shape == (200, 9, 9)
    assert images.dtype == np.uint8
    assert (images.min(), images.max()) == (0, LEVELS)
    assert draw("", rng_from(0)).shape == (0, 12, 12)


@pytest.mark.parametrize("how", [{"shift": 2.0}, {"rotate": 30.0}, {"scale": (0.4, 0.9)}, {"stroke": (-0.3, 1.0)}])
def test_each_way_to_vary_varies(how):
    still = {image.tobytes() for image in draw("ⵣ" * 60, rng_from(0), **STILL)}
    assert len(still) == 2  # the two faces that have it
    assert len({image.tobytes() for image in draw("ⵣ" * 60, rng_from(0), **{**STILL, **how})}) > 20


def test_a_shift_reaches_as_far_as_it_says_and_no_further():
    images = draw("o" * 300, rng_from(0), side=20, **{**STILL, "scale": (0.4, 0.4), "shift": 3.0}).astype(float)
    ink = images.sum((1, 2))
    for axis in (1, 2):
        middle = (images.sum(axis) * (np.arange(20) - 9.5)).sum(1) / ink
        assert -3.2 < middle.min() < -2.5
        assert 2.5 < middle.max() < 3.2


def test_noise_reaches_as_far_as_it_says_and_no_further():
    clean, noisy = (draw("Ж" * 50, rng_from(0), noise=noise).astype(int) for noise in (0, 3))
    difference = noisy - clean
    assert set(np.unique(difference)) == set(range(-3, 4))
    assert noisy.min() >= 0
    assert noisy.max() <= LEVELS


def test_every_face_is_drawn():
    assert len({image.tobytes() for image in draw("R" * 300, rng_from(0), **STILL)}) == 12


def test_what_comes_twice_is_drawn_again():
    how = {**STILL, "side": 6, "stroke": (0.0, 0.3)}
    assert len(first_copies(draw("ⵣ" * 12, rng_from(0), **how))[0]) < 12
    assert len(first_copies(draw_distinct("ⵣ" * 12, rng_from(0), **how))[0]) == 12


def test_too_little_to_vary_is_refused():
    with pytest.raises(BadValue, match="8 of 10 images are the same as another; allow more noise, shift or rotation"):
        draw_distinct("ⵣ" * 10, rng_from(0), **STILL)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"side": 5}, "side is a whole number of pixels from 6 to 256; given 5"),
        ({"side": 12.0}, "side is a whole number of pixels from 6 to 256; given 12.0"),
        ({"side": 257}, "given 257"),
        ({"shift": -1.0}, "shift is from 0 to 12 pixels, the image's side; given -1.0"),
        ({"shift": float("nan")}, "given nan"),
        ({"rotate": 181}, "rotate is from 0 to 180 degrees; given 181"),
        ({"scale": (0.9, 0.8)}, r"scale is two numbers, the least and the greatest, .*; given \(0.9, 0.8\)"),
        ({"scale": 0.9}, "scale is two numbers, the least and the greatest, .*; given 0.9"),
        ({"scale": (0.0, 0.8)}, r"scale is two shares of the image's side over 0 and up to 2; given \(0.0, 0.8\)"),
        ({"scale": (1, float("inf"))}, r"given \(1, inf\)"),
        ({"stroke": (-13, 0)}, r"stroke is two changes of thickness, of at most 12 pixels; given \(-13, 0\)"),
        ({"stroke": (0,)}, r"stroke is two numbers, the least and the greatest, .*; given \(0,\)"),
        ({"noise": 17}, "noise is a whole number of levels from 0 to 16; given 17"),
        ({"noise": 0.5}, "given 0.5"),
    ],
)
def test_impossible_images_are_refused(how, message):
    with pytest.raises(BadValue, match=message):
        draw("A", rng_from(0), **how)


def test_a_letter_that_no_font_has_is_named():
    with pytest.raises(BadValue, match=r"no DejaVu face has '字' \(U\+5B57\); `glyphs.SCRIPTS` lists"):
        draw("A字", rng_from(0))


# ---------------------------------------------------------------------- tasks


@pytest.mark.parametrize("script", ["braille", "hebrew"])
def test_a_script_is_a_task(script):
    check_task(lambda: glyphs(script))


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_is_ten_balanced_classes_of_different_images(script):
    task = glyphs(script)
    assert (task.name, task.input_shape, task.outputs) == (f"glyphs/{script}", (1, 12, 12), 10)
    for split, each in ((task.train, 50), (task.validation, 100), (task.test.opened(), 50)):
        assert np.bincount(split.y).tolist() == [each] * 10
    X, _ = everything(task)
    assert len(first_copies(X)[0]) == len(X) == 2000
    assert (X.min(), X.max()) == (0, 1)
    assert np.array_equal(X * LEVELS, (X * LEVELS).round())
    assert task.chance == 0.1


def test_answers_belong_to_their_images():
    """Told apart by the nearest mean of the training images of each class, far better than by chance."""
    task = glyphs("tifinagh")
    means = np.stack([task.train.X[task.train.y == label].mean(0) for label in range(10)])
    for split in (task.validation, task.test.opened()):
        distance = ((split.X[:, None] - means) ** 2).sum((2, 3, 4))
        assert (distance.argmin(1) == split.y).mean() > 0.8


def test_the_letters_of_a_task_were_drawn_once():
    assert len(set(ten_of("greek"))) == 10
    assert set(ten_of("greek")) < set(letters("greek"))
    few, many = (glyphs("greek", classes=n, examples=(40, 40, 40)) for n in (4, 20))
    assert (few.outputs, many.outputs) == (4, 20)
    assert np.bincount(many.train.y).tolist() == [2] * 20


def test_other_sizes():
    task = glyphs("lao", classes=3, side=16, examples=(4, 5, 6))
    assert task.input_shape == (1, 16, 16)
    assert [len(task.train.y), len(task.validation.y), len(task.test)] == [4, 5, 6]
    assert np.bincount(task.validation.y).tolist() == [2, 2, 1]


@pytest.mark.parametrize(
    ("script", "how", "error", "message"),
    [
        ("runes", {}, UnknownName, "unknown script 'runes'; known: arabic, "),
        ("nko", {"classes": 36}, BadValue, "classes is a whole number from 2 to 35, the letters of nko; given 36"),
        ("nko", {"classes": 1}, BadValue, "given 1"),
        ("nko", {"classes": 2.0}, BadValue, "given 2.0"),
        ("nko", {"side": 3}, BadValue, "side is a whole number of pixels from 6"),
        ("nko", {"examples": (500, 9, 500)}, BadValue, r"of at least 10 each, .*; given \(500, 9, 500\)"),
        ("nko", {"examples": (500, 500, 10**9)}, BadValue, "at most 100,000; given"),
        ("nko", {"examples": (500, 500)}, BadValue, r"three whole numbers, .*; given \(500, 500\)"),
        ("nko", {"examples": (50.0, 50, 50)}, BadValue, "three whole numbers"),
        ("nko", {"examples": 500}, BadValue, "three whole numbers, .*; given 500"),
    ],
)
def test_impossible_tasks_are_refused(script, how, error, message):
    with pytest.raises(error, match=message):
        glyphs(script, **how)
