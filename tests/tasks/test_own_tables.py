"""Tables as people have them: each kind of thing that is easily misread, with what it should become."""

import bz2
import csv as plain_csv
import gzip
import json
import lzma
import warnings
import zipfile

import numpy as np
import pandas as pd
import pytest

from nasedu.core import BadValue, UnknownName
from nasedu.tasks import folds_of, load
from nasedu.tasks.base import digest_of, splits_of, with_metric
from nasedu.tasks.csv_table import csv, csv_named, from_frame
from nasedu.tasks.preparation import from_data
from nasedu.tasks.reading import describe
from nasedu.tasks.table import making, packed_files
from nasedu.tasks.table.notation import Notation, number_notations
from nasedu.testing import check_task


def lines(make, header, count=60):
    return "\n".join([header, *map(make, range(count))]) + "\n"


def other(n):
    """A number that never comes twice, so that no two rows are equal."""
    return f"{(n * 37 % 101) + n / 1000:.3f}"


@pytest.fixture
def write(tmp_path):
    def write(text, name="own.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return write


@pytest.fixture
def read(write):
    """Write a table, make its task, and give it with the sentences that were warned of."""

    def read(text, target="y", **options):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            task = csv(write(text), target, **options)
        return task, " ".join(str(warning.message) for warning in caught)

    return read


def whole(task):
    parts = splits_of(task).values()
    return np.concatenate([X for X, _ in parts]), np.concatenate([y for _, y in parts])


# ---------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("header", "make", "became"),
    [
        ("a;b;y", lambda n: f"{n / 7:.3f};{n / 9:.3f}".replace(".", ","), "number, decimal comma"),
        ("a;b;y", lambda n: f"{n},143;{n + 2},{n + 100}", "number, decimal comma"),
        ("a;b;y", lambda n: f"{n + 1}.{n + 100},5;{n},5", "number, decimal comma"),
        ("a,b,y", lambda n: f'"${1000 + 17 * n:,}.50","${n}"', "number, in $"),
        ("a,b,y", lambda n: f"{n}%,{n / 4}%", "number, percent, as a share"),
        ("a;b;y", lambda n: f"{n},50 €;{n} €", None),
        ("a,b,y", lambda n: f"£{n},{'-' if n % 3 else ''}£{n}.5", "number, in £"),
        ("a,b,y", lambda n: f"({n + 1}.5),{n}-", "number"),
        ("a,b,y", lambda n: f"1\u202f{n + 100},1'{n + 100}.5", "number"),
        ("a,b,y", lambda n: f"{n} kg,{n / 3:.2f}kg", "number, in kg"),
        ("a,b,y", lambda n: f"{n}e-3,−{n}", "number"),
        ("a,b,y", lambda n: f"2024-{n % 12 + 1:02}-{n % 28 + 1:02},{n % 12 + 1}/{n % 28 + 1}/24", "date, in days"),
        ("a;b;y", lambda n: f"{n % 28 + 1}.{n % 12 + 1}.2024;{2000 + n}/01/02 10:30", "date, in days"),
    ],
)
def test_numbers_are_numbers_however_they_are_written(read, header, make, became):
    separator = ";" if ";" in header else ","
    task, said = read(lines(lambda n: f"{make(n)}{separator}{'ab'[n % 2]}", header))
    assert task.input_shape == (2,)
    assert said == ""
    if became:
        assert {task.reading.became[name] for name in "ab"} == {became}


@pytest.mark.parametrize(
    ("text", "notation", "value"),
    [
        ("1,234.5", Notation(), 1234.5),
        ("1.234,5", Notation(","), 1234.5),
        ("(1 234)", Notation(), -1234),
        ("-$5", Notation(mark="$"), -5),
        ("$-5", Notation(mark="$"), -5),
        ("5 €", Notation(",", "€"), 5),
        ("7%", Notation(mark="%"), 0.07),
        ("12,34", Notation(), None),
        ("0,123", Notation(), None),
        ("1.2.3", Notation(), None),
        ("1_000", Notation(), None),
        ("5 lb", Notation(mark="kg"), None),
        ("(5", Notation(), None),
        ("1970-01-03 12:00", Notation(date="ymd"), 2.5),
        ("3.1.1970", Notation(date="dmy"), 2),
        ("1/3/70", Notation(date="mdy"), 2),
        ("2023-02-30", Notation(date="ymd"), None),
    ],
)
def test_one_number(text, notation, value):
    found = notation.read([text])[0]
    assert np.isnan(found) if value is None else found == pytest.approx(value)


def test_a_comma_between_three_digits_means_what_the_other_columns_say(read):
    def table(make, separator):
        return lines(lambda n: make(n) + f"{separator}{'ab'[n % 2]}", f"a{separator}b{separator}y")

    thousands, _ = read(table(lambda n: f'"1,{n + 100}","{n}.5"', ","))
    decimal, _ = read(table(lambda n: f"1,{n + 100};{n},5", ";"))
    alone, _ = read(table(lambda n: f"1,{n + 100};{n}", ";"))
    points, _ = read(table(lambda n: f"1,{n + 100};{n}.5", ";"))
    means = [task.preparation.columns[0].mean[0] for task in (thousands, decimal, alone, points)]
    assert [mean > 1000 for mean in means] == [True, False, False, True]


