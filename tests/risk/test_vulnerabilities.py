"""Open vulnerabilities of a bill of materials: signals with part and version, until mended."""

import json
from typing import Any

import pytest

from governance_app.audit.models import Event
from governance_app.books import services as books
from governance_app.domain.cyclonedx import BadBill
from governance_app.inventory import selectors
from governance_app.inventory import services as inventory
from governance_app.inventory.models import BillOfMaterials, ModelAsset
from governance_app.people.access import Refused
from governance_app.people.services import system_user
from governance_app.risk import services
from governance_app.risk.models import Risk, Signal
from tests.risk.conftest import ON

pytestmark = pytest.mark.django_db


def bill(*known: tuple[str, str, str], day: str = "2026-11-01", **more: Any) -> bytes:
    """Write a file in which vulnerabilities (id, severity, state) affect one library."""
    return json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"timestamp": f"{day}T08:00:00Z"},
        "components": [{"type": "library", "name": "openssl", "version": "3.0.1", "bom-ref": "o"}],
        "vulnerabilities": [
            {"id": id_, "ratings": [{"severity": severity}], "affects": [{"ref": "o"}],
             **({"analysis": {"state": state}} if state else {})}
            for id_, severity, state in known
        ],
        **more,
    }).encode()  # fmt: skip


def signals(initiative: Any) -> dict[str, str]:
    rows = Signal.objects.filter(initiative=initiative, kind="vuln.open", cleared_at=None)
    return {row.ref: row.evidence for row in rows}


@pytest.fixture
def manager(person: Any, unit: Any) -> Any:
    return person("program_manager", unit)


def test_critical_ones_raise_the_security_risk_until_a_newer_file_is_clean(
    initiative: Any, manager: Any, officer: Any
) -> None:
    risk = services.add_risk(
        initiative=initiative, category="security", title="Break-in", likelihood=1, impact=1,
        reviewed_on=ON, on=ON, by=officer,
    )  # fmt: skip
    first = bill(("CVE-1", "critical", ""), ("CVE-2", "high", ""), ("CVE-3", "critical", ""))
    taken = services.take_bill(
        content=first, name="sbom.json", initiative=initiative, on=ON, by=manager
    )
    assert (taken.is_new, taken.raised, taken.cleared) == (True, 2, 0)
    assert signals(initiative)["bom::CVE-1"] == (
        "CVE-1 in openssl 3.0.1: critical; a signal from critical on. sbom.json, 1 Nov 2026."
    )
    assert Risk.objects.get(pk=risk.pk).residual == 4
    before = Event.objects.count()
    again = services.take_bill(
        content=first, name="sbom.json", initiative=initiative, on=ON, by=manager
    )
    assert (again.bill, again.is_new, again.raised, again.cleared) == (taken.bill, False, 0, 0)
    written = Event.objects.order_by("-id")[: Event.objects.count() - before]
    assert [str(each) for each in written if each.op in {"INSERT", "UPDATE", "DELETE"}] == []
    second = bill(("CVE-1", "critical", "not_affected"), ("CVE-2", "high", ""), day="2026-11-02")
    done = services.take_bill(
        content=second, name="sbom.json", initiative=initiative, on=ON, by=manager
    )
    assert (done.raised, done.cleared, signals(initiative)) == (0, 2, {})
    assert Risk.objects.get(pk=risk.pk).residual == 1
    with pytest.raises(BadBill, match=r"was made before sbom\.json of 2 Nov 2026"):
        services.take_bill(content=first, name="old.json", initiative=initiative, on=ON, by=manager)
    assert (BillOfMaterials.objects.count(), signals(initiative)) == (2, {})


def test_what_a_model_is_made_of_reaches_every_initiative_it_serves_and_leaves_with_the_link(
    initiative: Any, manager: Any, admin: Any
) -> None:
    model = ModelAsset.objects.create(source="manual", name="claims")
    link = inventory.link_model(model=model, initiative=initiative, by=manager)
    services.take_bill(
        content=bill(("CVE-1", "critical", "")), name="ml.json", model=model, on=ON, by=manager
    )
    ((ref, evidence),) = signals(initiative).items()
    assert ref == f"bom:{model.pk}:CVE-1" and "ml.json of the model claims" in evidence
    inventory.unlink_model(link=link, by=manager)
    round_of = {"initiatives": [initiative.pk], "on": ON, "by": system_user("oversight")}
    assert (services.follow_bills(**round_of), signals(initiative)) == (1, {})
    assert services.follow_bills(**round_of) == 0


def test_from_when_on_it_is_a_signal_is_set_and_the_next_round_follows(
    initiative: Any, manager: Any, admin: Any
) -> None:
    content = bill(("CVE-1", "high", ""), ("CVE-2", "low", ""))
    services.take_bill(content=content, name="s.json", initiative=initiative, on=ON, by=manager)
    assert signals(initiative) == {}
    limits = {"severity": "high", "score": 7, "exploited_names": []}
    books.set_value(key="open_vulnerabilities", value=limits, from_on=ON, by=admin)
    by = system_user("oversight")
    assert services.follow_bills(initiatives=[initiative.pk], on=ON, by=by) == 1
    assert list(signals(initiative)) == ["bom::CVE-1"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"bomFormat": "CycloneDX", "specVersion": NaN}', "no JSON"),
        (b'{"bomFormat": "SPDX"}', "no CycloneDX"),
        (bill(("CVE-1", "dire", "")), r"vulnerabilities\[0\].ratings\[0\].severity"),
    ],
)
def test_what_is_no_bill_leaves_nothing(
    initiative: Any, manager: Any, content: bytes, told: str
) -> None:
    with pytest.raises(BadBill, match=told) as refused:
        services.take_bill(content=content, name="s.json", initiative=initiative, on=ON, by=manager)
    assert str(refused.value).startswith("s.json: ")
    assert not BillOfMaterials.objects.exists() and not Signal.objects.exists()


def test_who_may_not_takes_nothing_and_sees_nothing(
    initiative: Any, manager: Any, person: Any, other_unit: Any
) -> None:
    stranger = person("program_manager", other_unit)
    model = ModelAsset.objects.create(source="manual", name="claims")
    inventory.link_model(model=model, initiative=initiative, by=manager)
    asked = {"content": bill(("CVE-1", "critical", "")), "name": "s.json", "on": ON}
    for subject in ({"initiative": initiative}, {"model": model}):
        with pytest.raises(Refused):
            services.take_bill(**asked, **subject, by=stranger)
    assert not BillOfMaterials.objects.exists()
    for subject in ({"initiative": initiative}, {"model": model}):
        services.take_bill(**asked, **subject, by=manager)
    assert selectors.newest_bills(viewer=manager).count() == 2
    assert not selectors.bills(viewer=stranger).exists()
