"""Sets of scikit-learn's as tasks, divided by a seed."""

import numpy as np
from sklearn import datasets

from nasedu.tasks.base import Sealed, Split, Task, split_indices
from nasedu.tasks.preparing import standardised


def task_of(name: str, seed: int) -> Task:
    """Return a set of scikit-learn's as a task: 60, 20 and 20 percent; numbers standardised by the training split."""
    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    regression = y.dtype.kind == "f"
    places = split_indices(np.zeros(len(y), int) if regression else y, seed)
    inputs = standardised(*(X[p] for p in places))
    answers = standardised(*(y[p][:, None] for p in places)) if regression else [y[p].astype(np.int64) for p in places]
    train, validation, test = map(Split, inputs, answers)
    return Task(
        name=name,
        summary=f"scikit-learn's {name}",
        train=train,
        validation=validation,
        test=Sealed(test),
        outputs=1 if regression else len(set(y)),
        source="scikit-learn",
        licence="see scikit-learn",
        kind="regression" if regression else "classification",
    )
