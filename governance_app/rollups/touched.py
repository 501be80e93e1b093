"""From what changed in the tables below to the initiatives whose figures must be made anew."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Q

from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode
from governance_app.risk.models import Appetite, Control, RiskScore
from governance_app.spend.models import (
    AccrualLine,
    Budget,
    BudgetPlan,
    DayRate,
    TaxRule,
    WorkedDays,
)
from governance_app.value.models import Benefit

#: Tables with an initiative column that figures are made of.
_OF_INITIATIVE = frozenset({
    "initiatives_initiative", "initiatives_stagemove", "readings_series", "value_kpi",
    "value_businesscase", "value_benefit", "value_benefitmonth", "risk_risk", "risk_signal",
    "spend_keyshare", "spend_manualcost", "spend_workeddays", "spend_accrualline",
})  # fmt: skip
#: Tables whose every change may reach every figure.
_OF_EVERYTHING = frozenset({
    "books_rate", "books_datedsetting", "initiatives_stage", "spend_taxrule",
})  # fmt: skip
#: Tables that decide what is unallocated, and where.
_OF_UNALLOCATED = frozenset({
    "spend_allocationrun", "spend_currentload", "spend_source", "spend_accrual",
})  # fmt: skip
#: Tables that decide who bears what of a bill.
_OF_SHARES = frozenset({"spend_allocationrun", "spend_currentload", "spend_keyshare"})
#: Tables whose row stands at nobody's cost when it names no initiative.
_OF_NOBODY = frozenset({"spend_manualcost", "spend_accrualline"})
#: Tables that say what typed-in costs and people come to.
_OF_PRICES = frozenset({"spend_codingrule", "books_legalentity"})


@dataclass
class Touched:
    """
    What has to be made anew.

    ``initiatives`` is meaningless when ``is_everything``. ``nodes`` are units whose own facts
    changed. ``is_shared``: who bears what of bills may have moved. ``series`` have new readings,
    from which formulas are to be worked out; ``benefits`` are to be measured again; both before
    anything else.
    """

    changes: int = 0
    is_everything: bool = False
    is_unallocated: bool = False
    is_shared: bool = False
    initiatives: set[uuid.UUID] = field(default_factory=set)
    nodes: set[uuid.UUID] = field(default_factory=set)
    series: set[uuid.UUID] = field(default_factory=set)
    benefits: list[Benefit] = field(default_factory=list)

    def add(self, more: "Touched") -> None:
        """Take over what another round of changes touches."""
        self.changes += more.changes
        self.is_everything = self.is_everything or more.is_everything
        self.is_unallocated = self.is_unallocated or more.is_unallocated
        self.is_shared = self.is_shared or more.is_shared
        self.initiatives |= more.initiatives
        self.nodes |= more.nodes
        self.series |= more.series
        known = {benefit.pk for benefit in self.benefits}
        self.benefits += [benefit for benefit in more.benefits if benefit.pk not in known]

    @property
    def chosen(self) -> set[uuid.UUID] | None:
        """The initiatives to make anew; None is all of them."""
        return None if self.is_everything else self.initiatives


def take() -> Touched:
    """Take the waiting changes away and say what they touch; call it inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH taken AS (DELETE FROM audit_change WHERE id IN"
            " (SELECT id FROM audit_change ORDER BY id FOR UPDATE SKIP LOCKED)"
            " RETURNING tbl, row, initiative)"
            " SELECT tbl, initiative, CASE WHEN initiative IS NULL OR tbl = ANY(%s) THEN row END,"
            " count(*) FROM taken GROUP BY 1, 2, 3",
            [["readings_series", "value_kpi", "value_benefit"]],
        )
        taken = cursor.fetchall()
    found = Touched()
    rows: dict[str, set[uuid.UUID]] = defaultdict(set)
    for table, initiative, row, count in taken:
        found.changes += count
        if table in _OF_EVERYTHING:
            found.is_everything = True
        if table in _OF_UNALLOCATED:
            found.is_unallocated = True
        if table in _OF_SHARES:
            found.is_shared = True
        if initiative is not None and table in _OF_INITIATIVE:
            found.initiatives.add(initiative)
        if initiative is None and table in _OF_NOBODY:
            found.is_unallocated = True
        if row is not None:
            rows[table].add(row)
    if rows.keys() & _OF_PRICES and TaxRule.objects.exists():
        found.is_everything = True  # what tax comes back depends on the entity and its code
    if found.is_everything:
        found.is_unallocated = True
    _add_costs(found, rows)
    _add_places(found, rows["people_scopenode"])
    _add_risks(found, rows)
    _add_budgets(found, rows["spend_budgetplan"])
    found.series = rows["readings_series"]
    found.benefits = _benefits(
        series=rows["readings_series"], kpis=rows["value_kpi"], benefits=rows["value_benefit"]
    )
    return found


