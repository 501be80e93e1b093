"""Saved views that somebody subscribed to: told when members or figures change, at their pace."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from governance_app.domain.errors import Sentence
from governance_app.initiatives import services as register
from governance_app.initiatives.models import Initiative
from governance_app.notices import selectors, services
from governance_app.notices.models import Notice, ViewWatch
from governance_app.notices.watching import KEPT, compare

Person = Callable[..., Any]


@pytest.fixture
def manager(person: Person, unit: Any) -> Any:
    return person("program_manager", unit, name="Ruth Lindqvist")


@pytest.fixture
def row(unit: Any, manager: Any) -> Initiative:
    return register.add(name="Claims triage", unit=unit, by=manager, stage="idea")


def look(admin: Any, days: float) -> int:
    return services.look_at_views(now=timezone.now() + dt.timedelta(days=days), by=admin)


@pytest.mark.django_db
def test_a_watch_tells_who_came_who_went_and_what_changed(
    row: Initiative, unit: Any, manager: Any, admin: Any
) -> None:
    other = register.add(name="Voice notes", unit=unit, by=manager, stage="idea")
    view = register.save_view(name="Ideas", query="stage=idea", by=manager)
    services.watch_view(view=view, every="daily", by=manager)
    assert look(admin, 1) == 0
    register.add(name="Fraud signals", unit=unit, by=manager, stage="idea")
    register.advance_stage(initiative=other, to="assessment", by=manager)
    register.post_status(initiative=row, status="off_track", sentence="No data.", by=manager)
    assert look(admin, 2) == 1
    told = Notice.objects.get()
    assert told.kind == "view" and told.title == "“Ideas”: 1 new, 1 gone, 1 changed"
    assert f"{row.key} Claims triage: status unknown, now off track." in told.body
    assert told.page == "/portfolio/?stage=idea"
    assert look(admin, 3) == 0


@pytest.mark.django_db
def test_weekly_waits_a_week_and_ending_it_ends_it(
    row: Initiative, unit: Any, manager: Any, admin: Any
) -> None:
    view = register.save_view(name="All", query="", by=manager)
    services.watch_view(view=view, every="weekly", by=manager)
    register.add(name="Voice notes", unit=unit, by=manager)
    assert look(admin, 6) == 0
    assert look(admin, 7) == 1
    services.watch_view(view=view, every="", by=manager)
    register.add(name="Fraud signals", unit=unit, by=manager)
    assert look(admin, 30) == 0
    assert not ViewWatch.objects.exists()


@pytest.mark.django_db
def test_each_hears_only_of_what_they_may_see(
    row: Initiative, unit: Any, other_unit: Any, manager: Any, person: Person, admin: Any
) -> None:
    far = person("program_manager", other_unit, name="Lou Moreau")
    view = register.save_view(name="All", query="", by=manager, is_shared=True)
    services.watch_view(view=view, every="daily", by=far)
    register.add(name="Secret here", unit=unit, by=manager)
    assert look(admin, 1) == 0
    register.add(name="Storm surge", unit=other_unit, by=far)
    assert look(admin, 2) == 1
    assert "Secret" not in Notice.objects.get(person=far).body


@pytest.mark.django_db
def test_a_view_no_longer_shared_is_no_longer_told(
    row: Initiative, unit: Any, manager: Any, person: Person, admin: Any
) -> None:
    other = person("executive")
    view = register.save_view(name="All", query="", by=manager, is_shared=True)
    services.watch_view(view=view, every="daily", by=other)
    register.share_view(view=view, is_shared=False, by=manager)
    register.add(name="Voice notes", unit=unit, by=manager)
    assert look(admin, 1) == 0
    assert not ViewWatch.objects.exists() and not Notice.objects.exists()
    with pytest.raises(Sentence):
        services.watch_view(view=view, every="daily", by=other)
    with pytest.raises(Sentence):
        services.watch_view(view=view, every="hourly", by=manager)
    assert not ViewWatch.objects.exists()


@pytest.mark.django_db
def test_the_menu_of_views_subscribes(row: Initiative, manager: Any) -> None:
    client = Client()
    client.force_login(manager)
    view = register.save_view(name="All", query="", by=manager)
    address = f"/portfolio/views/{view.pk}/"
    shown = client.post(address, {"what": "daily"}, headers={"HX-Request": "true"})
    assert "Told daily: stop" in shown.content.decode()
    assert selectors.watches(viewer=manager) == {view.pk: "daily"}
    client.post(address, {"what": "unwatch"}, headers={"HX-Request": "true"})
    assert selectors.watches(viewer=manager) == {}


CELLS = st.lists(st.sampled_from(["", "1", "2"]), min_size=len(KEPT), max_size=len(KEPT))
STATES = st.dictionaries(st.sampled_from(["AI-1", "AI-2", "AI-3"]), CELLS)


@given(before=STATES, now=STATES)
def test_nothing_is_told_exactly_when_nothing_differs(
    before: dict[str, list[str]], now: dict[str, list[str]]
) -> None:
    changed = compare(before, now, "USD")
    assert changed.is_nothing == (before == now)
    assert len(changed.came) == len(now.keys() - before.keys())
    assert len(changed.left) == len(before.keys() - now.keys())
