"""Floor 0: evaluations, seeds, registries, descriptions."""

import json
import math
import re
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nasedu.core
from nasedu.core import (
    BadValue,
    Evaluation,
    MissingExtra,
    NaseduError,
    Registry,
    UnknownName,
    check_counts,
    check_extra,
    derive_seed,
    describe,
    import_extra,
    rng_from,
)

numbers = st.floats(allow_nan=False, allow_infinity=False)


# ---------------------------------------------------------------------- Evaluation


@settings(derandomize=True, database=None)
@given(
    score=numbers,
    curve=st.lists(numbers),
    losses=st.lists(numbers),
    metric=numbers,
    reason=st.text(),
    choices=st.lists(st.text()),
)
def test_an_evaluation_survives_json_to_the_last_bit(score, curve, losses, metric, reason, choices):
    metrics = {"f1": metric, "confusion": [[1, 2]]}
    rest = {"seconds": 0.1, "parameters": 7, "flops": None, "epochs": 3, "seed": 4, "reason": reason}
    before = Evaluation(tuple(choices), score, "error", metrics, curve, losses, **rest)
    after = Evaluation.from_json(before.to_json())
    assert after == before
    assert (after.curve, after.losses) == (tuple(curve), tuple(losses))
    assert [x.hex() for x in (after.score, *after.curve)] == [x.hex() for x in (score, *curve)]


def test_an_evaluation_that_was_recorded_before_there_were_losses_has_none():
    line = json.loads(Evaluation(("a",), 0.5, curve=[0.25, 0.5]).to_json())
    assert line.pop("losses") == []
    assert Evaluation.from_json(json.dumps(line)) == Evaluation(("a",), 0.5, curve=(0.25, 0.5))


def test_json_of_an_evaluation_is_one_line():
    line = Evaluation(("a", "stop"), 0.5, reason="two\nlines").to_json()
    assert "\n" not in line
    assert json.loads(line)["architecture"] == ["a", "stop"]


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_a_score_is_a_finite_number(score):
    with pytest.raises(BadValue, match="a score is a finite number"):
        Evaluation(("a",), score)


def test_an_unknown_status_lists_the_known_ones():
    with pytest.raises(BadValue, match="'lost' is unknown; known: ok, diverged, out-of-memory, timeout, error"):
        Evaluation(("a",), 0.5, "lost")


def test_only_ok_is_ok():
    assert Evaluation(("a",), 0.5).ok
    assert not Evaluation(("a",), 0.5, "timeout").ok


# ---------------------------------------------------------------------- seeds


def test_derived_seeds_are_the_same_on_every_machine():
    """Golden: if these change, every recorded study gets other scores."""
    assert derive_seed(0) == 5254295370254170289
    assert derive_seed(0, "weights") == 5147875554478041081
    assert derive_seed(1, "weights") == 4604609368897332189
    assert rng_from(0, "split").integers(1000, size=3).tolist() == [43, 91, 413]


def test_derived_seeds_fit_into_63_bits_and_differ_by_seed_and_by_names():
    seeds = [derive_seed(s, *names) for s in range(50) for names in [(), ("a",), ("b",), ("a", "b"), ("ab",)]]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= s < 2**63 for s in seeds)


def test_a_numpy_seed_counts_as_its_number():
    assert derive_seed(np.int64(3), "x") == derive_seed(3, "x")


# ---------------------------------------------------------------------- Registry


def one(width: int = 3):
    """The first line.

    The second.
    """
    return width


@pytest.fixture
def registry():
    return Registry("gadget", {"one": one, "later": "json:dumps"})


def test_a_registry_imports_an_entry_when_it_is_asked_for(registry):
    assert list(registry) == ["one", "later"]
    assert "later" in registry
    assert registry["later"] is json.dumps
    assert registry["one"]() == 3
    assert registry.summary("one") == "The first line."


def test_an_unknown_name_is_answered_with_the_known_ones(registry):
    with pytest.raises(UnknownName, match="unknown gadget 'two'; known: later, one"):
        registry["two"]


def test_a_name_can_be_taken_once(registry):
    registry.add("two", one)
    assert registry["two"] is one
    with pytest.raises(BadValue, match="there is already a gadget called 'two'"):
        registry.add("two", one)


def test_an_unknown_parameter_is_answered_with_the_known_ones(registry):
    registry.check_parameters("one", {"width": 1})
    with pytest.raises(BadValue, match="gadget 'one' has no parameter 'height'; it has: width"):
        registry.check_parameters("one", {"height": 1})
    registry.add("anything", lambda **options: options)
    registry.check_parameters("anything", {"height": 1})


# ---------------------------------------------------------------------- describe


class Gadget:
    name = "gadget"

    def __init__(self, space, width, *, sizes=(1, 2), inner=None):
        self.width = width
        self.sizes = sizes
        self.inner = inner


def test_a_description_is_plain_data_without_the_space():
    thing = Gadget(object(), np.float64(0.5), sizes=((1, 2), 3), inner=Gadget(None, None))
    assert describe(thing) == {
        "name": "gadget",
        "width": 0.5,
        "sizes": [[1, 2], 3],
        "inner": {"name": "gadget", "width": None, "sizes": [1, 2], "inner": None},
    }
    json.dumps(describe(thing))


def test_a_class_without_a_name_or_a_constructor_is_described_by_its_own():
    class Plain:
        pass

    assert describe(Plain()) == {"name": "Plain"}


def test_an_argument_that_was_not_kept_is_named():
    class Forgetful:
        def __init__(self, width):
            pass

    with pytest.raises(BadValue, match=r"Forgetful takes 'width' but does not keep it.*self.width = width"):
        describe(Forgetful(3))


def test_an_argument_that_is_no_plain_data_is_named():
    with pytest.raises(BadValue, match=r"Gadget.sizes is a set, which a store cannot hold"):
        describe(Gadget(None, 1, sizes={1}))


# ---------------------------------------------------------------------- errors


def test_every_error_is_a_nasedu_error():
    errors = [value for value in vars(nasedu.core).values() if isinstance(value, type) and issubclass(value, Exception)]
    assert len(errors) >= 9
    assert all(issubclass(error, NaseduError) for error in errors)


@pytest.mark.parametrize("wrong", [0, -3, 2.0, True, "5", None, np.int64(5)])
def test_what_is_no_count_is_refused_by_the_name_of_its_argument(wrong):
    check_counts(trials=1, batch=4)
    check_counts(0, seed=0)
    with pytest.raises(BadValue, match=re.escape(f"batch is a whole number of at least 1; given {wrong!r}")):
        check_counts(trials=1, batch=wrong)


def test_a_count_may_have_another_least():
    with pytest.raises(BadValue, match="factor is a whole number of at least 2; given 1"):
        check_counts(2, factor=1)


def test_a_missing_extra_is_named_with_the_command_that_brings_it(monkeypatch):
    assert import_extra("json", "tables", "tables") is json
    check_extra("json", "tables", "tables")
    monkeypatch.setitem(sys.modules, "optuna", None)
    for attempt in (import_extra, check_extra):
        with pytest.raises(MissingExtra, match=r"samplers need optuna: python -m pip install 'nasedu\[surrogates\]'"):
            attempt("optuna", "surrogates", "samplers")
