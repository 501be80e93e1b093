"""Board packs over the API: begun, written, signed by somebody else, taken as files."""

from typing import Any

import pytest
from django.utils import timezone

from governance_app.exports.models import BoardPack, PackAction
from governance_app.jobs.models import Job
from governance_app.jobs.tasks import run_inline

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = timezone.localdate()
HEAD = {"content_type": "application/json"}


@pytest.fixture
def writer(client: Any, unit: Any, person: Any) -> Any:
    who = person("finance_partner")
    client.force_login(who)
    return who


def call(client: Any, way: str, address: str, body: Any = None, expects: int = 200) -> Any:
    answer = getattr(client, way)(f"/api/v1/packs/{address}", body or {}, **HEAD)
    assert answer.status_code == expects, answer.content
    return answer.json()


def test_a_pack_is_begun_written_signed_and_taken(writer: Any, client: Any, person: Any) -> None:
    begun = call(client, "post", "", {"title": "November"}, 201)
    assert (begun["on"], begun["words"], begun["signed_at"]) == (TODAY.isoformat(), {}, None)
    assert begun["content"]["figures"] and begun["restated"] == []
    one = f"{begun['id']}/"
    words = {"words": {"value": "Two of five pay back."}, "version": begun["version"]}
    written = call(client, "patch", one, words)
    assert written["words"] == words["words"]
    action = call(
        client, "post", f"{one}actions/",
        {"text": "Stop two pilots", "owner": writer.email, "due_on": "2027-01-31"}, 201,
    )  # fmt: skip
    assert client.get(f"/api/v1/packs/{one}files/slides/").status_code == 404

    client.force_login(person("executive"))
    signed = call(client, "post", f"{one}sign/", {"version": written["version"]})
    assert signed["signed_by"] and signed["signed_at"] and signed["slides"] == ""
    run_inline(Job.objects.get(pk=signed["job"]))
    made = call(client, "get", one)
    assert len(made["slides"]) == len(made["paper"]) == 64
    assert [each["text"] for each in made["actions"]] == ["Stop two pilots"]
    file = client.get(f"/api/v1/packs/{one}files/paper/")
    assert b"".join(file.streaming_content).startswith(b"%PDF")
    assert [each["id"] for each in call(client, "get", "")["results"]] == [begun["id"]]

    client.force_login(writer)
    assert [each["id"] for each in call(client, "get", "actions/")] == [action["id"]]
    ended = call(client, "post", f"actions/{action['id']}/end/", {"outcome": "Both stopped."})
    assert (ended["outcome"], ended["done_on"]) == ("Both stopped.", TODAY.isoformat())


def test_what_is_refused_changes_nothing(writer: Any, client: Any, person: Any) -> None:
    begun = call(client, "post", "", {"title": "November"}, 201)
    one, version = f"{begun['id']}/", begun["version"]
    refusals = [
        ("post", "", {"title": "Next year", "on": "2099-01-01"}, 422, "over or of today"),
        ("post", "", {"title": "Where", "unit": begun["id"]}, 400, "no such unit"),
        ("patch", one, {"words": {"weather": "Fine"}, "version": version}, 422, "no section"),
        ("patch", one, {"words": {"value": "x" * 2001}, "version": version}, 422, "2,000"),
        ("patch", one, {"words": {"value": "Late"}, "version": version - 1}, 409, ""),
        ("post", f"{one}sign/", {"version": version}, 403, ""),
        ("post", f"{one}actions/", {"text": "Stop", "owner": "no@one.example",
                                    "due_on": "2027-01-31"}, 400, "Nobody"),
    ]  # fmt: skip
    for way, address, body, status, sentence in refusals:
        answer = getattr(client, way)(f"/api/v1/packs/{address}", body, **HEAD)
        assert answer.status_code == status, answer.content
        assert sentence in answer.content.decode()
    pack = BoardPack.objects.get()
    assert (pack.words, pack.signed_at, pack.version) == ({}, None, version)
    assert not PackAction.objects.exists()


def test_a_pack_of_a_place_one_does_not_see_is_not_there(
    writer: Any, client: Any, person: Any, unit: Any
) -> None:
    begun = call(client, "post", "", {"title": "November"}, 201)
    client.force_login(person("finance_partner", unit))
    for address in ("", "files/slides/"):
        assert client.get(f"/api/v1/packs/{begun['id']}/{address}").status_code == 404
    call(client, "post", "", {"title": "Everything"}, 403)
    client.force_login(person("contributor"))
    call(client, "get", "", expects=403)
    assert BoardPack.objects.count() == 1
