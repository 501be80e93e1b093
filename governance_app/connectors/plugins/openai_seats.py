"""
OpenAI members: people in the organization, and how many of them made a call of late.

Calls are counted by the usage endpoint grouped by user; e-mail addresses are never kept.
"""

from typing import Any

from governance_app.connectors import seating
from governance_app.connectors.base import Errand
from governance_app.connectors.http import Outbound

MEMBERS_A_PAGE = 100
DAYS_A_PAGE = 31


class OpenaiSeats(seating.Members):
    """Lists members and sums their use over thirty days."""

    name = "openai_seats"
    title = "OpenAI members"
    summary = "Members of an OpenAI organization, and how many were active within 30 days."
    settings = seating.settings_of_members(
        product="OpenAI", key="sk-admin-…", address="https://api.openai.com"
    )
    needs_members = "an admin key with the scope api.management.read"
    needs_use = "an admin key with the scope api.usage.read"

    def headers(self, errand: Errand) -> dict[str, str]:
        return {"authorization": f"Bearer {errand.settings['admin_key']}"}

    def members(self, outbound: Outbound, errand: Errand) -> set[str]:
        found: set[str] = set()
        params: dict[str, Any] = {"limit": MEMBERS_A_PAGE}
        while True:
            answer = outbound.get_json(_place(errand, "users"), params)
            found |= {str(row["id"]) for row in answer["data"]}
            if not answer["has_more"]:
                return found
            params["after"] = answer["last_id"]

    def active(self, outbound: Outbound, errand: Errand) -> set[str]:
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
