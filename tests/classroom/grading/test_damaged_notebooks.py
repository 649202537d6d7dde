"""An answer is found in whatever a platform, a browser or a student has made of a notebook."""

import contextlib
import copy
import json
import time

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from nasedu.classroom.grading.judge import judge
from nasedu.classroom.grading.notebook_file import MOST_BYTES, Unreadable, parse_notebook
from nasedu.classroom.grading.process import Limits
from tests.classroom.grading.submissions import EXERCISES, HONEST, answer, own_sources, release, restored

SOLVED = {name: exercise.solved for name, exercise in EXERCISES.items()}


def cells(change):
    """A damage: the change of each cell, in place."""

    def damaged(notebook):
        for cell in notebook["cells"]:
            change(cell)
        return notebook

    return damaged


def code_only(change):
    return cells(lambda cell: cell["cell_type"] == "code" and change(cell))


def without(*keys):
    return cells(lambda cell: [cell.pop(key, None) for key in keys])


def put(**values):
    return cells(lambda cell: cell.update(copy.deepcopy(values)))


def format_3(notebook):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["input"] = cell.pop("source").splitlines(keepends=True)
            cell["prompt_number"] = 3
            cell["outputs"] = [{"output_type": "pyout", "text": ["1"], "prompt_number": 3}]
    heading = {"cell_type": "heading", "level": 2, "source": ["Mine"], "metadata": {}}
    return {"worksheets": [{"cells": [heading, *notebook["cells"]], "metadata": {}}], "nbformat": 3, "metadata": {}}


def copied_by_hand(notebook):
    """Only code, in three cells, as somebody pastes it into a new notebook."""
    sources = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    pasted = ["\n\n".join(sources[:4]), "\n\n".join(sources[4:]), ""]
    return {"cells": [{"cell_type": "code", "source": source} for source in pasted]}


def colab(notebook):
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] = {"id": f"x{number}", "colab": {"base_uri": "https://example.org/"}, "outputId": "7"}
        cell.pop("id")
    return notebook


def order_kept(notebook):
    notebook["cells"] = [cell for cell in notebook["cells"] if not cell["id"].startswith("test")]
    return cells(lambda cell: (cell.pop("id"), cell.update(metadata={})))(notebook)


def written_into_the_test(notebook):
    by_id = {cell["id"]: cell for cell in notebook["cells"]}
    for name, solved in SOLVED.items():
        by_id[f"answer-00-{name}"]["source"] = EXERCISES[name].stub
        by_id[f"test-00-{name}"]["source"] = solved + "\n" + by_id[f"test-00-{name}"]["source"]
    return notebook


def in_a_cell_below(notebook):
    """The stubs stay; all answers stand in one cell at the end."""
    for cell in notebook["cells"]:
        name = cell["id"].removeprefix("answer-00-")
        cell["source"] = EXERCISES[name].stub if name in EXERCISES else cell["source"]
    notebook["cells"].append({"cell_type": "code", "source": "\n\n".join(SOLVED.values())})
    return notebook


