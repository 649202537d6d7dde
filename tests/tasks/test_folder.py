"""A folder of one's own images: what is made of them, what is left out by name, what is refused."""

import warnings

import numpy as np
import pytest
from PIL import Image

from nasedu.core import BadValue
from nasedu.tasks.base import digest_of
from nasedu.tasks.folder import folder, folder_named
from nasedu.testing import check_task


def noise(seed, height=12, width=12, channels=3):
    shape = (height, width, channels) if channels > 1 else (height, width)
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def save(path, pixels, **how):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **how)


@pytest.fixture
def pets(tmp_path):
    """Ten cats, bright to the left, and fifteen dogs, bright to the right; 12x12 pixels in colours."""
    for name, count, bright in (("dog", 15, slice(6, None)), ("cat", 10, slice(6))):
        for n in range(count):
            pixels = noise([n, count]) // 2
            pixels[:, bright] += 100
            save(tmp_path / "pets" / name / f"{n}.png", pixels)
    return tmp_path / "pets"


def everything(task):
    both, test = task.reveal_test()
    return np.concatenate([both.X, test.X]), np.concatenate([both.y, test.y])


# ---------------------------------------------------------------------- what is made of them


def test_a_folder_becomes_a_task_that_keeps_all_rules(pets):
    task = folder(pets)
    check_task(lambda: folder(pets))
    assert (task.name, task.input_shape, task.outputs) == (f"folder/{pets}", (3, 12, 12), 2)
    assert [np.bincount(y).tolist() for y in (task.train.y, task.validation.y)] == [[6, 9], [2, 3]]
    assert task.summary == "cat, dog? 25 images of 12x12 pixels from your folder."
    X, y = everything(task)
    assert np.array_equal(X[..., 6:].mean((1, 2, 3)) > X[..., :6].mean((1, 2, 3)), y == 1)  # cat is 0, dog is 1
    assert 0 <= X.min() < 0.01
    assert X.max() > 0.85


def test_pixels_are_the_files_own(pets):
    X, _ = everything(folder(str(pets)))
    read = np.asarray(Image.open(pets / "cat" / "3.png"), np.float32).transpose(2, 0, 1) / np.float32(255)
    assert any(np.array_equal(x, read) for x in X)


def test_side_and_channels_are_as_asked(pets):
    assert folder(pets, side=5).input_shape == (3, 5, 5)
    assert folder(pets, side=16, channels=1).input_shape == (1, 16, 16)
    names = [folder(pets, **more).name for more in ({}, {"side": 5}, {"channels": 1}, {"side": 16, "channels": 3})]
    assert names == [f"folder/{pets}{end}" for end in ("", ":5", ":x1", ":16x3")]
    for name in names:
        again = folder_named(name.removeprefix("folder/"))
        assert again.name == name


def test_a_smaller_pixel_is_the_mean_of_those_it_stands_for(pets):
    X, _ = everything(folder(pets, side=6))
    read = np.asarray(Image.open(pets / "cat" / "3.png"), np.float64).reshape(6, 2, 6, 2, 3).mean((1, 3))
    nearest = min(np.abs(x.transpose(1, 2, 0) * 255 - read).max() for x in X)
    assert nearest <= 1  # Pillow rounds twice, along each side


def test_a_name_with_a_colon_in_it_is_a_path(tmp_path):
    with pytest.raises(BadValue, match=r"folder 'C:/pets' does not exist"):
        folder_named("C:/pets")


@pytest.mark.parametrize(
    ("sides", "wanted"), [((20, 20, 20), 20), ((3, 4, 5), 8), ((50, 60, 70), 32), ((4, 10, 90), 10)]
)
def test_the_usual_side_is_that_of_the_middle_image(tmp_path, sides, wanted):
    for label in ("a", "b"):
        for n in range(6):
            save(tmp_path / label / f"{n}.png", noise([n, ord(label)], sides[n % 3], sides[n % 3] + 7))
    assert folder(tmp_path).input_shape == (3, wanted, wanted)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_grey_images_have_one_channel(tmp_path, dtype):
    for label in ("a", "b"):
        for n in range(5):
            save(
                tmp_path / label / f"{n}.png",
                noise([n, ord(label)], channels=1).astype(dtype) * (256 if dtype == np.uint16 else 1),
            )
    X, _ = everything(folder(tmp_path))
    assert X.shape[1:] == (1, 12, 12)
    wanted = noise([0, ord("a")], channels=1).astype(np.float32) / np.float32(255)
    assert any(np.array_equal(x[0], wanted) for x in X)


def test_images_are_cut_square_turned_upright_and_laid_on_white(tmp_path):
    for label in ("a", "b"):
        for n in range(4):
            save(tmp_path / label / f"{n}.png", noise([n, ord(label)]))
    wide = np.zeros((12, 30, 3), np.uint8)
    wide[:, 9:21] = noise(9)
    save(tmp_path / "a" / "wide.png", wide)
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera was held upright: to be shown a quarter turn clockwise
    save(tmp_path / "a" / "upright.png", np.rot90(noise(10)), exif=turned)
    glass = np.dstack([noise(11), np.where(np.arange(12) < 6, 0, 255) * np.ones((12, 1))]).astype(np.uint8)
    save(tmp_path / "a" / "glass.png", glass)
    X, _ = everything(folder(tmp_path))
    found = [(x.transpose(1, 2, 0) * 255).round().astype(np.uint8) for x in X]
    white = np.where(np.arange(12)[None, :, None] < 6, 255, noise(11))
    for wanted in (noise(9), noise(10), white):
        assert any(np.array_equal(image, wanted) for image in found)


