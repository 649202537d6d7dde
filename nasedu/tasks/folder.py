"""A student's own images: a folder with one folder for each class.

    pets/cat/1.jpg  pets/cat/2.png  ...  pets/dog/1.jpg  ...

Pillow reads the images. The split is fixed: the same files give the same splits. Pillow's decoders decide the bytes:
for PNG they are the same everywhere; for JPEG another version may round a pixel differently.
"""

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from nasedu.core import BadValue
from nasedu.tasks.base import Task
from nasedu.tasks.preparing import check_classes, divide, first_copies, listed, task_of

SIDES = (8, 32)
"""The default side is the median of the images' shorter sides, limited to this range, in pixels."""

IGNORED = ("thumbs.db", "desktop.ini")
"""Files that an operating system makes; names that begin with a dot or two underscores are ignored too."""


def folder(path: str | Path, *, side: int | None = None, channels: int | None = None) -> Task:
    """Classify your own images, one folder for each class.

    Each image is rotated as its camera says. Transparent parts become white. A square is cut from its middle and scaled
    to the common side.

    Args:
        path: the folder that holds a folder for each class; images may lie deeper in those.
        side: pixels, at least 4; by default the median of the images' shorter sides, limited to 8 to 32.
        channels: 1 for shades of grey, 3 for colours; by default 1 if all images are grey.

    Returns:
        A classification task of inputs (channels, side, side), float32 from 0 to 1, classes in the order of their
        names. `load("folder/PATH")` gives the same, `load("folder/PATH:16x3")` with side 16 and 3 channels.

    Raises:
        BadValue: no such folder, no images, a single class, a class with fewer than 4 different images, or a side or
            channels out of range.

    Warns:
        UserWarning: unreadable files, and copies of an earlier image, are omitted; one warning for each of the two,
            with names and count.
    """
    if side is not None and (not isinstance(side, int) or isinstance(side, bool) or side < 4):
        raise BadValue(f"side is a whole number of pixels, at least 4; given {side!r}")
    if channels not in (None, 1, 3):
        raise BadValue(f"channels is 1 (grey) or 3 (colours); given {channels!r}")
    where = f"folder {str(path)!r}"
    files, names = _files(Path(path).expanduser(), where)
    pixels, labels, files = _read(files, side, channels, where)
    kept, original = first_copies(pixels)
    if len(kept) < len(pixels):
        copies = [f"{files[n][1]} (as {files[m][1]})" for n, m in enumerate(original) if n != m]
        _warn(f"{where}: left out {len(copies)} images that are copies of another once scaled: {listed(copies)}")
    pixels, y = pixels[kept], labels[kept]
    check_classes(where, names, y, "different images", "add images, or remove the folder")
    size = (f":{side or ''}" if side or channels else "") + (f"x{channels}" if channels else "")
    return task_of(
        divide((pixels / 255).astype(np.float32), y),
        name=f"folder/{path}{size}",
        summary=f"{listed(names)}? {len(y)} images of {pixels.shape[2]}x{pixels.shape[3]} pixels from your folder.",
        outputs=len(names),
        source=f"the images in {path}",
        licence="not stated: it is for the owner of the images to say",
    )


def folder_named(text: str) -> Task:
    """Classify your own images, one folder a class: `PATH`, `PATH:16` (side) or `PATH:16x3` (and channels)."""
    found = re.fullmatch(r"(.+?):(\d*)(?:x(\d+))?", text)
    if not found or not (found[2] or found[3]):
        return folder(text)
    return folder(found[1], side=int(found[2]) if found[2] else None, channels=int(found[3]) if found[3] else None)


File = tuple[Path, str, int]
"""The path of an image, its name below the folder of classes, and the number of its class."""


def _files(path: Path, where: str) -> tuple[list[File], list[str]]:
    """Return all files of all classes in the order of their names, and the names of the classes."""
    if not path.is_dir():
        what = "is a file" if path.exists() else "does not exist"
        raise BadValue(f"{where} {what}; expected a folder that holds one folder of images for each class")
    names = sorted(item.name for item in path.iterdir() if item.is_dir() and _counts(item))
    if not names:
        raise BadValue(f"{where} holds no folders; expected one folder of images for each class, named after it")
    files = []
    for label, name in enumerate(names):
        inside = ((item.relative_to(path).as_posix(), item) for item in (path / name).rglob("*") if item.is_file())
        files += [(item, told, label) for told, item in sorted(inside) if _counts(item)]
    if not files:
        raise BadValue(f"{where}: there are no images in its folders {listed(names)}; put some there")
    return files, names


def _counts(item: Path) -> bool:
    return not item.name.startswith((".", "__")) and item.name.lower() not in IGNORED


def _read(
    files: list[File], side: int | None, channels: int | None, where: str
) -> tuple[np.ndarray, np.ndarray, list[File]]:
    """Return pixels uint8 (images, channels, side, side), labels int64 (images,) and the files that could be read."""
    shapes = {told: _shape(file) for file, told, _ in files}
    good = [shape for shape in shapes.values() if shape]
    if good and side is None:
        side = int(np.clip(np.sort([shorter for shorter, _ in good])[len(good) // 2], *SIDES))
    if channels is None:
        channels = 1 if all(grey for _, grey in good) else 3
    pixels, read, broken = [], [], []
    for entry in files:
        image = _pixels(entry[0], side, channels) if side and shapes[entry[1]] else None
        if image is None:
            broken.append(entry[1])
        else:
            pixels.append(image)
            read.append(entry)
    if not read:
        raise BadValue(f"{where}: none of its {len(files)} files is an image that Pillow can read: {listed(broken)}")
    if broken:
        _warn(f"{where}: left out {len(broken)} files that are no readable images: {listed(broken)}")
    return np.stack(pixels), np.array([label for _, _, label in read], np.int64), read


def _shape(file: Path) -> tuple[int, bool] | None:
    """Return (shorter side, whether it is grey) from the header of the file, or None if it cannot be read."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of very large images and of unusual metadata
            with Image.open(file) as image:
                return min(image.size), image.mode[0] in "1LIF" and image.mode != "LAB"
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _pixels(file: Path, side: int, channels: int) -> np.ndarray | None:
    """Return the image as uint8 (channels, side, side), or None if it is broken."""
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(file) as opened:
                image: Any = _on_white(ImageOps.exif_transpose(opened))
            image = ImageOps.fit(image.convert("L" if channels == 1 else "RGB"), (side, side), Image.Resampling.BOX)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return np.asarray(image, np.uint8).reshape(side, side, channels).transpose(2, 0, 1)


def _on_white(image: Any) -> Any:
    """Return the image on white instead of transparency, which could show hidden colours, with 8 bits a channel."""
    from PIL import Image

    if image.mode.startswith("I"):  # 16 bits of grey
        return Image.fromarray((np.asarray(image).astype(np.int64).clip(0, 65535) >> 8).astype(np.uint8))
    if not image.has_transparency_data:
        return image
    seen = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen)


def _warn(message: str) -> None:
    warnings.warn(message, stacklevel=3)
