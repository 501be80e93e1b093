"""OpenAI's administration API: users and usage by user, in the shape of its SDK's types."""

from typing import Any

from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply


class Members(Scenario):
    plugin = "openai_seats"

    def settings(self) -> dict[str, Any]:
        return {"admin_key": SECRET, "product": "OpenAI ü", "price": "25.50", "address": self.url,
                "bought": str(self.held.seats[0])}  # fmt: skip

    def answer(self, call: Call) -> Reply:
        _, assigned, active = self.held.seats
        if call.path == "/v1/organization/users":
            rows = [{"object": "organization.user", "id": f"user-{n}", "role": "reader"}
                    for n in range(assigned)]  # fmt: skip
            after = call.query.get("after", "")
            start = rows_after(rows, after) if after else 0
            page = rows[start : start + self.page_size]
            return Reply.of(
                {
                    "object": "list",
                    "data": page,
                    "last_id": page[-1]["id"] if page else None,
                    "has_more": start + len(page) < len(rows),
                }
            )
        if call.path == "/v1/organization/usage/completions":
            found = [
                {"object": "bucket", "results": [
                    {"user_id": f"user-{n}", "num_model_requests": 3, "input_tokens": 10}]}
                for n in range(active)
            ]  # fmt: skip
            found.append({"object": "bucket", "results": [
                {"user_id": "left-long-ago", "num_model_requests": 9},
                {"user_id": None, "num_model_requests": 9},
            ]})  # fmt: skip
            page, token = self.paged(found, call.query.get("page"))
            return Reply.of(
                {"object": "page", "data": page, "has_more": bool(token), "next_page": token}
            )
        return Reply(status=404)


def rows_after(rows: list[dict[str, Any]], last: str) -> int:
    return [row["id"] for row in rows].index(last) + 1
