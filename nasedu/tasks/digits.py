"""Real handwritten digits, and three variants made from them.

The data: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998
(the 1,797 images of its test part, 8x8 pixels of 0 to 16, as scikit-learn ships them).

All four tasks split the same images in the same way: 60% training, 20% validation, 20% test, stratified. The pixels
are changed in whole numbers, so that the bytes are the same on every machine.
"""

from collections.abc import Callable

import numpy as np

from nasedu.core import rng_from
from nasedu.tasks.base import Sealed, Split, Task, split_indices

SOURCE = "E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI ML Repository, 1998"
LICENCE = "CC BY 4.0"


def digits() -> Task:
    """Classify handwritten digits, 0 to 9: 1,797 images of 8x8 pixels."""
    return _task("digits", digits, lambda images: images)


def digits_rotated() -> Task:
    """Classify digits, each image rotated by 0, 90, 180 or 270 degrees."""

    def turn(images: np.ndarray) -> np.ndarray:
        turns = rng_from(0, "digits-rotated").integers(4, size=len(images))
        return np.stack([np.rot90(image, k) for image, k in zip(images, turns, strict=True)])

    return _task("digits-rotated", digits_rotated, turn)


def digits_noisy() -> Task:
    """Classify digits under noise of up to half the brightness range on every pixel."""

    def disturb(images: np.ndarray) -> np.ndarray:
        noise = rng_from(0, "digits-noisy").integers(-8, 9, size=images.shape)
        return np.clip(images + noise, 0, 16)

    return _task("digits-noisy", digits_noisy, disturb)


def digits_shuffled() -> Task:
    """Classify digits after one fixed permutation of the pixels of all images: neighbourhoods have no meaning."""

    def shuffle(images: np.ndarray) -> np.ndarray:
        order = rng_from(0, "digits-shuffled").permutation(64)
        return images.reshape(-1, 64)[:, order].reshape(images.shape)

    return _task("digits-shuffled", digits_shuffled, shuffle)


def _task(name: str, maker: Callable[[], Task], change: Callable[[np.ndarray], np.ndarray]) -> Task:
    from sklearn.datasets import load_digits  # half a second, and only when a task is loaded

    data = load_digits()
    y = data.target.astype(np.int64)
    images = change(data.images.astype(np.int64))
    X = (images / 16).astype(np.float32)[:, None]
    train, validation, test = (Split(X[places], y[places]) for places in split_indices(y))
    return Task(
        name=name,
        summary=(maker.__doc__ or "").partition("\n")[0],
        train=train,
        validation=validation,
        test=Sealed(test),
        outputs=10,
        source=SOURCE,
        licence=LICENCE,
    )
