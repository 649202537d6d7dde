"""A small task of images, and small spaces for it."""

import numpy as np

from nasedu import spaces
from nasedu.tasks.base import Split, Task


def stripes(kind="classification", examples=144):
    """Return a task of noisy 6x6 images: stripes lie down, stand, or are absent."""
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=examples)
    wave = np.sin(np.arange(6) * 2.1)
    patterns = np.stack([np.tile(wave, (6, 1)), np.tile(wave, (6, 1)).T, np.zeros((6, 6))])
    X = (patterns[y] + rng.normal(0, 0.3, (examples, 6, 6))).astype(np.float32)[:, None]
    answers = y if kind == "classification" else np.stack([y, 1.0 - y, y], 1).astype(np.float32)
    parts = (Split(X[n::3], answers[n::3]) for n in range(3))
    return Task(f"stripes-{kind}", "", *parts, outputs=3, source="", licence="", kind=kind)


TASK = stripes()


def cell_201(task=TASK, **parameters):
    return spaces.load("cell-201", task, **{"width": 2, **parameters})


def darts(task=TASK, **parameters):
    return spaces.load("darts", task, **{"width": 2, "cells": 2, "nodes": 2, **parameters})


SPACES = {"cell-201": cell_201, "darts": darts}
