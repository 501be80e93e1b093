"""What happens on initiatives reaches those who were named or follow, once each."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from governance_app.initiatives import services as register
from governance_app.initiatives.models import Initiative
from governance_app.notices import selectors, services
from governance_app.notices.models import Notice

pytestmark = pytest.mark.django_db
Person = Callable[..., Any]


@pytest.fixture
def manager(person: Person, unit: Any) -> Any:
    return person("program_manager", unit, name="Ruth Lindqvist")


@pytest.fixture
def row(unit: Any, manager: Any) -> Initiative:
    return register.add(
        name="Claims triage", unit=unit, by=manager, stage="assessment", program_manager=manager
    )


def tell(admin: Any) -> int:
    return services.tell_news(now=timezone.now(), by=admin)


def test_who_is_named_hears_of_it_once_with_the_words_and_the_way(
    row: Initiative, manager: Any, person: Person, admin: Any
) -> None:
    other = person("executive", name="Ana Ruiz")
    register.comment(initiative=row, text="@Ana Ruiz may we start in May?", by=manager)
    assert tell(admin) == 1
    assert tell(admin) == 0
    notice = selectors.inbox(viewer=other).get()
    assert notice.kind == "mention"
    assert notice.title == f"Ruth Lindqvist named you: {row.key} Claims triage"
    assert "may we start in May?" in notice.body
    assert notice.page == f"/initiatives/{row.key}/#talk"


def test_followers_hear_what_happens_after_they_began_and_not_what_they_did(
    row: Initiative, manager: Any, person: Person, admin: Any
) -> None:
    other = person("executive", name="Ana Ruiz")
    register.post_status(initiative=row, status="on_track", sentence="Before.", by=manager)
    register.follow(initiative=row, by=other)
    register.follow(initiative=row, by=manager)
    tell(admin)
    assert not Notice.objects.exists()
    register.post_status(initiative=row, status="at_risk", sentence="The vendor slips.", by=manager)
    register.comment(initiative=row, text="Two weeks, they say.", by=manager)
    register.comment(initiative=row, text="Thank you.", by=other)
    assert tell(admin) == 3
    assert tell(admin) == 0
    titles = [n.title for n in selectors.inbox(viewer=other).order_by("created_at", "pk")]
    assert titles == [
        f"{row.key} Claims triage: at risk",
        f"{row.key} Claims triage: Ruth Lindqvist commented",
    ]
    assert [n.title for n in selectors.inbox(viewer=manager)] == [
        f"{row.key} Claims triage: Ana Ruiz commented"
    ]
    assert all(n.kind == "follow" for n in Notice.objects.all())


def test_a_stage_move_is_news(row: Initiative, manager: Any, person: Person, admin: Any) -> None:
    other = person("executive")
    register.follow(initiative=row, by=other)
    register.advance_stage(initiative=row, to="pilot", reason="Ready.", by=manager)
    tell(admin)
    assert selectors.inbox(viewer=other).get().title.endswith("moved to Pilot")


def test_who_may_no_longer_see_it_hears_nothing(
    row: Initiative, manager: Any, person: Person, admin: Any, unit: Any
) -> None:
    from governance_app.people import services as people
    from governance_app.people.models import Grant

    other = person("contributor", unit, name="Ana Ruiz")
    register.follow(initiative=row, by=other)
    register.comment(initiative=row, text="@Ana Ruiz look at this", by=manager)
    people.revoke(grant=Grant.objects.get(user=other), by=admin)
    other.refresh_from_db()
    tell(admin)
    assert not Notice.objects.exists()


def test_a_pause_of_the_worker_loses_nothing(
    row: Initiative, manager: Any, person: Person, admin: Any
) -> None:
    other = person("executive", name="Ana Ruiz")
    register.comment(initiative=row, text="@Ana Ruiz still there?", by=manager)
    later = timezone.now() + dt.timedelta(days=10)
    assert services.tell_news(now=later, by=admin) == 1
    assert selectors.unread(viewer=other) == 1
