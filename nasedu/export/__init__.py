"""Floor 2: a trained network as files for programs that have no nasedu.

export_torch(network, (1, 8, 8), "digits")      # digits.pt2: a torch.export program
export_onnx(network, (1, 8, 8), "digits")       # digits.onnx, for onnxruntime and others (extra `onnx`)
export_python(network, (1, 8, 8), "digits")     # digits.py, plain PyTorch to read, and digits.safetensors
"""

from nasedu.export.checks import Exported
from nasedu.export.onnx_model import export_onnx
from nasedu.export.plain_python import export_python
from nasedu.export.python_file import About
from nasedu.export.torch_program import export_torch

__all__ = ["About", "Exported", "export_onnx", "export_python", "export_torch"]
