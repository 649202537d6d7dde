"""The trainer that looks scores up: the same rules as one that trains, and a study that runs on it."""

import pytest

from nasedu import Study, Table, controllers, tasks, trainers
from nasedu.core import BadArchitecture, BadValue, Mismatch
from nasedu.testing import check_trainer, trainer_checks
from nasedu.trainers.base import Trainer
from tests.tables.spaces import MEMBERS, Letters

FEW = [MEMBERS[3], MEMBERS[0], MEMBERS[8]]
FINAL_SCORES_ALONE = ("going_on_is_never_having_stopped", "a_state_travels")
"""Rules on trainings that are left and taken up again; of the way to a final score such a table knows nothing."""


def serve(table, task=None, **options):
    return trainers.load("table", table.space, table.task(task), **options)


@pytest.mark.parametrize("check", trainer_checks, ids=lambda check: check.__name__)
@pytest.mark.parametrize("options", [{}, {"cost": "recorded"}], ids=str)
def test_it_keeps_the_rules(curves, check, options):
    trainer = serve(curves, "two", **options)
    assert isinstance(trainer, Trainer)
    check(trainer, FEW)


def test_means_keep_all_rules_but_the_one_on_seeds(curves):
    check_trainer(serve(curves, "one", seeds="mean"), FEW, without=["different_seeds_differ"])


def test_real_tables_keep_the_rules(macro, mlp):
    check_trainer(serve(macro), [macro.best().architecture, macro.architectures[7]], without=FINAL_SCORES_ALONE)
    final = Table(mlp.space, mlp.architectures[:50], {"car": mlp.values[:50, 0, :, 0]})  # no parameters, no epochs
    check_trainer(serve(final), final.architectures[5:8], without=FINAL_SCORES_ALONE)


def test_what_it_serves(curves):
    values = curves.values[4, 1] / 100
    one = serve(curves, "two", cost="recorded")([MEMBERS[4]], epochs=3, seed=5)[0]
    assert one.curve == tuple(values[2, :3])  # seed 5 of three: the third
    assert one.score == max(one.curve)
    assert (one.parameters, one.flops, one.epochs, one.seed) == (407, 4003, 3, 5)
    assert one.seconds == 5 * 3 / 4
    mean = serve(curves, "two", seeds="mean")([MEMBERS[4]], epochs=4, seed=5)[0]
    assert mean.curve == pytest.approx(tuple(values.mean(0)))
    assert mean.seconds == 0
    assert mean.score * 100 == pytest.approx(curves.scores("two")[4])


def test_final_scores_serve_any_number_of_epochs():
    trainer = serve(Table(Letters(), MEMBERS, {"x": range(9)}, scale=10, seconds=[60] * 9), cost="recorded")
    for epochs in (1, 500):
        found = trainer(MEMBERS, epochs=epochs, seed=0)
        assert [e.score for e in found] == [i / 10 for i in range(9)]
        assert {(e.curve, e.seconds, e.parameters, e.epochs) for e in found} == {((), 60.0, None, epochs)}


def test_epochs_that_were_recorded_now_and_then_make_no_curve():
    trainer = serve(Table(Letters(), MEMBERS[:1], {"x": [[[0.1, 0.3, 0.2]]]}, epochs=[1, 2, 8]))
    assert trainer(MEMBERS[:1], epochs=2, seed=0)[0].curve == (0.1, 0.3)
    late = trainer(MEMBERS[:1], epochs=8, seed=0)[0]
    assert (late.curve, late.score) == ((), 0.3)
    with pytest.raises(BadValue, match="recorded after 1, 2, 8 epochs; given 5"):
        trainer(MEMBERS[:1], epochs=5, seed=0)


def test_test_scores_are_for_the_end(curves):
    one = serve(curves, "two").retrain_and_test(MEMBERS[2], epochs=4, seed=4)
    assert one.score == curves.test[2, 1, 1, 0] / 100
    assert one.curve == ()
    mean = serve(curves, "two", seeds="mean").retrain_and_test(MEMBERS[2], epochs=4, seed=4)
    assert mean.score == pytest.approx(curves.test[2, 1, :, 0].mean() / 100)


