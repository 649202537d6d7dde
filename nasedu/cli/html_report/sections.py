"""What stands in each section of the page, as plain data: the template says how it looks."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

import numpy as np

from nasedu import plots
from nasedu.cli.html_report.command import command_of, typed
from nasedu.cli.html_report.facts import Facts
from nasedu.cli.html_report.figures import drawn
from nasedu.cli.html_report.latency import Times, latency, machine
from nasedu.cli.html_report.rivals import split_sizes
from nasedu.cli.html_report.tested import Tested, class_names, label, span
from nasedu.cli.report import best_trials, evaluation, failures, seconds, shared_steps, summary
from nasedu.cli.study_record import words
from nasedu.core import BadValue, Evaluation, NaseduError, counted
from nasedu.spaces.counting import DRAWN
from nasedu.spaces.importance import Importance, importance_of
from nasedu.spaces.strip import strip
from nasedu.store import Trial
from nasedu.study.winner_files import packed
from nasedu.tasks.reading import features_in_words, sentences

MOST_COLUMNS = 30
"""Of a table that was read; a longer list is folded."""


def large(number: float | None) -> str:
    """Return a count with its thousands; a huge one as a power of ten."""
    if number is None:
        return "not measured"
    return f"{number:,}" if number < 10**12 else f"about 10^{len(str(int(number))) - 1}"


# ---------------------------------------------------------------------- the headline


def headline(facts: Facts, tested: Tested | None) -> dict[str, str]:
    """Return what was found, how good it is, and whether it was worth it."""
    record, best = facts.record, facts.record.best
    title = f"A network for {record.identity['task']}"
    if tested is None:
        found = f"This search is not finished: {counted(len(record.trials), 'trial')} so far."
        if record.final:
            found = f"The test of the network that was found failed ({record.final.status}): {record.final.reason}."
        rest = "The test examples were not looked at."
        if best and evaluation(best).ok:
            score = f"{label(record.metric)} {best.score:.3f}"
            rest = f"The best network so far reaches {score} on the validation examples. {rest}"
        return {"title": title, "found": found, "verdict": "" if record.final else rest, "worth": ""}
    search = tested.search
    interval = f" (95% interval {span(search.interval)})" if search.interval else ""
    count = counted(tested.count, "example") if tested.count else "examples"
    size = f" with {large(search.tested.parameters)} parameters" if search.tested and search.tested.parameters else ""
    found = (
        f"The search found a network{size}. On {count} that neither the search nor a training had seen, "
        f"it reaches {label(record.metric)} {search.score:.3f}{interval}."
    )
    return {"title": title, "found": found, "verdict": tested.verdict, "worth": tested.worth}


# ---------------------------------------------------------------------- the network


def network(facts: Facts) -> dict[str, Any] | None:
    """Return the network to take home, or the best one so far; None if no trial succeeded."""
    record, winner, best = facts.record, facts.winner, facts.record.best
    tested = record.final if record.final and record.final.ok else None
    if tested is None and (best is None or not evaluation(best).ok):
        return None
    about: Evaluation = tested or evaluation(best)  # type: ignore[arg-type]
    rows = [("architecture", words(about.architecture)), ("parameters", large(about.parameters))]
    rows.append(("operations for one example", f"{large(about.flops)} FLOPs" if about.flops else "not measured"))
    times: list[Times] = []
    if winner is not None:
        rows.append(("size of its file", f"{len(packed(winner)[1]) / 1024:,.0f} KiB"))
        times = latency(winner.module, winner.task.input_shape)
        rows += [(_asked(t), _measured(t)) for t in times]
    space, architecture = (winner.space, winner.architecture) if winner else (facts.space, about.architecture)
    return {
        "rows": rows,
        "drawing": _drawing(space, architecture),
        "machine": machine() if times else "",
        "tested": tested is not None,
        "winner": winner is not None,
        "commands": _commands(facts) if winner else "",
        "later": bool(tested and best and best.architecture != tested.architecture),
    }


def _commands(facts: Facts) -> str:
    """Return how the network is used from the terminal, and by somebody without nasedu."""
    which = f"{shlex.quote(facts.store)} --study {facts.number}"
    return f"nasedu predict {which} NEW --out answers.csv\nnasedu export {which} --to python --out network"


def _asked(times: Times) -> str:
    return "time for one example" if times.examples == 1 else f"time for {times.examples} examples at once"


def _measured(times: Times) -> str:
    low, median, high = (f"{1000 * value:.3g}" for value in (times.low, times.median, times.high))
    return f"{median} ms (median of {times.repeats}; 90% between {low} and {high} ms)"


def _drawing(space: Any, architecture: Any) -> str:
    if space is None:
        return ""
    try:
        return str(space.draw(architecture))
    except NaseduError:
        return ""  # a space that says nothing of its inputs draws nothing


# ---------------------------------------------------------------------- what was read


def reading(facts: Facts) -> dict[str, Any]:
    """Return what the task is made of, and what became of a user's own data."""
    task, about = facts.task, facts.about
    if about is None:
        return {"summary": "", "rows": [], "became": [], "classes": [], "notes": [], "folded": False}
    rows = [("task", about.name), ("kind", about.kind)]
    read = getattr(task, "reading", None)
    if read is not None:
        features = features_in_words(read)
        rows += [("read from", read.kind), ("examples", f"{read.examples:,}")]
        rows += [("features", features)] if features else []
        rows += [("divided", read.splits)] if read.splits else []
    rows.append(("an input of the network", " × ".join(map(str, about.input_shape))))
    rows += [(f"{split} examples", f"{count:,}") for split, count in (split_sizes(task) if task else {}).items()]
    rows += [(name, value) for name, value in (("source", about.source), ("licence", about.licence)) if value]
    became = list(read.became.items()) if read else []
    return {
        "summary": about.summary,
        "rows": rows,
        "became": became,
        "folded": len(became) > MOST_COLUMNS,
        "classes": _classes(facts, read),
        "notes": [_sentence(note) for note in (sentences(task) if read else facts.said)],
    }


