"""
LiteLLM proxy: what was metered, as readings; never the bill.

The proxy logs each request with tokens and an estimate of its price. Timeouts and retries are
billed and not logged, so its sums are a floor: good to split a bill by, wrong to book. Days
are summed by the value of a request tag, or by team, that names the initiative.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
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
from governance_app.connectors.billing import exact, pairs
from governance_app.connectors.http import Outbound
from governance_app.domain.records import Reading, ReadingRecord

ROWS_A_PAGE = 1000
RESTATED_DAYS = 7
READ_UNTIL = "read_until"
MEASURES = {
    "requests": ("Metered requests", "requests"),
    "total_tokens": ("Metered tokens", "tokens"),
    "spend": ("Metered spend (estimate)", "USD"),
}


class LiteLlm(Plugin):
    """Reads the log a day at a time; the last week again, since entries come late."""

    name = "litellm"
    title = "LiteLLM proxy"
    summary = "Metered requests, tokens and estimated spend of a LiteLLM proxy, as split keys."
    brings = (Brings.READINGS,)
    settings = (
        Setting("address", "Address", SettingKind.ADDRESS, is_required=True),
        Setting(
            "admin_key", "Key", is_secret=True, is_required=True, help="sk-… of an admin viewer."
        ),
        Setting(
            "initiative_tag",
            "Prefix of the tag that names the initiative",
            default="initiative:",
            help="A request tag such as initiative:AI-142.",
        ),
        Setting(
            "teams",
            "Teams of initiatives",
            SettingKind.LINES,
            help="One a line: team-id = AI-142, for requests without that tag.",
        ),
    )

    def clean(self, values: Mapping[str, Any]) -> dict[str, str | bool]:
        cleaned = super().clean(values)
        pairs(cleaned["teams"])
        return cleaned

    def test(self, errand: Errand) -> list[Check]:
        """Read the newest day's first page."""

        def ask() -> str:
            with _outbound(errand) as outbound:
                total = _page(outbound, errand, errand.window.until, 1)["total"]
            return f"{total} requests logged on {errand.window.until}."

        return [tried("Log can be read", ask, needs="a key of the role proxy_admin_viewer")]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield the sums of each day, oldest first."""
        told = str(errand.watermark.get(READ_UNTIL) or "")
        since = errand.window.since
        if told:
            since = max(since, dt.date.fromisoformat(told) - dt.timedelta(days=RESTATED_DAYS))
        with _outbound(errand) as outbound, shaped_as_documented(self.title):
            day = since
            while day <= errand.window.until:
                records, unclaimed = _day(outbound, errand, day)
                remarks: tuple[str, ...] = ()
                if unclaimed:
                    remarks = (f"{day}: {unclaimed} requests name no initiative.",)
                marks = {READ_UNTIL: max(day.isoformat(), told)}
                yield Batch(stage="Requests", records=records, remarks=remarks, marks=marks)
                day += dt.timedelta(days=1)


def _outbound(errand: Errand) -> Outbound:
    headers = {"authorization": f"Bearer {errand.settings['admin_key']}"}
    return Outbound(reach=errand.reach, headers=headers)


def _page(outbound: Outbound, errand: Errand, day: dt.date, number: int) -> dict[str, Any]:
    address = str(errand.settings["address"]).rstrip("/")
    params = {
        "start_date": f"{day} 00:00:00",
        "end_date": f"{day} 23:59:59",
        "page": number,
        "page_size": ROWS_A_PAGE,
    }
    answer = outbound.get_json(f"{address}/spend/logs/v2", params)
    if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
        raise PermanentError(f"{address} answers no page of the spend log. Is it a LiteLLM proxy?")
    return answer


def _day(outbound: Outbound, errand: Errand, day: dt.date) -> tuple[tuple[ReadingRecord, ...], int]:
    """Sum one day; a request that two pages hold counts once."""
    prefix, teams = str(errand.settings["initiative_tag"]), pairs(errand.settings["teams"])
    sums: dict[tuple[str, str, str], Decimal] = {}
    met: set[str] = set()
    unclaimed, number, pages = 0, 1, 1
    while number <= pages:
        answer = _page(outbound, errand, day, number)
        pages = int(answer["total_pages"])
        for row in answer["data"]:
            if row["request_id"] in met:
                continue
            met.add(row["request_id"])
            initiative = _initiative(row, prefix, teams)
            if not initiative:
                unclaimed += 1
                continue
            model = str(row.get("model_group") or row.get("model") or "unknown")
            told = {"requests": 1, "total_tokens": row["total_tokens"], "spend": row["spend"]}
            for measure, value in told.items():
                key = initiative, model, measure
                sums[key] = sums.get(key, Decimal(0)) + exact(value or 0)
        number += 1
    return tuple(_record(key, value, day) for key, value in sorted(sums.items())), unclaimed


def _initiative(row: Mapping[str, Any], prefix: str, teams: Mapping[str, str]) -> str:
    tags = [str(tag) for tag in row.get("request_tags") or []]
    named = next((tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix)), "")
    return named.strip() or teams.get(str(row.get("team_id") or ""), "")


def _record(key: tuple[str, str, str], value: Decimal, day: dt.date) -> ReadingRecord:
    initiative, model, measure = key
    words, unit = MEASURES[measure]
    return ReadingRecord(
        initiative_key=initiative,
        series_key=f"litellm/{model}/{measure}",
        name=f"{words} of {model}",
        unit=unit,
        cadence_days=1,
        reading=Reading(day, value, f"LiteLLM log of {day}"),
    )
