"""Run with `python -I`: loads every exported file of a folder where nasedu cannot be imported, and runs it.

Next to NAME.py is NAME.case, a safetensors file of inputs and the outputs that the network gave for them. Prints as
JSON the largest difference for each NAME.
"""

import json
import runpy
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file

sys.modules["nasedu"] = None
differences = {}
for file in sorted(Path(sys.argv[1]).glob("*.py")):
    case = load_file(file.with_suffix(".case"))
    network = runpy.run_path(str(file))["load"]()
    with torch.inference_mode():
        outputs = network(case["inputs"])
    differences[file.stem] = float((outputs - case["outputs"]).abs().max())
print(json.dumps(differences))
