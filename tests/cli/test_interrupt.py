"""Ctrl-C, a request to end, kill -9 and a second process: what real processes leave behind."""

import json
import signal

from nasedu.cli.study_record import records_in
from tests.cli.conftest import SMALL, found_in, wait_for_line

LONG = (*SMALL, "--trials", "500", "--store", "a.db")


def test_a_search_that_is_interrupted_says_where_it_goes_on_and_is_no_others_meanwhile(process, nasedu, tmp_path):
    search = process(*LONG, "--json")
    wait_for_line(search, "1/500")
    refused = nasedu(*LONG)
    assert refused.exit_code == 2
    assert refused.stderr.startswith(f"error: process {search.pid} ")
    assert refused.stderr.count("\n") == 1
    assert refused.stdout == ""
    shown = nasedu("show", "a.db")
    assert shown.exit_code == 0
    assert "Not tested yet" in shown.stdout
    wait_for_line(search, "3/500")
    says_where_it_goes_on(search, tmp_path, signal.SIGINT)


def test_a_search_that_is_asked_to_end_says_where_it_goes_on(process, tmp_path):
    search = process(*LONG, "--json")
    wait_for_line(search, "3/500")
    says_where_it_goes_on(search, tmp_path, signal.SIGTERM)


def says_where_it_goes_on(search, tmp_path, number):
    search.send_signal(number)
    out, err = search.communicate()
    assert search.returncode == 128 + number
    assert out == ""
    assert "Traceback" not in err
    (record,) = records_in(tmp_path / "a.db").values()
    assert len(record.trials) >= 3
    assert err.splitlines()[-1] == f"stopped after {len(record.trials)} trials; the same command goes on from there"


def test_a_search_that_is_killed_goes_on_as_if_it_had_never_been(process, nasedu, tmp_path):
    command = (*SMALL, "--trials", "12")
    search = process(*command, "--store", "killed.db")
    wait_for_line(search, "3/12")
    search.kill()
    search.wait()
    begun = next(iter(records_in(tmp_path / "killed.db").values()))
    assert 3 <= len(begun.trials) < 12
    results = [json.loads(nasedu(*command, "--store", store, "--json").stdout) for store in ("killed.db", "whole.db")]
    for result in results:
        del result["seconds"]
    assert results[0] == results[1]
    assert found_in(tmp_path / "killed.db") == found_in(tmp_path / "whole.db")
