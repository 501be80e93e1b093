"""Business cases: drafts, approval, and what is frozen."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from governance_app.audit.rows import StaleWrite
from governance_app.people.access import Refused
from governance_app.value import selectors, services
from governance_app.value.models import BusinessCase, CaseLine
from governance_app.value.services import CaseRefused

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(initiative, lines, manager):
    return services.write_case(initiative=initiative, lines=lines, currency="USD", by=manager)


@pytest.fixture
def approved(draft, finance):
    return services.approve_case(case=draft, by=finance, sentence="Agreed in the board of 3 March.")


def test_a_draft_carries_totals_count_and_the_rate_in_force(draft):
    assert (draft.number, draft.state, draft.line_count) == (1, "draft", 13)
    assert (draft.total_cost, draft.total_benefit) == (1600, 1800)
    assert draft.annual_rate == Decimal("0.1")
    assert draft.valuation_month == dt.date(2026, 1, 1)
    assert draft.lines.count() == 13


def test_a_second_draft_replaces_the_first(draft, initiative, lines, manager):
    again = services.write_case(
        initiative=initiative, lines=lines[:2], currency="EUR", by=manager, version=1
    )
    assert (again.pk, again.version, again.line_count) == (draft.pk, 2, 2)
    assert set(again.lines.values_list("currency", flat=True)) == {"EUR"}


def test_a_stale_rewrite_is_refused(draft, initiative, lines, manager, ledger_count):
    services.write_case(initiative=initiative, lines=lines[:3], currency="USD", by=manager)
    before = ledger_count()
    with pytest.raises(StaleWrite):
        services.write_case(
            initiative=initiative, lines=lines, currency="USD", by=manager, version=1
        )
    assert ledger_count() == before
    assert CaseLine.objects.count() == 3


def test_the_same_lines_in_another_order_have_the_same_digest(draft, initiative, lines, manager):
    again = services.write_case(
        initiative=initiative, lines=lines[::-1], currency="USD", by=manager
    )
    assert again.lines_sha256 == draft.lines_sha256


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"side": "gift"}, "Line 1: the side is cost or benefit"),
        ({"category": "hard"}, "Line 1: a cost is one of build, data"),
        ({"amount": Decimal(-1)}, "Line 1: the amount -1 is below 0"),
        ({"amount": Decimal("NaN")}, "Line 1: the amount NaN"),
        ({"amount": Decimal("1E-19")}, "more than 18 decimals"),
        ({"treatment": "loan"}, "only a cost is opex or capex"),
    ],
)
def test_a_line_that_cannot_be_is_named(initiative, lines, manager, ledger_count, change, words):
    before = ledger_count()
    with pytest.raises(CaseRefused, match=words):
        services.write_case(
            initiative=initiative,
            lines=[replace(lines[0], **change), *lines[1:]],
            currency="USD",
            by=manager,
        )
    assert ledger_count() == before
    assert not BusinessCase.objects.exists()


def test_benefits_beyond_the_horizon_are_refused(initiative, lines, manager):
    late = replace(lines[-1], month=dt.date(2031, 1, 1))
    with pytest.raises(CaseRefused, match="January 2031 lies beyond the 60 months"):
        services.write_case(initiative=initiative, lines=[*lines, late], currency="USD", by=manager)


def test_an_empty_case_and_a_wrong_currency_are_refused(initiative, lines, manager):
    with pytest.raises(CaseRefused, match="at least one line"):
        services.write_case(initiative=initiative, lines=[], currency="USD", by=manager)
    with pytest.raises(CaseRefused, match="three letters"):
        services.write_case(initiative=initiative, lines=lines, currency="$", by=manager)


def test_who_may_not_write_or_approve_changes_nothing(
    initiative, lines, draft, contributor, manager, ledger_count
):
    before = ledger_count()
    with pytest.raises(Refused):
        services.write_case(initiative=initiative, lines=lines, currency="USD", by=contributor)
    with pytest.raises(Refused, match="approve business cases"):
        services.approve_case(case=draft, by=manager)
    assert ledger_count() == before
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_nobody_approves_what_they_wrote(initiative, lines, admin, ledger_count):
    own = services.write_case(initiative=initiative, lines=lines, currency="USD", by=admin)
    before = ledger_count()
    with pytest.raises(CaseRefused, match="You wrote business case 1 of AI-1"):
        services.approve_case(case=own, by=admin)
    assert ledger_count() == before


def test_the_database_too_refuses_an_author_as_approver(draft):
    with pytest.raises(IntegrityError, match="value_case_approver_is_not_author"):
        BusinessCase.objects.filter(pk=draft.pk).update(
            state="approved", approved_by=draft.written_by, approved_at=draft.created_at
        )


def test_an_approved_case_names_who_when_and_why(approved, finance):
    assert (approved.state, approved.approved_by) == ("approved", finance)
    assert approved.approval_sentence == "Agreed in the board of 3 March."
    with pytest.raises(CaseRefused, match="approved already"):
        services.approve_case(case=approved, by=finance)


def test_the_database_refuses_any_change_of_an_approved_case(approved, lines):
    line = approved.lines.first()
    changes = [
        lambda: BusinessCase.objects.filter(pk=approved.pk).update(total_benefit=9),
        lambda: BusinessCase.objects.filter(pk=approved.pk).update(state="draft"),
        lambda: CaseLine.objects.filter(pk=line.pk).update(amount=9),
        lambda: CaseLine.objects.filter(pk=line.pk).delete(),
        lambda: CaseLine.objects.create(
            case=approved,
            side="benefit",
            category="hard",
            month=line.month,
            amount=9,
            currency="USD",
        ),
    ]
    for change in changes:
        with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
            change()
    assert approved.lines.count() == len(lines)


def test_a_line_cannot_be_moved_into_an_approved_case(approved, initiative, lines, manager):
    other = services.write_case(initiative=initiative, lines=lines[:1], currency="USD", by=manager)
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        CaseLine.objects.filter(case=other).update(case=approved)


def test_a_rebaseline_stands_beside_and_counts_once_approved(
    approved, initiative, lines, manager, finance
):
    second = services.write_case(initiative=initiative, lines=lines[:4], currency="USD", by=manager)
    assert second.number == 2
    assert selectors.case_in_force(initiative=initiative, viewer=finance) == approved
    services.approve_case(case=second, by=finance, sentence="Two sites fewer.")
    assert selectors.case_in_force(initiative=initiative, viewer=finance) == second
    assert approved.lines.count() == len(lines)


def test_cases_are_money(draft, contributor, manager, initiative):
    assert selectors.cases(initiative=initiative, viewer=manager).get() == draft
    assert not selectors.cases(initiative=initiative, viewer=contributor).exists()
    assert selectors.case(case_id=draft.pk, viewer=contributor) is None