def _sentence(text: str) -> str:
    """Return a message as a sentence on a page."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _classes(facts: Facts, read: Any) -> list[tuple[str, int]]:
    """Return each class with its number of examples; those of the test split count once it was opened by `finish`."""
    task = facts.task
    if read is not None and read.classes:
        return list(read.classes.items())
    if task is None or task.kind != "classification":
        return []
    splits = [task.train, task.validation, *([task.test.opened()] if facts.record.final else [])]
    counts = np.bincount(np.concatenate([split.y for split in splits]))
    return list(zip(class_names(task, len(counts)), map(int, counts), strict=True))


# ---------------------------------------------------------------------- the search


def search(facts: Facts) -> dict[str, Any]:
    """Return all trials as a picture, the best of them, and those that failed."""
    record = facts.record
    done, failed = record.trials, failures(record)
    best, controller = best_trials(record, 5), record.identity["controller"]["name"]
    alt = f"The validation score of {counted(len(done), 'trial')}, in the order asked."
    if best:
        alt += f" The best, {best[0].score:.3f}, is trial {best[0].number + 1}."
    return {
        "summary": str(summary(record)),
        "size": _size(facts.space),
        "picture": drawn("trials", alt, lambda: plots.scores(done, controller=controller)) if done else "",
        "best": [
            (t.number + 1, t.score, large(evaluation(t).parameters), _origin(t), strip(t.architecture)) for t in best
        ],
        "metric": label(record.metric),
        "failed": [
            (t.number + 1, evaluation(t).status, evaluation(t).reason, words(t.architecture)) for t in failed[-5:]
        ],
        "failures": counted(len(failed), "trial"),
        "waiting": len(record.recorded) - len(done),
    }


def _origin(trial: Trial) -> str:
    """Return the architecture of a trial, and whether its result came from elsewhere."""
    return words(trial.architecture) + (" (imported)" if trial.imported else "")


def _size(space: Any) -> str:
    """Return how many different networks a space has, in words that say when this is an estimate."""
    try:
        if not space:
            return ""
        number, exact = space.count_networks()
        return f"{large(number)} networks" + ("" if exact else f" (estimated from {DRAWN:,} that were drawn)")
    except NaseduError:
        return ""  # too many states to count


# ---------------------------------------------------------------------- which choice mattered


def choices(facts: Facts) -> dict[str, Any] | None:
    """Return the pictures of the choices, and which of them mattered; None without the space."""
    trials, space = facts.record.trials, facts.space
    if space is None or not trials:
        return None
    good = [t for t in trials if evaluation(t).ok]
    pictures = []
    try:
        found = importance_of(space, [t.architecture for t in good], [t.score for t in good])
        said = _said(found)
        alt = "Importance of each choice: " + ", ".join(
            f"{name} {share:.2f}" for name, share in zip(found.names, found.shares, strict=True)
        )
        pictures.append((drawn("importance", alt, lambda: plots.importance(trials, space, found=found)), HOW_IMPORTANT))
    except BadValue as error:
        said = _sentence(str(error))
    alts = ("The scores of each choice, one plot for each place.", "Each network as a line through its choices.")
    for name, alt, caption, plot in (
        ("slices", alts[0], HOW_SLICES, plots.slices),
        ("lines", alts[1], HOW_LINES, plots.parallel_coordinates),
    ):
        try:
            pictures.append((drawn(name, alt, lambda plot=plot: plot(trials, space)), caption))  # type: ignore[misc]
        except BadValue:
            continue  # networks that do not differ, or none that succeeded
    return {"said": said, "pictures": pictures}


HOW_IMPORTANT = (
    "How much of the variance of the scores goes with each choice, found by a random forest (functional ANOVA: Hutter "
    "and others, 2014; by permutation: Breiman, 2001). The line at each bar is the spread over ten forests. The dashed "
    "line is what shuffled scores reach by chance."
)
HOW_SLICES = "Each dot is a network: its choice at this place, and its score. The stroke is the median; a cross failed."
HOW_LINES = "Each line is a network. Blue is the better quarter, the thick line is the best network."


def _said(found: Importance) -> str:
    """Return which choices mattered, in words."""
    shares = dict(zip(found.names, found.shares, strict=True))
    if not found.important:
        return (
            f"No choice stands out: shuffled scores look as important as these. With {found.architectures} networks "
            "nobody can tell which choice mattered."
        )
    named = ", ".join(f"{name} ({shares[name]:.0%} of the variance)" for name in found.important)
    return f"More than chance explains, of {found.architectures} different networks: {named}."


# ---------------------------------------------------------------------- how it was made


def made(facts: Facts) -> dict[str, Any]:
    """Return everything that it takes to make the study again."""
    record, identity = facts.record, facts.record.identity
    parts = [(part, identity[part]) for part in ("space", "controller", "trainer", "prior") if identity[part]]
    rows = [(part, described["name"]) for part, described in parts]
    shared = shared_steps(record)
    scored = ("scored with", f"shared weights, {counted(shared, 'step')} of a supernet")
    rows += [scored if shared else ("epochs for each trial", str(identity["epochs"]))]
    rows += [("seed", record.seeds.removeprefix("seed "))]
    rows += [("trials", str(len(record.recorded))), ("time of all trainings", f"{seconds(record):.0f} s")]
    rows.append(("store", f"{facts.store}, study {facts.number}" + (f", {record.name}" if record.name else "")))
    data = identity.get("data")
    rows += [("digest of the data", str(data["digest"]))] if isinstance(data, dict) and "digest" in data else []
    versions = facts.winner.versions if facts.winner else {}
    rows += [("trained with", ", ".join(f"{name} {number}" for name, number in versions.items()))] if versions else []
    return {
        "rows": rows,
        "parts": [(part, _described(described)) for part, described in parts],
        "command": typed(command_of(record, facts.store)),
    }


def _described(part: Mapping[str, Any]) -> str:
    """Return a part of a study as it would be typed in Python."""
    values = ", ".join(
        f"{name}={_described(value) if isinstance(value, dict) and 'name' in value else json.dumps(value)}"
        for name, value in part.items()
        if name != "name"
    )
    return f"{part['name']}({values})"
