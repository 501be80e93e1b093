"""Databricks' SQL Statement Execution API over its system tables, as documented."""

import json
from typing import Any

from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply


class Warehouse(Scenario):
    plugin = "databricks"

    def settings(self) -> dict[str, Any]:
        return {"address": self.url, "warehouse_id": "w1", "access_token": SECRET}

    def answer(self, call: Call) -> Reply:
        if call.method == "POST":
            asked = json.loads(call.body)
            given = {each["name"]: each["value"] for each in asked["parameters"]}
            self._result = self._rows(asked["statement"], given)
            return Reply.of(
                {
                    "statement_id": "s-1",
                    "status": {"state": "SUCCEEDED"},
                    "manifest": {
                        "schema": {"columns": [{"name": name} for name in self._names]},
                        "total_row_count": len(self._result),
                    },
                    "result": self._chunk("0"),
                }
            )
        return Reply.of(self._chunk(call.path.rpartition("/")[2]))

    def _chunk(self, number: str) -> dict[str, Any]:
        page, following = self.paged(self._result, number)
        chunk: dict[str, Any] = {"chunk_index": int(number), "data_array": page}
        return chunk | ({"next_chunk_index": int(following)} if following else {})

    def _rows(self, sql: str, given: dict[str, str]) -> list[list[str]]:
        if "ANTI JOIN" in sql:
            self._names = ["sku_name", "quantity"]
            return []
        if "LIMIT 1" in sql:
            self._names = ["day"]
            return [["2026-11-20"]]
        self._names = [
            "account_id", "workspace_id", "sku_name", "product", "day", "unit", "tags",
            "currency", "price", "quantity", "amount",
        ]  # fmt: skip
        return [
            [
                "acc", "ws-1", each.service, "MODEL_SERVING", str(each.on), "DBU",
                json.dumps({"initiative": each.initiative}), "USD", "0.07", "3",
                f"{each.amount:f}",
            ]
            for each in self.held.charges
            if given["since"] <= str(each.on) < given["until"]
        ]  # fmt: skip

    _names: list[str]
    _result: list[list[str]]
