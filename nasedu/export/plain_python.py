"""A network as one file of plain PyTorch that a person can read, with its weights in a safetensors file next to it."""

import ast
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn

from nasedu.core import BadValue
from nasedu.export.checks import Exported, answer, check_equal, check_path, ready
from nasedu.export.constructors import is_layer
from nasedu.export.definitions import Definitions
from nasedu.export.python_file import About, functions_in, python_file

EXAMPLES = 13
"""Size of the batch by which shapes are found: no other dimension that comes first is as long, most probably."""


def export_python(
    module: nn.Module, input_shape: Sequence[int], path: str | Path, *, about: About | None = None
) -> Exported:
    """Write the network as NAME.py, plain PyTorch without nasedu, and its weights as NAME.safetensors.

    The file has a class `Network`, `load()` that returns it with its weights, and a `__main__` that tries it out; with
    preprocessing also `predict`, and with its `read` a `__main__` that predicts the files that it is given.

    Args:
        module: maps (batch, *input_shape) to (batch, ...); it is exported in eval mode and stays as it is.
        input_shape: of one example.
        path: NAME or NAME.py; existing files are overwritten.
        about: what the file says of the network.

    Raises:
        BadValue: a bad path, shape or `about`; a network whose code cannot be written as plain Python.
        Mismatch: the network cannot take inputs of this shape.
    """
    path = check_path(path, ".py")
    module = ready(module, input_shape)
    outputs = tuple(answer(module, torch.zeros(1, *input_shape)).shape[1:])
    about = _checked(about or {}, outputs)
    network = nn.Sequential(module) if is_layer(module) else module
    definitions = Definitions(network, torch.zeros(EXAMPLES, *input_shape), _names_in(about.get("preprocessing", "")))
    code = python_file(definitions, path.stem, tuple(input_shape), outputs, about)
    weights = {name: tensor.detach().clone().contiguous() for name, tensor in definitions.weights.items()}
    again = _built(code, weights, path)
    check_equal(module, input_shape, lambda x: answer(again, x), 1e-6, "the Python file")
    path.write_text(code, encoding="utf-8")
    save_file(weights, path.with_suffix(".safetensors"))
    return Exported((path, path.with_suffix(".safetensors")), _usage(path, about))


def _usage(path: Path, about: About) -> str:
    importable = path.stem.isidentifier()
    if "read" in functions_in(about):
        names = f"from {path.stem} import predict, read; predict(read(FILE))"
        found = f"network = runpy.run_path({path.name!r}); network['predict'](network['read'](FILE))"
        return names if importable else found
    loaded = f"from {path.stem} import load; network = load()"
    return loaded if importable else f"network = runpy.run_path({path.name!r})['load']()"


def _checked(about: About, outputs: tuple[int, ...]) -> About:
    """Return `about`. Raise BadValue for unknown parts, too few classes, or preprocessing that is not Python."""
    unknown = set(about) - set(About.__annotations__)
    if unknown:
        raise BadValue(f"about has the parts {', '.join(About.__annotations__)}; given {', '.join(sorted(unknown))}")
    if "classes" in about and len(about["classes"]) != prod(outputs):
        raise BadValue(f"about names {len(about['classes'])} classes, and the network has {prod(outputs)} outputs")
    try:
        body = ast.parse(about.get("preprocessing", "")).body
    except SyntaxError as error:
        raise BadValue(f"about's preprocessing is not Python: {error}") from error
    if body and not any(isinstance(part, ast.FunctionDef) and part.name == "prepare" for part in body):
        raise BadValue("about's preprocessing must define a function `prepare`")
    return about


def _built(code: str, weights: dict[str, torch.Tensor], path: Path) -> nn.Module:
    """Return the network that the code of a file builds, with its weights."""
    namespace: dict[str, Any] = {"__name__": "exported", "__file__": str(path)}
    exec(compile(code, path.name, "exec"), namespace)
    network = namespace["Network"]()
    network.load_state_dict(weights)
    return network.eval()


def _names_in(code: str) -> set[str]:
    """Return the names that some code uses or defines: the file's classes get other ones."""
    tree = ast.walk(ast.parse(code))
    return {str(getattr(node, "id", getattr(node, "name", ""))) for node in tree}
