"""Jira Cloud's search by JQL, as version 3 of its REST API documents it."""

from typing import Any

from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply


class Cloud(Scenario):
    plugin = "jira"
    proof = "Basic "

    def settings(self) -> dict[str, Any]:
        return {"address": self.url, "email": "reader@firm.example", "access_token": SECRET,
                "jql": "labels = ai", "status_field": "customfield_1"}  # fmt: skip

    def answer(self, call: Call) -> Reply:
        if call.path != "/rest/api/3/search/jql":
            return Reply(status=404)
        issues = [
            {
                "id": key,
                "key": key,
                "fields": {
                    "summary": title,
                    "status": {"name": "Done" if done else "In Progress"},
                    "duedate": str(due) if due else None,
                    "resolutiondate": f"{done}T09:00:00.000+0100" if done else None,
                    "labels": ["AI-7", "quarter"],
                    "project": {"key": "PAY", "name": "Payments"},
                    "customfield_1": {"value": "At risk"},
                },
            }
            for key, (title, due, done) in self.held.items.items()
        ]
        page, token = self.paged(issues, call.query.get("nextPageToken"))
        more = {"nextPageToken": token} if token else {}
        return Reply.of({"issues": page, "isLast": not token, **more})
