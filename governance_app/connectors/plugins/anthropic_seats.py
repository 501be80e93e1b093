"""
Anthropic members: people in the organization, and how many of them used Claude Code of late.

The analytics of Claude Code name people by day; they are counted and never kept. Other use
through workspaces has no person, so an active seat means one that used Claude Code.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
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

ROWS_A_PAGE = 100
VERSION = "2023-06-01"


class AnthropicSeats(Plugin):
    """Lists members, and asks who was active for each of thirty days."""

    name = "anthropic_seats"
    title = "Anthropic members"
    summary = "Members of an Anthropic organization, and how many used Claude Code in 30 days."
    brings = (Brings.SEATS,)
    settings = (
        Setting("admin_key", "Admin key", is_secret=True, is_required=True, help="sk-ant-admin…"),
        *seating.settings_for("Claude"),
        Setting("address", "Address", SettingKind.ADDRESS, default="https://api.anthropic.com"),
    )

    def clean(self, values: Mapping[str, Any]) -> dict[str, str | bool]:
        cleaned = super().clean(values)
        seating.check(cleaned)
        return cleaned

    def test(self, errand: Errand) -> list[Check]:
        """List members, and ask for the use of one day."""
        with _outbound(errand) as outbound:
            return [
                tried(
                    "Members can be listed",
                    lambda: f"{len(_members(outbound, errand))} member(s).",
                    needs="an Admin API key, which only an organization's admin can make",
                ),
                tried(
                    "Use can be read",
                    lambda: f"{len(_active_on(outbound, errand, errand.window.until))} active.",
                    needs="an Admin API key of an organization that uses Claude Code",
                ),
            ]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield the count of today."""
        with _outbound(errand) as outbound, shaped_as_documented(self.title):
            members = _members(outbound, errand)
            active: set[str] = set()
            for ago in range(seating.ACTIVE_DAYS):
                day = errand.window.until - dt.timedelta(days=ago)
                active |= _active_on(outbound, errand, day)
            used = len(members & active)
            count = seating.counted(errand, assigned=len(members), active=used)
            yield Batch("Members", records=(count,))


def _outbound(errand: Errand) -> Outbound:
    headers = {"x-api-key": str(errand.settings["admin_key"]), "anthropic-version": VERSION}
    return Outbound(reach=errand.reach, headers=headers)


def _members(outbound: Outbound, errand: Errand) -> set[str]:
    found: set[str] = set()
    params: dict[str, Any] = {"limit": ROWS_A_PAGE}
    while True:
        answer = outbound.get_json(_place(errand, "users"), params)
        found |= {str(row["email"]).casefold() for row in answer["data"]}
        if not answer["has_more"]:
            return found
        params["after_id"] = answer["last_id"]


def _active_on(outbound: Outbound, errand: Errand, day: dt.date) -> set[str]:
    found: set[str] = set()
    params: dict[str, Any] = {"starting_at": day.isoformat(), "limit": ROWS_A_PAGE}
    while True:
        answer = outbound.get_json(_place(errand, "usage_report/claude_code"), params)
        for row in answer["data"]:
            if row["actor"]["type"] == "user_actor":
                found.add(str(row["actor"]["email_address"]).casefold())
        if not answer["has_more"]:
            return found
        params["page"] = answer["next_page"]


def _place(errand: Errand, path: str) -> str:
    return f"{str(errand.settings['address']).rstrip('/')}/v1/organizations/{path}"
