"""From ids kept with a figure to words: which load and file, rule, rate, case, validator."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from governance_app.books.models import Rate
from governance_app.domain.phrases import Phrase, in_a_row, phrase
from governance_app.rollups.selectors.passports.papers import sentence_list
from governance_app.spend.models import (
    Accrual,
    BudgetPlan,
    DeliveryFile,
    Load,
    ManualCost,
    RuleVersion,
    WorkedDays,
)
from governance_app.value.models import BenefitMonth, BusinessCase


@dataclass(slots=True)
class Sources:
    """Words for every id that some cells were made from, read in one query per kind."""

    loads: dict[str, str] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    rates: dict[str, str] = field(default_factory=dict)
    plans: dict[str, str] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)
    benefits: dict[str, BenefitMonth] = field(default_factory=dict)
    beside: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, inputs: Iterable[Mapping[str, Any]]) -> "Sources":
        """Read the words for the inputs (``made_from``) of some cells."""
        ids: dict[str, set[str]] = defaultdict(set)
        for made_from in inputs:
            for row in made_from.get("spend", ()):
                ids["loads"].add(row["load"])
                ids["rules"].update(row.get("rules", ()))
            for row in made_from.get("beside", ()):
                ids[row["part"]].add(row.get("row", ""))
            for row in made_from.get("budget", ()):
                ids["plans"].add(row["plan"])
            for row in made_from.get("case", ()):
                ids["cases"].add(row["case"])
            for row in made_from.get("benefits", ()):
                ids["benefits"].add(row["month"])
            for rows in made_from.values():
                ids["rates"].update(row["rate"] for row in rows if "rate" in row)
        return cls(
            loads=_loads(ids["loads"]),
            beside={**_costs(ids["manual"]), **_days(ids["people"]), **_accruals(ids["accrued"])},
            rules={
                str(row.pk): phrase(
                    "rule “{rule}”, version {number}", rule=row.rule.name, number=str(row.number)
                )
                for row in RuleVersion.objects.filter(pk__in=ids["rules"]).select_related("rule")
            },
            rates={
                str(row.pk): f"{row} ({row.source})"
                for row in Rate.objects.filter(pk__in=ids["rates"])
            },
            plans={
                str(row.pk): phrase(
                    "{plan}, version {number} of {year}",
                    plan=row.name,
                    number=str(row.number),
                    year=str(row.fiscal_year),
                )
                for row in BudgetPlan.objects.filter(pk__in=ids["plans"])
            },
            cases={
                str(row.pk): _case(row)
                for row in BusinessCase.objects.filter(pk__in=ids["cases"]).select_related(
                    "approved_by"
                )
            },
            benefits={
                str(row.pk): row
                for row in BenefitMonth.objects.filter(pk__in=ids["benefits"]).select_related(
                    "benefit", "validator", "claimant", "evidence"
                )
            },
        )

    def rate(self, row: Mapping[str, Any]) -> str:
        """Say by which rate an input was converted; empty when it needed none."""
        return self.rates.get(row["rate"], "") if "rate" in row else ""


def _loads(ids: set[str]) -> dict[str, str]:
    found = {
        row.pk: row for row in Load.objects.filter(pk__in=ids).select_related("source", "delivery")
    }
    names: dict[uuid.UUID, list[str]] = defaultdict(list)
    files = DeliveryFile.objects.filter(delivery__in={row.delivery_id for row in found.values()})
    for delivery, name in files.order_by("position").values_list("delivery_id", "name"):
        names[delivery].append(name)
    return {
        str(pk): phrase(
            "{load}, received {day}, file {files}",
            load=str(row),
            day=row.created_at.date(),
            files=sentence_list(names[row.delivery_id], most=2) or phrase("not kept"),
        )
        for pk, row in found.items()
    }


def _costs(ids: set[str]) -> dict[str, str]:
    rows = ManualCost.objects.filter(pk__in=ids).select_related("entered_by", "evidence")
    return {
        str(row.pk): phrase(
            "entered by {person}, evidence {evidence}",
            person=row.entered_by.name,
            evidence=row.evidence.name,
        )
        for row in rows
    }


def _days(ids: set[str]) -> dict[str, str]:
    rows = WorkedDays.objects.filter(pk__in=ids).select_related("entered_by")
    return {str(row.pk): phrase("entered by {person}", person=row.entered_by.name) for row in rows}


def _accruals(ids: set[str]) -> dict[str, str]:
    rows = Accrual.objects.filter(pk__in=ids).select_related("accrued_by")
    return {
        str(row.pk): in_a_row(
            ";", [row.sentence, phrase("accrued by {person}", person=row.accrued_by.name)]
        )
        for row in rows
    }


def _case(row: BusinessCase) -> str:
    if row.approved_by is None or row.approved_at is None:
        return case_words(row)
    return phrase(
        "{case}, approved by {person} on {day}",
        case=case_words(row), person=row.approved_by.name, day=row.approved_at.date(),
    )  # fmt: skip


def case_words(row: BusinessCase) -> Phrase:
    """Name a version of a business case."""
    return phrase("Business case {number}", number=str(row.number))
