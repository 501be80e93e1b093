"""Rules with their history, what waits for approval, and how an allocated amount came about."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Max, QuerySet

from governance_app.domain.periods import add_months
from governance_app.domain.phrases import phrase
from governance_app.initiatives.models import Initiative
from governance_app.people.models import User
from governance_app.spend import saying
from governance_app.spend.models import (
    Pool,
    Rule,
    RuleProposal,
    RuleVersion,
    SplitShare,
    TagSynonym,
)
from governance_app.spend.selectors import remembered
from governance_app.spend.selectors.explore import _FROM_SUMS, SpendFilter, loose_where, where


def rules_in_order(*, viewer: User) -> list[Rule]:
    """Give the rules in the order they are asked, each with its versions, newest first."""
    return list(
        Rule.objects.visible_to(viewer, "money.view")
        .annotate(place=Max("versions__position"))
        .prefetch_related(
            "versions__initiative", "versions__pool", "versions__from_pool", "versions__within",
            "versions__targets__initiative", "versions__targets__pool",
        )
        .order_by("place", "pk")
    )  # fmt: skip


def rule_versions(*, rule: Rule) -> list[RuleVersion]:
    """Give what a rule has said, newest first, with targets."""
    return list(
        rule.versions.select_related("rule", "initiative", "pool", "from_pool", "within")
        .prefetch_related("targets__initiative", "targets__pool")
        .order_by("-number")
    )


def proposals(*, viewer: User, state: str = "") -> QuerySet[RuleProposal]:
    """Give proposed changes of rules, newest first."""
    found = RuleProposal.objects.visible_to(viewer, "money.view").select_related(
        "rule", "proposed_by", "decided_by", "node"
    )
    return (found.filter(state=state) if state else found).order_by("-created_at", "-pk")


def proposal(*, viewer: User, proposal_id: uuid.UUID | str) -> RuleProposal | None:
    """Give one proposal, or None when it is not the viewer's to see."""
    return proposals(viewer=viewer).filter(pk=proposal_id).first()


def pools(*, viewer: User) -> QuerySet[Pool]:
    """Give the shared-cost pools in the order they step down."""
    found = Pool.objects.visible_to(viewer, "money.view").select_related("owner", "node")
    return found.order_by("position", "pk")


def synonyms(*, viewer: User) -> QuerySet[TagSynonym]:
    """Give the other spellings of tags and their values."""
    return TagSynonym.objects.visible_to(viewer).order_by("tag", "means", "written", "from_month")


