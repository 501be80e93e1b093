"""
Langfuse: what was traced, as readings; never the bill.

The metrics API sums observations by day, model and tag. Its costs come from a price list, and
calls that were not traced are missing, so the sums are a floor: good to split a bill by.
"""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from governance_app.connectors.base import (
    Batch,
    Brings,
    Check,
    Errand,
    PermanentError,
    Plugin,
    Setting,
    SettingKind,
    shaped_as_documented,
    tried,
)
from governance_app.connectors.billing import exact
from governance_app.connectors.http import Outbound
from governance_app.domain.records import Reading, ReadingRecord

ROWS = 1000
DAYS_A_CALL = 7
RESTATED_DAYS = 7
READ_UNTIL = "read_until"
#: Field of an answer -> (measure and aggregation asked for, words, unit).
MEASURES = {
    "count_count": ("count", "count", "Traced calls", "calls"),
    "sum_totalTokens": ("totalTokens", "sum", "Traced tokens", "tokens"),
    "sum_totalCost": ("totalCost", "sum", "Traced cost (estimate)", "USD"),
}


class Langfuse(Plugin):
    """Asks for sums a week at a time; the last week again, since traces come late."""

    name = "langfuse"
    title = "Langfuse"
    summary = "Traced calls, tokens and estimated cost of a Langfuse project, as split keys."
    brings = (Brings.READINGS,)
    settings = (
        Setting("address", "Address", SettingKind.ADDRESS, default="https://cloud.langfuse.com"),
        Setting("public_key", "Public key", is_secret=True, is_required=True, help="pk-lf-…"),
        Setting("secret_key", "Secret key", is_secret=True, is_required=True, help="sk-lf-…"),
        Setting(
            "initiative",
            "Initiative",
            is_required=True,
            help="The one that this Langfuse project serves, such as AI-142.",
        ),
    )

    def test(self, errand: Errand) -> list[Check]:
        """Ask for the sums of one day."""
        day = errand.window.until

        def ask() -> str:
            with _outbound(errand) as outbound:
                found = _sums(outbound, errand, day, day + dt.timedelta(days=1))
            return f"{len(found)} model(s) traced on {day}."

        return [tried("Metrics can be read", ask, needs="the keys of one project")]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield the sums of each week, oldest first."""
        told = str(errand.watermark.get(READ_UNTIL) or "")
        since = errand.window.since
        if told:
            since = max(since, dt.date.fromisoformat(told) - dt.timedelta(days=RESTATED_DAYS))
        end = errand.window.until + dt.timedelta(days=1)
        with _outbound(errand) as outbound, shaped_as_documented(self.title):
            while since < end:
                until = min(since + dt.timedelta(days=DAYS_A_CALL), end)
                rows = _sums(outbound, errand, since, until)
                records = tuple(each for row in rows for each in _records(errand, row))
                last = (until - dt.timedelta(days=1)).isoformat()
                yield Batch("Traces", records=records, marks={READ_UNTIL: max(last, told)})
                since = until


def _outbound(errand: Errand) -> Outbound:
    settings = errand.settings
    auth = str(settings["public_key"]), str(settings["secret_key"])
    return Outbound(reach=errand.reach, auth=auth)


def _sums(outbound: Outbound, errand: Errand, since: dt.date, until: dt.date) -> list[Any]:
    """
    Ask for the sums by day and model.

    Raises:
        PermanentError: there are more rows than one answer holds.
    """
    query = {
        "view": "observations",
        "metrics": [
            {"measure": measure, "aggregation": how} for measure, how, _, _ in MEASURES.values()
        ],
        "dimensions": [{"field": "providedModelName"}],
        "timeDimension": {"granularity": "day"},
        "filters": [],
        "fromTimestamp": f"{since}T00:00:00Z",
        "toTimestamp": f"{until}T00:00:00Z",
        "config": {"row_limit": ROWS},
    }
    address = str(errand.settings["address"]).rstrip("/")
    params = {"query": json.dumps(query)}
    answer = outbound.get_json(f"{address}/api/public/v2/metrics", params)
    if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
        raise PermanentError(f"{address} answers no metrics. Is it a Langfuse server?")
    rows: list[Any] = answer["data"]
    if len(rows) < ROWS:
        return rows
    if (until - since).days == 1:
        raise PermanentError(f"{address} has more than {ROWS} models on {since}.")
    middle = since + (until - since) // 2
    return _sums(outbound, errand, since, middle) + _sums(outbound, errand, middle, until)


def _records(errand: Errand, row: dict[str, Any]) -> Iterator[ReadingRecord]:
    day = dt.date.fromisoformat(str(row["time_dimension"])[:10])
    model = str(row.get("providedModelName") or "unknown")
    for name, (measure, _, words, unit) in MEASURES.items():
        yield ReadingRecord(
            initiative_key=str(errand.settings["initiative"]),
            series_key=f"langfuse/{model}/{measure}",
            name=f"{words} of {model}",
            unit=unit,
            cadence_days=1,
            reading=Reading(day, exact(row[name] or 0), f"Langfuse metrics of {day}"),
        )
