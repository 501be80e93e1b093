"""The doctor finds what is wrong and says what to do."""

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from portfolio.doctor import data, machine, parts
from portfolio.doctor.findings import Finding, State
from portfolio.up.servers import Servers


def by_name(findings: Any) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


@pytest.mark.django_db
def test_the_test_database_is_as_it_should_be() -> None:
    found = by_name(data.examine())
    for name in ("database", "clocks", "migrations", "two roles", "trail", "stored files"):
        assert found[name].state == State.WELL, found[name]
    assert found["two roles"].says == (
        "The application signs in as portfolio_app, which owns nothing."
    )


@pytest.mark.django_db
def test_one_role_for_everything_is_wrong(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = psycopg.connect(servers.owner_url_for(connection.settings_dict["NAME"]))

    def ask_as_owner(query: str) -> tuple[object, ...]:
        row = owner.execute(query).fetchone()
        assert row is not None
        return row

    monkeypatch.setattr(data, "_one", ask_as_owner)
    roles, trail = data._roles(), data._trail()
    owner.close()
    assert roles.state == State.WRONG
    assert roles.says.startswith("The application signs in as portfolio_owner, which owns ")
    assert trail.state == State.WRONG


def test_missing_keys_are_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.delenv("SECRETS_KEY", raising=False)
    found = by_name(machine._keys())
    assert found["signing key"].state == found["key of secrets"].state == State.WRONG


def test_packages_are_those_of_the_lock() -> None:
    assert machine._packages() == Finding(
        "packages", State.WELL, "What is installed is what requirements/run.txt says."
    )


def test_another_version_than_the_lock_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_locked", lambda: iter([("django", "0.96"), ("nothere", "1")]))
    finding = machine._packages()
    assert finding.state == State.WRONG
    assert "the lock says 0.96; nothere is missing, the lock says 1." in finding.says
    assert finding.do == "Run make setup."


def test_debug_in_the_open_is_wrong(settings: Any) -> None:
    settings.DEBUG = True
    assert machine._exposure().state == State.WRONG
    settings.DEBUG = False
    settings.ALLOWED_HOSTS = ["portfolio.example"]
    settings.HTTPS = False
    assert machine._exposure().state == State.WEAK
    settings.HTTPS = True
    assert machine._exposure().state == State.WELL


def test_files_that_cannot_be_written_are_wrong(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.FILES_URL = str(tmp_path / "file" / "folder")
    finding = data._files()
    assert finding.state == State.WRONG
    assert finding.do == "Check FILES_URL and the rights of this user on it."


@pytest.mark.django_db
def test_silence_is_weak_while_nothing_runs(settings: Any, tmp_path: Path) -> None:
    settings.VAR = tmp_path
    found = by_name(parts.examine())
    assert found["broker"].state == found["jobs"].state == State.WELL
    assert found["worker"].state == found["beat"].state == State.WEAK


@pytest.mark.django_db
def test_the_command_answers_in_json_and_leaves_with_1(
    capsys: pytest.CaptureFixture[str], settings: Any, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = tmp_path
    with pytest.raises(SystemExit) as left:
        call_command("doctor", "--json")
    assert left.value.code == 1
    findings = {finding["name"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert findings["static files"]["state"] == "wrong"
    assert findings["static files"]["do"] == "Run python manage.py collectstatic --noinput."
