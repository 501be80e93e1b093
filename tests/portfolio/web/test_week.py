"""A program manager's week: the queue, quick updates, the month's end, proposals by link."""

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from governance_app.initiatives import selectors, services
from governance_app.initiatives.models import Initiative, IntakeRequest, StatusUpdate

Person = Callable[..., Any]
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def ruth(person: Person, unit: Any) -> Any:
    return person("program_manager", unit, name="Ruth Lindqvist")


@pytest.fixture
def claims(unit: Any, ruth: Any) -> Initiative:
    return services.add(
        name="Claims triage", unit=unit, by=ruth, stage="pilot", program_manager=ruth
    )


@pytest.fixture
def client_of() -> Callable[[Any], Client]:
    def sign_in(who: Any) -> Client:
        client = Client()
        client.force_login(who)
        return client

    return sign_in


def test_the_queue_holds_what_is_due_and_one_keystroke_posts_it(
    claims: Initiative, ruth: Any, client_of: Any
) -> None:
    client = client_of(ruth)
    page = client.get("/week/")
    assert [each["row"] for each in page.context["updates"]] == [claims]
    chosen = page.context["updates"][0]["chosen"]
    data = {"status": chosen, "sentence": "Two teams joined.", "version": claims.version}
    answer = client.post(f"/week/{claims.key}/status/", data, headers=FRAGMENT)
    assert answer.status_code == 200 and b"<html" not in answer.content
    claims.refresh_from_db()
    assert (claims.status, claims.status_sentence) == (chosen, "Two teams joined.")
    assert client.get("/week/").context["updates_due"] == 0


def test_a_refused_update_keeps_what_was_typed(
    claims: Initiative, ruth: Any, client_of: Any
) -> None:
    services.edit(initiative=claims, by=ruth, vendor="Acme")
    data = {"status": "on_track", "sentence": "All well.", "version": claims.version}
    answer = client_of(ruth).post(f"/week/{claims.key}/status/", data, headers=FRAGMENT)
    assert answer.status_code == 422
    assert b"All well." in answer.content
    assert not StatusUpdate.objects.exists()


def test_the_queue_is_empty_for_who_keeps_nothing(person: Person, client_of: Any) -> None:
    page = client_of(person("executive")).get("/week/")
    assert page.status_code == 200
    assert b"of no active initiative" in page.content


def test_mentions_are_answered_in_the_queue(
    claims: Initiative, ruth: Any, person: Person, unit: Any, client_of: Any
) -> None:
    other = person("business_owner", unit, name="Mike Okafor")
    services.comment(initiative=claims, text="@Ruth Lindqvist which date?", by=other)
    client = client_of(ruth)
    told = client.get("/week/").context["mentions"]
    assert [each.by for each in told] == [other]
    client.post(f"/week/mentions/{told[0].pk}/", headers=FRAGMENT)
    assert client.get("/week/").context["mentions_open"] == 0


def test_the_months_end_is_sent_whole_or_not_at_all(
    claims: Initiative, unit: Any, ruth: Any, client_of: Any
) -> None:
    voice = services.add(name="Voice notes", unit=unit, by=ruth, program_manager=ruth)
    client = client_of(ruth)
    data = {
        f"status-{claims.key}": "on_track", f"sentence-{claims.key}": "Fine.",
        f"version-{claims.key}": claims.version,
        f"status-{voice.key}": "sideways", f"sentence-{voice.key}": "Well.",
    }  # fmt: skip
    answer = client.post("/week/month-end/", data)
    assert answer.status_code == 422
    assert answer.context["error"].startswith(voice.key)
    assert not StatusUpdate.objects.exists()
    answer = client.post("/week/month-end/", data | {f"status-{voice.key}": "at_risk"})
    assert answer["Location"] == "/week/month-end/?sent=2"
    assert StatusUpdate.objects.count() == 2


def test_the_log_page_writes_and_closes(claims: Initiative, ruth: Any, client_of: Any) -> None:
    client = client_of(ruth)
    client.post(f"/initiatives/{claims.key}/log/add/", {"kind": "issue", "title": "No data"})
    line = client.get("/week/log/?kind=issue").context["lines"][0]
    assert line.title == "No data"
    client.post(f"/initiatives/log/{line.entry.pk}/", {"outcome": "Found.", "version": "1"})
    page = client.get(f"/initiatives/{claims.key}/log/?all=1")
    assert page.context["lines"][0].outcome == "Found."
    refused = client.post(f"/initiatives/{claims.key}/dependencies/add/", {"needs": claims.key})
    assert refused.status_code == 422
    assert "cannot depend on itself" in refused.context["wait"]["error"]


