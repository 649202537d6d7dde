"""Plain data: what goes in comes out, of exactly the plain types; whatever else is refused."""

import json
import math
from collections import Counter, OrderedDict, namedtuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nasedu.classroom.grading import wire_format

LETTERS = st.sampled_from('a0 "\\\n\0\x7f\u00e9\u2028\u5b57\ufeff\U0001f642')
"""What JSON and UTF-8 write in each of their ways; for letters of all kinds hypothesis would list Unicode first."""
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(LETTERS, max_size=5)
KEYS = st.integers() | st.text(LETTERS, max_size=3) | st.tuples(st.booleans(), st.integers())
DATA = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)
Pair = namedtuple("Pair", "a b")


def there_and_back(value):
    return wire_format.unpack(wire_format.load(wire_format.dump(wire_format.pack(value))))


def shape_of(value):
    """Values with their exact types, for comparing; nan is as good as nan."""
    if isinstance(value, dict):
        return dict, [(shape_of(key), shape_of(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [shape_of(item) for item in value]
    return type(value), repr(value)


@settings(max_examples=150, deadline=None)
@given(DATA)
def test_plain_data_come_back_the_same(value):
    assert shape_of(there_and_back(value)) == shape_of(value)


@pytest.mark.parametrize("kind", wire_format.NUMBERS)
def test_arrays_of_numbers_come_back_the_same(kind):
    array = np.arange(6).reshape(2, 3).astype(kind)
    back = there_and_back(array[:, ::-1])
    assert back.dtype == array.dtype
    assert np.array_equal(back, array[:, ::-1])
    back[0, 0] = 1  # it is a copy that can be written to


def test_what_only_looks_special_arrives_as_what_it_is():
    class Agrees(float):
        def __eq__(self, other):
            return True

        def __hash__(self):
            return 0

    assert shape_of(there_and_back([Agrees(7), np.float64(0.5), np.int8(3), np.bool_(True)])) == shape_of(
        [7.0, 0.5, 3, True]
    )
    assert shape_of(there_and_back((Counter("aab"), OrderedDict(x=1), Pair(1, 2)))) == shape_of(
        ({"a": 2, "b": 1}, {"x": 1}, (1, 2))
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (b"x", "type bytes"),
        (1j, "type complex"),
        ({1, b"x"}, "type bytes"),
        (np.array([1j]), "array of complex128"),
        (np.array([b"x"], dtype=object), "type bytes"),
        (1 << 5000, "4096 bits"),
    ],
)
def test_what_is_no_plain_data_is_not_packed(value, words):
    with pytest.raises(wire_format.NotPlain, match=words):
        wire_format.pack(value)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        '{"a": 1}',
        '["x"]',
        '["l", {}]',
        '["e", 1]',
        '["d", 1]',
        '["s", ["l"]]',
        '["s", {}]',
        '["d", [1]]',
        '["d", [["l"], 1]]',
        '[["l"]]',
        '["a", "float64", [1], "AAAA"]',
        '["a", "float64", [-1], ""]',
        '["a", "float64", [1e3], ""]',
        '["a", "float64", [], ""]',
        '["a", "object", [1], "AAAAAAAAAAA="]',
        '["a", "bool", [1], "Ag=="]',
        '["a", "float64", [1], 7]',
        '["a", ["float64"], [1], ""]',
        '["l",' * 40 + '["l"]' + "]" * 40,
        "[" * 100_000,
        "1" * 5000,
        "{",
        "\x00",
    ],
)
def test_a_message_that_pack_does_not_write_is_refused(text):
    with pytest.raises(wire_format.NotPlain):
        wire_format.unpack(wire_format.load(text.encode()))


def test_messages_have_a_size():
    with pytest.raises(wire_format.NotPlain, match="bytes"):
        wire_format.dump("x" * (wire_format.MOST_BYTES + 1))
    with pytest.raises(wire_format.NotPlain, match="too much"):
        wire_format.load(json.dumps([0] * (wire_format.MOST_PARTS + 2)).encode())


def message_of(*packed):
    return wire_format.load(json.dumps(packed).encode())


@pytest.mark.parametrize("kind", ["l", "t", "s"])
def test_values_with_one_hash_are_refused_and_equal_or_near_ones_are_not(kind):
    prime = 2**61 - 1
    many = [number * prime for number in range(1, wire_format.MOST_CLASHES + 3)]
    with pytest.raises(wire_format.NotPlain, match="same hash"):
        wire_format.unpack(message_of(kind, *many))
    with pytest.raises(wire_format.NotPlain, match="same hash"):  # in parts
        wire_format.unpack(message_of("l", *(["l", number] for number in many)))
    assert len(wire_format.unpack(message_of("l", *[prime * 2] * 10_000))) == 10_000
    assert (
        len(wire_format.unpack(message_of("l", *(["t", -1 - a, -1 - b] for a in range(30) for b in range(30))))) == 900
    )


def test_what_is_counted_is_counted_for_the_whole_message():
    half = ["a", "bool", [wire_format.MOST_PARTS // 2 + 1, 0], ""]
    assert wire_format.unpack(half).shape[1] == 0
    with pytest.raises(wire_format.NotPlain, match="rows"):
        wire_format.unpack(["l", half, half])
    text = "x" * (wire_format.MOST_LETTERS // 2 + 1)
    assert wire_format.unpack(["l", text]) == [text]
    with pytest.raises(wire_format.NotPlain, match="letters"):
        wire_format.unpack(["l", text, text])


def test_odd_is_what_slips_through_comparisons():
    for value in (math.nan, [1, (math.nan,)], {1: math.nan}, np.full(2, np.nan), np.empty(0)):
        assert wire_format.has_nan_or_empty(value)
    for value in (1, "nan", None, [], math.inf, np.arange(3), {}):
        assert not wire_format.has_nan_or_empty(value)
