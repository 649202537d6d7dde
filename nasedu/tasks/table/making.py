"""Puts a task together: the columns of a sheet, its answers and splits, and what is said of them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nasedu.core import BadValue, UnknownName, counted, did_you_mean
from nasedu.tasks.base import USUAL_METRICS, Split, Task
from nasedu.tasks.preparing import LEAST, check_classes, first_copies, listed, scale_of, task_of, warn
from nasedu.tasks.reading import Reading, poor_score
from nasedu.tasks.table.answers import ASK, Answers, answers_of, missing_answers, nearly_equal
from nasedu.tasks.table.cells import Cells, Texts, numbers_of
from nasedu.tasks.table.dividing import SHARES, Places, in_groups, in_time
from nasedu.tasks.table.leaks import best_possible, hints, tell_tales
from nasedu.tasks.table.notation import NUMBERS, are_dates, date_notation
from nasedu.tasks.table.preparation import Answer, Column, Table
from nasedu.tasks.table.sheet import Sheet
from nasedu.tasks.table.sorts import FEW, MOST_CATEGORIES, Sort, counts_rows, decimal_comma, is_id, sort_all

KINDS = ("classification", "regression")

MISSING = ("fill", "refuse", "drop")

LEAST_ROWS = {True: 10, False: 8}
"""Different rows that a regression needs, with a test split and without."""

MOST_NUMBERS = 100_000_000
"""Rows times inputs of a table: 0.8 GB while they are prepared."""

MOST_WORDS = 20
"""Words among numbers that are kept for new rows."""

MARKS_OF_MISSING = (-9.0, -99.0, -999.0, -9999.0, -99999.0, 99.0, 999.0, 9999.0, 99999.0)
"""Numbers that people write for a missing one."""

NEARLY_ALL_RIGHT = 0.95
"""If rows that contradict each other leave a lower accuracy than this, there is a warning."""


ONE_CELL = "; what stands between its cells? Commas, semicolons, tabs and bars are known"

HEADLESS = "the first line looks like a row, and was read as the names of the columns; put a line of names above it"


@dataclass(frozen=True)
class Options:
    """How a table is read; the arguments of `nasedu.tasks.csv_table.csv`.

    Attributes:
        kind, by, in_time, missing, metric: see there.
        shares: of the training, validation and test split.
        guess: whether the columns may be something other than numbers, and may be omitted.
        sorts: what columns are known to be, by name.
    """

    kind: str | None = None
    by: str | None = None
    in_time: str | None = None
    missing: str = "fill"
    metric: str | None = None
    shares: Sequence[float] = SHARES
    guess: bool = True
    sorts: dict[str, Sort] = field(default_factory=dict)

    def check(self) -> None:
        """Raise BadValue for an argument out of its range."""
        if self.kind is not None and self.kind not in KINDS:
            raise BadValue(f"kind is {' or '.join(KINDS)}; given {self.kind!r}")
        if self.missing not in MISSING:
            raise BadValue(f"missing is {', '.join(MISSING)}; given {self.missing!r}")
        if self.by is not None and self.in_time is not None:
            raise BadValue("give by or in_time, not both: rows are divided by groups, or in the order of time")
        if len(self.shares) != 3 or not np.isclose(sum(self.shares), 1) or min(self.shares[:2]) <= 0:
            raise BadValue(f"shares are of training, validation and test rows, such as {SHARES}; given {self.shares}")


class Said:
    """The sentences about what was read. Those that are loud are warned of, too."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.loud: list[str] = []

    def note(self, *sentences: str) -> None:
        self.sentences += sentences

    def warn(self, *sentences: str) -> None:
        self.sentences += sentences
        self.loud += sentences


