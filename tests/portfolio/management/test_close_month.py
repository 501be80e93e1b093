"""``close_month``: the third door to the close, with exit codes."""

import json

import pytest
from django.core.management import call_command

from governance_app.spend.models import MonthClose
from tests.factories import focus
from tests.spend.close.conftest import THIRD_DAY, books, evidence, finance, load, source

__all__ = ["books", "evidence", "finance", "load", "source"]

pytestmark = pytest.mark.django_db


def test_a_month_is_checked_closed_and_answered_as_json(books, load, capsys):
    load(focus.as_csv([focus.line()]), now=THIRD_DAY)
    call_command("close_month", "2026-10", "--check", "--json")
    checked = json.loads(capsys.readouterr().out)
    assert (checked["month"], checked["state"], checked["pack"]) == ("2026-10", "open", "")
    assert checked["totals"][0]["billed"].startswith("1.0")
    call_command("close_month", "2026-10")
    assert "2026-10 is soft closed." in capsys.readouterr().out
    call_command("close_month", "2026-10", "--approve", "--json")
    closed = json.loads(capsys.readouterr().out)
    assert closed["state"] == "closed"
    assert closed["pack"] == MonthClose.objects.get().pack.sha256


def test_what_keeps_a_month_open_is_exit_code_1(books, load, capsys):
    load(focus.as_csv([focus.line(Tags="{}")]), now=THIRD_DAY)
    with pytest.raises(SystemExit) as left:
        call_command("close_month", "2026-10", "--check")
    assert left.value.code == 1
    with pytest.raises(SystemExit) as left:
        call_command("close_month", "2026-10", "--approve", "--json")
    assert left.value.code == 1
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert "Unallocated is under its threshold" in answer["error"]
    assert not MonthClose.objects.filter(closed_at__isnull=False).exists()


def test_no_month_is_exit_code_2(books):
    with pytest.raises(SystemExit) as left:
        call_command("close_month", "October")
    assert left.value.code == 2