def _add_places(found: Touched, nodes: Collection[uuid.UUID]) -> None:
    """A node that came, moved or was renamed: everything below it may count elsewhere now."""
    paths = list(ScopeNode.objects.filter(pk__in=nodes).values_list("pk", "kind", "path"))
    for pk, kind, path in paths:
        if kind == ScopeNode.Kind.INITIATIVE:
            continue
        found.nodes.add(pk)
        found.is_unallocated = True
        below = Initiative.objects.filter(node__path__startswith=path)
        found.initiatives.update(below.values_list("pk", flat=True))
    own = [pk for pk, kind, _ in paths if kind == ScopeNode.Kind.INITIATIVE]
    found.initiatives.update(Initiative.objects.filter(node__in=own).values_list("pk", flat=True))


def _add_costs(found: Touched, rows: dict[str, set[uuid.UUID]]) -> None:
    """An accrual that is withdrawn or trued up, and a day rate, reach whoever bears them."""
    lines = AccrualLine.objects.filter(accrual__in=rows["spend_accrual"])
    found.initiatives.update(lines.exclude(initiative=None).values_list("initiative", flat=True))
    personas = DayRate.objects.filter(pk__in=rows["spend_dayrate"]).values_list(
        "persona", flat=True
    )
    for persona in set(personas):
        worked = WorkedDays.objects.filter(persona__iexact=persona)
        found.initiatives.update(worked.values_list("initiative", flat=True))


def _add_risks(found: Touched, rows: dict[str, set[uuid.UUID]]) -> None:
    for table, model in (("risk_control", Control), ("risk_riskscore", RiskScore)):
        scored = model.objects.filter(pk__in=rows[table])
        found.initiatives.update(scored.values_list("risk__initiative_id", flat=True))
    appetites = Appetite.objects.filter(pk__in=rows["risk_appetite"])
    for path in appetites.values_list("node__path", flat=True):
        below = Initiative.objects.filter(node__path__startswith=path)
        found.initiatives.update(below.values_list("pk", flat=True))


def _add_budgets(found: Touched, plans: Collection[uuid.UUID]) -> None:
    """A new plan takes the place of the former one of its year: both say who is touched."""
    years = BudgetPlan.objects.filter(pk__in=plans).values_list("fiscal_year", flat=True)
    budgets = Budget.objects.filter(plan__fiscal_year__in=list(years))
    for node, kind in set(budgets.values_list("node_id", "node__kind")):
        if kind != ScopeNode.Kind.INITIATIVE:
            found.nodes.add(node)
    own = budgets.filter(node__kind=ScopeNode.Kind.INITIATIVE).values("node")
    found.initiatives.update(Initiative.objects.filter(node__in=own).values_list("pk", flat=True))


def _benefits(
    *,
    series: Collection[uuid.UUID],
    kpis: Collection[uuid.UUID],
    benefits: Collection[uuid.UUID],
) -> list[Benefit]:
    """Give the benefits that a reading, a KPI or their own change may have measured anew."""
    if not (series or kpis or benefits):
        return []
    wanted = (
        Q(kpi__series__in=series)
        | Q(kpi__control_series__in=series)
        | Q(kpi__in=kpis)
        | Q(pk__in=benefits, kpi__isnull=False)
    )
    rows = Benefit.objects.filter(wanted).select_related(
        "kpi__series", "kpi__control_series", "initiative__node"
    )
    return list(rows.distinct().order_by("pk"))