@dataclass(frozen=True, slots=True)
class Explained:
    """
    Why an initiative bears an amount: the rule, its version, the driver and the share.

    ``ways`` are sentences, one for each way a split cost came, step by step.
    """

    initiative: str
    month: date
    currency: str
    rule: str
    version: int | None
    rule_id: uuid.UUID | None
    kind: str
    driver: str
    share: Decimal
    billed: Decimal
    effective: Decimal
    lines: int
    ways: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Say it in one sentence."""
        if self.kind == RuleVersion.Kind.DIRECT:
            return phrase(
                "{rule}, version {version}: all of it", rule=self.rule, version=str(self.version)
            )
        return f"{self.rule}, version {self.version}: {' and '.join(self.ways)}"


def explained(*, viewer: User, chosen: SpendFilter, limit: int | None = None) -> list[Explained]:
    """
    Explain allocated amounts by initiative, charge month, rule version and currency.

    Returns:
        newest month first, largest amount first in it; together the allocated spend asked for.
    """
    chosen = replace(chosen, is_unallocated=False, search="")
    condition, values = where(viewer, chosen)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.key, m.initiative_id, m.charge_month, m.currency, m.rule_version_id,"
            f" sum(m.billed), sum(m.effective), sum(m.lines) {_FROM_SUMS} WHERE {condition}"
            " GROUP BY 1, 2, 3, 4, 5 ORDER BY 3 DESC, sum(m.billed) DESC, 1, 5"
            + (f" LIMIT {int(limit)}" if limit else ""),
            values,
        )
        rows = cursor.fetchall()
    versions = RuleVersion.objects.select_related("rule").in_bulk({row[4] for row in rows})
    shares = {
        (one.rule_version_id, one.charge_month, one.initiative_id): one
        for one in SplitShare.objects.filter(
            rule_version__in={
                pk for pk, version in versions.items() if version.kind != RuleVersion.Kind.DIRECT
            },
            initiative__in={row[1] for row in rows},
        )
    }
    say = _Sayer(shares.values())
    found = []
    for key, initiative, month, currency, version_id, billed, effective, lines in rows:
        version = versions.get(version_id)
        split = shares.get((version_id, month, initiative))
        found.append(
            Explained(
                initiative=key,
                month=month,
                currency=currency,
                rule=version.rule.name if version else "",
                version=version.number if version else None,
                rule_id=version.rule_id if version else None,
                kind=version.kind if version else "",
                driver=say.driver(split.steps) if split else "",
                share=split.share if split else Decimal(1),
                billed=billed,
                effective=effective,
                lines=int(lines),
                ways=tuple(say.way(way) for way in split.steps) if split else (),
            )
        )
    return found


class _Sayer:
    """Turns the steps of splits into words; ids are looked up once."""

    def __init__(self, shares: Any) -> None:
        steps = [step for share in shares for way in share.steps for step in way]
        ids = {step["rule"] for step in steps}
        self.versions = {
            str(pk): version
            for pk, version in RuleVersion.objects.select_related("rule", "from_pool")
            .in_bulk(ids)
            .items()
        }
        names = {step["to"] for step in steps if step.get("to")}
        self.pools = {str(pool.pk): pool.name for pool in Pool.objects.filter(pk__in=names)}
        self.keys = {
            str(pk): key
            for pk, key in Initiative.objects.filter(pk__in=names).values_list("pk", "key")
        }

    def driver(self, steps: Sequence[Sequence[Mapping[str, Any]]]) -> str:
        """Name the drivers of a split."""
        found = [step["driver"] for way in steps for step in way if step.get("driver")]
        return ", ".join(dict.fromkeys(found))

    def way(self, way: Sequence[Mapping[str, Any]]) -> str:
        """Say one way a cost came, step by step."""
        return ", then ".join(self._step(step) for step in way)

    def _step(self, step: Mapping[str, Any]) -> str:
        version = self.versions.get(step["rule"])
        to = step.get("to", "")
        where_to = self.keys.get(to) or (f"the pool {self.pools[to]}" if to in self.pools else "")
        by = f" by {version}" if version and version.from_pool_id else ""
        if step["kind"] == "fixed":
            share = Decimal(step["share"]) * 100
            return f"{share.normalize():f} % to {where_to}{by}"
        if step["kind"] == "driver" and step.get("of") not in (None, "0"):
            name = RuleVersion.Driver(step["driver"]).label
            return f"{_short(step['quantity'])} of {_short(step['of'])} {name} to {where_to}{by}"
        if step["kind"] in ("pool", "direct"):
            return f"all to {where_to}{by}"
        return f"an even part to {where_to or 'nobody'}{by}"


def _short(text: str) -> str:
    amount = Decimal(text)
    return f"{amount:,.2f}" if amount != amount.to_integral_value() else f"{amount:,.0f}"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A condition that would cover a part of what is unallocated, and whom it may belong to."""

    dimension: str
    tag: str
    value: str
    label: str
    currency: str
    amount: Decimal
    share: float
    initiative: str = ""
    why: str = ""

    @property
    def condition(self) -> dict[str, Any]:
        """The condition as a rule says it."""
        return {
            "dimension": self.dimension, "tag": self.tag, "match": "is", "values": [self.value],
        }  # fmt: skip


