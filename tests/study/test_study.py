"""The loop: what is asked, trained, told and kept, however often it is left and taken up again."""

import dataclasses
import hashlib
import math
import sqlite3
import warnings

import pytest

from nasedu import controllers, meta, spaces
from nasedu.controllers.base import Controller
from nasedu.core import BadArchitecture, BadValue, Evaluation, Exhausted, Mismatch, StoreError
from nasedu.meta.copy_best import Opening
from nasedu.store import Store
from nasedu.study import Study
from nasedu.tasks.base import Sealed
from tests.study.child import Climber, make_study, small_task

TASK = small_task()


class Counting:
    """A trainer that answers at once, with a score made from the letters, and remembers what it was called with."""

    name = "counting"

    def __init__(self, space, preferred_batch=1, scores=None):
        self.space = space
        self.task = TASK
        self.preferred_batch = preferred_batch
        self.scores = scores or {}
        self.calls = []
        self.judged = []

    def __call__(self, architectures, *, epochs, seed):
        self.calls.append(list(architectures))
        return [self.evaluate(a, epochs, seed) for a in architectures]

    def evaluate(self, a, epochs, seed):
        score = self.scores.get(a, hashlib.sha256(repr((a, epochs, seed)).encode()).digest()[0] / 255)
        return Evaluation(a, score, epochs=epochs, seed=seed)

    def retrain_and_test(self, architecture, *, epochs, seed, best_epoch=None):
        self.judged.append(architecture)
        return self.evaluate(architecture, epochs, seed)

    @property
    def trained(self):
        return [a for call in self.calls for a in call]


class Scripted(Controller):
    """Asks what it was given, in that order, and writes down everything that happens to it."""

    def __init__(self, space, *, seed=0, script=()):
        super().__init__(space, seed=seed)
        self.script = script
        self.happened = []

    def ask(self):
        asked = sum(what == "ask" for what, *_ in self.happened)
        if asked == len(self.script):
            raise Exhausted("the script is at its end")
        self.happened.append(("ask", self.script[asked]))
        return self.script[asked]

    def tell(self, architecture, reward):
        super().tell(architecture, reward)
        self.happened.append(("tell", architecture, reward))


@pytest.fixture
def space():
    return spaces.load("mlp", TASK, depth=1, widths=(8, 4, 2))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.db"


def study_of(space, script=None, store=":memory:", trainer=None, **kwargs):
    """A study with a scripted controller, or with q-learning."""
    controller = Scripted(space, script=script) if script else controllers.load("q-learning", space, budget=16)
    return Study(space, controller, trainer or Counting(space), store=store, **kwargs)


def facts(trials):
    return [(t.number, t.batch, t.architecture, t.status, t.score) for t in trials]


def dump(path):
    """All that a store says, but who has which study open."""
    store = Store(path, create=False)
    found = [(i, store.trials(n), store.finals(n), store.prior(n)) for n, i in store.studies()]
    store.close()
    return found


A, B, C, D, E, F = (
    tuple(a.split()) for a in ("8-relu stop", "8-tanh stop", "4-relu stop", "4-tanh stop", "2-relu stop", "stop")
)


# ---------------------------------------------------------------------- asking and telling


def test_a_batch_is_asked_before_any_of_it_is_told_and_told_in_the_order_asked(space):
    study = study_of(space, [A, B, C, D, E], trainer=Counting(space, preferred_batch=3))
    list(study.run(5, batch=2))
    what = [(event, architecture) for event, architecture, *_ in study.controller.happened]
    assert what == [
        ("ask", A), ("ask", B), ("tell", A), ("tell", B),
        ("ask", C), ("ask", D), ("tell", C), ("tell", D),
        ("ask", E), ("tell", E),
    ]  # fmt: skip
    assert [reward for event, _, *reward in study.controller.happened if event == "tell"] == [
        [t.score] for t in study.trials
    ]
    assert [t.batch for t in study.trials] == [0, 0, 1, 1, 2]


