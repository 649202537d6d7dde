"""The learned optimisers of lesson 14, and how they were trained.

    python -m nasedu.classroom.lessons.lesson_14.recording       # trains them again, in some two minutes

The benchmark trains the same ones, of more seeds (`tests/benchmarks/learned_optimizer.py`). Settings were chosen with
seed 0, which is not among these.
"""

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from nasedu.metalearning.learned_optimizer import LearnedOptimizer
from nasedu.metalearning.quadratics import Point, Quadratics

FILE = Path(__file__).with_name("rules.safetensors")
SEEDS = (1, 2, 3)
META_STEPS = {20: 400, 5: 1300}
"""Steps of meta-training by the length of a cut: about as many seconds for both."""


def fresh(unroll: int, seed: int) -> LearnedOptimizer:
    """Return a learner whose trainings are cut after `unroll` steps; it has learned nothing yet."""
    return LearnedOptimizer(Point(10), seed=seed, unroll=unroll, meta_rate=0.02, batch=32)


def trained(unroll: int, seed: int) -> LearnedOptimizer:
    """Return such a learner after its meta-training on quadratics, which takes some 16 s."""
    learner = fresh(unroll, seed)
    for _ in learner.meta_train(Quadratics(10), META_STEPS[unroll]):
        pass
    return learner


def recorded(unroll: int, seed: int) -> LearnedOptimizer:
    """Return such a learner with the rule that it had learned when it was recorded, for `optimiser_for`."""
    learner, prefix = fresh(unroll, seed), f"{unroll}/{seed}/"
    kept = {name: tensor for name, tensor in load_file(FILE).items() if name.startswith(prefix)}
    learner.rule.load_state_dict({name.removeprefix(prefix): tensor for name, tensor in kept.items()})
    return learner


def rule_of(learner: LearnedOptimizer) -> dict[str, torch.Tensor]:
    """Return the tensors of its rule as they are recorded."""
    rule = learner.rule.state_dict().items()
    return {f"{learner.unroll}/{learner.seed}/{name}": tensor.contiguous() for name, tensor in rule}


if __name__ == "__main__":
    torch.set_num_threads(1)
    save_file({k: v for unroll in META_STEPS for s in SEEDS for k, v in rule_of(trained(unroll, s)).items()}, FILE)
