"""Azure ML's models in the management API, as its REST reference describes them."""

from typing import Any
from urllib.parse import unquote, urlencode

from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply


class Workspace(Scenario):
    plugin = "azure_ml"

    def settings(self) -> dict[str, Any]:
        return {
            "subscription": "sub",
            "resource_group": "gruppe-ü",
            "place": "firm",
            "tenant_id": "tenant",
            "client_id": "client",
            "client_secret": SECRET,
            "authority": self.url,
            "endpoint": self.url,
        }

    def is_question(self, call: Call) -> bool:
        return not call.path.endswith("/token")

    def answer(self, call: Call) -> Reply:
        if call.path.endswith("/oauth2/v2.0/token"):
            return Reply.of({"access_token": "passing", "expires_in": 3599})
        place = unquote(call.path).partition("/firm/models")[2].strip("/")
        if not place:
            rows = [
                {"name": name, "properties": {"tags": {"initiative": "AI-7"}},
                 "systemData": {"createdAt": "2026-10-01T08:00:00.1234567Z"}}
                for name in self.held.models
            ]  # fmt: skip
        else:
            versions = self.held.models.get(place.removesuffix("/versions"), {})
            rows = [
                {"name": number, "properties": {"stage": "Production", "tags": {}}}
                for number in versions
            ]
        page, token = self.paged(rows, call.query.get("$skip"))
        link = f"{self.url}{call.path}?{urlencode({'$skip': token})}" if token else None
        return Reply.of({"value": page, "nextLink": link})
