"""A network as an ONNX model, for programs without Python or torch."""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn

from nasedu.core.extras import import_extra
from nasedu.export.checks import Exported, check_equal, check_path, ready
from nasedu.export.torch_program import program


def export_onnx(module: nn.Module, input_shape: Sequence[int], path: str | Path) -> Exported:
    """Write the network as an ONNX model, `path` with the suffix .onnx. The batch may have any size.

    Its input is called "input" (batch, *input_shape), its output "output".

    Args:
        module: maps (batch, *input_shape) to (batch, ...); it is exported in eval mode and stays as it is.
        input_shape: of one example.
        path: where to write; an existing file is overwritten.

    Raises:
        MissingExtra: without the packages of the extra `onnx`.
        BadValue: a bad path or shape; a network that cannot be written as ONNX.
        Mismatch: the network cannot take inputs of this shape.
    """
    for package in ("onnx", "onnxscript"):
        import_extra(package, "onnx", "exports to ONNX")
    runtime = import_extra("onnxruntime", "onnx", "exports to ONNX")
    path = check_path(path, ".onnx")
    module = ready(module, input_shape)
    exported = program(module, input_shape)
    with _quiet():
        model = torch.onnx.export(exported, input_names=["input"], output_names=["output"], dynamo=True, verbose=False)
    assert model is not None
    data = model.model_proto.SerializeToString()
    session = runtime.InferenceSession(data, providers=["CPUExecutionProvider"])

    def run(x: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(session.run(None, {"input": x.numpy()})[0])

    check_equal(module, input_shape, run, 1e-5, "the ONNX model")
    path.write_bytes(data)
    return Exported((path,), f'onnxruntime.InferenceSession({path.name!r}).run(None, {{"input": x}})[0]')


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence what torch's exporter tells its developers: packages that it could also use, its own deprecated calls."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
