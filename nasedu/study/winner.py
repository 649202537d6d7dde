"""The network that a search chose, with all that it takes to use it."""

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from nasedu import spaces
from nasedu.core import Architecture, BadValue, Evaluation, UnknownName, describe
from nasedu.tasks.base import Split, Task
from nasedu.tasks.preparation import Preparation, from_data, preparation_of
from nasedu.trainers.base import nested, settings_of
from nasedu.trainers.recipe import Recipe

if TYPE_CHECKING:
    from torch import nn

    from nasedu.export import About

FORMS = ("python", "torch", "onnx")
"""What a network can be exported to."""

AT_ONCE = 1024
"""Examples that are computed together."""


@dataclass(frozen=True)
class TaskCard:
    """What is known of the task of a winner, without its examples.

    Attributes: those of `nasedu.tasks.Task` with the same names.
    """

    name: str
    summary: str
    kind: str
    input_shape: tuple[int, ...]
    outputs: int
    metrics: tuple[str, ...]
    classes: tuple[str, ...]
    source: str
    licence: str

    @classmethod
    def of(cls, task: Any) -> "TaskCard":
        found: dict[str, Any] = {name: getattr(task, name) for name in cls.__dataclass_fields__}
        return cls(**found)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "TaskCard":
        found: dict[str, Any] = {n: tuple(value) if isinstance(value, list) else value for n, value in data.items()}
        return cls(**found)


