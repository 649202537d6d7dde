"""Notebook syntax runs in grading as far as it can, and what cannot run does not prevent the rest of the cell."""

import asyncio
import time

import pytest

from nasedu.classroom.grading.notebook_syntax import BUDGET, bound_names, parsed, plain_cells
from nasedu.classroom.grading.placeholders import Placeholder
from nasedu.classroom.grading.process import Limits
from nasedu.classroom.grading.sandbox import Cell, Sandbox
from tests.classroom.grading.conftest import LEVELS

RESULT = 7
CELLS = {
    "help": "len?\nx = 7\nlen??\n?len",
    "shell": "!ls -l | wc\nx = 7\nfiles = !ls\n!pip install torch",
    "shell with a name": "name = 'a'\n!echo {name} $name\nx = 7",
    "line magics": "%matplotlib inline\n%timeit -n 3 sum([1])\nx = 7\n%load_ext autoreload",
    "a magic in a block": "for i in range(8):\n    %time x = i\n",
    "timed": "%time x = 7",
    "timed value": "x = %time 3 + 4",
    "timed cell": "%%time\nx = 7",
    "captured cell": "%%capture out\nx = 7",
    "help on a magic": "%timeit?\nx = 7",
    "value of a magic": "here = %pwd\nx = 7",
    "prompts": ">>> x = 3\n>>> x = x + 4",
    "old prompts": "In [3]: x = 7",
    "indented": "  x = 3\n  x = 7",
    "pip alone": "pip install numpy -q\nx = 7",
    "ls alone": "ls\nx = 7",
    "await": "import asyncio\nasync def f():\n    await asyncio.sleep(0.001)\n    return 7\nx = await f()",
    "await in a loop": "import asyncio\nx = 0\nfor i in range(7):\n    await asyncio.sleep(0)\n    x += 1",
    "async with": "import asyncio\nasync with asyncio.timeout(9):\n    x = 7",
    "async comprehension": "async def f():\n    for i in range(8): yield i\nx = [i async for i in f()][-1]",
    "tasks": "import asyncio\nasync def f(i): return i\nx = sum(await asyncio.gather(f(3), f(4)))",
    "await and annotation": "import asyncio\nx: int = 7\nawait asyncio.sleep(0)",
    "await and star": "from math import *\nimport asyncio\nawait asyncio.sleep(0)\nx = int(sqrt(49))",
    "await and global": "import asyncio\nglobal x\nx = 7\nawait asyncio.sleep(0)",
    "await and magic": "%matplotlib inline\nimport asyncio\nawait asyncio.sleep(0)\nx = 7",
    "a per cent in a text": "text = '''\n%d\n'''\n!ls\nassert text == '\\n%d\\n'\nx = 7",
}


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_that_runs_in_a_notebook_runs_in_grading(cell):
    names = {"get_ipython": Placeholder()}
    exec(compile(plain_cells([CELLS[cell]])[0], "<cell>", "exec"), names)
    assert names["x"] == RESULT


@pytest.mark.parametrize(
    "cell", ["%%bash\nx=7", "%%html\n<b>", "%%writefile a.py\nx = 7", "%%javascript\nalert(1)", "%%timeit\nx = 7"]
)
def test_a_cell_in_another_language_does_nothing(cell):
    names = {"get_ipython": Placeholder()}
    exec(plain_cells([cell])[0], names)
    assert "x" not in names


@pytest.mark.parametrize(
    "cell", ["x = 1 # 100%?", "x = 'a?'", "# only this", "async def f():\n    await g()", "x = a % b"]
)
def test_plain_python_stays_as_it_is(cell):
    assert plain_cells([cell]) == [cell]


def test_what_is_wrong_stays_wrong():
    for cell in ("def f(:\n    pass", "x = (", "return 3", "await", "x = = 3"):
        with pytest.raises(SyntaxError):
            compile(plain_cells([cell])[0], "<cell>", "exec")


def test_a_lot_of_notebook_syntax_is_read_roughly_and_not_for_ever():
    cell = "\n".join(["!ls"] * 2000 + ["x = 7"])
    assert len(cell) * 2000 > BUDGET
    names = {}
    exec(plain_cells([cell])[0], names)
    assert names["x"] == RESULT


def test_waiting_needs_no_socket(monkeypatch):
    def refused(*_):
        raise PermissionError

    monkeypatch.setattr("socket.socketpair", refused)
    names = {}
    exec(plain_cells([CELLS["await"]])[0], names)
    assert names["x"] == RESULT
    with pytest.raises(PermissionError):
        asyncio.new_event_loop()


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("cell", ["await", "tasks", "shell", "timed cell"])
def test_it_runs_where_answers_run(cell, level):
    with Sandbox([Cell(0, plain_cells([CELLS[cell]])[0])], "x", limits=Limits(confinement=level), own=[0]) as sandbox:
        assert (sandbox.value, sandbox.errors) == (RESULT, {})


def test_names_are_found_wherever_a_cell_binds_them():
    source = """
import a.b, c as d
from e import f
def g(): inner = 1
class H: inner = 1
for i in []: j = 1
with k as l: pass
try: pass
except E as m: pass
(n := 1)
o, *p = q
match r:
    case [s, *t]: pass
    case {"u": v, **w}: pass
"""
    found = set(bound_names(parsed(source)))
    assert found == {"a", "d", "f", "g", "H", "i", "j", "l", "m", "n", "o", "p", "s", "t", "v", "w"}


def test_a_command_takes_no_other_line_with_it():
    assert plain_cells(["pip install torch\nimport math\ndef f(x):\n    return math.sqrt(x)"])[0].splitlines()[1:] == [
        "import math",
        "",
        "def f(x):",
        "    return math.sqrt(x)",
    ]


@pytest.mark.parametrize(
    "source",
    ["(\n" + " " * 40_000 + "x", "(\n" + "\t" * 290_000 + "x", 'f"' + "{a}" * 90_000 + '"'],
    ids=["blanks", "many", "f"],
)
def test_code_that_is_written_to_be_slow_costs_little(source):
    """The grader reads it before the fence: 40,000 blanks took 20 seconds, and more of them hours."""
    began = time.process_time()
    assert plain_cells([source]) == [source]
    assert time.process_time() - began < 2
