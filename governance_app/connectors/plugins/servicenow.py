"""
ServiceNow: rows of a table as milestones, and the status of an initiative.

Works with project tasks, projects, demands or any table with a due date: the names of the
fields are settings. The initiative is named by a field; else a mapping rule finds it by the
row's parent (as account).
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from governance_app.connectors.base import (
    Batch,
    Brings,
    Check,
    Errand,
    Plugin,
    Setting,
    SettingKind,
    shaped_as_documented,
    tried,
)
from governance_app.connectors.http import Outbound
from governance_app.connectors.tracking import status_of
from governance_app.domain.records import WorkItemRecord

ROWS_A_PAGE = 1000


class Servicenow(Plugin):
    """Reads one table by a query, in the order of its numbers."""

    name = "servicenow"
    title = "ServiceNow"
    summary = "Rows of a table as milestones; a field of them as status of the initiative."
    brings = (Brings.ITEMS,)
    settings = (
        Setting(
            "address", "Address", SettingKind.ADDRESS, is_required=True,
            help="https://firm.service-now.com",
        ),
        Setting("username", "User name", help="For basic authentication."),
        Setting("password", "Password", is_secret=True),
        Setting("access_token", "Token", is_secret=True, help="Instead of a user and password."),
        Setting("table", "Table", default="pm_project_task"),
        Setting("query", "Query", help="An encoded query, such as active=true^stateNOT IN7."),
        Setting("due_field", "Field of the due date", default="end_date"),
        Setting("done_field", "Field of the day it was done", default="work_end"),
        Setting(
            "initiative_field", "Field that names the initiative", default="u_initiative",
            help="Its value is a key such as AI-142.",
        ),
        Setting(
            "status_field", "Field that says how it stands",
            help="Such as overall_health of pm_project; empty: none.",
        ),
    )  # fmt: skip

    def test(self, errand: Errand) -> list[Check]:
        """Ask for the first rows."""

        def ask() -> str:
            with _outbound(errand) as outbound:
                return f"{len(next(_pages(outbound, errand)))} row(s) on the first page."

        table = errand.settings["table"]
        needs = f"read access to the table {table} and its fields, for example by a role of its own"
        return [tried("Rows can be read", ask, needs=needs)]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield rows page by page; the end of the listing says what is gone."""
        with _outbound(errand) as outbound, shaped_as_documented(self.title):
            for page in _pages(outbound, errand):
                yield Batch("Rows", records=tuple(_item(errand, row) for row in page))
            yield Batch("Rows", complete=frozenset({WorkItemRecord}))


def _outbound(errand: Errand) -> Outbound:
    settings = errand.settings
    if settings["access_token"]:
        headers = {"authorization": f"Bearer {settings['access_token']}"}
        return Outbound(reach=errand.reach, headers=headers)
    return Outbound(reach=errand.reach, auth=(str(settings["username"]), str(settings["password"])))


def _pages(outbound: Outbound, errand: Errand) -> Iterator[list[Any]]:
    """Yield rows in the order of their numbers, each once though rows move between pages."""
    settings = errand.settings
    fields = ["number", "short_description", "state", "parent", "sys_id"]
    fields += [
        str(settings[name])
        for name in ("due_field", "done_field", "initiative_field", "status_field")
    ]
    query = "^".join(filter(None, (str(settings["query"]), "ORDERBYnumber")))
    address = str(settings["address"]).rstrip("/")
    seen: set[str] = set()
    start = 0
    while True:
        params = {
            "sysparm_query": query,
            "sysparm_fields": ",".join(filter(None, fields)),
            "sysparm_display_value": "all",
            "sysparm_exclude_reference_link": "true",
            "sysparm_limit": ROWS_A_PAGE,
            "sysparm_offset": start,
        }
        answer = outbound.get_json(f"{address}/api/now/table/{settings['table']}", params)
        rows = answer["result"]
        yield [row for row in rows if _said(row, "number") not in seen]
        seen |= {_said(row, "number") for row in rows}
        if not rows:
            return
        start += len(rows)


def _item(errand: Errand, row: Mapping[str, Any]) -> WorkItemRecord:
    settings = errand.settings
    status, sentence = status_of(_said(row, str(settings["status_field"])))
    number, title = _said(row, "number"), _said(row, "short_description")
    return WorkItemRecord(
        key=number,
        title=title,
        state=_said(row, "state"),
        due_on=_day(row, str(settings["due_field"])),
        done_on=_day(row, str(settings["done_field"])),
        address=f"{str(settings['address']).rstrip('/')}/nav_to.do?uri="
        f"{settings['table']}.do?sys_id={_kept(row, 'sys_id')}",
        initiative_key=_said(row, str(settings["initiative_field"])).strip().upper(),
        labels={
            "name": _said(row, "parent") or f"Table {settings['table']}",
            "account": _said(row, "parent"),
        },
        status=status,
        sentence=f"{number} {title}: {sentence}" if status else "",
    )


def _said(row: Mapping[str, Any], name: str) -> str:
    """Give a field as ServiceNow shows it."""
    value = row.get(name) or {}
    return str(value["display_value"] or "") if isinstance(value, Mapping) and value else ""


def _kept(row: Mapping[str, Any], name: str) -> str:
    """Give a field as ServiceNow stores it."""
    value = row.get(name) or {}
    return str(value["value"] or "") if isinstance(value, Mapping) and value else ""


def _day(row: Mapping[str, Any], name: str) -> dt.date | None:
    text = _kept(row, name)
    return dt.date.fromisoformat(text[:10]) if text else None
