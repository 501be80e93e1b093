"""What every plug-in keeps, whoever wrote it. A new one is found and tried by itself."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from governance_app.connectors import http, registry
from governance_app.connectors.base import (
    Batch,
    PassingError,
    PermanentError,
    Plugin,
    SettingKind,
)
from governance_app.domain.records import ReadingRecord
from tests.connectors.errands import watermark_after
from tests.connectors.stands import (
    OWN_STANDS,
    RECORDED_PLUGINS,
    SECRET,
    Stand,
    recorded_stand,
    stand_for,
)
from tests.servers.scripted import Reply

PLUGINS = list(registry.catalogue())


@pytest.fixture(params=PLUGINS)
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    with stand_for(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def plugin(stand: Stand) -> Plugin:
    return stand.plugin


@pytest.fixture(autouse=True)
def _without_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(http, "DEADLINE_S", 0.5)


def content(batches: list[Batch]) -> list[Any]:
    """Give what batches say, without the functions that open files."""
    return [
        (
            batch.stage,
            batch.records,
            [(each.scope, each.version, each.made_at) for each in batch.deliveries],
            batch.refused,
            batch.complete,
            batch.marks,
        )
        for batch in batches
    ]


def test_every_plugin_has_a_stand() -> None:
    assert set(PLUGINS) == {*RECORDED_PLUGINS, *OWN_STANDS}


def test_it_declares_itself(plugin: Plugin) -> None:
    assert plugin.name.isidentifier() and plugin.title and plugin.brings
    assert plugin.summary.endswith(".")
    names = [setting.name for setting in plugin.settings]
    assert len(names) == len(set(names))
    for setting in plugin.settings:
        assert setting.title
        assert not (setting.is_secret and setting.default), "a default secret is none"
        assert (setting.kind is SettingKind.CHOICE) == bool(setting.choices)
    for setting in plugin.settings:
        if any(word in setting.name for word in ("token", "secret", "password", "key")):
            assert setting.is_secret, f"{setting.name} looks like a secret"


@pytest.mark.parametrize("name", PLUGINS)
def test_it_knows_no_framework(name: str) -> None:
    blocked = "import sys\nfor m in ('django', 'celery', 'rest_framework'): sys.modules[m] = None\n"
    module = type(registry.plugin(name)).__module__
    subprocess.run([sys.executable, "-c", f"{blocked}import {module}"], check=True, timeout=60)


def test_a_good_set_up_passes_its_test(stand: Stand) -> None:
    checks = stand.plugin.test(stand.errand())
    assert checks and all(check.is_ok for check in checks)


def test_the_same_source_gives_the_same_batches(stand: Stand) -> None:
    first = list(stand.plugin.pull(stand.errand()))
    assert content(first) == content(list(stand.plugin.pull(stand.errand())))
    assert any(batch.records or batch.deliveries for batch in first)


def test_marks_are_json_and_spare_the_second_delivery(stand: Stand) -> None:
    marks = watermark_after(stand.plugin.pull(stand.errand()))
    assert json.loads(json.dumps(marks)) == marks
    again = list(stand.plugin.pull(stand.errand(watermark=marks)))
    assert [batch.deliveries for batch in again if batch.deliveries] == []
    if not stand.plugin.is_example:
        read = [each for batch in again for each in batch.records]
        assert not any(isinstance(each, ReadingRecord) for each in read)


def test_a_missing_setting_is_named(plugin: Plugin) -> None:
    for setting in plugin.settings:
        if setting.is_required:
            with pytest.raises(PermanentError, match=setting.title):
                plugin.clean({})


def test_an_unknown_setting_is_named(plugin: Plugin) -> None:
    with pytest.raises(PermanentError, match="has no setting colour"):
        plugin.clean({"colour": "red"})


def test_names_keep_their_letters(stand: Stand) -> None:
    batches = list(stand.plugin.pull(stand.errand()))
    assert "ü" in repr(content(batches)) or "ä" in repr(content(batches))


FAULTS: dict[str, tuple[Any, type[Exception], str]] = {
    "401": (lambda r: Reply(status=401), PermanentError, "credentials"),
    "403": (lambda r: Reply(status=403), PermanentError, "permission"),
    "404": (lambda r: Reply(status=404), PermanentError, "address right"),
    "429": (
        lambda r: Reply(status=429, headers={"retry-after": "900"}),
        PassingError,
        "come back later",
    ),
    "500": (lambda r: Reply(status=500), PassingError, "500"),
    "hang": (lambda r: replace(r, holds_s=20), PassingError, "in time"),
    "truncated body": (
        lambda r: replace(r, body=r.body[:-9], declared_length=len(r.body)),
        PassingError,
        "broke off",
    ),
    "truncated JSON": (lambda r: replace(r, body=r.body[:-9]), PassingError, "breaks off"),
    "wrong content type": (
        lambda r: Reply(body=b"<html>", content_type="text/html"),
        PermanentError,
        "text/html",
    ),
    "another shape": (lambda r: Reply.of([1, 2]), PermanentError, ""),
    "a changed field": (
        lambda r: replace(r, body=r.body.replace(b'"name"', b'"title"')),
        PermanentError,
        "",
    ),
}


@pytest.mark.parametrize("name", RECORDED_PLUGINS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_apart_and_said(name: str, fault: str) -> None:
    broken, kind, said = FAULTS[fault]
    with recorded_stand(name, broken) as stand:
        with pytest.raises(kind) as caught:
            list(stand.plugin.pull(stand.errand()))
        assert said in str(caught.value)
        assert SECRET not in str(caught.value)
        if fault == "429":
            assert isinstance(caught.value, PassingError) and caught.value.retry_in == 900
        if fault != "a changed field":
            checks = stand.plugin.test(stand.errand())
            assert not checks[-1].is_ok
            assert SECRET not in checks[-1].sentence


@pytest.mark.parametrize("name", RECORDED_PLUGINS)
def test_the_token_is_sent_and_an_empty_source_is_no_fault(name: str) -> None:
    empty = {"demo": {"models": [], "pages": 1}, "mlflow": {}}[name]
    with recorded_stand(name, lambda r: Reply.of(empty)) as stand:
        batches = list(stand.plugin.pull(stand.errand()))
        assert [each for batch in batches for each in batch.records] == []
        assert stand.server is not None
        assert stand.server.calls[0].headers["authorization"] == f"Bearer {SECRET}"
