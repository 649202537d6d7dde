"""Data sets of OpenML, without OpenML: what is made of them, what is kept, and what is refused."""

import gzip
import warnings
from pathlib import Path

import numpy as np
import pytest

from nasedu.core import BadValue, Mismatch, UnknownName
from nasedu.tasks import openml as openml_module
from nasedu.tasks import openml_cache, openml_fetch
from nasedu.tasks.base import digest_of
from nasedu.testing import check_task
from tests.tasks.openml_files import OpenML, flowers, pictures

openml, openml_named = openml_module.openml, openml_module.openml_named


@pytest.fixture
def server(monkeypatch):
    server = OpenML()
    server.instead_of_the_network(monkeypatch)
    return server


@pytest.fixture
def load(tmp_path):
    return lambda name, **more: openml(name, cache=tmp_path / "cache", **more)


def kept(tmp_path):
    """What is in the cache, hidden files too."""
    cache = tmp_path / "cache"
    return sorted(item.relative_to(cache).as_posix() for item in cache.rglob("*")) if cache.exists() else []


def examples(task):
    both, test = task.reveal_test()
    return np.concatenate([both.X, test.X])


# ---------------------------------------------------------------------- what is made of a data set


def test_a_data_set_becomes_a_task_that_keeps_all_rules(server, load):
    flowers(server)
    task = load("flowers")
    check_task(lambda: load("flowers"))
    assert (task.name, task.input_shape, task.outputs) == ("openml/flowers", (4,), 3)
    assert [len(task.train.y), len(task.validation.y), len(task.test)] == [36, 12, 12]
    assert task.source == "OpenML 61, flowers version 1, https://www.openml.org/d/61"
    assert task.licence == "Public"
    assert task.summary == "Which of 3 classes (a, b, c)? 60 examples of OpenML's flowers."
    assert task.train.X.mean(0) == pytest.approx(np.zeros(4), abs=1e-4)
    assert task.train.X.std(0) == pytest.approx(np.ones(4), abs=1e-4)
    colours = task.train.X[:, 2:]
    assert np.array_equal(colours[:, 0] > 0, colours[:, 1] < 0)  # one column of 0 and 1 for each colour
    nearest = np.abs(task.train.X[:, :1] - [[task.train.X[task.train.y == k, 0].mean() for k in range(3)]]).argmin(1)
    assert np.mean(nearest == task.train.y) > 0.9  # the answers stayed with their examples


def test_a_number_means_the_same_data_set_as_the_name(server, load):
    flowers(server)
    assert digest_of(load(61)) == digest_of(load("flowers")) == digest_of(load("61"))
    assert load(61).name == "openml/61"


@pytest.mark.parametrize(("pixels", "shape"), [(784, (1, 28, 28)), (3072, (3, 32, 32))])
def test_pixels_become_images(server, load, pixels, shape):
    values = pictures(server, 7, "faces", pixels)
    task = load("faces")
    assert task.input_shape == shape
    assert sorted(map(bytes, (examples(task) * 255).round().astype(np.uint8))) == sorted(
        map(bytes, values.astype(np.uint8))
    )


def test_numbers_that_are_no_pixels_stay_flat(server, load):
    """Another number of features; and 784 that do not all fit into a byte."""
    pictures(server, 7, "small", 100)
    assert load("small").input_shape == (100,)
    kinds = {f"f{n}": "REAL" for n in range(784)} | {"class": "{0,1}"}
    values = np.random.default_rng(0).normal(size=(20, 784)).round(3)
    server.add(8, "signals", kinds, [[*map(str, row), str(n % 2)] for n, row in enumerate(values)])
    assert load("signals").input_shape == (784,)


def test_a_limit_takes_each_class_by_its_share(server, load):
    """30 rows are a, 15 are b and c."""
    flowers(server, change=lambda rows: [[*row[:3], "abac"[n % 4]] for n, row in enumerate(rows)])
    task = load("flowers", limit=24)
    both, test = task.reveal_test()
    assert np.bincount(np.concatenate([both.y, test.y])).tolist() == [12, 6, 6]
    assert task.name == "openml/flowers:24"
    assert digest_of(load("flowers", limit=24)) == digest_of(task)
    assert len(examples(load("flowers", limit=1000))) == 60
    check_task(lambda: load("flowers", limit=24))


def test_the_smallest_limit_has_every_class_in_every_split(server, load):
    flowers(server)
    assert len(examples(load("flowers", limit=12))) == 12
    with pytest.raises(BadValue, match="has 3 classes, so limit is at least 12; given 11"):
        load("flowers", limit=11)


def test_a_name_says_the_limit_too(server, monkeypatch, tmp_path):
    flowers(server)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for text in ("flowers", "flowers:30", "61", "61:30"):
        assert openml_named(text).name == f"openml/{text}"
    assert len(examples(openml_named("61:30"))) == 30