def task_from(
    sheet: Sheet, target: str, options: Options, where: str, about: dict[str, Any], answers: Answers | None = None
) -> Task:
    """Make a task of a sheet.

    Args:
        target: the column of the answers.
        where: what is being loaded, for messages.
        about: name, source and licence of the task, and its summary if that is not the usual one.
        answers: what stands in the column of the answers, if that is known.

    Raises:
        UnknownName, BadValue: see `nasedu.tasks.csv_table.csv`.
    """
    options.check()
    _check_columns(sheet, target, options, where)
    said = Said()
    said.note(*sheet.notes)
    if sheet.headless:
        said.warn(HEADLESS)
    special = {target, options.by, options.in_time}
    sheet = _without_missing(sheet, target, special, options, where, said)
    comma = decimal_comma(sheet.columns, sheet.separator)
    answers = answers or answers_of(sheet, target, options.kind, comma, where)
    features = {name: cells for name, cells in sheet.columns.items() if name not in special}
    sorts = _sorts(features, options, comma)
    _say_omitted(features, sorts, options.guess, said)
    table = _table(sorts, target, answers, special, len(sheet), where)
    raw = table.raw(sheet)
    originals = first_copies(np.where(np.isnan(raw), np.inf, raw) + 0.0)[1]
    _check_enough(sheet, answers, originals, options, target, where)
    places, divided = _divide(sheet, answers, originals, options, where)
    _say_missing(features, sorts, said)
    if options.guess:
        said.warn(*tell_tales(features, sorts, answers.y, bool(answers.classes)))
        said.note(*hints(features, sorts, answers.y, bool(answers.classes)))
    table, splits = _splits(table, raw, answers, places, target, where)
    if options.by is None and options.in_time is None:
        splits = _without_shared(splits, said)
    _say_answers(answers, originals, places[1], said)
    task = task_of(
        splits,
        **{"summary": _summary(target, answers, len(sheet), table.width), **about},
        outputs=len(answers.classes) or 1,
        kind="classification" if answers.classes else "regression",
        metrics=_metrics(answers, options),
        classes=answers.classes,
        preparation=table,
        reading=_reading(sorts, answers, splits, divided, said, options, target),
        groups=_groups(sheet, options, places),
    )
    for sentence in filter(None, (*said.loud, poor_score(task))):
        warn(f"{where}: {sentence}")
    return task


# ---------------------------------------------------------------------- at the door


def _check_columns(sheet: Sheet, target: str, options: Options, where: str) -> None:
    names = listed([repr(name) for name in sheet.columns], 30)
    for name in filter(None, (target, options.by, options.in_time)):
        if name not in sheet.columns:
            hint = "; is its first line no line of names?" if sheet.headless else ""
            hint = hint or (ONE_CELL if len(sheet.columns) == 1 else did_you_mean(name, sheet.columns))
            raise UnknownName(f"{where} has no column {name!r}; its columns: {names}{hint}")
    for name in filter(None, (options.by, options.in_time)):
        if name == target:
            raise BadValue(f"{where}: {name!r} is the target; divide the rows by another column")
    if len(sheet.columns) < 2:
        raise BadValue(f"{where} has no column but {target!r}; expected others to tell it from")
    if len(sheet) == 0:
        raise BadValue(f"{where} has names and no rows; expected one example a row")


def _gone(cells: Cells) -> np.ndarray:
    """Return for each row whether its cell holds nothing, or no finite number."""
    return ~np.isfinite(cells) if isinstance(cells, np.ndarray) else cells.empty


def _without_missing(
    sheet: Sheet, target: str, special: set[str | None], options: Options, where: str, said: Said
) -> Sheet:
    """Return the rows to use. Raises BadValue for missing values that are refused, or in a column that divides."""
    for name in filter(None, (options.by, options.in_time)):
        gone = _gone(sheet.columns[name])
        if gone.any():
            raise BadValue(
                f"{where}: {int(gone.sum())} cells of {name!r} are missing, the first in "
                f"{sheet.place(int(gone.argmax()))}; it divides the rows, so fill them in or remove these rows"
            )
    if options.missing == "fill":
        return sheet
    features = {name: cells for name, cells in sheet.columns.items() if name not in special}
    comma = decimal_comma(sheet.columns, sheet.separator)
    sorts = _sorts(features, options, comma)
    holes = {name: _holes(features[name], sort) for name, sort in sorts.items() if not sort.reason}
    any_hole = np.any([*holes.values(), np.zeros(len(sheet), bool)], axis=0)
    if options.missing == "drop":
        any_hole |= missing_answers(sheet.columns[target], options.kind, comma)
        if any_hole.any():
            said.warn(f"left out {int(any_hole.sum())} of {len(sheet)} rows, which have missing values")
        if any_hole.all():
            raise BadValue(f"{where}: every row has a missing value; fill them in, or remove columns")
        return sheet.take(np.flatnonzero(~any_hole))
    if any_hole.any():
        columns = [f"{name!r} ({int(gone.sum())})" for name, gone in holes.items() if gone.any()]
        raise BadValue(
            f"{where}: {sum(int(gone.sum()) for gone in holes.values())} values are missing or infinite, in "
            f"{listed(columns)}, the first in {sheet.place(int(any_hole.argmax()))}; fill them in, or remove these "
            "rows or columns"
        )
    return sheet


