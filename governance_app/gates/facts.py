"""
The facts that policies may ask about, and how they are gathered for many initiatives at once.

Facts never depend on who looks: they are read as the named principal ``gates``. A fact that
nobody knows is left out, and the engine then calls it unknown.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Max, Sum

from governance_app.books.selectors import fiscal_start_month
from governance_app.compliance.models import BiasAudit, TierNow
from governance_app.domain.conditions import FactSpec
from governance_app.domain.gates import ENDINGS
from governance_app.domain.periods import month_of
from governance_app.domain.risk import SIGNAL_KINDS
from governance_app.gates.counting import counted
from governance_app.initiatives import choices
from governance_app.initiatives.models import Initiative
from governance_app.inventory.models import ModelVersion
from governance_app.people.models import User
from governance_app.risk import selectors as risks
from governance_app.spend.models import Budget, BudgetPlan, SpendAllotment
from governance_app.value.models import BusinessCase

#: What a move itself changes: an approval bound to it would be overtaken by being carried out.
MOVES_ITSELF = frozenset({"from_stage", "case_state"})

EVIDENCE: Mapping[str, str] = {
    "test": "Test report",
    "bias": "Bias audit",
    "security": "Security review",
    "privacy": "Privacy assessment",
    "validation": "Independent validation",
    "monitoring": "Monitoring plan",
    "training": "Training of users",
    "rollback": "Way back rehearsed",
    "other": "Other",
}

CASE_STATES = {"none": "None", "draft": "Draft", "approved": "Approved"}


def _specs() -> dict[str, FactSpec]:
    rows: list[FactSpec] = []

    def add(name: str, title: str, kind: Any, known: Mapping[str, str] | None = None) -> None:
        rows.append(FactSpec(name, title, kind, known or {}))

    add("from_stage", "Stage it is in", "text")
    add("to_stage", "Stage asked for", "text")
    add("proposal", "What is proposed", "text", ENDINGS)
    add("model_version", "Model version", "text")
    add("evidence", "Evidence attached", "list", EVIDENCE)
    add("kind", "Kind", "text", choices.KINDS)
    add("ai_type", "AI type", "text", choices.AI_TYPES)
    add("autonomy", "Autonomy", "text", choices.AUTONOMIES)
    add("deployment_target", "Where it runs", "text", choices.DEPLOYMENT_TARGETS)
    add("sourcing", "Built or bought", "text", choices.SOURCINGS)
    add("data_classes", "Data it uses", "list", choices.DATA_CLASSES)
    add("risk_flags", "Effects on people", "list", choices.RISK_FLAGS)
    add("vendor", "Vendor", "text")
    add("business_owner", "Active business owner", "flag")
    add("technical_owner", "Active technical owner", "flag")
    add("risk_owner", "Active risk owner", "flag")
    add("case_state", "Business case", "text", CASE_STATES)
    add("case_version", "Version of the business case", "text")
    add("benefit_cost", "Benefit to cost of the case", "number")
    add("kpis", "KPIs", "number")
    add("kpis_with_baseline", "KPIs with a baseline", "number")
    add("models", "Models linked", "number")
    add("model_age_days", "Days since the newest model version", "number")
    add("is_monitored", "Metrics arrive by themselves", "flag")
    add("monitor_age_days", "Days since the last metric", "number")
    add("risk_level", "Residual risk level", "number")
    add("risks", "Risks recorded", "number")
    add("risks_not_assessed", "Risks not assessed", "number")
    add("risks_above_appetite", "Risks above appetite", "number")
    add("signals", "Open signals", "list", {k: v.name for k, v in SIGNAL_KINDS.items()})
    add("incidents", "Open incidents", "number")
    add("eu_tier", "EU AI Act tier", "text")
    add("eu_duties", "Duties under the EU AI Act", "list")
    add("eu_confirmed", "EU tier confirmed by a second person", "flag")
    add("bias_audited", "Bias audit on record that counts", "flag")
    add("gaps", "Open gaps", "number")
    add("severe_gaps", "Severe open gaps", "number")
    add("over_budget", "Spend over budget this year, share", "number")
    add("days_past_time_box", "Days past the time box", "number")
    return {row.name: row for row in rows}


FACTS: Mapping[str, FactSpec] = _specs()


@dataclass(slots=True)
class Sheet:
    """The facts of one initiative, and on which day those that age were last known to be true."""

    values: dict[str, Any] = field(default_factory=dict)
    known_on: dict[str, dt.date] = field(default_factory=dict)

    def put(self, name: str, value: Any, known_on: dt.date | None = None) -> None:
        """Take a fact; None and blank texts stay out, so they are unknown."""
        if value is None or value == "":
            return
        if name not in FACTS:
            raise KeyError(name)
        self.values[name] = value
        if known_on is not None:
            self.known_on[name] = known_on


Sheets = dict[uuid.UUID, Sheet]


def viewer() -> User:
    """Give the principal as which facts are read; never stored, since reading writes nothing."""
    return User(email="gates@system.invalid", name="System: gates", kind=User.Kind.SYSTEM)


def gather(*, initiatives: Collection[uuid.UUID], on: dt.date) -> Sheets:
    """
    Read the facts of many initiatives in a fixed number of queries.

    Args:
        initiatives: ids; one that does not exist comes out without facts.
        on: the day, for what counts in days.
    """
    ids = list(initiatives)
    sheets: Sheets = {each: Sheet() for each in ids}
    if not ids:
        return sheets
    reader = viewer()
    _register(sheets, ids, on)
    _cases(sheets, ids)
    _counts(sheets, ids, on)
    _risks(sheets, ids, on, reader)
    _tiers(sheets, ids)
    _audits(sheets, ids, on)
    _money(sheets, ids, on)
    return sheets


def _register(sheets: Sheets, ids: list[uuid.UUID], on: dt.date) -> None:
    owners = ("business_owner", "technical_owner", "risk_owner")
    plain = (
        "kind", "ai_type", "autonomy", "deployment_target", "sourcing", "vendor", "data_classes",
        "risk_flags",
    )  # fmt: skip
    rows = Initiative.objects.filter(pk__in=ids).values(
        "pk", "stage__slug", "time_box_on", *plain, *(f"{each}__is_active" for each in owners)
    )
    for row in rows:
        sheet = sheets[row["pk"]]
        sheet.put("from_stage", row["stage__slug"])
        for name in plain:
            sheet.put(name, row[name])
        for name in owners:
            sheet.put(name, bool(row[f"{name}__is_active"]))
        box = row["time_box_on"]
        sheet.put("days_past_time_box", max(0, (on - box).days) if box else 0)


def _cases(sheets: Sheets, ids: list[uuid.UUID]) -> None:
    for each in ids:
        sheets[each].put("case_state", "none")
    rows = BusinessCase.objects.filter(initiative__in=ids).order_by("initiative_id", "number")
    for row in rows.values_list(
        "initiative_id", "state", "number", "lines_sha256", "total_benefit", "total_cost"
    ):
        initiative, state, number, digest, benefit, cost = row
        sheet = sheets[initiative]
        sheet.put("case_state", state)
        sheet.put("case_version", f"{number}:{digest[:16]}")
        sheet.values.pop("benefit_cost", None)
        if cost:
            sheet.put("benefit_cost", round(benefit / cost, 4))


def _counts(sheets: Sheets, ids: list[uuid.UUID], on: dt.date) -> None:
    for each, found in counted(initiatives=ids).items():
        sheet = sheets[each]
        sheet.put("kpis", found.kpis)
        sheet.put("kpis_with_baseline", found.kpis_with_baseline)
        sheet.put("models", found.models)
        sheet.put("model_age_days", _days(found.newest_version_at, on))
        sheet.put("is_monitored", found.is_monitored)
        sheet.put("monitor_age_days", _days(found.last_metric_at, on))
        sheet.put("signals", found.signals)
        sheet.put("gaps", found.gaps)
        sheet.put("severe_gaps", found.severe_gaps)
        sheet.put("incidents", found.incidents)


def _days(moment: dt.datetime | None, on: dt.date) -> int | None:
    """Give how many days ago something was; None when it never was."""
    return None if moment is None else max(0, (on - moment.date()).days)


def _risks(sheets: Sheets, ids: list[uuid.UUID], on: dt.date, reader: User) -> None:
    for each, found in risks.standings(viewer=reader, on=on, initiatives=ids).items():
        standing = found.standing
        sheet = sheets[each]
        sheet.put("risks", standing.total)
        sheet.put("risks_not_assessed", standing.not_assessed)
        sheet.put("risks_above_appetite", standing.above_appetite)
        sheet.put("risk_level", standing.level)


def _tiers(sheets: Sheets, ids: list[uuid.UUID]) -> None:
    rows = TierNow.objects.filter(initiative__in=ids, scheme__startswith="eu").order_by("scheme")
    for initiative, tier, flags, confirmed, proposed in rows.values_list(
        "initiative_id", "tier", "flags", "confirmed__on", "proposed__on"
    ):
        sheets[initiative].put("eu_tier", tier, known_on=confirmed or proposed)
        sheets[initiative].put("eu_duties", sorted(flags))
        sheets[initiative].put("eu_confirmed", confirmed is not None and proposed is None)


def _audits(sheets: Sheets, ids: list[uuid.UUID], on: dt.date) -> None:
    rows = BiasAudit.objects.filter(
        initiative__in=ids, withdrawn_on=None, audited_on__lte=on, expires_on__gte=on
    ).order_by()
    newest = dict(rows.values_list("initiative_id").annotate(Max("audited_on")))
    for each in ids:
        sheets[each].put("bias_audited", each in newest, known_on=newest.get(each))


def _money(sheets: Sheets, ids: list[uuid.UUID], on: dt.date) -> None:
    """Compare the fiscal year so far with its budget, where both are in one currency."""
    plans = list(
        BudgetPlan.objects.order_by("fiscal_year", "-number")
        .distinct("fiscal_year")
        .values_list("pk", flat=True)
    )
    if not plans:
        return
    first, last = _year_so_far(on)
    if last < first:
        return
    planned: dict[uuid.UUID, dict[str, Decimal]] = defaultdict(dict)
    budgets = Budget.objects.filter(
        plan__in=plans, node__initiative__in=ids, month__gte=first, month__lte=last
    ).order_by()
    for initiative, currency, amount in budgets.values_list(
        "node__initiative", "currency"
    ).annotate(Sum("amount")):
        planned[initiative][currency] = amount
    if not planned:
        return
    spent: dict[uuid.UUID, dict[str, Decimal]] = defaultdict(dict)
    costs = SpendAllotment.objects.filter(
        initiative__in=list(planned), charge_month__gte=first, charge_month__lte=last
    ).order_by()
    for initiative, currency, amount in costs.values_list("initiative_id", "currency").annotate(
        Sum("effective")
    ):
        spent[initiative][currency] = amount
    for each, budget in planned.items():
        if len(budget) != 1 or not set(spent[each]) <= set(budget):
            continue  # several currencies: finance compares them, with rates
        ((currency, amount),) = budget.items()
        if amount > 0:
            ratio = spent[each].get(currency, Decimal(0)) / amount - 1
            sheets[each].put("over_budget", round(ratio, 4))


def _year_so_far(on: dt.date) -> tuple[dt.date, dt.date]:
    """Give the first month of the fiscal year and the last complete one."""
    start = fiscal_start_month(on=on)
    month = month_of(on)
    before = (month - dt.timedelta(days=1)).replace(day=1)
    year = before.year if before.month >= start else before.year - 1
    return dt.date(year, start, 1), before


def case_version_held(*, initiative: uuid.UUID, version: str) -> str:
    """
    Give the version of the business case that an approval is compared with.

    The case it was decided on still counts while it stands and no later one was approved; a
    later draft promises nothing yet.
    """
    rows = BusinessCase.objects.filter(initiative=initiative).order_by("number")
    found = {
        f"{number}:{digest[:16]}": (number, state)
        for number, digest, state in rows.values_list("number", "lines_sha256", "state")
    }
    approved = [name for name, (_, state) in found.items() if state == "approved"]
    newest = approved[-1] if approved else ""
    if version in found and found.get(newest, (0, ""))[0] <= found[version][0]:
        return version
    return newest


def version_registered_on(*, initiative: Initiative, version: str) -> dt.date | None:
    """Give the day a model version of an initiative was registered, when the inventory knows it."""
    model, _, number = version.rpartition(":")
    rows = ModelVersion.objects.filter(
        model__links__initiative=initiative, model__links__ended_at=None, number=number or version
    )
    if model:
        rows = rows.filter(model__name=model)
    found = rows.exclude(registered_at=None).order_by("registered_at").first()
    return found.registered_at.date() if found and found.registered_at else None