@dataclass(frozen=True, repr=False)
class Winner:
    """The network that a search chose and tested, ready to predict.

        winner = study.winner()                     # after study.finish()
        winner.predict("new.csv")                   # what the task was made from: a table, images, arrays
        winner.save("my-network")                   # two files: winner.json and weights.safetensors
        nasedu.Winner.load("my-network").predict_proba("new.csv")

    Attributes:
        architecture: what was chosen.
        space: the space that builds it.
        described: the space as plain data (see `nasedu.core.describe`).
        recipe: how it was trained.
        weights: by name, numpy arrays.
        task: what is known of its task.
        preparation: turns raw examples into inputs.
        chosen: its evaluation in the search, on the validation split.
        tested: its evaluation on the test split.
        versions: of Python and the libraries that trained it.
    """

    architecture: Architecture
    space: Any
    described: Mapping[str, Any]
    recipe: Recipe
    weights: Mapping[str, np.ndarray]
    task: TaskCard
    preparation: Preparation
    chosen: Evaluation
    tested: Evaluation
    versions: Mapping[str, str]

    def __repr__(self) -> str:
        return (
            f"<Winner {' '.join(self.architecture)}: {self.task.metrics[0]} {self.tested.score:.4f} on the test split>"
        )

    @cached_property
    def module(self) -> "nn.Module":
        """Return the network in torch, with its weights, ready to answer (`eval`)."""
        import torch

        from nasedu.trainers.single.network import build

        network = build(self.space, self.architecture, self.recipe)
        network.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in self.weights.items()})
        return network.eval()

    # ------------------------------------------------------------------ predicting

    def predict(self, raw: Any) -> np.ndarray:
        """Return an answer for each example: the name of its class (its number, without names), or a number.

        Args:
            raw: what the task was made from. A table: a DataFrame or the path of a CSV file, columns in any order.
                Images: a folder, paths, or arrays of any size. Arrays: shape (examples, *input_shape). Or a `Split`.

        Returns:
            Shape (examples,). For a regression in the units of the raw answers, (examples, outputs) if outputs > 1.

        Raises:
            BadValue: missing columns, files that are no images, another shape; by name.
        """
        outputs = self.outputs(raw)
        if self.task.kind == "regression":
            restored = self.preparation.restored(outputs)
            return restored[:, 0] if restored.shape[1] == 1 else restored
        found = outputs.argmax(1)
        return np.array(self.task.classes)[found] if self.task.classes else found

    def predict_proba(self, raw: Any) -> np.ndarray:
        """Return the probability of each class, float64 (examples, classes), in the order of `task.classes`.

        Raises:
            BadValue: a regression has no classes; otherwise as `predict`.
        """
        if self.task.kind != "classification":
            raise BadValue(f"{self.task.name} is a {self.task.kind}: its answers are numbers without probabilities")
        outputs = self.outputs(raw).astype(np.float64)
        powers = np.exp(outputs - outputs.max(1, keepdims=True))
        return powers / powers.sum(1, keepdims=True)

    def outputs(self, raw: Any) -> np.ndarray:
        """Return what the network gives for each example, float32 (examples, outputs); arguments as for `predict`."""
        import torch

        X = raw.X if isinstance(raw, Split) else self.preparation.inputs(raw)
        if not len(X):
            return np.zeros((0, self.task.outputs), np.float32)
        with torch.no_grad():
            parts = [self.module(part) for part in torch.from_numpy(np.ascontiguousarray(X)).split(AT_ONCE)]
        return torch.cat(parts).float().numpy()

    def evaluate(self, examples: Any) -> dict[str, Any]:
        """Return every metric on examples with known answers.

        Args:
            examples: what the task was made from, with the answers in it; a `Split`; or a `Task`, whose test split is
                used. An `rmse` is in the units of the raw answers.

        Raises:
            BadValue: there are no answers in what was given; otherwise as `predict`.
        """
        import torch

        from nasedu.trainers.single.metrics import all_metrics

        if isinstance(examples, Task):
            examples = examples.test.opened()
        y = examples.y if isinstance(examples, Split) else self.preparation.answers(examples)
        if y is None:
            raise BadValue("there are no answers in these examples, so nothing can be compared: use predict")
        if not len(y):
            raise BadValue("there are no examples, so nothing can be compared")
        task = SimpleNamespace(**vars(self.task), preparation=self.preparation)
        return all_metrics(task, torch.from_numpy(self.outputs(examples)), torch.from_numpy(y))

    # ------------------------------------------------------------------ keeping

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write winner.json and weights.safetensors into a folder, which is made; see `nasedu.study.winner_files`."""
        from nasedu.study.winner_files import write

        write(self, folder)

    def export(self, path: str | os.PathLike[str], *, to: str = "python") -> Any:
        """Write the network into files that are used without nasedu.

        Args:
            path: the file to write; its ending is added.
            to: "python", one readable file of plain PyTorch and its weights; "torch", a program of `torch.export`; or
                "onnx" (extra `onnx`).

        Returns:
            `paths` of what was written, and `usage`, one line that loads it (`nasedu.export.Exported`).

        Raises:
            BadValue: another form, or a path that cannot be written. MissingExtra: `onnx` is not installed.
        """
        if to not in FORMS:
            raise BadValue(f"a network is exported to {', '.join(FORMS)}; given {to!r}")
        from nasedu import export

        shape = self.task.input_shape
        if to == "python":
            return export.export_python(self.module, shape, Path(path), about=self._about())
        return (export.export_torch if to == "torch" else export.export_onnx)(self.module, shape, Path(path))

    def _about(self) -> "About":
        """Return what a reader of the exported file should know."""
        card = self.task
        score = f"{card.metrics[0]} {self.tested.score:.4f}"
        found: About = {
            "title": f"{card.summary} Found by a search; {score} on the test split.",
            "licence": f"Data: {card.source}. Licence: {card.licence}.",
            "preprocessing": self.preparation.source(),
        }
        if card.classes:
            found["classes"] = card.classes
        return found

    @classmethod
    def load(cls, place: str | os.PathLike[str], *, study: int | None = None, space: Any = None) -> "Winner":
        """Load a winner from a folder that `save` wrote, or from the store of its study.

        Args:
            place: the folder, or the store.
            study: the number of the study, for a store in which several are finished.
            space: the space, if it is one of your own that cannot be made from its name.

        Raises:
            BadValue, StoreError: there is no winner; the message says what there is.
        """
        from nasedu.study.winner_files import read

        return read(place, study=study, space=space)

    def to_data(self) -> dict[str, Any]:
        """Return everything but the weights as plain data, for JSON."""
        return {
            "architecture": list(self.architecture),
            "space": dict(self.described),
            "recipe": asdict(self.recipe),
            "task": asdict(self.task),
            "preparation": self.preparation.to_data(),
            "chosen": json.loads(self.chosen.to_json()),
            "tested": json.loads(self.tested.to_json()),
            "versions": dict(self.versions),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any], weights: Mapping[str, np.ndarray], space: Any = None) -> "Winner":
        """Make the winner that `to_data` described.

        Raises:
            UnknownName: its space is in no registry here, and was not given.
        """
        card = TaskCard.from_data(data["task"])
        return cls(
            architecture=tuple(data["architecture"]),
            space=space or _rebuilt(data["space"], card),
            described=data["space"],
            recipe=Recipe(**data["recipe"]),
            weights=weights,
            task=card,
            preparation=from_data(data["preparation"]),
            chosen=Evaluation(**data["chosen"]),
            tested=Evaluation(**data["tested"]),
            versions=data["versions"],
        )

    @classmethod
    def of(cls, trainer: Any, chosen: Evaluation, tested: Evaluation) -> "Winner | None":
        """Return the winner of a search, from what `retrain_and_test` gave; None if that has no weights.

        A trainer whose architectures are no networks says what network it trained: `network_of(architecture)` returns
        (space, architecture, recipe).
        """
        if tested.weights is None or not tested.ok:
            return None
        space, architecture, recipe = network_of(trainer, tested.architecture)
        return cls(
            architecture=architecture,
            space=space,
            described=describe(space),
            recipe=recipe,
            weights=dict(tested.weights),
            task=TaskCard.of(trainer.task),
            preparation=preparation_of(trainer.task),
            chosen=chosen,
            tested=tested,
            versions=_versions(),
        )


def _rebuilt(description: Mapping[str, Any], card: TaskCard) -> Any:
    try:
        return spaces.rebuild(dict(description), card)
    except UnknownName as error:
        raise UnknownName(
            f"this network is of a space {description['name']!r}, which is not registered here: give the space, "
            "Winner.load(place, space=...)"
        ) from error


def network_of(trainer: Any, architecture: Architecture) -> tuple[Any, Architecture, Recipe]:
    """Return the space, the architecture and the recipe of the network that a trainer trains for an architecture."""
    for layer in nested(trainer):
        if hasattr(layer, "network_of"):
            return layer.network_of(architecture)
        space = layer.space  # of the innermost trainer: the whole space, if the search was pruned to a part of it
    return space, architecture, settings_of(trainer).recipe or Recipe()


def _versions() -> dict[str, str]:
    names = ("nasedu", "torch", "numpy")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}
