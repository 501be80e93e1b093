"""Reminders before a day, and escalation to the next person after it; the days are settings."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from governance_app.books.models import DatedSetting
from governance_app.compliance import services as compliance
from governance_app.initiatives import services as register
from governance_app.initiatives.models import Initiative
from governance_app.notices import selectors, services
from governance_app.notices.models import Notice
from governance_app.risk import services as risk

pytestmark = pytest.mark.django_db
Person = Callable[..., Any]
DUE = dt.date(2026, 12, 10)


@pytest.fixture
def people(person: Person, unit: Any) -> dict[str, Any]:
    return {
        "owner": person("contributor", unit, name="Kai Vogt"),
        "manager": person("program_manager", unit, name="Ruth Lindqvist"),
        "business": person("business_owner", unit, name="Ana Ruiz"),
    }


@pytest.fixture
def row(unit: Any, people: dict[str, Any]) -> Initiative:
    return register.add(
        name="Claims triage", unit=unit, by=people["manager"], stage="assessment",
        program_manager=people["manager"], business_owner=people["business"],
    )  # fmt: skip


@pytest.fixture
def stone(row: Initiative, people: dict[str, Any]) -> Any:
    return register.add_milestone(
        initiative=row, name="Go-live", due_on=DUE, owner=people["owner"], by=people["manager"]
    )


def go(admin: Any, on: dt.date) -> tuple[int, int]:
    went = services.remind(on=on, now=timezone.now(), by=admin)
    return went.reminders, went.escalations


def test_the_owner_hears_a_week_before_a_day_before_and_when_it_is_late(
    stone: Any, people: dict[str, Any], row: Initiative, admin: Any
) -> None:
    days = (8, 7, 6, 2, 1, 0, -1, -2)
    found = [go(admin, DUE - dt.timedelta(days=left))[0] for left in days]
    assert found == [0, 1, 0, 0, 1, 0, 1, 0]
    titles = [n.title for n in selectors.inbox(viewer=people["owner"]).order_by("created_at", "pk")]
    assert titles == [
        f"{row.key}: Go-live is due on 10 Dec 2026",
        f"{row.key}: Go-live is due on 10 Dec 2026",
        f"{row.key}: Go-live was due on 10 Dec 2026",
    ]


def test_a_missed_day_of_the_round_is_made_up_for(stone: Any, admin: Any) -> None:
    assert go(admin, DUE - dt.timedelta(days=5))[0] == 1
    assert go(admin, DUE - dt.timedelta(days=4))[0] == 0


def test_what_stays_late_comes_to_the_next_person_and_then_to_the_one_after(
    stone: Any, people: dict[str, Any], row: Initiative, admin: Any
) -> None:
    late = [go(admin, DUE + dt.timedelta(days=days))[1] for days in (1, 2, 3, 4, 9, 10, 11)]
    assert late == [0, 0, 1, 0, 0, 1, 0]
    first = selectors.inbox(viewer=people["manager"]).get()
    assert first.kind == "escalation" and first.title == f"3 days late: {row.key}: Go-live"
    assert "Kai Vogt was to do this by 10 Dec 2026" in first.body
    assert selectors.inbox(viewer=people["business"]).get().title.startswith("10 days late")


def test_the_days_are_dated_settings(stone: Any, people: dict[str, Any], admin: Any) -> None:
    for key, days in (("reminder_days", [30]), ("escalation_days", [1])):
        DatedSetting.objects.create(key=key, value=days, from_on=dt.date(2026, 1, 1), source="t")
    assert go(admin, DUE - dt.timedelta(days=30))[0] == 1
    assert go(admin, DUE - dt.timedelta(days=7))[0] == 0
    assert go(admin, DUE + dt.timedelta(days=1))[1] == 1


def test_what_is_done_or_moves_is_no_longer_late(
    stone: Any, people: dict[str, Any], admin: Any
) -> None:
    register.change_milestone(
        milestone=stone,
        name=stone.name,
        due_on=DUE + dt.timedelta(days=30),
        done_on=None,
        by=people["manager"],
    )
    assert go(admin, DUE + dt.timedelta(days=3)) == (0, 0)
    stone.refresh_from_db()
    register.complete_milestone(milestone=stone, by=people["manager"], done_on=DUE)
    assert go(admin, DUE + dt.timedelta(days=60)) == (0, 0)
    assert not Notice.objects.exists()


def test_the_managers_own_lateness_goes_up_not_down(
    row: Initiative, people: dict[str, Any], admin: Any
) -> None:
    register.add_milestone(
        initiative=row, name="Review", due_on=DUE, owner=people["business"], by=people["manager"]
    )
    go(admin, DUE + dt.timedelta(days=3))
    assert not selectors.inbox(viewer=people["manager"]).exists()


def test_the_clock_of_an_authority_reminds_who_leads_and_then_the_next_one(
    row: Initiative, people: dict[str, Any], admin: Any
) -> None:
    compliance.load_shipped(by=admin)
    moment = timezone.now() - dt.timedelta(hours=1)
    incident = risk.report_incident(
        initiative=row, title="Letters to the wrong people", severity=3, occurred_at=moment,
        detected_at=moment, aware_at=moment, now=moment, owner=people["manager"], by=admin,
        facts={"personal_data": "yes", "major_ict": "no", "eu_high_risk": "no"},
    )  # fmt: skip
    due = timezone.localtime(incident.notices.get().due_at)
    assert go(admin, due.date() - dt.timedelta(days=1)) == (1, 0)
    told = selectors.inbox(viewer=people["manager"]).get()
    assert told.title.startswith(f"{incident.key}: tell data protection authority is due on")
    assert f"by {due:%d %b %Y %H:%M}" in told.body
    assert go(admin, due.date() + dt.timedelta(days=3)) == (1, 1)
    assert selectors.inbox(viewer=people["business"]).get().kind == "escalation"
    risk.send_notice(
        notice=incident.notices.get(), sent_at=timezone.now(), reference="DPA-1",
        now=timezone.now(), by=admin,
    )  # fmt: skip
    assert go(admin, due.date() + dt.timedelta(days=10)) == (0, 0)