@pytest.mark.parametrize("mark", ["?", "NA", "n/a", "NaN", "null", "-", ".", "none", "#DIV/0!", "inf"])
def test_what_stands_for_a_missing_number_is_filled_and_said(read, mark):
    task, said = read(lines(lambda n: f"{mark if n % 9 == 0 else other(n)},{n % 7},{'ab'[n % 2]}", "a,b,y"))
    assert task.input_shape == (2,)
    assert f"filled 7 missing values with the mean of the training split: 7 of 'a' ({mark!r})" in said
    assert (np.abs(whole(task)[0][:, 0]) < 1e-4).sum() >= 7


def test_a_word_among_many_numbers_is_missing_and_a_few_numbers_among_words_are_words(read):
    task, said = read(lines(lambda n: f"{'sold' if n % 3 else other(n)},{n % 3 or 'many'},{'ab'[n % 2]}", "a,b,y", 90))
    assert task.reading.became == {"a": "number", "b": "category (3)", "y": "answer: class (2)"}
    assert "60 of 'a' ('sold')" in said


def test_one_empty_cell_is_filled_counted_and_warned_of(read):
    task, said = read(lines(lambda n: f"{'' if n == 7 else n % 5},{other(n)},{'ab'[n % 2]}", "a,b,y"))
    assert len(whole(task)[0]) == 60
    assert "filled 1 missing value with the mean of the training split: 1 of 'a'" in said
    check_task(lambda: task)


def test_an_empty_category_is_a_category_of_its_own(read):
    task, said = read(lines(lambda n: f"{['u', 'v', ''][n % 3]},{other(n)},{'ab'[n % 2]}", "c,b,y"))
    assert task.input_shape == (4,)
    assert "missing is a category of its own: 20 of 'c'" in said


def test_rows_with_missing_cells_can_be_dropped(read):
    text = lines(lambda n: f"{'?' if n == 7 else other(n)},{'' if n == 9 else 'ab'[n % 2]}", "a,y")
    task, said = read(text, missing="drop")
    assert len(whole(task)[0]) == 58
    assert "left out 2 of 60 rows, which have missing values" in said


# ---------------------------------------------------------------------- categories, and columns that are none


def test_zeros_in_front_make_names_of_numbers(read):
    task, said = read(lines(lambda n: f"{n % 3:05},{other(n)},{('007', '07', '8')[n * 7 % 3]}", "zip,a,code"), "code")
    assert task.classes == ("007", "07", "8")
    assert task.reading.became["zip"] == "category (3)"
    assert "answer" in said  # here the zip tells it


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("", lambda n: n, "it numbers the rows"),
        ("id", lambda n: 1000 + 3 * n, "it numbers the rows"),
        ("customerId", lambda n: n * 7 % 61, "it numbers the rows"),
        ("order_id", lambda n: f"{n:x}-{n * n:x}", "nearly every value is different"),
        ("comment", lambda n: f"I bought {n}", "nearly every value is different"),
        ("when", lambda n: f"0{n % 9 + 1}/0{n % 7 + 1}/2024", "its dates can be read in two ways"),
    ],
)
def test_what_names_or_numbers_the_rows_is_left_out(read, name, value, reason):
    task, said = read(lines(lambda n: f"{value(n)},{other(n)},{'ab'[n // 30]}", f"{name},a,y"))
    assert task.input_shape == (1,)
    assert f"left out the column {name or 'Unnamed: 0'!r} (" in said
    assert reason in said


def test_text_that_is_too_varied_is_left_out_in_a_file_of_any_length(read):
    task, said = read(lines(lambda n: f"c{n % 150},{other(n)},{'ab'[n % 2]}", "c,a,y", 600))
    assert task.input_shape == (1,)
    assert "it is text with 150 different values ('c0', 'c1', 'c2' and 147 more), and at most 100" in said


def test_whole_numbers_that_count_the_rows_are_used_and_warned_of(read):
    task, said = read(lines(lambda n: f"{n},{n % 7},{'ab'[n % 2]}", "size,b,y"))
    assert task.input_shape == (2,)
    assert said.endswith("'size' counts the rows; if it measures nothing, remove it")
    assert task.reading.left_out == ("'size' counts the rows; if it measures nothing, remove it",)


def test_a_column_that_tells_the_answer_is_named(read):
    text = lines(lambda n: f"p{n // 10},{other(n)},{'ab'[n // 10 % 2]}", "patient,a,y", 300)
    _, said = read(text)
    assert "'patient' tells the answer by itself: each of its 30 values has one answer" in said
    assert "divide by it (:by patient)" in said
    _, said = read(lines(lambda n: f"{n * 1.8 + 32:.1f},{other(n)},{n}", "fahrenheit,a,celsius"), "celsius")
    assert "'fahrenheit' is the answer itself, in other units perhaps; remove it" in said


# ---------------------------------------------------------------------- answers


def test_the_class_na_is_a_name(read):
    task, said = read(lines(lambda n: f"{other(n)},{('NA', 'none', 'FR')[n % 3]}", "a,country"), "country")
    assert (task.classes, said) == (("FR", "NA", "none"), "")


