"""
GitHub Copilot: seats of an organization, and how many people used it each day.

The billing endpoint says how many seats are paid for, the list of seats when each was last
used. Names of people are read over and never kept.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from governance_app.connectors import seating
from governance_app.connectors.base import (
    Batch,
    Brings,
    Check,
    Errand,
    Plugin,
    Setting,
    SettingKind,
    shaped_as_documented,
    tried,
)
from governance_app.connectors.http import Outbound
from governance_app.domain.records import Reading, ReadingRecord

SEATS_A_PAGE = 100
VERSION = "2022-11-28"


class GithubCopilot(Plugin):
    """Three questions a run: what is billed, who sits, who was active by day."""

    name = "github_copilot"
    title = "GitHub Copilot"
    summary = "Copilot seats of an organization: billed, assigned, used; active people by day."
    brings = (Brings.SEATS, Brings.READINGS)
    settings = (
        Setting("organization", "Organization", is_required=True, help="Its name on GitHub."),
        Setting("access_token", "Token", is_secret=True, is_required=True),
        *seating.settings_for("GitHub Copilot"),
        Setting("address", "Address", SettingKind.ADDRESS, default="https://api.github.com"),
    )

    def clean(self, values: Mapping[str, Any]) -> dict[str, str | bool]:
        cleaned = super().clean(values)
        seating.check(cleaned)
        return cleaned

    def test(self, errand: Errand) -> list[Check]:
        """Ask each endpoint once."""
        with _outbound(errand) as outbound:
            return [
                tried(
                    "Seats can be counted",
                    lambda: f"{_billed(outbound, errand)} seat(s) are billed.",
                    needs='the organization permission "GitHub Copilot Business" (read), or'
                    " manage_billing:copilot of a classic token",
                ),
                tried(
                    "Use can be read",
                    lambda: f"{len(_days(outbound, errand))} day(s) of metrics.",
                    needs='the organization permission "Organization Copilot metrics" (read), and'
                    " the policy Copilot metrics API switched on",
                ),
            ]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield the count of today, and the people who were active on each day known."""
        with _outbound(errand) as outbound, shaped_as_documented(self.title):
            billed = _billed(outbound, errand)
            assigned, active = _used(outbound, errand)
            count = seating.counted(errand, assigned=assigned, active=active, bought=billed)
            yield Batch("Seats", records=(count,))
            yield Batch("Use", records=tuple(_readings(errand, _days(outbound, errand))))


def _outbound(errand: Errand) -> Outbound:
    headers = {
        "authorization": f"Bearer {errand.settings['access_token']}",
        "accept": "application/vnd.github+json",
        "x-github-api-version": VERSION,
    }
    return Outbound(reach=errand.reach, headers=headers)


def _place(errand: Errand, path: str) -> str:
    settings = errand.settings
    address = str(settings["address"]).rstrip("/")
    return f"{address}/orgs/{settings['organization']}/copilot/{path}"


def _billed(outbound: Outbound, errand: Errand) -> int:
    answer = outbound.get_json(_place(errand, "billing"))
    return int(answer["seat_breakdown"]["total"])


def _used(outbound: Outbound, errand: Errand) -> tuple[int, int]:
    """Count the seats given to somebody, and those of them that were used of late."""
    start = seating.since(errand)
    seats: dict[str, bool] = {}
    page = 1
    while True:
        params = {"page": page, "per_page": SEATS_A_PAGE}
        answer = outbound.get_json(_place(errand, "billing/seats"), params)
        rows = answer["seats"]
        for row in rows:
            who = str((row.get("assignee") or {}).get("id") or row.get("created_at"))
            last = row.get("last_activity_at")
            is_active = bool(last) and dt.datetime.fromisoformat(last) >= start
            seats[who] = seats.get(who, False) or is_active
        if not rows or len(seats) >= int(answer["total_seats"]):
            return len(seats), sum(seats.values())
        page += 1


def _days(outbound: Outbound, errand: Errand) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = outbound.get_json(_place(errand, "metrics"))
    return [{"date": row["date"], "active": row.get("total_active_users")} for row in rows]


def _readings(errand: Errand, days: list[Mapping[str, Any]]) -> Iterator[ReadingRecord]:
    key = str(errand.settings["initiative"]).strip().upper()
    product = str(errand.settings["product"])
    for day in days if key else ():
        if day["active"] is not None:
            on = dt.date.fromisoformat(day["date"])
            yield ReadingRecord(
                initiative_key=key,
                series_key=f"use/{product}/people",
                name=f"People using {product}",
                unit="people",
                cadence_days=1,
                reading=Reading(on, Decimal(day["active"]), f"Copilot metrics of {on}"),
            )
