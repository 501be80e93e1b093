"""Seals: made of everything that was committed, and whatever is changed afterwards is found."""

import json
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from governance_app.audit.models import Event
from governance_app.audit.sealing import anchors, making, verifying
from governance_app.audit.sealing.keys import public_keys, signing_key
from governance_app.audit.sealing.proof import prove, standing
from governance_app.domain import merkle
from governance_app.domain.errors import Sentence
from portfolio.up.servers import Servers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("outside")]


@pytest.fixture
def sealed(happen: Any) -> list[int]:
    """Four seals over a history; gives the events of the third."""
    for name in ("Retail", "Insurance", "Markets", "Treasury"):
        happen(name)
        happen(f"{name} operations")
        assert making.seal_waiting().seals == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT event_id FROM ledger.member WHERE seal = 3 ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


def faults() -> list[str]:
    return [fault.says for fault in verifying.verify().faults]


def test_a_sealed_trail_is_whole(sealed: list[int]) -> None:
    verdict = verifying.verify()
    assert verdict.faults == []
    assert (verdict.seals, verdict.anchored, verdict.waiting) == (4, 4, 0)
    assert verdict.events == Event.objects.count()
    assert standing().waiting == 0 and standing().seals == 4


def test_nothing_new_makes_no_seal(sealed: list[int]) -> None:
    assert making.seal_waiting().seals == 0
    assert making.newest().head.number == 4


