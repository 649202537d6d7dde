"""What answers are worth: metrics of a network's outputs on examples it was not trained on."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from nasedu.trainers.failures import TrainingStopped

BINS = 15
"""Of the calibration error, as in the paper."""


def score_of(task: Any, outputs: torch.Tensor, y: torch.Tensor) -> float:
    """Return the score of a task: its first metric, of which higher is better.

    Args:
        task: with its `kind` and `metrics`.
        outputs: float of shape (examples, outputs); for classification logits.
        y: the right answers, as in `nasedu.tasks.Split`.

    Raises:
        TrainingStopped: an output is NaN or infinite (`diverged`).
    """
    name = task.metrics[0]
    if name == "accuracy":
        return accuracy(outputs, y)
    return METRICS[task.kind][name](Answers.of(outputs, y))


def all_metrics(task: Any, outputs: torch.Tensor, y: torch.Tensor) -> dict[str, Any]:
    """Return every metric of the task's kind by name, as plain numbers and lists; arguments as for `score_of`.

    Where the task names its classes, `classes` holds the names: a report shows them next to the confusions. Where the
    task has standardised its answers, an `rmse` is in the units of the raw ones.
    """
    answers = Answers.of(outputs, y)
    classes = list(getattr(task, "classes", ()))
    found = {name: metric(answers) for name, metric in METRICS[task.kind].items()}
    preparation = getattr(task, "preparation", None)
    if preparation and "rmse" in found:
        found["rmse"] = METRICS[task.kind]["rmse"](Answers(*map(preparation.restored, answers)))
    return {**found, "classes": classes} if classes else found


def accuracy(outputs: torch.Tensor, y: torch.Tensor) -> float:
    """Return the share of right answers, from 0 to 1; computed without scikit-learn, as it is needed every epoch."""
    found = (outputs.argmax(1) == y).sum()
    right = int(torch.where(outputs.isfinite().all(), found, -1))  # one number off a GPU, which waits for each
    if right < 0:
        raise _diverged(outputs)
    return right / len(y)


def _diverged(outputs: torch.Tensor) -> TrainingStopped:
    broken = int((~outputs.isfinite()).any(1).sum())
    return TrainingStopped("diverged", f"the answers to {broken} of {len(outputs)} examples were NaN or infinite")


class Answers(NamedTuple):
    """What was right and what a network gave, in the same order, for numpy.

    truth: int64, (examples,) for classes; float64, (examples, outputs) for numbers. outputs: float64, (examples,
    outputs).
    """

    truth: np.ndarray
    outputs: np.ndarray

    @classmethod
    def of(cls, outputs: torch.Tensor, y: torch.Tensor) -> "Answers":
        """Raise TrainingStopped if an output is NaN or infinite."""
        if not outputs.isfinite().all():
            raise _diverged(outputs)
        truth = y.cpu()
        return cls((truth.double() if truth.is_floating_point() else truth).numpy(), outputs.cpu().double().numpy())

    @property
    def classes(self) -> np.ndarray:
        """Return the class that each example was taken for."""
        return self.outputs.argmax(1)

    @property
    def probabilities(self) -> np.ndarray:
        """Return the probability of each class, (examples, outputs): the softmax of the outputs."""
        powers = np.exp(self.outputs - self.outputs.max(1, keepdims=True))
        return powers / powers.sum(1, keepdims=True)


# ---------------------------------------------------------------------- classes


def _share_right(answers: Answers) -> float:
    from sklearn.metrics import accuracy_score

    return float(accuracy_score(answers.truth, answers.classes))


def balanced_accuracy(answers: Answers) -> float:
    """Return the mean over the classes that occur of the share of their examples that was recognised.

    The same as `recall` where every class occurs. scikit-learn's own function warns of answers that never were right.
    """
    from sklearn.metrics import recall_score

    return float(recall_score(answers.truth, answers.classes, labels=np.unique(answers.truth), average="macro"))


def precision(answers: Answers) -> float:
    """Return the mean precision of the classes: the share of right answers among those for a class, or 0."""
    from sklearn.metrics import precision_score

    return float(precision_score(answers.truth, answers.classes, average="macro", zero_division=0))


def recall(answers: Answers) -> float:
    """Return the mean over the classes, those answered or right at least once, of the share that was recognised."""
    from sklearn.metrics import recall_score

    return float(recall_score(answers.truth, answers.classes, average="macro", zero_division=0))


def f1(answers: Answers) -> float:
    """Return the mean over the classes of the harmonic mean of precision and recall."""
    from sklearn.metrics import f1_score

    return float(f1_score(answers.truth, answers.classes, average="macro", zero_division=0))


def log_loss(answers: Answers) -> float:
    """Return the mean of -ln(probability of the right class), in nats; lower is better.

    A probability below 2.2e-16, the resolution of the numbers, counts as that.
    """
    from sklearn.metrics import log_loss as sklearn_log_loss

    probabilities = answers.probabilities
    return float(sklearn_log_loss(answers.truth, probabilities, labels=np.arange(probabilities.shape[1])))


def calibration_error(answers: Answers) -> float:
    """Return how far confidence and accuracy are apart: the expected calibration error, from 0 to 1; lower is better.

    Examples are sorted into 15 bins of equal width by their confidence, the probability of the class answered: bin m
    holds those in ((m - 1) / 15, m / 15]. The error is the mean of |accuracy - mean confidence| over the bins, each
    weighted by its share of the examples.

    C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, section 2,
    equation 3. scikit-learn has no function for it.
    """
    confidence = answers.probabilities.max(1)
    right = answers.classes == answers.truth
    bins = np.digitize(confidence, np.linspace(0, 1, BINS + 1)[1:-1], right=True)
    gaps = np.bincount(bins, weights=right - confidence, minlength=BINS)  # |B| (accuracy - mean confidence)
    return float(np.abs(gaps).sum() / len(confidence))


def confusion(answers: Answers) -> list[list[int]]:
    """Return how often each class (row) was taken for which (column)."""
    from sklearn.metrics import confusion_matrix

    classes = np.arange(answers.outputs.shape[1])
    found: list[list[int]] = confusion_matrix(answers.truth, answers.classes, labels=classes).tolist()
    return found


# ---------------------------------------------------------------------- numbers


def r2(answers: Answers) -> float:
    """Return the coefficient of determination, the mean over the outputs: 1 is perfect, 0 is always the mean."""
    truth, outputs = answers
    if truth.shape == outputs.shape:  # what scikit-learn computes, without its checks: they take most of its time
        misses, spread = ((truth - outputs) ** 2).sum(0), ((truth - truth.mean(0)) ** 2).sum(0)
        if np.all(spread > 0) and np.all(np.isfinite(misses)):
            return float(np.mean(1 - misses / spread))
    from sklearn.metrics import r2_score

    return float(r2_score(truth, outputs))


def rmse(answers: Answers) -> float:
    """Return the root of the mean squared error, in units of the answers, as mean over the outputs; lower is better."""
    from sklearn.metrics import root_mean_squared_error

    return float(root_mean_squared_error(answers.truth, answers.outputs))


METRICS: dict[str, dict[str, Callable[[Answers], Any]]] = {
    "classification": {
        "accuracy": _share_right,
        "balanced_accuracy": balanced_accuracy,
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "log_loss": log_loss,
        "calibration_error": calibration_error,
        "confusion": confusion,
    },
    "regression": {"r2": r2, "rmse": rmse},
}
"""By the kind of a task, and by name; `nasedu.tasks.base.METRICS` names those that a task may ask for."""
