"""torch.export and ONNX: what they write, what they refuse, and that they are quiet."""

import logging
import sys
import zipfile

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

from nasedu.core import BadValue, MissingExtra
from nasedu.export import export_onnx, export_torch

NETWORK = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))


def test_the_line_that_loads_a_program_loads_it(tmp_path, monkeypatch):
    paths, usage = export_torch(NETWORK, (3,), tmp_path / "network")
    assert paths == (tmp_path / "network.pt2",)
    monkeypatch.chdir(tmp_path)
    names = {"torch": torch}
    exec(usage, names)
    assert names["network"](torch.zeros(5, 3)).shape == (5, 2)


def test_the_line_that_runs_a_model_runs_it(tmp_path, monkeypatch):
    paths, usage = export_onnx(NETWORK, (3,), tmp_path / "network.onnx")
    assert paths == (tmp_path / "network.onnx",)
    monkeypatch.chdir(tmp_path)
    assert eval(usage, {"onnxruntime": onnxruntime, "x": np.zeros((5, 3), dtype="float32")}).shape == (5, 2)


def test_no_program_holds_a_pickle(tmp_path):
    network = nn.Linear(3, 2)
    for value in network.parameters():
        nn.init.ones_(value)  # other numbers may begin as a pickle does
    (path,), _ = export_torch(network, (3,), tmp_path / "network")
    with zipfile.ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert len(held) > 5
    assert not [name for name, data in held.items() if data.startswith((b"\x80", b"PK"))]


def test_the_exporters_say_nothing(tmp_path, capfd, caplog):
    network = nn.LSTM(3, 2, batch_first=True)

    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = network

        def forward(self, x):
            return self.lstm(x)[0][:, -1]

    export_torch(Last(), (4, 3), tmp_path / "network")
    export_onnx(Last(), (4, 3), tmp_path / "network")
    assert capfd.readouterr() == ("", "")
    assert not [record for record in caplog.records if record.levelno >= logging.INFO]


class FixesTheBatch(nn.Module):
    def forward(self, x):
        return torch.cat([torch.zeros(1, 3).expand(len(x), -1), x], dim=1)


@pytest.mark.parametrize("export", [export_torch, export_onnx])
def test_a_network_for_one_size_of_batch_is_refused(export, tmp_path):
    with pytest.raises(BadValue, match=r"cannot follow .*it fixes the size of the batch.* Write x.shape\[0\]"):
        export(FixesTheBatch(), (3,), tmp_path / "network")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("package", ["onnx", "onnxruntime", "onnxscript"])
def test_without_its_extra_onnx_is_refused_before_anything_is_exported(package, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf"exports to ONNX need {package}: .*nasedu\[onnx\]"):
        export_onnx(NETWORK, (3,), tmp_path / "nowhere" / "network")
