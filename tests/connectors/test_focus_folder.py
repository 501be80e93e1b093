"""The folder: manifests rule, files without one stand for themselves, changes are seen."""

import datetime as dt
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from governance_app.connectors.base import (
    Batch,
    Delivery,
    Errand,
    PassingError,
    PermanentError,
    Reach,
)
from governance_app.connectors.plugins.focus_folder import FocusFolder
from tests.connectors.errands import errand, watermark_after

PLUGIN = FocusFolder()


def errand_for(folder: Path, **parts: Any) -> Errand:
    reach = Reach(folders=(str(folder),))
    return errand(PLUGIN, reach=reach, settings={"folder": str(folder)}, **parts)


def write(path: Path, content: str, *, at: int = 1_760_000_000) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    os.utime(path, (at, at))


def manifest(path: Path, *, files: list[str], version: str, **more: Any) -> None:
    told = {"scope": "payer-1", "billing_period": "2026-10", "version": version, "files": files}
    write(path, json.dumps(told | more))


def deliveries(batches: list[Batch]) -> list[Delivery]:
    return [each for batch in batches for each in batch.deliveries]


def read(delivery: Delivery) -> list[bytes]:
    found = []
    for part in delivery.parts:
        with part.open() as stream:
            found.append(stream.read())
    return found


def test_each_file_is_a_scope_of_its_own(tmp_path: Path) -> None:
    write(tmp_path / "2026" / "sep.csv", "a", at=1_760_000_000)
    write(tmp_path / "oct.csv.gz", "b", at=1_750_000_000)
    write(tmp_path / "notes.txt", "not a bill")
    write(tmp_path / "_unfinished.csv", "not yet")
    found = deliveries(list(PLUGIN.pull(errand_for(tmp_path))))
    assert [each.scope for each in found] == ["oct.csv.gz", "2026/sep.csv"]
    assert found[0].made_at == dt.datetime.fromtimestamp(1_750_000_000, dt.UTC)
    assert found[0].period is None
    assert read(found[1]) == [b"a"]


def test_what_was_stored_is_not_delivered_again(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "a")
    first = list(PLUGIN.pull(errand_for(tmp_path)))
    again = list(PLUGIN.pull(errand_for(tmp_path, watermark=watermark_after(first))))
    assert deliveries(again) == []


def test_what_could_not_be_stored_is_delivered_again(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "a")
    list(PLUGIN.pull(errand_for(tmp_path)))
    assert len(deliveries(list(PLUGIN.pull(errand_for(tmp_path, watermark={}))))) == 1


def test_a_changed_file_is_a_newer_version_of_the_same_scope(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "a", at=1_760_000_000)
    first = list(PLUGIN.pull(errand_for(tmp_path)))
    write(tmp_path / "a.csv", "b", at=1_760_000_100)
    [second] = deliveries(list(PLUGIN.pull(errand_for(tmp_path, watermark=watermark_after(first)))))
    [before] = deliveries(first)
    assert (second.scope, second.made_at > before.made_at) == ("a.csv", True)
    assert second.version != before.version


def test_a_file_that_left_is_told_once(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "a")
    write(tmp_path / "b.csv", "b")
    marks = watermark_after(PLUGIN.pull(errand_for(tmp_path)))
    (tmp_path / "a.csv").unlink()
    batches = list(PLUGIN.pull(errand_for(tmp_path, watermark=marks)))
    assert [batch.gone for batch in batches] == [("a.csv",)]
    assert batches[0].remarks == ("a.csv has left the folder; what it brought stays.",)
    marks = watermark_after(batches, marks)
    assert [batch.gone for batch in PLUGIN.pull(errand_for(tmp_path, watermark=marks))] == [()]


def test_an_empty_folder_after_a_full_one_is_suspect(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "a")
    marks = watermark_after(PLUGIN.pull(errand_for(tmp_path)))
    (tmp_path / "a.csv").unlink()
    with pytest.raises(PassingError, match="Is it mounted"):
        list(PLUGIN.pull(errand_for(tmp_path, watermark=marks)))


def test_a_manifest_rules_its_folder(tmp_path: Path) -> None:
    month = tmp_path / "BILLING_PERIOD=2026-10"
    write(month / "p-1.csv", "one")
    write(month / "p-2.csv", "two")
    write(month / "p-3.csv", "stale")
    manifest(
        month / "manifest.json",
        files=["p-1.csv", "p-2.csv"],
        version="2026-11-03T04:00:00Z",
        rows=7,
        billed={"USD": 12.5, "EUR": "0.10"},
    )
    [found] = deliveries(list(PLUGIN.pull(errand_for(tmp_path))))
    assert (found.scope, found.period) == ("payer-1", dt.date(2026, 10, 1))
    assert found.made_at == dt.datetime(2026, 11, 3, 4, tzinfo=dt.UTC)
    assert (found.declared_rows, found.declared_billed) == (
        7,
        {"USD": Decimal("12.5"), "EUR": Decimal("0.10")},
    )
    assert read(found) == [b"one", b"two"]


