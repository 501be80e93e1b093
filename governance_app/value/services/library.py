"""Taking a KPI from the library: what it means comes with it, what it is worth does not."""

from governance_app.audit.acting import recorded
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User
from governance_app.value import deriving
from governance_app.value.library import LIBRARY
from governance_app.value.models import Kpi, KpiDefinition
from governance_app.value.services.kpis import BadKpi, add_kpi


@recorded
def adopt_kpi(*, initiative: Initiative, key: str, by: User, population: str = "") -> Kpi:
    """
    Add a ready KPI to an initiative; its formula comes along where its parts are there.

    Raises:
        BadKpi: there is no such definition, or the initiative has it already.
        Refused: the actor may not edit value there.
    """
    access.require(by, "value.edit", initiative)
    definition = KpiDefinition.objects.filter(key=key, is_retired=False).first()
    if definition is None:
        ready = next((each for each in LIBRARY if each.key == key), None)
        if ready is None:
            raise BadKpi(f"The library has no KPI with the key {key!r}.")
        definition = KpiDefinition.objects.create(
            key=ready.key,
            name=ready.name,
            meaning=ready.meaning,
            unit=ready.unit,
            direction=ready.direction,
            cadence_days=ready.cadence_days,
            value_type=ready.value_type,
            formula=ready.formula,
            personas=list(ready.personas),
        )
    names = Kpi.objects.filter(initiative=initiative).values_list("name", flat=True)
    there = {deriving.key_of(name) for name in names}
    parts = set(deriving.parts_of(definition.formula)) if definition.formula else set()
    return add_kpi(
        initiative=initiative,
        name=definition.name,
        unit=definition.unit,
        direction=definition.direction,
        cadence_days=definition.cadence_days,
        value_type=definition.value_type,
        population=population,
        formula=definition.formula if parts and parts <= there else "",
        definition=definition,
        by=by,
    )
