"""The rules of an exercise: what its check says of the solution, of the stub, and of wrong answers."""

import ast
import re
import signal
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from nasedu.classroom import Exercise
from nasedu.testing.mutants import mutants
from nasedu.testing.rules import Suite, expect

suite = Suite("exercise")
exercise_checks = suite.checks

DRAWS = {"code": 5}
"""How often a solution is checked, by the kind of the exercise: checks of code draw fresh inputs each time."""
TRIES = {"code": 3}
"""How often a change is checked. A check of code draws few fresh inputs; races have many seeds at once."""
MOST = {"predict": 6, "choose": 12, "refute": 6, "code": 40}
"""How many changes are tried for each kind: what refutes a claim is trained to find out, which takes seconds."""
PATIENCE = 5.0
"""Seconds for the check of a change; a change that loops for ever is caught by never ending."""
LONGEST = 30
"""Words of a sentence in a question."""


@suite.first
def the_solution_is_right(exercise: Exercise) -> None:
    """Check that the solution passes, for all inputs that the check draws, and is praised."""
    for _ in range(DRAWS.get(exercise.kind, 1)):
        verdict = exercise.check(exercise.answer_of(exercise.solved))
        expect(verdict.status == "right", f"the check of `solved` says: {verdict}", "mend `solved` or `why_wrong`")
    expect(bool(exercise.praise), "a right answer gets no sentence", "give `praise`")


@suite.rule
def right_answers_in_other_forms_pass(exercise: Exercise) -> None:
    """Check that each of `also_right` passes, for all inputs that the check draws."""
    for code in exercise.also_right:
        for _ in range(DRAWS.get(exercise.kind, 1)):
            verdict = exercise.check(exercise.answer_of(code))
            expect(
                verdict.status == "right", f"for\n{code}\nthe check says: {verdict}", "let the check accept this, too"
            )


@suite.rule
def the_stub_is_not_attempted(exercise: Exercise) -> None:
    """Check that an unchanged stub is no attempt, and would not be right."""
    verdict = exercise.check(exercise.answer_of(exercise.stub))
    right = False
    with suppress(Exception):  # what is not written yet may end in any error
        right = not exercise.objection(exercise.answer_of(exercise.stub))
    expect(not right, "`stub` passes the check", "leave something to do in it")
    expect(
        verdict.status == "not attempted",
        f"the check of `stub` says: {verdict}",
        "write `...` where the answer goes: `name = ...`, or a function or class that contains `...`",
    )


@suite.rule
def three_wrong_answers_each_get_their_own_sentence(exercise: Exercise) -> None:
    """Check that there are three wrong answers or more, and that each gets its own sentence."""
    expect(len(exercise.wrong) >= 3, f"there are {len(exercise.wrong)} wrong answers", "add what students will write")
    expect(
        len(set(exercise.wrong.values())) == len(exercise.wrong),
        "two wrong answers have the same sentence",
        "tell them apart in `why_wrong`: each mistake needs other help",
    )
    for code, sentence in exercise.wrong.items():
        for _ in range(2 if exercise.kind == "code" else 1):
            verdict = exercise.check(exercise.answer_of(code))
            expect(
                verdict.status == "wrong" and sentence in verdict.message,
                f"for\n{code}\nthe check says: {verdict}",
                f"let `why_wrong` say {sentence!r}",
            )
            expect("ended in an error" not in verdict.message, f"{code}\nends in an error", "say what is wrong instead")


@suite.rule
def an_answer_of_another_kind_ends_in_no_error(exercise: Exercise) -> None:
    """Check that an answer of another type gets a sentence, and the check does not end in an error."""
    others: tuple[Any, ...] = (3.5, "abc", (), [1], {}, float("nan"))
    for answer in others:
        verdict = exercise.check(answer)
        expect(
            verdict.status == "wrong" and "ended in an error" not in verdict.message,
            f"for {answer!r} the check says: {verdict}",
            "look at the type of the answer first, and say what type is expected",
        )


