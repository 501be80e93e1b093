"""GitHub's Copilot endpoints, as its REST API of 2022-11-28 documents them."""

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply

ROOT = "/orgs/firm/copilot/"
USED, UNUSED = "2026-11-15T12:00:00+01:00", "2026-01-15T12:00:00Z"


class Github(Scenario):
    plugin = "github_copilot"

    def settings(self) -> dict[str, Any]:
        return {
            "organization": "firm", "access_token": SECRET, "product": "Copilot ü", "price": "19",
            "initiative": "AI-7", "address": self.url,
        }  # fmt: skip

    def answer(self, call: Call) -> Reply:
        bought, assigned, active = self.held.seats
        if call.path == f"{ROOT}billing":
            return Reply.of({"seat_breakdown": {"total": bought}, "plan_type": "business"})
        if call.path == f"{ROOT}billing/seats":
            seats = [
                {
                    "assignee": {"id": number, "login": f"person-{number}"},
                    "last_activity_at": USED if number < active else (UNUSED, None)[number % 2],
                }
                for number in range(assigned)
            ]
            size = min(self.page_size, int(call.query["per_page"]))
            start = (int(call.query["page"]) - 1) * size
            rows = list(reversed(seats)) if self.backwards else seats
            return Reply.of({"total_seats": assigned, "seats": rows[start : start + size]})
        if call.path == f"{ROOT}metrics":
            days = {on: value for (series, on), value in self.held.values.items()
                    if series == "requests"}  # fmt: skip
            return Reply.of(
                [{"date": str(on), "total_active_users": int(value)} for on, value in days.items()]
            )
        return Reply(status=404)

    def expected_readings(self) -> dict[tuple[str, dt.date], Decimal]:
        return {
            ("use/Copilot ü/people", on): value
            for (series, on), value in self.held.values.items()
            if series == "requests"
        }
