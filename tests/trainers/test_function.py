"""A training function as a trainer: whatever it is, returns or raises."""

import inspect
import pickle
import random
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
import torch

from nasedu import Study, controllers, spaces
from nasedu.core import BadValue, NoTest, describe, rng_from
from nasedu.testing import trainer_checks
from nasedu.trainers import Halving, Parallel, from_function
from nasedu.trainers.base import Continuing, Trainer

SPACE = spaces.load("mlp", type("Shapes", (), {"name": "any", "kind": "regression", "input_shape": (4,), "outputs": 2}))
ARCHITECTURES = [("16-relu", "stop"), ("stop",), ("32-tanh", "16-relu", "stop")]


def yields(architecture, epochs, seed):
    """Draws from generators of its own, and from every global one."""
    rng = rng_from(seed, *architecture)
    for _ in range(epochs):
        yield float(rng.random() + random.random() + np.random.random() + torch.rand(1))


def returns(architecture, epochs, seed):
    torch.manual_seed(seed)
    return max(torch.rand(epochs).tolist())


class Yielder:
    def __call__(self, architecture, epochs, seed):
        yield from yields(architecture, epochs, seed)


MADE = {
    "yields": lambda: from_function(yields, SPACE, test=returns),
    "patient": lambda: from_function(yields, SPACE, test=yields, patience=1),
    "returns": lambda: from_function(returns, SPACE, test=returns),
    "object": lambda: from_function(Yielder(), SPACE, test=yields, version="1"),
    "halved": lambda: Halving(from_function(yields, SPACE, test=returns), factor=2),
}


@pytest.mark.parametrize("check", trainer_checks, ids=lambda check: check.__name__)
@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_it_keeps_the_contract_of_a_trainer(make, check):
    check(make(), ARCHITECTURES)


def test_only_a_function_that_yields_can_be_gone_on_with():
    assert {name: isinstance(make(), Continuing) for name, make in MADE.items()} == {
        "yields": True,
        "patient": True,
        "returns": False,
        "object": True,
        "halved": False,
    }
    assert all(isinstance(make(), Trainer) for make in MADE.values())
    with pytest.raises(BadValue, match="cannot: it has no `extend`"):
        Halving(MADE["returns"]())


class Counts:
    """Counts the epochs that are trained."""

    def __init__(self, curve):
        self.curve = curve
        self.trained = 0

    def __call__(self, architecture, epochs, seed):
        for score in self.curve[:epochs]:
            self.trained += 1
            yield score


def test_a_training_waits_in_this_process_and_is_run_again_in_another():
    counts = Counts([0.1, 0.2, 0.3, 0.4])
    trainer = from_function(counts, SPACE, version="1")
    ((first, state),) = trainer.extend([("stop",)], epochs=1, seed=0, total=4)
    sent = pickle.loads(pickle.dumps(state))
    ((then, _),) = trainer.extend([("stop",)], epochs=3, seed=0, total=4, states=[state])
    assert (first.curve, then.curve, counts.trained) == ((0.1,), (0.1, 0.2, 0.3), 3)
    ((again, _),) = trainer.extend([("stop",)], epochs=3, seed=0, total=4, states=[sent])
    assert (again.curve, counts.trained) == ((0.1, 0.2, 0.3), 6)
    ((twice, _),) = trainer.extend([("stop",)], epochs=2, seed=0, total=4, states=[state])  # it waits for one alone
    assert (twice.curve, counts.trained) == ((0.1, 0.2), 8)
    ((other, _),) = trainer.extend([("stop",)], epochs=2, seed=1, total=4, states=[sent])  # of another seed
    assert (other.curve, counts.trained) == ((0.1, 0.2), 10)
    ahead = pickle.loads(pickle.dumps(trainer.extend([("stop",)], epochs=3, seed=0, total=4)[0][1]))
    with pytest.raises(BadValue, match=r"3 epochs of .* are done already; asked for 2"):
        trainer.extend([("stop",)], epochs=2, seed=0, total=4, states=[ahead])


