"""A small OpenML: data sets in its format, served to scikit-learn from memory instead of from the network."""

import gzip
import hashlib
import io
import json
from types import SimpleNamespace
from urllib.error import HTTPError, URLError
from urllib.parse import urlparse

import numpy as np


class Answer(io.BytesIO):
    """What `urlopen` gives: bytes, and headers that say how they are packed."""

    def __init__(self, data, packed):
        super().__init__(data)
        self.headers = {"Content-Encoding": "gzip"} if packed else {}

    def info(self):
        return self.headers


class OpenML:
    """Stands in for the server. `files` maps a path to what is served there; `asked` counts the requests."""

    def __init__(self):
        self.files, self.asked, self.down = {}, 0, False

    def add(self, number, name, attributes, rows, target="class", status="active", **about):
        """A data set. attributes: name to ARFF type, the target among them; rows: their values as text."""
        arff = "\n".join(
            [f"@RELATION {name}", *(f"@ATTRIBUTE {a} {kind}" for a, kind in attributes.items()), "@DATA"]
            + [",".join(row) for row in rows]
        )
        packed = gzip.compress(arff.encode() + b"\n")
        path = f"data/v1/download/{number}/{name}.arff"
        self.files[path] = packed
        description = {
            "id": str(number),
            "name": name,
            "version": "1",
            "description": "made up",
            "format": "ARFF",
            "licence": "Public",
            "url": f"https://www.openml.org/{path}",
            "status": status,
            "md5_checksum": hashlib.md5(gzip.decompress(packed)).hexdigest(),
            **about,
        }
        features = [
            {
                "index": str(n),
                "name": a,
                "data_type": "nominal" if kind.startswith("{") else "string" if kind == "STRING" else "numeric",
                "is_target": str(a == target).lower(),
                "is_ignore": "false",
                "is_row_identifier": "false",
                "number_of_missing_values": str(sum(row[n] == "?" for row in rows)),
            }
            for n, (a, kind) in enumerate(attributes.items())
        ]
        listing = {"did": number, "name": name, "version": 1, "status": status}
        self._json(f"api/v1/json/data/{number}", {"data_set_description": description})
        self._json(f"api/v1/json/data/features/{number}", {"data_features": {"feature": features}})
        self._json(f"api/v1/json/data/qualities/{number}", {"data_qualities": {"quality": []}})
        search = f"api/v1/json/data/list/data_name/{name.lower()}/limit/2/status/active/"
        self._json(search, {"data": {"dataset": [listing]}})
        return path

    def _json(self, path, content):
        self.files[path] = gzip.compress(json.dumps(content).encode())

    def urlopen(self, request):
        self.asked += 1
        if self.down:
            raise URLError("Name or service not known")
        path = urlparse(request.full_url).path.lstrip("/")
        if path not in self.files:
            raise HTTPError(request.full_url, 412, "Precondition Failed", {}, io.BytesIO())
        return Answer(self.files[path], packed=True)

    def instead_of_the_network(self, monkeypatch):
        from sklearn.datasets import _openml

        monkeypatch.setattr(_openml, "urlopen", self.urlopen)
        monkeypatch.setattr(_openml, "time", SimpleNamespace(sleep=lambda seconds: None))


def flowers(server, number=61, name="flowers", count=60, change=lambda rows: rows, **about):
    """Two lengths and a colour, three kinds that differ in their lengths; `count` rows, kinds in turn."""
    rng = np.random.default_rng(0)
    rows = [
        [f"{n % 3 + rng.normal(0, 0.3):.3f}", f"{rng.normal(5, 2):.3f}", ("red", "blue")[rng.integers(2)], "abc"[n % 3]]
        for n in range(count)
    ]
    kinds = {"length": "REAL", "width": "REAL", "colour": "{red,blue}", "class": "{a,b,c}"}
    return server.add(number, name, kinds, change(rows), **about)


def pictures(server, number, name, pixels, count=40):
    """Images of whole numbers from 0 to 255, of two classes in turn."""
    values = np.random.default_rng(1).integers(0, 256, size=(count, pixels))
    kinds = {f"pixel{n}": "INTEGER" for n in range(1, pixels + 1)} | {"class": "{0,1}"}
    server.add(number, name, kinds, [[*map(str, row), str(n % 2)] for n, row in enumerate(values)])
    return values