@pytest.mark.parametrize(
    ("values", "classes", "sentence"),
    [
        (("cat", "cat ", "dog"), ("cat", "dog"), "'cat', 'cat ' in 'y' are one class"),
        (("1", "1.0", "2"), ("1", "2"), "'1', '1.0' in 'y' are one class"),
        (
            ("Yes", "yes", "no"),
            ("Yes", "no", "yes"),
            "the classes 'Yes', 'yes' differ only in case, in blanks, or in a last point",
        ),
        (("é", "e\u0301", "a"), ("a", "é"), "are one class"),
    ],
)
def test_classes_that_are_nearly_equal_are_told(read, values, classes, sentence):
    task, said = read(lines(lambda n: f"{other(n)},{values[n % 3]}", "a,y"))
    assert task.classes == classes
    assert sentence in said


def test_classes_that_are_numbers_come_in_their_order(read):
    task, _ = read(lines(lambda n: f"{other(n)},{(10, 9, 2)[n % 3]}", "a,y"))
    assert task.classes == ("2", "9", "10")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda n: "" if n == 5 else other(n), "1 answer in 'y' is missing, the first in line 7; fill it in"),
        (
            lambda n: "?" if n == 5 else other(n),
            r"the first in line 7 \('\?'\); correct it, .* ask for :classification",
        ),
        (lambda n: "" if n == 5 else "ab"[n % 2], "1 answer in 'y' is missing, the first in line 7"),
    ],
)
def test_a_missing_answer_is_refused_with_its_line(read, answer, message):
    with pytest.raises(BadValue, match=message):
        read(lines(lambda n: f"{n},{answer(n)}", "a,y"))


def test_a_rare_class_makes_another_score_better(read):
    text = lines(lambda n: f"{other(n)},{'sick' if n % 50 == 0 else 'well'}", "a,y", 500)
    task, said = read(text)
    assert "always saying 'well' has an accuracy of 0.98: choose another score with --metric balanced_accuracy" in said
    assert task.chance == pytest.approx(0.98)
    better, said = read(text, metric="balanced_accuracy")
    assert (better.metrics[0], better.chance, said) == ("balanced_accuracy", 0.5, "")
    assert with_metric(task, "balanced_accuracy").metrics == better.metrics
    with pytest.raises(BadValue, match="of log_loss lower is better; put one of accuracy, balanced_accuracy"):
        with_metric(task, "log_loss")


# ---------------------------------------------------------------------- files


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", "|"),
        lambda text: text.replace(",", "\t"),
        lambda text: text.replace(",", ", "),
        lambda text: text.replace(",", " "),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: "sep=;\r\n" + text.replace(",", ";"),
        lambda text: "# made by us\n# on Monday, late\n" + text,
        lambda text: "#" + text,
        lambda text: "Report of 2024\n\n" + text,
        lambda text: "Report of 2024,,\n,,\n" + text,
        lambda text: text + "# the end\n",
        lambda text: text.replace("\n", ",\n"),
        lambda text: text.replace("\n", ",\n").replace(",\n", "\n", 1),
        lambda text: "\ufeff" + text,
        lambda text: text.encode("utf-16"),
        lambda text: gzip.compress(text.encode()),
        lambda text: bz2.compress(text.encode()),
        lambda text: lzma.compress(text.encode()),
    ],
)
def test_files_as_other_programs_write_them(write, change):
    text = lines(lambda n: f"{n % 7},{other(n)},{'ab'[n % 2]}", "a,b,y")
    plain = digest_of(csv(write(text, "plain.csv"), "y"))
    assert digest_of(csv(write(change(text)), "y")) == plain


def test_a_zip_file_holds_one_table(tmp_path):
    text = lines(lambda n: f"{other(n)},{'ab'[n % 2]}", "a,y")
    for count, name in ((1, "one.zip"), (2, "two.zip")):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for n in range(count):
                archive.writestr(f"{n}.csv", text)
    assert csv(tmp_path / "one.zip", "y").outputs == 2
    with pytest.raises(BadValue, match="is a zip file with 2 files; unpack it"):
        csv(tmp_path / "two.zip", "y")
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "")
    with pytest.raises(BadValue, match=r"an Excel workbook.*package openpyxl\): pandas.read_excel\('book.xlsx'\)"):
        csv(tmp_path / "book.xlsx", "y")


def test_a_header_with_separators_in_quotes(read):
    task, _ = read(lines(lambda n: f"{other(n)};{n % 7};{'ab'[n % 2]}", '"Size, cm, left";"Weight, kg";y'))
    assert list(task.reading.became) == ["Size, cm, left", "Weight, kg", "y"]


def test_row_names_without_a_name_are_left_out(read):
    task, said = read(lines(lambda n: f"n{n},{n % 7},{other(n)},{'ab'[n % 2]}", "a,b,y"))
    assert task.input_shape == (2,)
    assert "left out the column 'Unnamed: 0'" in said


def test_numbers_above_a_table_without_names_are_no_names(read):
    with pytest.raises(UnknownName, match=r"its columns: '0.5', '2'; is its first line no line of names\?"):
        read(lines(lambda n: f"{n},{n % 2}", "0.5,2"))