def test_a_training_that_nobody_goes_on_with_is_let_go():
    ended = []

    def train(architecture, epochs, seed):
        try:
            yield from (1.0 for _ in range(epochs))
        finally:
            ended.append(architecture)

    found = from_function(train, SPACE).extend([("stop",)], epochs=1, seed=0, total=4)
    assert ended == []
    del found
    assert ended == [("stop",)]


def test_patience_stops_early():
    counts = Counts([0.1, 0.5, 0.4, 0.3, 0.9])
    (found,) = from_function(counts, SPACE, patience=2, version="1")([("stop",)], epochs=5, seed=0)
    assert (found.score, found.curve, found.epochs, found.best_epoch) == (0.5, (0.1, 0.5, 0.4, 0.3), 5, 2)
    assert counts.trained == 4


def fails(error):
    def train(architecture, epochs, seed):
        yield 0.75
        raise error

    return train


def gives(*scores):
    def train(architecture, epochs, seed):
        yield from scores

    return train


FAILURES = {
    "raises": (fails(KeyError("x")), "error", "KeyError: 'x'", (0.75,)),
    "memory": (fails(MemoryError()), "out-of-memory", "MemoryError: ", (0.75,)),
    "torch's memory": (fails(torch.OutOfMemoryError("full")), "out-of-memory", "OutOfMemoryError: full", (0.75,)),
    "NaN": (gives(0.5, float("nan")), "diverged", "the score was nan in epoch 2", (0.5,)),
    "infinite": (lambda architecture, epochs, seed: -np.inf, "diverged", "the score was -inf", ()),
    "a word": (
        gives("0.5"),
        "error",
        "TypeError: the training function gave '0.5' in epoch 1; a score is ",
        (),
    ),
    "nothing": (gives(), "error", "TypeError: the training function gave None in epoch 1; a score is a number", ()),
    "None": (lambda architecture, epochs, seed: None, "error", "TypeError: the training function gave None", ()),
    "a truth": (lambda architecture, epochs, seed: True, "error", "TypeError: the training function gave True", ()),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_failure_is_a_result_with_the_score_of_guessing(case):
    train, status, reason, curve = FAILURES[case]
    (found,) = from_function(train, SPACE, chance=0.25, version="1")([("stop",)], epochs=3, seed=0)
    assert (found.status, found.score, found.curve, found.metrics) == (status, 0.25, curve, {})
    assert found.reason.startswith(reason)


def test_an_interruption_is_nobodys_failure():
    with pytest.raises(KeyboardInterrupt):
        from_function(fails(KeyboardInterrupt()), SPACE)([("stop",)], epochs=3, seed=0)


@pytest.mark.parametrize("score", [np.float32(0.5), torch.tensor(0.5), np.array(0.5), 1])
def test_numbers_of_numpy_and_torch_are_scores(score):
    (found,) = from_function(gives(score), SPACE, version="1")([("stop",)], epochs=1, seed=0)
    assert (found.status, found.score, type(found.score)) == ("ok", float(score), float)


def test_scores_below_those_of_failures_are_told():
    with pytest.warns(UserWarning, match="'train' has scores below 0, and a candidate that fails gets chance=0: give"):
        from_function(gives(-3.0), SPACE, version="1")([("stop",)], epochs=1, seed=0)
    from_function(gives(-3.0), SPACE, chance=-9.0, version="1")([("stop",)], epochs=1, seed=0)


def test_threads_give_the_same_where_generators_are_ones_own():
    def train(architecture, epochs, seed):
        rng = rng_from(seed, *architecture)
        for _ in range(epochs):
            yield float(rng.random())

    alone = from_function(train, SPACE)
    with ThreadPoolExecutor(2) as pool, Parallel(alone, pool) as shared:
        halved = [Halving(one, cohort=3)(ARCHITECTURES, epochs=3, seed=0) for one in (alone, shared)]
    scores = [[(e.score, e.epochs) for e in found] for found in halved]
    assert scores[0] == scores[1]
    assert sorted(epochs for _, epochs in scores[0]) == [1, 1, 3]


# ---------------------------------------------------------------------- the test, and the store


def test_the_test_trains_until_the_epoch_that_was_best_and_counts_as_it_ends():
    told = []

    def test(architecture, epochs, seed):
        told.append((architecture, epochs, seed))
        yield from (0.9, 0.8, 0.7)

    trainer = from_function(Counts([0.1, 0.5, 0.4]), SPACE, test=test, version="1")
    found = trainer.retrain_and_test(("stop",), epochs=3, seed=7, best_epoch=2)
    assert told == [(("stop",), 2, 7)]
    assert (found.score, found.metrics, found.status) == (0.8, {"score": 0.8}, "ok")
    assert (
        from_function(yields, SPACE, test=fails(ValueError("no"))).retrain_and_test(("stop",), epochs=2, seed=0).reason
        == "ValueError: no"
    )


def test_without_a_test_nothing_is_tested_and_the_study_stays_as_it_was():
    trainer = from_function(yields, SPACE)
    study = Study(SPACE, controllers.load("random", SPACE), trainer, epochs=2)
    list(study.run(2))
    with pytest.raises(NoTest, match=r"'yields' has no test: give from_function\(..., test=test\)"):
        study.finish()
    assert study.final is None


def test_a_changed_function_is_another_study(tmp_path):
    file = tmp_path / "mine.py"

    def version(text):
        file.write_text(text)
        names = {}
        inspect.linecache.checkcache(str(file))
        exec(compile(text, str(file), "exec"), names)
        return describe(from_function(names["train"], SPACE))

    one = version("def train(architecture, epochs, seed):\n    return 1.0\n")
    assert one == {"name": "function", "patience": 0, "version": one["version"]}
    assert version("def train(architecture, epochs, seed):\n    return 1.0\n") == one
    assert version("def train(architecture, epochs, seed):\n    return 2.0\n") != one
    with_test = from_function(yields, SPACE, test=returns)
    assert describe(with_test) == describe(from_function(yields, SPACE))
    assert describe(from_function(yields, SPACE, version="7"))["version"] == "7"


REFUSED = {
    "no function": (lambda: from_function(0.5, SPACE), r"needs train\(architecture, epochs, seed\); given 0.5"),
    "two arguments": (lambda: from_function(lambda a, b: 1, SPACE), "called in this order; .* cannot be: too many pos"),
    "no test": (lambda: from_function(yields, SPACE, test=3), r"needs test\(architecture, epochs, seed\); given 3"),
    "no source": (lambda: from_function(partial(yields), SPACE), r"the source of .* cannot be read, .* version='1'"),
    "no space": (lambda: from_function(yields, "mlp"), "needs a space, whose architectures it reads; given 'mlp'"),
    "patience": (lambda: from_function(yields, SPACE, patience=-1), "patience is a whole number of at least 0"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_a_trainer_is_refused_at_the_door(case):
    make, message = REFUSED[case]
    with pytest.raises(BadValue, match=message):
        make()


def test_a_task_gives_its_name_its_metric_and_its_chance(small_task, small_space):
    trainer = from_function(fails(KeyError("x")), small_space, small_task)
    (found,) = trainer([("stop",)], epochs=2, seed=0)
    assert (trainer.task.name, found.score) == ("corners", small_task.chance)
    (found,) = from_function(gives(0.5), small_space, small_task)([("stop",)], epochs=2, seed=0)
    assert found.metrics == {"accuracy": 0.5}
    with pytest.raises(BadValue, match="the task 'corners' has a name and a chance of its own"):
        from_function(gives(0.5), small_space, small_task, name="mine")
    named = from_function(gives(0.5), small_space, name="mine")
    assert (named.task.name, named.task.input_shape, named.task.outputs) == ("mine", (1, 6, 6), 4)


def test_it_runs_without_torch():
    import subprocess
    import sys

    code = """
import sys
from nasedu import spaces, trainers
class Shapes: name, kind, input_shape, outputs = "any", "regression", (4,), 2
def train(architecture, epochs, seed):
    yield 0.5
    raise MemoryError
trainer = trainers.from_function(train, spaces.load("mlp", Shapes), version="1")
print([e.status for e in trainer([("stop",)], epochs=2, seed=0)], "torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['out-of-memory'] False\n"