def test_the_test_score_is_of_the_epoch_that_was_best():
    values = {"x": [[[0.1, 0.4, 0.4, 0.2]]]}
    tests = {"x": [[[0.0, 0.3, 0.5, 0.9]]]}
    trainer = serve(Table(Letters(), MEMBERS[:1], values, test=tests, epochs=[1, 2, 3, 4]))
    found = [trainer.retrain_and_test(MEMBERS[0], epochs=epochs, seed=0).score for epochs in (1, 2, 3, 4)]
    assert found == [0.0, 0.3, 0.5, 0.5]  # on a tie the last, and never the epochs after the best


def test_the_test_of_a_network_that_a_race_ended_early_is_of_what_the_race_saw():
    values, tests = {"x": [[[0.5, 0.6, 0.9]]]}, {"x": [[[0.1, 0.2, 0.8]]]}
    trainer = serve(Table(Letters(), MEMBERS[:1], values, test=tests, epochs=[1, 3, 9]))
    ((seen, _),) = trainer.extend(MEMBERS[:1], epochs=3, seed=0, total=9)
    assert trainer.retrain_and_test(MEMBERS[0], epochs=9, seed=0, best_epoch=seen.best_epoch).score == 0.2


def test_a_table_without_test_scores_says_so(macro):
    with pytest.raises(BadValue, match=r"no test scores beside those it rewards with: .*test accuracy only"):
        serve(macro).retrain_and_test(macro.architectures[0], epochs=1, seed=0)
    with pytest.raises(BadValue, match="nothing can be said of its networks on unseen examples"):
        serve(Table(Letters(), MEMBERS, {"x": range(9)})).retrain_and_test(MEMBERS[0], epochs=1, seed=0)


def test_what_is_refused_at_the_door(curves):
    small = Table(Letters(), MEMBERS[:2], {"x": [0.1, 0.2]}, name="small")
    with pytest.raises(
        BadArchitecture, match=r"\('c', 'c'\) is in no row of the table 'small', which holds 2 networks"
    ):
        serve(small)([MEMBERS[0], MEMBERS[8]], epochs=1, seed=0)
    with pytest.raises(BadArchitecture, match="in no row"):
        serve(small).retrain_and_test(MEMBERS[8], epochs=1, seed=0)
    with pytest.raises(BadValue, match="recorded after 1, 2, 3, 4 epochs; given 5"):
        serve(curves, "one")([MEMBERS[0]], epochs=5, seed=0)
    with pytest.raises(BadValue, match="'small' has no column of seconds"):
        serve(small, cost="recorded")
    for options in ({"cost": "free"}, {"seeds": "all"}):
        with pytest.raises(BadValue, match="seeds is 'recorded' or 'mean', cost is 'recorded' or 'none'; given"):
            serve(small, **options)
    with pytest.raises(BadValue, match="has no parameter 'speed'"):
        serve(small, speed=2)
    with pytest.raises(Mismatch, match="task 'digits' comes from no table"):
        trainers.load("table", Letters(), tasks.load("digits"))

    class Others(Letters):
        name = "others"

    with pytest.raises(Mismatch, match="the table 'small' is of Letters"):
        trainers.load("table", Others(), small.task())


def test_a_study_on_a_table(curves, tmp_path):
    def study():
        trainer = trainers.load("table", Letters(), curves.task("one"), seeds="mean", cost="recorded")
        controller = controllers.load("random", trainer.space, seed=1)
        return Study(trainer.space, controller, trainer, store=tmp_path / "s.db", epochs=4)

    with study() as first:
        assert len(list(first.run(trials=5, batch=2))) == 5
    with study() as again:
        assert len(list(again.run(trials=20, batch=2))) == 4  # nine members
        assert again.exhausted
        assert again.best.architecture == curves.best("one").architecture
        assert again.trials_dataframe()["seconds"].sum() == sum(range(1, 10))
        row = curves.row(again.best.architecture)
        assert again.finish().score == pytest.approx(curves.test[row, 0, :, 0].mean() / 100)


def test_a_table_of_one_task_stands_for_it():
    table = Table(Letters(), MEMBERS, {"only": range(9)}, name="nine", note="Made up.")
    trainer = trainers.load("table", table.space, table)
    assert trainer.task.name == "nine/only"
    assert trainer.task.kind == "regression"
    assert trainer.task.chance == 0
    assert "9 networks on only. Made up." in trainer.task.summary