def test_sizes_are_bounded_before_memory_is_taken(write, monkeypatch):
    path = write(lines(lambda n: f"{'uvw'[n % 3]},{other(n)},{'ab'[n % 2]}", "c,a,y"))
    monkeypatch.setattr(making, "MOST_NUMBERS", 200)
    with pytest.raises(BadValue, match="60 rows of 4 inputs are more than the 200 numbers"):
        csv(path, "y")
    monkeypatch.setattr(packed_files, "MOST_BYTES", 100)
    for name in ("own.csv", "own.csv.gz"):
        path = write(gzip.compress(b"a,y\n" * 100) if name.endswith("gz") else b"a,y\n" * 100, name)
        with pytest.raises(BadValue, match="has more than 0 MiB of text"):
            csv(path, "y")


# ---------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("rest", "target", "kind"),
    [
        ("ratio: y", "ratio: y", "classification"),
        ("y:regression", "y:regression", "classification"),
        ("y", "y", "regression"),
        ("y:classification", "y", "classification"),
        ("ratio: y:classification", "ratio: y", "classification"),
        ("ratio: y:by a:b", "ratio: y", "classification"),
        ("ratio: y:in-time a:b:metric f1:missing drop", "ratio: y", "classification"),
    ],
)
def test_a_column_that_exists_comes_before_an_option(write, rest, target, kind):
    make = lambda n: f"{n // 6},{other(n)},{'ab'[n * 7 % 5 % 2]},{'cd'[n // 3 % 2]},{n % 10}"  # noqa: E731
    path = write(lines(make, "a:b,a,ratio: y,y:regression,y"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        task = csv_named(f"{path}:{rest}") if rest != "classification" else None
    assert task.preparation.answer.name == target
    assert kind == task.kind or rest == "y"
    assert ("a:b" in task.preparation.left_out) == ("a:b" in rest)


def test_a_file_that_exists_comes_before_the_syntax(write):
    text = lines(lambda n: f"{other(n)},{'ab'[n % 2]}", "a,y")
    path = write(text, "odd:a, b.csv")
    assert load(f"csv/{path}:y").name == f"csv/{path}:y"


@pytest.mark.parametrize(
    ("rest", "error", "message"),
    [
        ("y:regresion", BadValue, "unknown option 'regresion' after the column 'y'; known: classification"),
        ("y:by z", UnknownName, "has no column 'z'"),
        ("z:by a", UnknownName, "has no column 'z'"),
        ("y:missing never", BadValue, "missing is fill, refuse, drop; given 'never'"),
        ("y:by y", BadValue, "'y' is the target; divide the rows by another column"),
        ("y:by a:in-time b", BadValue, "give by or in_time, not both"),
        ("y:metric rmse", BadValue, "classification: unknown metric 'rmse'"),
    ],
)
def test_options_that_are_none_are_refused(write, rest, error, message):
    path = write(lines(lambda n: f"{other(n)},{n % 7},{'ab'[n % 2]}", "a,b,y"))
    with pytest.raises(error, match=message):
        csv_named(f"{path}:{rest}")


# ---------------------------------------------------------------------- splits


def test_rows_with_equal_features_stay_and_lie_in_one_split(read):
    """The shape of the Titanic: 16 kinds of people, 2,201 rows, and answers that contradict each other."""
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, 16, 2201)
    died = rng.random(2201) < 0.25 + kinds / 32
    text = lines(lambda n: f"{kinds[n] // 4}th,{kinds[n] % 4 // 2},{'fm'[kinds[n] % 2]},{died[n]}", "c,age,sex,y", 2201)
    task, said = read(text)
    assert len(whole(task)[0]) == 2201
    check_task(lambda: task)
    sizes = np.array([len(task.train.y), len(task.validation.y), len(task.test)]) / 2201
    assert sizes == pytest.approx([0.6, 0.2, 0.2], abs=0.06)
    best = sum(max((died[kinds == k]).sum(), (~died[kinds == k]).sum()) for k in range(16)) / 2201
    assert f"no network can be right on more than {best:.3f} of all rows, and on 0." in said


def test_groups_lie_in_one_split_and_in_one_fold(read):
    text = lines(lambda n: f"p{n // 10},{other(n)},{'ab'[n // 10 % 2]}", "patient,a,y", 300)
    task, _ = read(text, by="patient")
    assert task.input_shape == (1,)
    assert [len(task.train.y), len(task.validation.y), len(task.test)] == [180, 60, 60]
    assert task.reading.splits == "60/20/20 by 'patient': 30 groups, none in two splits"
    assert not set(task.groups[0]) & set(task.groups[1])
    assert {len(set(groups)) for groups in task.groups} == {18, 6}
    check_task(lambda: task)
    for fold in folds_of(task, 3):
        assert not set(fold.groups[0]) & set(fold.groups[1])


def test_equal_rows_lie_in_one_fold(read):
    task, _ = read(lines(lambda n: f"{n % 20},{other(n % 20)},{'ab'[n % 2]}", "a,b,y", 200))
    for fold in folds_of(task, 3):
        assert not {x.tobytes() for x in fold.train.X} & {x.tobytes() for x in fold.validation.X}


@pytest.mark.parametrize(
    "time", [lambda n: 2000 + n % 50, lambda n: f"20{n % 50:02}-03-31", lambda n: f"31.12.20{n % 50:02}"]
)
def test_the_last_in_time_test(read, time):
    text = lines(lambda n: f"{time(n)},{n % 50 + n / 1000},{'ab'[n % 3 == 0]}", "when,a,y", 100)
    task, _ = read(text, in_time="when")
    train, validation, test = (X for X, _ in splits_of(task).values())
    assert train.max() < validation.min() <= validation.max() < test.min()
    assert [len(train), len(validation), len(test)] == [60, 20, 20]
    assert task.reading.became["when"] == "order of the rows"
    with pytest.raises(BadValue, match="is divided in the order of time, which folds would mix"):
        folds_of(task, 3)


def test_rows_of_one_time_are_in_one_split(read):
    task, _ = read(lines(lambda n: f"{n // 15},{other(n)},{'ab'[n % 2]}", "when,a,y", 105), in_time="when")
    assert [len(task.train.y), len(task.validation.y), len(task.test)] == [75, 15, 15]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"in_time": "word"}, "'word' gives no order of time: 'u' in line 2 is neither a number nor a date"),
        ({"in_time": "half"}, "the training split has no row of the class 'b'"),
        ({"by": "half"}, "there are too few values of 'half' to divide"),
        ({"by": "hole"}, "1 cells of 'hole' are missing, the first in line 6; it divides the rows"),
    ],
)
def test_what_cannot_divide_is_refused(read, options, message):
    make = lambda n: f"{'uvw'[n % 3]},{n // 40},{'' if n == 4 else n % 9},{other(n)},{'ab'[n // 40]}"  # noqa: E731
    with pytest.raises(BadValue, match=message):
        read(lines(make, "word,half,hole,a,y"), **options)


