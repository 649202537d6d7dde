"""Many seeds of many controllers on one table: what is counted, what is told, and who may run."""

import os
import threading

import numpy as np
import pandas as pd
import pytest

import nasedu
from nasedu import Controller, Table, controllers
from nasedu.controllers.q_learning import QLearning
from nasedu.core import BadArchitecture, BadValue, Exhausted, Mismatch, NaseduError, UnknownName
from nasedu.racing import start, workers
from nasedu.racing.run import MOST_REPEATS
from tests.tables.spaces import MEMBERS, Letters, Unordered

SCORES = np.array([10, 50, 20, 80, 30, 0, 70, 40, 60])


@pytest.fixture
def table():
    return Table(Letters(), MEMBERS, {"x": SCORES}, scale=100, name="nine")


def run(table, entries, evaluations=6, seeds=3, **options):
    return nasedu.race(table.space, table, entries, evaluations, seeds, **({"workers": 1} | options))


class Given(Controller):
    """Asks what it is given, in order; then it is exhausted. Keeps what it was told."""

    order = MEMBERS
    told: list = []  # noqa: RUF012

    def __init__(self, space, *, seed=0):
        super().__init__(space, seed=seed)
        self.left = iter(self.order)
        type(self).told = []

    def ask(self):
        try:
            return next(self.left)
        except StopIteration:
            raise Exhausted("that was all") from None

    def tell(self, architecture, reward):
        super().tell(architecture, reward)
        self.told.append((architecture, reward))


def given(*architectures):
    return type("Given", (Given,), {"order": list(architectures)})


# ---------------------------------------------------------------------- what is measured


def test_the_best_so_far_and_its_regret(table):
    frame = run(table, [Given], evaluations=5, seeds=[7]).to_dataframe()
    assert frame.columns.tolist() == ["controller", "budget", "seed", "evaluations", "best", "regret"]
    assert frame["best"].tolist() == [10, 50, 50, 80, 80]
    assert frame["regret"].tolist() == [70, 30, 30, 0, 0]
    assert frame["evaluations"].tolist() == [1, 2, 3, 4, 5]
    assert set(frame["seed"]) == {7}
    assert set(frame["controller"]) == {"Given"}


def test_it_is_what_a_loop_written_by_hand_finds(macro):
    result = run(macro, ["random", "q-learning"], evaluations=40, seeds=3)
    frame = result.to_dataframe()
    scores = dict(zip(macro.architectures, macro.scores(), strict=True))
    for name, options in (("random", {}), ("q-learning", {"budget": 40})):
        for seed in range(3):
            controller = controllers.load(name, macro.space, seed=seed, **options)
            best = []
            for _ in range(40):
                architecture = controller.ask()
                best.append(max([scores[architecture], *best[-1:]]))
                controller.tell(architecture, scores[architecture] / 100)
            assert result.curves(name)[seed].tolist() == best
            assert frame.query(f"controller == '{name}' and seed == {seed}")["best"].tolist() == best


def test_what_is_told_is_the_score_over_the_scale(table):
    run(table, [Given], evaluations=3)
    assert Given.told == [(MEMBERS[0], 0.1), (MEMBERS[1], 0.5), (MEMBERS[2], 0.2)]


def test_repeats_are_answered_and_cost_nothing(table):
    twice = given(*[a for a in MEMBERS for _ in range(2)])
    assert run(table, [twice], evaluations=6).curves("Given")[0].tolist() == [10, 50, 50, 80, 80, 80]
    assert len(twice.told) == 11


def test_what_builds_the_same_function_is_one_network():
    table = Table(Unordered(), MEMBERS, {"x": SCORES})
    again = given(("b", "a"), ("a", "b"), ("c", "c"), ("a", "a"))
    result = run(table, [again], evaluations=3)
    assert again.told == [(("b", "a"), 50), (("a", "b"), 50), (("c", "c"), 60), (("a", "a"), 10)]
    assert result.curves("Given")[0].tolist() == [50, 60, 60]
    assert result.best == 60  # 80 and 70 were recorded for what is another row's network


def test_a_table_may_hold_one_of_each_kind():
    table = Table(Unordered(), [("c", "c"), ("a", "b")], {"x": [1, 2]})
    twin = given(("b", "a"), ("c", "c"))
    assert run(table, [twin], evaluations=2).curves("Given")[0].tolist() == [2, 2]
    assert twin.told == [(("b", "a"), 2), (("c", "c"), 1)]


def test_one_seed_is_told_and_the_mean_counts():
    values = np.stack([SCORES, SCORES[::-1]], axis=1)
    table = Table(Letters(), MEMBERS, {"x": values})
    result = run(table, [Given], evaluations=9, seeds=[0, 3], reward="one-seed")
    assert [reward for _, reward in Given.told] == SCORES[::-1].tolist()  # of seed 3: the second recorded one
    means = values.mean(axis=1)
    for seed, curve in enumerate(result.curves("Given")):
        looked_best = [int(values[: n + 1, seed].argmax()) for n in range(9)]
        assert curve.tolist() == means[looked_best].tolist()
    assert result.best == means.max()


