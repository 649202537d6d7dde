"""The days that the text of one cell says: of a date or a time. An exported file holds this code as it stands.

So it uses the standard library only, and a network gets the same inputs with and without nasedu.
"""

import math
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

FIRST_MONTHS = ["january", "february", "march", "april", "may", "june"]
MONTHS = [*FIRST_MONTHS, "july", "august", "september", "october", "november", "december"]
CLOCK = r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp]\.?[Mm]\.?)?"
TIME = rf"(?:(?:T|,? )\s*{CLOCK}\s*(?:Z|UTC|[+-]\d\d:?\d\d)?)?"
YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + TIME)
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})" + TIME)
OF_DAY = re.compile(CLOCK.replace(r"(\d{1,2})", r"(\d{1,3})", 1))
NAMED = re.compile(
    r"(?:[a-z]{3,9}, ?)?(?:(\d{1,2})(?:st|nd|rd|th)?[-/. ]+)?([a-z]{3,9})[-/., ]+"
    r"(?:(\d{1,2})(?:st|nd|rd|th)?,? ?)?((?<!\d)\d{4}|(?<=[-/ ])\d\d)(?=$|[T ,])",
    re.I,
)
UNUSUAL = re.compile(r"(\d{4})年(\d{1,2})月(?:(\d{1,2})日)?|(\d{4})[- ]?[Qq]([1-4])$|(\d{4})[-/](\d{1,2})$")


def usual_date(text: str) -> str:
    """Return a date with the name of its month, in Chinese, or of a month or a quarter, as 2024-3-31; else the text."""
    found = UNUSUAL.match(text)
    if found:
        year, month = found[1] or found[4] or found[6], found[2] or found[7] or 3 * int(found[5] or 1) - 2
        return f"{year}-{month}-{found[3] or 1}{text[found.end() :]}"
    found = NAMED.match(text)
    if not found or (found[1] and found[3]) or not (found[1] or found[3] or len(found[4]) == 4):
        return text
    name = found[2].lower()
    month = [n for n, full in enumerate(MONTHS, 1) if full.startswith(name) or name == full[:4]]
    return f"{full_year(found[4])}-{month[0]}-{found[1] or found[3] or 1}{text[found.end() :]}" if month else text


def full_year(text: str) -> int:
    """Return the year; of two digits, one from 1970 to 2069."""
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def read_days(text: str, order: str) -> float:
    """Return the days since 1970 of a date, or the days of a time; NaN for a missing one.

    order: of year, month and day, "ymd", "dmy" or "mdy"; "time" for 10:30.
    """
    if order == "time":
        found = OF_DAY.fullmatch(text)
        return math.nan if found is None else of_day(found.groups())
    found = (YEAR_FIRST if order == "ymd" else YEAR_LAST).fullmatch(usual_date(text))
    if found is None:
        return math.nan
    first, _, second, third, *clock = found.groups()
    parts = dict(zip(order, (first, second, third), strict=True))
    try:
        day = datetime(full_year(parts["y"]), int(parts["m"]), int(parts["d"]))
    except ValueError:
        return math.nan
    return (day - datetime(1970, 1, 1)) / timedelta(days=1) + of_day(clock)


def of_day(clock: Sequence[str | None]) -> float:
    """Return hours, minutes, seconds and am or pm as a part of a day."""
    hours, minutes, seconds = (int(part or 0) for part in clock[:3])
    if half := clock[3]:
        hours = hours % 12 + 12 * (half[0] in "Pp")
    return (hours * 3600 + minutes * 60 + seconds) / 86400 if max(minutes, seconds) < 60 else math.nan