# ---------------------------------------------------------------------- new rows


@pytest.fixture
def mixed(write):
    """Numbers with a comma, categories with holes, an id, and an answer in euros."""

    def make(n):
        colour = ["red", "blue", "green"][n % 3] if n % 11 else ""
        return f"{n},{colour},{n % 13},5;{n / 3:.2f} €;x{n}".replace(".", ",")

    text = lines(lambda n: make(n).replace(",", ";", 2), "id;colour;size;price;name", 80)
    return write(text)


def test_the_rows_of_training_become_the_same_bytes_again(mixed):
    with pytest.warns(UserWarning, match="left out the columns 'id'"), pytest.warns(UserWarning, match="8 of 'colour'"):
        task = csv(mixed, "price")
    again = from_data(json.loads(json.dumps(task.preparation.to_data())))
    frame = pd.read_csv(mixed, sep=";", decimal=",")
    for raw in (mixed, str(mixed), frame, frame.iloc[:, ::-1], pd.read_csv(mixed, sep=";", dtype=str)):
        X, y = again.inputs(raw), again.answers(raw)
        rows = {(x.tobytes(), a.tobytes()) for x, a in zip(X, y, strict=True)}
        assert rows == {(x.tobytes(), a.tobytes()) for x, a in zip(*whole(task), strict=True)}
        assert X.dtype == y.dtype == np.float32
    assert again.restored(y)[:, 0] == pytest.approx(np.arange(80) / 3, abs=0.006)
    assert again.names(mixed) == [str(n) for n in range(80)]
    assert again.answers(frame.drop(columns="price")) is None
    assert again.inputs(frame[["size", "colour"]]).shape == X.shape


def test_plain_python_prepares_the_same_inputs(mixed, write):
    """What `nasedu export --to python` writes: without nasedu, from the cells of a file or of a frame."""
    import torch

    make = lambda n: f'{n % 28 + 1}.{n % 12 + 1}.1999 10:30,"$(1,{n + 100}.5)",{n}%,{n % 2},{n / 3:.3f}'  # noqa: E731
    other = write(lines(make, "when,price,share,flag,answer"), "dates.csv")
    for path, target, separator in ((mixed, "price", ";"), (other, "answer", ",")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            preparation = csv(path, target).preparation
        names = {"torch": torch}
        exec(preparation.source(), names)
        with open(path, newline="") as file:
            found = names["prepare"](plain_csv.DictReader(file, delimiter=separator))
        assert found.dtype == torch.float32
        assert np.array_equal(found.numpy(), preparation.inputs(path))
        y = torch.tensor(preparation.answers(path))
        assert np.array_equal(names["restore"](y).numpy(), preparation.restored(y.numpy()))
        records = pd.read_csv(path, sep=separator, decimal="," if separator == ";" else ".").to_dict("records")
        assert np.array_equal(names["prepare"](records).numpy(), preparation.inputs(path))


def test_what_is_new_in_new_rows_is_named(mixed):
    with pytest.warns(UserWarning, match="left out the columns 'id'"), pytest.warns(UserWarning, match="8 of 'colour'"):
        preparation = csv(mixed, "price").preparation
    frame = pd.read_csv(mixed, sep=";", decimal=",").drop(columns=["id", "name"])
    with pytest.raises(BadValue, match="the new rows lack the columns 'size'; expected 'colour', 'size'"):
        preparation.inputs(frame.drop(columns="size"))
    with pytest.warns(UserWarning, match="not trained with are not used: 'weight'"):
        preparation.inputs(frame.assign(weight=1))
    with pytest.warns(UserWarning, match="'pink' in 'colour' was not in training; it counts as none of its values"):
        X = preparation.inputs(frame.assign(colour="pink"))
    assert np.array_equal(X[0, :4], preparation.scaled(np.zeros((1, 5)))[0, :4])
    with pytest.warns(UserWarning, match="filled 1 missing numbers of 'size'"):
        preparation.inputs(frame.assign(size=[np.nan, *frame["size"][1:]]))
    with pytest.raises(BadValue, match="in 'size' 'big' is no number, decimal comma as in training"):
        preparation.inputs(frame.assign(size="big"))
    with pytest.raises(BadValue, match=r"expected a CSV file, a DataFrame, or an array of rows and 2 columns"):
        preparation.inputs(np.zeros((3, 7)))


def test_answers_of_new_rows_are_those_of_the_classes(read):
    task, _ = read(lines(lambda n: f"{other(n)},{n % 2}", "a,y"))
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0], "y": [0.0, 1.0, 1.0]})
    assert task.preparation.answers(frame).tolist() == [0, 1, 1]
    with pytest.raises(BadValue, match="among the answers in 'y' is the unknown '2'; the classes are '0', '1'"):
        task.preparation.answers(frame.assign(y=[0, 1, 2]))


