"""The Hub's listings of models and datasets, as its API documents them."""

from typing import Any
from urllib.parse import urlencode

from tests.servers.scenario import SECRET, Scenario, Version
from tests.servers.scripted import Call, Reply


class Hub(Scenario):
    """A repository has one present version: of several that are held, the newest."""

    plugin = "huggingface"

    def __init__(self, folder: Any) -> None:
        super().__init__(folder)
        self.held.models = {name: {"1": Version()} for name in self.held.models}
        self.held.models["claims-triage-ü"] = {"1": Version()}

    def settings(self) -> dict[str, Any]:
        return {"author": "firm", "access_token": SECRET, "endpoint": self.url}

    def answer(self, call: Call) -> Reply:
        if call.path == "/api/datasets":
            rows = [{"id": "firm/claims", "sha": "d1"}] if self.held.models else []
        elif call.path == "/api/models":
            rows = [
                {
                    "id": name,
                    "sha": max(versions),
                    "createdAt": "2026-10-01T00:00:00.000Z",
                    "lastModified": "2026-11-01T00:00:00.000Z",
                    "tags": ["license:mit", "initiative:AI-7"],
                    "cardData": {
                        "model-index": [
                            {"results": [{"metrics": [{"type": "accuracy", "value": 0.91}]}]}
                        ]
                    },
                }
                for name, versions in self.held.models.items()
                if versions
            ]
        else:
            return Reply(status=404)
        page, token = self.paged(rows, call.query.get("cursor"))
        query = urlencode({**call.query, "cursor": token})
        link = {"Link": f'<{self.url}{call.path}?{query}>; rel="next"'} if token else {}
        return Reply.of(page, headers=link)