@pytest.mark.parametrize("preferred_batch", [1, 3])
def test_left_at_any_trial_and_taken_up_again(space, path, preferred_batch):
    """By the same object, or by a new one: the study is the same, and nothing is trained twice."""
    trainer = Counting(space, preferred_batch)
    whole = study_of(space, trainer=trainer)
    expected = facts(whole.run(6, batch=4))
    for leave in range(1, 6):
        for again in (False, True):
            store = path.with_name(f"{leave}-{again}.db")
            study = study_of(space, store=store, trainer=(first := Counting(space, preferred_batch)))
            run = study.run(6, batch=4)
            seen = [next(run) for _ in range(leave)]
            run.close()
            second = first
            if again:
                study.close()
                study = study_of(space, store=store, trainer=(second := Counting(space, preferred_batch)))
            rest = list(study.run(6, batch=4))
            assert facts(study.trials) == expected
            trained = first.trained + (second.trained if again else [])
            assert sorted(trained) == sorted(trainer.trained)
            assert facts(seen) == expected[:leave]
            assert facts(rest) == expected[len(expected) - len(rest) :]
            study.close()


def test_batches_keep_their_boundaries_when_the_batch_changes(space, path):
    """An open batch is completed first; the next one has the new size; and all that can be replayed."""
    trainer = Counting(space)
    run = study_of(space, [A, B, C, D, E, F], store=path, trainer=trainer).run(6, batch=3)
    next(run)
    run.close()
    study = study_of(space, [A, B, C, D, E, F], store=path)
    assert study.controller.happened == [("ask", A), ("ask", B), ("ask", C)]
    list(study.run(6, batch=2))
    assert [t.batch for t in study.trials] == [0, 0, 0, 1, 1, 2]
    again = study_of(space, [A, B, C, D, E, F], store=path)
    assert again.controller.happened == study.controller.happened
    assert again.trials == study.trials


@pytest.mark.parametrize("kind", ["random", "q-learning", "climber", "copy-best", "warm-q"])
def test_eight_trials_and_eight_more_are_sixteen(path, kind):
    with make_study(path, kind, budget=16) as study:
        list(study.run(8, 4))
    with make_study(path, kind, budget=16) as study, make_study(":memory:", kind, budget=16) as whole:
        assert len(list(study.run(16, 4))) == 8
        assert facts(study.trials) == facts(whole.run(16, 4))
        assert study.controller.learned() == whole.controller.learned()


def test_one_that_was_scored_is_not_trained_again(space):
    trainer = Counting(space)
    study = study_of(space, [A, B, A, A, C, B], trainer=trainer)
    list(study.run(6, batch=1))
    assert trainer.calls == [[A], [B], [C]]
    assert study.trials[0].score == study.trials[2].score == study.trials[3].score


@pytest.mark.parametrize("preferred_batch", [1, 2, 4])
def test_nor_within_one_batch(space, preferred_batch):
    trainer = Counting(space, preferred_batch)
    study = study_of(space, [A, A, B, A, C, B], trainer=trainer)
    trials = list(study.run(6, batch=6))
    assert sorted(trainer.trained) == sorted([A, B, C])
    assert max(map(len, trainer.calls)) <= preferred_batch
    assert [t.architecture for t in trials] == [A, A, B, A, C, B]
    assert [t.evaluation.architecture for t in trials] == [A, A, B, A, C, B]


class OneActivation(spaces.registry["mlp"]):
    """A space in which relu and tanh are the same function, as far as `canonical` knows."""

    name = ""

    def canonical(self, architecture):
        return tuple(choice.replace("tanh", "relu") for choice in architecture)


@pytest.mark.parametrize("batch", [1, 4])
def test_nor_one_that_builds_the_same_function(batch):
    space = OneActivation((1, 6, 6), 4, depth=1, widths=(8, 4))
    trainer = Counting(space, preferred_batch=4)
    study = study_of(space, [B, A, C, D], trainer=trainer)
    list(study.run(4, batch))
    assert trainer.trained == [B, C]
    assert [t.evaluation.architecture for t in study.trials] == [B, A, C, D]
    assert study.trials[0].score == study.trials[1].score


def test_nor_after_a_resume(space, path):
    list(study_of(space, [A, B, A], store=path).run(2))
    trainer = Counting(space)
    list(study_of(space, [A, B, A], store=path, trainer=trainer).run(3))
    assert trainer.calls == []


def test_a_candidate_that_fails_is_told_its_chance_score_and_the_search_goes_on(space):
    trainer = Counting(space)
    good = trainer.evaluate
    trainer.evaluate = lambda a, *rest: (
        Evaluation(a, TASK.chance, "diverged", reason="boom") if a == B else good(a, *rest)
    )
    study = study_of(space, [A, B, C], trainer=trainer)
    list(study.run(3))
    assert ("tell", B, TASK.chance) in study.controller.happened
    assert [t.evaluation.status for t in study.trials] == ["ok", "diverged", "ok"]
    assert study.trials_dataframe()["status"].tolist() == ["ok", "diverged", "ok"]


