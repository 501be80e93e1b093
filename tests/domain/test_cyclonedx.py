"""CycloneDX: what is open against which part, at its worst; anything else is refused by place."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance_app.domain.cyclonedx import (
    SEVERITIES,
    SPEC_VERSIONS,
    BadBill,
    Bill,
    Vulnerability,
    is_grave,
    kept,
    read,
)


def bill(*vulnerabilities: Any, **more: Any) -> dict[str, Any]:
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "components": [
            {"type": "library", "group": "org.tukaani", "name": "xz", "version": "5.6.0",
             "bom-ref": "xz", "components": [
                 {"type": "library", "name": "liblzma", "version": "5.6.1", "bom-ref": "lzma"}]},
            {"type": "machine-learning-model", "name": "claims", "version": "3",
             "bom-ref": "model", "modelCard": {"modelParameters": {"task": "classification"}}},
        ],
        "vulnerabilities": list(vulnerabilities), **more,
    }  # fmt: skip


def one(**fields: Any) -> Vulnerability:
    (found,) = read(bill({"id": "CVE-1", "affects": [{"ref": "xz"}], **fields})).vulnerabilities
    return found


@pytest.mark.parametrize("version", SPEC_VERSIONS)
def test_parts_inside_others_are_found_and_counted(version: str) -> None:
    found = read(
        bill(
            {"id": "CVE-1", "affects": [{"ref": "xz"}, {"ref": "lzma"}, {"ref": "gone"}]},
            specVersion=version, serialNumber="urn:uuid:1",
            metadata={"timestamp": "2026-11-20T12:00:00+02:00", "component": {"name": "app"}},
        )
    )  # fmt: skip
    assert (found.components, found.serial_number) == (3, "urn:uuid:1")
    assert found.made_at == dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)
    assert found.vulnerabilities[0].parts == ("org.tukaani/xz 5.6.0", "liblzma 5.6.1", "gone")


def test_the_worst_rating_counts_and_only_cvss_scores_compare() -> None:
    found = one(ratings=[
        {"severity": "high", "score": 7.5, "method": "CVSSv31"},
        {"severity": "medium", "score": 98, "method": "SSVC"}, {"score": 9.1},
    ])  # fmt: skip
    assert (found.severity, found.score) == ("high", 9.1)


@pytest.mark.parametrize(
    ("state", "is_open"),
    [
        ("", True), ("exploitable", True), ("in_triage", True), ("resolved", False),
        ("resolved_with_pedigree", False), ("not_affected", False), ("false_positive", False),
    ],
)  # fmt: skip
def test_what_an_analysis_closes(state: str, is_open: bool) -> None:
    found = one(analysis={"state": state} if state else {}, ratings=[{"severity": "critical"}])
    limits: dict[str, Any] = {"severity": "critical", "score": 9.0, "exploited_names": []}
    assert (found.is_open, bool(is_grave(found, **limits))) == (is_open, is_open)


@pytest.mark.parametrize(
    ("versions", "is_affected"),
    [
        ([{"version": "5.6.0"}], True),
        ([{"version": "5.6.0", "status": "unaffected"}], False),
        ([{"version": "5.6.0", "status": "unaffected"}, {"version": "5.6.1"}], False),
        ([{"range": "vers:generic/<5", "status": "unaffected"}], False),
        ([{"range": "vers:generic/<5"}, {"version": "5.7", "status": "unaffected"}], True),
        ([{"version": "5.6.0", "status": "unknown"}], True),
    ],
)
def test_a_version_that_the_file_calls_unaffected_is(
    versions: list[Any], is_affected: bool
) -> None:
    found = read(bill({"id": "CVE-1", "affects": [{"ref": "xz", "versions": versions}]}))
    assert bool(found.vulnerabilities) is is_affected


def test_one_that_stands_twice_is_one_and_an_open_entry_counts_before_a_closed_one() -> None:
    closed = {"id": "CVE-1", "affects": [{"ref": "xz"}], "analysis": {"state": "resolved"}}
    still = {"id": "CVE-1", "affects": [{"ref": "lzma"}], "ratings": [{"severity": "low"}]}
    worse = {"id": "CVE-1", "affects": [{"ref": "model"}], "ratings": [{"severity": "critical"}]}
    (found,) = read(bill(closed, still, worse)).vulnerabilities
    assert (found.is_open, found.severity) == (True, "critical")
    assert found.parts == ("liblzma 5.6.1", "claims 3")


@pytest.mark.parametrize(
    ("value", "is_exploited"), [("true", True), ("2026-01-02", True), ("false", False), ("", False)]
)
def test_a_property_says_that_it_is_exploited(value: str, is_exploited: bool) -> None:
    found = one(properties=[{"name": "cisa:KEV", "value": value}])
    limits: dict[str, Any] = {"severity": "critical", "score": 9.0, "exploited_names": ["kev"]}
    assert bool(is_grave(found, **limits)) is is_exploited


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ([], "no CycloneDX"),
        ({"bomFormat": "SPDX"}, "no CycloneDX"),
        (bill(specVersion="1.3"), "what is read is 1.4, 1.5, 1.6"),
        (bill(version="one"), "^version: "),
        (bill(components={}), "^components: it is a list"),
        (bill(components=[{"type": "library"}]), r"^components\[0\].name"),
        (bill(metadata={"timestamp": "yesterday"}), "^metadata.timestamp"),
        (bill({}), r"^vulnerabilities\[0\].id"),
        (bill({"id": "x" * 101}), r"^vulnerabilities\[0\].id"),
        (bill({"id": "a\x00"}), "NUL"),
        (bill({"id": "1", "affects": [{}]}), r"^vulnerabilities\[0\].affects\[0\].ref"),
        (bill({"id": "1", "ratings": [{"severity": "bad"}]}), r"ratings\[0\].severity is “bad”"),
        (bill({"id": "1", "ratings": [{"score": "9"}]}), r"ratings\[0\].score"),
        (bill({"id": "1", "analysis": {"state": "fine"}}), "analysis.state is “fine”"),
    ],
)
def test_what_is_none_is_refused_by_its_place(data: Any, told: str) -> None:
    with pytest.raises(BadBill, match=told):
        read(data)


_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
_KEYS = st.sampled_from(
    ["id", "ref", "affects", "ratings", "severity", "score", "versions", "status", "analysis",
     "state", "components", "name", "version", "bom-ref", "properties", "value"]
)  # fmt: skip
_ANY = st.recursive(
    _LEAVES,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(_KEYS, inside, max_size=4),
)


@given(_ANY, _ANY, _ANY)
def test_whatever_stands_there_is_read_or_refused(parts: Any, known: Any, head: Any) -> None:
    try:
        found = read(bill(components=parts, vulnerabilities=known, metadata=head))
    except BadBill as refused:
        assert str(refused)
    else:
        assert isinstance(found, Bill)
        assert all(kept(each.as_json()) == each for each in found.vulnerabilities)


@given(st.sampled_from(SEVERITIES), st.sampled_from(SEVERITIES), st.floats(0, 10))
def test_worse_is_never_less_of_a_signal(one: str, two: str, score: float) -> None:
    less, more = sorted((one, two), key=SEVERITIES.index)
    if less == "unknown":
        return
    limits: dict[str, Any] = {"severity": "high", "score": 7.0, "exploited_names": []}
    assert not is_grave(Vulnerability("1", less, score), **limits) or is_grave(
        Vulnerability("1", more, score), **limits
    )