def test_a_large_backlog_becomes_several_seals(happen: Any) -> None:
    for number in range(5):
        happen(f"Unit {number}")
    done = making.seal_waiting(largest=2)
    assert done.events == Event.objects.count() and done.seals == -(-done.events // 2)
    assert faults() == []


def test_numbers_that_were_rolled_back_are_no_alarm(happen: Any) -> None:
    happen("Before")
    with pytest.raises(RuntimeError), transaction.atomic():
        happen("Never")
        raise RuntimeError
    happen("After")
    making.seal_waiting()
    ids = list(Event.objects.order_by("id").values_list("id", flat=True))
    assert ids[-1] - ids[0] >= len(ids), "there is a gap"
    assert faults() == []


def test_an_event_that_commits_late_is_sealed_late(
    happen: Any, servers: Servers, admin: Any
) -> None:
    name = connection.settings_dict["NAME"]
    happen("Early")
    with psycopg.connect(servers.app_url_for(name)) as slow:
        slow.execute("SELECT ledger.note(%s, 'x', '', '', 'Late.', '{}')", [admin.pk])
        happen("Later number, earlier commit")
        making.seal_waiting()
        assert faults() == []
    late = Event.objects.get(sentence="Late.")
    assert prove(late.pk).seal is None
    assert making.seal_waiting().events == 1
    assert prove(late.pk).is_proven
    assert faults() == []


def test_two_sealers_at_once_make_one_chain(happen: Any) -> None:
    for number in range(20):
        happen(f"Unit {number}")
    busy: list[bool] = []

    def seal() -> None:
        busy.append(making.seal_waiting(largest=3).is_busy)
        connection.close()

    threads = [threading.Thread(target=seal) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    making.seal_waiting()
    assert False in busy
    assert faults() == []


TAMPERINGS = [
    ("UPDATE ledger.event SET sentence = 'other' WHERE id = {0}", "Event {0} was altered"),
    ("UPDATE ledger.event SET actor = NULL WHERE id = {0}", "Event {0} was altered"),
    ("UPDATE ledger.event SET at = at - interval '1 us' WHERE id = {0}", "{0} was altered"),
    ("DELETE FROM ledger.event WHERE id = {0}", "Event {0} of seal 3 was deleted"),
    (
        "WITH o AS (SELECT id, before, after, row FROM ledger.event WHERE id IN ({0}, {1}))"
        " UPDATE ledger.event e SET before = o.before, after = o.after, row = o.row"
        " FROM o WHERE e.id IN ({0}, {1}) AND o.id <> e.id",
        "Event {1} was altered",
    ),
    (
        "WITH d AS (DELETE FROM ledger.event WHERE id = {0})"
        " DELETE FROM ledger.member WHERE event_id = {0}",
        "Seal 3 was made over 2 events; the list of its events (1)",
    ),
    ("DELETE FROM ledger.seal WHERE n = 3", "Seal 3 is missing."),
    ("DELETE FROM ledger.seal WHERE n = 4", "Seal 4 is in the anchor file and gone"),
    (
        "UPDATE ledger.seal s SET root = o.root, events = o.events FROM ledger.seal o"
        " WHERE s.n = 3 AND o.n = 2",
        "Seal 3 says something else than when it was made.",
    ),
    (
        "UPDATE ledger.seal SET n = CASE n WHEN 2 THEN 103 ELSE 102 END WHERE n IN (2, 3);"
        "UPDATE ledger.seal SET n = n - 100 WHERE n > 100",
        "Seal 2 does not follow the seal before it.",
    ),
    (
        "UPDATE ledger.seal SET signature = (SELECT signature FROM ledger.seal WHERE n = 2)"
        " WHERE n = 3",
        "The signature of seal 3 is not true.",
    ),
    (
        "INSERT INTO ledger.event (via, tbl, op) VALUES ('web', 'people_user', 'INSERT')",
        "is in no seal and does not wait for one",
    ),
]


def test_what_the_owner_changes_is_found(sealed: list[int], as_owner: Any) -> None:
    as_owner("CREATE SCHEMA kept")
    for table in ("event", "member", "seal"):
        as_owner(f"CREATE TABLE kept.{table} AS TABLE ledger.{table}")
    for tampering, says in TAMPERINGS:
        assert faults() == []
        for statement in tampering.format(*sealed).split(";"):
            as_owner(statement)
        assert any(says.format(*sealed) in fault for fault in faults()), (tampering, faults())
        for table in ("event", "member", "seal"):
            as_owner(f"DELETE FROM ledger.{table}")
            as_owner(
                f"INSERT INTO ledger.{table} OVERRIDING SYSTEM VALUE SELECT * FROM kept.{table}"
            )


def test_an_event_put_into_a_gap_with_an_old_time_is_found(
    sealed: list[int], as_owner: Any
) -> None:
    as_owner(
        "WITH w AS (INSERT INTO ledger.event (at, via, tbl, op) VALUES"
        " (now() - interval '2 days', 'web', 'x', 'INSERT') RETURNING id)"
        " INSERT INTO ledger.pending SELECT id FROM w"
    )
    making.seal_waiting()
    assert any("says it is older than events" in fault for fault in faults())


def test_an_event_deleted_before_it_was_sealed_is_found(
    sealed: list[int], happen: Any, as_owner: Any
) -> None:
    happen("Gone")
    newest = Event.objects.order_by("-id").first()
    as_owner("DELETE FROM ledger.event WHERE id = %s", newest.pk)
    assert faults() == [f"Event {newest.pk} was deleted before it was sealed."]


def test_history_written_anew_with_the_key_differs_from_the_anchors(
    sealed: list[int], as_owner: Any
) -> None:
    as_owner("UPDATE ledger.event SET sentence = 'other' WHERE id = %s", sealed[0])
    as_owner("INSERT INTO ledger.pending SELECT event_id FROM ledger.member")
    as_owner("DELETE FROM ledger.member")
    as_owner("DELETE FROM ledger.seal")
    kept = anchors.anchor_file().read_text()
    making.seal_waiting(largest=2)
    anchors.anchor_file().write_text(kept)
    assert any("is another one than the anchor file holds" in fault for fault in faults())


ANCHOR_TAMPERINGS: list[tuple[Any, str]] = [
    (lambda lines: lines[:2], "2 seals (3 to 4) are not in the anchor file"),
    (lambda lines: [], "4 seals (1 to 4) are not in the anchor file"),
    (lambda lines: [lines[0], *lines[2:]], "Seal 2 is not in the anchor file"),
    (lambda lines: [lines[1], lines[0], *lines[2:]], "Line 2 of the anchor file is out of"),
    (lambda lines: [*lines[:3], "nonsense"], "Line 4 of the anchor file is no seal."),
    (
        lambda lines: [lines[0].replace('"events":', '"events":1'), *lines[1:]],
        "Seal 1 in the anchor file was altered.",
    ),
]


def test_what_is_done_to_the_anchor_file_is_found(sealed: list[int]) -> None:
    file = anchors.anchor_file()
    whole = file.read_text()
    for tampering, says in ANCHOR_TAMPERINGS:
        file.write_text("".join(f"{line}\n" for line in tampering(whole.splitlines())))
        assert any(says in fault for fault in faults()), faults()
    file.unlink()
    assert any("4 seals (1 to 4) are not in the anchor file" in fault for fault in faults())


def test_a_cut_anchor_file_is_not_mended_in_silence(sealed: list[int], happen: Any) -> None:
    file = anchors.anchor_file()
    file.write_text(file.read_text().splitlines()[0] + "\n")
    happen("Another")
    making.seal_waiting()
    assert any("3 seals (2 to 4) are not in the anchor file" in fault for fault in faults())
    assert making.anchor_again() == 3
    assert [fault for fault in faults() if "not in the anchor file" in fault] == []


def test_a_crash_between_seal_and_anchor_is_made_good(sealed: list[int]) -> None:
    file = anchors.anchor_file()
    whole = file.read_text()
    file.write_text(whole[:-40])  # the last line was half written
    making.seal_waiting()
    assert faults() == []
    file.write_text("\n".join(whole.splitlines()[:3]) + "\n")  # or not at all
    making.seal_waiting()
    assert faults() == []


def test_the_application_cannot_touch_the_seals(sealed: list[int]) -> None:
    for statement in (
        "DELETE FROM ledger.pending",
        "DELETE FROM ledger.seal",
        "UPDATE ledger.member SET leaf = ''",
        "INSERT INTO ledger.member VALUES (0, 1, '')",
        "TRUNCATE ledger.seal",
        "SELECT ledger.add_seal(9, now(), '', '', '', '', '', '{}', '{}')",
        "SELECT ledger.add_seal(5, now(), '', '', '', '', '', '{}', '{}')",
    ):
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute(statement)
    assert faults() == []


def test_every_event_can_be_proven_by_itself(sealed: list[int]) -> None:
    for event in Event.objects.all():
        proof = prove(event.pk)
        assert proof is not None and proof.is_proven
        told = json.loads(json.dumps(proof.as_json()))
        steps = [merkle.Step(s["side"], bytes.fromhex(s["hash"])) for s in told["path"]]
        leaf = merkle.leaf_hash(told["content"].encode())
        assert merkle.climb(leaf, steps).hex() == told["statement"]["root"]
    assert prove(10**9) is None


def test_a_proof_of_an_altered_event_fails(sealed: list[int], as_owner: Any) -> None:
    as_owner("UPDATE ledger.event SET sentence = 'other' WHERE id = %s", sealed[0])
    proof = prove(sealed[0])
    assert proof is not None and not proof.is_member and not proof.is_proven
    assert prove(sealed[1]).is_proven


def test_the_key_is_private_and_a_new_one_leaves_old_seals_true(
    sealed: list[int], happen: Any, outside: Path, settings: Any
) -> None:
    file = Path(settings.SEAL_KEY)
    assert file.stat().st_mode & 0o777 == 0o600
    first = signing_key().name
    file.rename(outside / "old.pem")
    happen("Under the new key")
    making.seal_waiting()
    assert making.newest().head.key not in {first, ""}
    assert faults() == []
    (file.parent / f"seal-{first}.pub").unlink()
    assert f"Seal 1 names the key {first}, whose public half is not known here." in faults()
    file.chmod(0o644)
    with pytest.raises(Sentence, match="may be read by others"):
        signing_key()


def test_heads_go_to_further_places_and_are_compared_there(
    sealed: list[int], happen: Any, outside: Path, settings: Any
) -> None:
    place = outside / "worm"
    settings.SEAL_ANCHORS = [str(place), "http://127.0.0.1:9/anchors"]
    making.seal_waiting()
    assert len(list(place.glob("seal-*.json"))) == 4, "what was anchored before is sent too"
    happen("One more")
    making.seal_waiting()
    assert len(list(place.glob("seal-*.json"))) == 5
    assert faults() == []
    victim = sorted(place.glob("seal-*.json"))[1]
    victim.write_text(victim.read_text().replace('"events":', '"events":1'))
    assert faults() == [f"Seal 2 in {place} was altered."]


def test_verifying_needs_no_private_key(sealed: list[int], settings: Any, outside: Path) -> None:
    Path(settings.SEAL_KEY).unlink()
    assert faults() == []
    elsewhere = outside / "auditor"
    elsewhere.mkdir()
    for public in Path(settings.SEAL_KEY).parent.glob("*.pub"):
        (elsewhere / public.name).write_bytes(public.read_bytes())
    assert set(public_keys(elsewhere).by_name) == set(public_keys().by_name)
    assert verifying.verify(keys=elsewhere, anchor_file=anchors.anchor_file()).is_whole
