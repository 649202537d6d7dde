"""Stores that version 0.1 wrote, before trainers' parameters got the names of today: they open, and go on.

`searches_0_1.db.gz`: q-learning; random within a limit on `population`; evolution on `halving`; random with the prior
`surrogate`. `meta_0_1.db.gz`: a loop over three tasks, with searches that were pruned and widened again.
"""

import gzip
import sqlite3
from pathlib import Path

import pytest

from nasedu.cli.study_record import records_in
from nasedu.store.renamed import RENAMED

pytestmark = pytest.mark.filterwarnings("ignore:study .* is from a version that did not record its data")
STORES = Path(__file__).parent / "stores"
SEARCH = ("search", "--space", "mlp", "--space-option", "depth=2", "--batch", "2", "--store", "old.db")
COMMANDS = {
    1: "--epochs 1 --trials 6",
    2: "--epochs 1 --trials 6 --controller random --trainer population --most-parameters 20000",
    3: "--epochs 3 --trials 11 --trainer halving --trainer-option cohort=3 --controller regularized-evolution",
    4: "--epochs 1 --trials 6 --task digits-noisy --controller random --prior old.db --prior-kind surrogate",
}


def unpack(name, folder):
    (folder / "old.db").write_bytes(gzip.decompress((STORES / f"{name}_0_1.db.gz").read_bytes()))
    return folder / "old.db"


def test_the_file_really_has_the_old_names(tmp_path):
    with sqlite3.connect(unpack("searches", tmp_path)) as db:
        text = " ".join(identity for (identity,) in db.execute("SELECT identity FROM studies"))
    for old, new in RENAMED.items():
        assert f'"{old}"' in text
        assert f'"{new}"' not in text


@pytest.mark.parametrize("number", COMMANDS)
def test_the_same_command_goes_on_with_the_same_study(number, nasedu, tmp_path):
    store = unpack("searches", tmp_path)
    before = records_in(store)
    done = nasedu(*SEARCH, *COMMANDS[number].split())
    assert done.exit_code == 0, done.output
    assert "going on from there" in done.output
    after = records_in(store)
    assert after.keys() == before.keys()
    assert after[number].trials[: len(before[number].trials)] == before[number].trials
    assert len(after[number].trials) == len(before[number].trials) + 2


def test_a_loop_over_tasks_that_is_done_only_gets_the_rivals_that_it_did_not_have(nasedu, tmp_path):
    store = unpack("meta", tmp_path)
    before = {number: record.trials for number, record in records_in(store).items()}
    loop = (
        "meta",
        "--space",
        "mlp",
        "--tasks",
        "digits,digits-noisy,digits-shuffled",
        "--trials",
        "14",
        "--epochs",
        "1",
    )
    done = nasedu(*loop, "--no-rivals", "--store", "old.db")
    assert done.exit_code == 0, done.output
    assert {number: record.trials for number, record in records_in(store).items()} == before
    done = nasedu(*loop, "--store", "old.db")
    assert done.exit_code == 0, done.output
    after = {number: record.trials for number, record in records_in(store).items()}
    assert {number: after[number] for number in before} == before
    assert len(after) > len(before)
