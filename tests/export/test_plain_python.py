"""The file of plain Python: how it reads, what it says of the network, and what it refuses."""

import ast
import cProfile
import runpy
import subprocess
import sys

import pytest
import torch
from torch import nn

from nasedu import spaces
from nasedu.core import BadValue, Mismatch
from nasedu.export import export_python
from nasedu.trainers import Recipe
from tests.export.covering import trained


def exported(network, input_shape, folder, **about):
    (file, _), _ = export_python(network, input_shape, folder / "network", about=about)
    return file.read_text()


def part(code, name):
    """The code of one class or function of the file."""
    (node,) = (node for node in ast.parse(code).body if getattr(node, "name", "") == name)
    return "\n".join(code.splitlines()[node.lineno - 1 : node.end_lineno])


def run(file, *options):
    return subprocess.run([sys.executable, *options, file], capture_output=True, text=True, check=True).stdout


# ---------------------------------------------------------------------- how it reads


def test_a_chain_reads_as_a_person_would_write_it(digits, tmp_path):
    space = spaces.load("chain-cnn", digits, dropout=0.25)
    network = trained(space, ("conv3-16", "pool2", "dense64", "stop"), Recipe(batch_norm=True))
    assert (
        part(exported(network, space.input_shape, tmp_path), "Network")
        == """\
class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(16)
        self.pool = nn.MaxPool2d(2)
        self.dropout1 = nn.Dropout(0.25)
        self.linear = nn.Linear(256, 64, bias=False)
        self.norm2 = nn.BatchNorm1d(64)
        self.dropout2 = nn.Dropout(0.25)
        self.output = nn.Linear(64, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.norm1(self.conv(x)))  # 16 x 8 x 8
        x = self.dropout1(self.pool(x)).flatten(1)  # 256
        x = self.dropout2(torch.relu(self.norm2(self.linear(x))))  # 64
        return self.output(x)"""
    )


def test_cells_that_differ_in_their_width_are_one_class(digits, tmp_path):
    space = spaces.load("cell-201", digits)
    network = trained(space, ("nor_conv_3x3", "none", "nor_conv_3x3", "skip_connect", "none", "skip_connect"))
    code = exported(network, space.input_shape, tmp_path)
    assert (
        part(code, "nor_conv_3x3")
        == """\
def nor_conv_3x3(channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.ReLU(),
        nn.Conv2d(channels, channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels),
    )"""
    )
    cell = part(code, "Cell")
    assert "def __init__(self, channels: int):" in cell
    assert "node1 = self.nor_conv_3x3_1(x)\n        return x + self.nor_conv_3x3_2(node1)" in cell
    assert [line.strip() for line in code.splitlines() if "= Cell(" in line] == [
        f"self.cell{number} = Cell({width})" for number, width in ((1, 8), (2, 16), (3, 32))
    ]


def test_blocks_that_differ_in_sizes_are_one_function_with_the_usual_size_as_its_default(digits, tmp_path):
    space = spaces.load("macro", digits)
    code = exported(trained(space, ("ir3x3-e3",) * 8), space.input_shape, tmp_path)
    wanted = "    in_channels: int, channels: int, out_channels: int, stride: int = 1\n) -> nn.Sequential:"
    assert wanted in part(code, "ir3x3_e3")
    assert "self.ir3x3_e3_3 = ir3x3_e3(16, 48, 32, stride=2)" in code
    assert "x = x + self.ir3x3_e3_2(x)" in code or "x = self.ir3x3_e3_2(x) + x" in code


def test_variables_keep_the_names_of_the_original_code(digits, tmp_path):
    space = spaces.load("attention", digits)
    network = trained(space, ("layers2", "width16", "heads2", "ff2", "norm-first", "class-token"))
    attention = part(exported(network, space.input_shape, tmp_path), "SelfAttention")
    assert "queries, keys, values = parts.permute(2, 0, 3, 1, 4).unbind(0)" in attention
    assert "weights = queries @ keys.transpose(-1, -2) / queries.shape[-1] ** 0.5" in attention


# ---------------------------------------------------------------------- modules of a user's own


class Own(nn.Module):
    """Adds a scaled copy: "one" of a user's own."""

    def __init__(self, width):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(2))
        self.scale = nn.Parameter(torch.rand(width))
        self.register_buffer("shift", torch.arange(width))
        self.attention = nn.MultiheadAttention(width, 2, batch_first=True)
        self.plain = torch.rand(3)

    def forward(self, input, *, lambda_=2.0):
        heights, _ = self.attention(input, input, input, need_weights=False)
        for layer in self.layers:
            heights = heights + layer(input) * self.scale
        heights += self.shift
        mask = torch.full((1, 1), float("inf"), device=torch.device("cpu"))
        return torch.minimum(heights, mask).sum(dim=1) * lambda_ + self.plain.mean()


def test_a_users_own_module_is_written(tmp_path):
    network = nn.Sequential(Own(4), nn.Sequential(nn.Linear(4, 4), nn.Identity()), nn.Linear(4, 2)).eval()
    (file, _), usage = export_python(network, (3, 4), tmp_path / "my-network")
    assert usage == "network = runpy.run_path('my-network.py')['load']()"
    assert "nasedu" not in file.read_text()
    assert run(file, "-I").startswith("outputs: [")


def test_one_layer_is_a_network(tmp_path):
    assert "return self.output(x)" in exported(nn.Linear(3, 2), (3,), tmp_path)


class Counts(nn.Module):
    def forward(self, x):
        return x.flatten(1) * len(x)


class Asks(nn.Module):
    def forward(self, x):
        return x if x.sum() > 1000 else -x


