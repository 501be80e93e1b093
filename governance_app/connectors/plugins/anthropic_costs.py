"""
Anthropic: what the organization is billed, day by day, from the Cost Report; tokens per workspace.

Amounts are decimal strings in cents. Priority Tier spend is not in the report and code
execution is only there, so tie the money to the invoice. Workspace null is the default one.
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
from governance_app.domain.money import EXACT
from governance_app.domain.periods import add_months
from governance_app.domain.records import Reading, ReadingRecord

VERSION = "2023-06-01"
BUCKETS_A_PAGE = 31
DEFAULT_WORKSPACE = "default"
COLUMNS = (
    "ServiceSubcategory", "SubAccountId", "ChargeDescription", "SkuMeter", "x_ModelId",
    "x_TokenDirection", "x_TokenCacheAction", "x_ServiceTier",
)  # fmt: skip
#: What a report calls a token -> (input or output, what the cache did).
TOKENS = {
    "uncached_input_tokens": ("Input", "Uncached"),
    "output_tokens": ("Output", ""),
    "cache_read_input_tokens": ("Input", "Read"),
    "cache_creation.ephemeral_5m_input_tokens": ("Input", "Write"),
    "cache_creation.ephemeral_1h_input_tokens": ("Input", "Write"),
}


class AnthropicCosts(Plugin):
    """Reads costs of whole months; usage only of workspaces that an initiative claims."""

    name = "anthropic_costs"
    title = "Anthropic costs and usage"
    summary = "What Anthropic bills by workspace, model and day; tokens of workspaces."
    brings = (Brings.SPEND, Brings.READINGS)
    settings = (
        Setting("admin_key", "Admin key", is_secret=True, is_required=True, help="sk-ant-admin…"),
        Setting("account", "Organization", default="Anthropic", help="Its id or name."),
        Setting(
            "workspaces",
            "Workspaces of initiatives",
            SettingKind.LINES,
            help="One a line: wrkspc_abc = AI-142 or default = AI-7. Tokens become readings.",
        ),
        Setting("endpoint", "Endpoint", SettingKind.ADDRESS, default="https://api.anthropic.com"),
    )

    def clean(self, values: Mapping[str, Any]) -> dict[str, str | bool]:
        cleaned = super().clean(values)
        pairs(cleaned["workspaces"])
        return cleaned

    def test(self, errand: Errand) -> list[Check]:
        """Ask for one day of costs, and of usage when workspaces are named."""
        needs = "an Admin API key (sk-ant-admin…), which an organization admin creates"
        since = errand.window.until
        with _outbound(errand) as outbound:

            def ask(path: str) -> str:
                params = {"starting_at": _moment(since), "limit": 1}
                _page(outbound, errand, path, params)
                return f"{errand.settings['endpoint']} answers."

            checks = [tried("Costs can be read", lambda: ask("cost_report"), needs=needs)]
            if checks[0].is_ok and errand.settings["workspaces"]:
                checks.append(
                    tried("Usage can be read", lambda: ask("usage_report/messages"), needs=needs)
                )
        return checks

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield one bill a month, then the readings of claimed workspaces."""
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
            if workspaces := pairs(errand.settings["workspaces"]):
                yield Batch(stage="Usage", records=tuple(_usage(outbound, errand, workspaces)))


def _outbound(errand: Errand) -> Outbound:
    headers = {"x-api-key": str(errand.settings["admin_key"]), "anthropic-version": VERSION}
    return Outbound(reach=errand.reach, headers=headers)


def _page(outbound: Outbound, errand: Errand, path: str, params: Any) -> dict[str, Any]:
    address = str(errand.settings["endpoint"]).rstrip("/")
    answer = outbound.get_json(f"{address}/v1/organizations/{path}", params)
    if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
        raise PermanentError(f"{address} does not answer pages of {path}.")
    return answer


def _buckets(
    outbound: Outbound, errand: Errand, path: str, since: dt.date, until: dt.date, groups: list[str]
) -> Iterator[tuple[dt.date, dict[str, Any]]]:
    """Yield (day, result) of every bucket from ``since`` to before ``until``."""
    params: dict[str, Any] = {
        "starting_at": _moment(since),
        "ending_at": _moment(until),
        "bucket_width": "1d",
        "limit": BUCKETS_A_PAGE,
        "group_by[]": groups,
    }
    while True:
        answer = _page(outbound, errand, path, params)
        for bucket in answer["data"]:
            day = dt.datetime.fromisoformat(bucket["starting_at"]).astimezone(dt.UTC).date()
            for result in bucket["results"]:
                yield day, result
        following = answer.get("next_page")
        if not answer.get("has_more") or not following or following == params.get("page"):
            return
        params["page"] = following


def _lines(
    outbound: Outbound, errand: Errand, month: dt.date, account: str
) -> Iterator[dict[str, Any]]:
    groups = ["workspace_id", "description"]
    found = _buckets(outbound, errand, "cost_report", month, add_months(month, 1), groups)
    for day, result in found:
        kind = str(result.get("token_type") or "")
        direction, cache = TOKENS.get(kind, ("", ""))
        yield line(
            vendor="Anthropic",
            account=account,
            day=day,
            amount=EXACT.scaleb(exact(result["amount"]), -2),
            currency=str(result.get("currency") or "USD"),
            service="Claude API",
            ServiceSubcategory="Generative AI",
            SubAccountId=result.get("workspace_id") or DEFAULT_WORKSPACE,
            ChargeDescription=result.get("description"),
            SkuMeter=kind.replace("_", " ").title() or result.get("cost_type"),
            x_ModelId=result.get("model"),
            x_TokenDirection=direction,
            x_TokenCacheAction=cache,
            x_ServiceTier=result.get("service_tier"),
        )


def _usage(
    outbound: Outbound, errand: Errand, workspaces: Mapping[str, str]
) -> Iterator[ReadingRecord]:
    """Sum the tokens of claimed workspaces by day."""
    until = errand.window.until + dt.timedelta(days=1)
    sums: dict[tuple[str, str, dt.date], Decimal] = {}
    path = "usage_report/messages"
    found = _buckets(outbound, errand, path, errand.window.since, until, ["workspace_id"])
    for day, result in found:
        workspace = str(result.get("workspace_id") or DEFAULT_WORKSPACE)
        if workspace not in workspaces:
            continue
        creation = result.get("cache_creation") or {}
        told = {
            "input_tokens": sum(
                int(value or 0)
                for value in (
                    result.get("uncached_input_tokens"),
                    result.get("cache_read_input_tokens"),
                    *creation.values(),
                )
            ),
            "output_tokens": int(result.get("output_tokens") or 0),
        }
        for measure, value in told.items():
            key = workspace, measure, day
            sums[key] = sums.get(key, Decimal(0)) + value
    for (workspace, measure, day), total in sorted(sums.items()):
        yield ReadingRecord(
            initiative_key=workspaces[workspace],
            series_key=f"anthropic/{workspace}/{measure}",
            name=f"{measure.replace('_', ' ').capitalize()} of {workspace}",
            unit="tokens",
            cadence_days=1,
            reading=Reading(day, total, f"Anthropic usage of {day}"),
        )


def _moment(day: dt.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
