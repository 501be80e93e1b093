"""
What every plug-in keeps, whoever wrote it.

A new one is found by itself and enters with ``tests/servers/replays/<name>.py``: a source on
loopback that can change, page and break. After any disturbance the program must hold what
the source holds, exactly, and never a mixture of two states.
"""

import contextlib
import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from governance_app.connectors import http, registry
from governance_app.connectors.base import (
    Batch,
    Brings,
    PassingError,
    PermanentError,
    Plugin,
    SettingKind,
)
from governance_app.domain.records import ReadingRecord
from tests.connectors.program import Program
from tests.servers.scenario import NOW, SECRET, Charge, Running, Version, running, scenario_of
from tests.servers.scripted import Reply

PLUGINS = list(registry.catalogue())
OVER_HTTP = [name for name in PLUGINS if scenario_of(name).speaks_http]


def bringing(kind: Brings) -> list[str]:
    return [name for name in PLUGINS if kind in registry.catalogue()[name].plugin.brings]


@pytest.fixture(autouse=True)
def _without_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(http, "DEADLINE_S", 2.0)


@pytest.fixture(params=PLUGINS)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    with running(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def program() -> Program:
    return Program()


def assert_agree(program: Program, source: Running) -> None:
    """The program holds what the source holds."""
    held, brings = source.scenario.held, source.plugin.brings
    assert program.refused == []
    if Brings.SPEND in brings:
        assert program.billed() == source.scenario.expected_billed()
    if Brings.MODELS in brings:
        assert program.models == set(held.models)
        numbers = {(name, number) for name, each in held.models.items() for number in each}
        assert set(program.versions) == numbers
    if Brings.READINGS in brings:
        found = {(series, on): value for (_, series, on), value in program.readings.items()}
        wanted = source.scenario.expected_readings()
        assert {key: found.get(key) for key in wanted} == wanted
    if Brings.SEATS in brings:
        assert list(program.seats.values()) == [held.seats]
    if Brings.ITEMS in brings:
        assert program.items == held.items


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


# What it says about itself


@pytest.mark.parametrize("name", PLUGINS)
def test_it_declares_itself(name: str) -> None:
    plugin = registry.catalogue()[name].plugin
    assert plugin.name.isidentifier() and plugin.title and plugin.brings
    assert plugin.summary.endswith(".")
    names = [setting.name for setting in plugin.settings]
    assert len(names) == len(set(names))
    for setting in plugin.settings:
        assert setting.title
        assert not (setting.is_secret and setting.default), "a default secret is none"
        assert (setting.kind is SettingKind.CHOICE) == bool(setting.choices)
        if any(word in setting.name for word in ("token", "secret", "password", "key")):
            assert setting.is_secret, f"{setting.name} looks like a secret"


@pytest.mark.parametrize("name", [name for name in PLUGINS if name != "demo"])
def test_its_page_names_the_permissions_and_every_setting(name: str) -> None:
    plugin = registry.catalogue()[name].plugin
    page = Path("docs/connections", f"{name}.md").read_text()
    assert page.startswith(f"# {plugin.title}\n")
    assert "## Permissions" in page
    lacking = [each.title for each in plugin.settings if each.title not in page]
    assert lacking == []


@pytest.mark.parametrize("name", PLUGINS)
def test_it_knows_no_framework(name: str) -> None:
    blocked = "import sys\nfor m in ('django', 'celery', 'rest_framework'): sys.modules[m] = None\n"
    module = type(registry.catalogue()[name].plugin).__module__
    subprocess.run([sys.executable, "-c", f"{blocked}import {module}"], check=True, timeout=60)


@pytest.mark.parametrize("name", PLUGINS)
def test_wrong_settings_are_named(name: str) -> None:
    plugin: Plugin = registry.catalogue()[name].plugin
    first = next((each for each in plugin.settings if each.is_required), None)
    if first is not None:
        with pytest.raises(PermanentError, match=first.title):
            plugin.clean({})
    with pytest.raises(PermanentError, match="has no setting colour"):
        plugin.clean({"colour": "red"})


# A good source


def test_a_good_set_up_passes_its_test(source: Running) -> None:
    checks = source.plugin.test(source.errand())
    assert checks and all(check.is_ok for check in checks), checks


def test_it_brings_what_the_source_holds(source: Running, program: Program) -> None:
    batches = program.run(source)
    assert_agree(program, source)
    told = repr(content(batches)) + repr(
        [line for _, lines in program.bills.values() for line in lines]
    )
    assert "ü" in told or "Ü" in told or "顧" in told


def test_the_same_source_gives_the_same_batches(source: Running) -> None:
    first = list(source.plugin.pull(source.errand()))
    assert content(first) == content(list(source.plugin.pull(source.errand())))
    assert any(batch.records or batch.deliveries for batch in first)


def test_a_double_delivery_changes_nothing(source: Running, program: Program) -> None:
    program.run(source)
    assert json.loads(json.dumps(program.marks)) == program.marks
    before = dict(program.marks)
    again = program.run(source, now=NOW + dt.timedelta(hours=1))
    assert program.delivered == []
    assert program.marks == before
    if Brings.MODELS in source.plugin.brings:
        read = [each for batch in again for each in batch.records]
        assert not any(isinstance(each, ReadingRecord) for each in read)
    assert_agree(program, source)


def test_another_order_is_the_same_content(source: Running, program: Program) -> None:
    program.run(source)
    source.scenario.backwards = True
    program.run(source)
    if source.scenario.speaks_http:
        assert program.delivered == []
    assert_agree(program, source)


@pytest.mark.parametrize("page_size", [1, 2])
def test_every_page_is_read(source: Running, program: Program, page_size: int) -> None:
    source.scenario.page_size = page_size
    program.run(source)
    assert_agree(program, source)


# A source that changes


def change(source: Running) -> None:
    """Let something of every kind be other than it was, in an earlier period too."""
    held = source.scenario.held
    for place, each in enumerate(held.charges):
        if each.on.month == 10:
            held.charges[place] = replace(each, amount=each.amount + 3)
    for key in held.values:
        held.values[key] += 1
    held.models["a-new-one"] = {"1": Version(("champion",))}
    del held.models["shadow"]
    held.seats = (12, 6, 4)
    held.items["PAY-1"] = ("Pilot lebt, ü", dt.date(2026, 12, 9), dt.date(2026, 12, 8))
    held.items["PAY-9"] = ("Neu", dt.date(2027, 1, 1), None)
    del held.items["PAY-3"]
    source.scenario.refresh()


def test_a_late_correction_arrives_alone(source: Running, program: Program) -> None:
    program.run(source)
    change(source)
    program.run(source)
    assert_agree(program, source)
    if Brings.SPEND in source.plugin.brings:
        months = {each.period for each in program.delivered}
        assert months == {dt.date(2026, 10, 1)}


@pytest.mark.parametrize("name", bringing(Brings.SPEND))
def test_a_clock_set_back_loses_no_correction(name: str, tmp_path: Path, program: Program) -> None:
    with running(name, tmp_path) as source:
        program.run(source)
        change(source)
        program.run(source, now=NOW - dt.timedelta(hours=5))
        assert_agree(program, source)


def test_our_tomorrow_may_be_the_source_s_today(source: Running, program: Program) -> None:
    program.run(source, today=NOW.date() + dt.timedelta(days=1))
    assert_agree(program, source)


@pytest.mark.parametrize("page_size", [1, 100])
def test_a_change_in_the_middle_of_a_run_is_never_half(
    source: Running, program: Program, page_size: int
) -> None:
    source.scenario.page_size = page_size
    program.run(source)
    if Brings.SPEND in source.plugin.brings:
        old = source.scenario.expected_billed()
        source.meanwhile = lambda: change(source)
        program.run(source)
        new = source.scenario.expected_billed()
        if source.scenario.speaks_http and source.scenario.is_snapshot:
            for month, billed in program.billed().items():
                assert billed in (old[month], new[month])
    else:
        source.meanwhile = lambda: change(source)
        program.run(source)
    program.refused.clear()
    source.meanwhile = None
    program.run(source)
    assert_agree(program, source)


def test_fewer_in_the_newer_state_takes_the_rest_away(source: Running, program: Program) -> None:
    program.run(source)
    held = source.scenario.held
    held.charges[:] = [each for each in held.charges if each.amount > 1]
    del held.models["shadow"]
    if len(held.models["claims-triage-ü"]) > 1:
        del held.models["claims-triage-ü"]["1"]
    held.seats = (10, 1, 0)
    del held.items["PAY-2"]
    source.scenario.refresh()
    program.run(source)
    held.values.clear()
    assert_agree(program, source)


@pytest.mark.parametrize("name", bringing(Brings.SPEND))
def test_an_empty_day_and_an_emptied_month(name: str, tmp_path: Path, program: Program) -> None:
    with running(name, tmp_path) as source:
        program.run(source)
        kept = [each for each in source.scenario.held.charges if each.on.month == 11]
        source.scenario.held.charges[:] = kept
        source.scenario.refresh()
        program.run(source)
        assert set(program.billed()) == {dt.date(2026, 11, 1)}
        assert_agree(program, source)


@pytest.mark.parametrize("name", OVER_HTTP)
def test_an_empty_source_is_no_fault(name: str, tmp_path: Path, program: Program) -> None:
    with running(name, tmp_path) as source:
        held = source.scenario.held
        held.charges.clear(), held.models.clear(), held.values.clear(), held.items.clear()
        held.seats = (0, 0, 0)
        source.scenario.refresh()
        if source.scenario.speaks_http and source.scenario.empties:
            program.run(source)
            assert not program.bills and not program.models and not program.items
            assert not program.readings and set(program.seats.values()) <= {(0, 0, 0)}


@pytest.mark.parametrize("name", bringing(Brings.SPEND))
def test_amounts_are_the_digits_of_the_source(name: str, tmp_path: Path, program: Program) -> None:
    with running(name, tmp_path) as source:
        wide = Decimal("0.1234567890123456")
        source.scenario.held.charges[:] = [Charge(dt.date(2026, 10, 5), wide, "Übersetzung")]
        source.scenario.refresh()
        program.run(source)
        assert program.billed() == source.scenario.expected_billed()


# A source that fails

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
        lambda r: replace(r, body=r.body[:-2], declared_length=len(r.body)),
        PassingError,
        "broke off",
    ),
    "half a body": (lambda r: replace(r, body=r.body[: len(r.body) // 2]), PassingError, "breaks"),
    "wrong content type": (
        lambda r: Reply(body=b"<html>", content_type="text/html"),
        PermanentError,
        "text/html",
    ),
    "another shape": (lambda r: Reply.of([1, 2]), PermanentError, ""),
}


@pytest.mark.parametrize("name", OVER_HTTP)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_apart_and_said(
    name: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "DEADLINE_S", 0.4)
    broken, kind, said = FAULTS[fault]
    with running(name, tmp_path) as source:
        source.broken = broken
        with pytest.raises(kind) as caught:
            list(source.plugin.pull(source.errand()))
        assert said in str(caught.value)
        assert SECRET not in str(caught.value)
        if fault == "429":
            assert isinstance(caught.value, PassingError) and caught.value.retry_in == 900
        checks = source.plugin.test(source.errand())
        assert not checks[-1].is_ok
        assert SECRET not in checks[-1].sentence


@pytest.mark.parametrize("name", OVER_HTTP)
def test_after_a_fault_the_next_run_brings_the_rest(
    name: str, tmp_path: Path, program: Program
) -> None:
    """The third answer is a fault: what was whole before stays, what is missing comes."""
    with running(name, tmp_path) as source:
        source.scenario.page_size = 1
        served = 0

        def third_fails(reply: Reply) -> Reply:
            nonlocal served
            served += 1
            return Reply(status=403) if served == 3 else reply

        source.broken = third_fails
        with contextlib.suppress(PermanentError):
            program.run(source)
        program.refused.clear()
        source.broken = lambda reply: reply
        program.run(source)
        assert_agree(program, source)


@pytest.mark.parametrize("name", OVER_HTTP)
def test_secrets_are_sent_and_never_in_an_address(name: str, tmp_path: Path) -> None:
    with running(name, tmp_path) as source:
        list(source.plugin.pull(source.errand()))
        assert source.server is not None and source.server.calls
        if source.plugin.secret_names:
            told = [repr(dict(call.headers)) + repr(call.body) for call in source.server.calls]
            assert any(source.scenario.proof in each for each in told)
        assert not any(SECRET in call.path for call in source.server.calls)
