"""Versions of a business case beside each other, their assumptions, and one as a workbook."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from governance_app.domain import roi
from governance_app.domain.money import EXACT
from governance_app.domain.records import AssumptionRecord, CaseLineRecord
from governance_app.people.models import User
from governance_app.value.case_book import write_book
from governance_app.value.models import BusinessCase, CaseAssumption
from governance_app.value.selectors.case_sheet import (
    SCENARIOS,
    CaseSheet,
    case_lines,
    case_sheet,
)


@dataclass(frozen=True, slots=True)
class LineChange:
    """One category in two versions: its totals, None where a version has none, and the change."""

    side: str
    category: str
    before: Decimal | None
    after: Decimal | None

    @property
    def change(self) -> Decimal:
        """What the later version has more."""
        return EXACT.subtract(self.after or Decimal(0), self.before or Decimal(0))


@dataclass(frozen=True, slots=True)
class AssumptionChange:
    """One assumption in two versions, None where a version does not rest on it."""

    name: str
    before: CaseAssumption | None
    after: CaseAssumption | None

    @property
    def is_changed(self) -> bool:
        """Whether its range or its unit moved."""
        if self.before is None or self.after is None:
            return True
        return any(
            getattr(self.before, name) != getattr(self.after, name)
            for name in ("low", "likely", "high", "unit")
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    Two versions beside each other, the earlier first.

    ``lines`` holds no change where the currencies differ: two currencies are never subtracted;
    ``sentence`` says so then.
    """

    before: BusinessCase
    after: BusinessCase
    returns_before: roi.Returns
    returns_after: roi.Returns
    lines: tuple[LineChange, ...]
    assumptions: tuple[AssumptionChange, ...]
    sentence: str = ""


def assumptions(*, case: BusinessCase, viewer: User) -> QuerySet[CaseAssumption]:
    """Give what a version rests on, by name."""
    found = CaseAssumption.objects.visible_to(viewer, "money.view").filter(case=case)
    return found.select_related("owner").order_by("name", "pk")


def original_case(*, case: BusinessCase, viewer: User) -> BusinessCase | None:
    """Give the first version that was approved; None where that is the case itself, or none is."""
    found = BusinessCase.objects.visible_to(viewer, "money.view").filter(
        initiative=case.initiative_id, state="approved"
    )
    first = found.select_related("initiative__node", "written_by", "approved_by")
    original = first.order_by("number", "pk").first()
    return None if original is None or original.pk == case.pk else original


def scenario_sheets(
    *, case: BusinessCase, viewer: User, span: str = "year", fiscal_start_month: int = 1
) -> dict[str, CaseSheet]:
    """Lay a version out in every scenario; empty where none of its lines has a range."""
    ranged = case_lines(case=case, viewer=viewer)
    if not ranged.exclude(low=None, high=None).exists():
        return {}
    return {
        scenario: case_sheet(
            case=case,
            viewer=viewer,
            span=span,
            fiscal_start_month=fiscal_start_month,
            scenario=scenario,
        )
        for scenario in SCENARIOS
    }


def compare(*, one: BusinessCase, other: BusinessCase, viewer: User) -> Comparison:
    """Put two versions of one initiative beside each other, the lower number first."""
    before, after = sorted((one, other), key=lambda case: case.number)
    sheets = {case.pk: case_sheet(case=case, viewer=viewer, span="year") for case in (one, other)}
    totals = {
        pk: {(row.side, row.category): row.total for row in sheet.rows}
        for pk, sheet in sheets.items()
    }
    places = list(dict.fromkeys([*totals[before.pk], *totals[after.pk]]))
    is_one_currency = before.currency == after.currency
    rows = {
        pk: {row.name: row for row in assumptions(case=case, viewer=viewer)}
        for pk, case in ((before.pk, before), (after.pk, after))
    }
    names = sorted({*rows[before.pk], *rows[after.pk]})
    return Comparison(
        before=before,
        after=after,
        returns_before=sheets[before.pk].returns,
        returns_after=sheets[after.pk].returns,
        lines=tuple(
            LineChange(*place, totals[before.pk].get(place), totals[after.pk].get(place))
            for place in (places if is_one_currency else ())
        ),
        assumptions=tuple(
            AssumptionChange(name, rows[before.pk].get(name), rows[after.pk].get(name))
            for name in names
        ),
        sentence=""
        if is_one_currency
        else f"{before} is in {before.currency}, {after} in {after.currency}: their lines are "
        f"not subtracted.",
    )


def line_records(*, case: BusinessCase, viewer: User) -> list[CaseLineRecord]:
    """Give the lines of a version as they were written."""
    return [
        CaseLineRecord(
            each.side, each.category, each.month, each.amount, each.is_recurring,
            each.treatment, each.low, each.high,
        )
        for each in case_lines(case=case, viewer=viewer)
    ]  # fmt: skip


def case_book(*, case: BusinessCase, viewer: User) -> bytes:
    """Give a version as a workbook with live formulas; it can be read back as a draft."""
    sheet = case_sheet(case=case, viewer=viewer, span="year")
    records = [
        AssumptionRecord(
            row.name, row.low, row.likely, row.high, row.unit, row.factor, row.moves, row.driver,
            row.owner.email if row.owner else "", row.evidence,
        )
        for row in assumptions(case=case, viewer=viewer)
    ]  # fmt: skip
    return write_book(
        case=case,
        lines=line_records(case=case, viewer=viewer),
        assumptions=records,
        returns=sheet.returns,
    )
