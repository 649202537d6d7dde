"""A table of one's own: what is made of its columns, and what is refused with the line it stands in."""

import numpy as np
import pytest

from nasedu.core import BadValue, UnknownName
from nasedu.tasks.base import digest_of
from nasedu.tasks.csv_table import csv, csv_named
from nasedu.testing import check_task


def rows(count=50):
    """A size, a number of petals, a colour; the kind goes by the size, the price by all."""
    rng = np.random.default_rng(0)
    for n in range(count):
        size, petals, colour = rng.normal(10 + 5 * (n % 2), 1), rng.integers(3, 9), ("red", "blue")[rng.integers(2)]
        yield [f"{size:.3f}", str(petals), colour, ("lily", "rose")[n % 2], f"{1000 * size + petals:.1f}"]


NAMES = ["size", "petals", "colour", "kind", "price"]


@pytest.fixture
def table(tmp_path):
    """Write a table and give its path: `change` may do anything to the list of lines, each a list of values."""

    def write(change=lambda lines: lines, separator=",", encoding="utf-8"):
        lines = change([NAMES, *rows()])
        path = tmp_path / "flowers.csv"
        path.write_bytes("".join(separator.join(line) + "\n" for line in lines).encode(encoding))
        return path

    return write


def everything(task):
    both, test = task.reveal_test()
    return np.concatenate([both.X, test.X]), np.concatenate([both.y, test.y])


def at(row, column, value):
    """Put a value into a line of the file, counted from 1, so 1 is the line of names."""

    def change(lines):
        lines = [list(line) for line in lines]
        lines[row - 1][NAMES.index(column)] = value
        return lines

    return change


# ---------------------------------------------------------------------- what is made of it


@pytest.mark.filterwarnings("error::DeprecationWarning")  # pandas 3.1 deprecated float_precision
def test_text_is_classified(table):
    path = table()
    task = csv(path, "kind")
    check_task(lambda: csv(path, "kind"))
    assert (task.name, task.kind, task.outputs) == (f"csv/{path}:kind", "classification", 2)
    assert task.summary == "Is kind lily, rose? 50 rows of 5 features from your table."
    assert task.input_shape == (5,)  # size, petals, blue, red, price
    assert task.train.X.mean(0) == pytest.approx(np.zeros(5), abs=1e-4)
    assert task.train.X.std(0) == pytest.approx(np.ones(5), abs=1e-4)
    X, y = everything(task)
    assert np.array_equal(X[:, 0] > 0, y == 1)
    assert np.array_equal(X[:, 2] > 0, X[:, 3] < 0)


def test_numbers_are_predicted(table):
    path = table()
    task = csv(path, "price")
    check_task(lambda: csv(path, "price"))
    assert (task.kind, task.outputs, task.metrics) == ("regression", 1, ("r2", "rmse"))
    assert [len(task.train.y), len(task.validation.y), len(task.test)] == [30, 10, 10]
    assert task.train.y.mean() == pytest.approx(0, abs=1e-4)
    assert task.train.y.std() == pytest.approx(1, abs=1e-4)
    X, y = everything(task)
    assert np.corrcoef(X[:, 0], y[:, 0])[0, 1] > 0.999


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        (lambda n: str(n % 3), "classification"),
        (lambda n: f"{n % 3}.0", "classification"),
        (lambda n: str(n % 2 == 0), "classification"),
        (lambda n: str(n), "regression"),
        (lambda n: str(n % 3 + 0.5), "regression"),
    ],
)
def test_few_whole_numbers_are_classes(table, target, kind):
    path = table(lambda lines: [lines[0], *([*line[:3], target(n), line[4]] for n, line in enumerate(lines[1:]))])
    assert csv(path, "kind").kind == kind


def test_the_kind_may_be_said(table):
    path = table(lambda lines: [lines[0], *([*line[:3], str(n % 3), line[4]] for n, line in enumerate(lines[1:]))])
    assert csv(path, "kind").outputs == 3
    task = csv(path, "kind", kind="regression")
    check_task(lambda: task)
    assert (task.kind, task.name) == ("regression", f"csv/{path}:kind:regression")


@pytest.mark.parametrize("text", ["{}:kind", "{}:price", "{}:petals:regression", "{}:kind:classification"])
def test_a_name_says_it_all(table, text):
    text = text.format(table())
    assert csv_named(text).name == f"csv/{text}"


@pytest.mark.parametrize("text", ["flowers.csv", ":kind", "flowers.csv:", ""])
def test_a_name_without_a_target_is_refused(text):
    with pytest.raises(BadValue, match=r"csv/PATH:TARGET, such as csv/flowers.csv:species; given csv/"):
        csv_named(text)


@pytest.mark.parametrize(("separator", "encoding"), [(";", "utf-8"), ("\t", "utf-8"), (",", "utf-8-sig")])
def test_tables_as_other_programs_write_them(table, separator, encoding):
    assert digest_of(csv(table(), "kind")) == digest_of(csv(table(separator=separator, encoding=encoding), "kind"))


def test_a_feature_that_never_varies_is_left_out_and_said(table):
    path = table(lambda lines: [lines[0], *([line[0], "3", "red", *line[3:]] for line in lines[1:])])
    task = csv(path, "kind")
    check_task(lambda: task)
    assert task.input_shape == (2,)
    assert task.reading.left_out[0] == "left out the columns 'petals' (it never varies), 'colour' (it never varies)"


# ---------------------------------------------------------------------- what is left out


