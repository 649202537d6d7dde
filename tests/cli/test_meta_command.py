"""`nasedu meta`: real training with tiny numbers, what is said about it, and what a stopped one goes on with."""

import json
import signal

import pytest
from typer.testing import CliRunner

from nasedu import meta, spaces
from nasedu.cli import app
from nasedu.cli.meta_report import verdict, worth_table
from nasedu.cli.rebuild import rebuild_controller
from nasedu.cli.study_record import records_in
from nasedu.core import Evaluation
from nasedu.meta import Evidence
from nasedu.meta.events import Learned
from nasedu.meta.rivals import RIVALS
from nasedu.trainers.single.sequential import SequentialTrainer
from tests.cli.conftest import found_in, wait_for_line

TINY = ("meta", "--tasks", "digits,digits-noisy", "--space", "mlp", "--epochs", "1", "--trials", "6")


@pytest.fixture(scope="module")
def loop_store(tmp_path_factory):
    """A store in which the tiny loop is done; not to be written to."""
    path = tmp_path_factory.mktemp("loop") / "meta.db"
    assert CliRunner().invoke(app, [*TINY, "--store", str(path)]).exit_code == 0
    return path


@pytest.fixture
def no_training(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("nothing is left to train")

    monkeypatch.setattr(SequentialTrainer, "__call__", refuse)


def test_it_says_what_was_carried_over_and_what_it_was_worth(nasedu, loop_store, no_training):
    result = nasedu(*TINY, "--store", loop_store)
    assert result.exit_code == 0
    said = " ".join(result.stdout.split())
    assert "digits: 6 trials, alike" in said
    for search in ("with what was learned", "cold", "random", "local-search", "copy-best, then local-search"):
        assert f"digits-noisy {search} 0." in said
    assert "Against copy-best, then local-search: " in said
    assert "One seed proves nothing" in said
    assert "make bench" in said
    records = list(records_in(loop_store).values())
    assert [(r.identity["task"], bool(r.identity["prior"])) for r in records] == [
        ("digits", False), ("digits-noisy", True), *[("digits-noisy", False)] * 3, ("digits-noisy", True),
    ]  # fmt: skip
    for record in records:
        assert f"{record.best.score:.4f}" in said
        assert len(record.trials) == 6
    assert "6 trials in the store already" in result.stderr


def test_json_is_one_object(nasedu, loop_store, no_training):
    result = nasedu(*TINY, "--store", loop_store, "--json")
    assert result.stdout.count("\n") == 1
    data = json.loads(result.stdout)
    cold, warm, compared, *rivals = records_in(loop_store).values()
    assert data["prior"] == "warm-q"
    first, second = data["tasks"]
    assert (first["task"], first["carried_over"], first["worth"]) == ("digits", [], [])
    assert first["best"] == {"architecture": list(cold.best.architecture), "score": cold.best.score}
    assert second["carried_over"][0]["task"] == "digits"
    assert second["worth"][-1] == {"trials": 6, "best": warm.best.score, "cold": compared.best.score}
    assert list(second["rivals"]) == list(RIVALS)
    for found, record in zip(second["rivals"].values(), rivals, strict=True):
        assert found[-1] == {"trials": 6, "best": record.best.score}


def test_each_trial_is_a_line_and_each_step_says_why(nasedu):
    result = nasedu(*TINY, "--no-compare", "--no-prune", "--store", "a.db")
    assert result.exit_code == 0
    lines = result.stderr.splitlines()
    trials = [line.split()[0] for line in lines if "trial " in line and "/12" in line]
    assert trials == [f"{n}/12" for n in range(1, 13)]
    assert "digits: cold, since nothing was learned yet" in lines
    assert "digits-noisy: the whole space: pruning is switched off" in lines
    assert "digits-noisy: warm-q opens it with 6 trials on digits" in lines
    assert "leave --no-compare out" in " ".join(result.stdout.split())
    assert "\x1b" not in result.output


def test_the_verdict_counts_who_was_ahead_and_proves_nothing():
    def learned(warm, cold):
        return Learned("t", Evidence("t", _scores(warm)), cold=Evidence("t", _scores(cold)))

    said = verdict([learned([1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 2]), learned([1] * 6, [1] * 6)])
    assert "after the first 5 trials it was ahead on 1 of 2 tasks and behind on 0" in said
    assert "after all 6 trials it was ahead on 0 of 2 tasks and behind on 1" in said
    assert "One seed proves nothing" in said


def test_each_rival_is_counted_and_shown_beside_the_search():
    rivals = (("random", Evidence("t", _scores([0, 0, 3]))), ("local-search", Evidence("t", _scores([1, 1, 1]))))
    learned = Learned("t", Evidence("t", _scores([1, 2, 2])), cold=Evidence("t", _scores([1, 1, 1])), rivals=rivals)
    said = verdict([learned]).splitlines()
    assert said[1] == "Against random: 0 ahead and 1 behind."
    assert said[2] == "Against local-search: 1 ahead and 0 behind."
    table = worth_table([learned])
    cells = [[str(cell) for cell in column.cells] for column in table.columns]
    assert cells[1] == ["with what was learned", "cold", "random", "local-search"]
    assert cells[2] == ["2.0000", "1.0000", "3.0000", "1.0000"]
    assert [cell.style for cell in table.columns[2].cells] == ["", "", "green", ""]


def test_a_short_search_is_compared_once():
    said = verdict([Learned("t", Evidence("t", _scores([1, 2])), cold=Evidence("t", _scores([1, 1])))])
    assert said.startswith(
        "Against the cold start, after all 2 trials it was ahead on 1 of 1 task and behind on 0.\nOne"
    )


def _scores(values):
    return tuple(((str(n),), value) for n, value in enumerate(values))


def test_a_loop_that_is_asked_to_stop_goes_on_with_the_same_command(process, nasedu, tmp_path, loop_store):
    running = process(*TINY, "--store", "stopped.db")
    wait_for_line(running, " 8/36")
    running.send_signal(signal.SIGINT)
    out, err = running.communicate()
    assert running.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    done = sum(len(record.trials) for record in records_in(tmp_path / "stopped.db").values())
    assert 8 <= done < 36
    assert err.splitlines()[-1] == f"stopped after {done} trials; the same command goes on from there"
    again = nasedu(*TINY, "--store", "stopped.db")
    assert again.exit_code == 0
    trials = [line.split()[0] for line in again.stderr.splitlines() if "/36" in line]
    assert trials == [f"{n}/36" for n in range(done + 1, 37)]
    assert found_in(tmp_path / "stopped.db") == found_in(loop_store)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["--tasks", "digits,nothing"], "unknown task 'nothing'; known: digits"),
        (["--tasks", "digits"], "needs at least two tasks"),
        (["--tasks", "digits,digits-noisy,digits"], "'digits' comes twice"),
        (["--tasks", "digits,,digits-noisy"], "names divided by commas"),
        (["--controller", "random"], "the controller is 'random': use the controller q-learning, or the prior copy"),
        (["--controller", "nobody"], "unknown controller 'nobody'"),
        (["--space", "nowhere"], "unknown space 'nowhere'"),
        (["--trainer", "nobody"], "unknown trainer 'nobody'"),
        (["--prior", "nothing"], "unknown prior 'nothing'; known: copy-best"),
        (["--trials", "0"], "trials is a whole number of at least 1"),
        (["--workers", "0"], "workers is a whole number of at least 1"),
        (["--epochs", "0"], "epochs is a whole number of at least 1"),
    ],
)
def test_what_is_wrong_is_one_line_and_leaves_no_file(nasedu, tmp_path, change, said):
    result = nasedu(*TINY, "--store", "a.db", *change)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["--epochs", "2"], "epochs 1 there, 2 here"),
        (["--trials", "7"], "trials 6 there, 7 here"),
        (["--space", "chain-cnn"], "space mlp there, chain-cnn here"),
        (["--controller", "reinforce", "--prior", "copy-best"], "controller q-learning there, reinforce here"),
        (["--tasks", "digits-rotated,digits-noisy"], "first task digits there, digits-rotated here"),
        (["--trainer", "population"], "trainer sequential there, population here"),
    ],
)
def test_a_store_of_other_settings_is_refused_and_left_as_it_is(nasedu, loop_store, change, said):
    before = loop_store.read_bytes()
    result = nasedu(*TINY, "--store", loop_store, *change)
    assert result.exit_code == 2
    assert f"holds another search: {said}" in result.stderr
    assert loop_store.read_bytes() == before


