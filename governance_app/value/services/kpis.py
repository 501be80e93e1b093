"""KPIs and their readings."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from django.utils.text import slugify

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.domain.errors import Sentence
from governance_app.domain.periods import month_of
from governance_app.domain.records import Reading
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User
from governance_app.readings import services as readings
from governance_app.readings.models import Series
from governance_app.value import choices, deriving
from governance_app.value.models import Kpi, KpiDefinition


class BadKpi(Sentence):
    """A KPI that does not make sense; says what to mend."""


@recorded
def add_kpi(
    *,
    initiative: Initiative,
    name: str,
    direction: str,
    by: User,
    series: Series | None = None,
    unit: str = "",
    cadence_days: int | None = 30,
    source: str = "manual",
    value_type: str = "",
    population: str = "",
    baseline: Decimal | None = None,
    baseline_month: dt.date | None = None,
    baseline_evidence: str = "",
    baseline_trend: Decimal | None = None,
    counterfactual: str = "baseline",
    control_series: Series | None = None,
    target: Decimal | None = None,
    target_on: dt.date | None = None,
    unit_value: Decimal | None = None,
    currency: str = "",
    attribution: Decimal = Decimal(1),
    formula: str = "",
    target_band: Decimal | None = None,
    definition: KpiDefinition | None = None,
) -> Kpi:
    """
    Add a KPI to an initiative, reading an existing series or one opened for it.

    Args:
        series: where the readings are; by default a series named after the KPI.
        baseline_trend: change per month, for the counterfactual ``trend``.
        unit_value: money per unit of change and month.
        attribution: share due to this initiative, above 0 and at most 1.
        formula: over the keys of other KPIs of the initiative; then nobody types readings.
        target_band: how far from its path to the target a reading may lie.

    Raises:
        BadKpi: a half given pair, a share out of range, a name that is taken.
        Refused: the actor may not edit value there.
    """
    access.require(by, "value.edit", initiative)
    name = name.strip()
    fields: dict[str, Any] = {
        "name": name,
        "unit": unit,
        "direction": direction,
        "value_type": value_type,
        "population": population,
        "baseline": baseline,
        "baseline_month": month_of(baseline_month) if baseline_month else None,
        "baseline_evidence": baseline_evidence,
        "baseline_trend": baseline_trend,
        "counterfactual": counterfactual,
        "control_series": control_series,
        "target": target,
        "target_on": target_on,
        "unit_value": unit_value,
        "currency": currency,
        "attribution": attribution,
        "formula": formula.strip(),
        "target_band": target_band,
        "definition": definition,
    }
    _check(initiative, fields, series)
    if Kpi.objects.filter(initiative=initiative, name=name).exists():
        raise BadKpi(f"{initiative.key} already has a KPI called {name}.")
    if series is None:
        series = readings.open_series(
            initiative=initiative,
            key=f"kpi:{slugify(name) or name}",
            name=name,
            source=source,
            unit=unit,
            cadence_days=cadence_days,
            by=by,
        )
    made = Kpi.objects.create(initiative=initiative, series=series, **fields)
    if made.formula:
        _derive(initiative, None, by)
    return made


@recorded
def edit_kpi(*, kpi: Kpi, by: User, version: int | None = None, **changes: Any) -> Kpi:
    """
    Change what a KPI says; amounts measured so far stay until somebody measures again.

    Raises:
        BadKpi: the result would not make sense, or a field cannot be edited.
        StaleWrite: somebody changed it since ``version`` was read.
    """
    access.require(by, "value.edit", kpi)
    kpi = Kpi.objects.select_for_update(of=("self",)).get(pk=kpi.pk)
    check_version(kpi, version)
    fields = {name: getattr(kpi, name) for name in _EDITABLE}
    unknown = sorted(set(changes) - set(fields))
    if unknown:
        raise BadKpi(f"{', '.join(unknown)} cannot be edited; {', '.join(_EDITABLE)} can.")
    fields |= changes
    _check(kpi.initiative, fields, kpi.series, kpi.pk)
    taken = Kpi.objects.filter(initiative=kpi.initiative, name=fields["name"])
    if taken.exclude(pk=kpi.pk).exists():
        raise BadKpi(f"{kpi.initiative.key} already has a KPI called {fields['name']}.")
    changed = save_changes(kpi, **fields)
    if kpi.formula and "formula" in changed:
        _derive(kpi.initiative, None, by)
    return kpi


@recorded
def record_kpi_reading(
    *, kpi: Kpi, period_on: dt.date, value: Decimal, by: User, source_ref: str = ""
) -> readings.RecordOutcome:
    """Take one reading of a KPI; a different value for the same day corrects it."""
    return record_kpi_readings(
        kpi=kpi, points=[Reading(period_on, value, source_ref)], by=by, source_ref=source_ref
    )


@recorded
def record_kpi_readings(
    *, kpi: Kpi, points: Sequence[Reading], by: User, source_ref: str = ""
) -> readings.RecordOutcome:
    """Take many readings of a KPI in one go."""
    if kpi.formula:
        raise BadKpi(f"{kpi} is worked out by its formula: {kpi.formula}. Read its parts instead.")
    outcome = readings.record(series=kpi.series, points=points, by=by, source_ref=source_ref)
    if outcome.new or outcome.changed:
        _derive(kpi.initiative, [kpi.series_id], by)
    return outcome


@recorded
def derive(*, series: Collection[uuid.UUID], by: User) -> int:
    """
    Work out anew the KPIs whose formulas use some series.

    Returns:
        How many readings are new or changed.
    """
    found = Kpi.objects.filter(initiative__kpis__series__in=series).exclude(formula="")
    count = 0
    for initiative in Initiative.objects.filter(kpis__in=found).distinct().order_by("pk"):
        count += _derive(initiative, series, by)
    return count


def _derive(initiative: Initiative, series: Collection[uuid.UUID] | None, by: User) -> int:
    """Record what the formulas of an initiative give; gives how many readings are new or other."""
    count = 0
    for kpi, points in deriving.derived(initiative_id=initiative.pk, changed=series).items():
        if points:
            outcome = readings.record(
                series=kpi.series, points=points, by=by, source_ref=deriving.SOURCE
            )
            count += outcome.new + outcome.changed
    return count


_EDITABLE = (
    "name",
    "unit",
    "direction",
    "value_type",
    "population",
    "baseline",
    "baseline_month",
    "baseline_evidence",
    "baseline_trend",
    "counterfactual",
    "control_series",
    "target",
    "target_on",
    "unit_value",
    "currency",
    "attribution",
    "formula",
    "target_band",
    "definition",
)


def _check(
    initiative: Initiative,
    fields: dict[str, Any],
    series: Series | None,
    pk: uuid.UUID | None = None,
) -> None:
    """Say what does not make sense, before the database would only refuse."""
    name = fields["name"]
    if not name:
        raise BadKpi("A KPI needs a name.")
    for field, known in (
        ("direction", choices.DIRECTIONS),
        ("counterfactual", choices.COUNTERFACTUALS),
    ):
        if fields[field] not in known:
            raise BadKpi(f"{name}: {field} is one of {', '.join(known)}, not {fields[field]!r}.")
    if fields["value_type"] and fields["value_type"] not in choices.VALUE_TYPES:
        known_types = ", ".join(choices.VALUE_TYPES)
        raise BadKpi(f"{name}: the value type is one of {known_types}.")
    if (fields["baseline"] is None) != (fields["baseline_month"] is None):
        raise BadKpi(f"{name}: a baseline needs both its value and the month it stands for.")
    if (fields["target"] is None) != (fields["target_on"] is None):
        raise BadKpi(f"{name}: a target needs both its value and its day.")
    if (fields["unit_value"] is None) != (not fields["currency"]):
        raise BadKpi(f"{name}: a unit value needs its currency, and a currency a unit value.")
    if fields["unit_value"] is not None and fields["unit_value"] < 0:
        raise BadKpi(f"{name}: the unit value is not below 0; the direction says which way counts.")
    if fields["target_band"] is not None and (
        fields["target"] is None or fields["target_band"] < 0
    ):
        raise BadKpi(f"{name}: a band lies around a target and is not below 0.")
    if fields["formula"]:
        others = Kpi.objects.filter(initiative=initiative)
        if pk is not None:
            others = others.exclude(pk=pk)
        deriving.check(
            fields["formula"],
            name=name,
            others={
                deriving.key_of(each): formula
                for each, formula in others.values_list("name", "formula")
            },
        )
    if not 0 < fields["attribution"] <= 1:
        raise BadKpi(f"{name}: attribution lies above 0 and is at most 1.")
    if fields["counterfactual"] == "trend" and fields["baseline_trend"] is None:
        raise BadKpi(f"{name}: to carry on the baseline's trend, give its change per month.")
    if fields["counterfactual"] == "control" and fields["control_series"] is None:
        raise BadKpi(f"{name}: to compare with a control group, name its series.")
    for each in (series, fields["control_series"]):
        if each is not None and each.initiative_id != initiative.pk:
            raise BadKpi(f"{name}: the series {each} belongs to another initiative.")
