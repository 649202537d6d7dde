"""Many workers give what one trainer gives, and the work is divided as it should be."""

import io
import multiprocessing
import os
import pickle
import signal
import threading
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace

import pytest
import torch

from nasedu import Study, controllers, spaces
from nasedu.core import BadValue, NaseduError, describe
from nasedu.core.machine import usable_cores
from nasedu.tasks import together
from nasedu.testing import trainer_checks
from nasedu.trainers.base import Continuing, Trainer
from nasedu.trainers.halving.halving import Halving
from nasedu.trainers.parallel import threads as shares
from nasedu.trainers.parallel.processes import ProcessPool, processes
from nasedu.trainers.parallel.trainer import Parallel
from nasedu.trainers.population.trainer import PopulationTrainer
from nasedu.trainers.single.sequential import SequentialTrainer
from tests.trainers.faulty import Bare, Forgetful, Raising, Threes, Unreadable, Watched, Workshop, essence

ARCHITECTURES = [("stop",), ("conv3-4", "pool2", "dense8", "stop"), ("conv1-2", "gap", "stop")]


@pytest.fixture(scope="module")
def pool():
    """Two worker processes for many tests: a fresh one spends a second on importing torch."""
    with ProcessPool(2) as executor:
        yield executor


@pytest.fixture(scope="module")
def threads():
    with ThreadPoolExecutor(2) as executor:
        yield executor


@pytest.fixture(scope="module")
def executors(pool, threads):
    return {"processes": pool, "threads": threads}


KINDS = ("threads", "processes")


@pytest.fixture(scope="module")
def noisy_space(small_task):
    """With everything that draws numbers while it trains."""
    return spaces.load(
        "chain-cnn", small_task, depth=3, filters=(2, 4), kernels=(1, 3), dense=(8, 4), batch_norm=True, dropout=0.3
    )


# ---------------------------------------------------------------------- the same as the trainer alone


@pytest.mark.parametrize("check", trainer_checks, ids=lambda check: check.__name__)
@pytest.mark.parametrize("kind", KINDS)
def test_the_rules_of_a_trainer(kind, check, executors, noisy_space, small_task):
    trainer = Parallel(SequentialTrainer(noisy_space, small_task, device="cpu"), executors[kind])
    assert isinstance(trainer, Trainer)
    assert isinstance(trainer, Continuing)
    check(trainer, ARCHITECTURES)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("inner", [SequentialTrainer, Threes, PopulationTrainer])
def test_results_are_those_of_the_trainer_alone_in_order(inner, kind, executors, noisy_space, small_task):
    alone = inner(noisy_space, small_task, device="cpu")
    together = Parallel(alone, executors[kind])
    asked, seeds = ARCHITECTURES * 3, list(range(9))
    assert essence(together(asked, epochs=2, seed=seeds)) == essence(alone(asked, epochs=2, seed=seeds))
    judged = (t.retrain_and_test(asked[1], epochs=2, seed=4) for t in (together, alone))
    assert len({(e.score, str(e.metrics)) for e in judged}) == 1


def test_the_best_epoch_of_each_task_travels(threads, small_space, small_task):
    family = together(small_task, replace(small_task, name="again"))
    alone = SequentialTrainer(small_space, family, device="cpu")
    asked = {"epochs": 3, "seed": 4, "best_epoch": (1, 3)}
    found = Parallel(alone, threads).retrain_and_test(ARCHITECTURES[1], **asked)
    assert found.metrics["best_epochs"] == [1, 3]
    assert essence([found]) == essence([alone.retrain_and_test(ARCHITECTURES[1], **asked)])


@pytest.mark.parametrize("kind", KINDS)
def test_states_come_back_to_the_architectures_that_they_belong_to(kind, executors, noisy_space, small_task):
    alone = SequentialTrainer(noisy_space, small_task, device="cpu")
    together = Parallel(alone, executors[kind])
    begun = together.extend(ARCHITECTURES, epochs=1, seed=3, total=3)
    ended = together.extend(ARCHITECTURES, epochs=3, seed=3, total=3, states=[state for _, state in begun])
    assert essence(e for e, _ in ended) == essence(alone(ARCHITECTURES, epochs=3, seed=3))


def trials_of(store, space, trainer, trials=10):
    with Study(
        space, controllers.load("q-learning", space, seed=1, budget=10), trainer, store=store, epochs=1
    ) as study:
        for _ in study.run(trials, batch=4):
            pass
        return [(t.number, t.batch, t.status) for t in study.trials], essence(t.evaluation for t in study.trials)