@suite.rule
def no_change_of_the_solution_passes(exercise: Exercise) -> None:
    """Check that mechanical changes of the solution are rejected, but for `survivors`, which have a reason."""
    listed = {_normal(code): why for code, why in exercise.survivors.items() if _defines(code, exercise.name)}
    impossible = listed.keys() - mutants(exercise.solved)
    expect(not impossible, _shown(impossible), "no change of the solution gives this: take it out of `survivors`")
    tried = dict.fromkeys([*mutants(exercise.solved, MOST[exercise.kind]), *listed])
    escaped = [code for code in tried if passes(exercise, code)]
    expect(
        not (unexplained := [code for code in escaped if code not in listed]),
        _shown(unexplained),
        "the check accepts this: give it inputs that show the difference, or list it in `survivors` with a reason",
    )
    expect(not (noticed := listed.keys() - escaped), _shown(noticed), "the check rejects this: it is no survivor")
    short = [code for code, reason in listed.items() if len(reason.split()) < 3]
    expect(not short, _shown(short), "say why it is right that the check accepts this")


@suite.rule
def each_part_is_a_step(exercise: Exercise) -> None:
    """Check that every part passes for the solution, and fails for a wrong answer."""
    wrong = list(exercise.wrong)
    for part in exercise.parts:
        expect(
            part.passes(exercise.answer_of(exercise.solved)), f"part {part.name!r} rejects `solved`", "mend the part"
        )
        expect(
            not all(part.passes(exercise.answer_of(code)) for code in wrong),
            f"part {part.name!r} passes for every wrong answer",
            "add a wrong answer in which this step is wrong",
        )


@suite.rule
def each_version_is_a_whole_exercise(exercise: Exercise) -> None:
    """Check that own numbers give a right solution and wrong answers with their sentences, for every version."""
    for make in exercise.versions:
        version = make()
        expect(
            (version.name, version.stub) == (exercise.name, exercise.stub),
            f"a version has another name or stub: {version.name}",
            "keep both: they do not depend on numbers",
        )
        for rule in (the_solution_is_right, three_wrong_answers_each_get_their_own_sentence):
            try:
                rule(version)
            except AssertionError as error:
                raise AssertionError(f"with the solution {version.solved}: {error}") from error


@suite.rule
def examples_are_true_of_the_solution_alone(exercise: Exercise) -> None:
    """Check that each example is true for the solution, and that the stub does not pass them all."""

    def hold(code: str) -> list[bool]:
        names: dict[str, Any] = {}
        exec(code, names)
        return [_holds(example, names) for example in exercise.examples]

    for example, held in zip(exercise.examples, hold(exercise.solved), strict=True):
        expect(held, f"{example} is not true for `solved`", "correct the example")
    if exercise.examples:
        expect(not all(hold(exercise.stub)), "the stub passes all examples", "add an example that needs an answer")


@suite.rule
def the_question_has_short_sentences(exercise: Exercise) -> None:
    """Check that a question has sentences of at most 30 words: students read them in a foreign language."""
    plain = re.sub(r"```.*?```|`[^`]*`|\$[^$]*\$", "code", exercise.prompt, flags=re.S)
    for sentence in re.split(r"[.!?:;](?:[\s*]|$)|\n\s*\n", plain):
        words = len(sentence.split())
        expect(words <= LONGEST, f"a sentence of {words} words: {sentence.strip()}", "make two sentences of it")


# ---------------------------------------------------------------------- changes of a solution


class TooLong(BaseException):
    """A check takes too long. No Exception: `except Exception` of a check must not catch it."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TooLong in the body after some seconds, where the system has such an alarm."""

    def ring(*_: Any) -> None:
        raise TooLong

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def passes(exercise: Exercise, code: str) -> bool:
    """Return whether the check accepts some code, in every draw."""
    return passes_as(exercise, (exercise.answer_of(code) for _ in range(TRIES.get(exercise.kind, 1))))


def passes_as(exercise: Exercise, answers: Iterable[Any]) -> bool:
    """Return whether the check accepts all of some answers, in the order in which they come."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a changed solution may divide by zero
        try:
            with at_most(PATIENCE):
                return all(map(exercise.check, answers))
        except (Exception, SystemExit, TooLong):
            return False


def _normal(code: str) -> str:
    """Return code as this Python writes it: versions differ in their brackets."""
    return ast.unparse(ast.parse(code))


def _defines(code: str, name: str) -> bool:
    with suppress(SyntaxError):
        return any(getattr(node, "id", getattr(node, "name", "")) == name for node in ast.walk(ast.parse(code)))
    return False


def _holds(example: str, names: dict[str, Any]) -> bool:
    try:
        return bool(eval(example, dict(names)))
    except Exception:
        return False


def _shown(codes: Iterable[str]) -> str:
    return "\n\n".join(codes)