def test_copies_are_left_out_and_counted(server, load):
    flowers(server, change=lambda rows: [*rows, rows[3], rows[0], [*rows[5][:3], "a"]])
    with pytest.warns(UserWarning, match="OpenML's 'flowers': left out 3 examples that are copies of an earlier one"):
        task = load("flowers")
    assert len(examples(task)) == 60


def test_missing_values_are_filled_with_the_mean_of_the_training_split(server, load):
    def lose(rows):
        return [
            ["?" if n in (4, 7, 8) else row[0], row[1], "?" if n == 9 else row[2], row[3]] for n, row in enumerate(rows)
        ]

    flowers(server, change=lose)
    with pytest.warns(UserWarning, match="filled 5 missing values with the mean of their column in the training split"):
        task = load("flowers")
    assert (np.abs(examples(task)[:, 0]) < 1e-4).sum() == 3  # 0 is the mean, after scaling
    assert (np.abs(examples(task)[:, 2:]) < 1e-4).all(1).sum() == 1


def test_what_filling_makes_equal_is_left_out(server, load):
    """The first column is 1 or missing, and then filled with 1."""

    def lose(rows):
        rows = [["1", *row[1:]] for row in rows]
        return [*rows, ["?", *rows[0][1:]], ["?", *rows[1][1:]]]

    flowers(server, change=lose)
    with (
        pytest.warns(UserWarning, match="filled 2"),
        pytest.warns(UserWarning, match="left out 2 .* filling or scaling"),
    ):
        task = load("flowers")
    assert len({x.tobytes() for x in examples(task)}) == len(examples(task)) == 60


def test_rare_classes_are_left_out_and_counted(server, load):
    flowers(server, change=lambda rows: [[*row[:3], "c" if n < 3 else "ab"[n % 2]] for n, row in enumerate(rows)])
    with pytest.warns(UserWarning, match="left out 3 examples of classes that have fewer than 4: c"):
        task = load("flowers")
    assert task.outputs == 2
    assert len(examples(task)) == 57


# ---------------------------------------------------------------------- what is kept


def test_it_is_fetched_once_and_kept_with_its_hash(server, load, tmp_path):
    flowers(server)
    first, asked = load("flowers"), server.asked
    assert kept(tmp_path) == ["flowers", "flowers/data.npz", "flowers/sha256"]
    server.down = True
    assert digest_of(load("flowers")) == digest_of(load("Flowers")) == digest_of(first)
    assert server.asked == asked


def test_the_cache_is_where_the_user_keeps_caches(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert openml_cache.folder_of("MNIST_784") == tmp_path / "nasedu" / "openml" / "mnist_784"
    for ignored in ("", "relative/path"):
        monkeypatch.setenv("XDG_CACHE_HOME", ignored)
        assert openml_cache.user_cache().parent in (Path.home(), Path.home() / "Library")


@pytest.mark.parametrize("name", ["a/b", "../up", "/root", "a\\b"])
def test_no_name_leads_out_of_the_cache(tmp_path, name):
    assert openml_cache.folder_of(name, tmp_path).parent == tmp_path


def test_what_changed_in_the_cache_is_refused(server, load, tmp_path):
    flowers(server)
    load("flowers")
    place = tmp_path / "cache" / "flowers"
    data = openml_cache.read(place)
    np.savez(place / "data.npz", X=data.X + 1, y=data.y, about=np.load(place / "data.npz")["about"])
    with pytest.raises(
        Mismatch, match=r"hashes to \w{64}, and to \w{64} when it was fetched; delete the folder .*flowers"
    ):
        load("flowers")


@pytest.mark.parametrize("harm", [lambda file: file.write_bytes(file.read_bytes()[:200]), lambda file: file.unlink()])
@pytest.mark.parametrize("file", ["data.npz", "sha256"])
def test_a_damaged_cache_is_refused(server, load, tmp_path, file, harm):
    flowers(server)
    load("flowers")
    place = tmp_path / "cache" / "flowers" / file
    if file == "sha256":
        place.write_text("")
    harm(place)
    with pytest.raises((BadValue, Mismatch), match=r"delete the folder .* and load again to fetch it anew"):
        load("flowers")


def test_a_pinned_hash_is_compared_with_what_arrives_and_with_what_is_kept(server, load, tmp_path, monkeypatch):
    flowers(server)
    wrong = "0" * 64
    with pytest.raises(Mismatch, match=rf"'flowers' hashes to \w{{64}}, and {wrong} was expected") as error:
        load("flowers", sha256=wrong)
    assert kept(tmp_path) == []
    right = str(error.value).rpartition("sha256='")[2].strip("'")
    load("flowers", sha256=right.upper())
    with pytest.raises(Mismatch):
        load("flowers", sha256=wrong)
    monkeypatch.setitem(openml_module.PINNED, "flowers", wrong)
    with pytest.raises(Mismatch):
        load("Flowers")
    load("flowers", sha256=right)


# ---------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda packed: packed[:-30], "the file of OpenML's 'flowers' was cut short or damaged"),
        (lambda packed: gzip.compress(gzip.decompress(packed)[:-90]), "is not what its description states .*md5"),
        (lambda packed: gzip.compress(gzip.decompress(packed).replace(b"red", b"rad")), "is not what .*md5"),
        (lambda packed: b"<html>busy</html>", "the file of OpenML's 'flowers' was cut short or damaged"),
    ],
)
@pytest.mark.parametrize("name", ["flowers", 61])
def test_a_damaged_file_is_refused_and_nothing_is_kept(server, load, tmp_path, harm, message, name):
    path = flowers(server)
    whole = server.files[path]
    server.files[path] = harm(whole)
    with pytest.raises(BadValue, match=message.replace("flowers", str(name))):
        load(name)
    assert kept(tmp_path) == []
    server.files[path] = whole
    load(name)
    assert kept(tmp_path)[0] == str(name)


