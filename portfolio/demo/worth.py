"""What a company asks once its cases stand: chances, the IT budget, carbon, what to fund."""

import datetime as dt
from decimal import Decimal
from typing import Any

from governance_app.books import services as books
from governance_app.books.models import DatedSetting
from governance_app.domain.periods import add_months, month_of
from governance_app.domain.records import Reading
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.scenarios import selectors as scenario_reading
from governance_app.scenarios import services as scenarios
from governance_app.scenarios.models import Scenario
from governance_app.spend.models import Source
from governance_app.value import services as value
from governance_app.value.models import Benchmark, CarbonReport, Kpi, Simulation
from portfolio.demo.dice import draw, money
from portfolio.demo.load import Progress
from portfolio.demo.shapes import Company
from portfolio.demo.skus import BY_SLUG

SETTINGS: dict[str, Any] = {
    "stage_probabilities": {"idea": 0.35, "assessment": 0.5, "pilot": 0.4, "scaling": 0.85},
    "it_budget": {"amount": "148000000", "currency": "USD"},
    "carbon_price": {"amount": "95", "currency": "USD"},
}
#: Kilograms of CO2e a month that the clouds report for the whole company, by source.
_REPORTED = {"aws": 21_400, "gcp": 8_900, "azure-us": 11_300}
_GRIDS = (("Germany", "0.363"), ("United States", "0.367"), ("Norway", "0.030"))
_ADOPTED = 60
_MONTHS = 6


def load_worth(story: Company, *, job: Progress, by: User) -> dict[str, Any]:
    """Set what returns need to know, read adoption, and ask what to fund."""
    job.stage("Chances, the IT budget and adoption")
    set_books(story, by=by)
    adopted = _read_adoption(story, by)
    job.stage("What to fund")
    return {"adoption": adopted, "scenarios": _ask(story, by)}


def set_books(story: Company, *, by: User) -> None:
    """Set what returns need to know: chances of stages, the IT budget, carbon and the field."""
    first = story.months[0]
    known = set(DatedSetting.objects.filter(key__in=SETTINGS).values_list("key", flat=True))
    for key, setting in SETTINGS.items():
        if key not in known:
            books.set_value(
                key=key, value=setting, from_on=first, by=by, source="Invented for the demo"
            )
    if not Benchmark.objects.exists():
        for key, low, high in (
            ("efficiency_gain", "0.25", None), ("ai_share", "0.35", "0.45"),
            ("adoption", "0.65", None),
        ):  # fmt: skip
            value.set_benchmark(
                key=key, from_on=first, low=Decimal(low), by=by, read_on=first,
                high=None if high is None else Decimal(high),
                source="Survey of the field, invented for the demo",
            )  # fmt: skip
    for region, kg in _GRIDS:
        value.set_intensity(
            region=region, year=story.as_of.year - 1, kg_per_kwh=Decimal(kg), by=by,
            source="Invented for the demo; take the figure of your grid's agency",
        )  # fmt: skip


def _read_adoption(story: Company, by: User) -> int:
    """Read, for some that are in use, which share of their people used them each month."""
    live = [row.key for row in story.initiatives if row.stage in ("scaling", "production")]
    rows = {row.key: row for row in Initiative.objects.filter(key__in=live[:_ADOPTED])}
    has = set(
        Kpi.objects.filter(definition__key="adoption").values_list("initiative__key", flat=True)
    )
    for key, row in sorted(rows.items()):
        if key in has:
            continue
        random = draw(story.seed, "adoption", key)
        kpi = value.adopt_kpi(initiative=row, key="adoption", by=by)
        level = random.uniform(0.35, 0.9)
        points = []
        for place in range(_MONTHS * 2):
            month = add_months(story.months[-1], place + 1 - _MONTHS * 2)
            share = level * min(1.0, 0.55 + 0.05 * place) + random.gauss(0, 0.01)
            points.append(Reading(month, money(100 * min(0.99, max(0.02, share)), Decimal("0.1"))))
        value.record_kpi_readings(kpi=kpi, points=points, by=by, source_ref="Sign-in log")
    return len(rows)


def report_carbon(story: Company, *, by: User) -> int:
    """Take what the clouds report, once their bills are in and say who bears them."""
    count = 0
    for slug, usual in _REPORTED.items():
        source = Source.objects.filter(name=f"{BY_SLUG[slug].title} bill").first()
        if source is None or CarbonReport.objects.filter(spend_source=source).exists():
            continue
        rows = []
        for month in story.months[-_MONTHS:]:
            random = draw(story.seed, "carbon", slug, month)
            kg = money(usual * random.uniform(0.9, 1.1), Decimal("0.1"))
            rows.append(value.Emitted("", month, kg))
        count += value.report_carbon(source=source, rows=rows, by=by)
    return count


def _ask(story: Company, by: User) -> int:
    """Ask what to fund of the whole company, tight and loose, and what it may all be worth."""
    node = ScopeNode.objects.get(kind=ScopeNode.Kind.ORGANISATION)
    years = scenario_reading.years(on=story.as_of)
    yearly = sum(
        (each.amount for each in story.budgets if each.month.year == story.as_of.year), Decimal(0)
    )
    made = 0
    for name, share in (("Next year on this year's budget", 1.0), ("A fifth less", 0.8)):
        if Scenario.objects.filter(name=name).exists():
            continue
        scenario = scenarios.add_scenario(
            name=name, node=node, by=by, on=month_of(story.as_of) - dt.timedelta(days=1),
            budgets={years[1]: money(float(yearly) * share, Decimal(1))},
        )  # fmt: skip
        scenarios.solve(scenario=scenario, by=by)
        made += 1
    if not Simulation.objects.exists():
        value.ask_simulation(node=node, by=by)
    return made
