"""The inputs of one month of one initiative, as they were kept when the figure was made."""

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from itertools import chain
from typing import Any

from governance_app.domain.phrases import counted, in_a_row, phrase
from governance_app.rollups.models import Figures
from governance_app.rollups.selectors.passports.papers import Line
from governance_app.rollups.selectors.passports.sources import Sources
from governance_app.spend import beside
from governance_app.value import choices
from governance_app.value.models import BenefitMonth


def lines(row: Figures, column: str, sources: Sources) -> list[Line]:
    """Give the inputs of a column; their amounts sum to it."""
    made_from: Mapping[str, list[dict[str, Any]]] = row.made_from
    found: Iterator[Line]
    if column == "cost":
        found = chain(
            _spend(made_from.get("spend", []), "effective", sources),
            _beside(made_from.get("beside", []), beside.PARTS, sources),
        )
    elif column in beside.PARTS:
        found = _beside(made_from.get("beside", []), (column,), sources)
    elif column in ("billed", "effective"):
        found = _spend(made_from.get("spend", []), column, sources)
    elif column == "budget":
        found = _budget(made_from.get("budget", []), sources)
    elif column == "promised_cost" or column.startswith("promised"):
        found = _case(made_from.get("case", []), column, sources)
    else:
        found = _benefits(made_from.get("benefits", []), column, sources)
    return [_in(line, row.currency) for line in found]


def confidence(row: Figures, column: str, sources: Sources) -> str:
    """Say by which method the benefits of a cell were told."""
    rung, kind = rung_of(column)
    if rung not in ("claimed", "measured", "validated", "banked"):
        return ""
    methods = {
        choices.METHODS[month.benefit.method]
        for facts in row.made_from.get("benefits", [])
        if facts["type"] == kind and (month := sources.benefits.get(facts["month"])) is not None
    }
    return in_a_row(",", [phrase(method) for method in sorted(methods)])


def rung_of(column: str) -> tuple[str, str]:
    """
    Split a column into its rung and the type of benefit that stands in it.

    >>> rung_of("validated_avoided"), rung_of("banked")
    (('validated', 'avoided'), ('banked', 'hard'))
    """
    for kind in ("avoided", "soft"):
        rung = column.removesuffix(f"_{kind}")
        if rung != column:
            return rung, kind
    return column, "hard"


def _in(line: Line, currency: str) -> Line:
    return Line(line.label, line.value, "money", currency, line.where, reason=line.reason)


_KINDS = {
    "hard": phrase("hard"),
    "avoided": phrase("avoided"),
    "soft": phrase("soft"),
    "qualitative": phrase("qualitative"),
}


def _written(amount: str, row: Mapping[str, Any]) -> str:
    return f"{amount} {row['currency']}"


def _of(what: str, amount: str, row: Mapping[str, Any]) -> str:
    return phrase("{what}: {amount}", what=what, amount=_written(amount, row))


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _where(*parts: str) -> str:
    return in_a_row(";", [part for part in parts if part])


def _spend(rows: list[dict[str, Any]], basis: str, sources: Sources) -> Iterator[Line]:
    for row in rows:
        # Months made before the effective cost counted were made of the billed one.
        known = basis if basis in row else "billed"
        rules = in_a_row(",", [sources.rules.get(rule, rule) for rule in row.get("rules", ())])
        yield Line(
            label=phrase(
                "Bill: {amount}, {lines}",
                amount=_written(row[known], row),
                lines=counted("{count} line", "{count} lines", count=row["lines"]),
            ),
            value=_amount(row[f"as_{known}"]),
            where=_where(sources.loads.get(row["load"], row["load"]), rules, sources.rate(row)),
            reason="" if row[f"as_{known}"] else phrase("No rate for this month."),
        )


def _beside(rows: list[dict[str, Any]], parts: Collection[str], sources: Sources) -> Iterator[Line]:
    for row in rows:
        if row["part"] not in parts:
            continue
        part = beside.PARTS[row["part"]]
        yield Line(
            label=_of(part, row["amount"], row) if row["amount"] else part,
            value=_amount(row["converted"]),
            where=_where(
                row["text"], sources.beside.get(row.get("row", ""), ""), sources.rate(row)
            ),
            reason=row.get("reason", ""),
        )


def _budget(rows: list[dict[str, Any]], sources: Sources) -> Iterator[Line]:
    for row in rows:
        yield Line(
            label=_written(row["amount"], row),
            value=_amount(row["as_budget"]),
            where=_where(sources.plans.get(row["plan"], row["plan"]), sources.rate(row)),
            reason="" if row["as_budget"] else phrase("No budget rate for this month."),
        )


def _case(rows: list[dict[str, Any]], column: str, sources: Sources) -> Iterator[Line]:
    words = {**choices.COST_CATEGORIES, **choices.BENEFIT_TYPES}
    for row in rows:
        if row["column"] != column:
            continue
        yield Line(
            label=_of(phrase(words[row["category"]]), row["amount"], row),
            value=_amount(row["converted"]),
            where=_where(sources.cases.get(row["case"], row["case"]), sources.rate(row)),
            reason="" if row["converted"] else phrase("No budget rate for this month."),
        )


def _benefits(rows: list[dict[str, Any]], column: str, sources: Sources) -> Iterator[Line]:
    rung, wanted = rung_of(column)
    for row in rows:
        if row["type"] != wanted:
            continue
        month = sources.benefits.get(row["month"])
        name = month.benefit.name if month else phrase("A benefit")
        what = in_a_row(",", [name, _KINDS[row["type"]]])
        if rung not in row:
            if rung == "measured" and row.get("reason"):
                yield Line(label=what, value=None, reason=row["reason"])
            continue
        yield Line(
            label=_of(what, row[rung], row),
            value=_amount(row[f"as_{rung}"]),
            where=_where(_rung(month, rung), sources.rate(row)),
            reason="" if row[f"as_{rung}"] else phrase("No rate for this month."),
        )


def _rung(month: BenefitMonth | None, column: str) -> str:
    """Say what a rung rests on: who claimed, which reading, who validated by which evidence."""
    if month is None:
        return ""
    if column == "claimed":
        who = month.claimant.name if month.claimant else ""
        return _where(phrase("claimed by {person}", person=who), month.claim_basis)
    if column == "measured":
        facts = month.measured_from
        reading = facts.get("actual") or facts.get("uses")
        source = facts.get("source_ref", "")
        return _where(
            phrase(
                "reading {reading} of {day}", reading=str(reading), day=facts.get("actual_on", "")
            )
            if reading
            else "",
            phrase("without it {reading}", reading=str(facts["counterfactual"]))
            if "counterfactual" in facts
            else "",
            phrase("unit value {amount}", amount=str(facts["unit_value"]))
            if "unit_value" in facts
            else "",
            phrase("attribution {share}", share=str(facts["attribution"]))
            if "attribution" in facts
            else "",
            phrase("source {source}", source=source) if source else "",
        )
    who = month.validator.name if month.validator else ""
    proof = month.evidence.name if month.evidence else month.evidence_ref
    return _where(
        phrase("validated by {person}", person=who),
        phrase("evidence {evidence}", evidence=proof) if proof else "",
        phrase("booked as {reference}", reference=month.bank_ref) if column == "banked" else "",
    )
