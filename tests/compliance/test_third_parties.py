"""The register of what outside companies do: what makes no sense stays out, nothing is lost."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from governance_app.audit.rows import StaleWrite
from governance_app.compliance import selectors, services
from governance_app.compliance.models import Arrangement
from governance_app.compliance.services import BadArrangement
from governance_app.inventory.models import Vendor
from governance_app.people.access import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def contract(initiative: Any, officer: Any) -> Any:
    return services.add_arrangement(
        initiative=initiative, vendor="Nimbus", reference="C-1", by=officer, service="Hosting",
        service_type="S18", service_countries=["de", "IE"], is_critical=True,
        annual_cost=Decimal(1200), currency="EUR",
    )  # fmt: skip


def test_a_contract_stands_once_and_its_supplier_is_known_from_then_on(
    contract: Any, initiative: Any, officer: Any
) -> None:
    assert contract.service_countries == ["DE", "IE"]
    with pytest.raises(BadArrangement, match="stands in the register already"):
        services.add_arrangement(
            initiative=initiative, vendor="nimbus", reference="C-1", by=officer
        )
    assert (Vendor.objects.count(), Arrangement.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"reference": " "}, "needs its number"),
        ({"lei": "529900"}, "is no LEI"),
        ({"service_type": "S20"}, "S01 to S19"),
        ({"data_countries": ["Germany"]}, "no country code"),
        ({"governing_law": "XYZ"}, "no country code"),
        ({"substitutability": "hard"}, "Substitutability is one of"),
        ({"annual_cost": Decimal(5)}, "with its currency"),
        ({"annual_cost": Decimal(-5), "currency": "EUR"}, "not negative"),
        ({"starts_on": dt.date(2026, 2, 1), "ends_on": dt.date(2026, 1, 1)}, "before it starts"),
        ({"colour": "red"}, "no column colour"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(
    initiative: Any, officer: Any, fields: dict[str, Any], told: str
) -> None:
    asked = {"vendor": "Nimbus", "reference": "C-1", **fields}
    with pytest.raises(BadArrangement, match=told):
        services.add_arrangement(initiative=initiative, by=officer, **asked)
    assert not Arrangement.objects.exists()


def test_a_change_keeps_the_rest_and_two_editors_are_told(contract: Any, officer: Any) -> None:
    changed = services.change_arrangement(
        arrangement=contract, notice_days=90, version=contract.version, by=officer
    )
    assert (changed.notice_days, changed.service, changed.currency) == (90, "Hosting", "EUR")
    with pytest.raises(StaleWrite):
        services.change_arrangement(
            arrangement=contract, notice_days=30, version=contract.version, by=officer
        )
    contract.refresh_from_db()
    assert contract.notice_days == 90


def test_who_may_not_changes_nothing_and_what_ended_leaves_the_register(
    contract: Any, officer: Any, person: Any, unit: Any
) -> None:
    viewer = person("auditor", unit)
    with pytest.raises(Refused):
        services.end_arrangement(arrangement=contract, by=viewer)
    columns, rows = selectors.third_party_register(viewer=officer)
    titles = [column.title for column in columns]
    (line,) = (dict(zip(titles, row, strict=True)) for row in rows)
    assert "Nimbus" in line.values() and "DE IE" in line.values()
    services.end_arrangement(arrangement=contract, by=officer)
    assert list(selectors.third_party_register(viewer=officer)[1]) == []
    with pytest.raises(BadArrangement, match="has ended"):
        services.change_arrangement(arrangement=contract, notice_days=1, by=officer)
