"""Reading other people's files, and what is said of a bad one: the line and the value, always."""

import io
import sys
import zipfile

import numpy as np
import pytest

from nasedu import Table
from nasedu.core import BadArchitecture, BadValue, MissingExtra
from tests.tables.spaces import MEMBERS, Letters

GOOD = "code,acc1,acc2,seconds\naa,50,52,1.5\nab,60.5,61,2\n\nbc,70,71,3\n"


def read(tmp_path, text, **options):
    path = tmp_path / "some.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    options = {"architecture": "code", "separator": "", "scores": {"x": ["acc1", "acc2"]}} | options
    return Table.from_csv(path, Letters(), **options)


# ---------------------------------------------------------------------- CSV


def test_csv(tmp_path):
    table = read(tmp_path, GOOD, seconds="seconds")
    assert table.architectures == [("a", "a"), ("a", "b"), ("b", "c")]
    assert table.values[:, 0, :, 0].tolist() == [[50, 52], [60.5, 61], [70, 71]]
    assert table.seconds.tolist() == [1.5, 2, 3]
    assert table.name == "some"
    assert table.best() == (("b", "c"), 70.5)


def test_the_architecture_may_stand_in_several_ways(tmp_path):
    words = 'first,second,both,acc\na,b,a b,1\nc,a,"c a",2\n'
    for reader in ("both", ["first", "second"], lambda row: (row["first"], row["second"]), lambda r: r["both"].split()):
        table = read(tmp_path, words, architecture=reader, separator=" ", scores={"x": "acc"})
        assert table.architectures == [("a", "b"), ("c", "a")]


def test_seeds_and_epochs_as_lists_of_columns(tmp_path):
    text = "code,a1,a2,b1,b2\nab,1,2,3,4\nba,5,6,7,8\n"
    table = read(tmp_path, text, scores={"x": [["a1", "a2"], ["b1", "b2"]]})
    assert table.values[:, 0].tolist() == [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]


def test_a_spreadsheet_s_mark_at_the_beginning_is_no_part_of_a_name(tmp_path):
    assert len(read(tmp_path, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())) == 3


def broken(old, new):
    assert old in GOOD
    return GOOD.replace(old, new)