DAMAGES = {
    "nothing": lambda notebook: notebook,
    "no names": cells(lambda cell: cell.update(metadata={})),
    "no names, no ids": cells(lambda cell: (cell.update(metadata={}), cell.pop("id"))),
    "colab": colab,
    "copied by hand": copied_by_hand,
    "no tests, no names": order_kept,
    "written into the test": written_into_the_test,
    "in a cell below": in_a_cell_below,
    "no metadata": without("metadata", "id"),
    "metadata null": lambda notebook: {**put(metadata=None)(notebook), "metadata": None},
    "metadata a list": put(metadata=[1, "x"]),
    "names of another kind": cells(lambda cell: cell.update(metadata={"nbgrader": {"grade_id": ["x"]}})),
    "no outputs": without("outputs", "execution_count"),
    "outputs null": code_only(lambda cell: cell.update(outputs=None, execution_count="three")),
    "outputs of no kind": code_only(lambda cell: cell.update(outputs=[{"output_type": "poem"}, 7, None, "x"])),
    "attachments null": put(attachments=None),
    "attachments of no kind": put(attachments={"a.png": 7}),
    "ids with blanks": cells(lambda cell: cell.update(id=cell["id"] + " copy")),
    "ids empty": put(id=""),
    "ids alike": put(id="same"),
    "ids numbers": put(id=7),
    "ids too long": cells(lambda cell: cell.update(id=cell["id"] * 9)),
    "lines": cells(lambda cell: cell.update(source=cell["source"].splitlines(keepends=True))),
    "lines and no text": cells(lambda cell: cell.update(source=[cell["source"], 7, None])),
    "windows": cells(lambda cell: cell.update(source=cell["source"].replace("\n", "\r\n"))),
    "old macs": cells(lambda cell: cell.update(source=cell["source"].replace("\n", "\r"))),
    "kernel gone": lambda notebook: {"cells": notebook["cells"]},
    "format 4.0": lambda notebook: {**without("id")(notebook), "nbformat": 4, "nbformat_minor": 0},
    "format 4.4 with ids": lambda notebook: {**notebook, "nbformat_minor": 4},
    "format as text": lambda notebook: {**notebook, "nbformat": "4", "nbformat_minor": "five"},
    "format 9": lambda notebook: {**notebook, "nbformat": 9},
    "format 3": format_3,
    "cells of no kind between": lambda notebook: {**notebook, "cells": [7, None, "x", [], *notebook["cells"]]},
    "further keys": put(language="python", cell_meta={"deepnote": [1]}, is_code_hidden=True),
}
BYTES = {
    "byte-order mark": lambda data: b"\xef\xbb\xbf" + data,
    "utf-16": lambda data: data.decode().encode("utf-16"),
    "latin-1": lambda data: data.replace(
        b'"metadata": {"kernelspec"', b'"metadata": {"author": "J\xf6rg", "kernelspec"'
    ),
    "blank lines around": lambda data: b"\n\n" + data + b"\n\n\0\0"[:2],
    "raw tabs in texts": lambda data: data.replace(b"Exercise 1", b"Exercise\t1"),
    "an endless number": lambda data: data.replace(b'"nbformat": 4', b'"nbformat": ' + b"4" * 6000),
    "NaN": lambda data: data.replace(b'"nbformat": 4', b'"nbformat": NaN'),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_answer_of_a_damaged_notebook_is_found(damage):
    data = DAMAGES[damage](release(**SOLVED))
    for name, solved in SOLVED.items():
        found = answer(data, name)
        assert any(solved in source for source in own_sources(found)), (damage, name)


@pytest.mark.parametrize("damage", BYTES)
def test_every_answer_of_a_damaged_file_is_found(damage):
    data = json.dumps(release(**SOLVED)).encode()
    changed = BYTES[damage](data)
    assert changed != data
    assert own_sources(answer(changed)) == [SOLVED["standard_error"]]


@pytest.mark.parametrize("damage", ["no names, no ids", "copied by hand", "written into the test", "in a cell below"])
def test_and_it_is_right(damage):
    data = DAMAGES[damage](release(**SOLVED))
    for name in SOLVED:
        assert judge(answer(data, name), Limits()).status == "right", name


def test_what_nobody_answered_is_not_attempted_also_without_names():
    data = DAMAGES["no names, no ids"](release(standard_error=HONEST))
    assert own_sources(answer(data)) == [HONEST]
    result = judge(answer(data, "my_network"), Limits())
    assert (result.status, result.message) == ("not attempted", "The answer my_network is as it was.")
    gone = {"cells": [{"cell_type": "code", "source": HONEST}]}
    result = judge(answer(gone, "my_network"), Limits())
    assert result.message == "There is no cell for my_network, and no other cell defines it."


def test_the_last_cell_that_defines_an_answer_above_its_test_counts():
    notebook = DAMAGES["no names, no ids"](release(standard_error=HONEST))
    here = next(n for n, cell in enumerate(notebook["cells"]) if cell["source"] == HONEST)
    notebook["cells"].insert(here, {"cell_type": "code", "source": "def standard_error(p, n):\n    return 0"})
    found = answer(notebook)
    assert own_sources(found)[-1] == HONEST


def test_the_text_of_a_question_that_was_copied_is_known_again():
    made, notes = restored(DAMAGES["no names, no ids"](release(standard_error=HONEST)))
    assert notes == {}, "nothing is missing"
    names = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in made]
    assert "prompt-00-standard_error" in names
    assert "test-00-standard_error" in names
    assert "answer-00-standard_error" in names


