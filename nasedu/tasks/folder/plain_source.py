"""The preparation of images as plain Python, for a file that is used without nasedu."""

_PREPARE = '''
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

SIDE, CHANNELS = {side}, {channels}
LOW, HIGH = {low!r}, {high!r}


def prepare(files):
    """Return the inputs of image files: float32, (images, {channels}, {side}, {side}), from 0 to 1."""
    return torch.stack([_pixels(Image.open(file)) for file in files])


def read(path):
    """Return an image file in a list; of a folder all images in it, at any depth, in the order of their names."""
    if not Path(path).is_dir():
        return [path]
    endings = Image.registered_extensions()
    return sorted(file for file in Path(path).rglob("[!.]*") if file.suffix.lower() in endings)


def _pixels(image):
    """Return the middle square of an image, upright, on white, scaled to SIDE."""
    image = ImageOps.exif_transpose(image)
{convert}
    fitted = np.asarray(ImageOps.fit(image, (SIDE, SIDE), Image.Resampling.BOX))
    values = np.broadcast_to(fitted.reshape(SIDE, SIDE, -1), (SIDE, SIDE, CHANNELS)).transpose(2, 0, 1)
    return torch.tensor(((values.astype(np.float64) - LOW) / (HIGH - LOW)).clip(0, 1), dtype=torch.float32)
'''

_SHALLOW = """\
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("L" if CHANNELS == 1 else "RGB")"""

_DEEP = "    image = Image.fromarray(np.asarray(image).astype(np.float32))"


def plain_source(side: int, channels: int, scale: tuple[float, float], deep: bool) -> str:
    """Return Python that defines `prepare(files)` and `read(path)`.

    Args:
        side, channels: of the inputs.
        scale: the values that become 0 and 1.
        deep: whether the images have more than 8 bits.
    """
    low, high = scale
    convert = _DEEP if deep else _SHALLOW
    return _PREPARE.format(side=side, channels=channels, low=low, high=high, convert=convert).lstrip("\n")
