"""``manage.py rollup``: the command's answers and exit codes."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from governance_app.initiatives import services as initiatives
from governance_app.rollups.models import InitiativeNow

pytestmark = pytest.mark.django_db


def test_it_takes_what_waits_and_then_nothing(unit: Any, admin: Any) -> None:
    initiatives.add(name="Claims triage", unit=unit, by=admin)
    answers = []
    for _ in range(2):
        out = StringIO()
        call_command("rollup", "--json", stdout=out)
        answers.append(json.loads(out.getvalue()))
    assert answers[0]["now"] == 1 and answers[0]["changes"] > 0
    assert answers[1] == dict.fromkeys(answers[1], 0) | {"is_busy": False}


def test_all_makes_everything_anew_and_changes_nothing(unit: Any, admin: Any) -> None:
    initiatives.add(name="Claims triage", unit=unit, by=admin)
    call_command("rollup", stdout=StringIO())
    InitiativeNow.objects.all().delete()
    out = StringIO()
    call_command("rollup", "--all", stdout=out)
    assert "1 present figures" in out.getvalue()
