"""The text of a table's file: unpacked, in UTF-8 or UTF-16, within bounds; other formats are named as what they are."""

import bz2
import gzip
import io
import lzma
import re
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

from nasedu.core import BadValue

MOST_BYTES = 100 * 2**20
"""Text of more bytes is refused before it is read: its cells would take about ten times the memory."""

_PACKED: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}

_FOREIGN = {
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook", "read_excel", "xlrd"),
    b"PAR1": ("a Parquet file", "read_parquet", "pyarrow"),
    b"ARROW1": ("a Feather file", "read_feather", "pyarrow"),
    b"FEA1": ("a Feather file", "read_feather", "pyarrow"),
    b"\x89HDF": ("an HDF5 file", "read_hdf", "tables"),
    b"<stata_dta>": ("a Stata file", "read_stata", "pandas"),
    b"$FL2": ("an SPSS file", "read_spss", "pyreadstat"),
    b"SQLite format 3": ("an SQLite database", "read_sql", "pandas"),
    b"%PDF": ("a PDF document", "", ""),
    b"\x80\x04": ("a pickle", "", ""),
    b"\x80\x05": ("a pickle", "", ""),
    b"\x93NUMPY": ("an array of numpy", "", ""),
}
"""By their first bytes: what they are, the function of pandas that reads them, and the package that it needs."""

_FOREIGN_TEXT = {
    r"\{|\[\s*[\[{]": ("JSON", "read_json", "pandas"),
    r"<[!?]|<(?i:html|head|body|table|div|svg)[\s>]|<[a-zA-Z][\w:.-]*[^<>\n]*>\s*\n\s*<": (
        "HTML or XML",
        "read_html",
        "lxml",
    ),
    r"(?i:%.*\n\s*)*@relation": ("an ARFF file", "", ""),
}


def text_of(path: Path, where: str) -> str:
    """Return the text of a file.

    Raises:
        BadValue: no such file, another format, a broken or too large file, or one that is not in UTF-8 or UTF-16.
    """
    if not path.is_file():
        raise BadValue(f"{where} {'is a folder' if path.exists() else 'does not exist'}; expected a CSV file")
    try:
        with open(path, "rb") as file:
            head = file.read(16)
        data = _unpacked(path, head, where)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise BadValue(f"{where} cannot be read ({error}); is the file whole?") from error
    for start, kind in _FOREIGN.items():
        if data.startswith(start):
            raise _foreign(path, where, *kind)
    text = _decoded(data, where)
    for pattern, kind in _FOREIGN_TEXT.items():
        if re.match(pattern, text.lstrip()):
            raise _foreign(path, where, *kind)
    return text


def _unpacked(path: Path, head: bytes, where: str) -> bytes:
    opener = next((opener for start, opener in _PACKED.items() if head.startswith(start)), None)
    if opener is not None:
        with opener(path, "rb") as file:
            return _bounded(file, where)
    if not head.startswith(b"PK"):
        with open(path, "rb") as file:
            return _bounded(file, where)
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX")]
        if "[Content_Types].xml" in names:
            raise _foreign(path, where, "an Excel workbook", "read_excel", "openpyxl")
        if "mimetype" in names:
            raise _foreign(path, where, "an OpenDocument spreadsheet", "read_excel", "odfpy")
        if len(names) != 1:
            raise BadValue(f"{where} is a zip file with {len(names)} files; unpack it, and name one CSV file of it")
        with archive.open(names[0]) as file:
            return _bounded(file, where)


def _bounded(file: IO[bytes], where: str) -> bytes:
    """Read a file, and no more of it than is allowed: a small packed file may hold a very large one."""
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise BadValue(
            f"{where} has more than {MOST_BYTES // 2**20} MiB of text, the most that is read; take a part of its rows, "
            "drawn at random, or of its columns"
        )
    return data


def _foreign(path: Path, where: str, what: str, reads: str, package: str) -> BadValue:
    how = "save it as CSV"
    first = "[0]" if reads == "read_html" else ""
    if reads:
        needs = "" if package == "pandas" else f" (with the package {package})"
        how += f", in Python{needs}: pandas.{reads}({path.name!r}){first}.to_csv('table.csv', index=False)"
    return BadValue(f"{where} is {what}, no CSV file; {how}")


def _decoded(data: bytes, where: str) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = io.TextIOWrapper(io.BytesIO(data), encoding, newline="").read()
    except UnicodeError as error:
        raise BadValue(
            f"{where} is not in UTF-8 ({getattr(error, 'reason', error)}); save it as CSV in UTF-8 "
            "(in Excel: 'CSV UTF-8'; in Python, if you know its encoding: "
            "pandas.read_csv(..., encoding='cp1252' or 'gbk').to_csv(..., index=False))"
        ) from error
    if "\0" in text:
        raise BadValue(f"{where} holds bytes of zero, so it is no text; save it as CSV in UTF-8")
    return text
