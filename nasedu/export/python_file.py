"""The text of the exported file: what it says of the network, its definitions, `load`, and a `__main__`."""

import ast
import sys
import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TypedDict

from nasedu.export.definitions import Definition, Definitions
from nasedu.export.layout import WIDTH, lines


class About(TypedDict, total=False):
    """What a reader of the file should know. Each part may be absent.

    Attributes:
        title: one line: what the network does.
        input: what an input is, in words, with its units.
        output: what the outputs are, in words, with their units.
        classes: a name for each output.
        licence: where the data come from, and under which licence.
        preprocessing: Python that defines `prepare(raw)`, which makes inputs from raw data. It may also define
            `restore(outputs)`, which gives the answers of a regression in their units, and `read(path)`, which gives
            the raw data of a file. Then the file predicts: `predict(raw)`, and `python NAME.py PATH`.
    """

    title: str
    input: str
    output: str
    classes: Sequence[str]
    licence: str
    preprocessing: str


IMPORTS = """\
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn"""

INSTALLED_AS = {"PIL": "pillow"}
"""Packages whose name is not that of their import."""

WEIGHTS = 'WEIGHTS = Path(__file__).with_suffix(".safetensors")'

RESTORED = "`restore` gives them in the units of the answers."
RANDOM = "Run the file to try it on a random input."

LOAD = """\
def load(path: str | Path = WEIGHTS) -> Network:
    \"\"\"Return the network with its trained weights, ready to predict.\"\"\"
    network = Network()
    network.load_state_dict(load_file(path))
    return network.eval()"""


MAIN = """\
if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"give what to predict: python {Path(__file__).name} FILE")
    for path in sys.argv[1:]:
        print(*predict(read(path)), sep="\\n")"""


def python_file(
    definitions: Definitions, name: str, input_shape: Sequence[int], outputs: Sequence[int], about: About
) -> str:
    """Return the text of NAME.py."""
    imports, preprocessing = _split(about.get("preprocessing", ""))
    imports += ["import sys"] if "read" in functions_in(about) else []
    head = [_docstring(name, input_shape, outputs, about), _imports(imports), WEIGHTS]
    if "classes" in about:
        names = ast.parse(repr([str(one) for one in about["classes"]]), mode="eval").body
        head[-1] += "\n" + "\n".join(lines(names, 0, "CLASSES = "))
    parts = ["\n\n".join(head), preprocessing]
    parts += ["\n".join(_definition(definition)) for definition in definitions.all]
    parts += [LOAD, _predict(about), _main(input_shape, about)]
    return "\n\n\n".join(filter(None, parts)) + "\n"


def _docstring(name: str, input_shape: Sequence[int], outputs: Sequence[int], about: About) -> str:
    """Return the docstring of the file."""
    scores = "A score for each class: the largest is the answer, and softmax gives probabilities."
    has = functions_in(about)
    said = scores if "classes" in about else RESTORED if "restore" in has else ""
    run = f"`python {name}.py FILE` prints the answers for a file." if "read" in has else RANDOM
    paragraphs = [
        about.get("title", "A trained network."),
        f"Input: float32, {_shape(input_shape)}. {about.get('input', '')}",
        f"Output: float32, {_shape(outputs)}. {about.get('output', said)}",
        "`prepare` makes such inputs from raw data, and `predict` gives its answers." if has else "",
        about.get("licence", ""),
        f"`load()` returns the network with its weights from {name}.safetensors, next to this file. It needs the "
        f"packages {_packages(about)}. {run}",
    ]
    rows = [textwrap.fill(" ".join(paragraph.split()), WIDTH - 3) for paragraph in paragraphs]
    text = "\n\n".join(filter(None, rows)).replace("\\", "\\\\").replace('"""', "'''")
    return f'"""{text}\n"""'


def functions_in(about: About) -> set[str]:
    """Return the names of the functions that the preprocessing defines."""
    return {part.name for part in ast.parse(about.get("preprocessing", "")).body if isinstance(part, ast.FunctionDef)}


def _packages(about: About) -> str:
    """Return what the file needs besides Python, as a list in words."""
    rows = [*IMPORTS.splitlines(), *_split(about.get("preprocessing", ""))[0]]
    names = {row.split()[1].partition(".")[0] for row in rows if row} - sys.stdlib_module_names
    first = ["torch", "safetensors"]
    found = first + sorted(INSTALLED_AS.get(name, name) for name in names.difference(first))
    return f"{', '.join(found[:-1])} and {found[-1]}"


