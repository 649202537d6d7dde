"""Whatever is wrong is one line on standard error and exit code 2, and nothing was written."""

import pytest

from nasedu import controllers, meta, spaces, tasks, trainers
from nasedu.tasks import Task

CASES = {
    "unknown task": (("--task", "digitz"), "unknown task 'digitz'; known: "),
    "unknown space": (("--space", "cnn"), "unknown space 'cnn'; known: "),
    "unknown controller": (("--controller", "greedy"), "unknown controller 'greedy'; known: "),
    "unknown trainer": (("--trainer", "fast"), "unknown trainer 'fast'; known: "),
    "space without a supernet": (
        ("--space", "recurrent", "--trainer", "shared"),
        "space 'recurrent' has no supernet; those that have: mlp, chain-cnn, ",
    ),
    "no trials": (("--trials", "0"), "trials is a whole number of at least 1; given 0"),
    "negative trials": (("--trials", "-3"), "trials is a whole number of at least 1; given -3"),
    "no batch": (("--batch", "0"), "batch is a whole number of at least 1; given 0"),
    "no epochs": (("--epochs", "0"), "epochs is a whole number of at least 1; given 0"),
    "store is a folder": (("--store", "folder"), "folder is a folder; a store is a file"),
    "store without a folder": (("--store", "no/such.db"), "there is no folder no for the store such.db"),
    "store is no store": (("--store", "letter.txt"), "letter.txt"),
    "no prior there": (("--prior", "none.db"), "there is no store at none.db"),
    "kind without prior": (("--prior-kind", "warm-q"), "add --prior"),
    "unknown prior": (("--prior", "PRIOR", "--prior-kind", "hot"), "unknown prior 'hot'; known: "),
    "prior of another space": (
        ("--prior", "PRIOR"),
        "of the space 'chain-cnn': its studies searched mlp",
    ),
    "prior for another controller": (
        ("--space", "mlp", "--prior", "PRIOR", "--controller", "random", "--prior-kind", "warm-q"),
        "warm-q warms a Q-table, and the controller is 'random'",
    ),
    "no such option": (("--space-option", "dept=4"), "space 'chain-cnn' has no parameter 'dept'; it has: input_shape"),
    "option of a wrong kind": (("--space-option", "depth=deep"), 'depth is a whole number, such as 6; given "deep"'),
    "option within a list": (("--space-option", 'filters=["a"]'), "space 'chain-cnn' cannot be made with filters"),
    "option out of range": (("--space-option", "depth=0"), "chain-cnn needs depth >= 1; given 0"),
    "pooling that stands still": (("--space-option", "pools=[[2,0]]"), "each at least 1; given ([2, 0],)"),
    "option without a value": (("--space-option", "depth"), "--space-option takes name=value"),
    "option that is not free": (("--controller-option", "seed=3"), "seed is given by the search itself"),
    "no number": (("--controller-option", "alpha=NaN"), "alpha is a number, such as 0.1"),
    "infinite number": (("--controller-option", "q_start=1e999"), "q_start is a number, such as 0.5"),
    "a limit that nothing meets": (
        ("--most-parameters", "19"),
        "none of 500 architectures had at most 19 parameters; the least seen was ",
    ),
    "a limit below nothing": (("--most-parameters", "-1"), "raise the limit, or make the space smaller"),
    "a look at the test": (
        ("--trainer-option", "record_test_at=[8]", "--trainer-option", "patience=0"),
        "at the test split",
    ),
    "no such device": (("--device", "tpu"), "device 'tpu' cannot be used here"),
}


def in_one_line(result):
    """The error without what typer says to typing mistakes."""
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_one_line_and_leaves_nothing_behind(nasedu, finished, tmp_path, case):
    arguments, expected = CASES[case]
    (tmp_path / "folder").mkdir()
    (tmp_path / "letter.txt").write_text("Dear reader, " * 100)
    before = {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
    store = () if "--store" in arguments else ("--store", "new.db")
    result = nasedu("search", *(finished if a == "PRIOR" else a for a in arguments), *store)
    assert expected in in_one_line(result)
    assert {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("option", "names"),
    [
        ("--task", [*sorted(tasks.registry), *tasks.PLACEHOLDERS.values()]),
        ("--space", sorted(spaces.registry)),
        ("--controller", sorted(controllers.registry)),
        ("--trainer", sorted(trainers.registry)),
        ("--prior-kind", sorted(meta.registry)),
    ],
)
def test_an_unknown_name_is_answered_with_all_those_there_are_in_order(nasedu, finished, option, names):
    said = in_one_line(nasedu("search", "--prior", finished, option, "nonsense"))
    assert said.strip().endswith(f"'nonsense'; known: {', '.join(names)}")


def test_a_task_that_does_not_fit_the_space_is_refused(nasedu, tmp_path, monkeypatch):
    def reading():
        """Text: nothing for a convolution."""
        digits = tasks.load("digits")
        parts = {name: getattr(digits, name) for name in ("train", "validation", "test", "outputs", "licence")}
        return Task(name="reading", summary="What follows?", source="made up", kind="sequence", **parts)

    monkeypatch.setitem(tasks.registry._entries, "reading", reading)
    said = in_one_line(nasedu("search", "--task", "reading", "--space", "chain-cnn"))
    assert "space 'chain-cnn' does not fit task 'reading': convolutions here read images" in said
    assert list(tmp_path.iterdir()) == []
    assert in_one_line(nasedu("search", "--task", "reading")).startswith("error: no space fits reading: ")


def test_the_error_about_a_space_names_those_that_fit(nasedu, tmp_path):
    said = in_one_line(nasedu("search", "--task", "sinusoids", "--space", "chain-cnn"))
    assert said.endswith("; spaces that fit: mlp, grammar\n")


@pytest.mark.parametrize("arguments", [("--trials", "many"), ("--seed", "1.5"), ("--no-such-option",)])
def test_typing_mistakes_have_exit_code_2_and_no_traceback(nasedu, tmp_path, arguments):
    result = nasedu("search", *arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("none.db",), "there is no store at none.db"),
        (("FINISHED", "--study", "7"), "has no study 7; known: 1 (q-learning in mlp on digits, seed 0, "),
        (("FINISHED", "--figure", "a.png"), "holds several studies: choose one with --study"),
        (("FINISHED", "--study", "1", "--figure", "a.doc"), "a figure's name ends in one of"),
        (("FINISHED", "--study", "1", "--figure", "no/a.png"), "there is no folder no for the figure a.png"),
    ],
)
def test_show_refuses_what_it_cannot_show(nasedu, finished, tmp_path, arguments, expected):
    assert expected in in_one_line(nasedu("show", *(finished if a == "FINISHED" else a for a in arguments)))
    assert list(tmp_path.iterdir()) == []