def test_another_seed_may_use_the_same_store(nasedu):
    small = (*TINY, "--trials", "2", "--no-compare", "--store", "a.db")
    assert nasedu(*small).exit_code == 0
    assert nasedu(*small, "--seed", "1").exit_code == 0
    assert len(records_in("a.db")) == 4


# ---------------------------------------------------------------------- other commands, on its store


@pytest.fixture(scope="module")
def widened_store(tmp_path_factory):
    """A loop whose last search is pruned, and widened again: what was best on two tasks is worst on the third."""

    def width(architecture):
        return sum(int(layer.partition("-")[0]) for layer in architecture[:-1]) / 400

    def score(trainer, architectures, *, epochs, seed):
        turned = trainer.task.name == "digits-shuffled"
        scores = [1 - width(a) if turned else width(a) for a in architectures]
        return [
            Evaluation(a, s, metrics={"accuracy": s}, epochs=epochs) for a, s in zip(architectures, scores, strict=True)
        ]

    path = tmp_path_factory.mktemp("widened") / "meta.db"
    command = ("--tasks", "digits,digits-noisy,digits-shuffled", "--trials", "24", "--no-compare", "--store", str(path))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SequentialTrainer, "__call__", score)
        result = CliRunner().invoke(app, [*TINY, *command])
    assert result.exit_code == 0
    assert "digits-shuffled: widened again after" in result.stderr
    return path


