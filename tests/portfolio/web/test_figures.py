"""An open page can ask whether its figures are still the newest."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance_app.initiatives import services as initiatives
from governance_app.rollups import services as rollups

pytestmark = pytest.mark.django_db


def age(viewer: Any) -> float | None:
    client = Client()
    client.force_login(viewer)
    found: float | None = client.get("/figures/").json()["age_seconds"]
    return found


def test_figures_made_anew_are_young_for_those_who_see_them(
    person: Callable[..., Any], unit: Any, other_unit: Any, admin: Any
) -> None:
    here, there = person("executive", unit), person("executive", other_unit)
    assert age(here) is None
    initiatives.add(name="Claims triage", unit=unit, by=admin, stage="pilot")
    rollups.absorb(by=admin, now=timezone.now())
    made = age(here)
    assert made is not None and 0 <= made < 30
    assert age(there) is None or age(there) != made