# ---------------------------------------------------------------------- the end of the space


@pytest.mark.parametrize("batch", [1, 3, 4, 7, 20])
@pytest.mark.parametrize("name", ["random", "q-learning"])
def test_a_space_that_is_exhausted_ends_the_study_well(space, path, name, batch):
    """The space has 7 architectures."""

    def study():
        return Study(space, controllers.load(name, space), Counting(space), store=path)

    first = study()
    assert len(list(first.run(100, batch))) == 7
    assert first.exhausted
    assert list(first.run(100, batch)) == []
    first.close()
    again = study()
    assert list(again.run(100, batch)) == []
    assert again.exhausted
    assert facts(again.trials) == facts(first.trials)
    assert len({t.architecture for t in again.trials}) == 7
    assert again.trials[-1].batch == 6 // batch
    again.close()
    assert [len(trials) for _, trials, *_ in dump(path)] == [7]


# ---------------------------------------------------------------------- what no longer fits


def test_a_controller_that_asks_otherwise_today_is_a_mismatch(space, path):
    list(study_of(space, [A, B, C], store=path).run(3))
    before = dump(path)
    Scripted.ask, usual = lambda self: usual(self)[::1] if len(self.happened) < 1 else D, Scripted.ask
    try:
        with pytest.raises(Mismatch, match=r"trial 1 of this study in .* was \('8-tanh', 'stop'\), and the Scripted .*"
                           r"asks \('4-tanh', 'stop'\): its code has changed since"):  # fmt: skip
            study_of(space, [A, B, C], store=path)
        Scripted.ask = exhausted
        with pytest.raises(Mismatch, match=r"trial 0 .* asks nothing \(no more\)") as caught:
            study_of(space, [A, B, C], store=path)
        held = sqlite3.connect(path).execute("SELECT holder FROM studies").fetchone()
        assert held == (None,), f"given back at once, though {caught} keeps the study alive"
    finally:
        Scripted.ask = usual
    assert dump(path) == before
    with study_of(space, [A, B, C], store=path) as study:
        assert len(study.trials) == 3


def exhausted(self):
    raise Exhausted("no more")


def test_a_space_whose_rules_changed_is_a_mismatch(path):
    """Its parameters are the same, so it is the same study; what was asked cannot be read any more."""

    class Changing(spaces.registry["mlp"]):
        layers = ("8-relu", "4-relu", "2-relu")

        def choices(self, state):
            return () if state == "complete" else ("stop",) if state else (*self.layers, "stop")

    def study():
        space = Changing((1, 6, 6), 4, depth=1)
        return Study(space, controllers.load("random", space), Counting(space), store=path)

    with study() as first:
        list(first.run(4))
    before = dump(path)
    Changing.layers = ("8-relu", "9-relu", "7-relu")
    with pytest.raises(Mismatch, match="its code has changed since"):
        study()
    assert dump(path) == before


def test_a_prior_that_opens_otherwise_today_is_a_mismatch(path, monkeypatch):
    with make_study(path, "copy-best") as study:
        list(study.run(4))
    before = dump(path)
    monkeypatch.setattr(meta.registry["copy-best"], "prepare", lambda self, controller: Opening(controller, [A]))
    with pytest.raises(Mismatch, match="trial 0"):
        make_study(path, "copy-best")
    assert dump(path) == before


def test_parts_of_different_spaces_do_not_fit(space, path):
    other = spaces.load("mlp", TASK, depth=2)
    for controller, trainer, match in (
        (controllers.load("random", other), Counting(space), "the controller was made for MLP.*depth=2"),
        (controllers.load("random", space), Counting(other), "the trainer was made for MLP.*depth=2"),
    ):
        with pytest.raises(Mismatch, match=match):
            Study(space, controller, trainer, store=path)
    assert not path.exists()


def test_a_different_seed_or_length_or_parameter_is_a_different_study_in_the_same_file(space, path):
    variants = [{}, {"seed": 1}, {"epochs": 3}]
    for variant in variants * 2:
        with study_of(space, store=path, **variant) as study:
            list(study.run(3))
    for parameters in ({"seed": 1}, {"budget": 99}, {"alpha": 0.2}):
        controller = controllers.load("q-learning", space, **{"budget": 16, **parameters})
        with Study(space, controller, Counting(space), store=path) as study:
            assert study.trials == []
    evidence = [meta.Evidence("earlier", ((A, 0.5), (B, 0.75)))]
    for prior in (meta.load("copy-best", evidence), meta.load("copy-best", evidence, most=1)):
        with study_of(space, store=path, prior=prior) as study:
            assert study.trials == []
    found = dump(path)
    assert [len(trials) for _, trials, *_ in found] == [3, 3, 3, 0, 0, 0, 0, 0]
    assert [prior for *_, prior in found][-1] == [["earlier", [[list(A), 0.5], [list(B), 0.75]]]]