def test_the_same_files_give_the_same_bytes_wherever_they_lie(pets, tmp_path):
    before = digest_of(folder(pets))
    (pets / "cat" / "deeper").mkdir()
    (pets / "cat" / "3.png").rename(pets / "cat" / "3 renamed.png")
    (pets / "cat" / "3 renamed.png").rename(pets / "cat" / "3.png")
    pets.rename(tmp_path / "moved")
    assert digest_of(folder(tmp_path / "moved")) == before


# ---------------------------------------------------------------------- what is left out


def test_broken_images_are_named_counted_and_left_out_in_one_warning(pets):
    (pets / "cat" / "bad.png").write_bytes(b"no image at all")
    whole = (pets / "dog" / "1.png").read_bytes()
    (pets / "dog" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (pets / "dog" / "notes.txt").write_text("lovely")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        task = folder(pets)
    assert [str(warning.message) for warning in told] == [
        f"folder {str(pets)!r}: left out 3 files without a readable image: cat/bad.png, dog/cut.png, dog/notes.txt"
    ]
    assert len(everything(task)[0]) == 25


def test_copies_are_named_counted_and_left_out_in_one_warning(pets):
    save(pets / "cat" / "x.bmp", np.asarray(Image.open(pets / "cat" / "3.png")))
    save(pets / "dog" / "y.png", np.asarray(Image.open(pets / "dog" / "4.png")))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        task = folder(pets)
    assert [str(warning.message) for warning in told] == [
        f"folder {str(pets)!r}: left out 2 images with an equal one before once scaled: "
        "cat/x.bmp (as cat/3.png), dog/y.png (as dog/4.png)"
    ]
    assert np.bincount(everything(task)[1]).tolist() == [10, 15]


def test_many_broken_images_are_not_all_named(pets):
    for n in range(8):
        (pets / "cat" / f"bad{n}.png").write_bytes(b"")
    with pytest.warns(UserWarning, match=r"left out 8 files .*cat/bad4.png and 3 more$"):
        folder(pets)


def test_what_the_system_leaves_behind_is_passed_over(pets):
    before = digest_of(folder(pets))
    for name in (".DS_Store", "cat/.hidden.png", "cat/Thumbs.db", "dog/desktop.ini", "readme.txt"):
        (pets / name).write_bytes(b"?")
    for name in (".git", "__MACOSX"):
        save(pets / name / "x.png", noise(50))
    assert digest_of(folder(pets)) == before


# ---------------------------------------------------------------------- what is refused


def test_a_place_without_images_is_refused(tmp_path):
    with pytest.raises(BadValue, match=r"folder '.*none' does not exist; expected a folder that holds one folder"):
        folder(tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(BadValue, match="is a file; expected a folder"):
        folder(tmp_path / "file")
    with pytest.raises(BadValue, match="holds no folders; expected one folder of images for each class"):
        folder(tmp_path)
    (tmp_path / "cat").mkdir()
    with pytest.raises(BadValue, match="there are no images in its folders cat; put some there"):
        folder(tmp_path)
    (tmp_path / "cat" / "a.heic").write_bytes(b"?")
    with pytest.raises(BadValue, match=r"none of its 1 files is an image that Pillow can read: cat/a\.heic"):
        folder(tmp_path)


def test_a_single_class_is_refused(tmp_path):
    for n in range(5):
        save(tmp_path / "cat" / f"{n}.png", noise(n))
    with pytest.raises(BadValue, match="there is only the class 'cat'; at least 2 are needed"):
        folder(tmp_path)


@pytest.mark.filterwarnings("ignore:.*an equal one before")
@pytest.mark.parametrize(("extra", "count"), [((), 0), ((1, 2, 3), 3), ((1, 2, 3, 3), 3)])
def test_a_class_with_too_few_different_images_is_refused(pets, extra, count):
    (pets / "fox").mkdir()
    for n, seed in enumerate(extra):
        save(pets / "fox" / f"{n}.png", noise([seed, 99]))
    wanted = rf"every class needs at least 4 different images \(2 to .*\), and 'fox' has {count}; add images, or remove"
    with pytest.raises(BadValue, match=wanted):
        folder(pets)


def test_four_images_of_a_class_are_enough(pets):
    for n in range(4):
        save(pets / "fox" / f"{n}.png", noise([n, 99]))
    task = folder(pets)
    check_task(lambda: task)
    assert (task.train.y == 2).sum() == 2


@pytest.mark.parametrize(
    "wrong", [{"side": 3}, {"side": 8.0}, {"side": True}, {"channels": 2}, {"channels": 4}, {"side": "16"}]
)
def test_impossible_sizes_are_refused(pets, wrong):
    with pytest.raises(BadValue, match=f"{next(iter(wrong))} is .*; given"):
        folder(pets, **wrong)
