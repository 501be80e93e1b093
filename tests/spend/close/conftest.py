"""Two legal entities, two currencies, coding, taxes and an agreement: books to close."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from tests.spend.conftest import finance, load, source

__all__ = ["finance", "load", "source"]

OCTOBER = dt.date(2026, 10, 1)
NOVEMBER = dt.date(2026, 11, 1)
THIRD_DAY = dt.datetime(2026, 11, 4, 9, 0, tzinfo=dt.UTC)
DECEMBER_3 = dt.datetime(2026, 12, 3, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def controller(person: Any) -> Any:
    """Somebody else who may approve."""
    return person("finance_partner", name="Finance Controller")


@pytest.fixture
def evidence(finance: Any) -> Any:
    """A file that proves something."""
    from governance_app.files.services import store

    return store(content=b"quote", name="quote.pdf", by=finance)


@pytest.fixture
def books(organisation: Any, unit: Any, other_unit: Any, admin: Any, finance: Any) -> Any:
    """
    Entity 1000 pays every bill and bears what no unit does; 2000 bears what Insurance does.

    Initiative AI-1 is of Retail banking (entity 1000), AI-2 of Insurance (entity 2000).
    """
    from governance_app.books import services as books_services
    from governance_app.initiatives import services as initiatives
    from governance_app.spend import services
    from governance_app.spend.services import close

    paying = books_services.add_entity(
        code="1000", name="Meridian Group", currency="USD", node=organisation, by=admin
    )
    bearing = books_services.add_entity(
        code="2000", name="Meridian Insurance", currency="EUR", node=other_unit, by=admin
    )
    books_services.enter_rates(
        rates=[
            ("EUR", "USD", month, kind, Decimal("1.25"))
            for month in (OCTOBER, NOVEMBER)
            for kind in ("average", "closing")
        ],
        source="test",
        by=admin,
    )
    claims = initiatives.add(name="Claims triage", unit=unit, by=admin)
    fraud = initiatives.add(name="Fraud signals", unit=other_unit, by=admin)
    services.add_rule(name="By key", dimension="tag", tag="ai-initiative", by=finance)
    close.add_coding_rule(field="gl_account", value="620100", by=finance)
    close.add_coding_rule(
        field="cost_centre", value="0042", by=finance,
        conditions=[{"dimension": "unit", "value": "Insurance"}],
    )  # fmt: skip
    close.add_coding_rule(field="cost_centre", value="0001", by=finance)
    close.add_coding_rule(field="tax_code", value="V1", by=finance)
    close.add_coding_rule(
        field="vendor", value="700001", by=finance,
        conditions=[{"dimension": "issuer", "value": "cloudworks"}],
    )  # fmt: skip
    for entity in (paying, bearing):
        close.set_tax_rule(
            entity=entity, code="V1", rate=Decimal("0.2"), recoverable=Decimal("0.5"),
            from_month=OCTOBER, by=finance,
        )  # fmt: skip
    close.add_recharge_agreement(
        payer=paying, bearer=bearing, reference="MSA-7", mark_up=Decimal("0.05"), tax_code="V1",
        from_month=OCTOBER, by=finance,
    )  # fmt: skip
    return SimpleNamespace(paying=paying, bearing=bearing, claims=claims, fraud=fraud)
