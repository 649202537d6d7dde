"""The number that the text of one cell says. An exported file holds this code as it stands.

So it uses the standard library only, and a network gets the same inputs with and without nasedu.
"""

import math
import re

POWERS = {"K": 1e3, "k": 1e3, "M": 1e6, "mn": 1e6, "B": 1e9, "bn": 1e9, "万": 1e4, "亿": 1e8}
POWERED = "K/M/B"
NUMBER = r"""
    (?P<open>\()?\s*
    (?P<sign>[+-])?\s*(?P<front>[$€£¥₹₽₩₺]|(?:[A-Z]{{1,2}}\$)|(?:USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|Rs\.?))?\s*(?P<sign2>[+-])?
    (?P<whole>{lakhs}[1-9]\d{{0,2}}(?:(?P<group>[{groups}])\d{{3}})(?:(?P=group)\d{{3}})*|\d+|(?=[{decimal}]\d))
    (?:[{decimal}](?P<part>\d*))?(?P<power>[eE][+-]?\d+)?
    \s*(?P<back>%|[$€£¥₹₽₩₺元円㎡㎥℃"″′]|[^\W\d_]{{1,6}}[²³]?|°[CF]?)?(?P<minus>-)?\s*(?P<close>\))?
"""
GROUPS = " \u00a0\u202f\u2009'’"
NUMBERS = {
    ".": re.compile(NUMBER.format(decimal=r"\.", groups=GROUPS + ",", lakhs=r"[1-9]\d?,(?:\d\d,)+\d{3}|"), re.X),
    ",": re.compile(NUMBER.format(decimal=",", groups=GROUPS + ".", lakhs=""), re.X),
}


def match_number(text: str, decimal: str) -> re.Match[str] | None:
    """Return the parts of a number; None if the text is none."""
    found = NUMBERS[decimal].fullmatch(text.replace("\u2212", "-"))
    return found if found and bool(found["open"]) == bool(found["close"]) else None


def unit_of(found: re.Match[str]) -> tuple[str, str]:
    """Return the unit of a number and its power, such as ("$", "M") for $5M; "" for what is not there."""
    power = found["back"] if found["back"] in POWERS else ""
    return found["front"] or ("" if power else found["back"] or ""), power


def read_number(text: str, decimal: str, mark: str) -> float:
    """Return a number as its column writes it, NaN for a missing one."""
    found = match_number(text, decimal)
    if found is None:
        return math.nan
    unit, power = unit_of(found)
    powered = mark.endswith(POWERED)
    fits = (unit, mark.removesuffix(POWERED).strip()) if powered else (f"{unit} {power}".strip(), mark)
    if fits[0] not in ("", fits[1]):
        return math.nan
    scale = POWERS.get(power, 1.0) if powered else 1.0
    whole = re.sub(r"\D", "", found["whole"]) or "0"
    value = float(f"{whole}.{found['part'] or 0}{found['power'] or ''}") * scale
    value = -value if "-" in (found["sign"], found["sign2"], found["minus"]) or found["open"] else value
    value = value / 100 if unit == "%" else value
    return value if math.isfinite(value) else math.nan