class Hidden(nn.Module):
    def __init__(self):
        super().__init__()
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        return x * self.calls


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (nn.Sequential(Counts()), r"the code of a Sequential cannot be written .*'len'.* write x.shape\[0\]"),
        (Asks(), "the code of a Asks cannot be written .*let no `if`"),
        (Hidden(), "the Python file differs from the network by .*nothing was written"),
        (nn.TransformerEncoderLayer(4, 2, batch_first=True), "its argument 'd_model' is not among its attributes"),
    ],
)
def test_code_that_cannot_be_written_is_refused_and_nothing_is_written(network, reason, tmp_path):
    with pytest.raises(BadValue, match=reason):
        export_python(network, (4, 4), tmp_path / "network")
    assert not list(tmp_path.iterdir())


def test_an_export_works_in_a_profiler_and_leaves_none_behind(tmp_path):
    network = nn.Sequential(Own(4), nn.Linear(4, 2)).eval()
    with cProfile.Profile():
        export_python(network, (3, 4), tmp_path / "profiled")
    export_python(network, (3, 4), tmp_path / "network")
    assert sys.getprofile() is None
    assert "heights = " in (tmp_path / "network.py").read_text()


# ---------------------------------------------------------------------- what it says

PREPARE = '''\
from __future__ import annotations

import json
import numpy as np
from torch import nn

SIDE = 8


def prepare(image: np.ndarray) -> torch.Tensor:
    """Return an input from an image of numbers from 0 to 16."""
    return torch.from_numpy(image.reshape(1, 1, SIDE, SIDE) / 16).float()
'''


def test_the_file_says_what_it_is_told(tmp_path, capsys):
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 3))
    names = ['"""', "it's \\n", "'\"' and ü"]
    code = exported(
        network,
        (1, 8, 8),
        tmp_path,
        title='Tells """ from \\ and much more, in a title that is longer than one line of the file may ever be.',
        input="grey values from 0 to 1",
        classes=names,
        licence="Data: made up, CC0.",
        preprocessing=PREPARE,
    )
    said = " ".join((ast.get_docstring(ast.parse(code)) or "").split())
    assert "Tells ''' from \\ and much more" in said
    assert "Input: float32, (batch, 1, 8, 8). grey values from 0 to 1" in said
    assert "Output: float32, (batch, 3). A score for each class" in said
    assert "Data: made up, CC0." in said
    assert (
        code.index("from __future__") < code.index("import json") < code.index("import numpy") < code.index("SIDE = 8")
    )
    namespace = {"__name__": "other", "__file__": str(tmp_path / "network.py")}
    exec(compile(code, "network.py", "exec"), namespace)
    assert namespace["CLASSES"] == names
    image = torch.rand(8, 8)
    assert torch.allclose(namespace["prepare"](image.numpy() * 16), image.reshape(1, 1, 8, 8))
    network.eval()
    x = torch.rand(2, 1, 8, 8)
    assert torch.equal(namespace["load"]()(x), network(x))
    runpy.run_path(str(tmp_path / "network.py"), run_name="__main__")
    assert "class:" in capsys.readouterr().out


def test_names_of_the_preprocessing_are_left_to_it(digits, tmp_path):
    space = spaces.load("cell-201", digits)
    network = trained(space, ("nor_conv_3x3",) * 6)
    own = "def prepare(x):\n    return Cell(x)\n\n\ndef Cell(x):\n    return x"
    code = exported(network, space.input_shape, tmp_path, preprocessing=own)
    assert "class Cell2(nn.Module):" in code
    assert "self.cell1 = Cell2(8)" in code


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"author": "me"}, "about has the parts title, input, .*; given author"),
        ({"classes": ["a", "b"]}, "about names 2 classes, and the network has 3 outputs"),
        ({"preprocessing": "def prepare(:"}, "preprocessing is not Python: .*line 1"),
        ({"preprocessing": "def other(x):\n    return x"}, "must define a function `prepare`"),
    ],
)
def test_what_cannot_be_said_is_refused(about, reason, tmp_path):
    with pytest.raises(BadValue, match=reason):
        export_python(nn.Linear(2, 3), (2,), tmp_path / "network", about=about)
    assert not list(tmp_path.iterdir())


# ---------------------------------------------------------------------- the network is left alone


def test_the_network_stays_as_it_was(tmp_path):
    network = nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.5)).train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    export_python(network, (4,), tmp_path / "network")
    assert network.training
    assert all(module.training for module in network.modules())
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert not any(module._forward_hooks for module in network.modules())


@pytest.mark.parametrize(
    ("network", "shape", "path", "error", "reason"),
    [
        ("a name", (2,), "network", BadValue, "takes a torch.nn.Module .*; given a str"),
        (nn.Linear(2, 3), (), "network", BadValue, r"input_shape is one example's, .*; given \(\)"),
        (nn.Linear(2, 3), (5,), "network", Mismatch, r"cannot take a batch of shape \(2, \*\(5,\)\): "),
        (nn.LSTM(2, 3, batch_first=True), (4, 2), "network", Mismatch, "gives one tensor"),
        (nn.Linear(2, 3), (2,), "network.onnx", BadValue, r"writes a .py file; given .*: use 'network.py'"),
        (nn.Linear(2, 3), (2,), "nowhere/network", BadValue, "the folder .*nowhere' does not exist"),
    ],
)
def test_what_cannot_be_exported_is_refused_at_the_door(network, shape, path, error, reason, tmp_path):
    with pytest.raises(error, match=reason):
        export_python(network, shape, tmp_path / path)
    assert not list(tmp_path.iterdir())