# ---------------------------------------------------------------------- frames


def test_a_frame_is_read_as_a_file_is(write):
    text = lines(lambda n: f"{other(n)},{'uv'[n // 2 % 2]},2024-01-{n % 27 + 1:02},{'ab'[n % 2]}", "a,b,when,y")
    path = write(text)
    frame = pd.read_csv(path, parse_dates=["when"])
    assert digest_of(from_frame(frame, "y")) == digest_of(csv(path, "y"))
    assert digest_of(from_frame(frame.drop(columns="y"), frame["y"])) == digest_of(csv(path, "y"))
    categories = frame.astype({"b": "category", "y": "category"})
    assert digest_of(from_frame(categories, "y")) == digest_of(csv(path, "y"))


def test_all_columns_of_an_array_are_numbers_that_are_used():
    X = np.stack([np.arange(40.0), np.zeros(40)], 1)
    task = from_frame(X, np.arange(40) % 2 == 0, shares=(0.8, 0.2, 0))
    assert task.input_shape == (2,)
    assert task.classes == ("False", "True")
    assert [len(task.train.y), len(task.validation.y), len(task.test)] == [32, 8, 0]
    assert {x.tobytes() for x in task.preparation.inputs(X)} == {x.tobytes() for x in whole(task)[0]}
    numbers = from_frame(X, X[:, 0] / 3, shares=(0.8, 0.2, 0))
    assert (numbers.kind, len(numbers.validation.y)) == ("regression", 8)
    with pytest.raises(BadValue, match="40 rows and 3 answers"):
        from_frame(X, [1, 2, 3])
    with pytest.raises(BadValue, match="a frame is a DataFrame, or an array of numbers"):
        from_frame(np.zeros(3), [1, 2, 3])
    with pytest.raises(BadValue, match="shares are of training, validation and test rows"):
        from_frame(X, X[:, 0], shares=(1, 0, 0))


# ---------------------------------------------------------------------- one line


def test_one_line_says_what_was_read(read):
    make = lambda n: f"{n},{'' if n == 3 else other(n)},{'uv'[n // 2 % 2]},{'ab'[n % 2]}"  # noqa: E731
    task, _ = read(lines(make, "id,a,c,y"))
    assert describe(task) == (
        f"{task.name}: classification, 60 rows (36 to train, 12 to validate, 12 to test; 60/20/20 by class); "
        "features: 1 number, 1 category; 2 classes: a (30), b (30); chance accuracy 0.50; left out the column 'id' "
        "(it numbers the rows); filled 1 missing value with the mean of the training split: 1 of 'a'"
    )


def test_a_task_without_a_reading_is_described_too():
    assert describe(load("sinusoids/7")).startswith("sinusoids/7: regression, ")
    assert "inputs 1x8x8; 10 classes" in describe(load("digits"))


def test_warnings_point_at_the_line_that_asked(write):
    path = write(lines(lambda n: f"{n},{other(n)},{'ab'[n % 2]}", "id,a,y"))
    with pytest.warns(UserWarning, match="left out") as caught:
        csv(path, "y")
    assert caught[0].filename == __file__


# ---------------------------------------------------------------------- more ways to write a table


@pytest.mark.parametrize(
    ("values", "notation", "numbers"),
    [
        (["€110.5M", "€565K", "€0"], Notation(mark="€ K/M/B"), [110.5e6, 565e3, 0]),
        (["950", "1.2K", "3M"], Notation(mark="K/M/B"), [950, 1200, 3e6]),
        (["$1.5M", "$2M"], Notation(mark="$ M"), [1.5, 2]),
        (["1.5 M", "2 M"], Notation(mark="M"), [1.5, 2]),
        (["12,34,567.5", "1,00,000"], Notation(), [1234567.5, 100000]),
    ],
)
def test_powers_are_multiplied_where_they_differ(values, notation, numbers):
    found, read = number_notations(values)["."]
    assert found == notation
    assert read == pytest.approx(numbers)