def _holes(cells: Cells, sort: Sort) -> np.ndarray:
    """Return for each row whether a feature is missing."""
    return ~np.isfinite(numbers_of(cells, sort.numbers)) if sort.numbers else _gone(cells)


def _sorts(features: dict[str, Cells], options: Options, comma: bool) -> dict[str, Sort]:
    if options.sorts:
        return {name: options.sorts[name] for name in features}
    if not options.guess:
        return {name: Sort(NUMBERS) for name in features}
    return sort_all(features, comma)


def _table(
    sorts: dict[str, Sort], target: str, answers: Answers, special: set[str | None], rows: int, where: str
) -> Table:
    """Return the preparation that is to be fitted. Raises BadValue if no column is left, or the inputs are too many."""
    columns = [
        Column(name, sort.values, *(sort.numbers or NUMBERS), words=sort.odd[:MOST_WORDS])
        for name, sort in sorts.items()
        if not sort.reason
    ]
    if not columns:
        reasons = [f"{name!r} ({sort.reason})" for name, sort in sorts.items()]
        raise BadValue(f"{where}: no column is left to predict {target!r} from; left out: {listed(reasons)}")
    omitted = [name for name, sort in sorts.items() if sort.reason]
    answer = Answer(target, answers.classes, answers.notation.decimal, answers.notation.mark)
    table = Table(columns, answer, [*omitted, *(name for name in special if name not in (target, None))])
    if rows * table.width > MOST_NUMBERS:
        raise BadValue(
            f"{where}: {rows:,} rows of {table.width:,} inputs are more than the {MOST_NUMBERS:,} numbers that are "
            f"prepared; remove rows or columns (a category becomes up to {MOST_CATEGORIES} inputs)"
        )
    return table


def _check_enough(
    sheet: Sheet, answers: Answers, originals: np.ndarray, options: Options, target: str, where: str
) -> None:
    """Raise BadValue if there are too few different rows."""
    if answers.classes:
        different = np.unique(np.stack([originals, answers.y]), axis=1)[1]
        least = LEAST if options.shares[2] else LEAST - 1
        rare = np.bincount(different, minlength=len(answers.classes))[answers.y] < least
        first = sheet.place(int(rare.argmax()))
        advice = f"add rows, remove these (the first: {first}), or, if {target!r} is a quantity, {ASK['regression']}"
        check_classes(f"{where}, target {target!r}", answers.classes, different, "different rows", advice, least)
        return
    rows, least = len(np.unique(originals)), LEAST_ROWS[options.shares[2] > 0]
    if rows < least:
        raise BadValue(f"{where} has {rows} different rows; a regression needs at least {least}")


# ---------------------------------------------------------------------- splits


def _divide(sheet: Sheet, answers: Answers, originals: np.ndarray, options: Options, where: str) -> tuple[Places, str]:
    """Return the places of each split, and in words how the rows were divided."""
    share = "/".join(f"{100 * share:.0f}" for share in options.shares)
    y = answers.y if answers.classes else np.zeros(len(originals), np.int64)
    if options.in_time is not None:
        places = in_time(_times(sheet, options.in_time, where), options.shares)
        _check_each_class(answers, places, options, where)
        return places, f"{share} in the order of {options.in_time!r}, the last to test on"
    if options.by is not None:
        groups = _codes(sheet.columns[options.by])
        places = in_groups(y, groups, options.shares, where, f"values of {options.by!r}", "divide by another column")
        return places, f"{share} by {options.by!r}: {len(np.unique(groups)):,} groups, none in two splits"
    groups = np.unique(originals, return_inverse=True)[1]
    words = f"{share} by class" if answers.classes else share
    if len(np.unique(groups)) < len(groups):
        words += ", rows with equal features in one split"
    return in_groups(
        y, groups, options.shares, where, "rows with equal features", "features that tell them apart"
    ), words


def _codes(cells: Cells) -> np.ndarray:
    return cells.codes if isinstance(cells, Texts) else np.unique(cells, return_inverse=True)[1]


