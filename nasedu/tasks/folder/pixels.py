"""From the files of all classes to one array of pixels, and what is said of those that cannot be read."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from nasedu.core import BadValue, counted
from nasedu.tasks.folder.decoding import BITS_8, Header, Unreadable, advice_on, header_of, opened
from nasedu.tasks.folder.finding import File
from nasedu.tasks.folder.preparation import check_memory, decoded
from nasedu.tasks.preparing import listed

SIDES = (8, 32)
"""The default side is the median of the images' shorter sides, limited to this range, in pixels."""


@dataclass
class Pixels:
    """The images that could be read.

    Attributes:
        values: (images, channels, side, side), uint8 if all images have 8 bits a channel, else float32.
        depths: of each image, what its pixels are.
        files: of each image.
        size: a sentence on how the images came to one size.
    """

    values: np.ndarray
    depths: np.ndarray
    files: list[File]
    size: str

    def keys(self) -> list[bytes]:
        """Return a hash of each image: equal for equal pixels of one depth."""
        return [depth.encode() + key for depth, key in zip(self.depths.tolist(), keys_of(self.values), strict=True)]

    def at(self, places: np.ndarray) -> "Pixels":
        """Return the images at these places."""
        if len(places) == len(self.files):
            return self
        return Pixels(self.values[places], self.depths[places], [self.files[n] for n in places], self.size)


def keys_of(arrays: Iterable[np.ndarray]) -> list[bytes]:
    """Return a hash of each array, so that not all bytes are held twice."""
    return [hashlib.sha256(array.tobytes()).digest() for array in arrays]


def read(files: Sequence[File], side: int | None, channels: int | None, where: str) -> tuple[Pixels, list[str]]:
    """Return the pixels of all images that can be read, and sentences on the others.

    Raises:
        BadValue: there is none, or the pixels would take more than 2 GB; nothing was allocated.
    """
    failed: dict[str, list[str]] = {}
    headers = _headers(files, failed)
    if not headers:
        raise BadValue(_none_of(files, failed, where))
    shorter = np.sort([min(header.width, header.height) for _, header in headers])
    side = side or int(np.clip(shorter[len(shorter) // 2], *SIDES))
    channels = channels or (1 if all(header.grey for _, header in headers) else 3)
    check_memory(where, len(headers), channels, side, "" if channels == 1 else ", or channels=1")
    deep = any(header.depth != BITS_8 for _, header in headers)
    values = np.empty((len(headers), channels, side, side), np.float32 if deep else np.uint8)
    depths: list[str] = []
    kept: list[File] = []
    frames: list[str] = []
    for file, header in headers:
        try:
            depth, values[len(kept)] = decoded(file.path, side, channels)
        except Unreadable as error:
            failed.setdefault(str(error), []).append(file.told)
            continue
        depths.append(depth)
        kept.append(file)
        frames += [file.told] if header.frames > 1 else []
    if not kept:
        raise BadValue(_none_of(files, failed, where))
    said = [_left_out(reason, sorted(names)) for reason, names in failed.items()]
    if frames:
        said.append(f"took only the first frame or page of {counted(len(frames), 'image')}: {listed(frames)}")
    span = f"{shorter[0]} to {shorter[-1]}" if shorter[0] < shorter[-1] else f"{shorter[0]}"
    size = (
        f"from the middle of each image a square became {side}x{side} pixels in "
        f"{'shades of grey' if channels == 1 else 'colours'}; their shorter sides have {span} pixels"
    )
    return Pixels(values[: len(kept)], np.array(depths), kept, size), said


def _headers(files: Sequence[File], failed: dict[str, list[str]]) -> list[tuple[File, Header]]:
    headers = []
    for file in files:
        try:
            headers.append((file, opened(file.path, header_of)))
        except Unreadable as error:
            failed.setdefault(str(error), []).append(file.told)
    return headers


def _left_out(reason: str, names: list[str]) -> str:
    """Return the sentence on files that cannot be used for one reason (see `Unreadable`)."""
    if not reason:
        return f"left out {counted(len(names), 'file')} without a readable image: {listed(names)}{advice_on(names)}"
    what, _, advice = reason.partition("; ")
    return f"left out {counted(len(names), 'image')} {what}: {listed(names)}; {advice}"


def _none_of(files: Sequence[File], failed: dict[str, list[str]], where: str) -> str:
    names = [file.told for file in files]
    reasons = "".join(f"; {listed(of)} are images {reason}" for reason, of in failed.items() if reason)
    can = f"none of its {len(files)} files is an image that Pillow can read"
    return f"{where}: {can}: {listed(names)}{advice_on(names)}{reasons}"