@pytest.mark.parametrize(("sign", "separator"), [(".", ";"), (",", ";"), (",", "\t")])
def test_groups_of_three_digits_below_plain_numbers_are_thousands(read, sign, separator):
    text = lines(lambda n: f"{200 * n:,}{separator}".replace(",", sign) + "ab"[n % 2], f"a{separator}y")
    task, _ = read(text)
    assert task.preparation.columns[0].mean[0] > 1000


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("3 Jan 1970", 2),
        ("03-JAN-70", 2),
        ("Saturday, January 3rd, 1970", 2),
        ("1970年1月3日", 2),
        ("1/3/1970 12:00 AM", 2),
        ("3 January 1970, 6:00 PM", 2.75),
        ("1970-Q2", 90),
        ("1970-02", 31),
        ("Feb 1970", 31),
        ("Feb-70", None),
        ("3 Mar 4 1970", None),
        ("3 Marble 1970", None),
        ("31 Feb 1970", None),
    ],
)
def test_dates_in_other_forms(text, days):
    found = Notation(date="mdy" if "/" in text else "ymd").read([text])[0]
    assert np.isnan(found) if days is None else found == pytest.approx(days)


def test_a_time_is_a_number_and_an_order(read):
    text = lines(lambda n: f"{n // 4}:{n * 15 % 60:02},{other(n)},{'ab'[n % 3 == 0]}", "at,a,y", 100)
    assert read(text)[0].reading.became["at"] == "time, in days"
    train, validation, test = splits_of(read(text, in_time="at")[0]).values()
    assert [len(y) for _, y in (train, validation, test)] == [60, 20, 20]


def test_dates_that_can_be_read_in_two_ways_give_no_order(read):
    text = lines(lambda n: f"{n % 9 + 1}/{n % 11 + 1}/2024,{other(n)},{'ab'[n % 2]}", "when,a,y")
    with pytest.raises(BadValue, match="the dates of 'when' can be read in two ways; write them as 2024-03-31"):
        read(text, in_time="when")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (lambda n: f"{'$€'[n % 2]}{n}", "'c' (its numbers are in different units ('$', '€'); convert them to one)"),
        (lambda n: f"{n}{'%' if n % 2 else ''}", "30 numbers of 'c' without % stand as they are, and 5% is 0.05"),
        (lambda n: -999 if n % 9 == 0 else other(n), "'c' has -999 far from its other numbers"),
        (lambda n: ["Yes", "yes", "no"][n // 2 % 3], "'Yes', 'yes' in 'c' are different categories"),
        (lambda n: 5 if n % 3 else "", "left out the column 'c' (it is 5 or missing)"),
        (lambda n: "ab"[n * 7 % 5 % 2] if n % 9 else "", "'c' tells the answer by itself: each of its 2 values"),
    ],
)
def test_what_a_column_may_not_mean_is_warned_of(read, value, said):
    text = lines(lambda n: f"{value(n)},{other(n)},{'uv'['ab'[n * 7 % 5 % 2] == 'a']}", "c,a,y")
    assert said in read(text)[1]


@pytest.mark.parametrize(
    "name",
    [
        "uid",
        "RowNumber",
        "case",
        "rec_num",
        "Id_cliente",
        "index.1",
        "Kundennummer",
        "编号",
        "account_number",
        "SkuCode",
    ],
)
def test_ids_under_other_names_are_left_out(read, name):
    text = lines(lambda n: f"{1000 + n * 7 % 61},{other(n)},{'ab'[n // 30]}", f"{name},a,y")
    assert f"left out the column {name!r} (it numbers the rows)" in read(text)[1]


@pytest.mark.parametrize("name", ["age", "paid", "void", "number_of_rooms", "price"])
def test_numbers_that_all_differ_are_no_ids_by_that_alone(read, name):
    text = lines(lambda n: f"{1000 + n * 7 % 61},{other(n)},{'ab'[n // 30]}", f"{name},a,y")
    assert read(text)[1] == ""


def test_an_id_that_comes_again_may_be_a_group(read):
    _, said = read(lines(lambda n: f"{n // 2},{other(n)},{'ab'[n % 2]}", "patient_id,a,y"))
    assert "'patient_id' is called like an id, and was read as a number; if it measures nothing" in said
    assert "divide by it (:by patient_id)" in said


