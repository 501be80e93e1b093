"""Anthropic's cost and usage reports, in the shapes of its SDK's types."""

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply


class Anthropic(Scenario):
    plugin = "anthropic_costs"

    def settings(self) -> dict[str, Any]:
        return {"admin_key": SECRET, "endpoint": self.url, "workspaces": "default = AI-7"}

    def answer(self, call: Call) -> Reply:
        rows: dict[dt.date, list[Any]] = {}
        if call.path == "/v1/organizations/cost_report":
            for each in self.held.charges:
                rows.setdefault(each.on, []).append(
                    {
                        "amount": f"{each.amount.scaleb(2):f}",
                        "currency": "USD",
                        "cost_type": "tokens",
                        "description": f"{each.service} Usage - Input Tokens",
                        "model": "claude-opus",
                        "token_type": "uncached_input_tokens",
                        "workspace_id": None,
                        "service_tier": "standard",
                    }
                )
        elif call.path == "/v1/organizations/usage_report/messages":
            for (series, on), value in self.held.values.items():
                if series == "requests":
                    rows.setdefault(on, []).append(
                        {
                            "workspace_id": None,
                            "uncached_input_tokens": int(value) - 3,
                            "cache_read_input_tokens": 2,
                            "cache_creation": {"ephemeral_5m_input_tokens": 1},
                            "output_tokens": 5,
                        }
                    )
        else:
            return Reply(status=404)
        since = dt.date.fromisoformat(call.query["starting_at"][:10])
        until = dt.date.fromisoformat(call.query.get("ending_at", "2099-01-01")[:10])
        buckets = [
            {
                "starting_at": f"{day}T00:00:00Z",
                "ending_at": f"{day + dt.timedelta(days=1)}T00:00:00Z",
                "results": list(reversed(rows[day])) if self.backwards else rows[day],
            }
            for day in sorted(rows)
            if since <= day < until
        ]
        page, token = self.paged(buckets, call.query.get("page"))
        return Reply.of({"data": page, "has_more": bool(token), "next_page": token or None})

    def expected_readings(self) -> dict[tuple[str, dt.date], Decimal]:
        return {
            ("anthropic/default/input_tokens", on): value
            for (series, on), value in self.held.values.items()
            if series == "requests"
        }
