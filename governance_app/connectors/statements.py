"""SQL over HTTP as Databricks and Snowflake offer it: statements, polling, pages of text."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from governance_app.connectors.base import (
    PassingError,
    PermanentError,
    Settings,
    shaped_as_documented,
)
from governance_app.connectors.http import Outbound

POLLS = 120
PAUSE_S = 5.0

Row = dict[str, str | None]


class Databricks:
    """Statements on one SQL warehouse; every value comes as text."""

    def __init__(
        self, outbound: Outbound, settings: Settings, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._outbound, self._sleep = outbound, sleep
        self._address = str(settings["address"]).rstrip("/")
        self._warehouse = str(settings["warehouse_id"])

    def rows(self, sql: str, **dates: str) -> Iterator[Row]:
        """
        Run a statement with named DATE parameters; yield its rows by column name.

        Raises:
            PermanentError: the statement failed or was cancelled there.
            PassingError: it does not finish in ten minutes.
        """
        body = {
            "warehouse_id": self._warehouse,
            "statement": sql,
            "parameters": [
                {"name": name, "value": value, "type": "DATE"} for name, value in dates.items()
            ],
            "wait_timeout": "20s",
            "on_wait_timeout": "CONTINUE",
            "disposition": "INLINE",
            "format": "JSON_ARRAY",
        }
        root = f"{self._address}/api/2.0/sql/statements"
        answer = self._outbound.post_json(root, body)
        with shaped_as_documented(self._address):
            place = f"{root}/{answer['statement_id']}"
            for _ in range(POLLS):
                state = answer["status"]["state"]
                if state not in ("PENDING", "RUNNING"):
                    break
                self._sleep(PAUSE_S)
                answer = self._outbound.get_json(place)
            else:
                raise PassingError(f"{self._address} did not finish the statement in ten minutes.")
            if state != "SUCCEEDED":
                told = answer["status"].get("error", {}).get("message", state)
                raise PermanentError(f"{self._address} could not run the statement: {told}")
            names = [str(each["name"]) for each in answer["manifest"]["schema"]["columns"]]
            chunk = answer.get("result") or {}
            while True:
                for values in chunk.get("data_array") or []:
                    yield dict(zip(names, values, strict=True))
                following = chunk.get("next_chunk_index")
                if following is None:
                    return
                chunk = self._outbound.get_json(f"{place}/result/chunks/{following}")


class Snowflake:
    """Statements in one Snowflake account; every value comes as text."""

    def __init__(
        self, outbound: Outbound, settings: Settings, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._outbound, self._sleep, self._settings = outbound, sleep, settings
        self._address = str(settings["address"]).rstrip("/")

    def rows(self, sql: str, *texts: str) -> Iterator[Row]:
        """
        Run a statement with positional text parameters; yield its rows by column name.

        Raises:
            PassingError: it does not finish in ten minutes.
        """
        body: dict[str, Any] = {
            "statement": sql,
            "timeout": 600,
            "role": self._settings["role"],
            "warehouse": self._settings["warehouse"],
            "bindings": {
                str(number): {"type": "TEXT", "value": text} for number, text in enumerate(texts, 1)
            },
        }
        root = f"{self._address}/api/v2/statements"
        answer = self._outbound.post_json(root, body)
        with shaped_as_documented(self._address):
            place = f"{root}/{answer['statementHandle']}"
            for _ in range(POLLS):
                if "resultSetMetaData" in answer:
                    break
                self._sleep(PAUSE_S)
                answer = self._outbound.get_json(place)
            else:
                raise PassingError(f"{self._address} did not finish the statement in ten minutes.")
            told: Mapping[str, Any] = answer["resultSetMetaData"]
            names = [str(each["name"]) for each in told["rowType"]]
            for number in range(max(len(told.get("partitionInfo", [])), 1)):
                if number:
                    answer = self._outbound.get_json(place, {"partition": number})
                for values in answer["data"]:
                    yield dict(zip(names, values, strict=True))