def test_a_short_training_is_told_and_the_long_one_counts():
    values = np.stack([SCORES, SCORES[::-1] + 100], axis=1)[:, None]
    table = Table(Letters(), MEMBERS, {"x": values})
    result = run(table, [Given], evaluations=4, epochs=1)
    assert [reward for _, reward in Given.told] == SCORES[:4].tolist()
    assert result.curves("Given")[0].tolist() == [160, 140, 140, 100]


def test_a_task_of_several(curves):
    result = run(curves, [Given], evaluations=9, task="two")
    assert result.task == "two"
    assert result.best == curves.best("two").score
    with pytest.raises(BadValue, match="has the tasks one, two; none was named"):
        run(curves, [Given])


# ---------------------------------------------------------------------- how runs end


def test_a_search_that_exhausts_its_space_ends_well(table):
    result = run(table, ["random", Given], evaluations=20)
    assert result.exhausted == {"random": 3, "Given": 3}
    assert (result.curves("random", "regret")[:, 8:] == 0).all()
    assert "random: 3 runs had nothing left to ask" in repr(result)
    assert len(result.to_dataframe()) == 2 * 3 * 20


def test_a_controller_that_only_repeats_itself_is_given_up(table):
    class Same(Controller):
        def ask(self):
            return MEMBERS[4]

    with pytest.warns(UserWarning, match=rf"Same: 3 of 3 runs were given up early.* \({MOST_REPEATS:,} in a row\)"):
        result = run(table, [Same, "random"])
    assert result.stuck == {"Same": 3}
    assert (result.curves("Same") == 30).all()
    assert [run.length for run in result.runs["Same", 6]] == [1, 1, 1]
    assert "Same: 3 runs given up" in repr(result)


def test_repeats_before_something_new_do_not_end_a_run(table):
    patient = given(*[MEMBERS[0]] * MOST_REPEATS, *[MEMBERS[1]] * MOST_REPEATS, MEMBERS[3])
    assert run(table, [patient], evaluations=3).curves("Given")[0].tolist() == [10, 50, 80]


def test_a_controller_that_asks_nothing_at_all(table):
    with pytest.raises(BadValue, match="Given with seed 0 asked for no network at all"):
        run(table, [given()])


def test_a_network_that_is_in_no_row(table):
    small = Table(table.space, MEMBERS[:3], {"x": SCORES[:3]}, name="small")
    with pytest.raises(BadArchitecture, match="in no row of the table 'small'") as caught:
        run(small, [Given], seeds=[5])
    assert caught.value.__notes__ == ["in a race, where Given ran with seed 5"]


# ---------------------------------------------------------------------- on several cores


ENTRIES = ["random", ("q-learning", {"replay": 4}), lambda space, seed: QLearning(space, seed=seed, target="max")]


def test_the_number_of_workers_changes_nothing(macro):
    one, two, many = (run(macro, ENTRIES, 25, 5, budgets=(10,), workers=n).to_dataframe() for n in (1, 2, 40))
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    pd.testing.assert_frame_equal(one, many, check_exact=True)
    assert not one.equals(run(macro, ENTRIES, 25, [1, 2, 3, 4, 5], budgets=(10,)).to_dataframe())


def test_other_systems_start_workers_from_nothing(table, monkeypatch):
    here = run(table, ["random", QLearning], 6, 2)
    monkeypatch.setattr(workers, "can_fork", lambda: False)
    monkeypatch.setattr("multiprocessing.get_context", spawning := Spawning())
    pd.testing.assert_frame_equal(
        here.to_dataframe(), run(table, ["random", QLearning], 6, 2, workers=2).to_dataframe()
    )
    assert spawning.asked == [None]
    there = run(table, ENTRIES, 5, 2, workers=2)  # with a lambda, as in a notebook
    pd.testing.assert_frame_equal(run(table, ENTRIES, 5, 2).to_dataframe(), there.to_dataframe())
    lock = threading.Lock()
    run(table, [lambda space, seed: lock and QLearning(space, seed=seed), "random"], 5, 2, workers=2)  # runs here
    assert spawning.asked == [None, None]


class Spawning:
    """What `multiprocessing.get_context` gives on macOS and Windows."""

    def __init__(self):
        self.asked = []

    def __call__(self, method=None):
        import multiprocessing.context

        self.asked.append(method)
        return multiprocessing.context.SpawnContext()


def test_an_error_in_a_worker_arrives_as_it_was(table):
    class Mistaken(Controller):
        def ask(self):
            raise ZeroDivisionError("in my own code")

    with pytest.raises(ZeroDivisionError, match="in my own code") as caught:
        run(table, {"mine": Mistaken}, workers=2)
    assert caught.value.__notes__[0].startswith("in a race, where mine ran with seed ")


def test_a_worker_that_is_killed(table):
    class Deadly(Controller):
        def ask(self):
            os._exit(9)

    with pytest.raises(NaseduError, match="a process of the race was killed"):
        run(table, [Deadly], workers=2)


# ---------------------------------------------------------------------- who runs, and for how long