def test_an_unknown_name_or_number_is_refused(server, load, tmp_path):
    with pytest.raises(UnknownName, match=r"OpenML has no active data set 'flours' .*openml\.org"):
        load("flours")
    with pytest.raises(UnknownName, match="no active data set '99'"):
        load(99)
    assert kept(tmp_path) == []


def test_without_a_network_it_says_so(server, load, tmp_path):
    server.down = True
    with pytest.raises(BadValue, match=r"'mnist_784' could not be fetched .*; is there a network"):
        load("mnist_784")
    assert kept(tmp_path) == []


def test_what_stops_the_writing_leaves_nothing(server, load, tmp_path, monkeypatch):
    flowers(server)

    def full(*args, **arrays):
        Path(args[0]).write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(BadValue, match=r"cannot keep the data set in .*No space left.*cache="):
        load("flowers")
    assert kept(tmp_path) == []


def test_a_cache_that_cannot_be_written_is_refused(server, tmp_path):
    flowers(server)
    (tmp_path / "file").write_text("")
    with pytest.raises(BadValue, match=r"cannot keep anything in .*file.*cache="):
        openml("flowers", cache=tmp_path / "file" / "below")


@pytest.mark.parametrize(
    ("kinds", "target", "about", "message"),
    [
        ({"x": "REAL", "class": "REAL"}, "class", {}, "its target 'class' holds no classes"),
        ({"x": "STRING", "class": "{1,2}"}, "class", {}, "its feature 'x' is free text"),
        ({"x": "REAL", "class": "{1,2}"}, "none", {}, "has targets .*; expected exactly one"),
        ({"x": "REAL", "class": "{1,2}"}, "class", {"format": "Sparse_ARFF"}, "'odd' cannot be read"),
    ],
)
def test_what_is_no_classification_is_refused(server, load, tmp_path, kinds, target, about, message):
    server.add(5, "odd", kinds, [[str(n + 0.5), str(n % 2 + 1)] for n in range(20)], target=target, **about)
    with pytest.raises(BadValue, match=message):
        load("odd")
    assert kept(tmp_path) == []


def test_a_single_class_is_refused(server, load):
    flowers(server, change=lambda rows: [[*row[:3], "a"] for row in rows])
    with pytest.raises(BadValue, match="there is only the class 'a'; at least 2"):
        load("flowers")


@pytest.mark.parametrize("name", ["", " ", "..", None, 0, -3, True, 1.5, "a\nb"])
def test_names_that_are_none_are_refused(name):
    with pytest.raises(BadValue, match="have a name, such as 'mnist_784', or a number"):
        openml(name)


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": 2.5}, {"limit": True}, {"sha256": "abc"}])
def test_impossible_arguments_are_refused(wrong):
    with pytest.raises(BadValue, match=f"{next(iter(wrong))} is .*; given"):
        openml("flowers", **wrong)


def test_what_scikit_learn_warns_of_is_passed_on(server, load):
    flowers(server, change=lambda rows: rows, warning="half of it is made up")
    with pytest.warns(UserWarning, match="half of it is made up"):
        load("flowers")


# ---------------------------------------------------------------------- how much has arrived


def test_progress_is_shown_to_a_person_only(server, load, tmp_path, monkeypatch, capsys):
    flowers(server)
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich then takes anything for a terminal
    seen = []
    look = openml_fetch.size_of
    monkeypatch.setattr(openml_fetch, "size_of", lambda folder: seen.append(look(folder)) or seen[-1])
    load("flowers", progress=False)
    assert capsys.readouterr() == ("", "")
    assert not seen
    load(61)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "fetching 61 from OpenML" in shown.err
    assert max(seen) > 0
    monkeypatch.delenv("FORCE_COLOR")
    with warnings.catch_warnings():
        openml("flowers", cache=tmp_path / "other")
    assert capsys.readouterr() == ("", "")
