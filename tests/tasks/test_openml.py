"""Data sets of OpenML, without OpenML: what is made of them, what is kept, and what is refused."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import fetch_openml

from nasedu.core import BadValue, UnknownName
from nasedu.tasks import openml as openml_module
from nasedu.tasks import openml_fetch
from nasedu.tasks.base import digest_of
from nasedu.tasks.preparation import from_data
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


def test_copies_of_images_are_left_out_and_counted(server, load):
    values = pictures(server, 7, "faces", 784)
    kinds = {f"pixel{n}": "INTEGER" for n in range(1, 785)} | {"class": "{0,1}"}
    rows = [[*map(str, row), str(n % 2)] for n, row in enumerate(np.concatenate([values, values[:3]]))]
    server.add(8, "twins", kinds, rows)
    with pytest.warns(UserWarning, match="OpenML's 'twins': left out 3 examples with an equal one before"):
        task = load("twins")
    assert len(examples(task)) == task.reading.examples == 40
    assert task.reading.classes == {"0": 20, "1": 20}


def test_copies_of_rows_stay_in_one_split(server, load):
    flowers(server, change=lambda rows: [*rows, rows[3], rows[0], [*rows[5][:3], "a"]])
    task = load("flowers")
    assert len(examples(task)) == 63
    check_task(lambda: task)


def test_rows_as_they_come_from_openml_become_the_same_inputs(server, load):
    """OpenML's own columns, in another order, and as plain data between."""
    flowers(server)
    task = load("flowers")
    assert task.classes == ("a", "b", "c")
    assert dict(task.reading.became) == {
        "length": "number",
        "width": "number",
        "colour": "category (2)",
        "class": "answer: class (3)",
    }
    both, test = task.reveal_test()
    frame = fetch_openml(data_id=61, as_frame=True, parser="liac-arff").frame.iloc[:, ::-1]
    again = from_data(json.loads(json.dumps(task.preparation.to_data())))
    found = {x.tobytes(): y for x, y in zip(again.inputs(frame).round(4), again.answers(frame), strict=True)}
    assert found == {x.tobytes(): y for split in (both, test) for x, y in zip(split.X.round(4), split.y, strict=True)}


def test_a_cache_without_the_names_of_its_columns_can_be_read(server, load, tmp_path):
    flowers(server)
    digest = digest_of(load("flowers"))
    file = tmp_path / "cache" / "flowers" / "data.npz"
    with np.load(file) as kept:
        about = json.loads(str(kept["about"]))
        X, y = kept["X"], kept["y"]
    old = {name: about[name] for name in ("classes", "source", "licence")}
    np.savez_compressed(file, X=X, y=y, about=np.array(json.dumps(old)))
    assert digest_of(load("flowers")) == digest


def test_missing_values_are_filled_with_the_mean_of_the_training_split(server, load):
    def lose(rows):
        return [
            ["?" if n in (4, 7, 8) else row[0], row[1], "?" if n == 9 else row[2], row[3]] for n, row in enumerate(rows)
        ]

    flowers(server, change=lose)
    with (
        pytest.warns(UserWarning, match="filled 3 missing values with the mean of the training split: 3 of 'length'"),
        pytest.warns(UserWarning, match="missing is a category of its own: 1 of 'colour'"),
    ):
        task = load("flowers")
    assert (np.abs(examples(task)[:, 0]) < 1e-4).sum() == 3  # 0 is the mean, after scaling
    assert (examples(task)[:, 4] > 0).sum() == 1


def test_what_filling_makes_equal_is_in_one_split(server, load):
    """The first column is 1 or missing, and then filled with 1."""

    def lose(rows):
        rows = [["1", *row[1:]] for row in rows]
        return [*rows, ["?", *rows[0][1:]], ["?", *rows[1][1:]]]

    flowers(server, change=lose)
    with (
        pytest.warns(UserWarning, match="filled 2"),
        pytest.warns(UserWarning, match="left out 1 row with features too near"),
    ):
        task = load("flowers")
    check_task(lambda: task)
    assert len(examples(task)) == 61


