"""The form of a rule: read from an address, a version or a post, and turned into what it asks."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from governance_app.domain.errors import Sentence
from governance_app.spend import selectors

ROWS = 2
_GOAL = re.compile(r"^(?:pool\s+(?P<pool>.+?)|(?P<key>[A-Za-z]+-\d+)\b.*?)"
                   r"(?:\s+(?P<share>\d+(?:[.,]\d+)?)\s*%)?$", re.IGNORECASE)  # fmt: skip


@dataclass
class RuleForm:
    """What stands in the form: texts as people typed them."""

    name: str = ""
    rows: list[dict[str, str]] = field(default_factory=list)
    from_pool: str = ""
    kind: str = "direct"
    initiative: str = ""
    pool: str = ""
    goals: str = ""
    driver: str = "cost"
    when_zero: str = "unallocated"
    within: str = ""
    takes_unused: bool = False
    since: str = ""
    position: str = ""
    reason: str = ""
    version: str = ""

    @property
    def shown_rows(self) -> list[dict[str, str]]:
        """The conditions, with empty rows to add more."""
        empty = {"dimension": "", "tag": "", "match": "is", "values": ""}
        return [*self.rows, *[dict(empty) for _ in range(max(1, ROWS - len(self.rows)))]]


def from_query(query: Mapping[str, str]) -> RuleForm:
    """Fill the form from an address, such as the one a suggestion links to."""
    form = RuleForm(name=query.get("name", "")[:200], initiative=query.get("initiative", "")[:40])
    if query.get("dimension"):
        form.rows = [
            {
                "dimension": query.get("dimension", ""),
                "tag": query.get("tag", "")[:200],
                "match": "is",
                "values": query.get("value", "")[:500],
            }
        ]
    return form


def from_version(version: Any) -> RuleForm:
    """Fill the form with what a rule says now."""
    says = selectors.said_by(version=version)
    return RuleForm(
        name=version.rule.name,
        rows=[
            {
                "dimension": one["dimension"],
                "tag": one["tag"],
                "match": one["match"],
                "values": ", ".join(one["values"]),
            }
            for one in says["conditions"]
        ],
        from_pool=says.get("from_pool", ""),
        kind=says["kind"],
        initiative=says.get("initiative", ""),
        pool=says.get("pool", ""),
        goals="\n".join(_goal_text(one) for one in says.get("targets", ())),
        driver=says.get("driver", "cost"),
        when_zero=says.get("when_zero", "unallocated"),
        within=says.get("within", ""),
        takes_unused=says.get("takes_unused", False),
        version=str(version.rule.version),
    )


def _goal_text(one: Mapping[str, Any]) -> str:
    who = f"pool {one['pool']}" if one.get("pool") else one["initiative"]
    if not one.get("share"):
        return str(who)
    return f"{who} {(Decimal(one['share']) * 100).normalize():f} %"


def from_post(post: Any) -> RuleForm:
    """Keep what was typed, to show it again beside the reason it was refused."""
    return RuleForm(
        name=post.get("name", ""),
        rows=_rows(post),
        from_pool=post.get("from_pool", ""),
        kind=post.get("kind", "direct"),
        initiative=post.get("initiative", ""),
        pool=post.get("pool", ""),
        goals=post.get("goals", ""),
        driver=post.get("driver", "cost"),
        when_zero=post.get("when_zero", "unallocated"),
        within=post.get("within", ""),
        takes_unused=bool(post.get("takes_unused")),
        since=post.get("since", ""),
        position=post.get("position", ""),
        reason=post.get("reason", ""),
        version=post.get("version", ""),
    )


def _rows(post: Any) -> list[dict[str, str]]:
    columns = [post.getlist(name) for name in ("dimension", "tag", "match", "values")]
    return [
        dict(zip(("dimension", "tag", "match", "values"), row, strict=True))
        for row in zip(*columns, strict=False)
        if row[0]
    ]


def asked(post: Any) -> dict[str, Any]:
    """
    Turn the form into what a change of a rule is given.

    Raises:
        Sentence: a line of those it splits to cannot be read.
    """
    form = from_post(post)
    says: dict[str, Any] = {"kind": form.kind, "takes_unused": form.takes_unused}
    if form.from_pool:
        says["from_pool"] = form.from_pool
    else:
        says["conditions"] = [
            {
                "dimension": row["dimension"],
                "tag": row["tag"] if row["dimension"] == "tag" else "",
                "match": row["match"],
                "values": [one.strip() for one in row["values"].split(",") if one.strip()],
            }
            for row in form.rows
        ]
    if form.kind == "direct":
        if form.initiative.strip():
            says["initiative"] = form.initiative
    elif form.kind == "pool":
        says["pool"] = form.pool
    else:
        says["targets"] = _goals(form.goals, has_shares=form.kind == "fixed")
    if form.kind == "driver":
        says |= {"driver": form.driver, "when_zero": form.when_zero}
        if form.within:
            says["within"] = form.within
    found: dict[str, Any] = {"name": form.name, "says": says}
    if form.since:
        found["from_month"] = f"{month(form.since):%Y-%m}"
    if form.position.isdigit() and int(form.position):
        found["position"] = int(form.position)
    if form.version.isdigit():
        found["version"] = int(form.version)
    return found


def _goals(text: str, *, has_shares: bool) -> list[dict[str, str]]:
    found = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        read = _GOAL.match(line)
        if read is None:
            raise Sentence(f"“{line[:60]}” names nobody; write AI-142 60 %, or pool Platform 40 %.")
        one = {"pool": read["pool"]} if read["pool"] else {"initiative": read["key"].upper()}
        if has_shares:
            if not read["share"]:
                raise Sentence(f"“{line[:60]}” has no share; write it as AI-142 60 %.")
            one["share"] = f"{Decimal(read['share'].replace(',', '.')) / 100:f}"
        found.append(one)
    return found


def month(text: str) -> dt.date:
    """Read a month such as 2026-11."""
    try:
        return dt.date.fromisoformat(f"{text[:7]}-01")
    except ValueError as error:
        raise Sentence(f"{text!r} is not a month such as 2026-11.") from error
