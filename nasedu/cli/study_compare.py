"""Studies next to each other: the list of a store, and two of them side by side."""

import json
from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from nasedu.cli.fitting_table import FittingTable
from nasedu.cli.report import compared, evaluation, examples, interval, plain_table, seconds, tested_against
from nasedu.cli.report_json import as_json
from nasedu.cli.study_record import StudyRecord, words
from nasedu.core import BadValue, counted
from nasedu.meta.earlier import digest_in

SHORT = 8  # characters of a digest that are shown


# ---------------------------------------------------------------------- the list


def facts(number: int, record: StudyRecord) -> dict[str, Any]:
    """Return what the list says of a study, as plain data: see `nasedu.cli.report_json.as_json`."""
    more = {
        "epochs": record.identity["epochs"],
        "prior": record.prior_name or None,
        "data": digest_in(record.identity) or None,
    }
    more |= {"queue": len(record.queue), "begun": record.begun or None}
    return {"study": number, "name": record.name or None, **as_json(record), **more}


COLUMNS = ("trials", "best", "tested", "data", "begun (UTC)")


def table_of(records: dict[int, StudyRecord]) -> RenderableType:
    """Return a table with a row for each study. Where it is too wide, data and date are omitted: the rest comes first.

    Args:
        records: every study of a store.
    """
    if not records:
        return Text("No study was begun in this store yet.")
    return _table_of(records, COLUMNS, instead=_table_of(records, COLUMNS[:3]))


def _table_of(records: dict[int, StudyRecord], names: tuple[str, ...], **options: Any) -> FittingTable:
    table = FittingTable(**options)
    table.add_column("study", justify="right", no_wrap=True)
    table.add_column("what", overflow="fold")
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for number, record in records.items():
        imported = f" ({len(record.imported)} imported)" if record.imported else ""
        best = f"{record.best.score:.4f}" if record.best else ""
        begun = record.begun[:16].replace("T", " ")
        cells = (f"{len(record.trials)}{imported}", best, _tested(record), digest_in(record.identity)[:SHORT], begun)
        table.add_row(str(number), record.label, *cells[: len(names)])
    return table


def _tested(record: StudyRecord) -> str:
    if record.final is None:
        return ""
    return f"{record.final.score:.4f}" if record.final.ok else record.final.status


# ---------------------------------------------------------------------- two side by side


class Comparison:
    """Two studies of a store side by side.

    Args:
        records: the two, by their numbers.

    Raises:
        BadValue: they are one and the same.
    """

    def __init__(self, records: dict[int, StudyRecord]):
        if len(records) != 2:
            raise BadValue(f"two studies are compared, and both are study {next(iter(records))}: name another one")
        self.records = records
        self.a, self.b = records.values()

    def differences(self) -> dict[str, tuple[Any, Any]]:
        """Return the parts of their identities that differ, each with both values; None where one has no such part."""
        a, b = (dict(_leaves(record.identity)) for record in (self.a, self.b))
        return {name: (a.get(name), b.get(name)) for name in {**a, **b} if a.get(name) != b.get(name)}

    def objections(self) -> list[str]:
        """Return why their scores cannot be compared, a part of a sentence each; nothing if they can."""
        a, b = (_what_scores_are_of(record) for record in (self.a, self.b))
        return [f"{part} ({a[part] or 'unknown'}, {b[part] or 'unknown'})" for part in a if a[part] != b[part]]

    def at_equal_trials(self) -> list[tuple[int, float, float]]:
        """Return (trials, best score of one, of the other) after a quarter, half and all that both have.

        Imported trials do not count: neither search trained them.
        """
        a, b = self.a.counted, self.b.counted
        common = min(len(a), len(b))
        marks = sorted({-(-common // 4), -(-common // 2), common} - {0})
        return [(n, max(t.score for t in a[:n]), max(t.score for t in b[:n])) for n in marks]

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as one plain object."""
        return {
            "studies": [facts(number, record) for number, record in self.records.items()],
            "differences": {name: list(values) for name, values in self.differences().items()},
            "not_comparable": self.objections(),
            "at_equal_trials": [{"trials": n, "best": [a, b]} for n, a, b in self.at_equal_trials()],
        }

    def shown(self) -> RenderableType:
        """Return the comparison as a table, with the sentences that it allows."""
        table = plain_table("")
        table.add_column("", no_wrap=True)
        for number, record in self.records.items():
            table.add_column(f"study {number}" + (f" {record.name!r}" if record.name else ""))
        for name, values in self.differences().items():
            table.add_row(name, *map(_value, values))
        for heading, *cells in self._results():
            table.add_row(heading, *cells)
        return Group(table, Text(), *(Text(sentence) for sentence in self._sentences()))

    def _results(self) -> Iterator[tuple[str, str, str]]:
        both = (self.a, self.b)
        yield _row("trials", *(f"{len(r.trials)}{f', {len(r.imported)} imported' * bool(r.imported)}" for r in both))
        yield _row("best so far", *(_best(record) for record in both))
        for n, a, b in self.at_equal_trials():
            yield f"best of the first {n}", f"{a:.4f}", f"{b:.4f}"
        yield _row("test", *(_tested_with_interval(record) for record in both))
        yield _row("seconds of training", *(f"{seconds(record):.0f}" for record in both))

    def _sentences(self) -> Iterator[str]:
        one, other = self.records
        if objections := self.objections():
            yield f"Not comparable: study {one} and study {other} differ in {'; '.join(objections)}."
            return
        for n, a, b in self.at_equal_trials()[-1:]:
            yield (
                f"After {counted(n, 'trial')} each, the best validation score of study {one} is {compared(a, b)} for "
                f"study {other}."
            )
        final = self.a.final
        if final and final.ok and self.b.final:
            yield f"Tests of study {one} against study {other}: {tested_against(final, self.b.final, self.a.metric)}"


def _what_scores_are_of(record: StudyRecord) -> dict[str, Any]:
    """What must be equal before scores are compared."""
    digest = digest_in(record.identity)[:SHORT]
    parts = {part: record.identity[part] for part in ("task", "epochs")}
    return {**parts, "metric": record.metric, "digest of the data": digest}


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Each part of an identity, with its path: ("trainer.patience", 2)."""
    if not isinstance(value, dict):
        yield name, value
        return
    for key, inner in value.items():
        yield from _leaves(inner, f"{name}.{key}" if name else key)


def _row(heading: str, a: str, b: str) -> tuple[str, str, str]:
    return heading, a, b


def _value(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def _best(record: StudyRecord) -> str:
    best = record.best
    if best is None:
        return ""
    size = evaluation(best).parameters
    parts = [f"{best.score:.4f}", words(best.architecture), *([f"{size:,} parameters"] if size else [])]
    return "\n".join([*parts, *(["imported"] if best.imported else [])])


def _tested_with_interval(record: StudyRecord) -> str:
    final = record.final
    if final is None or not final.ok or not examples(final):
        return _tested(record) or "not tested"
    low, high = interval(final)
    return f"{final.score:.4f} ({low:.3f} to {high:.3f})"
