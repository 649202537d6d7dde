"""Small tasks and networks, on which every method takes a blink."""

import numpy as np
import torch
from torch import nn

from nasedu.metalearning import load
from nasedu.metalearning.examples import TensorBatch, on_device
from nasedu.metalearning.few_shot import FewShotTasks, Pool
from nasedu.metalearning.networks import image_network
from nasedu.metalearning.sinusoids import Sinusoids
from nasedu.spaces.cell_201 import Cell201

WAVES = Sinusoids(shots=4, queries=3)
RNG = np.random.default_rng(0)


def blobs(classes=(6, 7), each=8, seed=0):
    """Return a pool of images of 4x4 pixels: each class is a pattern, under noise; one group has 6 classes."""
    rng = np.random.default_rng(seed)
    count = sum(classes)
    patterns = rng.normal(size=(count, 1, 4, 4))
    y = np.repeat(np.arange(count), each)
    X = patterns[y] + rng.normal(size=(len(y), 1, 4, 4))
    names = tuple(f"class {n}" for n in range(count))
    groups = np.repeat(np.arange(len(classes)), classes)
    return Pool("blobs", X.astype(np.float32), y, groups, names, tuple(f"group {n}" for n in range(len(classes))))


BLOBS = FewShotTasks(blobs(), ways=3, shots=2, queries=2)


def wave_net():
    return nn.Sequential(nn.Linear(1, 6), nn.Tanh(), nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 1))


def image_net(outputs=3):
    return image_network((1, 4, 4), width=4, outputs=outputs)


def wave_batch(dtype=torch.float32, count=3):
    batch = on_device(WAVES.draw(count, np.random.default_rng(1)), torch.device("cpu"))
    return TensorBatch(*(type(part)(*(t.to(dtype) for t in part)) for part in batch))


def image_batch(count=3, tasks=BLOBS):
    return on_device(tasks.draw(count, np.random.default_rng(1)), torch.device("cpu"))


DESCENDING = ("maml", "first-order-maml", "anil", "meta-sgd", "reptile", "implicit-maml", "learned-optimizer")
COMPARING = ("prototypes", "matching", "centroid", "linear-probe", "fine-tuning")


def learner_of(name, **settings):
    """Return a small learner and tasks that it can learn."""
    if name == "implicit-maml":
        settings = {"inner_steps": 3, "solver_steps": 2, **settings}
    if name == "metanas":
        space = Cell201(input_shape=(1, 4, 4), outputs=3, width=2)
        return load(name, space, **{"batch": 3, "inner_steps": 2, "inner_rate": 0.1, **settings}), BLOBS
    if name == "learned-optimizer":
        settings = {"hidden": 6, "horizon": 20, "unroll": 10, **settings}
    if name in DESCENDING:
        return load(name, wave_net(), **{"batch": 3, **settings}), WAVES
    return load(name, image_network((1, 4, 4), width=4), **{"batch": 3, **settings}), BLOBS
