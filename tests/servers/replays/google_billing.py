"""BigQuery's query API over a billing export, as its REST reference describes it."""

import functools
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.servers.scenario import Scenario
from tests.servers.scripted import Call, Reply
from tests.servers.tables import by_month


@functools.cache
def private_key() -> str:
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def account_key(url: str) -> str:
    """Give a key file of a service account whose tokens come from the replay."""
    told = {
        "type": "service_account",
        "client_email": "portfolio@example.iam.gserviceaccount.com",
        "private_key_id": "1",
        "private_key": private_key(),
        "token_uri": f"{url}/token",
    }
    return json.dumps(told)


class BillingExport(Scenario):
    plugin = "google_billing"
    proof = "Bearer passing"

    def settings(self) -> dict[str, Any]:
        return {
            "table": "firm.billing.gcp_billing_export_resource_v1_0123",
            "project": "firm",
            "location": "EU",
            "service_account_key": account_key(self.url),
            "endpoint": self.url,
        }

    def is_question(self, call: Call) -> bool:
        return call.path != "/token"

    def answer(self, call: Call) -> Reply:
        if call.path == "/token":
            return Reply.of({"access_token": "passing", "expires_in": 3599})
        if call.method == "POST":
            asked = json.loads(call.body)
            given = {
                each["name"]: each["parameterValue"]["value"] for each in asked["queryParameters"]
            }
            self._result = self._prints() if "since" in given else self._lines(given["month"])
            return self._page(None)
        return self._page(call.query.get("pageToken"))

    def _prints(self) -> list[dict[str, str]]:
        return [
            {
                "month": f"{month:%Y%m}",
                "lines": str(len(charges)),
                "print": hashlib.md5(repr(sorted(map(repr, charges))).encode()).hexdigest(),
            }
            for month, charges in by_month(self.held.charges).items()
        ]

    def _lines(self, month: str) -> list[dict[str, Any]]:
        return [
            {
                "account": "0123",
                "project": "firm",
                "project_name": "Firma",
                "service": "Vertex AI",
                "sku": "A-1",
                "description": each.service,
                "region": "europe-west4",
                "day": str(each.on),
                "cost": f"{each.amount + 1:f}",
                "currency": "USD",
                "cost_type": "regular",
                "quantity": "12.5",
                "unit": "count",
                "credits": '[{"name": "Rabatt", "amount": -1.0}]',
                "labels": json.dumps([{"key": "initiative", "value": each.initiative}]),
            }
            for each in self.held.charges
            if f"{each.on:%Y%m}" == month
        ]

    def _page(self, token: str | None) -> Reply:
        rows, following = self.paged(self._result, token)
        names = list(self._result[0]) if self._result else ["month"]
        answer: dict[str, Any] = {
            "kind": "bigquery#queryResponse",
            "jobComplete": True,
            "jobReference": {"projectId": "firm", "jobId": "job-1"},
            "schema": {"fields": [{"name": name, "type": "STRING"} for name in names]},
            "totalRows": str(len(self._result)),
            "rows": [{"f": [{"v": row[name]} for name in names]} for row in rows],
        }
        return Reply.of(answer | ({"pageToken": following} if following else {}))

    _result: list[dict[str, Any]]
