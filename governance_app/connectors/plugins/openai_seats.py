"""
OpenAI members: people in the organization, and how many of them made a call of late.

Calls are counted by the usage endpoint grouped by user; e-mail addresses are never kept.
"""

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

MEMBERS_A_PAGE = 100
DAYS_A_PAGE = 31


class OpenaiSeats(Plugin):
    """Lists members and sums their use over thirty days."""

    name = "openai_seats"
    title = "OpenAI members"
    summary = "Members of an OpenAI organization, and how many were active within 30 days."
    brings = (Brings.SEATS,)
    settings = (
        Setting("admin_key", "Admin key", is_secret=True, is_required=True, help="sk-admin-…"),
        *seating.settings_for("OpenAI"),
        Setting("address", "Address", SettingKind.ADDRESS, default="https://api.openai.com"),
    )

    def clean(self, values: Mapping[str, Any]) -> dict[str, str | bool]:
        cleaned = super().clean(values)
        seating.check(cleaned)
        return cleaned

    def test(self, errand: Errand) -> list[Check]:
        """List members, and ask for their use."""
        with _outbound(errand) as outbound:
            return [
                tried(
                    "Members can be listed",
                    lambda: f"{len(_members(outbound, errand))} member(s).",
                    needs="an admin key with the scope api.management.read",
                ),
                tried(
                    "Use can be read",
                    lambda: f"{len(_active(outbound, errand))} active within 30 days.",
                    needs="an admin key with the scope api.usage.read",
                ),
            ]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield the count of today."""
        with _outbound(errand) as outbound, shaped_as_documented(self.title):
            members = _members(outbound, errand)
            active = members & _active(outbound, errand)
            count = seating.counted(errand, assigned=len(members), active=len(active))
            yield Batch("Members", records=(count,))


def _outbound(errand: Errand) -> Outbound:
    return Outbound(
        reach=errand.reach,
        headers={"authorization": f"Bearer {errand.settings['admin_key']}"},
    )


def _members(outbound: Outbound, errand: Errand) -> set[str]:
    found: set[str] = set()
    params: dict[str, Any] = {"limit": MEMBERS_A_PAGE}
    while True:
        answer = outbound.get_json(_place(errand, "users"), params)
        found |= {str(row["id"]) for row in answer["data"]}
        if not answer["has_more"]:
            return found
        params["after"] = answer["last_id"]


def _active(outbound: Outbound, errand: Errand) -> set[str]:
    found: set[str] = set()
    params: dict[str, Any] = {
        "start_time": int(seating.since(errand).timestamp()),
        "bucket_width": "1d",
        "group_by": "user_id",
        "limit": DAYS_A_PAGE,
    }
    while True:
        answer = outbound.get_json(_place(errand, "usage/completions"), params)
        for bucket in answer["data"]:
            for row in bucket["results"]:
                if row.get("user_id") and int(row["num_model_requests"]) > 0:
                    found.add(str(row["user_id"]))
        if not answer["has_more"]:
            return found
        params["page"] = answer["next_page"]


def _place(errand: Errand, path: str) -> str:
    return f"{str(errand.settings['address']).rstrip('/')}/v1/organization/{path}"
