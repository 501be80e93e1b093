"""What ``audit_verify`` says and how it leaves."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from governance_app.audit.sealing import anchors
from governance_app.people import services as people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _outside(settings: Any, tmp_path: Path, organisation: Any, admin: Any) -> None:
    settings.SEAL_KEY = str(tmp_path / "seal.pem")
    settings.SEAL_ANCHOR_FILE = str(tmp_path / "seals.jsonl")
    people.add_unit(name="Retail", parent=organisation, by=admin)


def verify(*arguments: str) -> tuple[int, str, str]:
    """Run the command: exit code, output, errors."""
    out, errors = StringIO(), StringIO()
    try:
        call_command("audit_verify", *arguments, stdout=out, stderr=errors)
    except SystemExit as left:
        return int(left.code or 0), out.getvalue(), errors.getvalue()
    return 0, out.getvalue(), errors.getvalue()


def test_a_whole_trail_leaves_with_0_and_says_how_far() -> None:
    code, said, _ = verify()
    assert code == 0 and said.startswith("Nothing has been sealed yet.")
    code, said, _ = verify("--seal")
    assert code == 0 and "The trail is whole:" in said and "in 1 seals up to" in said
    code, said, _ = verify("--json")
    told = json.loads(said)
    assert code == 0
    assert (told["is_whole"], told["seals"], told["anchored"], told["faults"]) == (True, 1, 1, [])


def test_a_fault_leaves_with_1_and_a_sentence_and_can_be_decided_on() -> None:
    verify("--seal")
    anchors.anchor_file().unlink()
    code, said, _ = verify()
    assert code == 1 and said.startswith("Seal 1 is not in the anchor file")
    code, said, _ = verify("--json")
    assert code == 1 and json.loads(said)["faults"][0]["seal"] == 1
    code, said, _ = verify("--anchor-again")
    assert code == 0 and "2 events wait" in said, "who decided, and that"


def test_one_event_is_proven_by_its_number() -> None:
    from governance_app.audit.models import Event

    verify("--seal")
    number = Event.objects.order_by("-id").first().pk
    code, said, _ = verify("--event", str(number))
    assert code == 0 and json.loads(said)["is_proven"] is True
    assert verify("--event", str(10**9))[0] == 1


def test_a_place_that_is_not_there_is_a_usage_error() -> None:
    code, _, said = verify("--keys", "/nowhere/at/all")
    assert code == 2 and said == "There is no /nowhere/at/all.\n"