@pytest.mark.parametrize("outputs", [[{}] * 40_000, [{"data": {"image/png": "x" * 30_000_000}}]], ids=["many", "large"])
def test_outputs_cost_nothing_and_are_no_reason_to_refuse(outputs):
    notebook = release(**SOLVED)
    notebook["cells"][-1]["outputs"] = outputs
    data = json.dumps(notebook).encode()
    began = time.process_time()
    assert own_sources(answer(data)) == [SOLVED["standard_error"]]
    assert not any("outputs" in cell and cell["outputs"] for cell in restored(data)[0])
    assert time.process_time() - began < 60, "4,000 of them took 46 s, and 40,000 never ended"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "it is empty"),
        (b"\xef\xbb\xbf \n", "it is empty"),
        (b'{"cells": [', "damaged or not whole, from line 1 on"),
        (b'{"cells": [\n<<<<<<< HEAD\n1,\n=======\n2,\n>>>>>>> mine\n]}', "git has left the marks of a merge"),
        (b"[" * 100_000, "nested too deeply"),
        (b"7", "it has no cells"),
        (b"[]", "it has no cells"),
        (b'{"cells": {}}', "it has no cells"),
        (b'{"cells": [{"cell_type": "poem"}]}', "none of its cells is code or text"),
        (b"PK\x03\x04...", "a zip archive"),
        (b"%PDF-1.7", "a PDF file"),
        (b"<!DOCTYPE html>", "a page in HTML"),
        (b"import math\n", "a Python script"),
        (b" " * (MOST_BYTES + 1), "Clear its outputs"),
        (json.dumps({"cells": [{"cell_type": "code"}] * 2001}).encode(), "2,001 cells, and 2,000 are read"),
        (json.dumps({"cells": [{"cell_type": "raw", "source": "x" * 300_001}]}).encode(), "300,001 characters"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_what_is_no_notebook_is_refused_with_its_reason(data, says):
    with pytest.raises(Unreadable, match=says):
        parse_notebook(data)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("level", ["x", [1], {"level": 1}, -1, 123456, 2.5, True, None])
def test_a_heading_has_a_level_or_gets_one(level):
    heading = {"cell_type": "heading", "level": level, "source": "Mine"}
    assert parse_notebook(json.dumps({"cells": [heading]}).encode())[0].source == "# Mine"


KEYS = st.sampled_from(
    ["cells", "cell_type", "source", "metadata", "id", "outputs", "nbgrader", "grade_id", "nbformat"]
)


@settings(max_examples=150, deadline=None)
@drawn(st.data())
def test_no_damage_of_the_json_ends_the_grader(data):
    """One value anywhere is replaced or dropped: the notebook is read or refused, and what is read is restored."""
    notebook = release(**SOLVED)
    place = notebook
    for _ in range(data.draw(st.integers(1, 5))):
        inner = list(place.items() if isinstance(place, dict) else enumerate(place))
        inner = [(key, value) for key, value in inner if isinstance(value, dict | list) and value]
        if not inner:
            break
        key, value = data.draw(st.sampled_from(inner))
        before, place = place, value
    if data.draw(st.booleans()):
        before[key] = data.draw(ANYTHING)
    else:
        place = before[key]
        if isinstance(place, dict):
            place[data.draw(KEYS)] = data.draw(ANYTHING)
        else:
            place.insert(data.draw(st.integers(0, len(place))), data.draw(ANYTHING))
    try:
        made, _ = restored(json.dumps(notebook).encode())
    except Unreadable:
        return
    assert {cell["cell_type"] for cell in made} <= {"code", "markdown", "raw"}


@settings(max_examples=100, deadline=None)
@drawn(st.integers(0, 3000), st.binary(max_size=6), st.integers(0, 6))
def test_no_damage_of_the_bytes_ends_the_grader(where, new, gone):
    data = json.dumps(release(**SOLVED)).encode()
    with contextlib.suppress(Unreadable):
        made, _ = restored(data[:where] + new + data[where + gone :])
        assert made
