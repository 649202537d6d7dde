"""Every registered meta-learner obeys the contract, and the suite finds the ones that do not."""

from functools import partial

import numpy as np
import pytest
import torch

from nasedu.metalearning import registry
from nasedu.metalearning.first_order import FirstOrderMAML
from nasedu.metalearning.learner import Predictor
from nasedu.testing import check_learner
from nasedu.testing.learner_rules import learner_checks
from tests.metalearning.small import WAVES, learner_of, wave_net


@pytest.mark.parametrize("check", learner_checks, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", registry)
def test_a_registered_learner_obeys_the_contract(name, check):
    check(partial(lambda name, seed: learner_of(name, seed=seed)[0], name), learner_of(name)[1])


class SkipsAStep(FirstOrderMAML):
    def _steps(self, tasks, steps):
        return (step for step in super()._steps(tasks, steps) if step.number != 2)


class KeepsItsGradient(FirstOrderMAML):
    def _step(self, tasks, share):
        return super()._step(tasks, share)._replace(gradient={})


class Idle(FirstOrderMAML):
    def meta_gradient(self, batch, rng):
        loss, gradient = super().meta_gradient(batch, rng)
        return loss, {name: 0 * part for name, part in gradient.items()}


class Global(FirstOrderMAML):
    def meta_gradient(self, batch, rng):
        loss, gradient = super().meta_gradient(batch, rng)
        return loss, {name: part * torch.rand(1) for name, part in gradient.items()}


class Forgetful(FirstOrderMAML):
    calls = 0

    def meta_gradient(self, batch, rng):
        self.calls += 1
        loss, gradient = super().meta_gradient(batch, rng)
        return self.calls * loss, gradient


class TakesAnything(FirstOrderMAML):
    def restore(self, state):
        self.done = state.plain["done"]
        with torch.no_grad():
            for name, tensor in self.tensors().items():
                tensor.copy_(state.tensors[name])


class Drifts(FirstOrderMAML):
    def adapt(self, support, steps=None):
        predictor = super().adapt(support, steps)
        with torch.no_grad():
            self.learned["0.weight"] += 0.1
        return predictor


class Mixes(FirstOrderMAML):
    def answers(self, batch, steps=None):
        outputs = super().answers(batch, steps)
        return outputs + 0.1 * outputs.mean(0)


class Lenient(FirstOrderMAML):
    def adapt(self, support, steps=None):
        X, y = (np.nan_to_num(part) for part in support)
        return super().adapt((X, y), steps) if len(X) else Predictor(lambda asked: asked, (1,), self.device)


class Unchecked(FirstOrderMAML):
    def check_fits(self, tasks):
        pass


BROKEN = {
    SkipsAStep: "every_step_is_yielded",
    KeepsItsGradient: "each_step_has_the_gradient_of_what_is_learned",
    Idle: "something_is_learned",
    Global: "the_seed_decides_everything",
    Forgetful: "it_goes_on_bit_for_bit",
    TakesAnything: "a_state_says_whose_it_is",
    Drifts: "it_adapts_to_a_new_task",
    Mixes: "many_tasks_are_answered_as_each_is",
    Lenient: "an_impossible_support_set_is_refused",
    Unchecked: "tasks_that_do_not_fit_are_refused",
}


def test_each_rule_has_a_learner_that_breaks_it():
    assert list(BROKEN.values()) == [check.__name__ for check in learner_checks]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda cls: cls.__name__)
def test_a_broken_learner_is_caught_by_its_rule(broken):
    make = partial(broken, wave_net(), batch=2)
    earlier = [check.__name__ for check in learner_checks]
    earlier = earlier[: earlier.index(BROKEN[broken])]
    with pytest.raises(AssertionError, match=rf"(?s)learner rule '{BROKEN[broken]}'.*seen: (?!TypeE).+to mend: "):
        check_learner(make, WAVES, without=earlier)


def test_one_of_your_own_is_checked_with_its_settings():
    check_learner(partial(FirstOrderMAML, wave_net()), WAVES, batch=2, inner_steps=2)
