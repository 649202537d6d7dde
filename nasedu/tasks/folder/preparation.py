"""From images of any size to the inputs of a network: fitted on the training images, used again on new ones."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nasedu.core import BadValue, check_counts
from nasedu.tasks.folder.decoding import BITS_8, FLOAT, WHOLE, Unreadable, advice_on, depth_of, opened, values_of
from nasedu.tasks.folder.finding import existing, find, told, tree_of
from nasedu.tasks.folder.plain_source import plain_source
from nasedu.tasks.preparation import Preparation
from nasedu.tasks.preparing import listed

MOST_SIDE = 512
"""Pixels of a side at most."""

MOST_BYTES = 2 * 10**9
"""Memory that the inputs of all images may take together, in bytes."""

_NOTES = (".txt", ".md", ".csv", ".tsv", ".json", ".xml", ".yaml", ".yml", ".html", ".log", ".py", ".ini")
"""Files next to images that nobody means as images: a prediction passes over them."""


def check_memory(where: str, count: int, channels: int, side: int, advice: str) -> None:
    """Raise BadValue if the inputs take more than 2 GB, with the largest side that fits."""
    if count * channels * side * side * 4 <= MOST_BYTES:
        return
    needed, fits = count * channels * side * side * 4 / 1e9, int((MOST_BYTES / (count * channels * 4)) ** 0.5)
    smaller = f"take side={fits} or less" if fits >= 4 else "take fewer images"
    raise BadValue(
        f"{where}: {count} images of {channels}x{side}x{side} pixels need {needed:.1f} GB of memory; at most "
        f"{MOST_BYTES / 1e9:g} GB are used: {smaller}{advice}"
    )


class Images(Preparation):
    """Makes inputs of images: the middle square, scaled to one side, from 0 to 1.

    Args:
        side: pixels of a side.
        channels: 1 for shades of grey, 3 for colours.
        scales: for each depth of the training images, the values that become 0 and 1; what lies outside is cut off.
        classes: the names of the classes 0, 1, ...
    """

    kind = "images"

    def __init__(self, side: int, channels: int, scales: Mapping[str, Sequence[float]], classes: Sequence[str]):
        check_counts(side=side, channels=channels)
        self.side, self.channels, self.classes = side, channels, tuple(classes)
        self.scales = {depth: (float(low), float(high)) for depth, (low, high) in scales.items()}

    @classmethod
    def fitted(cls, values: np.ndarray, depths: np.ndarray, train: np.ndarray, classes: Sequence[str]) -> "Images":
        """Return the preparation of images whose sides and channels are common already.

        255 is white for 8 bits. Nobody can know white of deeper images: 12 bits in 16, floats of any range. There, the
        least and the greatest value of the training images become 0 and 1.

        Args:
            values: (images, channels, side, side).
            depths: of each image.
            train: the places of the training images; for a depth that none of them has, all images count.
            classes: the names of the classes.
        """
        scales = {}
        for depth in sorted(set(depths.tolist())):
            of_it = np.flatnonzero(depths == depth)
            of_it = np.intersect1d(of_it, train) if np.isin(of_it, train).any() else of_it
            low, high = min(float(values[n].min()) for n in of_it), max(float(values[n].max()) for n in of_it)
            scales[depth] = (0.0, 255.0) if depth == BITS_8 else (low, high if high > low else low + 1)
        _, channels, side, _ = values.shape
        return cls(side, channels, scales, classes)

    def parameters(self) -> dict[str, Any]:
        scales = {depth: list(scale) for depth, scale in self.scales.items()}
        return {"side": self.side, "channels": self.channels, "scales": scales, "classes": list(self.classes)}

    def inputs(self, raw: Any) -> np.ndarray:
        """Return the inputs of images: float32, shape (images, channels, side, side), from 0 to 1.

        Args:
            raw: a folder (all images in it, in the order of their names), an image file, a Pillow image, or a list of
                files, Pillow images or arrays. An array of images has shape (images, height, width) or
                (images, height, width, channels): uint8, or as deep as the training images were.

        Raises:
            BadValue: there are no images; files that are no readable images; images of another depth than the training
                images; arrays of another shape; or more than 2 GB.
        """
        sources = _sources(raw)
        check_memory("these images", len(sources), self.channels, self.side, ", or predict a part of them at a time")
        X = np.empty((len(sources), self.channels, self.side, self.side), np.float32)
        failed: dict[str, list[str]] = {}
        for n, (name, source) in enumerate(sources):
            try:
                depth, values = decoded(source, self.side, self.channels)
            except Unreadable as error:
                failed.setdefault(str(error), []).append(name)
                continue
            if depth not in self.scales:
                raise BadValue(
                    f"{name} has {depth}, and the training images have {' or '.join(self.scales)}; convert it in the "
                    "way the training images were made"
                )
            X[n] = self.scaled(values[None], [depth], np.zeros(1, np.int64))[0]
        if failed:
            names = [name for names in failed.values() for name in names]
            why = "; ".join(f"{listed(names)}: {reason}" for reason, names in failed.items() if reason)
            raise BadValue(
                f"{len(names)} of {len(sources)} files are no images that can be read: {listed(names)}"
                f"{f' ({why})' if why else ''}{advice_on(names)}; nothing was predicted: remove or mend them first"
            )
        return X

    def scaled(self, values: np.ndarray, depths: Sequence[str] | np.ndarray, places: np.ndarray) -> np.ndarray:
        """Return the images at some places of (images, channels, side, side) as float32 from 0 to 1."""
        X = np.empty((len(places), *values.shape[1:]), np.float32)
        for x, n in zip(X, places, strict=True):
            low, high = self.scales[str(depths[n])]
            x[...] = ((values[n].astype(np.float64) - low) / (high - low)).clip(0, 1)
        return X

    def source(self) -> str:
        """Return plain Python that defines `prepare(files)` and `read(path)`; "" if images have several depths."""
        if len(self.scales) != 1:
            return ""
        ((depth, scale),) = self.scales.items()
        return plain_source(self.side, self.channels, scale, deep=depth in (WHOLE, FLOAT))

    def scales_said(self) -> list[str]:
        """Return a sentence on each scale that was fitted."""
        return [
            f"{depth}: {low:g} became 0 and {high:g} became 1, the least and the greatest value of the training images"
            for depth, (low, high) in self.scales.items()
            if depth != BITS_8
        ]

    def names(self, raw: Any) -> list[str]:
        """Return the name of each image: below the folder, as it was given, or its number."""
        return [name for name, _ in _sources(raw)]

    def answers(self, raw: Any) -> np.ndarray | None:
        """Return the class of each image, int64, if the folder holds folders named after classes, else None.

        Raises:
            BadValue: some of the folders are named after classes, and others are not.
        """
        if not _is_path(raw) or not existing(raw).is_dir():
            return None
        tree = tree_of(existing(raw), f"folder {str(raw)!r}", "images")
        try:
            found = find(tree, f"folder {str(raw)!r}")
        except BadValue:  # no folders of classes: nothing to compare with
            return None
        unknown = [name for name in found.names if name not in self.classes]
        labels = {file.told: file.label for file in found.files}
        places = [labels.get(name, -1) for name in self.names(raw)]
        if len(unknown) == len(found.names) or -1 in places:
            return None
        if unknown:
            raise BadValue(
                f"folder {str(raw)!r}: {listed([repr(name) for name in unknown])} are no classes of this network; its "
                f"classes are {listed(self.classes, 20)}"
            )
        return np.array([self.classes.index(found.names[place]) for place in places], np.int64)


def decoded(source: Any, side: int, channels: int) -> tuple[str, np.ndarray]:
    """Return depth and values of an image, in a file or in memory. Raises Unreadable."""

    def look(image: Any) -> tuple[str, np.ndarray]:
        return depth_of(image), values_of(image, side, channels)

    return opened(source, look) if isinstance(source, Path) else look(source)


# ---------------------------------------------------------------------- what can be given


def _is_path(raw: Any) -> bool:
    return isinstance(raw, str | os.PathLike)


def _sources(raw: Any) -> list[tuple[str, Any]]:
    """Return name and file, or name and Pillow image, of each image."""
    from PIL import Image

    if _is_path(raw):
        return _in_folder(existing(raw), raw) if existing(raw).is_dir() else [_file(raw)]
    if isinstance(raw, Image.Image):
        return [("0", raw)]
    if isinstance(raw, np.ndarray):
        _check_many(raw)
    elif not isinstance(raw, Iterable):
        raise BadValue(f"expected a folder, a file, or images; given {type(raw).__name__}")
    sources: list[tuple[str, Any]] = []
    for n, one in enumerate(raw):
        if _is_path(one):
            sources.append(_file(one))
        else:
            sources.append((str(n), one if isinstance(one, Image.Image) else _picture(one, f"image {n}")))
    if not sources:
        raise BadValue("there are no images in what was given; expected at least one")
    return sources


def _file(path: Any) -> tuple[str, Path]:
    if existing(path).is_dir():
        raise BadValue(f"{os.fspath(path)!r} is a folder; give it alone, or give a list of files")
    if not existing(path).is_file():
        raise BadValue(f"there is no file {os.fspath(path)!r}; expected an image or a folder of images")
    return os.fspath(path), existing(path)


def _in_folder(path: Path, raw: Any) -> list[tuple[str, Any]]:
    where = f"folder {os.fspath(raw)!r}"
    tree = tree_of(path, where, "images")
    if tree.closed:
        raise BadValue(f"{where}: some folders in it cannot be opened: {listed(tree.closed)}; change their permissions")
    files = sorted((told(place), path.joinpath(*place)) for place in tree.below(()))
    files = [(name, file) for name, file in files if file.suffix.lower() not in _NOTES]
    if not files:
        raise BadValue(f"{where} holds no images; expected images, at any depth")
    return list(files)


def _check_many(images: np.ndarray) -> None:
    """Raise BadValue for an array that is not clearly many images with their channels last."""
    deep = images.ndim == 4 and images.shape[3] <= 4
    if not deep and not (images.ndim == 3 and images.shape[2] > 4):
        one = "; if this is one image, give it in a list" if images.ndim in (2, 3) else ""
        raise BadValue(
            "an array of images has shape (images, height, width) or (images, height, width, channels); given "
            f"{images.shape}{one}"
        )


def _picture(array: Any, name: str) -> Any:
    """Return an array of one image, (height, width) or (height, width, channels), as a Pillow image."""
    from PIL import Image

    image = np.asarray(array)
    image = image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image
    image = image.astype(np.uint8) * 255 if image.dtype == bool else image
    colours = image.ndim == 3 and image.shape[2] in (2, 3, 4)
    if image.size and image.dtype == np.uint8 and (image.ndim == 2 or colours):
        return Image.fromarray(np.ascontiguousarray(image))
    if image.size and image.ndim == 2 and image.dtype.kind in "iuf":
        if image.dtype.kind == "f":
            return Image.fromarray(image.astype(np.float32))
        if np.iinfo(np.int32).min <= image.min() and image.max() <= np.iinfo(np.int32).max:
            return Image.fromarray(image.astype(np.int32))
    raise BadValue(
        f"{name} is {image.dtype} {image.shape}; expected uint8 (height, width) or (height, width, 3), or deeper "
        "shades of grey (height, width)"
    )
