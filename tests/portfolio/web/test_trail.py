import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from governance_app.audit import selectors
from governance_app.audit.sealing import making
from governance_app.people import services as people

pytestmark = pytest.mark.django_db


@pytest.fixture
def outside(settings: Any, tmp_path: Any) -> None:
    settings.SEAL_KEY = str(tmp_path / "seal.pem")
    settings.SEAL_ANCHOR_FILE = str(tmp_path / "seals.jsonl")


@pytest.fixture
def auditor(person: Any, outside: None) -> Client:
    client = Client()
    client.force_login(person("auditor"))
    return client


def test_the_trail_says_how_far_it_is_sealed(
    auditor: Client, organisation: Any, admin: Any
) -> None:
    assert b"Not sealed yet." in auditor.get(reverse("trail")).content
    making.seal_waiting()
    people.add_unit(name="Retail", parent=organisation, by=admin)
    shown = auditor.get(reverse("trail")).content.decode()
    assert "Sealed up to" in shown and "1 newer event waits" in " ".join(shown.split())


def test_one_event_is_proven_on_its_page_and_as_a_file(auditor: Client) -> None:
    event = selectors.events().first()
    page = reverse("trail-event", args=[event.pk])
    assert b"waits to be sealed" in auditor.get(page).content
    making.seal_waiting()
    assert b"Proven: this event is as it was written." in auditor.get(page).content
    answer = auditor.get(reverse("trail-proof", args=[event.pk]))
    assert "attachment" in answer["Content-Disposition"]
    told = json.loads(answer.content)
    assert told["is_proven"] and told["statement"]["seal"] == 1
    assert "BEGIN PUBLIC KEY" in told["public_key"] and "PRIVATE" not in answer.content.decode()


def test_an_event_whose_seal_is_not_anchored_is_not_proven(auditor: Client, settings: Any) -> None:
    making.seal_waiting()
    settings.SEAL_ANCHOR_FILE += ".gone"
    event = selectors.events().first()
    shown = auditor.get(reverse("trail-event", args=[event.pk])).content.decode()
    assert "cannot be proven" in shown and "anchor file does not hold this seal" in shown


def test_an_event_that_is_not_there_is_not_found(auditor: Client) -> None:
    assert auditor.get(reverse("trail-event", args=[10**9])).status_code == 404
    assert auditor.get(reverse("trail-proof", args=[10**9])).status_code == 404
