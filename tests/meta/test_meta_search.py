"""The loop over tasks: what is searched, what is carried over, and that nothing is lost when it is killed."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nasedu import Study, controllers, meta, trainers
from nasedu.cli.study_record import records_in
from nasedu.core import BadArchitecture, BadValue, Mismatch, UnknownName, describe
from nasedu.meta import Evidence
from nasedu.meta.continued import Continued
from nasedu.meta.copy_best import CopyBest
from nasedu.meta.events import Learned, Opened, SpaceChosen, Tried
from nasedu.meta.pruned_space import PrunedSpace, Within, place, whole_description
from nasedu.meta.pruning import favourites, prune, standings, task_correlation, why_widen
from nasedu.meta.rivals import RIVALS
from nasedu.meta.search import MetaSearch, _with_about
from nasedu.testing import VariableLength, check_space, check_trainer
from nasedu.trainers.table import TableTrainer
from tests.meta.made import MADE, WORDS, Words, loop, table, worth

ROOT = Path(__file__).parents[2]


def evidence(scores, task="before"):
    """Evidence from words: {"abca": 0.3}."""
    return Evidence(task, tuple((tuple(word), score) for word, score in scores.items()))


BAD_A = {"aaaa": 0.1, "abbb": 0.2, "accc": 0.3, "addd": 0.4, "bbbb": 0.5, "cccc": 0.6, "dddd": 0.7, "dccc": 0.8}
"""Words that begin with "a" are the worse half of eight."""


def of(steps, kind):
    return [step for step in steps if isinstance(step, kind)]


def by_task(steps, kind):
    return {step.task: step for step in of(steps, kind)}


# ---------------------------------------------------------------------- pruning


def test_a_choice_that_failed_often_enough_is_left_out_where_it_failed():
    pruned = prune(WORDS, [evidence(BAD_A)])
    assert isinstance(pruned, PrunedSpace)
    assert pruned.dropped == {"0": ["a"]}
    assert pruned.choices(0) == ("b", "c", "d")
    assert pruned.choices(1) == ("a", "b", "c", "d")


def test_a_trainer_of_a_pruned_space_keeps_the_rules_of_a_wrapper(small_space, small_task):
    pruned = PrunedSpace(small_space, {place(small_space, small_space.start()): ["gap"]})
    inner = trainers.load("sequential", small_space, small_task, device="cpu")
    check_trainer(Within(inner, pruned), [("stop",), ("conv3-4", "pool2", "dense8", "stop")])


def test_what_failed_seldom_stays():
    assert prune(WORDS, [evidence(BAD_A)], visits=5) is WORDS
    three = {word: score for word, score in BAD_A.items() if word not in ("aaaa", "dccc")}
    assert prune(WORDS, [evidence(three)]) is WORDS


def test_failures_are_counted_over_all_tasks_and_different_networks_only():
    first = {"aaaa": 0.1, "abbb": 0.2, "bbbb": 0.5, "cccc": 0.6}
    second = {"accc": 10, "addd": 20, "bbbb": 50, "cccc": 60}  # another task has another range
    assert prune(WORDS, [evidence(first), evidence(second)]).dropped == {"0": ["a"]}
    repeated = Evidence("before", evidence(first).trials * 3)
    assert prune(WORDS, [repeated]) is WORDS


def test_a_choice_that_was_among_the_better_half_of_any_task_stays():
    elsewhere = {"abcd": 0.9, "bbbb": 0.1, "cccc": 0.1}
    assert prune(WORDS, [evidence(BAD_A), evidence(elsewhere, "other")]) is WORDS


def test_equal_scores_speak_against_nothing():
    assert prune(WORDS, [evidence(dict.fromkeys(BAD_A, 0.5))]) is WORDS


def test_standing_by_hand():
    found = standings(WORDS, [evidence({"aaaa": 3, "abbb": 9, "bbbb": 5})])
    assert found["0", "a"].mean == pytest.approx((0 + 1) / 2)
    assert found["0", "b"].mean == 0.5
    assert (found["0", "a"].visits, found["0", "a"].better) == (2, True)
    assert found["3", "a"].better is False


def test_favourites_stood_best_and_were_seen_often_enough():
    first, *_ = favourites(WORDS, [evidence(BAD_A)], most=1)
    choice, mean, visits = first
    assert (choice, visits) == ("d", 3 + 4 + 1)  # in addd, dddd and dccc, whose standings are 3/7, 6/7 and 1
    assert mean == pytest.approx((3 * 3 / 7 + 4 * 6 / 7 + 1) / 8)
    assert favourites(WORDS, [evidence({"abcd": 1})]) == ()


# ---------------------------------------------------------------------- a pruned space


def test_a_pruned_space_keeps_the_contract_of_spaces():
    pruned = PrunedSpace(VariableLength(), {"0": ["8"], "1": ["stop", "16"]})
    check_space(pruned, without=["the_description_rebuilds_the_space"])  # another space is among its arguments


def test_it_has_exactly_the_members_without_the_dropped_choices():
    pruned = PrunedSpace(WORDS, {"0": ["a", "b"], "2": ["d"]})
    members = [word for word in WORDS.enumerate() if word[0] not in "ab" and word[2] != "d"]
    assert list(pruned.enumerate()) == members
    assert pruned.size() == len(members) == 2 * 4 * 3 * 4


def test_it_says_why_a_choice_is_not_open():
    pruned = PrunedSpace(VariableLength(), {"0": ["8"]})
    assert pruned.why_not((0, 16), "8").startswith("pruned: '8' was tried here")
    assert pruned.why_not((1, 8), "16") == "'16' is not possible here"
    with pytest.raises(BadArchitecture, match="pruned"):
        pruned.walk(("8", "stop"))


def test_a_state_that_would_lose_every_choice_keeps_them_all():
    pruned = PrunedSpace(WORDS, {"1": ["a", "b", "c", "d"], "2": ["a", "b", "c"]})
    assert pruned.choices(1) == ("a", "b", "c", "d")
    assert pruned.choices(2) == ("d",)
    assert pruned.size() == 4 * 4 * 1 * 4


def test_its_identity_says_what_was_pruned_and_the_whole_can_be_read_from_it():
    one, other = PrunedSpace(WORDS, {"0": ["b", "a"]}), PrunedSpace(WORDS, {"0": ["a"]})
    assert json.loads(json.dumps(describe(one))) == describe(one)
    assert describe(one) == describe(PrunedSpace(WORDS, {"0": ["a", "b"], "3": []})) != describe(other)
    assert whole_description(describe(one)) == describe(WORDS) == whole_description(describe(WORDS))


class Backwards(Words):
    """The same words, which say themselves how they are encoded and drawn, and which of them are the same."""

    def encode(self, architecture):
        return np.array([ord(letter) for letter in architecture[::-1]])

    def draw(self, architecture):
        return "".join(architecture[::-1])

    def canonical(self, architecture):
        return min(architecture, architecture[::-1])

    def key(self, state):
        return -state

    def hand_picked(self):
        return (("a", "a", "a", "a"),)


def test_what_the_whole_space_says_of_its_networks_holds_for_the_pruned_one():
    word = ("d", "a", "b", "c")
    pruned, plain = PrunedSpace(Backwards(), {"0": ["a", "b", "c"]}), PrunedSpace(WORDS, {"0": ["a", "b", "c"]})
    assert plain.encode(word).tolist() == WORDS.encode(word).tolist()
    assert pruned.encode(word).tolist() == Backwards().encode(word).tolist()
    assert pruned.draw(word) == "cbad"
    assert pruned.canonical(word) == ("c", "b", "a", "d")
    assert pruned.key(3) == -3
    assert pruned.hand_picked() == Backwards().hand_picked()
    assert pruned.measure("layers", word) == 4


def test_choices_are_dropped_by_what_a_tabular_learner_sees_of_a_state():
    assert PrunedSpace(Backwards(), {"-1": ["a"]}).choices(1) == ("b", "c", "d")


def test_nothing_is_pruned_twice():
    with pytest.raises(BadValue, match="pruned already"):
        PrunedSpace(PrunedSpace(WORDS, {"0": ["a"]}), {"0": ["b"]})


# ---------------------------------------------------------------------- widening


def test_agreement_is_a_rank_correlation():
    before = [evidence({"".join(word): worth(word) for word in list(WORDS.enumerate())[::3]})]
    some = list(WORDS.enumerate())[1::17]
    assert task_correlation(WORDS, before, [(word, worth(word)) for word in some]) > 0.9
    assert task_correlation(WORDS, before, [(word, -worth(word)) for word in some]) < -0.9
    assert task_correlation(WORDS, before, [(word, 0.5) for word in some]) == 0
    assert task_correlation(WORDS, before, [(word, worth(word)) for word in some[:2]]) == 0
    assert task_correlation(WORDS, [], [(word, worth(word)) for word in some]) == 0


def test_a_search_is_widened_where_the_new_task_disagrees():
    before = [evidence({"".join(word): worth(word) for word in list(WORDS.enumerate())[::3]})]
    some = sorted(list(WORDS.enumerate())[1::31], key=worth)
    agrees = [(word, worth(word)) for word in some]
    disagrees = [(word, -worth(word)) for word in some[::-1]]
    assert why_widen(WORDS, before, agrees, patience=100) == ""
    assert "disagrees with the earlier ones (rank correlation -" in why_widen(WORDS, before, disagrees, patience=100)
    assert why_widen(WORDS, before, disagrees[:7], patience=100) == ""  # too few to say


def test_a_search_is_widened_where_it_stalls():
    trials = [(tuple(word), score) for word, score in (("aaaa", 0.1), ("bbbb", 0.9), ("cccc", 0.9), ("dddd", 0.2))]
    assert why_widen(WORDS, [], trials, patience=3) == ""
    assert why_widen(WORDS, [], trials, patience=2) == "it stalled: nothing better in the last 2 trials"
    assert why_widen(WORDS, [], [], patience=2) == ""


# ---------------------------------------------------------------------- the loop


def test_the_steps_of_the_loop():
    steps = list(loop(compare=False, prune=False).run())
    kinds = [type(step).__name__ for step in steps]
    later = ["SpaceChosen", "Opened", *["Tried"] * 24, "Learned"]
    assert kinds == later[1:] + later * 3
    assert [step.prior for step in of(steps, Opened)] == [None, "warm-q", "warm-q", "warm-q"]
    assert [len(step.sources) for step in of(steps, Opened)] == [0, 1, 2, 3]
    assert all("switched off" in step.why and step.space is WORDS for step in of(steps, SpaceChosen))


def test_every_task_gets_as_many_different_trials_as_asked():
    for seed in range(5):
        done = loop(seed=seed)
        steps = list(done.run())
        for learned in of(steps, Learned):
            words = [word for word, _ in learned.evidence.trials]
            assert len(words) == len(set(words)) == 24
            tried = [s.trial for s in of(steps, Tried) if s.task == learned.task and not s.cold]
            assert [t.architecture for t in tried] == words
            scores = MADE.scores(learned.task.removeprefix("made/"))
            assert all(score == scores[MADE.row(word)] for word, score in learned.evidence.trials)
        assert done.learned == of(steps, Learned)


def test_a_pruned_search_stays_in_what_is_left_until_it_is_widened():
    widened = 0
    for seed in range(5):
        steps = list(loop(seed=seed).run())
        space = None
        for step in steps:
            if isinstance(step, SpaceChosen):
                widened += "widened again" in step.why
                space = step.space
                assert step.kept == space.size() <= step.whole == 256
            elif isinstance(step, Tried) and space is not None and not step.cold:
                space.walk(step.trial.architecture)
        assert any(step.dropped for step in of(steps, SpaceChosen))
    assert widened


def test_a_task_that_is_the_opposite_widens_the_search():
    chosen = [step for step in loop(seed=1).run() if isinstance(step, SpaceChosen) and step.task == "made/against"]
    assert [bool(step.dropped) for step in chosen] == [True, False]
    assert "widened again after 8 trials: this task disagrees" in chosen[1].why


def test_carrying_over_helps_on_a_task_that_is_alike():
    first = []
    for seed in range(10):
        (learned,) = [s for s in loop(("first", "again"), seed=seed).run() if isinstance(s, Learned) and s.sources]
        assert learned.sources[0].alike > 0
        first.append(learned.worth[0])
    assert [mark for mark, *_ in first] == [5] * 10
    assert sum(warm for _, warm, _ in first) > sum(cold for *_, cold in first) + 0.5


def test_the_comparison_is_the_plain_cold_search():
    steps = list(loop(("first", "alike"), seed=3).run())
    task = MADE.task("alike")
    controller = controllers.load("q-learning", WORDS, seed=3, budget=24)
    study = Study(WORDS, controller, trainers.load("table", WORDS, task), seed=3)
    plain = [(t.architecture, t.score) for t in study.run(24, 2)]
    assert list(by_task(steps, Learned)["made/alike"].cold.trials) == plain
    assert [s.trial.architecture for s in of(steps, Tried) if s.cold] == [word for word, _ in plain]
    assert by_task(steps, Learned)["made/first"].cold is None


def test_the_rivals_search_alone_and_are_opened_by_nothing_but_their_own():
    done = loop(("first", "alike"), seed=3, rivals=tuple(RIVALS))
    steps = list(done.run())
    first, learned = of(steps, Learned)
    assert first.rivals == ()
    assert list(learned.compared) == ["cold", *RIVALS]
    task, before = MADE.task("alike"), [first.evidence]
    for label, (controller, prior) in RIVALS.items():
        opening = meta.load(prior, before) if prior else None
        asks = controllers.load(controller, WORDS, seed=3)
        study = Study(WORDS, asks, trainers.load("table", WORDS, task), seed=3, prior=opening)
        alone = [(t.architecture, t.score) for t in study.run(24, 2)]
        assert list(dict(learned.rivals)[label].trials) == alone
        assert [s.trial.architecture for s in of(steps, Tried) if s.rival == label] == [word for word, _ in alone]
    assert [step.rival for step in of(steps, Opened)] == ["", "", "", *RIVALS]
    assert learned.evidence == of(list(loop(("first", "alike"), seed=3).run()), Learned)[1].evidence


def test_searches_of_one_task_train_each_network_once(monkeypatch, tmp_path):
    trained = []

    def recorded(trainer, architectures, *, epochs, seed):
        trained.extend((trainer.task.name, tuple(a)) for a in architectures)
        return lookup(trainer, architectures, epochs=epochs, seed=seed)

    lookup = TableTrainer.__call__
    monkeypatch.setattr(TableTrainer, "__call__", recorded)
    whole = loop(("first", "alike"), rivals=tuple(RIVALS), store=tmp_path / "a.db")
    asked = of(list(whole.run()), Tried)
    assert len(trained) == len(set(trained)) < len(asked)
    before = sorted(trained)
    trained.clear()
    running = loop(("first", "alike"), rivals=tuple(RIVALS), store=tmp_path / "b.db").run()
    for step in running:
        if isinstance(step, Tried) and step.rival:
            break
    running.close()
    list(loop(("first", "alike"), rivals=tuple(RIVALS), store=tmp_path / "b.db").run())
    assert sorted(trained) == before  # what the store has is not trained again by a later search
    assert stored(tmp_path / "a.db") == stored(tmp_path / "b.db")


def test_the_rivals_in_a_store_are_no_evidence_for_a_later_search(tmp_path):
    list(loop(("first", "alike"), rivals=tuple(RIVALS), store=tmp_path / "a.db").run())
    list(loop(("first", "alike"), store=tmp_path / "b.db").run())
    with_rivals, without = (meta.evidence_in(tmp_path / name, WORDS) for name in ("a.db", "b.db"))
    assert with_rivals == without
    assert len(records_in(tmp_path / "a.db")) == len(records_in(tmp_path / "b.db")) + len(RIVALS)


def test_worth_is_the_best_so_far_against_the_cold_start():
    learned = Learned("t", evidence({"aaaa": 1, "abbb": 4, "cccc": 2, "dddd": 3, "bbbb": 1, "bccc": 9}))
    assert learned.worth == ()
    cold = evidence({"aaaa": 5, "abbb": 4, "cccc": 2, "dddd": 3, "bbbb": 1, "bccc": 6})
    assert Learned("t", learned.evidence, cold=cold).worth == ((5, 4, 5), (6, 9, 6))


def test_what_the_new_space_cannot_read_is_left_out_and_counted():
    few, many = Words("abc"), Words("abcd")
    tasks = [table(many, "many", x=worth).task(), table(few, "few", x=worth).task()]
    done = MetaSearch(lambda task: task.table.space, tasks, trainer="table", trials=20, prune=False)
    first, second = of(list(done.run()), Learned)
    with_d = sum("d" in word for word, _ in first.evidence.trials)
    (source,) = second.sources
    assert 0 < with_d < 20
    assert (source.trials, source.unreadable, source.pruned) == (20 - with_d, with_d, 0)


def test_a_task_of_which_nothing_can_be_read_is_searched_cold():
    tasks = [table(Words("cd"), "one", x=worth).task(), table(Words("ab"), "two", x=worth).task()]
    done = MetaSearch(lambda task: task.table.space, tasks, trainer="table", trials=8, compare=True)
    steps = list(done.run())
    assert [step.prior for step in of(steps, Opened)] == [None, None, None]
    _, learned = of(steps, Learned)
    assert learned.sources[0].unreadable == 8
    assert learned.evidence == learned.cold


@pytest.mark.parametrize("prior", [None, *meta.registry])
def test_every_prior_runs_through_the_loop(prior):
    controller = "reinforce" if prior == "warm-policy" else "q-learning"
    for learned in of(list(loop(controller=controller, prior=prior, trials=12).run()), Learned):
        assert len(dict(learned.evidence.trials)) == 12


def test_a_space_with_fewer_members_than_trials_is_searched_to_its_end():
    small = Words("ab", length=3)
    tasks = [table(small, "small", x=worth, y=worth).task(name) for name in "xy"]
    for learned in of(list(MetaSearch(small, tasks, trainer="table", trials=20).run()), Learned):
        assert {word for word, _ in learned.evidence.trials} == set(small.enumerate())


# ---------------------------------------------------------------------- the store


def told(learned):
    """What was learned, as plain data: two spaces that are the same are not equal."""
    rows = []
    for step in learned:
        chosen = [(describe(r.space), r.why) for r in step.spaces]
        rows.append((step.task, step.evidence, step.sources, step.favourites, chosen, step.cold))
    return rows


def stored(path):
    """Everything that a store holds but the times."""
    return [
        (r.identity, r.prior, [(t.number, t.batch, t.architecture, t.status, t.score) for t in r.recorded])
        for r in records_in(path).values()
    ]


def test_a_store_says_of_each_study_what_was_searched_and_carried_over(tmp_path):
    list(loop(seed=1, store=tmp_path / "a.db").run())
    rows = [(i["task"], i["space"]["name"], i["prior"] and i["prior"]["name"]) for i, *_ in stored(tmp_path / "a.db")]
    assert rows[0] == ("made/first", "Words", None)
    assert ("made/against", "narrowed", "warm-q") in rows
    assert ("made/against", "Words", "continued") in rows
    first, second = [(i["controller"]["budget"], len(t)) for i, _, t in stored(tmp_path / "a.db")
                    if i["task"] == "made/against" and i["prior"]]  # fmt: skip
    assert (first, second) == ((24, 8), (16, 16))
    assert [row for row in rows if row[2] is None] == [(f"made/{t}", "Words", None) for t in MADE.tasks]


def test_a_loop_that_is_left_at_any_step_goes_on(tmp_path):
    whole = loop(seed=1, store=tmp_path / "whole.db")
    steps = len(list(whole.run()))
    for count in range(1, steps, 13):
        store = tmp_path / f"{count}.db"
        running = loop(seed=1, store=store).run()
        for _ in range(count):
            next(running)
        running.close()
        again = loop(seed=1, store=store)
        list(again.run())
        assert told(again.learned) == told(whole.learned)
        assert stored(store) == stored(tmp_path / "whole.db")


def test_a_loop_that_is_killed_goes_on_as_if_it_had_never_been(tmp_path):
    parts = ["0.02", "0.2", "0.31", "0.44", "0.5", "0.58", "0.7", "0.83", "0.95"]
    command = [sys.executable, "-m", "tests.meta.restarts", str(tmp_path), *parts]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout) == {"whole": [0], **{part: [-9, 0] for part in parts}}
    for part in parts:
        assert stored(tmp_path / f"{part}.db") == stored(tmp_path / "whole.db"), part


def test_a_loop_that_is_done_says_the_same_again_and_tries_nothing(tmp_path):
    first = loop(seed=1, store=tmp_path / "a.db")
    list(first.run())
    again = loop(seed=1, store=tmp_path / "a.db")
    steps = list(again.run())
    assert of(steps, Tried) == []
    assert told(again.learned) == told(first.learned)
    opened = [step for step in of(steps, Opened) if step.task == "made/first"]
    assert len(opened[0].earlier) == 24


def test_another_prior_in_the_same_store_shares_what_is_cold(tmp_path):
    list(loop(("first", "alike"), store=tmp_path / "a.db").run())
    steps = list(loop(("first", "alike"), prior="copy-best", store=tmp_path / "a.db").run())
    assert {(step.task, step.cold) for step in of(steps, Tried)} == {("made/alike", False)}


# ---------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"tasks": ["first"]}, BadValue, "needs at least two tasks"),
        ({"tasks": []}, BadValue, "needs at least two tasks"),
        ({"tasks": ["first", "alike", "first"]}, BadValue, "'made/first' comes twice"),
        ({"controller": "random"}, Mismatch, "the controller is 'random'"),
        ({"controller": "nobody"}, UnknownName, "unknown controller 'nobody'"),
        ({"prior": "none"}, UnknownName, "unknown prior 'none'"),
        ({"trainer": "nobody"}, UnknownName, "unknown trainer"),
        ({"trials": 0}, BadValue, "trials is a whole number"),
        ({"batch": 0}, BadValue, "batch is a whole number"),
        ({"visits": 0}, BadValue, "visits is a whole number"),
        ({"patience": 0}, BadValue, "patience is a whole number"),
        ({"epochs": 0}, BadValue, "epochs is a whole number"),
        ({"prior_options": {"nothing": 1}}, BadValue, "no parameter 'nothing'"),
        ({"controller_options": {"nothing": 1}}, BadValue, "no parameter 'nothing'"),
        ({"rivals": ["nobody"]}, BadValue, "rivals is a list of 'random', 'local-search', 'copy-best, then local"),
        ({"rivals": "random"}, BadValue, "rivals is a list of"),
    ],
)
def test_what_is_wrong_is_said_at_the_door(tmp_path, wrong, error, message):
    with pytest.raises(error, match=message):
        loop(store=tmp_path / "a.db", **wrong)
    assert list(tmp_path.iterdir()) == []


def test_tasks_are_a_list():
    with pytest.raises(BadValue, match="tasks is a list"):
        MetaSearch("mlp", "digits")


def test_a_search_that_goes_on_knows_what_was_found_before_its_first_question():
    now = evidence({"dddd": 0.9, "aaaa": 0.1}, "now")
    opened = Continued([evidence(BAD_A), now]).open(controllers.load("q-learning", WORDS))
    assert opened.inner.rewards == dict(now.trials)
    assert opened.inner.q[0]["d"] > 0.5 > opened.inner.q[0]["a"]


def test_a_search_is_continued_from_something():
    with pytest.raises(BadValue, match="at least one trial"):
        Continued([evidence(BAD_A), Evidence("now", ())])


def test_what_is_known_of_the_tasks_goes_with_what_was_found_on_them(monkeypatch):
    monkeypatch.setattr(WORDS, "outputs", 10, raising=False)
    monkeypatch.setattr(WORDS, "input_shape", (1, 8, 8), raising=False)
    search = loop(("first", "alike"), prior="surrogate", trials=6, prior_options={"about": True})
    told = []
    monkeypatch.setattr(meta, "load", lambda name, evidence, **more: told.append(more) or CopyBest(evidence))
    learned = [step for step in search.run() if isinstance(step, Learned)]
    assert [dict(step.evidence.about) for step in learned] == [{"inputs": 64, "outputs": 10}] * 2
    assert told == [{"about": {"inputs": 64, "outputs": 10}}]


def test_a_guard_hands_on_what_is_known_of_the_task():
    options = {"prior": {"name": "surrogate", "about": True}, "share": 0.1}
    new = Evidence("new", (), {"inputs": 64})
    assert _with_about(options, new) == {"prior": {"name": "surrogate", "about": {"inputs": 64}}, "share": 0.1}
    assert options["prior"]["about"] is True
