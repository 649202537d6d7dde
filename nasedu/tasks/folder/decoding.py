"""From one image, in a file or in memory, to numbers of a common size. Pillow reads the files."""

import re
import warnings
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

BITS_8 = "8 bits"
WHOLE = "whole numbers of 16 or 32 bits"
FLOAT = "floating-point numbers"
COLOURS_16 = "colours of 16 bits, of which Pillow reads the upper 8"
"""What the pixels of an image are. Of the first it is known that 255 is white; the others need a scale."""

_PHONE, _CAMERA = "photos of a phone (export them as JPEG)", "raw files of a camera (export them as JPEG)"
_ADVICE = {
    _PHONE: ".heic .heif",
    _CAMERA: ".cr2 .cr3 .nef .arw .dng .raf .orf .rw2 .pef .srw .raw",
    "drawings or documents (export them as PNG)": ".svg .svgz .pdf .eps .ps .ai",
    "arrays (save each as TIFF, or make a nasedu.tasks.Task of them)": ".npy .npz .mat .h5 .hdf .hdf5",
    "medical or scientific images (save them as TIFF)": ".dcm .nii .mha .nrrd .fits .exr .hdr",
    "films (save frames of them as PNG)": ".mp4 .mov .avi .mkv .webm .mpg .mpeg",
    "archives (unpack them)": ".zip .tar .gz .tgz .7z .rar",
}
"""What to do about files that Pillow cannot read, or that it would read otherwise than one expects."""

_KIND = {suffix: kind for kind, suffixes in _ADVICE.items() for suffix in suffixes.split()}

_FRAMES = ("GIF", "TIFF", "PNG", "WEBP", "AVIF")
"""Formats whose further frames are pictures of their own; in a phone's MPO they are previews."""


class Unreadable(Exception):
    """An image that cannot be used. Its text continues "images ..." if the reason is known, else it is empty."""


class Header(NamedTuple):
    """What is known of an image before its pixels are read: size in pixels, colours, depth, and number of frames."""

    width: int
    height: int
    grey: bool
    depth: str
    frames: int


@cache
def _suffixes() -> frozenset[str]:
    from PIL import Image

    others = {suffix for suffix, kind in _KIND.items() if kind not in (_PHONE, _CAMERA)}
    return (frozenset(Image.registered_extensions()) | frozenset(_KIND)) - others


def is_image_name(name: str) -> bool:
    """Return whether a file is called like an image, one that Pillow reads or another."""
    return Path(name).suffix.lower() in _suffixes()


def advice_on(names: Iterable[str]) -> str:
    """Return what to do about files that are no readable images, by their suffixes; "" if there is no advice."""
    kinds = dict.fromkeys(f"{suffix} are {_KIND[suffix]}" for n in names if (suffix := Path(n).suffix.lower()) in _KIND)
    return f"; {', '.join(kinds)}" if kinds else ""


def opened(file: Path, look: Callable[[Any], Any]) -> Any:
    """Return what `look` gives for the image in a file.

    Raises:
        Unreadable: "" if Pillow cannot read it, else the reason.
    """
    from PIL import Image

    if _KIND.get(file.suffix.lower()) == _CAMERA:
        raise Unreadable("")  # Pillow would find the small preview in it
    try:
        if not file.is_file():  # a pipe would be waited for
            raise Unreadable("")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large images and of unusual metadata
            with Image.open(file) as image:
                if image.format == "EPS":  # would be drawn by another program
                    raise Unreadable("")
                return look(image)
    except (Unreadable, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        raise Unreadable(f"of more than {2 * (Image.MAX_IMAGE_PIXELS or 0):,} pixels; make them smaller") from error
    except Exception as error:  # a decoder may raise anything for a damaged file
        raise Unreadable("") from error


def header_of(image: Any) -> Header:
    """Return the header of an opened image."""
    grey = (image.mode[0] in "1LIF" and image.mode != "LAB") or "'LA;16" in str(getattr(image, "tile", ""))
    frames = getattr(image, "n_frames", 1) if image.format in _FRAMES else 1
    width, height = image.size
    return Header(width, height, grey, depth_of(image), frames)


def depth_of(image: Any) -> str:
    """Return what the pixels of an image are; ask before they are read."""
    if image.mode.startswith("I"):
        return WHOLE
    if image.mode == "F":
        return FLOAT
    deep = re.search(r"\b(?:RGB\w?|CMYK|LA);16[BLN]", str(getattr(image, "tile", "")))
    return COLOURS_16 if deep else BITS_8


def values_of(image: Any, side: int, channels: int) -> np.ndarray:
    """Return the middle square of an image, scaled: (channels, side, side), uint8 for 8 bits a channel, else float32.

    It is turned upright as its camera says, and laid on white where it is transparent.
    """
    from PIL import Image, ImageOps

    unsigned = image.mode == "I" and image.format == "TIFF" and _tag(image, 258) == 32 and _tag(image, 339) == 1
    upright = ImageOps.exif_transpose(image)
    if depth_of(image) in (WHOLE, FLOAT):
        values = np.asarray(upright)
        values = (values.view(np.uint32) if unsigned else values).astype(np.float32)
        if not np.isfinite(values).all():
            raise Unreadable("with values that are NaN or infinite; fill or remove them")
        fitted = ImageOps.fit(Image.fromarray(values), (side, side), Image.Resampling.BOX)
        return np.repeat(np.asarray(fitted, np.float32)[None], channels, axis=0)
    flat = _on_white(upright).convert("L" if channels == 1 else "RGB")
    fitted = ImageOps.fit(flat, (side, side), Image.Resampling.BOX)
    return np.asarray(fitted, np.uint8).reshape(side, side, channels).transpose(2, 0, 1)


def _tag(image: Any, number: int) -> int:
    return int(image.tag_v2.get(number, (1,))[0])


def _on_white(image: Any) -> Any:
    """Return the image on white instead of transparency, which could show hidden colours."""
    from PIL import Image

    if not image.has_transparency_data:
        return image
    seen = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen)
