"""Snowflake's SQL API over its FOCUS view, as documented."""

import json
from typing import Any

from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply


class OrganizationAccount(Scenario):
    plugin = "snowflake"

    def settings(self) -> dict[str, Any]:
        return {"address": self.url, "access_token": SECRET, "warehouse": "SMALL"}

    def answer(self, call: Call) -> Reply:
        if call.method == "POST":
            asked = json.loads(call.body)
            given = [each["value"] for _, each in sorted(asked["bindings"].items())]
            self._result = self._rows(given)
        pages, token = [], "0"
        while token:
            page, token = self.paged(self._result, token)
            pages.append(page)
        number = int(call.query.get("partition", 0))
        names = list(self._result[0]) if self._result else ["SERVICENAME"]
        data = [[row[name] for name in names] for row in pages[number]]
        if number:
            return Reply.of({"data": data})
        told = {
            "numRows": len(self._result),
            "format": "jsonv2",
            "rowType": [{"name": name, "type": "text"} for name in names],
            "partitionInfo": [{"rowCount": len(page)} for page in pages],
        }
        answer = {"resultSetMetaData": told, "data": data, "code": "090001"}
        return Reply.of(answer | {"statementHandle": "h-1", "message": "Statement executed."})

    def _rows(self, given: list[str]) -> list[dict[str, Any]]:
        if not given:
            return [{"SERVICENAME": "Cortex"}]
        since, until = (each[:10] for each in given)
        empty = (
            "BillingAccountName", "SubAccountName", "ChargeClass", "RegionId", "ResourceId",
            "ResourceName", "SkuId", "SkuMeter", "ConsumedUnit", "InvoiceId",
        )  # fmt: skip
        return [
            {
                **{name.upper(): None for name in empty},
                "SUBACCOUNTID": "AB123",
                "CHARGEDESCRIPTION": f"{each.service}",
                "BILLINGACCOUNTID": "FIRM",
                "BILLINGCURRENCY": "USD",
                "CHARGECATEGORY": "Usage",
                "SERVICECATEGORY": "AI and Machine Learning",
                "SERVICENAME": "Cortex",
                "DAY": str(each.on),
                "TAGS": json.dumps({"initiative": each.initiative}),
                "CONSUMEDQUANTITY": "1.5",
                **dict.fromkeys(
                    ("BILLEDCOST", "EFFECTIVECOST", "LISTCOST", "CONTRACTEDCOST"),
                    f"{each.amount:f}",
                ),
            }
            for each in self.held.charges
            if since <= str(each.on.replace(day=1)) < until
        ]

    _result: list[dict[str, Any]]