def test_a_controller_that_worked_elsewhere_is_refused(space, path):
    """What it knows from there is in no store, so the study could never be replayed."""
    study = study_of(space)
    Study(space, study.controller, Counting(space))  # nothing was asked yet
    list(study.run(2))
    with pytest.raises(BadValue, match=r"already worked for another study.*make a new one"):
        Study(space, study.controller, Counting(space), store=path)
    controller = controllers.load("q-learning", space)
    prior = meta.load("warm-q", [meta.Evidence("earlier", ((A, 0.5),))])
    Study(space, controller, Counting(space), prior=prior)
    with pytest.raises(BadValue, match="already worked for another study"):
        Study(space, controller, Counting(space), prior=prior)
    assert not path.exists()


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_nor_is_it_fresh_inside_another_controller(space, layers):
    controller = worked = controllers.load("random", space)
    list(Study(space, worked, Counting(space)).run(2))
    for _ in range(layers):
        controller = Opening(controller, [])
    with pytest.raises(BadValue, match="already worked for another study"):
        Study(space, controller, Counting(space))


# ---------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize("counts", [{"trials": 0}, {"trials": -1}, {"trials": 2.0}, {"trials": 1, "batch": 0}])
def test_impossible_numbers_are_refused_at_once(space, counts):
    with pytest.raises(BadValue, match="is a whole number of at least 1"):
        study_of(space).run(**counts)


@pytest.mark.parametrize("epochs", [0, -1, 1.5, True])
def test_impossible_epochs_are_refused_before_anything_is_written(space, path, epochs):
    with pytest.raises(BadValue, match="epochs is a whole number"):
        study_of(space, store=path, epochs=epochs)
    assert not path.exists()


@pytest.mark.parametrize("error", [RuntimeError("a bug"), KeyboardInterrupt()])
def test_an_error_of_the_trainer_passes_through_and_what_was_recorded_stays(space, path, error):
    trainer = Counting(space)
    study = study_of(space, store=path, trainer=trainer)
    trainer.evaluate, good = (
        lambda a, *rest: good(a, *rest) if len(trainer.trained) != 4 else fail(error),
        trainer.evaluate,
    )
    with pytest.raises(type(error)):
        list(study.run(6, batch=3))
    assert len(study.trials) == 3
    expected = facts(study_of(space).run(6, batch=3))
    kept = facts(study_of(space, store=path).trials)
    assert kept == expected[:3]
    with study_of(space, store=path) as again:
        list(again.run(6, batch=3))
        assert facts(again.trials) == expected


def fail(error):
    raise error


