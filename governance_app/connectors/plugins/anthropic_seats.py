"""
Anthropic members: people in the organization, and how many of them used Claude Code of late.

The analytics of Claude Code name people by day; they are counted and never kept. Other use
through workspaces has no person, so an active seat means one that used Claude Code.
"""

import datetime as dt
from typing import Any

from governance_app.connectors import seating
from governance_app.connectors.base import Errand
from governance_app.connectors.http import Outbound

ROWS_A_PAGE = 100
VERSION = "2023-06-01"


class AnthropicSeats(seating.Members):
    """Lists members, and asks who was active for each of thirty days."""

    name = "anthropic_seats"
    title = "Anthropic members"
    summary = "Members of an Anthropic organization, and how many used Claude Code in 30 days."
    settings = seating.settings_of_members(
        product="Claude", key="sk-ant-admin…", address="https://api.anthropic.com"
    )
    needs_members = "an Admin API key, which only an organization's admin can make"
    needs_use = "an Admin API key of an organization that uses Claude Code"

    def headers(self, errand: Errand) -> dict[str, str]:
        return {"x-api-key": str(errand.settings["admin_key"]), "anthropic-version": VERSION}

    def members(self, outbound: Outbound, errand: Errand) -> set[str]:
        found: set[str] = set()
        params: dict[str, Any] = {"limit": ROWS_A_PAGE}
        while True:
            answer = outbound.get_json(_place(errand, "users"), params)
            found |= {str(row["email"]).casefold() for row in answer["data"]}
            if not answer["has_more"]:
                return found
            params["after_id"] = answer["last_id"]

    def active(self, outbound: Outbound, errand: Errand) -> set[str]:
        days = range(seating.ACTIVE_DAYS)
        return set().union(
            *(
                _active_on(outbound, errand, errand.window.until - dt.timedelta(days=ago))
                for ago in days
            )
        )

    def tried_use(self, outbound: Outbound, errand: Errand) -> set[str]:
        """Ask for one day: thirty questions are too many for a test."""
        return _active_on(outbound, errand, errand.window.until)


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