def test_a_study_is_the_same_with_one_worker_and_eight_and_goes_on_with_either(pool, noisy_space, small_task, tmp_path):
    alone = SequentialTrainer(noisy_space, small_task, device="cpu")
    expected = trials_of(tmp_path / "alone.db", noisy_space, alone)
    with ThreadPoolExecutor(8) as eight:
        assert trials_of(tmp_path / "eight.db", noisy_space, Parallel(alone, eight)) == expected
    changing = tmp_path / "changing.db"
    trials_of(changing, noisy_space, alone, 4)
    trials_of(changing, noisy_space, Parallel(alone, pool), 8)
    assert trials_of(changing, noisy_space, alone) == expected


def test_a_store_records_the_trainer_inside(threads, noisy_space, small_task):
    alone = SequentialTrainer(noisy_space, small_task, device="cpu", patience=2)
    together = Parallel(alone, threads)
    assert describe(together) == describe(alone)
    assert describe(Halving(together)) == describe(Halving(alone))


def test_halving_goes_around(threads, noisy_space, small_task):
    alone = SequentialTrainer(noisy_space, small_task, device="cpu")
    found = [Halving(t)(ARCHITECTURES, epochs=3, seed=0) for t in (alone, Parallel(alone, threads))]
    assert essence(found[0]) == essence(found[1])


def test_the_same_workers_for_another_trainer(threads, noisy_space, small_task):
    together = Parallel(SequentialTrainer(noisy_space, small_task, device="cpu"), threads, workers=3, grace=7.0)
    other = together.around(Bare(noisy_space, small_task))
    assert (other.executor, other.workers, other.grace) == (threads, 3, 7.0)
    assert isinstance(together, Continuing)
    assert not isinstance(other, Continuing)


def test_a_trainer_that_cannot_go_on_stays_one(threads, noisy_space, small_task):
    together = Parallel(Bare(noisy_space, small_task), threads)
    assert not isinstance(together, Continuing)
    assert not hasattr(together, "extend")
    assert len(together(ARCHITECTURES, epochs=1, seed=0)) == 3


# ---------------------------------------------------------------------- how the work is divided


@pytest.mark.parametrize(
    ("asked", "workers", "calls"),
    [(1, 2, [1]), (2, 2, [1, 1]), (4, 2, [2, 2]), (5, 2, [3, 2]), (9, 2, [3, 3, 3]), (8, 8, [1] * 8), (0, 2, [])],
)
def test_every_worker_has_work_and_none_more_than_the_trainer_likes(
    asked, workers, calls, noisy_space, small_task, tmp_path
):
    trainer = Watched(noisy_space, small_task, tmp_path)
    with ThreadPoolExecutor(workers) as executor:
        assert len(Parallel(trainer, executor)([("stop",)] * asked, epochs=1, seed=0)) == asked
    assert trainer.notes("call") == sorted(f"call of {size}" for size in calls)


def test_a_study_hands_over_enough_for_all_workers(threads, noisy_space, small_task):
    assert Parallel(Threes(noisy_space, small_task, device="cpu"), threads).preferred_batch >= 2 * 3


class Counting(Executor):
    """Counts the requests that include a trainer on their way to a pool."""

    def __init__(self, pool):
        self.pool = pool
        self._max_workers = 2
        self.included = []

    def submit(self, handle, request):
        self.included.append(pickle.loads(request).trainer is not None)
        return self.pool.submit(handle, request)


def test_the_trainer_travels_once_to_each_worker(pool, noisy_space, small_task, tmp_path):
    trainer = Watched(noisy_space, small_task, tmp_path)
    counting = Counting(pool)
    together = Parallel(trainer, counting)
    for _ in range(4):
        together(ARCHITECTURES * 3, epochs=1, seed=0)
    sent = trainer.notes("sent")
    assert 1 <= len(sent) == len(set(sent)) <= 2
    assert len(counting.included) >= 4 * 3
    assert len(sent) <= sum(counting.included) <= 4  # one worker may take what was sent again for the other


