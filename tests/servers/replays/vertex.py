"""Vertex AI's model registry, as its REST reference describes it."""

from typing import Any
from urllib.parse import unquote

from tests.servers.replays.google_billing import account_key
from tests.servers.scenario import Scenario
from tests.servers.scripted import Call, Reply


class VertexRegistry(Scenario):
    plugin = "vertex"
    proof = "Bearer passing"

    def settings(self) -> dict[str, Any]:
        return {
            "project": "firm",
            "location": "europe-west4",
            "service_account_key": account_key(self.url),
            "endpoint": self.url,
        }

    def is_question(self, call: Call) -> bool:
        return call.path != "/token"

    def answer(self, call: Call) -> Reply:
        if call.path == "/token":
            return Reply.of({"access_token": "passing", "expires_in": 3599})
        root = "projects/firm/locations/europe-west4/models"
        place = unquote(call.path).removeprefix(f"/v1/{root}")
        if not place:
            rows = [
                {
                    "name": f"{root}/{name}",
                    "displayName": name,
                    "labels": {"initiative": "ai-7"},
                    "createTime": "2026-10-01T08:00:00.123456789Z",
                }
                for name in self.held.models
            ]
        else:
            name = place.strip("/").removesuffix(":listVersions")
            rows = [
                {
                    "name": f"{root}/{name}",
                    "versionId": number,
                    "versionAliases": list(version.aliases),
                    "versionCreateTime": "2026-10-01T08:00:00Z",
                }
                for number, version in self.held.models.get(name, {}).items()
            ]
        page, token = self.paged(rows, call.query.get("pageToken"))
        return Reply.of({"models": page, **({"nextPageToken": token} if token else {})})
