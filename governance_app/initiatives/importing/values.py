"""One cell to one value: money, yes and no, lists. A refusal is a ValueError with the reason."""

import json
import re
from dataclasses import dataclass
from decimal import Decimal

from .table import squeeze

_YES = re.compile(r"(yes|y|true|1|x|✓|✔|ja|oui|sí|si)\b(?:\s*[-–—:;,.(].*)?|[✓✔]", re.I | re.S)
_NO = re.compile(r"(no|n|false|0|nein|non)\b(?:\s*[-–—:;,.(].*)?", re.I | re.S)
_SYMBOLS = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "CHF": "CHF", "₹": "INR"}
_SCALES = {
    "k": 3, "thousand": 3, "tsd": 3, "m": 6, "mm": 6, "mio": 6, "mn": 6, "million": 6,
    "millions": 6, "b": 9, "bn": 9, "billion": 9, "mrd": 9,
}  # fmt: skip
_NUMBER = re.compile(r"\d+(\.\d+)?")
_AMOUNT = re.compile(
    r"(?P<open>\()?\s*(?P<sign>[-−+])?\s*(?P<before>[A-Z]{3}|US\$|[$€£₹])?\s*(?P<sign2>[-−])?\s*"
    r"(?P<digits>\d[\d.,'’\s]*)\s*(?P<scale>[A-Za-z]+\.?)?\s*(?P<after>[A-Z]{3}|[$€£₹])?\s*(?P<close>\))?"
)


@dataclass(frozen=True)
class Amount:
    """A number with the currency written beside it; empty when none was written."""

    value: Decimal
    currency: str = ""


def parse_flag(text: str) -> bool:
    """
    Read yes or no, also when an explanation follows.

    >>> parse_flag("Yes – source code is public"), parse_flag("NO")
    (True, False)
    """
    said = squeeze(text)
    if _YES.fullmatch(said):
        return True
    if _NO.fullmatch(said):
        return False
    raise ValueError("is neither yes nor no")


def parse_amount(text: str) -> Amount:
    """
    Read an amount of money or a plain number.

    >>> parse_amount("$1.2M")
    Amount(value=Decimal('1200000.0'), currency='USD')
    >>> parse_amount("1.234,50 €")
    Amount(value=Decimal('1234.50'), currency='EUR')
    >>> parse_amount("(500)").value
    Decimal('-500')
    """
    said = squeeze(text).lstrip("~≈ ")
    match = _AMOUNT.fullmatch(said)
    if match is None or bool(match["open"]) != bool(match["close"]):
        raise ValueError("is not an amount")
    scale_word = (match["scale"] or "").rstrip(".")
    before, after = match["before"] or "", match["after"] or ""
    if scale_word.isupper() and len(scale_word) == 3 and not after:
        scale_word, after = "", scale_word
    if scale_word and scale_word.casefold() not in _SCALES:
        raise ValueError("is not an amount")
    written = {_SYMBOLS.get(mark, mark) for mark in (before, after) if mark}
    if len(written) > 1:
        raise ValueError("names two currencies")
    digits = _plain(match["digits"])
    if not _NUMBER.fullmatch(digits):
        raise ValueError("is not an amount")
    number = Decimal(digits) * 10 ** _SCALES.get(scale_word.casefold(), 0)
    if match["sign"] in {"-", "−"} or match["sign2"] or match["open"]:
        number = -number
    return Amount(number, written.pop() if written else "")


def parse_list(text: str, separators: str = ";|\n") -> list[str]:
    """
    Split a cell that lists things, also when it is written as a JSON list.

    >>> parse_list("Law & Justice; Other"), parse_list('["Other"]')
    (['Law & Justice', 'Other'], ['Other'])
    """
    said = text.strip()
    if said.startswith("[") and said.endswith("]"):
        try:
            items = json.loads(said)
        except json.JSONDecodeError:
            items = [said]
        parts = [str(item) for item in items]
    else:
        parts = re.split("[" + re.escape(separators) + "]", said)
    seen: dict[str, str] = {}
    for part in parts:
        item = squeeze(part)
        if item:
            seen.setdefault(item.casefold(), item)
    return list(seen.values())


def _plain(digits: str) -> str:
    """
    Write a grouped number with a point and no grouping.

    >>> _plain("1,234,567"), _plain("1.234,5"), _plain("1,5"), _plain("1.500.000")
    ('1234567', '1234.5', '1.5', '1500000')
    """
    bare = re.sub(r"[\s'’]", "", digits).rstrip(".,")
    points, commas = bare.count("."), bare.count(",")
    if points and commas:
        last = "." if bare.rfind(".") > bare.rfind(",") else ","
        return bare.replace("," if last == "." else ".", "").replace(last, ".")
    mark = "." if points else ","
    count = points or commas
    if count == 0:
        return bare
    groups = bare.split(mark)
    if count > 1 and any(len(group) != 3 for group in groups[1:]):
        raise ValueError("is not an amount")
    if count > 1 or (mark == "," and len(groups[1]) == 3):
        return bare.replace(mark, "")
    return bare.replace(mark, ".")