def test_evidence_is_also_what_a_pruned_search_found_and_a_widened_one_is_one_search(widened_store, digits):
    *_, pruned, whole = records_in(widened_store).values()
    kinds = [(r.space, r.pruned, r.prior_name, r.identity["task"]) for r in (pruned, whole)]
    assert kinds[0] == ("mlp", True, "warm-q", "digits-shuffled")
    assert kinds[1] == ("mlp", False, "continued warm-q", "digits-shuffled")
    found = meta.evidence_in(widened_store, spaces.load("mlp", digits))
    assert [(e.task, len(e.trials)) for e in found] == [("digits", 24), ("digits-noisy", 24), ("digits-shuffled", 24)]
    assert [a for a, _ in found[2].trials] == [t.architecture for t in pruned.trials + whole.trials]


@pytest.mark.parametrize("task", ["digits", "digits-shuffled", "digits-rotated"])
def test_a_search_opened_with_such_a_store_learns_from_every_task_but_its_own(nasedu, widened_store, task):
    command = ("search", "--task", task, "--space", "mlp", "--epochs", "1", "--trials", "2", "--store", "a.db")
    result = nasedu(*command, "--prior", widened_store)
    assert result.exit_code == 0
    others = [name for name in ("digits", "digits-noisy", "digits-shuffled") if name != task]
    said = ", ".join(f"24 trials on {name}" for name in others)
    assert f"warm-q opens this search with what was found in {said}\n" in result.stderr


def test_every_study_of_such_a_store_is_shown_and_drawn_with_what_its_controller_learned(
    nasedu, widened_store, tmp_path
):
    shown = " ".join(nasedu("show", widened_store).stdout.split())
    assert ": q-learning with the prior warm-q in mlp (pruned) on digits-shuffled:" in shown
    assert ": q-learning with the prior continued warm-q in mlp on digits-shuffled:" in shown
    for number, record in records_in(widened_store).items():
        result = nasedu("show", widened_store, "--study", number, "--figure", f"{number}.png")
        assert (result.exit_code, result.stderr) == (0, f"drawn: {number}.png\n")
        assert (tmp_path / f"{number}.png").stat().st_size > 5000
        assert rebuild_controller(record).learned() != []
