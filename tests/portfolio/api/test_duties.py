"""What a leaver holds, read and handed over by a program that learns of it first."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from governance_app.initiatives import services as initiatives
from governance_app.oversight import services as oversight

pytestmark = pytest.mark.django_db
AT = "/api/v1/oversight/held/"


def test_everything_goes_over_once_and_only_for_who_manages_people(
    program: Any, initiative: Any, person: Any, unit: Any, admin: Any
) -> None:
    leaver, next_one = (person("program_manager", unit) for _ in range(2))
    row = initiatives.edit(initiative=initiative, program_manager=leaver, by=admin)
    action = oversight.add_action(
        initiative=row, title="Ask the council", sentence="It reads e-mails.", owner=leaver,
        due_on=timezone.localdate() + dt.timedelta(days=9), by=admin,
    )  # fmt: skip
    hr, manager = program("administrator"), program("program_manager", unit)
    asked = {"person": leaver.email, "successor": next_one.email, "reason": "Left on Friday."}
    assert manager.get(f"{AT}?person={leaver.email}").status_code == 403
    assert manager.post(AT, asked, format="json").status_code == 403
    held = hr.get(f"{AT}?person={leaver.email}").data
    assert (held["seats"], held["owned"]) == (
        [{"seat": "Program manager", "initiatives": 1}], ["1 action"]
    )  # fmt: skip
    nobody = hr.post(AT, {**asked, "successor": "gone@example.com"}, format="json")
    assert nobody.status_code == 400 and "successor" in nobody.data["error"]["fields"]
    same = hr.post(AT, {**asked, "successor": leaver.email}, format="json")
    assert same.status_code == 422
    row.refresh_from_db()
    assert row.program_manager == leaver
    done = hr.post(AT, asked, format="json")
    assert done.data["sentence"] == "Handed over: 1 seat, 1 action; 0 delegations ended."
    row.refresh_from_db()
    action.refresh_from_db()
    assert (row.program_manager, action.owner) == (next_one, next_one)
    again = hr.post(AT, asked, format="json").data
    assert (again["seats"], again["owned"]) == (0, {})