def test_rows_that_come_twice_stay_and_lie_in_one_split(table):
    path = table(lambda lines: [*lines[:9], lines[5], *lines[9:], [*lines[7][:3], "lily", lines[7][4]]])
    task = csv(path, "kind")
    assert len(everything(task)[0]) == 52
    check_task(lambda: task)  # no example is in two splits


def test_rows_that_scaling_makes_equal_are_left_out_of_all_splits_but_one(table):
    more = [[f"{10**9 + n / 1000}", "4", "red", ("lily", "rose")[n % 2], "1.0"] for n in range(10)]
    path = table(lambda lines: [*lines, *more])
    with pytest.warns(UserWarning, match="left out 4 rows with features too near to those of a row in another split"):
        task = csv(path, "kind")
    check_task(lambda: task)


def test_empty_lines_are_passed_over(table):
    path = table(lambda lines: [*lines[:4], [""], *lines[4:], [""]])
    assert digest_of(csv(path, "kind")) == digest_of(csv(table(), "kind"))


# ---------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (at(5, "size", ""), r"1 values are missing or infinite, in 'size' \(1\), the first in line 5; fill them in"),
        (at(9, "colour", ""), r"in 'colour' \(1\), the first in line 9;"),
        (at(7, "kind", " "), r"1 answer in 'kind' is missing, the first in line 7;"),
        (at(2, "price", "inf"), r"in 'price' \(1\), the first in line 2;"),
        (lambda lines: [*at(6, "size", "")(lines)[:3], [""], *at(6, "size", "")(lines)[3:]], "first in line 7;"),
        (lambda lines: at(6, "size", "")(at(3, "colour", '"red\ndark"')(lines)), "first in line 7;"),
        (
            lambda lines: at(6, "size", "")(at(8, "petals", "")(lines)),
            r"2 values .*'size' \(1\), 'petals' \(1\), .* 6;",
        ),
    ],
)
def test_missing_values_can_be_refused_with_their_line(table, change, message):
    with pytest.raises(BadValue, match=message):
        csv(table(change), "kind", missing="refuse")


def test_a_place_without_a_table_is_refused(tmp_path):
    with pytest.raises(BadValue, match=r"table '.*none\.csv' does not exist; expected a CSV file"):
        csv(tmp_path / "none.csv", "kind")
    with pytest.raises(BadValue, match="is a folder; expected a CSV file"):
        csv(tmp_path, "kind")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot be read as CSV: it is empty"),
        (b"a,kind\n1,2\n1,2,3\n", "cannot be read as CSV: .*line 3"),
        (b"a,kind\n\xe9,2\n", "is not in UTF-8"),
        (b"kind\n1\n2\n", "has no column but 'kind'"),
        (b"a,kind\n", "has names and no rows"),
        (b"a,kind,a\n1,2,3\n", r"'a' names more than one column \(columns 1, 3\); rename"),
        (b'a,kind\n1,2\n1,"2\n1,2\n', "a quote that opens in line 3 is never closed"),
        (b'{"a": 1}\n', r"is JSON, no CSV file; save it as CSV, in Python: pandas.read_json\('odd.csv'\)"),
        (b"<!DOCTYPE html><html></html>", "is HTML or XML, no CSV file"),
        (b"PAR1....", "is a Parquet file, no CSV file; .* package pyarrow"),
        (b"\xd0\xcf\x11\xe0....", "is an old Excel workbook, no CSV file; .* package xlrd"),
        ("a,kind\n1,2\n".encode("utf-16-le"), "holds bytes of zero, so it is no text"),
        (b"\x1f\x8b\x08\x00....", "cannot be read .*; is the file whole"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, content, message):
    (tmp_path / "odd.csv").write_bytes(content)
    with pytest.raises(BadValue, match=message):
        csv(tmp_path / "odd.csv", "kind")


def test_an_unknown_column_is_answered_with_the_known_ones(table):
    with pytest.raises(UnknownName, match="no column 'Kind'; its columns: 'size', 'petals', 'colour', 'kind'"):
        csv(table(), "Kind")


def test_a_table_of_names_only_is_refused(table):
    path = table(lambda lines: [["name", "kind"], *([f"no{n:03}", line[3]] for n, line in enumerate(lines[1:]))])
    with pytest.raises(BadValue, match=r"no column is left .*: 'name' \(it is text, and nearly every value is differ"):
        csv(path, "kind")


@pytest.mark.parametrize(
    ("change", "target", "kind", "message"),
    [
        (
            lambda lines: [[*line[:3], line[3] if n < 4 else "lily", line[4]] for n, line in enumerate(lines)],
            "kind",
            None,
            r"needs at least 4 different rows .*'rose' has 1; add rows, .*first: line .* ask for :regression",
        ),
        (
            lambda lines: [*lines[:1], *([*line[:3], "lily", line[4]] for line in lines[1:])],
            "kind",
            None,
            "there is only the class 'lily'; at least 2",
        ),
        (lambda lines: lines, "kind", "regression", "the target 'kind' is text; a regression needs numbers"),
        (lambda lines: lines[:10], "price", None, "has 9 different rows; a regression needs at least 10"),
        (
            lambda lines: [*lines[:1], *([*line[:4], "2.5"] for line in lines[1:])],
            "price",
            None,
            "the target 'price' never varies in the training split",
        ),
        (lambda lines: lines, "kind", "clustering", "kind is classification or regression; given 'clustering'"),
    ],
)
def test_targets_that_cannot_be_learned_are_refused(table, change, target, kind, message):
    with pytest.raises(BadValue, match=message):
        csv(table(change), target, kind=kind)
