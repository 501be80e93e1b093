"""``frameworks``: list, load, check and import, with exit codes."""

import json

import pytest
from django.core.management import call_command

from governance_app.compliance.models import Library
from governance_app.compliance.reading import SHIPPED

pytestmark = pytest.mark.django_db


def test_load_then_list(capsys):
    call_command("frameworks")
    assert "None is loaded yet" in capsys.readouterr().out
    call_command("frameworks", "load", "--json")
    found = {row["key"]: row for row in json.loads(capsys.readouterr().out)}
    assert found["nist-ai-rmf"]["requirements"] == 72


def test_a_good_file_is_checked_without_being_taken_in(capsys):
    call_command("frameworks", "check", str(SHIPPED / "owasp-llm.json"))
    assert "10 nodes" in capsys.readouterr().out
    assert not Library.objects.exists()


def test_a_faulty_file_is_refused_with_its_line(tmp_path, capsys):
    bad = tmp_path / "bad.json"
    bad.write_text('{"format": 1,\n"key": }')
    with pytest.raises(SystemExit) as stopped:
        call_command("frameworks", "import", str(bad))
    assert stopped.value.code == 1
    assert "Line 2" in capsys.readouterr().err
    assert not Library.objects.exists()


@pytest.mark.parametrize("asked", [("import",), ("list", "x.json")])
def test_what_makes_no_sense_is_a_question_of_usage(asked):
    with pytest.raises(SystemExit) as stopped:
        call_command("frameworks", *asked)
    assert stopped.value.code == 2
