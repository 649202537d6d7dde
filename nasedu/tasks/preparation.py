"""From what a task was made of to what a network sees: fitted once, kept with the network, used again on new examples.

A task that was read from a table or from images carries its preparation. A finished search saves it with the network,
so that `Winner.predict` takes what the task was made from: a table with its columns, or images of any size.
"""

import importlib
import os
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

from nasedu.core import BadValue

_KINDS = {
    "arrays": "nasedu.tasks.preparation:Arrays",
    "table": "nasedu.tasks.table.preparation:Table",
    "images": "nasedu.tasks.folder.preparation:Images",
}
"""Every preparation, by the `kind` that its plain data begins with."""


class Preparation(ABC):
    """Turns raw examples into the inputs of a network.

    Attributes:
        kind: the name under which its plain data is read again (`from_data`).
    """

    kind: ClassVar[str]

    @abstractmethod
    def inputs(self, raw: Any) -> np.ndarray:
        """Return the inputs of raw examples: float32, shape (examples, *input_shape), in their order.

        Raises:
            BadValue: what is missing or unknown, by name, and what was expected.
        """

    def answers(self, raw: Any) -> np.ndarray | None:
        """Return the right answers that stand in the raw examples, as `Split.y` holds them; None if there are none."""
        return None

    def names(self, raw: Any) -> list[str]:
        """Return a name for each raw example, such as its file; by default its number, from 0."""
        return [str(number) for number in range(len(self.inputs(raw)))]

    def restored(self, outputs: np.ndarray) -> np.ndarray:
        """Return the outputs of a regression in the units of the raw answers; shape (examples, outputs)."""
        return outputs

    @abstractmethod
    def parameters(self) -> dict[str, Any]:
        """Return what makes an equal preparation, as plain data: the arguments of its class."""

    def source(self) -> str:
        """Return Python without nasedu that defines `prepare(...)`, which does what `inputs` does; "" for nothing.

        It stands in the file that `nasedu export --to python` writes.
        """
        return ""

    def to_data(self) -> dict[str, Any]:
        """Return the preparation as plain data, for JSON."""
        return {"kind": self.kind, **self.parameters()}


class Arrays(Preparation):
    """Takes arrays as they are: for tasks whose examples are arrays already.

    Args:
        input_shape: the shape of one example.
    """

    kind = "arrays"

    def __init__(self, input_shape: tuple[int, ...]):
        self.input_shape = tuple(input_shape)

    def inputs(self, raw: Any) -> np.ndarray:
        """Return the array, or that of a .npy file, as float32.

        Raises:
            BadValue: another shape, values that are not finite, or no such file.
        """
        X = _array_in(raw) if isinstance(raw, str | os.PathLike) else np.asarray(raw)
        if X.shape[1:] != self.input_shape or X.dtype.kind not in "fiub":
            raise BadValue(
                f"this network takes an array of numbers, shape (examples, {', '.join(map(str, self.input_shape))}); "
                f"given {X.dtype} {X.shape}"
            )
        X = X.astype(np.float32)
        if not np.isfinite(X).all():
            raise BadValue(f"{int((~np.isfinite(X)).sum())} values are NaN or infinite; fill or remove them first")
        return X

    def parameters(self) -> dict[str, Any]:
        return {"input_shape": list(self.input_shape)}


def _array_in(path: str | os.PathLike[str]) -> np.ndarray:
    try:
        return np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise BadValue(
            f"{str(path)!r} is no .npy file with an array of numbers ({error}); write one with numpy.save"
        ) from error


def preparation_of(task: Any) -> Preparation:
    """Return the preparation of a task; for a task that was made of arrays, `Arrays`."""
    return getattr(task, "preparation", None) or Arrays(task.input_shape)


def from_data(data: dict[str, Any]) -> Preparation:
    """Make the preparation that `to_data` described. Raises BadValue for an unknown kind."""
    kind = data.get("kind")
    if kind not in _KINDS:
        raise BadValue(f"a preparation of the kind {kind!r} is unknown; known: {', '.join(_KINDS)}")
    module, _, name = _KINDS[kind].partition(":")
    return getattr(importlib.import_module(module), name)(**{k: v for k, v in data.items() if k != "kind"})
