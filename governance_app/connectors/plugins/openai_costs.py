"""
OpenAI: what the organization is billed, day by day, from the Costs API; tokens per project.

Costs come a page of day buckets at a time, grouped by project and line item. Recent days
move, so every month that the window touches is read whole; days are UTC. Tie the money to
the invoice: the API states no invoice number.
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
from governance_app.connectors.billing import exact, line, month_batch, months_of, pairs
from governance_app.connectors.http import Outbound
from governance_app.domain.periods import add_months
from governance_app.domain.records import Reading, ReadingRecord

BUCKETS_A_PAGE = 31
COLUMNS = (
    "ServiceSubcategory", "SubAccountId", "SubAccountName", "ChargeDescription", "SkuMeter",
    "ConsumedQuantity", "ConsumedUnit", "x_ModelId", "x_TokenDirection", "x_TokenCacheAction",
)  # fmt: skip
MEASURES = {
    "input_tokens": ("Input tokens", "tokens"),
    "output_tokens": ("Output tokens", "tokens"),
    "num_model_requests": ("Requests", "requests"),
}


class OpenAiCosts(Plugin):
    """Reads costs of whole months; usage only of projects that an initiative claims."""

    name = "openai_costs"
    title = "OpenAI costs and usage"
    summary = "What OpenAI bills by project, model and day; tokens and requests of projects."
    brings = (Brings.SPEND, Brings.READINGS)
    settings = (
        Setting("admin_key", "Admin key", is_secret=True, is_required=True, help="sk-admin-…"),
        Setting("account", "Organization", default="OpenAI", help="Its id or name, for the bill."),
        Setting(
            "projects",
            "Projects of initiatives",
            SettingKind.LINES,
            help="One a line: proj_abc = AI-142. Their tokens and requests become readings.",
        ),
        Setting("endpoint", "Endpoint", SettingKind.ADDRESS, default="https://api.openai.com"),
    )

    def clean(self, values: Mapping[str, Any]) -> dict[str, str | bool]:
        cleaned = super().clean(values)
        pairs(cleaned["projects"])
        return cleaned

    def test(self, errand: Errand) -> list[Check]:
        """Ask for one day of costs, and of usage when projects are named."""
        with _outbound(errand) as outbound:
            start = {"start_time": _seconds(errand.window.until), "limit": 1}

            def ask(path: str) -> str:
                _page(outbound, errand, path, start)
                return f"{errand.settings['endpoint']} answers."

            checks = [
                tried(
                    "Costs can be read",
                    lambda: ask("costs"),
                    needs="an admin key (sk-admin-…) of an owner, with api.usage.read",
                )
            ]
            if checks[0].is_ok and errand.settings["projects"]:
                needs = "an admin key with api.usage.read"
                checks.append(
                    tried("Usage can be read", lambda: ask("usage/completions"), needs=needs)
                )
        return checks

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield one bill a month, then the readings of claimed projects."""
        account = str(errand.settings["account"])
        with _outbound(errand) as outbound, shaped_as_documented(self.title):
            for month in months_of(errand):
                yield from month_batch(
                    errand=errand,
                    month=month,
                    scope=account,
                    lines=_lines(outbound, errand, month, account),
                    columns=COLUMNS,
                )
            if projects := pairs(errand.settings["projects"]):
                yield Batch(stage="Usage", records=tuple(_usage(outbound, errand, projects)))


def _outbound(errand: Errand) -> Outbound:
    return Outbound(
        reach=errand.reach, headers={"authorization": f"Bearer {errand.settings['admin_key']}"}
    )


def _page(outbound: Outbound, errand: Errand, path: str, params: Any) -> dict[str, Any]:
    address = str(errand.settings["endpoint"]).rstrip("/")
    answer = outbound.get_json(f"{address}/v1/organization/{path}", params)
    if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
        raise PermanentError(f"{address} does not answer pages of {path}.")
    return answer


def _buckets(
    outbound: Outbound, errand: Errand, path: str, since: dt.date, until: dt.date, groups: list[str]
) -> Iterator[tuple[dt.date, dict[str, Any]]]:
    """Yield (day, result) of every bucket from ``since`` to before ``until``."""
    params: dict[str, Any] = {
        "start_time": _seconds(since),
        "end_time": _seconds(until),
        "bucket_width": "1d",
        "limit": BUCKETS_A_PAGE,
        "group_by[]": groups,
    }
    while True:
        answer = _page(outbound, errand, path, params)
        for bucket in answer["data"]:
            day = dt.datetime.fromtimestamp(int(bucket["start_time"]), dt.UTC).date()
            for result in bucket["results"]:
                yield day, result
        following = answer.get("next_page")
        if not answer.get("has_more") or not following or following == params.get("page"):
            return
        params["page"] = following


def _lines(
    outbound: Outbound, errand: Errand, month: dt.date, account: str
) -> Iterator[dict[str, Any]]:
    groups = ["project_id", "line_item"]
    found = _buckets(outbound, errand, "costs", month, add_months(month, 1), groups)
    for day, result in found:
        item = str(result.get("line_item") or "")
        model, _, meter = item.partition(", ")
        words = meter.replace("_", " ").lower()
        yield line(
            vendor="OpenAI",
            account=account,
            day=day,
            amount=exact(result["amount"]["value"]),
            currency=str(result["amount"]["currency"]),
            service="OpenAI API",
            ServiceSubcategory="Generative AI",
            SubAccountId=result.get("project_id"),
            SubAccountName=result.get("project_name"),
            ChargeDescription=item,
            SkuMeter=words.title(),
            ConsumedQuantity=result.get("quantity"),
            ConsumedUnit=result.get("quantity_unit"),
            x_ModelId=model if meter else "",
            x_TokenDirection=_first(words, Input="input", Output="output"),
            x_TokenCacheAction=_first(words, Read="cached", Write="cache write"),
        )


def _usage(
    outbound: Outbound, errand: Errand, projects: Mapping[str, str]
) -> Iterator[ReadingRecord]:
    """Sum the measures of claimed projects by day."""
    until = errand.window.until + dt.timedelta(days=1)
    sums: dict[tuple[str, str, dt.date], Decimal] = {}
    found = _buckets(
        outbound, errand, "usage/completions", errand.window.since, until, ["project_id"]
    )
    for day, result in found:
        project = str(result.get("project_id") or "")
        for measure in MEASURES:
            if project in projects and result.get(measure) is not None:
                key = project, measure, day
                sums[key] = sums.get(key, Decimal(0)) + exact(result[measure])
    for (project, measure, day), value in sorted(sums.items()):
        words, unit = MEASURES[measure]
        yield ReadingRecord(
            initiative_key=projects[project],
            series_key=f"openai/{project}/{measure}",
            name=f"{words} of {project}",
            unit=unit,
            cadence_days=1,
            reading=Reading(day, value, f"OpenAI usage of {day}"),
        )


def _seconds(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp())


def _first(words: str, **meanings: str) -> str:
    return next((name for name, word in meanings.items() if word in words), "")