def _times(sheet: Sheet, name: str, where: str) -> np.ndarray:
    """Return numbers in the order of time. Raises BadValue for text that is neither numbers nor dates."""
    cells = sheet.columns[name]
    if isinstance(cells, np.ndarray):
        return cells
    numbers = cells.spread(max(cells.fits.values(), key=lambda fit: fit[0])[2])
    if not np.isfinite(numbers).all() and (dates := date_notation(cells.values)):
        numbers = cells.spread(dates.read(cells.values))
    if not np.isfinite(numbers).all() and are_dates(cells.values) and not date_notation(cells.values):
        raise BadValue(f"{where}: the dates of {name!r} can be read in two ways; write them as 2024-03-31")
    if not np.isfinite(numbers).all():
        row = int((~np.isfinite(numbers)).argmax())
        raise BadValue(
            f"{where}: {name!r} gives no order of time: {cells.values[cells.codes[row]]!r} in {sheet.place(row)} is "
            "neither a number nor a date such as 2024-03-31"
        )
    return numbers


def _check_each_class(answers: Answers, places: Places, options: Options, where: str) -> None:
    for split, rows in zip(("training", "validation", "test"), places, strict=True):
        if len(rows) < 2 and (split != "test" or options.shares[2]):
            raise BadValue(f"{where}: in the order of {options.in_time!r} the {split} split has {len(rows)} rows")
        lacking = np.setdiff1d(np.arange(len(answers.classes)), answers.y[rows])
        if len(lacking) and len(rows):
            raise BadValue(
                f"{where}: in the order of {options.in_time!r} the {split} split has no row of the class "
                f"{answers.classes[lacking[0]]!r}; remove this class, or divide in another way"
            )


def _splits(
    table: Table, raw: np.ndarray, answers: Answers, places: Places, target: str, where: str
) -> tuple[Table, list[Split]]:
    """Return the preparation fitted on the training split, and the splits by it."""
    y: np.ndarray
    if answers.classes:
        y = answers.y
    else:
        train = answers.y[places[0]][:, None]
        if (train == train[:1]).all():
            raise BadValue(
                f"{where}: the target {target!r} never varies in the training split; there is nothing to tell"
            )
        mean, deviation = (float(value[0]) for value in scale_of(train))
        answer = Answer(target, (), answers.notation.decimal, answers.notation.mark, mean, deviation)
        table = Table(table.columns, answer, table.left_out)
        y = ((answers.y - mean) / deviation).astype(np.float32)[:, None]
    table = table.fitted(raw[places[0]])
    X = table.scaled(raw)
    return table, [Split(X[rows], y[rows]) for rows in places]


def _without_shared(splits: list[Split], said: Said) -> list[Split]:
    """Return the splits without rows that an earlier split has too: filling and rounding can make inputs equal."""
    seen: dict[bytes, int] = {}
    kept, lost = [], 0
    for number, split in enumerate(splits):
        own = np.array([seen.setdefault(x.tobytes(), number) == number for x in split.X], bool)
        kept.append(Split(split.X[own], split.y[own]))
        lost += int((~own).sum())
    if lost:
        said.warn(f"left out {counted(lost, 'row')} with features too near to those of a row in another split")
    return kept


def _groups(sheet: Sheet, options: Options, places: Places) -> tuple[np.ndarray, np.ndarray] | None:
    if options.by is None:
        return None
    codes = _codes(sheet.columns[options.by])
    return codes[places[0]], codes[places[1]]


# ---------------------------------------------------------------------- what is said


def _say_omitted(features: dict[str, Cells], sorts: dict[str, Sort], guess: bool, said: Said) -> None:
    for quiet, say in ((False, said.warn), (True, said.note)):
        omitted = [f"{name!r} ({sort.reason})" for name, sort in sorts.items() if sort.reason and sort.quiet == quiet]
        if omitted:
            say(f"left out the column{'s' if len(omitted) > 1 else ''} {listed(omitted, 10)}")
    for name, sort in sorts.items() if guess else ():
        if sort.numbers and not sort.reason and counts_rows(features[name]):
            said.warn(f"{name!r} counts the rows; if it measures nothing, remove it")
        elif sort.numbers and not sort.reason and is_id(name) and _varies(features[name]):
            said.warn(
                f"{name!r} is called like an id, and was read as a number; if it measures nothing, remove it, or, if "
                f"its rows belong together, divide by it (:by {name})"
            )
        if isinstance(cells := features[name], Texts):
            _say_of_texts(name, cells, sort, said)


def _varies(cells: Cells) -> bool:
    return len(cells.values if isinstance(cells, Texts) else np.unique(cells)) > FEW