BAD = {
    "empty": ("", {}, r"some\.csv is empty"),
    "header only": ("code,acc1,acc2\n", {}, "has a header and no rows"),
    "missing column": (GOOD, {"scores": {"x": "acc"}}, "no column 'acc'; it has: code, acc1, acc2, seconds"),
    "missing code": (GOOD, {"architecture": "arch"}, "no column 'arch'; it has: code, acc1"),
    "two of a name": ("a,b,a\n1,2,3\n", {}, "line 1: two columns are called 'a'"),
    "no number": (broken("60.5", "n/a"), {}, "line 3, column 'acc1': 'n/a' is not a number"),
    "after a blank line": (broken("70,", "high,"), {}, "line 5, column 'acc1': 'high' is not a number"),
    "empty cell": (broken("60.5", ""), {}, "line 3, column 'acc1': '' is not a number"),
    "nan": (broken("61", "nan"), {}, "line 3, column 'acc2': nan is not a finite number"),
    "inf": (broken("50", "-inf"), {}, "line 2, column 'acc1': -inf is not a finite number"),
    "unreadable": (broken("bc", "bd"), {}, r"line 5: \('b', 'd'\) cannot be read by the space 'Letters'"),
    "too short": (broken("bc", "b"), {}, r"line 5: \('b',\) is not complete"),
    "double": (broken("bc", "aa"), {}, r"line 5: \('a', 'a'\) is there twice; the first is .*line 2"),
    "cut off": (GOOD[:-6], {}, r"line 5 has 2 cells \('bc,70'\), and the header 4: is the file cut off"),
    "open quote": (broken("bc", '"bc'), {}, r"line 5: unexpected end of data; is the file cut off"),
    "no text": (b"\xff\xfe\x00code", {}, "is no text file"),
    "negative cost": (
        broken("1.5", "-1.5"),
        {"seconds": "seconds"},
        "line 2: seconds is a number of at least 0; given -1",
    ),
    "incomplete": (GOOD, {"complete": True}, r"6 of the 9 members .*: \('a', 'c'\), \('b', 'a'\), \('b', 'b'\), …"),
    "scores no mapping": (GOOD, {"scores": "acc1"}, "scores maps a task to its columns"),
    "no columns": (GOOD, {"scores": {"x": []}}, "an empty list names no column"),
    "seeds of two lengths": (GOOD, {"scores": {"x": ["acc1", ["acc1", "acc2"]]}}, "do not fit together"),
    "own reader fails": (
        GOOD,
        {"architecture": lambda r: r["arch"]},
        r"line 2: .* raised KeyError: 'arch'; the row is",
    ),
    "own reader is wrong": (GOOD, {"architecture": lambda r: r["code"]}, "line 2: .*a tuple of choices; given 'aa'"),
    "own reader gives nothing": (GOOD, {"architecture": lambda r: None}, "line 2: .*a tuple of choices; given None"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_csv_file(case, tmp_path):
    text, options, message = BAD[case]
    with pytest.raises(BadValue, match=rf"(?s){message}") as caught:
        read(tmp_path, text, **options)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    options = {"architecture": "code", "scores": {"x": "acc"}}
    for make in (Table.from_csv, Table.from_npz, Table.from_parquet):
        with pytest.raises(BadValue, match="missing is not there; give the path of a file"):
            make(tmp_path / "missing", Letters(), **options)
        with pytest.raises(BadValue, match="is a folder"):
            make(tmp_path, Letters(), **options)


def test_a_wrong_score_is_told_before_any_architecture_is_read(tmp_path):
    """Reading the architectures of a large file may take minutes, and the name of a column is soon misspelt."""

    def unread(row):
        pytest.fail("an architecture was read")

    for wrong, message in (
        ({"scores": {"x": "acc"}}, "has no column 'acc'; it has: code, acc1, acc2, seconds"),
        ({"scores": {"x": "code"}}, "line 2, column 'code': 'aa' is not a number"),
        ({"scores": {"x": "acc1"}, "test": {"x": "tested"}}, "has no column 'tested'"),
        ({"scores": {"x": "acc1"}, "seconds": "code"}, "column 'code': 'aa' is not a number"),
    ):
        with pytest.raises(BadValue, match=message):
            read(tmp_path, GOOD, architecture=unread, **wrong)


def test_a_table_checks_its_numbers_before_the_space_walks_any_architecture():
    class Unread(Letters):
        def walk(self, architecture):
            pytest.fail("an architecture was read")

    for wrong in ({"scores": {"x": [1, 2]}}, {"test": {"y": [0] * 9}}, {"epochs": [0]}, {"seconds": [-1.0] * 9}):
        with pytest.raises(BadValue):
            Table(Unread(), MEMBERS, **({"scores": {"x": range(9)}} | wrong))


# ---------------------------------------------------------------------- npz


def npz(tmp_path, **arrays):
    np.savez(tmp_path / "some.npz", **arrays)
    return tmp_path / "some.npz"


CODES = np.array(["".join(a) for a in MEMBERS])
FROM_NPZ = {"architecture": "code", "separator": "", "scores": {"x": "acc"}}


def test_npz(tmp_path):
    values = np.arange(9 * 2 * 3, dtype=np.float32).reshape(9, 2, 3)
    path = npz(tmp_path, code=CODES, acc=values, params=np.arange(9), about=np.array("just a word"))
    table = Table.from_npz(path, Letters(), **FROM_NPZ, parameters="params", complete=True)
    assert np.array_equal(table.values[:, 0], values)
    assert table.parameters.tolist() == list(range(9))


BAD_ARRAYS = {
    "nan": ({"acc": np.array([0, 1, 2, np.nan, *range(5)])}, "row 3 .*column 'acc': nan is not a finite number"),
    "nan deep": ({"acc": np.where(np.arange(54).reshape(9, 2, 3) == 20, np.inf, 1)}, "row 3 .*column 'acc': inf"),
    "yes and no": ({"acc": np.ones(9, bool)}, "row 0 .*column 'acc': True is not a number"),
    "complex": ({"acc": np.ones(9, complex)}, r"row 0 .*column 'acc': \(1\+0j\) is not a number"),
    "text": ({"acc": np.array([*"12345678", "x"])}, "row 8 .*column 'acc': 'x' is not a number"),
    "short": ({"acc": np.ones(8)}, "column 'acc' has 8 rows where others have 9"),
    "code": ({"code": np.array([*CODES[:8], "ax"])}, r"row 8 .*\('a', 'x'\) cannot be read"),
    "four axes": ({"acc": np.ones((9, 1, 1, 1))}, r"shape \(9, 1, 1, 1\); expected"),
    "objects": ({"acc": np.array([None] * 9)}, "objects must be stored as numbers or text"),
    "nothing": ({"acc": np.ones(0), "code": np.ones(0)}, "is empty: it has no array with a row"),
}


@pytest.mark.parametrize("case", BAD_ARRAYS)
def test_bad_arrays(case, tmp_path):
    arrays, message = BAD_ARRAYS[case]
    path = npz(tmp_path, **({"code": CODES, "acc": np.arange(9)} | arrays))
    with pytest.raises(BadValue, match=message):
        Table.from_npz(path, Letters(), **FROM_NPZ)


def test_an_npz_file_cut_off_anywhere(tmp_path):
    path = npz(tmp_path, code=CODES, acc=np.arange(9))
    whole = path.read_bytes()
    for length in (4, 40, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(BadValue, match=r"cannot be read as npz.*cut off"):
            Table.from_npz(path, Letters(), **FROM_NPZ)
    path.write_bytes(whole[:1])
    with pytest.raises(BadValue, match=r"is no npz file .*begins with b'P'"):
        Table.from_npz(path, Letters(), **FROM_NPZ)
    path.write_bytes(b"")
    with pytest.raises(BadValue, match="is empty: 0 bytes"):
        Table.from_npz(path, Letters(), **FROM_NPZ)


def test_an_npz_file_with_a_damaged_byte(tmp_path):
    np.savez_compressed(tmp_path / "some.npz", code=CODES, acc=np.arange(9))
    data = bytearray((tmp_path / "some.npz").read_bytes())
    data[120] ^= 255
    (tmp_path / "some.npz").write_bytes(data)
    with pytest.raises(BadValue, match="cannot be read as npz"):
        Table.from_npz(tmp_path / "some.npz", Letters(), **FROM_NPZ)


def test_what_save_did_not_write_is_not_loaded(tmp_path, curves):
    path = npz(tmp_path, code=CODES, acc=np.arange(9))
    with pytest.raises(BadValue, match=r"not written by Table\.save; it has: code, acc\. Read it with Table\.from_npz"):
        Table.load(path, Letters())
    np.save(tmp_path / "one.npy", np.arange(9))
    with pytest.raises(BadValue, match="is no npz file"):
        Table.load(tmp_path / "one.npy", Letters())
    path.write_text("code,acc\n")
    with pytest.raises(BadValue, match=r"is no npz file .*begins with b'code'"):
        Table.load(path, Letters())


def test_a_saved_table_of_newer_code_or_without_a_part(tmp_path, curves):
    path = tmp_path / "it.npz"
    curves.save(path)
    with np.load(path) as file:
        arrays = dict(file)
    npz(tmp_path, **{name: array for name, array in arrays.items() if name != "scores"})
    with pytest.raises(BadValue, match=r"some\.npz is a damaged table: KeyError: 'scores'"):
        Table.load(tmp_path / "some.npz", Letters())
    npz(tmp_path, **(arrays | {"about": np.array(str(arrays["about"]).replace("table 1", "table 2"))}))
    with pytest.raises(BadValue, match=r"'nasedu table 2'; this version of nasedu reads 'nasedu table 1'"):
        Table.load(tmp_path / "some.npz", Letters())


def test_a_saved_table_of_another_space(tmp_path, curves):
    class Digits(Letters):
        def choices(self, state):
            return ("1", "2") if state < 2 else ()

    curves.save(tmp_path / "it.npz")
    with pytest.raises(BadArchitecture, match=r"it\.npz, row 0: \('a', 'a'\) cannot be read by the space 'Digits'"):
        Table.load(tmp_path / "it.npz", Digits())


def test_nothing_is_pickled(tmp_path, curves):
    curves.save(tmp_path / "it.npz")
    with zipfile.ZipFile(tmp_path / "it.npz") as archive:
        for name in archive.namelist():
            np.lib.format.read_array(io.BytesIO(archive.read(name)), allow_pickle=False)


# ---------------------------------------------------------------------- parquet


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "some.parquet").write_bytes(b"PAR1")
    with pytest.raises(MissingExtra, match=r"pip install 'nasedu\[tables\]'"):
        Table.from_parquet(tmp_path / "some.parquet", Letters(), **FROM_NPZ)


@pytest.fixture
def parquet(tmp_path):
    pytest.importorskip("pyarrow", reason="parquet needs the extra `tables`")
    import pandas as pd

    def write(**columns):
        path = tmp_path / "some.parquet"
        pd.DataFrame(columns).to_parquet(path)
        return path

    return write


def test_parquet(parquet):
    path = parquet(code=CODES, acc=np.arange(9), seeds=[[i, i + 0.5] for i in range(9)])
    assert Table.from_parquet(path, Letters(), **FROM_NPZ, complete=True).scores().tolist() == list(range(9))
    lists = Table.from_parquet(path, Letters(), architecture="code", separator="", scores={"x": "seeds"})
    assert lists.values.shape == (9, 1, 2, 1)


def test_a_bad_parquet_file(parquet):
    for acc, message in (
        ([1.0] * 8 + [None], "row 8 .*column 'acc': nan is not a finite number"),
        (["1"] * 8 + ["x"], "row 8 .*column 'acc': 'x' is not a number"),
        ([True] * 9, "row 0 .*column 'acc': True is not a number"),
        ([[1.0]] * 8 + [[1.0, 2.0]], "column 'acc': its rows hold lists of different lengths"),
    ):
        with pytest.raises(BadValue, match=message):
            Table.from_parquet(parquet(code=CODES, acc=acc), Letters(), **FROM_NPZ)
    with pytest.raises(BadValue, match="no column 'acc'; it has: code"):
        Table.from_parquet(parquet(code=CODES), Letters(), **FROM_NPZ)
    with pytest.raises(BadValue, match="is empty: it has no rows"):
        Table.from_parquet(parquet(code=[]), Letters(), **FROM_NPZ)
    path = parquet(code=CODES, acc=np.arange(9))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BadValue, match=r"cannot be read as parquet: .*cut off"):
        Table.from_parquet(path, Letters(), **FROM_NPZ)
