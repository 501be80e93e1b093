"""The business case of one initiative: versions, lines by period, returns, writing, approving."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from governance_app.books import selectors as books
from governance_app.domain.errors import Sentence
from governance_app.domain.records import AssumptionRecord
from governance_app.people import access
from governance_app.value import case_book_reading, case_file, choices, services
from governance_app.value import selectors as value
from portfolio.charts import spelling
from portfolio.charts.wording import worded
from portfolio.web import fields
from portfolio.web.access import viewer_of
from portfolio.web.fields import Attempt
from portfolio.web.value import case_versions

PROBLEMS_SHOWN = 50
EXAMPLE = "month,side,category,amount\n2026-01,cost,build,120000\n2026-04,benefit,hard,35000"
EXAMPLE_ASSUMPTIONS = (
    "name,low,likely,high,unit,factor,moves,driver,owner,evidence\n"
    "Claims a month,800,1000,1100,claims,volume,benefit,Claims volume,,Register of 2025"
)


@dataclass(frozen=True, slots=True)
class Trial:
    """A dry run of a case: what would be written, and everything that is in the way."""

    read: case_file.CaseFile
    currency: str
    rests_on: tuple[AssumptionRecord, ...] | None = None
    wrong: tuple[case_file.Problem, ...] = ()

    @property
    def words(self) -> str:
        lines = spelling.plural(len(self.read.lines), "line")
        if self.rests_on:
            lines += " " + worded(
                "and {assumptions}", assumptions=spelling.plural(len(self.rests_on), "assumption")
            )
        if self.all_problems:
            return worded(
                "{lines} can be read, {problems}",
                lines=lines,
                problems=spelling.plural(len(self.all_problems), "problem"),
            )
        return worded("{lines}, no problem; nothing is written yet", lines=lines)

    @property
    def totals(self) -> list[tuple[str, str]]:
        found = []
        for side, label in choices.SIDES.items():
            own = [line for line in self.read.lines if line.side == side]
            if own:
                total = spelling.money(sum(line.amount for line in own), self.currency)
                found.append(
                    (
                        label,
                        worded(
                            "{total} in {lines}",
                            total=total,
                            lines=spelling.plural(len(own), "line"),
                        ),
                    )
                )
        if self.read.lines:
            months = sorted(line.month for line in self.read.lines)
            span = spelling.months(months[0], months[-1])
            found.append((worded("Months"), span))
        return found

    @property
    def all_problems(self) -> tuple[case_file.Problem, ...]:
        return (*self.read.problems, *self.wrong)

    @property
    def problems(self) -> tuple[case_file.Problem, ...]:
        return self.all_problems[:PROBLEMS_SHOWN]

    @property
    def problems_left(self) -> int:
        return max(0, len(self.all_problems) - PROBLEMS_SHOWN)


def panel(
    request: HttpRequest, row: Any, today: dt.date, attempt: Attempt, trial: Trial | None = None
) -> dict[str, Any]:
    """Give the versions, the chosen one laid out, and the forms to write and approve."""
    viewer = viewer_of(request)
    money = access.can(viewer, "money.view", row)
    if not money:
        return {"sees_money": False, "money_reason": money.reason}
    versions = list(value.cases(initiative=row, viewer=viewer))
    span = request.GET.get("by", "")
    span = span if span in value.SPANS else "quarter"
    chosen = _chosen(versions, request.GET.get("case", ""))
    draft = next((case for case in versions if not case.is_approved), None)
    return {
        "sees_money": True,
        "versions": versions,
        "chosen": chosen,
        **(case_versions.about(request, chosen, versions, today) if chosen else {}),
        "may_rebaseline": _may_rebaseline(chosen, draft, viewer),
        "rebaseline": attempt.of("case-rebaseline"),
        "span": span,
        "spans": value.SPANS,
        "sheet": _sheet(chosen, viewer, span, today) if chosen else None,
        "may_write": access.can(viewer, "value.edit", row),
        "may_approve": _may_approve(chosen, viewer),
        "approve": {} if chosen is None or chosen.is_approved else attempt.of("case-approve"),
        "write": _write_form(draft, viewer, today, attempt),
        "trial": trial,
        "categories": {"cost": choices.COST_CATEGORIES, "benefit": choices.BENEFIT_TYPES},
        "example": EXAMPLE,
        "example_assumptions": EXAMPLE_ASSUMPTIONS,
    }


def _chosen(versions: list[Any], number: str) -> Any:
    """Choose the version asked for, else the promise in force, else the newest."""
    for case in versions:
        if number.isdigit() and case.number == int(number):
            return case
    approved = [case for case in versions if case.is_approved]
    return (approved or versions or [None])[0]


def _may_rebaseline(case: Any, draft: Any, viewer: Any) -> access.Decision | None:
    """Say whether a version may be re-baselined; None while a draft stands or it is one."""
    if case is None or not case.is_approved or draft is not None:
        return None
    return access.can(viewer, "value.edit", case)


def _may_approve(case: Any, viewer: Any) -> access.Decision | None:
    """Say whether the viewer may approve a draft; None when there is nothing to approve."""
    if case is None or case.is_approved:
        return None
    decision = access.can(viewer, "value.approve", case)
    if decision and case.written_by_id == viewer.pk:
        return access.Decision(False, worded("You wrote this version: somebody else approves it."))
    return decision


def _sheet(case: Any, viewer: Any, span: str, today: dt.date) -> dict[str, Any]:
    sheet = value.case_sheet(
        case=case,
        viewer=viewer,
        span=span,
        fiscal_start_month=books.fiscal_start_month(on=today),
    )
    rows = [
        {
            "side": row.side,
            "label": _category(row),
            "amounts": row.amounts,
            "total": row.total,
            "counts": row.counts,
        }
        for row in sheet.rows
    ]
    returns = sheet.returns
    warnings = [
        warning
        for figure in (returns.npv, returns.irr_ratio, returns.payback_months)
        for warning in figure.warnings
    ]
    return {
        "sheet": sheet,
        "costs": [row for row in rows if row["side"] == "cost"],
        "benefits": [row for row in rows if row["side"] == "benefit"],
        "returns": returns,
        "warnings": list(dict.fromkeys(warnings)),
        "width": len(sheet.periods) + 2,
    }


def _category(row: value.SheetRow) -> str:
    words = choices.COST_CATEGORIES if row.side == "cost" else choices.BENEFIT_TYPES
    return words[row.category].split(":")[0]


def _write_form(draft: Any, viewer: Any, today: dt.date, attempt: Attempt) -> dict[str, Any]:
    """Give the form as it was typed, else as the draft stands, else empty."""
    form = attempt.of("case-write")
    if form["typed"]:
        is_stale = draft is not None and form["typed"].get("version") != str(draft.version)
        standing = _lines_text(draft, viewer) if is_stale and form["error"] else ""
        return {**form, "is_open": True, "draft": draft, "standing": standing}
    if draft is None:
        typed = {"currency": books.reporting_currency(on=today)}
    else:
        typed = {
            "lines": _lines_text(draft, viewer),
            "rests_on": _assumptions_text(draft, viewer),
            "currency": draft.currency,
            "annual_rate": f"{(draft.annual_rate * 100).normalize():f}",
            "valuation_month": f"{draft.valuation_month:%Y-%m}",
            "go_live_month": f"{draft.go_live_month:%Y-%m}" if draft.go_live_month else "",
            "assumptions": draft.assumptions,
            "version": str(draft.version),
        }
    return {"error": "", "typed": typed, "is_open": False, "draft": draft}


def _lines_text(draft: Any, viewer: Any) -> str:
    """Write the lines of a draft as its form holds them."""
    return case_file.lines_text(value.line_records(case=draft, viewer=viewer))


def _assumptions_text(draft: Any, viewer: Any) -> str:
    """Write the assumptions of a draft as its form holds them."""
    rows = value.assumptions(case=draft, viewer=viewer)
    return case_book_reading.assumptions_text(
        AssumptionRecord(
            row.name, row.low, row.likely, row.high, row.unit, row.factor, row.moves, row.driver,
            row.owner.email if row.owner else "", row.evidence,
        )
        for row in rows
    )  # fmt: skip


def read(request: HttpRequest) -> Trial:
    """Read the uploaded file, or what was pasted, without writing anything."""
    currency = request.POST.get("currency", "").strip().upper()
    upload = request.FILES.get("file")
    rests_on, wrong = case_book_reading.read_assumptions(request.POST.get("rests_on", ""))
    if upload is not None:
        if (upload.size or 0) > case_file.LIMITS.file_bytes:
            raise Sentence(f"{upload.name} is larger than 8 MB; a business case is not.")
        found = case_book_reading.read_any(
            upload.read(), name=upload.name or "the file", currency=currency
        )
        if found.assumptions is not None:  # the workbook says them all
            rests_on, wrong = found.assumptions, ()
        return Trial(found, found.facts.get("currency") or currency, rests_on, wrong)
    content = request.POST.get("lines", "").strip().encode()
    if not content:
        raise Sentence("Paste the lines of the case, or choose a CSV or Excel file.")
    found = case_file.read_case(content, name="The pasted lines", currency=currency)
    return Trial(found, currency, rests_on, wrong)


def kept(request: HttpRequest, trial: Trial) -> dict[str, Any]:
    """Keep what was typed, and what an uploaded file said, so that writing needs no second one."""
    typed: dict[str, Any] = request.POST.dict()
    if request.FILES.get("file") is None or trial.all_problems:
        return typed
    typed |= {name: said for name, said in trial.read.facts.items() if said}
    typed["lines"] = trial.read.as_text()
    if trial.rests_on is not None:
        typed["rests_on"] = case_book_reading.assumptions_text(trial.rests_on)
    return typed


def write(request: HttpRequest, row: Any, trial: Trial) -> str:
    """Write what was read as the draft; give the sentence to show in passing."""
    asked = kept(request, trial)
    case = services.write_case(
        initiative=row,
        lines=trial.read.lines,
        currency=trial.currency,
        annual_rate=fields.share(asked.get("annual_rate", ""), worded("Discount rate")),
        valuation_month=fields.month(asked.get("valuation_month", ""), "Month of t = 0"),
        go_live_month=fields.month(asked.get("go_live_month", ""), "Month of going live"),
        assumptions=asked.get("assumptions", "").strip(),
        rests_on=trial.rests_on,
        version=fields.version(request.POST),
        by=viewer_of(request),
    )
    return worded("{case} written as a draft. Somebody else approves it.", case=case)


def approve(request: HttpRequest, case: Any) -> str:
    """Approve a draft; give the sentence to show in passing."""
    services.approve_case(
        case=case,
        sentence=request.POST.get("sentence", ""),
        version=fields.version(request.POST),
        by=viewer_of(request),
    )
    return worded("{case} approved. It is frozen and is the promise from now on.", case=case)
