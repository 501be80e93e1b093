"""
Prometheus: queries as readings, one value a day.

Each line of the queries names an initiative, a series and a PromQL expression. It is asked
as a range with a step of one day at the end of each UTC day, so an expression that looks back
a day (``avg_over_time(...[1d])``) gives that day's value. The last week is asked again.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
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
from governance_app.connectors.http import Outbound
from governance_app.domain.records import Reading, ReadingRecord

RESTATED_DAYS = 7
DAY_S = 86_400
READ_UNTIL = "read_until"
_LINE = re.compile(r"(?P<initiative>\S+)\s+(?P<series>[^=\s]+)\s*=\s*(?P<query>.+)")


@dataclass(frozen=True)
class _Query:
    initiative: str
    series: str
    text: str


class Prometheus(Plugin):
    """Asks one range a query; several result series of one query are refused by name."""

    name = "prometheus"
    title = "Prometheus"
    summary = "PromQL expressions as daily readings of initiatives."
    brings = (Brings.READINGS,)
    settings = (
        Setting("address", "Address", SettingKind.ADDRESS, is_required=True),
        Setting("access_token", "Token", is_secret=True, help="Sent as a bearer token."),
        Setting("username", "User name", help="For basic authentication, instead of a token."),
        Setting("password", "Password", is_secret=True),
        Setting(
            "queries",
            "Queries",
            SettingKind.LINES,
            is_required=True,
            help="One a line: AI-142 latency_p95 = quantile_over_time(0.95, latency_ms[1d])",
        ),
    )

    def clean(self, values: Mapping[str, Any]) -> dict[str, str | bool]:
        cleaned = super().clean(values)
        _queries(str(cleaned["queries"]))
        return cleaned

    def test(self, errand: Errand) -> list[Check]:
        """Ask every query for yesterday."""
        checks: list[Check] = []
        with _outbound(errand) as outbound:
            for query in _queries(str(errand.settings["queries"])):

                def ask(query: _Query = query) -> str:
                    until = errand.window.until
                    found = _result(outbound, errand, query, until, until)
                    return f"{len(found)} series answer." if found else "It answers no series now."

                checks.append(tried(query.series, ask, needs="read access to the query API"))
                if not checks[-1].is_ok:
                    break
        return checks

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield one batch a query."""
        told = str(errand.watermark.get(READ_UNTIL) or "")
        since = errand.window.since
        if told:
            since = max(since, dt.date.fromisoformat(told) - dt.timedelta(days=RESTATED_DAYS))
        until = errand.window.until
        with _outbound(errand) as outbound, shaped_as_documented(str(errand.settings["address"])):
            for query in _queries(str(errand.settings["queries"])):
                found = _result(outbound, errand, query, since, until)
                if len(found) > 1:
                    sentence = f"It answers {len(found)} series; sum or filter them to one."
                    yield Batch("Queries", refused=(Refusal(query.series, sentence),))
                    continue
                yield Batch("Queries", records=tuple(_records(query, found)))
            yield Batch("Queries", marks={READ_UNTIL: max(until.isoformat(), told)})


def _outbound(errand: Errand) -> Outbound:
    settings = errand.settings
    token, user = settings["access_token"], settings["username"]
    return Outbound(
        reach=errand.reach,
        headers={"authorization": f"Bearer {token}"} if token else None,
        auth=(str(user), str(settings["password"])) if user and not token else None,
    )


def _queries(text: str) -> list[_Query]:
    """
    Read the lines of the setting.

    Raises:
        PermanentError: a line is of another form, or a series is named twice.
    """
    found: list[_Query] = []
    for row in text.splitlines():
        if not row.strip() or row.strip().startswith("#"):
            continue
        match = _LINE.fullmatch(row.strip())
        if match is None:
            raise PermanentError(f"{row.strip()!r} is not of the form: AI-142 series = query.")
        found.append(_Query(match["initiative"], match["series"], match["query"]))
    names = [(each.initiative, each.series) for each in found]
    if len(names) != len(set(names)):
        raise PermanentError("A series is named twice for one initiative.")
    return found


def _result(
    outbound: Outbound, errand: Errand, query: _Query, since: dt.date, until: dt.date
) -> list[Any]:
    """Ask for the value at the end of each day; today's day ends now."""
    start = _end_of(since)
    params = {
        "query": query.text,
        "start": start,
        "end": max(_end_of(until), start),
        "step": DAY_S,
    }
    address = str(errand.settings["address"]).rstrip("/")
    answer = outbound.get_json(f"{address}/api/v1/query_range", params)
    if not isinstance(answer, dict) or answer.get("status") != "success":
        said = answer.get("error") if isinstance(answer, dict) else "no object"
        raise PermanentError(f"{address} cannot answer {query.series}: {said}.")
    result = answer["data"]["result"]
    if not isinstance(result, list):
        raise PermanentError(f"{address} answers no matrix to {query.series}.")
    return result


def _end_of(day: dt.date) -> int:
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC)
    return int(midnight.timestamp()) - 1


def _records(query: _Query, found: list[Any]) -> Iterator[ReadingRecord]:
    for series in found:
        for moment, text in series["values"]:
            value = _number(str(text))
            if value is None:
                continue
            day = dt.datetime.fromtimestamp(int(moment), dt.UTC).date()
            yield ReadingRecord(
                initiative_key=query.initiative,
                series_key=query.series,
                name=query.series.replace("_", " ").capitalize(),
                cadence_days=1,
                reading=Reading(day, value, query.text[:500]),
            )


def _number(text: str) -> Decimal | None:
    """Read a sample exactly; None for NaN and the infinities, which say that nothing was."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
