"""Folders as people really have them: given splits, deep pixels, left-overs, labels that disagree, any size."""

import json
import os
import warnings

import numpy as np
import pytest
from PIL import Image, ImageSequence

from nasedu.core import BadValue
from nasedu.tasks.base import digest_of, splits_of
from nasedu.tasks.folder import folder, folder_named, preparation
from nasedu.tasks.preparation import from_data
from nasedu.testing import check_task

SIDE = 16


def noise(*seed, side=SIDE):
    return np.random.default_rng(seed).integers(0, 256, (side, side), np.uint8)


def save(path, pixels, **how):
    path.parent.mkdir(parents=True, exist_ok=True)
    (pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)).save(path, **how)
    return path


def fill(at, classes=("cat", "dog"), count=8, of=noise, ending="png"):
    """Write `count` different images of each class; `of` makes the pixels from two numbers."""
    for label, name in enumerate(classes):
        for n in range(count):
            save(at / name / f"{n}.{ending}", of(n, label))
    return at


def fill_parts(at, parts, count=8, classes=("cat", "dog")):
    for number, part in enumerate(parts):
        fill(at / part, classes, count, lambda n, label, number=number: noise(n, label, number))
    return at


def read(path, **how):
    """Return the task and the texts of its warnings."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        task = folder(path, **how)
    return task, [str(warning.message).partition(": ")[2] for warning in told]


def sizes(task):
    return [len(split.y) for split in splits_of(task).values()]


def has(split, pixels):
    wanted = pixels.astype(np.float32) / np.float32(255)
    return any(np.array_equal(x[0], wanted) for x in split.X)


# ---------------------------------------------------------------------- splits that are given


@pytest.mark.parametrize(
    "parts",
    [
        ("train", "val", "test"),
        ("training", "validation", "testing"),
        ("TRAIN", "Dev", "TEST"),
        ("training_set", "valid-images", "test2017"),
        ("trainset", "valset", "testset"),
        ("data/seg_train/seg_train", "data/seg_val/seg_val", "data/seg_test/seg_test"),
    ],
)
def test_folders_named_after_splits_are_used_as_given(tmp_path, parts):
    fill_parts(tmp_path / "pets", parts)
    task, told = read(tmp_path / "pets")
    assert (task.classes, sizes(task), task.reading.splits) == (("cat", "dog"), [16] * 3, "as given: 16/16/16")
    for number, split in enumerate(splits_of(task).values()):
        assert all(has(split, noise(n, label, number)) for n in range(8) for label in range(2))
    assert told == (["took the classes from its one folder 'data'"] if parts[0].startswith("data") else [])


def test_splits_may_lie_inside_the_classes(tmp_path):
    for number, part in enumerate(("train", "test", "val")):
        for label, name in enumerate(("cat", "dog")):
            for n in range(8):
                save(tmp_path / name / part / f"{n}.png", noise(n, label, number))
    task, told = read(tmp_path)
    assert (task.classes, sizes(task), told) == (("cat", "dog"), [16] * 3, [])
    assert has(task.test.opened(), noise(0, 0, 1))


@pytest.mark.parametrize(("given", "cut"), [(("train", "test"), "validation"), (("train", "val"), "test")])
def test_a_split_that_is_not_given_is_cut_from_train_and_said(tmp_path, given, cut):
    task, _ = read(fill_parts(tmp_path, given))
    part = "test" if given[1] == "test" else "validation"
    assert task.reading.splits.startswith(f"{'train and ' + part} as given, {cut} is a quarter of train: ")
    assert sizes(task) == ([12, 4, 16] if cut == "validation" else [12, 16, 4])
    assert all(np.array_equal(np.bincount(split.y), [len(split.y) // 2] * 2) for split in splits_of(task).values())
    assert all(has(splits_of(task)[part], noise(n, label, 1)) for n in range(8) for label in range(2))
    assert digest_of(folder(tmp_path)) == digest_of(task)


@pytest.mark.parametrize("flat", [True, False])
def test_a_test_folder_without_labels_is_not_used_and_said(tmp_path, flat):
    fill_parts(tmp_path, ("train", "val"))
    for n in range(5):
        save(tmp_path / "test" / ("" if flat else "unknown") / f"{n}.png", noise(n, 7, 7))
    task, told = read(tmp_path)
    wanted = "left out the 5 images in 'test': there is no folder in it that is named after a class of train"
    assert (task.classes, sizes(task), told) == (("cat", "dog"), [12, 16, 4], [wanted])
    assert wanted in task.reading.left_out


def test_a_training_folder_alone_is_split(tmp_path):
    fill_parts(tmp_path, ("train",), count=10)
    save(tmp_path / "test" / "1.png", noise(7, 7, 7))
    task, told = read(tmp_path)
    assert (sizes(task), task.reading.splits) == ([12, 4, 4], "60/20/20 by class: 12/4/4")
    assert "left out the 1 image in 'test'" in told[0]


def test_folders_next_to_the_splits_are_not_used_and_said(tmp_path):
    fill_parts(tmp_path, ("train", "test"))
    save(tmp_path / "masks" / "1.png", noise(1, 1, 9))
    task, told = read(tmp_path)
    assert (sizes(task), told) == ([12, 4, 16], ["left out the 1 image in 'masks', which is no split"])


def test_a_class_that_is_missing_in_one_split_is_refused_by_name(tmp_path):
    fill_parts(tmp_path, ("train", "val"))
    fill_parts(tmp_path, ("test",), classes=("dog",))
    (tmp_path / "test" / "cat").mkdir()
    with pytest.raises(BadValue, match=r"no images of 'cat' in the test split, and there are in train; every split"):
        folder(tmp_path)
    (tmp_path / "test" / "cat").rmdir()
    fill_parts(tmp_path, ("test",), classes=("cat", "fox"))
    with pytest.raises(BadValue, match=r"no images of 'fox' in the train split, and there are in test"):
        folder(tmp_path)


def test_classes_may_be_called_like_splits(tmp_path):
    task, _ = read(fill(tmp_path / "a", ("cat", "dog", "test")))
    assert task.classes == ("cat", "dog", "test")
    task, _ = read(fill(tmp_path / "b", ("bus", "train", "val")))
    assert task.classes == ("bus", "train", "val")


def test_split_folders_without_classes_are_refused(tmp_path):
    fill(tmp_path, ("train", "test"))
    with pytest.raises(BadValue, match="train, test are named after splits, and no folder of a class is in train"):
        folder(tmp_path)
    fill_parts(tmp_path / "x", ("val", "test"))
    with pytest.raises(BadValue, match="val, test are named after splits, and there is no folder train"):
        folder(tmp_path / "x")
    fill_parts(tmp_path / "y", ("train", "val", "valid"))
    with pytest.raises(BadValue, match="val and valid are both names of the validation split"):
        folder(tmp_path / "y")


def test_an_image_in_two_splits_stays_in_the_later_one(tmp_path):
    fill_parts(tmp_path, ("train", "val", "test"))
    save(tmp_path / "train" / "cat" / "x.png", noise(0, 0, 2))
    save(tmp_path / "val" / "cat" / "y.bmp", noise(1, 0, 2))
    save(tmp_path / "train" / "cat" / "z.png", noise(1, 0, 1))
    task, told = read(tmp_path)
    assert told == [
        "left out 3 images with a copy in a later split once scaled: train/cat/x.png (as test/cat/0.png), "
        "train/cat/z.png (as val/cat/1.png), val/cat/y.bmp (as test/cat/1.png)"
    ]
    assert sizes(task) == [16] * 3
    check_task(lambda: task)


def test_too_few_different_images_in_a_given_split_are_refused(tmp_path):
    fill_parts(tmp_path, ("train", "test"), count=4)
    for n in range(2):
        save(tmp_path / "train" / "cat" / f"{n}.png", noise(n, 0, 1))
    with (
        pytest.warns(UserWarning, match="in a later split"),
        pytest.raises(BadValue, match="at least 3 different images in the given train split, and 'cat' has 2"),
    ):
        folder(tmp_path)


# ---------------------------------------------------------------------- deep pixels

DEEP = {
    "12 bits": lambda a: (a * 16.06).astype(np.uint16),
    "signed": lambda a: Image.fromarray((a.astype(np.int32) - 100) * 8),
    "32 bits": lambda a: a.astype(np.int32) * 1000 + 10**6,
    "float 0 to 1": lambda a: a.astype(np.float32) / 255,
    "float 0 to 255": lambda a: a.astype(np.float32),
    "negative float": lambda a: a.astype(np.float32) * -0.01 - 3,
}


@pytest.mark.parametrize("kind", DEEP)
def test_deep_pixels_fill_the_range_by_one_scale(tmp_path, kind):
    fill(tmp_path, of=lambda n, label: DEEP[kind](noise(n, label) // (1 if n % 4 else 8)), ending="tiff")
    task, told = read(tmp_path)
    assert (task.input_shape, told) == ((1, SIDE, SIDE), [])
    assert (task.train.X.min(), task.train.X.max()) == (0, 1)
    spans = sorted(np.ptp(x) for split in splits_of(task).values() for x in split.X)
    assert spans[0] < 0.2  # a dark image stays dark: it is not scaled by itself
    (said,) = [sentence for sentence in task.reading.left_out if "became 0" in sentence]
    low, high = next(iter(task.preparation.scales.values()))
    assert f"{low:g} became 0 and {high:g} became 1" in said
    for split in (task.validation, task.test.opened()):
        assert 0 <= split.X.min() < split.X.max() <= 1


def test_the_scale_is_of_the_training_images(tmp_path):
    fill_parts(tmp_path, ("train", "val", "test"))
    for n, path in enumerate(sorted(tmp_path.rglob("*.png"))):
        factor = 1000 if path.parts[-3] == "train" else 2000
        save(path.with_suffix(".tiff"), noise(n, 3).astype(np.int32) % 11 * factor)
        path.unlink()
    task, _ = read(tmp_path)
    assert list(task.preparation.scales.values()) == [(0, 10_000)]
    assert task.validation.X.max() == 1  # 20,000 is cut off


def test_whole_numbers_of_32_bits_without_sign_do_not_wrap(tmp_path):
    fill(tmp_path, of=lambda n, label: (noise(n, label).astype(np.int64) * 2**24).astype(np.int32), ending="tiff")
    wraps = folder(tmp_path).preparation.scales
    assert list(wraps.values()) == [(-(2**31), 127 * 2**24)]
    for path in tmp_path.rglob("*.tiff"):
        data = path.read_bytes()
        signed, unsigned = (b"\x53\x01\x03\x00\x01\x00\x00\x00" + kind for kind in (b"\x02", b"\x01"))
        assert data.count(signed) == 1  # the tag SampleFormat
        path.write_bytes(data.replace(signed, unsigned))
    assert list(folder(tmp_path).preparation.scales.values()) == [(0, 255 * 2**24)]


def test_colours_of_16_bits_fill_the_range(tmp_path):
    """Pillow reads their upper 8 bits, and cannot write them: 12 bits are 16 steps of brightness."""
    for label, name in enumerate(("cat", "dog")):
        for n in range(8):
            colours = np.dstack([noise(n, label, c) * 16 for c in range(3)]).astype(">u2") % 4096
            save_png_16(tmp_path / name / f"{n}.png", colours)
    task, _ = read(tmp_path)
    assert (task.input_shape, task.train.X.max()) == ((3, SIDE, SIDE), 1)
    assert any("Pillow reads the upper 8" in sentence for sentence in task.reading.left_out)


def save_png_16(path, colours):
    import struct
    import zlib

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width, _ = colours.shape
    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row.tobytes() for row in colours))
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", body), chunk(b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


def test_images_with_nan_are_named_and_left_out(tmp_path):
    fill(tmp_path, of=lambda n, label: DEEP["float 0 to 1"](noise(n, label)), ending="tiff")
    hole = noise(1, 5).astype(np.float32)
    hole[0, 0] = np.nan
    save(tmp_path / "cat" / "hole.tiff", hole)
    task, told = read(tmp_path)
    assert told == ["left out 1 image with values that are NaN or infinite: cat/hole.tiff; fill or remove them"]
    assert sum(sizes(task)) == 16


def test_nearly_black_images_are_said(tmp_path):
    task, told = read(fill(tmp_path, of=lambda n, label: noise(n, label) % 3))
    assert told == [sentence for sentence in task.reading.left_out if "nearly all pixels" in sentence]
    assert "are from 0.000 to 0.008, in a range from 0 to 1" in told[0]


def test_the_same_image_in_two_depths_does_not_leak(tmp_path):
    fill(tmp_path, count=20)
    for n in range(20):
        save(tmp_path / "cat" / f"{n}.tiff", noise(n, 0).astype(np.uint16) * 257)
    task, told = read(tmp_path)
    assert any("once their values are scaled" in sentence for sentence in told)
    seen = [x.tobytes() for split in splits_of(task).values() for x in split.X]
    assert len(seen) == len(set(seen)) == sum(sizes(task)) == task.reading.examples == 40


@pytest.mark.parametrize("mode", ["1", "P", "LA", "CMYK", "RGBA", "YCbCr"])
def test_every_mode_of_8_bits_is_read(tmp_path, mode):
    def picture(n, label):
        return Image.fromarray(np.dstack([noise(n, label, c) for c in range(3)])).convert(mode)

    ending = {"CMYK": "tiff", "YCbCr": "jpg"}.get(mode, "png")
    task, told = read(fill(tmp_path, of=picture, ending=ending))
    assert (sum(sizes(task)), task.input_shape[0], told) == (16, 1 if mode in ("1", "LA") else 3, [])


@pytest.mark.parametrize("ending", ["tiff", "gif"])
def test_the_first_page_or_frame_is_taken_and_said(tmp_path, ending):
    fill(tmp_path)
    pages = [Image.fromarray(noise(n, 20)) for n in range(3)]
    path = tmp_path / "cat" / f"many.{ending}"
    pages[0].save(path, save_all=True, append_images=pages[1:])
    assert sum(1 for _ in ImageSequence.Iterator(Image.open(path))) == 3
    task, told = read(tmp_path, channels=1)
    assert told == [f"took only the first frame or page of 1 image: cat/many.{ending}"]
    assert any(has(split, noise(0, 20)) for split in splits_of(task).values())


# ---------------------------------------------------------------------- what is no image of a class


@pytest.mark.parametrize(
    "left",
    [
        ".ipynb_checkpoints/0.png",
        "@eaDir/0.png/SYNOPHOTO_THUMB_M.png",
        ".thumbnails/0.png",
        ".hidden/more/0.png",
        "__MACOSX/0.png",
        "._0.png",
        "#recycle/0.png",
        "lost+found/0.png",
        "$RECYCLE.BIN/0.png",
        ".@__thumb/0.png",
        "0.png~",
        "Thumbs.db",
        ".DS_Store",
    ],
)
@pytest.mark.parametrize("at", ["", "cat", "cat/deeper"])
def test_what_tools_leave_is_no_image_of_a_class(tmp_path, left, at):
    before = digest_of(folder(fill(tmp_path)))
    place = tmp_path / at / left
    place.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(noise(5, 5, 5)).save(place, format="PNG")
    task, told = read(tmp_path)
    assert (digest_of(task), told) == (before, [])
    if "/" in left:
        assert any(sentence.startswith("passed over what tools") for sentence in task.reading.left_out)


def test_the_users_own_folder_may_be_hidden(tmp_path):
    assert read(fill(tmp_path / ".data" / "__pets"))[0].classes == ("cat", "dog")


def test_images_in_no_class_are_named(tmp_path):
    fill(tmp_path)
    save(tmp_path / "loose.png", noise(9, 9))
    task, told = read(tmp_path)
    assert told == ["left out 1 image outside the folders of classes: loose.png"]
    assert told[0] in task.reading.left_out


def test_the_same_image_in_two_classes_is_left_out_of_both(tmp_path):
    fill(tmp_path)
    save(tmp_path / "dog" / "x.bmp", noise(0, 0))  # other bytes, the same pixels as cat/0.png
    task, told = read(tmp_path)
    wanted = "left out 2 images because their labels disagree: the same image is in two classes once scaled: "
    assert told == [f"{wanted}cat/0.png and dog/x.bmp"]
    assert (dict(task.reading.classes), task.reading.examples) == ({"cat": 7, "dog": 8}, 15)
    assert not any(has(split, noise(0, 0)) for split in splits_of(task).values())


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("a.heic", "photos of a phone"),
        ("a.NEF", "raw files of a camera"),
        ("a.svg", "drawings or documents"),
        ("a.npy", "arrays"),
        ("a.zip", "archives"),
        ("a.txt", ""),
        ("a.png", ""),
    ],
)
def test_files_that_are_no_images_are_named_with_advice(tmp_path, name, advice):
    fill(tmp_path)
    (tmp_path / "cat" / name).write_bytes(b"" if name == "a.png" else b"something else")
    _, told = read(tmp_path)
    assert len(told) == 1
    assert told[0].startswith(f"left out 1 file without a readable image: cat/{name}")
    assert told[0].endswith(f"cat/{name}") if not advice else advice in told[0]


def test_a_raw_file_is_not_read_as_its_preview(tmp_path):
    fill(tmp_path)
    save(tmp_path / "cat" / "a.tiff", noise(8, 8)).rename(tmp_path / "cat" / "a.dng")
    assert "cat/a.dng" in read(tmp_path)[1][0]


def test_the_content_decides_and_not_the_ending(tmp_path):
    fill(tmp_path, ending="png")
    for path in sorted(tmp_path.rglob("*.png"))[:3]:
        path.rename(path.with_suffix(".jpg"))
    task, told = read(tmp_path)
    assert (sum(sizes(task)), told) == (16, [])


def test_links_are_followed_and_a_loop_ends(tmp_path):
    fill(tmp_path / "real")
    os.symlink(tmp_path / "real" / "cat", tmp_path / "links_cat")
    (tmp_path / "pets").mkdir()
    os.symlink(tmp_path / "real" / "cat", tmp_path / "pets" / "cat")
    (tmp_path / "pets" / "dog").mkdir()
    os.symlink(tmp_path / "real" / "dog", tmp_path / "pets" / "dog" / "inner")
    os.symlink(tmp_path / "pets", tmp_path / "pets" / "dog" / "loop")
    os.symlink(tmp_path / "nowhere", tmp_path / "pets" / "cat" / "gone.png")
    os.mkfifo(tmp_path / "pets" / "cat" / "pipe.png")
    task, told = read(tmp_path / "pets")
    assert (sum(sizes(task)), told) == (
        16,
        ["left out 2 files without a readable image: cat/gone.png, cat/pipe.png"],
    )


# ---------------------------------------------------------------------- which folder is meant


def test_one_folder_around_the_classes_is_said(tmp_path):
    fill(tmp_path / "data" / "pets")
    task, told = read(tmp_path / "data")
    assert (task.classes, told) == (("cat", "dog"), ["took the classes from its one folder 'pets'"])


def test_images_without_folders_of_classes_are_refused(tmp_path):
    for n in range(3):
        save(tmp_path / f"cat.{n}.png", noise(n))
    with pytest.raises(BadValue, match=r"holds 3 images and no folders; expected one folder of images for each class"):
        folder(tmp_path)
    (tmp_path / "labels.csv").write_text("file,label\n")
    with pytest.raises(BadValue, match=r"a table of labels \(labels.csv\) is not read: sort the images by it"):
        folder(tmp_path)


def test_an_archive_is_to_be_unpacked(tmp_path):
    (tmp_path / "pets.zip").write_bytes(b"PK")
    with pytest.raises(BadValue, match="is a file; unpack it first"):
        folder(tmp_path / "pets.zip")


def test_what_exists_wins_over_the_syntax(tmp_path, monkeypatch):
    fill(tmp_path / "x:16")
    fill(tmp_path / "x", ("a", "b"))
    monkeypatch.chdir(tmp_path)
    task = folder_named("x:16")
    assert (task.classes, task.name) == (("cat", "dog"), "folder/x:16")
    assert folder_named("x:8").classes == ("a", "b")
    asked = folder("x", side=16)
    assert folder_named(asked.name.removeprefix("folder/")).classes == asked.classes == ("a", "b")
    assert folder_named("x:16:8").input_shape == (1, 8, 8)


@pytest.mark.parametrize("name", ["a, b", "50%", "x:y", "ünï cödé", "~tilde", "-dash", "a'b\"c", "two  blanks "])
def test_any_path_can_be_named(tmp_path, monkeypatch, name):
    fill(tmp_path / name, ("one two", "日本"))
    monkeypatch.chdir(tmp_path)
    for text in (name, f"{name}/", f"{tmp_path}/{name}:12x3", f"other/../{name}"):
        (tmp_path / "other").mkdir(exist_ok=True)
        task = folder_named(text)
        assert task.classes == ("one two", "日本")
        assert task.name == f"folder/{text}"


def test_a_home_folder_is_found(tmp_path, monkeypatch):
    fill(tmp_path / "pets")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert folder_named("~/pets").classes == ("cat", "dog")


def test_names_that_differ_in_case_or_blanks_are_said(tmp_path):
    _, told = read(fill(tmp_path, ("Cat", "cat ", "dog")))
    assert told == ["took 'Cat' and 'cat ' as different classes; merge the folders if they are the same"]


def test_an_accent_is_one_letter_however_it_is_written(tmp_path):
    for number, (part, name) in enumerate((("train", "café"), ("val", "cafe\u0301"), ("test", "café"))):
        fill(tmp_path / part, ("bar", name), of=lambda n, label, number=number: noise(n, label, number))
    assert folder(tmp_path).classes == ("bar", "café")


def test_the_same_folders_in_all_classes_are_said(tmp_path):
    for part in ("monday", "tuesday"):
        fill(tmp_path / part, of=lambda n, label, part=part: noise(n, label, len(part)))
    task, told = read(tmp_path)
    assert task.classes == ("monday", "tuesday")
    assert told == ["took monday, tuesday as the classes; the names of the folders inside them are not used: cat, dog"]


# ---------------------------------------------------------------------- bounds


@pytest.mark.parametrize("side", [513, 100_000, 10**11])
def test_a_side_has_an_upper_bound(tmp_path, side):
    with pytest.raises(BadValue, match=f"at least 4 and at most 512; given {side}"):
        folder_named(f"{fill(tmp_path)}:{side}")


def test_memory_has_an_upper_bound_before_it_is_taken(tmp_path, monkeypatch):
    fill(tmp_path)
    monkeypatch.setattr(preparation, "MOST_BYTES", 16 * 3 * 10 * 10 * 4)
    monkeypatch.setattr("nasedu.tasks.folder.pixels.decoded", None)  # no pixel is read
    with pytest.raises(BadValue, match=r"16 images of 3x64x64 pixels need .* take side=10 or less, or channels=1"):
        folder(tmp_path, side=64, channels=3)
    monkeypatch.undo()
    monkeypatch.setattr(preparation, "MOST_BYTES", 16 * 3 * 10 * 10 * 4)
    assert folder(tmp_path, side=10, channels=3).input_shape == (3, 10, 10)


def test_very_large_images_are_said(tmp_path, monkeypatch):
    fill(tmp_path)
    save(tmp_path / "cat" / "poster.png", noise(3, 3, side=40))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 700)
    _, told = read(tmp_path)
    assert told == ["left out 1 image of more than 1,400 pixels: cat/poster.png; make them smaller"]


def test_a_whole_disk_is_refused(tmp_path, monkeypatch):
    fill(tmp_path)
    monkeypatch.setattr("nasedu.tasks.folder.finding.MOST_ENTRIES", 10)
    with pytest.raises(BadValue, match="holds more than 10 files and folders"):
        folder(tmp_path)


# ---------------------------------------------------------------------- what is kept: reading and preparation


@pytest.fixture(params=["8 bits", "colours", "12 bits", "float 0 to 1", "mixed"])
def pets(request, tmp_path):
    def picture(n, label):
        kind = request.param
        if kind == "mixed":
            kind = ("8 bits", "12 bits", "float 0 to 1")[n % 3]
        if kind == "colours":
            return np.dstack([noise(n, label, c, side=20 + n) for c in range(3)])
        return DEEP.get(kind, lambda a: a)(noise(n, label, side=20 + n))

    return fill(tmp_path / "pets", of=picture, count=12, ending="tiff")


def test_the_preparation_gives_the_bytes_of_the_task(pets):
    task = folder(pets, side=11)
    again = from_data(json.loads(json.dumps(task.preparation.to_data())))
    assert again.to_data() == task.preparation.to_data()
    X, names = again.inputs(pets), again.names(pets)
    assert (X.dtype, X.shape, len(names)) == (np.float32, (24, *task.input_shape), 24)
    assert (names, names[1]) == (sorted(names), "cat/1.tiff")
    labels = {x.tobytes(): label for x, label in zip(X, again.answers(pets), strict=True)}
    for split in splits_of(task).values():
        assert [labels[x.tobytes()] for x in split.X] == split.y.tolist()
    files = [pets / name for name in reversed(names)]
    assert np.array_equal(again.inputs(files), X[::-1])
    assert again.names([str(file) for file in files]) == [str(file) for file in files]
    assert again.answers(files) is None
    assert np.array_equal(again.inputs(str(files[0])), X[-1:])
    images = [Image.open(file) for file in files]
    arrays = [np.asarray(image) for image in images]
    assert np.array_equal(again.inputs(images), X[::-1])
    assert np.array_equal(again.inputs(arrays), X[::-1])
    assert again.names(arrays)[:2] == ["0", "1"]


def test_arrays_of_images(tmp_path):
    prepared = folder(fill(tmp_path)).preparation
    images = np.stack([noise(n, 40) for n in range(3)])
    wanted = (images / 255).astype(np.float32)[:, None]
    assert np.array_equal(prepared.inputs(images), wanted)
    assert np.array_equal(prepared.inputs(images[..., None]), wanted)
    assert np.array_equal(prepared.inputs(np.repeat(images[..., None], 3, axis=3)), wanted)
    for wrong in (images[0], np.zeros((16, 16, 3), np.uint8), np.zeros((3, 3, 16, 16), np.uint8)):
        with pytest.raises(BadValue, match=r"an array of images has shape .* given \("):
            prepared.inputs(wrong)
    with pytest.raises(BadValue, match=r"0 has whole numbers of 16 or 32 bits, and the training images have 8 bits"):
        prepared.inputs(images.astype(np.int64))
    for wrong in ([], [None], 3, [np.zeros((0, 4), np.uint8)], [np.zeros((4, 4, 3), np.float32)]):
        with pytest.raises(BadValue, match="expected"):
            prepared.inputs(wrong)


def test_new_images_that_cannot_be_read_are_an_error_with_their_names(tmp_path):
    prepared = folder(fill(tmp_path / "pets")).preparation
    save(tmp_path / "new" / "a" / "1.png", noise(1, 50, side=70))
    save(tmp_path / "new" / ".thumbnails" / "1.png", noise(1, 51))
    (tmp_path / "new" / "readme.txt").write_text("of last week")
    assert (prepared.names(tmp_path / "new"), len(prepared.inputs(tmp_path / "new"))) == (["a/1.png"], 1)
    (tmp_path / "new" / "b.jpg").write_bytes(b"")
    (tmp_path / "new" / "c.heic").write_bytes(b"?")
    with pytest.raises(BadValue, match=r"2 of 3 files are no images that can be read: b.jpg, c.heic; .heic are photos"):
        prepared.inputs(tmp_path / "new")
    with pytest.raises(BadValue, match="there is no file"):
        prepared.inputs(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadValue, match="holds no images"):
        prepared.inputs(tmp_path / "empty")


def test_answers_are_those_of_known_classes(tmp_path):
    prepared = folder(fill(tmp_path / "pets", ("ant", "cat", "dog"))).preparation
    fill(tmp_path / "new", ("cat", "dog"), 2)
    assert prepared.answers(tmp_path / "new").tolist() == [1, 1, 2, 2]
    assert prepared.answers(tmp_path / "new" / "cat") is None
    assert prepared.answers([tmp_path / "new" / "cat" / "1.png"]) is None
    fill(tmp_path / "days", ("monday", "tuesday"), 2)
    assert prepared.answers(tmp_path / "days") is None
    fill(tmp_path / "new", ("fox",), 2)
    with pytest.raises(BadValue, match="'fox' are no classes of this network; its classes are ant, cat, dog"):
        prepared.answers(tmp_path / "new")


def test_the_reading_says_what_was_read(tmp_path):
    fill(tmp_path, count=10)
    save(tmp_path / "cat" / "large.png", noise(1, 60, side=40))
    reading = folder(tmp_path).reading
    assert (reading.kind, reading.examples, dict(reading.classes)) == ("images", 21, {"cat": 11, "dog": 10})
    assert reading.splits == "60/20/20 by class: 13/4/4"
    assert reading.left_out == (
        "from the middle of each image a square became 16x16 pixels in shades of grey; their shorter sides have 16 to "
        "40 pixels",
    )


# ---------------------------------------------------------------------- without nasedu


@pytest.mark.parametrize("kind", ["grey", "colours", "see-through", "deep"])
def test_the_preparation_as_plain_python_gives_the_same_inputs(tmp_path, kind):
    def of(n, label):
        if kind == "grey":
            return noise(n, label, side=20)
        if kind == "deep":
            return noise(n, label).astype(np.uint16) * 16
        channels = [noise(n, label, channel) for channel in range(4 if kind == "see-through" else 3)]
        return Image.fromarray(np.stack(channels, axis=-1))

    task, _ = read(fill(tmp_path / "pets", of=of), side=12)
    files = sorted((tmp_path / "pets" / "cat").iterdir())
    defined = {}
    exec(task.preparation.source(), defined)
    assert np.array_equal(defined["prepare"](files).numpy(), task.preparation.inputs(files))
