"""Every choice of every space exports: to plain Python that runs without nasedu, to torch.export, and to ONNX."""

import json
import subprocess
import sys
from pathlib import Path

import onnxruntime
import pytest
import torch
from safetensors.torch import save_file

from nasedu import spaces
from nasedu.core import BadValue
from nasedu.export import export_onnx, export_python, export_torch
from nasedu.spaces.darts import OPERATIONS
from nasedu.trainers import Recipe
from tests.export.covering import covering, trained

SMALL = {
    "darts": {"nodes": 2, "width": 2},  # the same choices for fewer nodes
    "macro": {"stages": (2, 2)},
    "grammar": {
        "text": "Net -> Any Any Any Any | Any Any\nAny -> conv3-4 | sep3-4 | pool2 | avgpool2 | dense8 | relu | tanh | "
        "norm | dropout0.2 | gap | flatten | nothing",
        "depth": 3,
    },
}
RECIPES = [Recipe(batch_norm=True), Recipe(batch_norm=False), Recipe(dropout=0.3)]


def differs(given, expected):
    return float((given - expected).abs().max())


@pytest.fixture(scope="module")
def plain(tmp_path_factory, digits):
    """For each space, the names of its exports, and for each name, how far it is from the network it was made from."""
    folder = tmp_path_factory.mktemp("plain")
    names = {}
    for name in spaces.registry:
        space = spaces.load(name, digits, **SMALL.get(name, {}))
        cases = [(architecture, Recipe()) for architecture in covering(space, pairs=8)]
        cases += [(cases[0][0], recipe) for recipe in RECIPES]
        names[name] = []
        for number, (architecture, recipe) in enumerate(cases):
            try:
                network = trained(space, architecture, recipe)
            except BadValue:  # sequences have no batch normalisation
                continue
            file = folder / f"{name.replace('-', '_')}_{number}.py"
            export_python(network, space.input_shape, file, about={"classes": "0123456789"})
            inputs = torch.rand(5, *space.input_shape, generator=torch.Generator().manual_seed(2))
            with torch.inference_mode():
                save_file({"inputs": inputs, "outputs": network(inputs)}, file.with_suffix(".case"))
            names[name].append(file.stem)
    script = Path(__file__).with_name("without_nasedu.py")
    done = subprocess.run([sys.executable, "-I", script, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder, names, json.loads(done.stdout)


@pytest.mark.parametrize("name", spaces.registry)
def test_the_python_of_every_choice_gives_the_networks_numbers(name, plain):
    _, names, differences = plain
    assert len(names[name]) >= 3
    assert max(differences[one] for one in names[name]) <= 1e-6


def test_no_exported_file_mentions_nasedu(plain):
    folder, _, _ = plain
    assert not [file.name for file in folder.glob("*.py") if "nasedu" in file.read_text()]


def test_every_exported_file_is_laid_out_as_ruff_lays_out_code(plain):
    folder, _, _ = plain
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["format", "--check"], ["check", "--select", "E,F,W,I,B,UP,N,RUF,SIM,C4"]):
        done = subprocess.run(
            [*ruff, *command, "--isolated", "--no-cache", "."], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-3000:]


# ---------------------------------------------------------------------- torch.export and ONNX


class Together(torch.nn.Module):
    """Networks that read one input: their answers in one row. Most of the time of an export does not depend on size."""

    def __init__(self, networks):
        super().__init__()
        self.networks = torch.nn.ModuleList(networks)

    def forward(self, x):
        return torch.cat([network(x) for network in self.networks], dim=1)


SMALLER = SMALL | {
    "darts": {"nodes": 1, "width": 2, "operations": tuple(name for name in OPERATIONS if "5x5" not in name)},
    "skip-chain": {"layers": 3, "width": 4},
    "recurrent": {"input_shape": (3, 4), "outputs": 2},  # a program has every step of a recurrent network
    "attention": {"input_shape": (3, 4), "outputs": 2, "widths": (4, 6), "heads": (1, 3), "factors": (1, 2)},
}


@pytest.mark.parametrize("name", spaces.registry)
def test_the_programs_of_every_choice_give_the_networks_numbers_for_every_batch(name, tmp_path):
    space = spaces.registry[name](**{"input_shape": (1, 8, 8), "outputs": 10} | SMALLER.get(name, {}))
    network = Together(trained(space, architecture, Recipe(dropout=0.3)) for architecture in covering(space)).eval()
    program = torch.export.load(export_torch(network, space.input_shape, tmp_path / "network").paths[0]).module()
    session = onnxruntime.InferenceSession(export_onnx(network, space.input_shape, tmp_path / "network").paths[0])
    for batch in (1, 2, 7):
        x = torch.rand(batch, *space.input_shape, generator=torch.Generator().manual_seed(batch))
        with torch.inference_mode():
            expected = network(x)
            assert differs(program(x), expected) <= 1e-6
        assert differs(torch.from_numpy(session.run(None, {"input": x.numpy()})[0]), expected) <= 1e-5
