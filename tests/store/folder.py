"""What a folder holds, byte for byte: how a test sees that a refused store was left as it was."""

from pathlib import Path

from nasedu.core import Evaluation
from nasedu.store import Store, Trial


def contents(folder: Path) -> dict[str, bytes | None]:
    """Every file below the folder with its bytes, every folder with None."""
    return {str(p.relative_to(folder)): None if p.is_dir() else p.read_bytes() for p in sorted(folder.rglob("*"))}


def fill(path: Path, trials: int = 300, close: bool = True) -> Store:
    """A store with a study of so many trials."""
    store = Store(path)
    study = store.begin({"made": "up"})
    token = store.hold(study)
    made = [Trial(n, n, (f"layer-{n}", "stop"), {"epsilon": 1 / (n + 1)}) for n in range(trials)]
    store.add_batch(study, token, made)
    store.add_evaluations(study, token, {n: Evaluation((f"layer-{n}", "stop"), 1 / (n + 3)) for n in range(trials)})
    if close:
        store.release(study, token)
        store.close()
    return store