class Planner(Given):
    """Wants to know how long the race is."""

    name = "planner"
    budgets: list = []  # noqa: RUF012

    def __init__(self, space, *, seed=0, budget=1):
        super().__init__(space, seed=seed)
        self.budgets.append(budget)


def test_who_has_a_budget_is_told_how_long_the_race_is(table):
    Planner.budgets.clear()
    result = run(table, [Planner, Given], evaluations=9, seeds=2, budgets=(3, 6))
    assert sorted(Planner.budgets) == [3, 3, 6, 6, 9, 9, 9]  # one of nine is made at the door
    assert set(result.runs) == {("planner", 9), ("planner", 6), ("planner", 3), ("Given", 9)}
    assert set(result.to_dataframe().query("controller == 'planner'")["budget"]) == {3, 6, 9}


def test_a_budget_of_one_s_own_is_kept(table):
    entry = ("q-learning", {"budget": 77})
    result = run(table, [entry], budgets=(3,))
    assert list(result.runs) == [("q-learning (budget=77)", 6)]


def test_the_numbers_at_a_budget_come_from_the_runs_that_had_it(macro):
    result = run(macro, ["random", "q-learning"], evaluations=30, seeds=4, budgets=(10,))
    short = run(macro, ["q-learning"], evaluations=10, seeds=4)
    assert result.at(10)["q-learning"].tolist() == short.curves("q-learning")[:, -1].tolist()
    assert result.at(10)["q-learning"].tolist() != result.curves("q-learning")[:, 9].tolist()
    assert result.at(10)["random"].tolist() == result.curves("random")[:, 9].tolist()
    assert result.at(20)["q-learning"].tolist() == result.curves("q-learning")[:, 19].tolist()


def test_labels(table):
    entries = ["random", ("random", {}), ("q-learning", {"replay": 2, "target": "max"}), Given]
    assert run(table, entries[1:]).labels == ["random", "q-learning (replay=2, target=max)", "Given"]
    assert run(table, {"x": entries[0], "y": entries[1]}).labels == ["x", "y"]
    with pytest.raises(BadValue, match=r"two controllers are called 'random'; name them yourself: {'first'"):
        run(table, entries)


REFUSED = {
    "unknown": (["randon"], {}, UnknownName, "unknown controller 'randon'; known: .*random"),
    "unknown in a pair": ([("randon", {})], {}, UnknownName, "unknown controller 'randon'"),
    "unknown parameter": ([("random", {"speed": 1})], {}, BadValue, "'random' has no parameter 'speed'"),
    "bad parameter": ([("q-learning", {"alpha": 7})], {}, BadValue, "0 < alpha <= 1"),
    "seed twice": ([("random", {"seed": 1})], {}, BadValue, "come from the race; leave 'seed' out"),
    "nobody": ([], {}, BadValue, "at least one controller; known: "),
    "one name": ("random", {}, BadValue, r"controllers is a list: \['random'\]"),
    "number": ([3], {}, BadValue, r"as a function of \(space, \*, seed\); given 3"),
    "no seeds": (["random"], {"seeds": 0}, BadValue, "at least 1.*given 0"),
    "a seed twice": (["random"], {"seeds": [1, 1]}, BadValue, r"different ones; given \[1, 1\]"),
    "no evaluations": (["random"], {"evaluations": 0}, BadValue, "given evaluations=0"),
    "half an evaluation": (["random"], {"evaluations": 1.5}, BadValue, "given evaluations=1.5"),
    "long budget": (["random"], {"budgets": (7,)}, BadValue, r"no budget is above evaluations; .*budgets=\(7,\)"),
    "no workers": (["random"], {"workers": 0}, BadValue, "at least 1; given 0"),
    "reward": (["random"], {"reward": "best"}, BadValue, "reward is 'mean' or 'one-seed'; given 'best'"),
    "task": (["random"], {"task": "y"}, BadValue, "has the tasks x; given 'y'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_before_anything_runs(case, table, monkeypatch):
    entries, options, kind, message = REFUSED[case]
    monkeypatch.setattr(start, "run_all", lambda *_: pytest.fail("it ran"))
    with pytest.raises(kind, match=rf"(?s){message}"):
        run(table, entries, **options)


def test_a_table_of_another_space(table):
    class Others(Letters):
        name = "others"

    with pytest.raises(Mismatch, match=r"the table 'nine' is of Letters.*the space given is Others"):
        nasedu.race(Others(), table, ["random"], 3, 1)


# ---------------------------------------------------------------------- on other people's trainings


def test_the_whole_return_beats_random_on_nas_bench_macro(macro):
    result = run(macro, ["random", "q-learning"], evaluations=100, seeds=20, workers=2)
    found = result.at(100)
    assert found["q-learning"].mean() > found["random"].mean() + 0.08
    assert found["random"].mean() == pytest.approx(92.87, abs=0.06)
    assert "no validation split" in repr(result)


def test_all_eight_mlp_tasks(mlp):
    for task in mlp.tasks:
        result = run(mlp, ["random"], evaluations=60, seeds=4, task=task)
        scores = mlp.scores(task)
        assert result.best == scores.max()
        assert (result.at(60)["random"] > np.quantile(scores, 0.8)).all()
