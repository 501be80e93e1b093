"""The doors of risk: heat map, register, every term of a score, and what a refusal leaves alone."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from governance_app.domain.records import ControlRecord
from governance_app.initiatives import services as initiatives
from governance_app.risk import selectors, services

pytestmark = pytest.mark.django_db

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def initiative(unit: Any, admin: Any) -> Any:
    return initiatives.add(name="Claims triage", unit=unit, by=admin, stage="pilot")


@pytest.fixture
def officer(person: Callable[..., Any]) -> Any:
    return person("risk_officer")


@pytest.fixture
def risk(initiative: Any, officer: Any) -> Any:
    """4 and 4, reviewed 200 days ago; a control with fresh evidence takes two steps."""
    today = timezone.localdate()
    return services.add_risk(
        initiative=initiative,
        category="bias",
        title="Older claimants wait longer",
        likelihood=4,
        impact=4,
        reviewed_on=today - dt.timedelta(days=200),
        review_days=180,
        controls=[
            ControlRecord(
                "Bias test", "prevent", Decimal("0.8"), Decimal("0.7"),
                today - dt.timedelta(days=30), "QA-77", 180,
            )
        ],
        on=today,
        by=officer,
    )  # fmt: skip


@pytest.fixture
def unassessed(initiative: Any, officer: Any) -> Any:
    return services.add_risk(
        initiative=initiative,
        category="privacy",
        title="Letters hold health data",
        on=timezone.localdate(),
        by=officer,
    )


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def at(initiative: Any, rest: str = "") -> str:
    return f"/initiatives/{initiative.key}/risk/{rest}"


# --- the page Risk ------------------------------------------------------------------------------


def test_no_risk_on_record_is_not_called_no_risk(officer: Any) -> None:
    page = signed_in(officer).get("/risk/").content.decode()
    assert "No risk on record is not the same as no risk." in page


def test_heat_map_counts_where_risks_stand_now_and_as_assessed(
    risk: Any, unassessed: Any, officer: Any
) -> None:
    client = signed_in(officer)
    now = client.get("/risk/").content.decode()
    assert 'aria-label="1 risk, likelihood 2, impact 4: low"' in now
    assert "None of 1 assessed risk is high or very high after controls and signals" in now
    before = client.get("/risk/?map=inherent").content.decode()
    assert 'aria-label="1 risk, likelihood 4, impact 4: high"' in before


def test_not_assessed_stands_above_high_and_is_called_so(
    risk: Any, unassessed: Any, officer: Any
) -> None:
    page = signed_in(officer).get("/risk/").content.decode()
    assert page.index("Letters hold health data") < page.index("Older claimants wait longer")
    assert "Not assessed</span>" in page


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("level=unknown", "Letters", "Older"),
        ("category=bias", "Older", "Letters"),
        ("likelihood=2&impact=4", "Older", "Letters"),
        ("likelihood=4&impact=4&map=inherent", "Older", "Letters"),
        ("q=health", "Letters", "Older"),
        ("confidence=medium", "Older", "Letters"),
        ("level=nonsense&category=bias", "Older", "Letters"),
    ],
)
def test_filters_stand_in_the_address(
    risk: Any, unassessed: Any, officer: Any, query: str, shown: str, hidden: str
) -> None:
    answer = signed_in(officer).get(f"/risk/?{query}")
    titles = [line["risk"].title.split()[0] for line in answer.context["lines"]]
    assert shown in titles and hidden not in titles


def test_above_appetite_is_marked_and_filtered(
    risk: Any, unassessed: Any, officer: Any, organisation: Any
) -> None:
    services.set_appetite(
        category="bias", node=organisation, level=1, from_on=dt.date(2026, 1, 1), by=officer
    )
    answer = signed_in(officer).get("/risk/?only=above")
    assert [line["risk"] for line in answer.context["lines"]] == [risk]
    assert "above appetite" in answer.content.decode()


def test_risks_of_other_units_stay_out_of_sight(
    risk: Any, other_unit: Any, person: Any, initiative: Any
) -> None:
    client = signed_in(person("executive", other_unit))
    assert "Older claimants" not in client.get("/risk/").content.decode()
    assert client.get(at(initiative)).status_code == 404


# --- the panel ----------------------------------------------------------------------------------


def test_every_term_of_the_score_is_a_line(risk: Any, initiative: Any, officer: Any) -> None:
    page = signed_in(officer).get(at(initiative)).content.decode()
    for line in (
        "Likelihood 4, impact 4.",
        "Bias test: 0.8 x 0.7 against likelihood",
        "Controls bring likelihood to 2 and impact to 4.",
        "Likelihood 2, impact 4: low.",
    ):
        assert line in page


def test_who_may_not_edit_sees_why_and_changes_nothing(
    risk: Any, initiative: Any, unit: Any, person: Any, ledger_count: Callable[[], int]
) -> None:
    client = signed_in(person("contributor", unit))
    page = client.get(at(initiative)).content.decode()
    assert 'aria-disabled="true" title="You may not assess risks and controls' in page
    before = ledger_count()
    for rest in (
        "add/",
        "signals/",
        f"{risk.pk}/assess/",
        f"{risk.pk}/close/",
        f"{risk.pk}/controls/",
    ):
        assert client.post(at(initiative, rest), headers=FRAGMENT).status_code == 403
    assert ledger_count() == before


def test_a_grant_elsewhere_opens_no_form_here(
    risk: Any, initiative: Any, unit: Any, other_unit: Any, person: Any, admin: Any,
    ledger_count: Callable[[], int],
) -> None:  # fmt: skip
    from governance_app.people import services as people

    both = person("contributor", unit)
    people.grant(user=both, role="risk_officer", node=other_unit, by=admin)
    client = signed_in(both)
    before = ledger_count()
    answer = client.post(
        at(initiative, f"{risk.pk}/controls/"),
        {"title": "X", "kind": "limit", "design": "50", "operating": "50"},
    )
    assert answer.status_code == 403
    assert ledger_count() == before


def test_a_risk_is_added_unassessed_and_assessed_later(initiative: Any, officer: Any) -> None:
    client = signed_in(officer)
    data = {"title": "Vendor stops", "category": "third_party", "mine": "1"}
    answer = client.post(at(initiative, "add/"), data, headers=FRAGMENT)
    assert "not assessed" in answer["HX-Trigger"]
    made = selectors.risks(viewer=officer).get()
    assert (made.owner, made.residual) == (officer, None)
    url = at(initiative, f"{made.pk}/assess/")
    half = client.post(url, {"likelihood": "3", "reasons": "They said so"}, headers=FRAGMENT)
    assert half.status_code == 422
    assert "Choose both likelihood and impact." in half.content.decode()
    done = client.post(url, {"likelihood": "3", "impact": "4", "version": made.version})
    assert done.status_code == 302
    assert selectors.risks(viewer=officer).get().residual == 3


def test_the_same_risk_twice_is_refused(
    risk: Any, initiative: Any, officer: Any, ledger_count: Callable[[], int]
) -> None:
    client = signed_in(officer)
    before = ledger_count()
    answer = client.post(
        at(initiative, "add/"), {"title": risk.title, "category": "bias"}, headers=FRAGMENT
    )
    assert answer.status_code == 422
    assert "already has the bias risk" in answer.content.decode()
    assert ledger_count() == before


def test_an_assessment_on_an_old_version_is_refused(
    risk: Any, initiative: Any, officer: Any, ledger_count: Callable[[], int]
) -> None:
    client = signed_in(officer)
    url = at(initiative, f"{risk.pk}/assess/")
    client.post(url, {"likelihood": "5", "impact": "5", "version": risk.version})
    before = ledger_count()
    answer = client.post(url, {"likelihood": "1", "impact": "1", "version": risk.version})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert ledger_count() == before


def test_a_control_counts_with_a_file_as_its_evidence(
    unassessed: Any, initiative: Any, officer: Any, ledger_count: Callable[[], int]
) -> None:
    client = signed_in(officer)
    today = timezone.localdate()
    services.assess(risk=unassessed, likelihood=4, impact=4, on=today, by=officer)
    url = at(initiative, f"{unassessed.pk}/controls/")
    data = {"title": "Redaction", "kind": "limit", "design": "80", "operating": "70"}
    before = ledger_count()
    wrong = client.post(url, {**data, "design": "180"}, headers=FRAGMENT)
    assert wrong.status_code == 422
    assert "design lies between 0 and 1" in wrong.content.decode()
    assert ledger_count() == before
    proof = SimpleUploadedFile("report.txt", b"it works")
    answer = client.post(url, {**data, "evidence": proof}, headers=FRAGMENT)
    assert answer.status_code == 200
    control = selectors.risks(viewer=officer).get().controls.get()
    assert (control.evidence_on, control.evidence_file.name) == (today, "report.txt")
    assert selectors.risks(viewer=officer).get().residual == 2


def test_renewed_evidence_must_be_named(
    risk: Any, initiative: Any, officer: Any, ledger_count: Callable[[], int]
) -> None:
    client = signed_in(officer)
    control = risk.controls.get()
    url = at(initiative, f"controls/{control.pk}/evidence/")
    today = timezone.localdate().isoformat()
    before = ledger_count()
    refused = client.post(url, {"evidence_on": today}, headers=FRAGMENT)
    assert refused.status_code == 422
    assert "name the evidence or attach it" in refused.content.decode()
    assert ledger_count() == before
    client.post(url, {"evidence_on": today, "evidence_ref": "QA-81", "operating": "90 %"})
    control.refresh_from_db()
    assert (control.evidence_ref, control.operating) == ("QA-81", Decimal("0.9"))


def test_a_signal_raises_levels_until_it_is_cleared_with_a_reason(
    risk: Any, initiative: Any, officer: Any
) -> None:
    client = signed_in(officer)
    data = {"kind": "incident.open", "evidence": "Wrong letters sent on 3 Nov", "ref": "INC-2"}
    page = client.post(at(initiative, "signals/"), data, headers=FRAGMENT).content.decode()
    assert "Open incident: Wrong letters sent on 3 Nov (likelihood at least 5)" in page
    assert selectors.risks(viewer=officer).get().residual == 4
    signal = selectors.signals(viewer=officer).get()
    url = at(initiative, f"signals/{signal.pk}/clear/")
    refused = client.post(url, {"because": " "}, headers=FRAGMENT)
    assert refused.status_code == 422
    assert "say in a sentence why it is over" in refused.content.decode()
    client.post(url, {"because": "Letters were recalled"})
    assert selectors.signals(viewer=officer).count() == 0
    assert selectors.risks(viewer=officer).get().residual == 2


def test_a_closed_risk_leaves_the_register(risk: Any, initiative: Any, officer: Any) -> None:
    client = signed_in(officer)
    client.post(at(initiative, f"{risk.pk}/close/"), {"version": risk.version})
    assert selectors.risks(viewer=officer).count() == 0