def test_what_may_give_the_answer_away_is_noted(read):
    task, _ = read(lines(lambda n: f"{n * 37 % 61},{other(n)},{'ab'[n * 37 % 61 > 30]}", "score,a,y"))
    assert "in the order of 'score' each answer is one block of rows" in task.reading.left_out[-1]
    task, _ = read(lines(lambda n: f"{n * 37 % 61},{other(n)},{n * 37 % 61 + n % 3 / 10}", "score,a,y"))
    assert "'score' is nearly the answer itself, rounded perhaps" in task.reading.left_out[0]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda n: "?" if n % 9 == 0 else "ab"[n % 2], "'?' in 'y' is a class; if the answer is missing there"),
        (lambda n: [">50K", "<=50K", ">50K."][n % 3], "the classes '>50K', '>50K.' differ only in case"),
        (lambda n: f"2024-01-{n % 5 + 1:02}", "'y' holds dates, and each of them is a class"),
    ],
)
def test_what_may_be_no_class_is_warned_of(read, answer, sentence):
    assert sentence in read(lines(lambda n: f"{other(n)},{answer(n)}", "a,y"))[1]


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (lambda n: n % 2 + 0.5, "'y' has only 2 different numbers; if they are classes, ask for :classification"),
        (lambda n: n % 5, "the numbers in 'y' were read as classes; if they are a quantity, ask for :regression"),
    ],
)
def test_numbers_that_were_taken_for_one_thing_may_be_the_other(read, answer, note):
    task, said = read(lines(lambda n: f"{other(n)},{answer(n)}", "a,y"))
    assert said == ""
    assert note in task.reading.left_out[0]


def test_missing_answers_among_numbers_can_be_dropped(read):
    task, _ = read(lines(lambda n: f"{other(n)},{'NA' if n % 9 == 0 else n / 3}", "a,y"), missing="drop")
    assert (task.kind, len(whole(task)[0])) == ("regression", 53)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(",", ":"),
        lambda text: text.replace(",", "^"),
        lambda text: text.replace("\n", "\n# a remark\n", 30).replace("# a remark\n", "", 1),
        lambda text: text.replace("\n", "\na,b,y\n", 30).replace("\na,b,y", "", 1),
    ],
)
def test_files_with_rarer_faults(write, change):
    text = lines(lambda n: f"{n % 7},{other(n)},{'ab'[n % 2]}", "a,b,y")
    assert digest_of(csv(write(change(text)), "y")) == digest_of(csv(write(text, "plain.csv"), "y"))


@pytest.mark.parametrize("header", ["5.1,red,1.4,Iris-a", "3,blue,2.5,Iris-b"])
def test_a_first_row_that_was_read_as_names_is_warned_of(read, header):
    make = lambda n: f"{other(n)},{['red', 'blue'][n // 2 % 2]},{n % 5},Iris-{'ab'[n % 2]}"  # noqa: E731
    text = lines(make, header)
    assert "the first line looks like a row" in read(text, header.split(",")[3])[1]


def test_years_may_be_names(read):
    _, said = read(lines(lambda n: f"{other(n)},{n % 7},{n % 11},{'ab'[n % 2]}", "2001,2002,2003,y"))
    assert said == ""


def test_names_with_brackets_are_no_html_and_lines_stay_one(write, read):
    text = lines(lambda n: f'{other(n)},{n % 7},"{"uv"[n % 2]}\nx"', '<b>a</b>,it\'s,"y\nz"')
    task, _ = read(text, "y\nz")
    assert list(task.reading.became) == ["<b>a</b>", "it's", "y\nz"]
    assert "\n" not in describe(task)
    for page in (
        "<!DOCTYPE html>\n<p>",
        "<?xml version='1.0'?><a/>",
        "<table><tr><td>a</td></tr></table>",
        "<a>\n <b/>",
    ):
        with pytest.raises(BadValue, match="is HTML or XML"):
            csv(write(page), "y")


def test_numbers_at_the_ends_of_their_range_are_told_apart(read):
    task, said = read(lines(lambda n: f"{n}e300,{n}e-300,{'ab'[n % 2]}", "a,b,y"))
    assert said == ""
    assert whole(task)[0].std(0) == pytest.approx([1, 1], abs=0.1)


def test_a_name_that_is_nearly_right_is_offered(read):
    with pytest.raises(UnknownName, match="has no column 'Kind'; its columns: 'a', 'kind'; did you mean 'kind'"):
        read(lines(lambda n: f"{other(n)},{'ab'[n % 2]}", "a,kind"), "Kind")


def test_plain_python_reads_every_notation_as_nasedu_does(write):
    """The exported file holds the same code, so that also what is wrong in new rows becomes the same."""
    import torch

    def make(n):
        cells = [
            f"€{n / 3:.1f}{'KM'[n % 2]}",
            f"{n % 24}:{n * 7 % 60:02}",
            f"{n % 28 + 1} Jan 2020",
            f'"{n + 1},{n + 100}"',
        ]
        return ",".join([*cells, ["e\u0301", "u", ""][n % 3], "ab"[n % 2]])

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        preparation = csv(write(lines(make, "value,at,day,count,word,y")), "y").preparation
        names = {"torch": torch}
        exec(preparation.source(), names)
        odd = '?,25:61,31 Feb 2020,"1_0",x,a\n5 lb,7,Mon 3,(5,é,a\n€5K,1:02:03 PM,3rd March 2021,"1,23",u ,a\n'
        path = write(lines(make, "value,at,day,count,word,y") + odd, "new.csv")
        with open(path, newline="", encoding="utf-8") as file:
            found = names["prepare"](plain_csv.DictReader(file))
        assert np.allclose(found.numpy(), preparation.inputs(path), atol=1e-6)
