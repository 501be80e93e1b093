"""Mentions, the log, copies, templates, intake and the workbook, as services."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from governance_app.domain.errors import Sentence
from governance_app.domain.likeness import likeness
from governance_app.files import services as files
from governance_app.initiatives import cells, returning, selectors, services
from governance_app.initiatives.importing.table import Column, Row, Shape, Table
from governance_app.initiatives.models import Initiative, IntakeRequest, Mention
from governance_app.people import access
from governance_app.people.services import system_user

Person = Callable[..., Any]


@pytest.fixture
def ruth(person: Person, unit: Any) -> Any:
    return person("program_manager", unit, name="Ruth Lindqvist")


@pytest.fixture
def okafor(person: Person, unit: Any) -> Any:
    return person("business_owner", unit, name="Mike Okafor")


@pytest.fixture
def claims(unit: Any, ruth: Any) -> Initiative:
    return services.add(
        name="Claims triage", unit=unit, by=ruth, stage="pilot", program_manager=ruth
    )


@pytest.fixture
def voice(unit: Any, ruth: Any, okafor: Any) -> Initiative:
    return services.add(name="Voice notes", unit=unit, by=ruth, program_manager=okafor)


# --- mentions -------------------------------------------------------------------------------


def test_whoever_is_named_is_told_until_they_answer(
    claims: Initiative, ruth: Any, okafor: Any
) -> None:
    services.comment(
        initiative=claims, text="Could @Mike Okafor confirm the date? Mail me @ noon.", by=ruth
    )
    told = selectors.mentions(viewer=okafor).get()
    assert (told.by, told.initiative) == (ruth, claims)
    assert not selectors.mentions(viewer=ruth).exists()
    services.comment(initiative=claims, text="Yes, Friday.", by=okafor)
    assert not selectors.mentions(viewer=okafor).exists()


def test_naming_somebody_who_may_not_see_it_says_so_and_writes_nothing(
    claims: Initiative, ruth: Any, person: Person, other_unit: Any,
    ledger_count: Callable[[], int],
) -> None:  # fmt: skip
    person("auditor", other_unit, name="Ada Stone")
    before = ledger_count()
    with pytest.raises(Sentence, match=r"Ada Stone may not see AI-1"):
        services.comment(initiative=claims, text="@Ada Stone please look", by=ruth)
    assert ledger_count() == before


def test_a_dependency_tells_both_owners_but_not_who_wrote_it(
    claims: Initiative, voice: Initiative, ruth: Any, okafor: Any, admin: Any
) -> None:
    made = services.add_dependency(
        initiative=claims, needs=voice, note="Masking", needed_on=dt.date(2026, 12, 1), by=admin
    )
    told = {(each.person, each.initiative) for each in Mention.objects.filter(dependency=made)}
    assert told == {(ruth, claims), (okafor, voice)}
    services.deliver_dependency(dependency=made, on=timezone.localdate(), by=ruth)
    lines = selectors.log(viewer=ruth, rows=[claims.pk])
    assert lines == []
    assert selectors.mentions(viewer=okafor).count() == 2


def test_an_entry_of_the_log_closes_with_how_it_ended(claims: Initiative, ruth: Any) -> None:
    entry = services.add_entry(initiative=claims, kind="assumption", title="Data stays", by=ruth)
    with pytest.raises(Sentence, match="how it ended"):
        services.close_entry(entry=entry, outcome=" ", by=ruth)
    services.close_entry(entry=entry, outcome="It moved.", by=ruth)
    assert selectors.log(viewer=ruth, rows=[claims.pk]) == []
    line = selectors.log(viewer=ruth, rows=[claims.pk], is_open=False)[0]
    assert (line.kind, line.outcome) == ("assumption", "It moved.")


def test_the_log_names_no_initiative_one_may_not_see(
    claims: Initiative, ruth: Any, other_unit: Any, admin: Any
) -> None:
    far = services.add(name="Storm surge", unit=other_unit, by=admin)
    services.add_dependency(initiative=claims, needs=far, by=admin)
    line = selectors.log(viewer=ruth, rows=[claims.pk])[0]
    assert line.other is None
    assert "Storm" not in line.title


# --- beginnings -----------------------------------------------------------------------------


def test_a_copy_takes_nature_and_plan_but_no_history(claims: Initiative, ruth: Any) -> None:
    services.edit(initiative=claims, by=ruth, vendor="Acme", started_on=dt.date(2026, 1, 1))
    services.add_milestone(initiative=claims, name="Users", due_on=dt.date(2026, 1, 31), by=ruth)
    services.post_status(initiative=claims, status="off_track", sentence="Late.", by=ruth)
    claims.refresh_from_db()
    made = services.duplicate(initiative=claims, name="Claims again", by=ruth)
    made.refresh_from_db()
    assert made.stage is not None
    assert (made.vendor, made.stage.slug, made.status) == ("Acme", "idea", "")
    expected = timezone.localdate() + dt.timedelta(days=30)
    assert [stone.due_on for stone in made.milestones.all()] == [expected]


def test_a_template_begins_what_it_was_made_of(claims: Initiative, ruth: Any, unit: Any) -> None:
    services.edit(initiative=claims, by=ruth, ai_type="agentic", data_classes=["personal"])
    services.add_entry(initiative=claims, kind="assumption", title="Data stays", by=ruth)
    claims.refresh_from_db()
    kept = services.save_template(initiative=claims, name="Agent", by=ruth)
    made = services.add_from_template(template=kept, name="Another", unit=unit, by=ruth)
    assert (made.ai_type, made.data_classes) == ("agentic", ["personal"])
    assert [line.title for line in selectors.log(viewer=ruth, rows=[made.pk])] == ["Data stays"]


def test_a_proposal_by_link_waits_and_is_taken_up(ruth: Any, unit: Any) -> None:
    until = timezone.localdate() + dt.timedelta(days=7)
    _link, token = services.open_link(name="Suppliers", unit=unit, expires_on=until, by=ruth)
    services.propose(
        name="Invoice reading", purpose="Read invoices.", token=token, proposer_name="Eve",
        proposer_email="eve@example.com", by=system_user("intake"),
    )  # fmt: skip
    waiting = selectors.intake_requests(viewer=ruth).get()
    made = services.take_up(request=waiting, by=ruth)
    assert made.extra["Proposed by"] == "Eve eve@example.com"
    waiting.refresh_from_db()
    assert (waiting.state, waiting.initiative) == (IntakeRequest.State.TAKEN_UP, made)
    with pytest.raises(Sentence, match="decided already"):
        services.decline(request=waiting, reason="No.", by=ruth)


def test_a_closed_link_opens_nothing_and_tells_nothing(ruth: Any, unit: Any) -> None:
    until = timezone.localdate() + dt.timedelta(days=7)
    link, token = services.open_link(name="Suppliers", unit=unit, expires_on=until, by=ruth)
    services.close_link(link=link, by=ruth)
    assert selectors.link_name(token=token) is None
    with pytest.raises(services.LinkShut):
        services.propose(
            name="X", purpose="Y", token=token, proposer_name="Eve",
            proposer_email="eve@example.com", by=system_user("intake"),
        )  # fmt: skip
    assert not IntakeRequest.objects.exists()


def test_likeness_names_only_what_the_viewer_sees(
    claims: Initiative, ruth: Any, other_unit: Any, admin: Any
) -> None:
    services.add(name="Claims triage", unit=other_unit, by=admin)
    found = selectors.looks_like(viewer=ruth, name="triage of claims")
    assert [each.key for each in found] == [claims.key]


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_is_a_symmetric_share(one: str, other: str) -> None:
    assert 0.0 <= likeness(one, other) <= 1.0
    assert likeness(one, other) == likeness(other, one)


# --- cells and the workbook -----------------------------------------------------------------


@given(st.sampled_from(sorted(cells.CELLS["ai_type"].words)))
def test_a_choice_reads_back_from_its_slug_and_its_words(slug: str) -> None:
    assert cells.read("ai_type", slug) == slug
    assert cells.read("ai_type", cells.CELLS["ai_type"].words[slug].upper()) == slug


def sheet(*rows: list[str]) -> Table:
    """Make the table that a workbook is read into."""
    heads = returning.heads()
    columns = tuple(Column(place, label, label) for place, label in enumerate(heads))
    kept = tuple(Row(number, tuple(row)) for number, row in enumerate(rows, start=2))
    return Table("book.xlsx", Shape("xlsx"), columns, kept)


def with_cell(row: Initiative, **texts: str) -> list[str]:
    """Give a row of a workbook with some of its cells changed."""
    line = returning.line_of(row)
    for name, text in texts.items():
        line[3 + returning.SHEET.index(name)] = text
    return line


def sent(*rows: list[str], by: Any) -> Any:
    kept = files.store(content=json.dumps(rows).encode(), name="book.xlsx", by=by)
    return services.receive_workbook(
        file=kept, file_name="book.xlsx", rows=returning.rows_of(sheet(*rows)), by=by
    )


def states(book: Any, viewer: Any) -> list[tuple[str, str, str]]:
    lines = selectors.workbook_cells(viewer=viewer, workbook=book)
    return [(line.key, line.field, line.state) for line in lines]


def test_an_untouched_workbook_changes_nothing(
    claims: Initiative, voice: Initiative, ruth: Any
) -> None:
    services.edit(
        initiative=claims, by=ruth, ai_type="agentic", data_classes=["personal", "health"],
        tags=["a", "b"], planned_end_on=dt.date(2027, 1, 1),
    )  # fmt: skip
    claims.refresh_from_db()
    rows = [returning.line_of(row) for row in selectors.chosen(
        viewer=ruth, keys=[claims.key, voice.key])]  # fmt: skip
    book = sent(*rows, by=ruth)
    assert states(book, ruth) == []
    with pytest.raises(Sentence, match="nothing to write"):
        services.apply_workbook(workbook=book, mine=[], by=ruth)


def test_base_mine_and_theirs_are_told_apart(
    claims: Initiative, voice: Initiative, ruth: Any
) -> None:
    mine = [
        with_cell(claims, vendor="Globex", ai_type="AI agent"),
        with_cell(voice, vendor="Globex", time_box_on="soon"),
    ]
    services.edit(initiative=claims, by=ruth, vendor="Initech")
    book = sent(*mine, by=ruth)
    assert states(book, ruth) == [
        (claims.key, "ai_type", "change"),
        (claims.key, "vendor", "clash"),
        (voice.key, "vendor", "change"),
        (voice.key, "time_box_on", "refused"),
    ]
    services.apply_workbook(workbook=book, mine=[], by=ruth)
    claims.refresh_from_db()
    voice.refresh_from_db()
    assert (claims.vendor, claims.ai_type, voice.vendor) == ("Initech", "agentic", "Globex")
    with pytest.raises(Sentence, match="applied already"):
        services.apply_workbook(workbook=book, mine=[], by=ruth)


def test_mine_wins_where_it_is_taken_and_all_comes_back(claims: Initiative, ruth: Any) -> None:
    line = with_cell(claims, vendor="Globex")
    services.edit(initiative=claims, by=ruth, vendor="Initech")
    book = sent(line, by=ruth)
    change = services.apply_workbook(workbook=book, mine=[f"{claims.key}:vendor"], by=ruth)
    claims.refresh_from_db()
    assert claims.vendor == "Globex"
    services.undo_change(change=change, by=ruth)
    claims.refresh_from_db()
    assert claims.vendor == "Initech"


def test_rows_that_cannot_come_in_say_their_number_and_why(
    claims: Initiative, ruth: Any, other_unit: Any, admin: Any
) -> None:
    far = services.add(name="Storm surge", unit=other_unit, by=admin)
    broken = with_cell(claims, vendor="Globex")
    broken[-1] = "{"
    book = sent(with_cell(far, vendor="Globex"), broken, by=ruth)
    lines = selectors.workbook_cells(viewer=ruth, workbook=book)
    assert [(line.number, line.state) for line in lines] == [(2, "refused"), (3, "refused")]
    assert lines[0].reason == f"There is no {far.key} that you may see."
    assert "As it left" in lines[1].reason


def test_a_reader_cannot_change_cells(
    claims: Initiative, person: Person, ledger_count: Callable[[], int]
) -> None:
    auditor = person("auditor")
    before = ledger_count()
    with pytest.raises(access.Refused):
        services.change_cells(
            changes=[services.RowChange(claims, None, {"vendor": "X"})], by=auditor
        )
    assert ledger_count() == before