def test_a_file_beside_a_comment_is_handed_out_to_be_saved_only(
    claims: Initiative, ruth: Any, person: Person, other_unit: Any, client_of: Any
) -> None:
    client = client_of(ruth)
    page = SimpleUploadedFile("note.html", b"<script>alert(1)</script>", "text/html")
    client.post(f"/initiatives/{claims.key}/comments/", {"text": "See file.", "files": page})
    kept = next(iter(selectors.comment_files(viewer=ruth, initiative=claims).values()))[0]
    answer = client.get(f"/initiatives/files/{kept.pk}/")
    assert answer["Content-Disposition"] == 'attachment; filename="note.html"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"  # type: ignore[attr-defined]
    stranger = client_of(person("auditor", other_unit))
    assert stranger.get(f"/initiatives/files/{kept.pk}/").status_code == 404


def test_following_is_a_button(claims: Initiative, ruth: Any, client_of: Any) -> None:
    client = client_of(ruth)
    client.post(f"/initiatives/{claims.key}/follow/", {"what": "follow"}, headers=FRAGMENT)
    assert selectors.followers(viewer=ruth, initiative=claims) == ["Ruth Lindqvist"]
    client.post(f"/initiatives/{claims.key}/follow/", {"what": "leave"}, headers=FRAGMENT)
    assert selectors.followers(viewer=ruth, initiative=claims) == []


def test_a_workbook_goes_out_and_comes_back(claims: Initiative, ruth: Any, client_of: Any) -> None:
    client = client_of(ruth)
    out = client.get("/portfolio/workbook/initiatives.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(out.content))
    sheet = book.active
    assert sheet is not None
    heads = [cell.value for cell in sheet[1]]
    sheet.cell(2, heads.index("Vendor") + 1, "Globex")
    sheet.cell(2, heads.index("Time box") + 1, dt.datetime(2027, 3, 31))
    target = io.BytesIO()
    book.save(target)
    sent = SimpleUploadedFile("back.xlsx", target.getvalue())
    answer = client.post("/portfolio/workbook/upload/", {"file": sent})
    page = client.get(answer["Location"])
    assert [line.field for line in page.context["lines"]["change"]] == ["vendor", "time_box_on"]
    assert page.context["lines"]["refused"] == []
    client.post(answer["Location"])
    claims.refresh_from_db()
    assert (claims.vendor, claims.time_box_on) == ("Globex", dt.date(2027, 3, 31))


def test_any_other_file_is_shown_the_right_door(ruth: Any, client_of: Any) -> None:
    sent = SimpleUploadedFile("list.csv", b"Name,Unit\nA,B\n")
    answer = client_of(ruth).post("/portfolio/workbook/upload/", {"file": sent})
    assert answer.status_code == 422
    assert "use Import" in answer.context["error"]


def test_a_link_lets_a_stranger_propose_and_see_nothing(
    claims: Initiative, unit: Any, ruth: Any, client_of: Any
) -> None:
    until = timezone.localdate() + dt.timedelta(days=3)
    page = client_of(ruth).post(
        "/intake/links/", {"name": "Suppliers", "unit": unit.pk, "expires_on": until.isoformat()}
    )
    door = page.context["new_link"].removeprefix("http://testserver")
    stranger = Client()
    shown = stranger.get(door)
    assert shown.status_code == 200 and b"Claims triage" not in shown.content
    data = {"name": "Claims triage", "purpose": "Sort claims.", "proposer_name": "Eve",
            "proposer_email": "eve@example.com"}  # fmt: skip
    assert b"Claims triage" not in stranger.post(door, data).content
    assert IntakeRequest.objects.get().unit == unit
    seen = client_of(ruth).get("/intake/alike/?name=claims+triage", headers=FRAGMENT)
    assert claims.key.encode() in seen.content
    assert stranger.get("/intake/by-link/nothing/").status_code == 404


def test_proposals_are_decided_by_who_may_add(
    claims: Initiative, unit: Any, ruth: Any, person: Person, client_of: Any
) -> None:
    asker = person("contributor", unit)
    client_of(asker).post(
        "/intake/propose/", {"name": "Triage claims", "purpose": "Sort them.", "unit": unit.pk}
    )
    row = IntakeRequest.objects.get()
    address = f"/intake/{row.pk}/decide/"
    assert client_of(asker).post(address, {"what": "take"}).status_code == 403
    refused = client_of(ruth).post(address, {"what": "decline", "reason": ""})
    assert refused.status_code == 422
    client_of(ruth).post(address, {"what": "join", "key": claims.key})
    row.refresh_from_db()
    assert (row.state, row.initiative) == (IntakeRequest.State.JOINED, claims)
