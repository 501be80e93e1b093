"""A small portfolio with every kind of input, made through the front door."""

import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import zip_longest
from typing import Any

import pytest

from governance_app.books import services as books
from governance_app.domain.periods import add_months
from governance_app.domain.records import CaseLineRecord, Reading
from governance_app.files import services as files
from governance_app.initiatives import services as initiatives
from governance_app.people.services import system_user
from governance_app.rollups import services
from governance_app.rollups.models import InitiativeMonth, InitiativeNow
from governance_app.spend import services as spend
from governance_app.spend.services.budgets import BudgetLine
from governance_app.value import services as value

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
SEP, OCT, NOV = (dt.date(2026, month, 1) for month in (9, 10, 11))


@dataclass
class World:
    """The people, places and doors of a test; ``now`` moves on with every absorb."""

    unit: Any
    manager: Any
    finance: Any
    admin: Any
    source: Any = None
    now: dt.datetime = NOW
    bills: int = 0
    made: list[Any] = field(default_factory=list)

    def initiative(self, name: str = "Claims triage", unit: Any = None, **details: Any) -> Any:
        made = initiatives.add(
            name=name,
            unit=unit or self.unit,
            by=self.admin,
            stage=details.pop("stage", "pilot"),
            on=details.pop("on", dt.date(2026, 3, 1)),
            **details,
        )
        self.made.append(made)
        return made

    def bill(
        self,
        lines: list[tuple[str, dt.date, str]],
        *,
        currency: str = "USD",
        account: str = "acc-1",
        source: Any = None,
        charges: Sequence[str] = (),
    ) -> Any:
        """Load a bill of (initiative key or "", charge month, billed cost) as one delivery."""
        self.bills += 1
        name = f"bill-{self.bills}.csv"
        kept = files.store(
            content=focus(lines, currency, account, charges), name=name, by=self.finance
        )
        self.now += dt.timedelta(seconds=1)
        return spend.import_file(
            source=source or self.source, files=[kept], names=[name], by=self.finance, now=self.now
        )

    def rate(self, base: str, month: dt.date, rate: str, kind: str = "average") -> None:
        books.enter_rates(
            rates=[(base, "USD", month, kind, Decimal(rate))], source="ECB", by=self.admin
        )

    def budget(self, lines: list[tuple[Any, dt.date, str]]) -> None:
        spend.set_budget(
            name="Budget 2026",
            fiscal_year=2026,
            lines=[
                BudgetLine(node, month, Decimal(amount), "USD") for node, month, amount in lines
            ],
            by=self.finance,
        )

    def case(self, initiative: Any, currency: str = "USD") -> Any:
        """Promise 300 a month from October 2026 to March 2027 for 1,000 in September."""
        months = [add_months(OCT, place) for place in range(6)]
        lines = [CaseLineRecord("cost", "build", SEP, Decimal(1000), False, "capex")]
        lines += [CaseLineRecord("benefit", "hard", month, Decimal(300)) for month in months]
        draft = value.write_case(
            initiative=initiative,
            lines=lines,
            currency=currency,
            annual_rate=Decimal("0.10"),
            valuation_month=SEP,
            by=self.manager,
        )
        return value.approve_case(case=draft, by=self.finance, sentence="Agreed.")

    def kpi(self, initiative: Any, name: str = "Handling time") -> Any:
        """Handling time falls from 20 minutes; each minute a month is worth 1,000."""
        return value.add_kpi(
            initiative=initiative,
            name=name,
            unit="min",
            direction="lower",
            baseline=Decimal(20),
            baseline_month=dt.date(2026, 8, 1),
            target=Decimal(10),
            target_on=dt.date(2026, 12, 31),
            unit_value=Decimal(1000),
            currency="USD",
            by=self.manager,
        )

    def benefit(self, initiative: Any, kpi: Any = None, currency: str = "USD") -> Any:
        return value.add_benefit(
            initiative=initiative,
            name="Faster handling",
            benefit_type="hard",
            value_type="operational_efficiency",
            starts_month=SEP,
            ends_month=dt.date(2027, 8, 1),
            currency=currency,
            kpi=kpi,
            by=self.manager,
        )

    def read(self, kpi: Any, on: dt.date, reading: str) -> None:
        value.record_kpi_readings(
            kpi=kpi, points=[Reading(on, Decimal(reading), "report")], by=self.manager
        )

    def validate(self, benefit: Any, month: dt.date, amount: str) -> None:
        value.validate(
            benefit=benefit, months={month: Decimal(amount)}, evidence_ref="memo 7", by=self.finance
        )

    def absorb(self, *, later: dt.timedelta = dt.timedelta(minutes=1)) -> Any:
        self.now += later
        return services.absorb(by=system_user("rollups"), now=self.now)


def focus(
    lines: list[tuple[str, dt.date, str]], currency: str, account: str, charges: Sequence[str] = ()
) -> bytes:
    """Write a FOCUS 1.0 bill; each line names its initiative by a tag and charges usage or so."""
    rows = []
    for (key, month, cost), charge in zip_longest(lines, charges, fillvalue="Usage"):
        start, end = f"{month}T00:00:00Z", f"{add_months(month, 1)}T00:00:00Z"
        rows.append(
            {
                "BilledCost": cost, "EffectiveCost": cost, "ContractedCost": cost, "ListCost": cost,
                "BillingAccountId": account, "BillingAccountName": account,
                "BillingCurrency": currency, "BillingPeriodStart": start, "BillingPeriodEnd": end,
                "ChargePeriodStart": start, "ChargePeriodEnd": end, "ChargeCategory": charge,
                "ChargeClass": "", "ChargeDescription": "inference", "InvoiceIssuerName": "Cloud",
                "PricingQuantity": "1", "PricingUnit": "h", "ProviderName": "Cloud",
                "PublisherName": "Cloud", "ServiceCategory": "AI and Machine Learning",
                "ServiceName": "Inference",
                "Tags": json.dumps({"initiative": key} if key else {}),
            }
        )  # fmt: skip
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


@pytest.fixture
def world(unit: Any, admin: Any, person: Callable[..., Any]) -> World:
    """A unit with its manager, finance, a source of bills and the rule that reads the tag."""
    finance = person("finance_partner", name="Finance Partner")
    made = World(unit=unit, manager=person("program_manager", unit), finance=finance, admin=admin)
    made.source = spend.add_source(name="Cloud bills", by=finance, owner=finance)
    spend.add_rule(name="By tag", dimension="tag", tag="initiative", by=finance)
    return made


@pytest.fixture
def month_of() -> Callable[..., InitiativeMonth]:
    """Give the current figures of an initiative in a month."""

    def find(initiative: Any, month: dt.date) -> InitiativeMonth:
        return InitiativeMonth.objects.get(initiative=initiative, month=month, known_to=None)

    return find


@pytest.fixture
def now_of() -> Callable[..., InitiativeNow]:
    """Give the current figures of an initiative."""

    def find(initiative: Any) -> InitiativeNow:
        return InitiativeNow.objects.get(initiative=initiative, known_to=None)

    return find
