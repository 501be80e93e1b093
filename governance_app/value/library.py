"""Ready KPIs for the usual uses of AI and for the people who use it: a start, never a rule."""

from dataclasses import dataclass

from governance_app.domain.phrases import phrase


@dataclass(frozen=True, slots=True)
class Ready:
    """
    A KPI as people usually define it.

    ``formula`` names keys of other KPIs of the same initiative; empty where it is read.
    ``personas``: whom it concerns.
    """

    key: str
    name: str
    unit: str
    direction: str
    value_type: str
    meaning: str
    cadence_days: int = 30
    formula: str = ""
    personas: tuple[str, ...] = ()


LIBRARY: tuple[Ready, ...] = (
    Ready(
        "handling_time", phrase("Handling time"), "min", "lower", "operational_efficiency",
        phrase("Mean minutes from opening to closing one case, waiting excluded."),
        7, personas=("Agents", "Case handlers"),
    ),
    Ready(
        "deflection", phrase("Deflection"), "%", "higher", "customer_experience",
        phrase("Share of requests solved without a person."),
        7, "solved_without_a_person / requests * 100", ("Service desk",),
    ),
    Ready(
        "first_time_right", phrase("First time right"), "%", "higher", "product_quality",
        phrase("Share of outputs accepted without rework."),
        30, "accepted_without_rework / outputs * 100", ("Case handlers", "Engineers"),
    ),
    Ready(
        "cycle_time", phrase("Cycle time"), "d", "lower", "faster_decisions",
        phrase("Mean days from request to decision."), personas=("Managers",),
    ),
    Ready(
        "forecast_error", phrase("Forecast error"), "%", "lower", "resource_allocation",
        phrase("Mean absolute percentage error of the forecast against what happened."),
        personas=("Planners",),
    ),
    Ready(
        "defect_rate", phrase("Defect rate"), "%", "lower", "product_quality",
        phrase("Share of units with a defect found after release."),
        30, "defects / units * 100", ("Engineers", "Operators"),
    ),
    Ready(
        "revenue_per_lead", phrase("Revenue per lead"), "USD", "higher", "revenue",
        phrase("Contribution margin of won business over leads worked."),
        30, "margin / leads", ("Sales",),
    ),
    Ready(
        "adoption", phrase("Adoption"), "%", "higher", "operational_efficiency",
        phrase("Share of the people who have it and used it in the month."),
        30, "active_users / people_with_access * 100", ("Everybody",),
    ),
    Ready(
        "acceptance", phrase("Acceptance"), "%", "higher", "product_quality",
        phrase("Share of outputs that people keep."),
        30, "kept / outputs * 100", ("Everybody",),
    ),
    Ready(
        "uses", phrase("Uses"), "uses", "higher", "operational_efficiency",
        phrase("Outputs produced in the month."), personas=("Everybody",),
    ),
    Ready(
        "trained", phrase("People trained"), "%", "higher", "operational_efficiency",
        phrase("Share of the users who finished the training."),
        90, "people_trained / users * 100", ("Everybody",),
    ),
    Ready(
        "certified", phrase("People certified"), "people", "higher", "risk",
        phrase("People who hold the certificate that their role asks for."),
        90, personas=("Builders",),
    ),
    Ready(
        "centre_capacity", phrase("Centre of excellence, free capacity"), "d", "higher",
        "resource_allocation",
        phrase("Days of the centre of excellence not promised to anybody yet."),
        30, personas=("Centre of excellence",),
    ),
)  # fmt: skip