_LOOSE = """
WITH summed AS (
    SELECT km.key_id, km.currency, sum(km.billed) AS billed, sum(abs(km.billed)) AS gross
    FROM spend_spendkeymonth km
    LEFT JOIN spend_load l ON l.id = km.load_id LEFT JOIN spend_source f ON f.id = l.source_id
    LEFT JOIN people_scopenode fn ON fn.id = f.node_id
    LEFT JOIN spend_spendkey k ON k.id = km.key_id
    WHERE {condition} AND NOT EXISTS (SELECT FROM spend_keyshare d WHERE d.key_id = km.key_id
      AND km.charge_month >= d.from_month AND km.charge_month < d.until_month)
     AND NOT EXISTS (SELECT FROM spend_keysplit x WHERE x.key_id = km.key_id
      AND km.charge_month >= x.from_month AND km.charge_month < x.until_month)
    GROUP BY 1, 2
),
loose AS MATERIALIZED (
    SELECT k.account, k.account_name, k.service, k.tags, s.currency, sum(s.billed) AS billed,
           sum(s.gross) AS gross
    FROM summed s JOIN spend_spendkey k ON k.id = s.key_id
    GROUP BY 1, 2, 3, 4, 5
),
whole AS (SELECT currency, sum(gross) AS gross FROM loose GROUP BY 1),
found AS (
    SELECT 'account' AS dimension, '' AS tag, o.account AS value, max(o.account_name) AS label,
           o.currency, sum(o.billed) AS billed, sum(o.gross) AS gross
    FROM loose o WHERE o.account <> '' GROUP BY 3, 5
    UNION ALL
    SELECT 'service', '', o.service, o.service, o.currency, sum(o.billed), sum(o.gross)
    FROM loose o WHERE o.service <> '' GROUP BY 3, 5
    UNION ALL
    SELECT 'tag', lower(btrim(t.key)), min(btrim(t.value)), min(t.key || '=' || t.value),
           o.currency, sum(o.billed), sum(o.gross)
    FROM loose o CROSS JOIN LATERAL jsonb_each_text(o.tags) t
    WHERE btrim(t.value) <> '' GROUP BY 2, lower(btrim(t.value)), 5
)
SELECT f.dimension, f.tag, f.value, f.label, f.currency, f.billed, f.gross / w.gross
FROM found f JOIN whole w ON w.currency = f.currency AND w.gross > 0
ORDER BY f.gross DESC, f.dimension DESC, f.value LIMIT %(limit)s
"""

#: So many months are looked at, the last ones asked for: rules are written for what comes.
_LOOKED_AT = 3


def suggestions(
    *, viewer: User, chosen: SpendFilter | None = None, limit: int = 6
) -> list[Suggestion]:
    """
    Give the conditions that would cover most of what no rule matches, largest first, in the
    last three months asked for.

    Whom a value may belong to is told where its text names an initiative, or where nearly all
    that is allocated of the same account or tag goes to one initiative already.
    """
    chosen = replace(chosen or SpendFilter(), is_unallocated=None, search="", initiative="",
                     unit="")  # fmt: skip
    if chosen.until:
        start = add_months(chosen.until, 1 - _LOOKED_AT)
        chosen = replace(chosen, since=max(chosen.since or start, start))
    condition, values = loose_where(viewer, chosen)
    if condition == "FALSE":
        return []
    rows = remembered.asked(_LOOSE.format(condition=condition), {**values, "limit": limit})
    found = []
    named = _named(viewer, [row[3] for row in rows])
    for dimension, tag, value, label, currency, amount, share in rows:
        key, why = named.get(label, ("", ""))
        if not key and dimension == "account":
            key, why = _usual(viewer, value)
        found.append(
            Suggestion(
                dimension, tag, value, label or value, currency, amount, float(share), key, why
            )
        )
    return found


def _named(viewer: User, labels: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Find the initiative whose key or name a label says."""
    rows = list(Initiative.objects.visible_to(viewer).order_by("number").values_list("key", "name"))
    found: dict[str, tuple[str, str]] = {}
    for label in labels:
        text = (label or "").lower().replace("_", " ").replace("-", " ")
        for key, name in rows:
            words = name.lower().replace("_", " ").replace("-", " ")
            if key.lower() in (label or "").lower().split("=") or (
                len(words) > 4 and words in text
            ):
                found[label] = (key, phrase("it says {name}", name=name))
                break
    return found


def _usual(viewer: User, account: str) -> tuple[str, str]:
    """Find the initiative that bears nearly all that is allocated of an account."""
    condition, values = where(viewer, SpendFilter(account=account, is_unallocated=False))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.key, sum(m.gross_billed), sum(sum(m.gross_billed)) OVER ()"
            f" {_FROM_SUMS} WHERE {condition} GROUP BY 1 ORDER BY 2 DESC LIMIT 1",
            values,
        )
        row = cursor.fetchone()
    if row is None or not row[2] or row[1] / row[2] < Decimal("0.8"):
        return "", ""
    share = f"{row[1] / row[2]:.0%}"
    return row[0], phrase("it bears {share} of this account already", share=share)


def words_of(*, version: RuleVersion) -> tuple[str, str]:
    """Say what a version matches, and who bears it."""
    return saying.condition_words(version), saying.outcome_words(version)


def said_by(*, version: RuleVersion) -> dict[str, Any]:
    """Give what a version says as JSON, the way a change of a rule is asked for."""
    return saying.as_json(version)
