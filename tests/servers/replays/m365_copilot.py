"""Microsoft Graph: subscribed SKUs and the Copilot usage report, as its documentation shows."""

from typing import Any

from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply


class Graph(Scenario):
    plugin = "m365_copilot"

    def settings(self) -> dict[str, Any]:
        return {
            "tenant_id": "t1", "client_id": "c1", "client_secret": SECRET, "authority": self.url,
            "product": "Copilot ü", "price": "30", "address": self.url,
        }  # fmt: skip

    def is_question(self, call: Call) -> bool:
        return "oauth2" not in call.path

    def answer(self, call: Call) -> Reply:
        bought, assigned, active = self.held.seats
        if call.path == "/t1/oauth2/v2.0/token":
            return Reply.of({"access_token": "short", "expires_in": 3600, "token_type": "Bearer"})
        if call.path == "/v1.0/subscribedSkus":
            rows = [
                {"skuPartNumber": "ENTERPRISEPACK", "consumedUnits": 900,
                 "prepaidUnits": {"enabled": 1000}},
                {"skuPartNumber": "Microsoft_365_Copilot", "consumedUnits": assigned,
                 "prepaidUnits": {"enabled": bought, "suspended": 0, "warning": 0}},
            ]  # fmt: skip
            page, token = self.paged(rows, call.query.get("$skiptoken"))
            following = f"{self.url}{call.path}?$skiptoken={token}"
            return Reply.of({"value": page} | ({"@odata.nextLink": following} if token else {}))
        if call.path.startswith("/beta/copilot/reports/getMicrosoft365CopilotUserCountSummary"):
            adoption = {"reportPeriod": 30, "anyAppEnabledUsers": assigned,
                        "anyAppActiveUsers": active}  # fmt: skip
            row = {"reportRefreshDate": "2026-11-19", "adoptionByProduct": [adoption]}
            return Reply.of({"value": [row]})
        return Reply(status=404)
