"""A promise that no longer holds: asked to be re-baselined from the week, approved by another."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance_app.initiatives import selectors
from governance_app.value import services as value
from governance_app.value.models import BusinessCase
from tests.rollups.conftest import World, world

__all__ = ["world"]

pytestmark = pytest.mark.django_db
Person = Callable[..., Any]
HX = {"HX-Request": "true"}
OCT = dt.date(2026, 10, 1)


def test_a_promise_that_is_far_off_is_re_baselined_by_asking_an_approver(
    world: World, person: Person
) -> None:
    manager, approver = world.manager, person("finance_partner", name="Fay Finance")
    row = world.initiative(program_manager=manager)
    world.case(row)
    benefit = world.benefit(row)
    value.claim(benefit=benefit, months={OCT: Decimal(100)}, basis="Rota", by=manager)
    world.validate(benefit, OCT, "100")
    world.now = timezone.now()
    world.absorb(later=dt.timedelta(seconds=1))
    client = Client()
    client.force_login(manager)
    page = client.get("/week/")
    assert [each["row"].key for each in page.context["promises"]] == [row.key]
    address = f"/week/{row.key}/rebaseline/"
    wrong = client.post(address, {"reason": "", "approver": str(approver.pk)}, headers=HX)
    assert wrong.status_code == 422 and "why the promise" in wrong.content.decode()
    own = client.post(address, {"reason": "Fewer calls.", "approver": str(manager.pk)}, headers=HX)
    assert own.status_code == 422
    assert BusinessCase.objects.filter(initiative=row).count() == 1
    asked = client.post(
        address, {"reason": "Fewer calls.", "approver": str(approver.pk)}, headers=HX
    )
    assert asked.status_code == 200 and "is a draft now" in asked.content.decode()
    draft = BusinessCase.objects.get(initiative=row, state="draft")
    assert draft.number == 2 and draft.written_by == manager
    told = selectors.mentions(viewer=approver).get()
    assert "Fewer calls." in told.sentence
    again = client.post(address, {"reason": "Once more.", "approver": str(approver.pk)}, headers=HX)
    assert again.status_code == 422