def _stands_for_missing(numbers: np.ndarray, counts: np.ndarray) -> float | None:
    """Return a number such as -999 that comes twice or more, and is farther from the others than these reach."""
    for mark in MARKS_OF_MISSING:
        others = numbers[np.isfinite(numbers) & (numbers != mark)]
        if len(others) > 2 and counts[numbers == mark].sum() > 1 and np.abs(others - mark).min() > np.ptp(others):
            return mark
    return None


def _say_of_texts(name: str, cells: Texts, sort: Sort, said: Said) -> None:
    if sort.values and cells.variants:
        raws = next(iter(cells.variants.values()))
        said.note(f"{listed([repr(raw) for raw in raws])} in {name!r} are one category")
    if sort.values and (alike := nearly_equal(cells.values)):
        told = listed([repr(value) for value in alike[0]])
        said.warn(f"{told} in {name!r} are different categories; if they mean the same, write them alike")
    if sort.numbers and (mark := _stands_for_missing(sort.numbers.read(cells.values), cells.counts)) is not None:
        said.warn(f"{name!r} has {mark:g} far from its other numbers; if that means missing, empty its cells")
    if sort.numbers and sort.numbers.mark == "%":
        bare = np.array(["%" not in text for text in cells.values]) & np.isfinite(sort.numbers.read(cells.values))
        if bare.any():
            count = counted(int(cells.counts[bare].sum()), "number")
            said.warn(f"{count} of {name!r} without % stand as they are, and 5% is 0.05; write them alike")


def _say_missing(features: dict[str, Cells], sorts: dict[str, Sort], said: Said) -> None:
    filled, own, total = [], [], 0
    for name, sort in sorts.items():
        if sort.reason:
            continue
        count = int(_holes(features[name], sort).sum())
        if count and sort.numbers:
            odd = f" ({listed([repr(text) for text in sort.odd], 3)})" if sort.odd else ""
            filled.append(f"{count} of {name!r}{odd}")
            total += count
        elif count:
            own.append(f"{count} of {name!r}")
    if filled:
        said.warn(f"filled {counted(total, 'missing value')} with the mean of the training split: {listed(filled, 10)}")
    if own:
        said.warn(f"missing is a category of its own: {listed(own, 10)}")


def _say_answers(answers: Answers, originals: np.ndarray, validation: np.ndarray, said: Said) -> None:
    said.warn(*answers.merged, *answers.notes)
    said.note(*filter(None, [answers.guess]))
    if not answers.classes:
        return
    best = best_possible(originals, answers.y)
    if best < 1:
        (said.warn if best < NEARLY_ALL_RIGHT else said.note)(
            f"rows with equal features have different answers: no network can be right on more than {best:.3f} of all "
            f"rows, and on {best_possible(originals[validation], answers.y[validation]):.3f} of those to validate on"
        )


def _metrics(answers: Answers, options: Options) -> tuple[str, ...]:
    usual = USUAL_METRICS["classification" if answers.classes else "regression"]
    return (options.metric, *(name for name in usual if name != options.metric)) if options.metric else usual


def _summary(target: str, answers: Answers, rows: int, width: int) -> str:
    question = f"Is {target} {listed(answers.classes)}?" if answers.classes else f"How much is {target}?"
    return f"{question} {rows} rows of {width} features from your table."


def _reading(
    sorts: dict[str, Sort],
    answers: Answers,
    splits: list[Split],
    divided: str,
    said: Said,
    options: Options,
    target: str,
) -> Reading:
    became = {name: str(sort) for name, sort in sorts.items()}
    became |= {options.by: "groups of rows"} if options.by else {}
    became |= {options.in_time: "order of the rows"} if options.in_time else {}
    became[target] = "answer: " + (f"class ({len(answers.classes)})" if answers.classes else str(answers.notation))
    y = np.concatenate([split.y for split in splits])
    counts = np.bincount(y).tolist() if answers.classes else []
    return Reading(
        kind="table",
        examples=sum(len(split.y) for split in splits),
        features=dict(Counter(_sorts_in_words(sorts))),
        became=became,
        classes=dict(zip(answers.classes, counts, strict=True)),
        splits=divided,
        divided_by="group" if options.by else "time" if options.in_time else "class",
        left_out=tuple(said.sentences),
    )


def _sorts_in_words(sorts: dict[str, Sort]) -> Iterator[str]:
    for sort in sorts.values():
        if not sort.reason:
            yield (
                "categories"
                if sort.values is not None
                else "dates"
                if sort.numbers and sort.numbers.date
                else "numbers"
            )
