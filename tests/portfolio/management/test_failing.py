"""A command that meets an error nobody planned for says a sentence, not a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from governance_app.domain.errors import Sentence
from portfolio import env
from portfolio.management.failing import tell

BROKEN = """
import sys, manage
from django.core.management import base
def broken(self, *a, **k):
    raise ZeroDivisionError("password=hunter2")
base.BaseCommand.execute = broken
sys.argv = ["manage.py", "doctor", *sys.argv[1:]]
sys.exit(manage.main())
"""


def run(told: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=env.BASE,
        env={**os.environ, **told, "PYTHONPATH": str(env.BASE)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_sentence_names_the_log_and_the_log_has_the_traceback(tmp_path: Path) -> None:
    done = run({"VAR": str(tmp_path)}, "-c", BROKEN)
    log = tmp_path / "log" / "commands.log"
    assert done.returncode == 3
    assert done.stderr.startswith(f"Something went wrong on our side. {log} has it under ")
    assert "Traceback" not in done.stderr and "hunter2" not in done.stderr
    reference = done.stderr.split(" under ")[1].split(";")[0]
    assert f"doctor failed, reference {reference}" in log.read_text()
    assert "ZeroDivisionError" in log.read_text()


def test_the_traceback_is_shown_when_asked_for(tmp_path: Path) -> None:
    done = run({"VAR": str(tmp_path)}, "-c", BROKEN, "--traceback")
    assert done.returncode == 1 and "ZeroDivisionError" in done.stderr
    assert not (tmp_path / "log" / "commands.log").exists()


def test_a_database_that_is_away_is_named(tmp_path: Path) -> None:
    away = "postgresql://portfolio_app@127.0.0.1:9/portfolio"
    done = run({"VAR": str(tmp_path), "DATABASE_URL": away}, "manage.py", "audit_verify")
    assert done.returncode == 3 and "The database cannot be used: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_refusal_stays_a_refusal(capsys: pytest.CaptureFixture[str]) -> None:
    assert tell(Sentence("Rules 1 and 2 form a circle."), ["allocate"]) == 1
    assert capsys.readouterr().err == "Rules 1 and 2 form a circle.\n"
