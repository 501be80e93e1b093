"""
Any JSON over HTTP: values found by a path, as readings.

The path is a small, documented part of JSONPath: ``$.data[*].value``. ``rows`` names the list,
``value`` and ``day`` what to take of each of its items. Numbers keep the digits they were
written with.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from governance_app.connectors.base import (
    Batch,
    Brings,
    Check,
    Errand,
    PermanentError,
    Plugin,
    Refusal,
    Setting,
    SettingKind,
    shaped_as_documented,
    tried,
)
from governance_app.connectors.billing import exact
from governance_app.connectors.http import Outbound
from governance_app.domain.records import Reading, ReadingRecord

_STEP = re.compile(
    r"\.(?P<name>[^.\[\]]+)|\[(?P<index>-?\d+)\]|\[(?P<all>\*)\]|\['(?P<quoted>[^']+)'\]"
)


class HttpJson(Plugin):
    """Reads one document each time."""

    name = "http_json"
    title = "JSON over HTTP"
    summary = "Numbers in any JSON document, found by a path, as readings of an initiative."
    brings = (Brings.READINGS,)
    settings = (
        Setting("address", "Address", SettingKind.ADDRESS, is_required=True),
        Setting("access_token", "Token", is_secret=True, help="Sent as a bearer token."),
        Setting("initiative", "Initiative", is_required=True, help="Such as AI-142."),
        Setting(
            "rows", "Path of the rows", default="$", help="A list or one object: $.data or $.a[*]"
        ),
        Setting("value", "Path of the value", is_required=True, help="In a row: $.value"),
        Setting("day", "Path of the day", help="In a row: $.date; empty: the day of the run."),
        Setting(
            "series",
            "Path or name of the series",
            is_required=True,
            help="In a row: $.metric; a name without $ is taken as it is.",
        ),
        Setting("unit", "Unit"),
    )

    def clean(self, values: Mapping[str, Any]) -> dict[str, str | bool]:
        cleaned = super().clean(values)
        for name in ("rows", "value", "day", "series"):
            text = str(cleaned[name])
            if text and (name != "series" or text.startswith("$")):
                steps(text)
        return cleaned

    def test(self, errand: Errand) -> list[Check]:
        """Read the document and find the values."""

        def ask() -> str:
            records, refused = _records(errand, _document(errand))
            if refused:
                raise PermanentError(f"{refused[0].what}: {refused[0].sentence}")
            return f"{len(records)} value(s) found."

        return [tried("Values can be read", ask, needs="read access to the address")]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield the readings of the document."""
        with shaped_as_documented(str(errand.settings["address"])):
            records, refused = _records(errand, _document(errand))
        yield Batch("Values", records=records, refused=refused)


def steps(path: str) -> list[str | int | None]:
    """
    Read a path into its steps: a name, an index, or None for every item.

    Raises:
        PermanentError: it is of another form.

    >>> steps("$.data[*]['a b'][0]")
    ['data', None, 'a b', 0]
    """
    if not path.startswith("$"):
        raise PermanentError(f"A path begins with $, {path!r} does not.")
    found: list[str | int | None] = []
    at = 1
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            raise PermanentError(f"{path!r} cannot be read as a path from {path[at:]!r} on.")
        if match["all"]:
            found.append(None)
        elif match["index"]:
            found.append(int(match["index"]))
        else:
            found.append(match["name"] or match["quoted"])
        at = match.end()
    return found


def found_at(document: Any, path: str) -> list[Any]:
    """Give every value a path leads to; a step that leads nowhere gives none."""
    values = [document]
    for step in steps(path):
        following: list[Any] = []
        for value in values:
            if step is None:
                following += value if isinstance(value, list) else []
            elif isinstance(step, int):
                following += value[step : step + 1 or None] if isinstance(value, list) else []
            elif isinstance(value, dict) and step in value:
                following.append(value[step])
        values = following
    return values


def _document(errand: Errand) -> Any:
    token = errand.settings["access_token"]
    headers = {"authorization": f"Bearer {token}"} if token else None
    with Outbound(reach=errand.reach, headers=headers) as outbound:
        return outbound.get_json(str(errand.settings["address"]))


def _records(
    errand: Errand, document: Any
) -> tuple[tuple[ReadingRecord, ...], tuple[Refusal, ...]]:
    """
    Find the readings of a document.

    Raises:
        PermanentError: the path of the rows leads nowhere.
    """
    settings = errand.settings
    rows = found_at(document, str(settings["rows"]))
    if not rows:
        raise PermanentError(f"There is nothing at {settings['rows']} in the answer.")
    if len(rows) == 1 and isinstance(rows[0], list):
        rows = rows[0]
    records: list[ReadingRecord] = []
    refused: list[Refusal] = []
    for number, row in enumerate(rows):
        try:
            records.append(_record(errand, row))
        except (ValueError, TypeError, ArithmeticError, IndexError) as error:
            refused.append(Refusal(f"Row {number + 1}", f"No reading in it: {error}."))
    return tuple(records), tuple(refused)


def _record(errand: Errand, row: Any) -> ReadingRecord:
    settings = errand.settings
    series = str(settings["series"])
    if series.startswith("$"):
        series = str(found_at(row, series)[0])
    day = errand.window.until
    if settings["day"]:
        day = dt.date.fromisoformat(str(found_at(row, str(settings["day"]))[0])[:10])
    return ReadingRecord(
        initiative_key=str(settings["initiative"]),
        series_key=series,
        name=series,
        unit=str(settings["unit"]),
        reading=Reading(
            day, exact(found_at(row, str(settings["value"]))[0]), str(settings["address"])[:500]
        ),
    )
