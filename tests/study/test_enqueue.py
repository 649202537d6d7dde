"""What a person adds to a study: architectures to ask next, results from elsewhere; and a search of so many minutes."""

import functools
import itertools
from types import SimpleNamespace

import pytest

from nasedu import controllers, meta, spaces
from nasedu.controllers import Constrained
from nasedu.controllers.base import Controller
from nasedu.core import BadArchitecture, BadValue, Evaluation, Mismatch, StoreError, rng_from
from nasedu.meta.guard import Guarded
from nasedu.store import Store
from nasedu.study import Study, loop
from nasedu.study.results import import_results
from tests.study.test_killed import everything
from tests.study.test_study import TASK, Counting, OneActivation, Scripted, facts

SPACE = spaces.load("mlp", TASK, depth=2, widths=(8, 4, 2))
MEMBERS = list(SPACE.enumerate())


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.db"


def study_of(controller=None, store=":memory:", trainer=None, **kwargs):
    """A study of a tiny space with q-learning, or another controller: an object, or a name."""
    if not isinstance(controller, Controller):
        controller = fresh(controller or "q-learning")
    space = controller.space
    return Study(space, controller, trainer or Counting(space), store=store, **kwargs)


def fresh(name):
    few = {"tpe": {"startup": 4}, "gp": {"startup": 4}, "reinforce": {"hidden": 6}, "q-learning": {"budget": 16}}
    return controllers.load(name, SPACE, seed=1, **few.get(name, {}))


def origins(study):
    return [t.origin for t in study.trials]


@functools.cache
def asked_first(count=2):
    """Architectures that q-learning does not ask for in its first trials."""
    study = study_of()
    known = {t.architecture for t in study.run(12, 4)}
    return [a for a in MEMBERS if a not in known][:count]


# ---------------------------------------------------------------------- the queue


def test_what_is_enqueued_is_asked_next_in_its_order_and_the_controller_only_learns_of_it():
    controller = Scripted(SPACE, script=MEMBERS[:4])
    study = study_of(controller)
    list(study.run(1))
    for architecture in MEMBERS[5:8]:
        study.enqueue(architecture)
    assert study.queue == MEMBERS[5:8]
    list(study.run(6, batch=4))
    assert [t.architecture for t in study.trials] == [MEMBERS[0], *MEMBERS[5:8], MEMBERS[1], MEMBERS[2]]
    assert origins(study) == ["asked", *["enqueued"] * 3, "asked", "asked"]
    assert [t.batch for t in study.trials] == [0, 1, 1, 1, 1, 2]
    assert study.queue == []
    assert [what for what, *_ in controller.happened] == ["ask", "tell", "ask", *["tell"] * 4, "ask", "tell"]


def test_enqueued_twice_is_enqueued_once():
    """So the same command, or the same cell of a notebook, goes on where it was."""
    study = study_of(Scripted(SPACE, script=MEMBERS[:4]))
    assert [study.enqueue(MEMBERS[5]), study.enqueue(MEMBERS[5])] == [True, False]
    run = study.run(4, batch=4)
    next(run)
    assert study.queue == []
    assert [study.enqueue(a) for a in (MEMBERS[5], MEMBERS[0], MEMBERS[6])] == [False, False, True]


def test_a_controller_does_not_ask_in_the_same_batch_what_was_enqueued():
    for name in ("random", "grid", "q-learning", "local-search"):
        first = next(iter(study_of(name).run(1))).architecture
        study = study_of(name)
        study.enqueue(first)
        together = [t.architecture for t in study.run(4, batch=4)]
        assert len(set(together)) == 4, name


def test_one_that_computes_the_same_as_an_earlier_one_is_answered_from_memory():
    space = OneActivation((1, 6, 6), 4, depth=1, widths=(8, 4))
    a, same = ("8-relu", "stop"), ("8-tanh", "stop")
    trainer = Counting(space)
    study = study_of(Scripted(space, script=[a]), trainer=trainer)
    list(study.run(1))
    assert study.enqueue(list(same))
    list(study.run(2))
    assert trainer.trained == [a]
    assert [t.architecture for t in study.trials] == [a, same]
    assert len({t.score for t in study.trials}) == 1