def _shape(sides: Sequence[int]) -> str:
    return f"({', '.join(map(str, ('batch', *sides)))})"


def _imports(more: Sequence[str]) -> str:
    """Return the import statements, sorted as `ruff` sorts them."""
    wanted = sorted({*IMPORTS.splitlines(), *more} - {""}, key=_import_order)
    return "\n\n".join("\n".join(group) for _, group in groupby(wanted, key=lambda line: _import_order(line)[0]))


def _import_order(line: str) -> tuple[int, bool, str]:
    module = line.split()[1]
    package = module.partition(".")[0]
    group = 0 if package == "__future__" else 1 if package in sys.stdlib_module_names else 2
    return group, line.startswith("from"), module.lower()


def _split(code: str) -> tuple[list[str], str]:
    """Return the import statements of some code, and the code without them."""
    found = [part for part in ast.parse(code).body if isinstance(part, ast.Import | ast.ImportFrom)]
    rows = code.splitlines()
    for part in found:
        rows[part.lineno - 1 : part.end_lineno] = [""] * (1 + (part.end_lineno or part.lineno) - part.lineno)
    return [ast.unparse(part) for part in found], "\n".join(rows).strip("\n")


# ---------------------------------------------------------------------- definitions


def _definition(definition: Definition) -> Iterator[str]:
    """Yield the lines of a class or function."""
    sizes = definition.size_texts()
    if definition.is_function:
        yield from _signature(f"def {definition.name}(", definition.signature(), ") -> nn.Sequential:", 0)
        yield from lines(_parsed(definition.call.text(sizes)), 4, "return ")
        return
    yield f"class {definition.name}(nn.Module):"
    if definition.note:
        yield from _note(definition.note)
    yield from _signature("def __init__(", ["self", *definition.signature()], "):", 4)
    yield "        super().__init__()"
    for attribute, call in definition.attributes:
        code = call.text(sizes)
        if code.startswith("torch.zeros"):
            yield from lines(_parsed(f"self.register_buffer({attribute!r}, {code})"), 8)
        else:
            yield from lines(_parsed(code), 8, f"self.{attribute} = ")
    yield ""
    inputs = [f"{name}: torch.Tensor" for name in definition.inputs]
    yield from _signature("def forward(", ["self", *inputs], ") -> torch.Tensor:", 4)
    yield from definition.body


def _signature(head: str, parameters: Sequence[str], tail: str, indent: int) -> list[str]:
    space, joined = " " * indent, ", ".join(parameters)
    if len(space + head + joined + tail) <= WIDTH:
        return [space + head + joined + tail]
    if len(space) + 4 + len(joined) <= WIDTH:
        return [space + head, f"{space}    {joined}", space + tail]
    return [space + head, *(f"{space}    {parameter}," for parameter in parameters), space + tail]


def _note(sentence: str) -> list[str]:
    line = f'    """{sentence}"""'
    if len(line) <= WIDTH:
        return [line, ""]
    rows = textwrap.wrap(sentence, WIDTH - 8)
    return [f'    """{rows[0]}', *(f"    {row}" for row in rows[1:]), '    """', ""]


def _predict(about: About) -> str:
    """Return the function from raw data to answers; "" without preprocessing."""
    has = functions_in(about)
    if not has or "predict" in has:
        return ""
    what, answers = "what the network gives", "outputs.tolist()"
    if "classes" in about:
        what, answers = "the name of its class", "[CLASSES[place] for place in outputs.argmax(1)]"
    elif "restore" in has:
        what, answers = "a number in the units of the answers", "restore(outputs).squeeze(1).tolist()"
    return f'''\
def predict(raw):
    """Return an answer for each example that `prepare` takes: {what}."""
    with torch.inference_mode():
        outputs = load()(prepare(raw))
    return {answers}'''


def _main(input_shape: Sequence[int], about: About) -> str:
    if "read" in functions_in(about):
        return MAIN
    numbers = ", ".join(map(str, (1, *input_shape)))
    rows = [
        'if __name__ == "__main__":',
        f"    x = torch.rand({numbers})  # one input of random numbers",
        "    with torch.inference_mode():",
        "        outputs = load()(x)",
        '    print("outputs:", outputs[0].tolist())',
    ]
    if "classes" in about:
        rows.append('    print("class:", CLASSES[outputs[0].argmax()])')
    return "\n".join(rows)


def _parsed(code: str) -> ast.expr:
    return ast.parse(code, mode="eval").body