def test_a_worker_that_forgot_the_trainer_is_sent_it_again(pool, noisy_space, small_task, tmp_path):
    first = Watched(noisy_space, small_task, tmp_path)
    together = Parallel(first, pool)
    found = together(ARCHITECTURES * 3, epochs=1, seed=0)
    for _ in range(3):  # a worker remembers two
        Parallel(Threes(noisy_space, small_task, device="cpu"), pool)(ARCHITECTURES * 3, epochs=1, seed=0)
    once = first.notes("sent")
    assert essence(together(ARCHITECTURES * 3, epochs=1, seed=0)) == essence(found)
    assert len(first.notes("sent")) > len(once)


def test_threads_know_the_trainer_already(threads, noisy_space, small_task, tmp_path):
    trainer = Watched(noisy_space, small_task, tmp_path)
    Parallel(trainer, threads)(ARCHITECTURES, epochs=1, seed=0)
    assert trainer.notes("sent") == []


# ---------------------------------------------------------------------- cores


@pytest.mark.parametrize(("cores", "workers", "each"), [(8.0, 2, 4), (2.0, 2, 1), (1.5, 4, 1), (7.9, 2, 3)])
def test_cores_are_divided_among_workers(cores, workers, each, threads, noisy_space, small_task, monkeypatch):
    monkeypatch.setattr(shares, "usable_cores", lambda: cores)
    greedy = PopulationTrainer(noisy_space, small_task, device="cpu")
    assert shares.with_threads(greedy, shares.cores_each(workers)).threads == each
    bare = Parallel(Bare(noisy_space, small_task), threads, workers=workers)
    assert [e.parameters for e in bare(ARCHITECTURES, epochs=1, seed=0)] == [each] * 3


def test_threads_that_were_asked_for_are_kept(noisy_space, small_task):
    for trainer in (SequentialTrainer(noisy_space, small_task, threads=3), Bare(noisy_space, small_task)):
        assert shares.with_threads(trainer, 1) is trainer
    greedy = PopulationTrainer(noisy_space, small_task, device="cpu", members=5, preferred_batch=7)
    limited = shares.with_threads(greedy, 1)
    assert describe(limited) == {**describe(greedy), "threads": 1}
    assert greedy.threads is None


def test_a_worker_process_leaves_the_other_cores_alone(pool, noisy_space, small_task):
    cores = shares.cores_each(2)
    found = Parallel(Bare(noisy_space, small_task), pool)(ARCHITECTURES, epochs=1, seed=0)
    assert {e.parameters for e in found} == {cores}
    assert pool.submit(torch.get_num_threads).result() == 1