def test_the_same_object_goes_on_after_an_error_of_the_trainer(space):
    trainer = Counting(space)
    study = study_of(space, trainer=trainer)
    good, trainer.evaluate = trainer.evaluate, lambda *_: fail(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        list(study.run(6, batch=3))
    trainer.evaluate = good
    list(study.run(6, batch=3))
    assert facts(study.trials) == facts(study_of(space).run(6, batch=3))


@pytest.mark.parametrize("call", ["ask", "tell"])
def test_a_call_to_the_controller_that_is_cut_off(space, path, call):
    """The controller is somewhere in between: the object says so, and a new one goes on from the store."""
    study = study_of(space, store=path)
    list(study.run(2, batch=2))
    setattr(study.controller, call, lambda *_: fail(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        list(study.run(6, batch=2))
    delattr(study.controller, call)
    with pytest.raises(BadValue, match="interrupted in the middle of a call to its controller: make both again"):
        list(study.run(6, batch=2))
    study.close()
    with study_of(space, store=path) as again:
        list(again.run(6, batch=2))
        assert facts(again.trials) == facts(study_of(space).run(6, batch=2))


@pytest.mark.parametrize(
    "answer", [lambda found: found[:-1], lambda found: [*found, found[0]], lambda found: [0.5] * len(found)]
)
def test_a_trainer_with_too_few_or_wrong_results(space, answer):
    class Wrong(Counting):
        def __call__(self, architectures, **kwargs):
            return answer(super().__call__(architectures, **kwargs))

    study = study_of(space, [A, B, C], trainer=Wrong(space, preferred_batch=3))
    with pytest.raises(
        BadValue, match=r"trainer Wrong was given 3 architectures and returned . results: an Evaluation for each"
    ):
        list(study.run(3, batch=3))
    assert study.trials == []


def test_a_question_that_the_space_cannot_read_is_not_recorded(space, path):
    with study_of(space, [A, ("9-relu", "stop")], store=path) as study, pytest.raises(BadArchitecture, match="9-relu"):
        list(study.run(2))
    assert [len(trials) for _, trials, *_ in dump(path)] == [1]


def test_a_controller_that_asks_lists_is_understood(space, path):
    for trials in (2, 3):
        with study_of(space, [list(A), list(B), list(C)], store=path) as study:
            list(study.run(trials))
            assert [t.architecture for t in study.trials] == [A, B, C][:trials]


# ---------------------------------------------------------------------- looking


def test_the_best_of_equals_is_the_first(space, path):
    scores = {A: 0.25, B: 0.75, C: 0.75, D: 0.5}
    study = study_of(space, [A, B, C, D], store=path, trainer=Counting(space, scores=scores))
    with pytest.raises(BadValue, match=r"no trial yet: iterate over study.run"):
        _ = study.best
    bests = [study.best.architecture for _ in study.run(4)]
    assert bests == [A, B, B, B]
    again = study_of(space, [A, B, C, D], store=path, trainer=Counting(space, scores=scores))
    assert again.best.architecture == B


def test_the_frame(space):
    study = study_of(space)
    assert len(study.trials_dataframe()) == 0
    list(study.run(5, batch=2))
    frame = study.trials_dataframe()
    expected = "number batch architecture score best status seconds parameters flops epsilon"
    assert frame.columns.tolist() == expected.split()
    assert frame["best"].tolist() == [max(frame["score"][: n + 1]) for n in range(5)]
    assert frame["architecture"].tolist() == [" ".join(t.architecture) for t in study.trials]
    assert frame["batch"].tolist() == [0, 0, 1, 1, 2]


def test_the_study_says_what_it_is(space, path):
    with study_of(space, store=path) as study:
        list(study.run(2))
        assert repr(study) == f"<Study of 2 trials in {path}>"


# ---------------------------------------------------------------------- the end


class Poison(Sealed):
    """A test split that nobody may look at; it may be counted and hashed."""

    def opened(self):
        raise AssertionError("a search looked at the test split")


def poisoned(task):
    return dataclasses.replace(task, test=Poison(task.test.opened()))


def test_the_test_split_is_opened_by_finish_only(path):
    task = poisoned(small_task())
    for _ in range(2):
        with make_study(path, task=task) as study:
            list(study.run(6, 3))
            _ = study.best, study.trials_dataframe(), study.final, study.hand_picked, repr(study)
    with make_study(path, task=task) as study, pytest.raises(AssertionError, match="looked at the test split"):
        study.finish()


def test_finish_is_once(path):
    task = small_task()
    with make_study(path, task=task) as study:
        list(study.run(4, 4))
        assert study.final is None
        assert study.hand_picked == []
        first = study.finish()
        assert first.architecture == study.best.architecture
        assert {"accuracy", "recall", "f1", "confusion"} <= set(first.metrics)
    with make_study(path, task=poisoned(task)) as study:
        assert study.final == study.finish() == first


def test_finish_tests_the_hand_picked_in_their_own_order(path):
    space = spaces.load("mlp", TASK)
    trainer = Counting(space)
    with Study(space, controllers.load("random", space), trainer, store=path) as study:
        list(study.run(2))
        study.finish()
        assert trainer.judged == [study.best.architecture, *space.hand_picked()]
        assert [e.architecture for e in study.hand_picked] == list(space.hand_picked())
        study.finish()
        assert len(trainer.judged) == 1 + len(space.hand_picked())


def test_finish_of_nothing(space):
    with pytest.raises(BadValue, match="no trial yet"):
        study_of(space).finish()


def test_no_second_look_with_another_winner(space, path):
    scores = {A: 0.5, B: 0.25, C: 0.75}
    trainer = Counting(space, scores=scores)
    study = study_of(space, [A, B, C], store=path, trainer=trainer)
    list(study.run(1))
    result = study.finish()
    list(study.run(2))
    assert study.finish() == result, "the same winner: the result stands"
    list(study.run(3))
    with pytest.raises(BadValue, match=r"was finished with .*8-relu.* and has found .*4-relu.* since"):
        study.finish()
    assert study.final == result
    assert trainer.judged.count(C) == 0


def test_finish_trains_until_the_epoch_that_was_best(space):
    space = spaces.load("mlp", TASK)

    class Curved(Counting):
        def evaluate(self, a, epochs, seed):
            curve = (0.1, 0.5, 0.5, 0.2) if a in space.hand_picked() else (0.9, 0.3, 0.3)
            return Evaluation(a, max(curve), curve=curve, epochs=epochs, seed=seed)

        def retrain_and_test(self, architecture, *, epochs, seed, best_epoch=None):
            self.judged.append((epochs, best_epoch))
            return self.evaluate(architecture, epochs, seed)

    with Study(space, Scripted(space, script=[("16-relu", "stop")]), Curved(space), epochs=20) as study:
        list(study.run(1))
        study.finish()
        assert study.trainer.judged == [(20, 1), *[(20, 3)] * len(space.hand_picked())]


@pytest.mark.parametrize(("stuck", "seeds"), [(0, [0]), (1, [0, 1]), (9, [0, 1, 2])])
def test_a_training_that_learned_nothing_is_done_again_from_the_next_seed(space, stuck, seeds):
    class Fragile(Counting):
        def evaluate(self, a, epochs, seed):
            return Evaluation(a, 0.9, curve=(0.5, 0.9), losses=(2.3, 0.1), epochs=epochs, seed=seed)

        def retrain_and_test(self, architecture, *, epochs, seed, best_epoch=None):
            self.judged.append(seed)
            return Evaluation(architecture, 0.1, losses=(2.3, 2.3 if seed < stuck else 0.1), epochs=epochs, seed=seed)

    with study_of(space, [A], trainer=Fragile(space)) as study, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        list(study.run(1))
        study.finish()
    assert study.trainer.judged[: len(seeds)] == seeds
    assert len(told) == min(stuck, 3)
    assert study.trainer.judged == seeds


def test_finish_that_was_cut_off_goes_on(space, path):
    space = spaces.load("mlp", TASK)
    trainer = Counting(space)
    study = Study(space, controllers.load("random", space), trainer, store=path)
    list(study.run(2))
    good, trainer.retrain_and_test = (
        trainer.retrain_and_test,
        lambda a, **kw: good(a, **kw) if not trainer.judged else fail(KeyboardInterrupt()),
    )
    with pytest.raises(KeyboardInterrupt):
        study.finish()
    study.close()
    trainer = Counting(space)
    with Study(space, controllers.load("random", space), trainer, store=path) as study:
        study.finish()
    assert trainer.judged == list(space.hand_picked())


def test_a_study_in_memory_is_a_study(space):
    study = study_of(space)
    list(study.run(3))
    assert math.isfinite(study.finish().score)
    study.close()
    with pytest.raises(StoreError, match="closed"):
        list(study.run(4))


def test_a_controller_in_no_registry_resumes_like_any_other(path):
    space = spaces.load("mlp", TASK)
    expected = facts(Study(space, Climber(space), Counting(space)).run(40, 4))
    for trials in range(3, 41, 7):
        with Study(space, Climber(space), Counting(space), store=path) as study:
            run = study.run(40, 4)
            while len(study.trials) < trials:
                next(run)
            run.close()
    with Study(space, Climber(space), Counting(space), store=path) as study:
        list(study.run(40, 4))
        assert facts(study.trials) == expected


def test_what_is_no_controller_or_no_trainer_is_refused(space, path):
    made = controllers.load("random", space)
    with pytest.raises(BadValue, match=r"needs a Controller; given .*a class: make one"):
        Study(space, type(made), Counting(space), store=path)
    with pytest.raises(BadValue, match="has no space, task, preferred_batch, retrain_and_test"):
        Study(space, made, lambda *_: [], store=path)
    assert not path.exists()


def test_a_study_in_which_nothing_succeeded_has_nothing_to_test(space):
    class Failing(Counting):
        def __call__(self, architectures, *, epochs, seed):
            return [Evaluation(a, 0.1, status="error", reason="boom") for a in architectures]

    study = Study(space, controllers.load("random", space), Failing(space))
    list(study.run(2))
    with pytest.raises(BadValue, match=r"of 2 trials none succeeded.*boom"):
        study.finish()
