"""
What the books call a cost: entity, cost centre, account, project, vendor, tax code.

Dated rules on ledger dimensions, the same for a bill line (as SQL, so that every exported line
carries its coding) and for a cost somebody typed in (as a mapping of dimensions).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from governance_app.books.models import LegalEntity
from governance_app.people.models import ScopeNode
from governance_app.spend.models import CodingRule

FIELDS: tuple[str, ...] = tuple(CodingRule.Field.values)
TAG = "tag"
UNIT = "unit"

#: What a coding rule may look at -> expression over the tables of ``explore._FROM``.
DIMENSIONS = {
    "source": "f.name",
    "issuer": "k.issuer",
    "provider": "k.provider",
    "billing account": "k.billing_account",
    "account": "k.account",
    "service category": "k.service_category",
    "service": "k.service",
    "charge category": "k.charge_category",
    "model": "k.model",
    "region": "k.region",
    "initiative": "coalesce(i.key, '')",
    "category": "'run'",
}


@dataclass(frozen=True, slots=True)
class _Condition:
    dimension: str
    tag: str
    value: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    value: str
    conditions: tuple[_Condition, ...]
    from_month: date
    until_month: date | None

    def holds(self, costs: Mapping[str, str], month: date) -> bool:
        """Tell whether a cost of a month is coded by this rule."""
        if month < self.from_month or (self.until_month is not None and month >= self.until_month):
            return False
        return all(_matches(one, costs) for one in self.conditions)


@dataclass(frozen=True)
class Coding:
    """The rules in force, by field in the order they are asked, and the entities by place."""

    rules: Mapping[str, Sequence[_Rule]]
    entities: Sequence[tuple[str, str]]
    only_entity: str

    @property
    def looks_at_tags(self) -> bool:
        """Tell whether a rule needs the tags of a line."""
        return any(
            one.dimension == TAG
            for rules in self.rules.values()
            for rule in rules
            for one in rule.conditions
        )

    def of(self, costs: Mapping[str, str], month: date) -> dict[str, str]:
        """
        Code a cost: field -> value, empty where no rule says anything.

        Args:
            costs: dimension -> value, with ``path`` (of who bears it) and ``payer_path``.
        """
        found = {}
        for field in FIELDS:
            rule = next((r for r in self.rules.get(field, ()) if r.holds(costs, month)), None)
            found[field] = rule.value if rule is not None else ""
        found["entity"] = found["entity"] or self._by_place(costs.get("path", ""))
        found["payer"] = found["payer"] or self._by_place(costs.get("payer_path", ""))
        return found

    def as_sql(self, *, month: str = "m.billing_month") -> tuple[dict[str, str], dict[str, Any]]:
        """
        Give the coding as SQL over ``explore._FROM``: field -> expression, and its parameters.

        Parameters begin with ``coding_``, so they can stand beside those of a filter.
        """
        values: dict[str, Any] = {}

        def held(value: Any) -> str:
            values[f"coding_{len(values)}"] = value
            return f"%(coding_{len(values) - 1})s"

        found = {}
        for field in FIELDS:
            cases = []
            for rule in self.rules.get(field, ()):
                tests = [f"{month} >= {held(rule.from_month)}"]
                if rule.until_month is not None:
                    tests.append(f"{month} < {held(rule.until_month)}")
                tests += [_as_sql(one, held) for one in rule.conditions]
                cases.append(f"WHEN {' AND '.join(tests)} THEN {held(rule.value)}")
            if field in ("entity", "payer"):
                place = "coalesce(n.path, fn.path)" if field == "entity" else "fn.path"
                cases += [
                    f"WHEN {place} LIKE {held(f'{path}%')} THEN {held(code)}"
                    for path, code in self.entities
                ]
            rest = held(self.only_entity if field in ("entity", "payer") else "")
            found[field] = f"(CASE {' '.join(cases)} ELSE {rest} END)" if cases else f"{rest}::text"
        return found, values

    def _by_place(self, path: str) -> str:
        if path:
            for place, code in self.entities:
                if path.startswith(place):
                    return code
        return self.only_entity


def coding() -> Coding:
    """Read the rules and entities as they stand."""
    written = list(CodingRule.objects.order_by("field", "position", "from_month", "pk"))
    names_units = any(one["dimension"] == UNIT for row in written for one in row.conditions)
    nodes = list(ScopeNode.objects.values_list("name", "code", "path")) if names_units else []
    rules: dict[str, list[_Rule]] = {}
    for row in written:
        conditions = tuple(
            _Condition(
                one["dimension"],
                one.get("tag", "").casefold(),
                one["value"].strip().lower(),
                tuple(
                    path
                    for name, code, path in nodes
                    if one["dimension"] == UNIT
                    and one["value"].strip().lower() in (name.lower(), code.lower())
                ),
            )
            for one in row.conditions
        )
        rules.setdefault(row.field, []).append(
            _Rule(row.value, conditions, row.from_month, row.until_month)
        )
    rows = list(LegalEntity.objects.select_related("node").order_by("code"))
    placed = [(row.node.path, row.code) for row in rows if row.node is not None]
    return Coding(
        rules=rules,
        entities=sorted(placed, key=lambda pair: -len(pair[0])),
        only_entity=rows[0].code if len(rows) == 1 else "",
    )


def _matches(condition: _Condition, costs: Mapping[str, str]) -> bool:
    if condition.dimension == UNIT:
        path = costs.get("path", "")
        return any(path.startswith(one) for one in condition.paths)
    if condition.dimension == TAG:
        return False
    return costs.get(condition.dimension, "").strip().lower() == condition.value


def _as_sql(condition: _Condition, held: Any) -> str:
    if condition.dimension == UNIT:
        if not condition.paths:
            return "FALSE"
        return f"n.path LIKE ANY({held([f'{path}%' for path in condition.paths])})"
    if condition.dimension == TAG:
        return (
            "EXISTS (SELECT FROM jsonb_each_text(k.tags) AS t(key, value)"
            f" WHERE lower(t.key) = {held(condition.tag)}"
            f" AND lower(btrim(t.value)) = {held(condition.value)})"
        )
    return f"lower(btrim({DIMENSIONS[condition.dimension]})) = {held(condition.value)}"