@pytest.mark.parametrize(
    ("given", "kind", "says"),
    [
        (("no such", "choice"), BadArchitecture, "cannot be read by the space"),
        (MEMBERS[0][:-1], BadArchitecture, "is not complete"),
        ("8-relu stop", BadValue, "an architecture is a tuple of choices"),
        (7, BadValue, "an architecture is a tuple of choices"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_the_door(given, kind, says, path):
    study = study_of(store=path)
    with pytest.raises(kind, match=says):
        study.enqueue(given)
    assert study.queue == []


def test_what_is_beyond_the_limits_is_refused():
    layers = sorted({SPACE.measure("parameters", a) for a in MEMBERS})
    limited = Constrained(fresh("random"), limits={"parameters": layers[1]})
    study = study_of(limited)
    with pytest.raises(BadValue, match=rf"not within the limits of this search \(at most {layers[1]:,} parameters\)"):
        study.enqueue(max(MEMBERS, key=lambda a: SPACE.measure("parameters", a)))


@pytest.mark.parametrize("prior", ["weighted", "surrogate", "cold twin"])
def test_nor_does_a_prior_or_the_cold_twin_of_its_guard(prior):
    priors = {**PRIORS, "cold twin": lambda: earlier("guarded", budget=15, share=0.0)}
    first = next(iter(study_of("random", prior=priors[prior]()).run(1))).architecture
    study = study_of("random", prior=priors[prior]())
    study.enqueue(first)
    together = [t.architecture for t in study.run(4, batch=4)]
    assert len(set(together)) == 4


def test_an_exhausted_study_still_tries_what_is_enqueued():
    study = study_of(Scripted(SPACE, script=MEMBERS[:2]))
    list(study.run(10, batch=3))
    assert study.exhausted
    study.enqueue(MEMBERS[4])
    assert [t.architecture for t in study.run(10, batch=3)] == [MEMBERS[4]]
    assert list(study.run(10)) == []


# ---------------------------------------------------------------------- killed and resumed


def search(store, name, leave_at=None, batch=3, prior=None):
    """Search for 6 trials, enqueue three, search for 15; left at a trial, and opened again, if one is given."""

    def opened():
        return study_of(name, store, prior=prior and prior())

    def until(study, trials):
        return any(trial.number == leave_at for trial in study.run(trials, batch))

    study = opened()
    if until(study, 6):
        study.close()
        study = opened()
        list(study.run(6, batch))
    for architecture in asked_first(3):
        study.enqueue(architecture)
    if leave_at is None or leave_at < 6 or not until(study, 15):
        list(study.run(15, batch))
        return study
    study.close()
    study = opened()
    list(study.run(15, batch))
    return study


def earlier(kind, **options):
    rng = rng_from(0, "earlier")
    trials = tuple((a, float(rng.random())) for a in MEMBERS[::3])
    return meta.load(kind, [meta.Evidence("one", trials), meta.Evidence("two", trials[::-1])], **options)


PRIORS = {
    "none": None,
    "copy-best": lambda: earlier("copy-best", most=8),
    "weighted": lambda: earlier("copy-best", most=8, weighted=True),
    "surrogate": lambda: earlier("surrogate"),
    "guarded": lambda: earlier("guarded", prior="surrogate", budget=15, share=0.5),
    "warm-q": lambda: earlier("warm-q"),
}


@pytest.mark.parametrize("name", controllers.registry)
def test_every_controller_is_brought_back_with_what_was_enqueued_and_imported(name, path):
    """Opened again after each batch, it is the study that was never left: the conformance of `expect` and replay."""
    whole = study_of(name)
    parts = []
    for study in (whole, None):
        for trials, extra in ((4, MEMBERS[7]), (8, MEMBERS[9]), (12, None), (15, None)):
            study = study if study is whole else study_of(name, path)
            list(study.run(trials, 4))
            if extra:
                study.enqueue(extra)
                tried = {t.architecture for t in study.trials}
                study.add_results([Evaluation(next(a for a in MEMBERS if a not in tried), 0.1 * trials)])
            if study is not whole:
                study.close()
                parts.append(facts(study.trials))
    assert parts[-1] == facts(whole.trials)
    assert sorted(set(origins(whole))) == ["asked", "enqueued", "imported"]
    again = study_of(name, path)
    assert origins(again) == origins(whole)
    assert again.controller.learned() == whole.controller.learned()
    assert facts(again.run(19, 2)) == facts(whole.run(19, 2))


@pytest.mark.parametrize("prior", PRIORS)
@pytest.mark.parametrize("batch", [1, 4])
def test_left_at_any_trial_with_enqueued_ones_in_between(prior, batch, tmp_path):
    whole = search(":memory:", "q-learning", batch=batch, prior=PRIORS[prior])
    assert origins(whole).count("enqueued") >= 2
    for leave_at in range(0, 15, 2):
        store = tmp_path / f"{leave_at}.db"
        study = search(store, "q-learning", leave_at, batch, PRIORS[prior])
        assert facts(study.trials) == facts(whole.trials), leave_at
        assert origins(study) == origins(whole)
        study.close()


def test_killed_with_enqueued_ones_in_between(children, tmp_path):
    """In the middle of any write, the queue's included."""
    first, second, third = ["8-relu", "stop"], ["4-tanh", "2-relu", "stop"], ["2-tanh", "stop"]
    job = {"trials": 8, "batch": 4, "epochs": 1, "enqueue": [first, second, third]}
    events = children.done("search", store=tmp_path / "a.db", watch={"event": "step", "at": 0, "mark": ""}, **job)
    whole = everything(tmp_path / "a.db")
    assert [t.origin for t in Store(tmp_path / "a.db", create=False).trials(1)].count("enqueued") == 3
    for number, share in enumerate((0.15, 0.3, 0.45, 0.6, 0.75, 0.9)):
        store, mark = tmp_path / f"{number}.db", tmp_path / f"mark-{number}"
        watch = {"event": "step", "at": int(share * events["value"]), "mark": mark}
        assert children.start("search", store=store, watch=watch, **job).wait() == -9
        children.done("search", store=store, **job)
        assert everything(store) == whole


def test_a_queue_that_was_not_asked_yet_outlives_its_process(path):
    study = study_of(store=path)
    list(study.run(2))
    study.enqueue(asked_first()[0])
    study.enqueue(asked_first()[1])
    study.close()
    again = study_of(store=path)
    assert again.queue == asked_first()
    assert [t.architecture for t in again.run(4)] == asked_first()
    assert again.queue == []


def test_what_the_space_of_today_cannot_read_is_a_mismatch(path):
    class Changing(spaces.registry["mlp"]):
        layers = ("8-relu", "4-relu", "2-relu")

        def choices(self, state):
            return () if state == "complete" else ("stop",) if state else (*self.layers, "stop")

    def study():
        return study_of(Scripted(Changing((1, 6, 6), 4, depth=1), script=[("stop",)]), path)

    with study() as first:
        first.enqueue(("8-relu", "stop"))
        list(first.run(2))
    Changing.layers = ("9-relu", "4-relu", "2-relu")
    with pytest.raises(Mismatch, match=r"trial 0 .* was enqueued, and the space of today cannot read it"):
        study()


# ---------------------------------------------------------------------- results from elsewhere


RESULTS = [Evaluation(MEMBERS[20], 2.0, epochs=50), Evaluation(MEMBERS[21], 0.25)]


def test_results_are_trials_that_the_controller_learned_and_nobody_trained():
    controller = Scripted(SPACE, script=MEMBERS[:3])
    trainer = Counting(SPACE)
    study = study_of(controller, trainer=trainer)
    list(study.run(1))
    study.add_results(RESULTS)
    assert origins(study) == ["asked", "imported", "imported"]
    assert [t.batch for t in study.trials] == [0, 1, 1]
    assert controller.happened[2:] == [("tell", MEMBERS[20], 2.0), ("tell", MEMBERS[21], 0.25)]
    assert study.best.architecture == MEMBERS[20]
    list(study.run(3))
    assert origins(study).count("asked") == 3, "they do not count as trials of this search"
    assert trainer.trained == MEMBERS[:3]
    assert study.trials_dataframe()["origin"].tolist() == origins(study)


def test_an_imported_result_is_never_taken_for_one_of_this_trainer():
    trainer = Counting(SPACE)
    study = study_of(Scripted(SPACE, script=[]), trainer=trainer)
    study.add_results(RESULTS)
    study.enqueue(MEMBERS[20])
    list(study.run(1))
    assert trainer.trained == [MEMBERS[20]]
    study.finish()
    assert trainer.judged[0] == study.best.architecture


@pytest.mark.parametrize("leave_at", [None, 4, 5, 6, 7])
def test_results_that_come_in_the_middle_of_a_batch_are_told_with_it(leave_at, path):
    """Also if the batch is left open then, and taken up by another process."""
    study = study_of(store=path)
    run = study.run(12, batch=4)
    for trial in run:
        if trial.number == leave_at:
            study.add_results(RESULTS)
            run.close()
            break
    study.close()
    again = study_of(store=path)
    list(again.run(12, batch=4))
    if leave_at is not None:
        assert [t.origin for t in again.trials[8:10]] == ["imported"] * 2
        assert [t.batch for t in again.trials[4:10]] == [1] * 6
    resumed = study_of(store=path)
    assert resumed.controller.learned() == again.controller.learned()
    assert facts(resumed.trials) == facts(again.trials)


@pytest.mark.parametrize("leave_at", [5, 7])
def test_results_can_be_recorded_where_nobody_has_the_study_open(leave_at, path):
    study = study_of(store=path)
    next(trial for trial in study.run(12, batch=4) if trial.number == leave_at)
    study.close()
    import_results(path, 1, RESULTS)
    again = study_of(store=path)
    list(again.run(12, batch=4))
    resumed = study_of(store=path)
    assert facts(resumed.trials) == facts(again.trials)
    assert resumed.controller.learned() == again.controller.learned()
    assert [t.number for t in again.trials if t.imported] == [8, 9]


@pytest.mark.parametrize(
    ("results", "says"),
    [
        ([Evaluation(("nonsense",), 0.5)], "cannot be read by the space"),
        ([RESULTS[0], RESULTS[0]], "known already, from an earlier one of these results"),
        ([Evaluation(MEMBERS[0], 0.5)], "known already, from trial 1 of this study"),
    ],
)
def test_results_that_cannot_be_trials_are_refused_and_none_is_added(results, says):
    study = study_of(Scripted(SPACE, script=MEMBERS[:1]))
    list(study.run(1))
    with pytest.raises(BadValue, match=says):
        study.add_results([RESULTS[1], *results])
    assert len(study.trials) == 1
    assert [what for what, *_ in study.controller.happened] == ["ask", "tell"]


def test_a_full_disk_loses_no_result(path):
    study = study_of(store=path)
    list(study.run(2, 2))
    record = study._store.add_batch

    def full(*_):
        raise StoreError("the disk is full")

    study._store.add_batch = full
    with pytest.raises(StoreError):
        study.add_results(RESULTS)
    study._store.add_batch = record
    list(study.run(6, 2))
    assert study.best.architecture == MEMBERS[20]
    assert origins(study) == ["asked", "asked", "imported", "imported", *["asked"] * 4]
    again = study_of(store=path)
    assert facts(again.trials) == facts(study.trials)
    assert again.controller.learned() == study.controller.learned()


def test_a_guard_does_not_judge_its_prior_by_what_a_person_asked():
    guard = Guarded(earlier("copy-best"), budget=40, share=0.5)
    study = study_of(prior=guard)
    for architecture in MEMBERS[:3]:
        study.enqueue(architecture)
    list(study.run(3, 3))
    assert study.controller.answers == {True: [], False: []}
    assert study.controller.cold.rewards.keys() == set(MEMBERS[:3])


# ---------------------------------------------------------------------- minutes


class Timed(Counting):
    """A trainer for which a minute passes with each network."""

    clock = None

    def evaluate(self, *args):
        self.clock.now += 60
        return super().evaluate(*args)


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=1000.0)
    clock.monotonic = lambda: clock.now
    monkeypatch.setattr(loop, "time", clock)
    monkeypatch.setattr(Timed, "clock", clock)
    return clock


def timed(store=":memory:", **kwargs):
    return study_of("random", store, Timed(SPACE, **kwargs))


@pytest.mark.parametrize(("minutes", "trials"), [(0.5, 1), (3, 3), (3.5, 4)])
def test_time_counts_from_the_first_iteration_and_what_has_begun_is_finished(clock, minutes, trials):
    study = timed()
    run = study.run(minutes=minutes)
    clock.now += 600
    assert len(list(run)) == trials


def test_what_comes_first_ends_a_run(clock):
    assert len(list(timed().run(2, minutes=10))) == 2
    assert len(list(timed().run(10, minutes=2))) == 2


def test_a_batch_that_is_left_open_goes_on_where_it_was(clock, path):
    """Every piece of 2 is a call to the trainer; the batch is told when all of it is there."""
    whole = timed(preferred_batch=2)
    list(whole.run(10, batch=5))
    study = timed(path, preferred_batch=2)
    assert len(list(study.run(batch=5, minutes=3))) == 4
    assert len(study.controller.rewards) == 0
    study.close()
    again = timed(path, preferred_batch=2)
    assert [len(list(again.run(batch=5, minutes=1))) for _ in range(2)] == [1, 2]
    list(again.run(10, batch=5))
    assert facts(again.trials) == facts(whole.trials)


def test_a_run_of_no_length_is_refused():
    study = study_of()
    with pytest.raises(BadValue, match="give trials, minutes, or both"):
        study.run()
    for minutes in (0, -1, float("nan"), float("inf"), "10", True):
        with pytest.raises(BadValue, match="minutes is a number above 0"):
            study.run(minutes=minutes)
    with pytest.raises(BadValue, match="trials is a whole number"):
        study.run(0, minutes=1)


def test_minutes_alone_end_with_the_space(clock):
    study = timed()
    assert len(list(study.run(minutes=10_000))) == SPACE.size()
    assert study.exhausted
    assert [t.number for t in study.trials] == list(itertools.islice(itertools.count(), SPACE.size()))
