"""ServiceNow's Table API, as its documentation shows it, values and display values together."""

import datetime as dt
from typing import Any

from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply


class Table(Scenario):
    plugin = "servicenow"
    proof = "Basic "

    def settings(self) -> dict[str, Any]:
        return {"address": self.url, "username": "reader", "password": SECRET,
                "status_field": "overall_health"}  # fmt: skip

    def answer(self, call: Call) -> Reply:
        if call.path != "/api/now/table/pm_project_task":
            return Reply(status=404)
        rows = [
            {
                "number": said(key),
                "sys_id": said(f"id-{key}"),
                "short_description": said(title),
                "state": said("2", "Work in Progress"),
                "parent": said("p1", "Payments"),
                "end_date": said(day(due), shown(due)),
                "work_end": said(day(done), shown(done)),
                "u_initiative": said("AI-7"),
                "overall_health": said("yellow", "Yellow"),
            }
            for key, (title, due, done) in sorted(self.held.items.items())
        ]
        if self.backwards:
            rows.reverse()
        start = int(call.query["sysparm_offset"])
        size = min(self.page_size, int(call.query["sysparm_limit"]))
        return Reply.of({"result": rows[start : start + size]})


def said(value: str, display: str = "") -> dict[str, str]:
    return {"value": value, "display_value": display or value}


def day(on: dt.date | None) -> str:
    return f"{on} 17:00:00" if on else ""


def shown(on: dt.date | None) -> str:
    return f"{on:%d/%m/%Y} 05:00:00 PM" if on else ""