@pytest.mark.usefixtures("really_spawned")
def test_a_worker_process_finds_one_core_in_its_environment_and_is_deaf_to_ctrl_c(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    with ProcessPool(1) as one:
        limits = [one.submit(os.getenv, name).result() for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")]
        os.kill(one.submit(os.getpid).result(), signal.SIGINT)
        assert one.submit(os.getppid).result() == os.getpid()
    assert limits == ["1", "1"]
    assert (os.environ["OMP_NUM_THREADS"], os.environ.get("MKL_NUM_THREADS")) == ("7", None)


def test_more_threads_than_cores_are_worth_a_warning(threads, noisy_space, small_task, monkeypatch):
    def oversubscription(cores, trainer):
        monkeypatch.setattr(shares, "usable_cores", lambda: cores)
        return Parallel(trainer, threads).oversubscription

    usual = SequentialTrainer(noisy_space, small_task, device="cpu")
    assert oversubscription(2.0, usual) == ""
    assert oversubscription(4.0, SequentialTrainer(noisy_space, small_task, threads=2)) == ""
    assert oversubscription(2.0, PopulationTrainer(noisy_space, small_task)) == ""
    assert oversubscription(1.0, usual) == "2 workers share 1 core and wait for each other: fewer would be as fast"
    assert oversubscription(3.5, SequentialTrainer(noisy_space, small_task, threads=2)).startswith(
        "2 workers of 2 threads share 3.5 cores "
    )
    assert usable_cores() >= 0


# ---------------------------------------------------------------------- the door


class Silent(Executor):
    """Does not say how many workers it has."""


@pytest.mark.parametrize(
    ("trainer", "executor", "options", "message"),
    [
        ("sequential", Silent(), {}, "a Silent does not say how many workers it has: give workers="),
        ("sequential", 2, {}, "give an executor of concurrent.futures, or a function without arguments"),
        ("sequential", lambda: 2, {}, "the function that makes the pool gave 2; an executor is expected"),
        ("sequential", Silent(), {"workers": 0}, "workers is a whole number of at least 1; given 0"),
        ("sequential", Silent(), {"workers": True}, "workers is a whole number of at least 1; given True"),
        ("sequential", Silent(), {"workers": 2, "grace": 0}, "grace is a number of seconds above 0; given 0"),
        ("sequential", Silent(), {"workers": 2, "grace": float("nan")}, "grace is a number of seconds above 0"),
        ("no trainer", Silent(), {}, "Parallel needs a trainer .*; given 'sequential'"),
        ("class", Silent(), {}, "a class: make one, with a space and a task"),
        ("halving", Silent(), {}, r"put Parallel inside, Halving\(Parallel\(trainer, executor\)\)"),
    ],
)
def test_what_cannot_work_is_refused(trainer, executor, options, message, noisy_space, small_task):
    usual = SequentialTrainer(noisy_space, small_task, device="cpu")
    given = {"sequential": usual, "no trainer": "sequential", "class": SequentialTrainer, "halving": Halving(usual)}
    with pytest.raises(BadValue, match=message):
        Parallel(given[trainer], executor, **options)


@pytest.mark.parametrize("workers", [0, -1, 1.5, "2", True])
def test_processes_are_counted_in_whole_numbers(workers):
    with pytest.raises(BadValue, match="workers is a whole number of at least 1"):
        processes(workers)


def test_a_trainer_that_cannot_be_sent_is_refused_with_its_culprit(pool, threads, small_task):
    trainer = SequentialTrainer(Workshop(["4"]), small_task, device="cpu")
    trainer.space.notes = {"log": [1, io.StringIO()], "hook": lambda: None, "lock": threading.Lock()}
    with pytest.raises(BadValue, match=r"trainer\.space\.notes\['lock'\] cannot be pickled .*_thread\.lock"):
        Parallel(trainer, pool)
    assert Parallel(trainer, threads)([("4",)], epochs=1, seed=0)[0].ok


def test_a_trainer_that_workers_cannot_read_is_an_error_that_says_why(pool, noisy_space, small_task):
    together = Parallel(Unreadable(noisy_space, small_task), pool)
    with pytest.raises(BadValue, match=r"cannot read the trainer .*ImportError: no such module over here"):
        together(ARCHITECTURES, epochs=1, seed=0)


@pytest.mark.parametrize("kind", ["local", "of two arguments"])
def test_an_error_that_cannot_be_sent_is_one_that_says_the_same(kind, pool, threads, noisy_space, small_task):
    trainer = Raising(noisy_space, small_task, kind)
    with pytest.raises(NaseduError, match=r"^the trainer raised Unsendable.*: no such epoch$"):
        Parallel(trainer, pool)(ARCHITECTURES, epochs=1, seed=0)
    with pytest.raises(Exception, match="no such epoch") as caught:
        Parallel(trainer, threads)(ARCHITECTURES, epochs=1, seed=0)
    assert type(caught.value).__name__.startswith("Unsendable")


def test_a_trainer_that_returns_too_few_is_an_error(threads, noisy_space, small_task):
    with pytest.raises(BadValue, match="Forgetful was given 1 architectures and returned 0 results"):
        Parallel(Forgetful(noisy_space, small_task), threads)(ARCHITECTURES, epochs=1, seed=0)


# ---------------------------------------------------------------------- opening and closing


def test_an_executor_that_was_given_stays_open_and_one_that_was_closed_is_an_error(noisy_space, small_task):
    trainer = SequentialTrainer(noisy_space, small_task, device="cpu")
    with ThreadPoolExecutor(2) as executor:
        with Parallel(trainer, executor) as together:
            together(ARCHITECTURES, epochs=1, seed=0)
        assert together(ARCHITECTURES, epochs=1, seed=0)
    with pytest.raises(NaseduError, match=r"takes no more work .*: give Parallel one that is open"):
        together(ARCHITECTURES, epochs=1, seed=0)


def test_workers_that_were_made_here_end_when_it_is_closed_and_are_made_again(noisy_space, small_task):
    before = set(multiprocessing.active_children())
    trainer = SequentialTrainer(noisy_space, small_task, device="cpu")
    with Parallel(trainer, processes(2)) as together:
        found = together(ARCHITECTURES[:2], epochs=1, seed=0)
        together.close()
        assert set(multiprocessing.active_children()) == before
        assert essence(together(ARCHITECTURES[:2], epochs=1, seed=0)) == essence(found)
    assert set(multiprocessing.active_children()) == before