def test_rare_classes_are_left_out_and_counted(server, load):
    flowers(server, change=lambda rows: [[*row[:3], "c" if n < 3 else "ab"[n % 2]] for n, row in enumerate(rows)])
    with pytest.warns(UserWarning, match="left out 3 examples of classes that have fewer than 4: c"):
        task = load("flowers")
    assert task.outputs == 2
    assert len(examples(task)) == 57


# ---------------------------------------------------------------------- what is kept


def test_it_is_fetched_once_and_kept(server, load, tmp_path):
    flowers(server)
    first, asked = load("flowers"), server.asked
    assert kept(tmp_path) == ["flowers", "flowers/data.npz"]
    server.down = True
    assert digest_of(load("flowers")) == digest_of(load("Flowers")) == digest_of(first)
    assert server.asked == asked


def test_the_cache_is_where_the_user_keeps_caches(server, monkeypatch, tmp_path):
    flowers(server, name="Flowers")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    openml("Flowers")
    assert (tmp_path / "nasedu" / "openml" / "flowers" / "data.npz").exists()
    for ignored in ("", "relative/path"):
        monkeypatch.setenv("XDG_CACHE_HOME", ignored)
        assert openml_fetch.user_cache().parent in (Path.home(), Path.home() / "Library")


@pytest.mark.parametrize("name", ["a/b", "../up", "/root", "a\\b"])
def test_no_name_leads_out_of_the_cache(server, load, tmp_path, monkeypatch, name):
    fetched = openml_fetch.Fetched(np.arange(20, dtype=np.float32)[:, None], np.arange(20) % 2, ["a", "b"], "", "")
    monkeypatch.setattr(openml_fetch, "_fetched", lambda *args: None)
    monkeypatch.setattr(openml_fetch, "_arrays", lambda *args: fetched)
    load(name)
    assert [item.relative_to(tmp_path).parts[::2] for item in tmp_path.rglob("*.npz")] == [("cache", "data.npz")]


def _cut(file):
    file.write_bytes(file.read_bytes()[:200])


def _flip(file):
    """One bit of the middle array's packed bytes."""
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 3] ^= 1
    file.write_bytes(whole)


@pytest.mark.parametrize(
    "harm", [_cut, _flip, lambda file: file.write_bytes(b""), lambda file: np.savez(file, X=np.zeros(3))]
)
def test_a_damaged_cache_is_refused(server, load, tmp_path, harm):
    flowers(server)
    load("flowers")
    harm(tmp_path / "cache" / "flowers" / "data.npz")
    with pytest.raises(BadValue, match=r"flowers is damaged .*; delete this folder, and load again to fetch it"):
        load("flowers")


def test_a_half_of_a_folder_is_no_data_set(server, load, tmp_path):
    """What a process that was killed has left, or a user has deleted."""
    flowers(server)
    (tmp_path / "cache" / "flowers").mkdir(parents=True)
    (tmp_path / "cache" / ".fetching-abc").mkdir()
    load("flowers")


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
    with pytest.raises(BadValue, match=r"cannot keep the data set in .*file.*cache="):
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


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": 2.5}, {"limit": True}])
def test_impossible_arguments_are_refused(wrong):
    with pytest.raises(BadValue, match=f"{next(iter(wrong))} is .*; given"):
        openml("flowers", **wrong)


def test_what_scikit_learn_warns_of_is_passed_on(server, load):
    flowers(server, change=lambda rows: rows, warning="half of it is made up")
    with pytest.warns(UserWarning, match="half of it is made up"):
        load("flowers")


def test_a_person_sees_that_it_is_fetched(server, load, tmp_path, monkeypatch, capsys):
    flowers(server)
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich then takes anything for a terminal
    load("flowers", progress=False)
    assert capsys.readouterr() == ("", "")
    load(61)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "fetching 61 from OpenML" in shown.err
    monkeypatch.delenv("FORCE_COLOR")
    openml("flowers", cache=tmp_path / "other")
    assert capsys.readouterr() == ("", "")