def test_a_newer_manifest_with_fewer_files_is_a_new_version(tmp_path: Path) -> None:
    write(tmp_path / "p-1.csv", "one")
    write(tmp_path / "p-2.csv", "two")
    manifest(tmp_path / "manifest.json", files=["p-1.csv", "p-2.csv"], version="2026-11-03")
    first = list(PLUGIN.pull(errand_for(tmp_path)))
    manifest(tmp_path / "manifest.json", files=["p-1.csv"], version="2026-11-04")
    [second] = deliveries(list(PLUGIN.pull(errand_for(tmp_path, watermark=watermark_after(first)))))
    assert [part.name for part in second.parts] == ["p-1.csv"]
    assert second.made_at == dt.datetime(2026, 11, 4, tzinfo=dt.UTC)


def test_versions_out_of_order_are_delivered_oldest_first(tmp_path: Path) -> None:
    for name, version in (("a", "2026-11-05"), ("b", "2026-11-03")):
        write(tmp_path / name / "p.csv", name)
        manifest(tmp_path / name / "manifest.json", files=["p.csv"], version=version)
    found = deliveries(list(PLUGIN.pull(errand_for(tmp_path))))
    assert [each.made_at.day for each in found] == [3, 5]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"files": ["../secret.csv"]}, "outside its folder"),
        ({"files": ["/etc/passwd"]}, "outside its folder"),
        ({"files": ["late.csv"]}, "lists late.csv, which is not there"),
        ({"billing_period": "October"}, "cannot be read as a manifest"),
        ({"billed": {"USD": "much"}}, "cannot be read as a manifest"),
        ({"rows": "many"}, "cannot be read as a manifest"),
        ({"version": None}, "cannot be read as a manifest"),
    ],
)
def test_a_bad_manifest_is_refused_by_name(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    write(tmp_path / "bad" / "p.csv", "x")
    good = {"files": ["p.csv"], "version": "2026-11-03"}
    manifest(tmp_path / "bad" / "manifest.json", **(good | change))
    write(tmp_path / "good.csv", "x")
    batches = list(PLUGIN.pull(errand_for(tmp_path)))
    [refusal] = batches[0].refused
    assert refusal.what == "bad/manifest.json"
    assert said in refusal.sentence
    assert [each.scope for each in deliveries(batches)] == ["good.csv"]


def test_a_manifest_that_says_too_little_names_what_lacks(tmp_path: Path) -> None:
    write(tmp_path / "manifest.json", "{}")
    [refusal] = next(iter(PLUGIN.pull(errand_for(tmp_path)))).refused
    assert refusal.sentence == "manifest.json does not say 'billing_period'."


def test_a_file_overwritten_while_it_is_read_is_not_taken(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "first content")
    [found] = deliveries(list(PLUGIN.pull(errand_for(tmp_path))))
    with found.parts[0].open() as stream:
        assert stream.read(5) == b"first"
        write(tmp_path / "a.csv", "other content", at=1_760_000_500)
        with pytest.raises(PassingError, match="changed while it was read"):
            while stream.read(5):
                pass


def test_a_file_overwritten_after_listing_is_not_taken(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "first")
    [found] = deliveries(list(PLUGIN.pull(errand_for(tmp_path))))
    write(tmp_path / "a.csv", "other", at=1_760_000_500)
    with pytest.raises(PassingError, match="changed while it was read"):
        found.parts[0].open()


def test_only_allowed_folders_are_read(tmp_path: Path) -> None:
    asked = errand(PLUGIN, reach=Reach(folders=(str(tmp_path),)), settings={"folder": "/etc"})
    with pytest.raises(PermanentError, match="FOLDERS_ALLOWED"):
        list(PLUGIN.pull(asked))
    climbing = f"{tmp_path}/../.."
    asked = errand(PLUGIN, reach=Reach(folders=(str(tmp_path),)), settings={"folder": climbing})
    assert PLUGIN.test(asked)[0].is_ok is False


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    write(outside, "secret")
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "a.csv").symlink_to(outside)
    [found] = deliveries(list(PLUGIN.pull(errand_for(inside))))
    with pytest.raises(PermanentError, match="outside the folder"):
        found.parts[0].open()


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("http://bills.example/", "cannot be read as a folder"),
        ("s3://bucket", "ai-portfolio[s3]"),
        ("sftp://bills.internal/in", "bills.internal:22 to OUTBOUND_ALLOWED"),
    ],
)
def test_other_addresses_are_refused_with_a_sentence(folder: str, said: str) -> None:
    [check] = PLUGIN.test(errand(PLUGIN, settings={"folder": folder}))
    assert not check.is_ok
    assert said in check.sentence


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    checks = PLUGIN.test(errand_for(tmp_path / "nowhere"))
    assert [check.is_ok for check in checks] == [False]
    assert "There is no folder" in checks[0].sentence


def test_test_counts_what_lies_there(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "a")
    checks = PLUGIN.test(errand_for(tmp_path))
    assert [check.is_ok for check in checks] == [True, True]
    assert checks[1].sentence == f"1 file(s) and 0 manifest(s) in {tmp_path}."


def test_a_manifest_rewritten_while_its_files_were_read_is_noticed(tmp_path: Path) -> None:
    write(tmp_path / "p.csv", "x")
    manifest(tmp_path / "manifest.json", files=["p.csv"], version="2026-11-03")
    [found] = deliveries(list(PLUGIN.pull(errand_for(tmp_path))))
    assert found.still is not None
    found.still()
    manifest(tmp_path / "manifest.json", files=["p.csv"], version="2026-11-04T10:00:00Z")
    with pytest.raises(PassingError, match="changed while it was read"):
        found.still()
