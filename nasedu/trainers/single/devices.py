"""Where a training runs: the device, and how many cores it may use."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch

from nasedu.core import BadValue


def pick_device(name: str) -> torch.device:
    """Return the device of this name; "auto" takes a GPU if there is one. Raises BadValue for one that is not there."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise BadValue(f"device {name!r} cannot be used here ({reason}); use 'auto' or 'cpu'") from error
    return device


PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}
"""Of the products. Weights, sums and the optimiser's memory stay in float32 (Micikevicius et al., "Mixed Precision
Training", ICLR 2018). A bfloat16 has the range of a float32 and 8 bits of its digits; processors that know it multiply
several times as fast, others are slower with it."""


def products_in(precision: str, device: torch.device) -> AbstractContextManager[object]:
    """Compute matrix products and convolutions inside in this precision."""
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, PRECISIONS[precision])


_limited = threading.Lock()
_inside: list[int] = []  # what torch used before the first of the limits that hold now


@contextmanager
def thread_limit(threads: int) -> Iterator[None]:
    """Limit torch to this number of cores in this thread; afterwards it uses as many as before.

    The number is one for the whole process, as well as one for each thread: when several trainings overlap, the one
    that leaves last puts back what the first one found.
    """
    with _limited:
        _inside.append(_inside[0] if _inside else torch.get_num_threads())
        torch.set_num_threads(threads)
    try:
        yield
    finally:
        with _limited:
            before = _inside.pop()
            if not _inside:
                torch.set_num_threads(before)
