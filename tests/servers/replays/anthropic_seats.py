"""Anthropic's Admin API: users and Claude Code analytics, as its documentation shows them."""

from typing import Any

from tests.servers.replays.openai_seats import rows_after
from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply


class Members(Scenario):
    plugin = "anthropic_seats"

    def settings(self) -> dict[str, Any]:
        return {"admin_key": SECRET, "product": "Claude ü", "price": "20", "address": self.url,
                "bought": str(self.held.seats[0])}  # fmt: skip

    def answer(self, call: Call) -> Reply:
        _, assigned, active = self.held.seats
        if call.path == "/v1/organizations/users":
            rows = [{"type": "user", "id": f"user_{n}", "email": f"Person{n}@firm.example"}
                    for n in range(assigned)]  # fmt: skip
            after = call.query.get("after_id", "")
            start = rows_after(rows, after) if after else 0
            page = rows[start : start + self.page_size]
            return Reply.of(
                {
                    "data": page,
                    "first_id": page[0]["id"] if page else None,
                    "last_id": page[-1]["id"] if page else None,
                    "has_more": start + len(page) < len(rows),
                }
            )
        if call.path == "/v1/organizations/usage_report/claude_code":
            rows = []
            if call.query["starting_at"] == "2026-11-10":
                rows = [
                    {"actor": {"type": "user_actor", "email_address": f"person{n}@firm.example"}}
                    for n in range(active)
                ]
                rows.append({"actor": {"type": "api_actor", "api_key_name": "ci"}})
                rows.append({"actor": {"type": "user_actor", "email_address": "left@firm.example"}})
            page, token = self.paged(rows, call.query.get("page"))
            return Reply.of({"data": page, "has_more": bool(token), "next_page": token or None})
        return Reply(status=404)
