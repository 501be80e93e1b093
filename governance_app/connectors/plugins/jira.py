"""
Jira: issues of a JQL query as milestones, and the status of an initiative.

An issue with a due date is a milestone; its resolution date is the day it was reached. Its
initiative is named by a label such as ``AI-142``, or by a field; else by a mapping rule on its
project (as account) or labels. A field may say how the initiative stands.
"""

import datetime as dt
import re
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

ISSUES_A_PAGE = 100
_KEY = re.compile(r"[A-Za-z]{1,10}-\d{1,6}")


class Jira(Plugin):
    """Reads one query whole each time; what has left it is gone."""

    name = "jira"
    title = "Jira"
    summary = "Issues of a JQL query as milestones; a field of them as status of the initiative."
    brings = (Brings.ITEMS,)
    settings = (
        Setting(
            "address", "Address", SettingKind.ADDRESS, is_required=True,
            help="https://firm.atlassian.net, or that of a Jira Data Center.",
        ),
        Setting(
            "edition", "Edition", SettingKind.CHOICE, default="cloud",
            choices=(("cloud", "Cloud"), ("data_center", "Data Center")),
        ),
        Setting("email", "E-mail", help="Of the account whose API token this is; Cloud only."),
        Setting("access_token", "Token", is_secret=True, is_required=True),
        Setting(
            "jql", "Query", is_required=True, help='JQL, such as labels = "ai" and type = Epic.'
        ),
        Setting(
            "initiative_field", "Field that names the initiative",
            help="Such as customfield_10042; empty: a label such as AI-142.",
        ),
        Setting(
            "status_field", "Field that says how it stands",
            help="On track, at risk or off track; green, yellow or red; empty: none.",
        ),
    )  # fmt: skip

    def test(self, errand: Errand) -> list[Check]:
        """Ask for the first issues."""

        def ask() -> str:
            with _outbound(errand) as outbound:
                return f"{len(next(_pages(outbound, errand)))} issue(s) on the first page."

        needs = "the permission Browse projects in the projects of the query"
        return [tried("Issues can be searched", ask, needs=needs)]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield issues page by page; the last page ends the listing."""
        with _outbound(errand) as outbound, shaped_as_documented(self.title):
            for page in _pages(outbound, errand):
                yield Batch("Issues", records=tuple(_item(errand, issue) for issue in page))
            yield Batch("Issues", complete=frozenset({WorkItemRecord}))


def _outbound(errand: Errand) -> Outbound:
    settings = errand.settings
    if settings["email"]:
        return Outbound(
            reach=errand.reach, auth=(str(settings["email"]), str(settings["access_token"]))
        )
    headers = {"authorization": f"Bearer {settings['access_token']}"}
    return Outbound(reach=errand.reach, headers=headers)


def _pages(outbound: Outbound, errand: Errand) -> Iterator[list[Any]]:
    """Yield the issues of the query, each once though they move between pages."""
    settings = errand.settings
    wanted = ["summary", "status", "duedate", "resolutiondate", "labels", "project"]
    wanted += [str(settings[name]) for name in ("initiative_field", "status_field")]
    params: dict[str, Any] = {
        "jql": settings["jql"],
        "fields": ",".join(filter(None, wanted)),
        "maxResults": ISSUES_A_PAGE,
    }
    address = str(settings["address"]).rstrip("/")
    is_cloud = settings["edition"] == "cloud"
    place = f"{address}/rest/api/3/search/jql" if is_cloud else f"{address}/rest/api/2/search"
    seen: set[str] = set()
    start = 0
    while True:
        answer = outbound.get_json(place, params)
        rows = answer["issues"]
        fresh = [row for row in rows if row["key"] not in seen]
        seen |= {row["key"] for row in rows}
        yield fresh
        start += len(rows)
        if is_cloud:
            token = answer.get("nextPageToken")
            if not token or answer.get("isLast"):
                return
            params["nextPageToken"] = token
        else:
            if not rows or start >= int(answer["total"]):
                return
            params["startAt"] = start


def _item(errand: Errand, issue: Mapping[str, Any]) -> WorkItemRecord:
    settings, fields = errand.settings, issue["fields"]
    labels = [str(label) for label in fields.get("labels") or ()]
    project = fields.get("project") or {}
    own = _text(fields.get(str(settings["initiative_field"])))
    named = [own] if settings["initiative_field"] else labels
    key = next((each.upper() for each in named if _KEY.fullmatch(each)), "")
    state = _text(fields.get("status"))
    status, sentence = status_of(_text(fields.get(str(settings["status_field"]))))
    return WorkItemRecord(
        key=str(issue["key"]),
        title=str(fields["summary"]),
        state=state,
        due_on=_day(fields.get("duedate")),
        done_on=_day(fields.get("resolutiondate")),
        address=f"{str(settings['address']).rstrip('/')}/browse/{issue['key']}",
        initiative_key=key,
        labels={
            "name": f"Project {project.get('name') or project.get('key') or 'unknown'}",
            "account": str(project.get("key") or ""),
            **({"labels": ",".join(labels)} if labels else {}),
        },
        status=status if settings["status_field"] else "",
        sentence=f"{issue['key']} {fields['summary']}: {sentence or state}" if status else "",
    )


def _text(value: Any) -> str:
    """Give the words of a field, whatever its kind: text, option, or a list of one."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, Mapping):
        value = value.get("value") or value.get("name") or ""
    return str(value or "")


def _day(text: Any) -> dt.date | None:
    return dt.date.fromisoformat(str(text)[:10]) if text else None
