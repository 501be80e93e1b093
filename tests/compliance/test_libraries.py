"""Framework files: taken in once, versioned, refused with line and reason."""

import json

import pytest

from governance_app.compliance import services
from governance_app.compliance.models import Library, Mapping, Node
from governance_app.domain.frameworks import BadFramework
from governance_app.people.access import Refused

pytestmark = pytest.mark.django_db


def a_file(**changes):
    head = {
        "format": 1, "key": "house-rules", "version": 1, "name": "House rules",
        "kind": "framework", "publisher": "Us", "licence": "Own", "licence_url": "none",
        "attribution": "Us", "source_url": "https://example.com/rules",
        "retrieved_on": "2026-11-01", "as_of": "2026-11-01",
        "nodes": [{"ref": "R1", "title": "Say what it is for"}],
    }  # fmt: skip
    return json.dumps({**head, **changes}, indent=1).encode()


def take(content, admin):
    return services.import_library(content=content, name="rules.json", by=admin)


def test_the_shipped_ones_are_loaded_once(admin):
    loaded = {row.key for row in services.load_shipped(by=admin)}
    assert {"nist-ai-rmf", "eu-ai-act", "iso-42001", "owasp-llm", "mitre-atlas"} <= loaded
    assert Library.objects.get(key="nist-ai-rmf").nodes_total == 72
    assert Node.objects.get(library__key="nist-ai-rmf", ref="GOVERN 1.1").parent.ref == "GOVERN 1"
    assert Mapping.objects.filter(other_key="owasp-llm", other_ref="LLM09").exists()
    assert services.load_shipped(by=admin) == []


def test_a_newer_version_becomes_current_and_the_older_stays(admin):
    old = take(a_file(), admin)
    new = take(a_file(version=2, nodes=[{"ref": "R1", "title": "Say it better"}]), admin)
    old.refresh_from_db()
    assert (old.is_current, new.is_current) == (False, True)
    assert old.nodes.get().title == "Say what it is for"


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b'{"format": 1,\n "key": }', 2, "not JSON"),
        (b"\xff\xfe", 1, "not UTF-8"),
        (b"[1]", 1, "one JSON object"),
        (b'{"a":' * 3000 + b"1" + b"}" * 3000, 1, "nested too deeply"),
        (a_file(licence=""), 1, "“licence” must be a text"),
        (a_file(as_of="soon"), 1, "must be a day such as"),
        (a_file(colour="red"), 1, "nothing called colour"),
        (a_file(nodes=[{"ref": "A", "title": "a"}] * 2), 19, "stands twice"),
        (
            a_file(nodes=[{"ref": "A", "title": "a", "text": "x" * 161}],
                   redistribution="titles-only"),
            15,
            "summaries up to 160",
        ),
        (
            a_file(questions=[{"key": "Q", "text": "?", "kind": "yes_no"}],
                   tiers=[{"slug": "t", "name": "T", "rank": 1, "sentence": "s",
                           "when": {"question": "Q", "is": "perhaps"}}]),
            33,
            "cannot be answered with “perhaps”",
        ),
        (
            a_file(questions=[{"key": "Q", "text": "?", "kind": "yes_no",
                               "show_when": {"question": "Z", "is": "yes"}}]),
            21,
            "no earlier question",
        ),
        (
            a_file(obligations=[{"ref": "1", "title": "t", "article": "1", "roles": [],
                                 "status": "in_force", "basis": "b", "source_url": "u",
                                 "as_of": "2026-01-01", "applies_from": "2026-13-01"}]),
            21,
            "must be a day such as",
        ),
    ],
)  # fmt: skip
def test_a_faulty_file_is_refused_with_line_and_reason(admin, content, line, reason, ledger_count):
    before = ledger_count()
    with pytest.raises(BadFramework, match=reason) as refused:
        take(content, admin)
    assert refused.value.row == line
    assert not Library.objects.exists()
    assert ledger_count() == before


def test_the_same_file_or_an_older_version_is_refused(admin):
    take(a_file(version=2), admin)
    with pytest.raises(BadFramework, match="this very file"):
        take(a_file(version=2), admin)
    with pytest.raises(BadFramework, match="not newer than version 2"):
        take(a_file(version=1), admin)
    assert Library.objects.count() == 1


def test_only_who_may_imports(person, organisation):
    with pytest.raises(Refused):
        take(a_file(), person("risk_officer"))
    assert take(a_file(), person("administrator")).key == "house-rules"


@pytest.mark.django_db(transaction=True)
def test_two_who_load_at_once_wait_for_each_other():
    import threading

    from django.db import connection

    from governance_app.people.services import system_user

    by, failed = system_user("setup"), []

    def load():
        try:
            services.load_shipped(by=by)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    both = [threading.Thread(target=load) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert failed == []
    assert Library.objects.filter(is_current=True).count() == Library.objects.count() > 10
