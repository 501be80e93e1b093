"""Policies as documents: two people, a day from which they count, who has read them, exceptions."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from governance_app.audit.rows import StaleWrite
from governance_app.books import services as books
from governance_app.compliance import selectors, services
from governance_app.compliance.models import Attestation, Campaign, Document, DocumentException
from governance_app.compliance.services import BadPolicy
from governance_app.people.access import Refused

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
#: The people of these tests hold their roles from today on.
ON = dt.datetime.now(dt.UTC).date()


@pytest.fixture
def board(person: Any) -> Any:
    return person("governance_board")


@pytest.fixture
def draft(organisation: Any, officer: Any) -> Any:
    return services.add_document(
        title="Use of assistants", node=organisation, owner=officer, text="Check.", by=officer
    )


@pytest.fixture
def published(draft: Any, officer: Any, board: Any) -> Any:
    return put_in_force(draft, officer, board, ON)


def put_in_force(version: Any, author: Any, approver: Any, start: dt.date) -> Any:
    services.submit_version(policy_version=version, by=author)
    services.decide_version(policy_version=version, is_approved=True, on=ON, by=approver)
    return services.publish_version(policy_version=version, in_force_from=start, on=ON, by=author)


def test_how_often_it_is_looked_at_is_a_setting(draft: Any, organisation: Any, admin: Any) -> None:
    assert draft.document.review_months == 12
    books.set_value(key="policy_review_months", from_on=dt.date(2020, 1, 1), value=6, by=admin)
    other = services.add_document(
        title="Prompts", node=organisation, owner=admin, text="No secrets.", by=admin
    )
    assert other.document.review_months == 6


def test_nobody_approves_what_they_wrote(
    draft: Any, officer: Any, board: Any, manager: Any
) -> None:
    services.submit_version(policy_version=draft, by=officer)
    decide = {"policy_version": draft, "is_approved": True, "on": ON}
    with pytest.raises(BadPolicy, match="Somebody else than its author"):
        services.decide_version(**decide, by=officer)
    with pytest.raises(Refused):
        services.decide_version(**decide, by=manager)
    with pytest.raises(BadPolicy, match="what is missing"):
        services.decide_version(**{**decide, "is_approved": False}, by=board)
    draft.refresh_from_db()
    assert (draft.state, draft.decided_by) == ("submitted", None)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(draft).objects.filter(pk=draft.pk).update(decided_by=officer)


def test_the_version_before_counts_until_the_next_one_begins(
    published: Any, officer: Any, board: Any
) -> None:
    second = services.write_version(document=published.document, text="Check twice.", by=officer)
    put_in_force(second, officer, board, ON + 10 * DAY)

    def counts(days: int) -> tuple[Any, Any]:
        (line,) = selectors.documents(viewer=officer, on=ON + days * DAY)
        return (
            line.in_force.number if line.in_force else None,
            line.coming.number if line.coming else None,
        )

    assert counts(-1) == (None, 2)
    assert [counts(days) for days in (0, 9, 10)] == [(1, 2), (1, 2), (2, None)]
    with pytest.raises(BadPolicy, match="cannot be in force before"):
        third = services.write_version(document=published.document, text="Thrice.", by=officer)
        put_in_force(third, officer, board, ON - DAY)


def test_everybody_there_is_asked_and_answers_for_themselves(
    published: Any, unit: Any, officer: Any, manager: Any, person: Any, admin: Any
) -> None:
    gone = person("contributor", unit, name="Gone")
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    ask = {"policy_version": published, "audience": unit, "on": ON, "by": officer}
    with pytest.raises(BadPolicy, match="before it begins"):
        services.begin_campaign(**ask, due_on=ON - DAY)
    assert not Campaign.objects.exists()
    campaign = services.begin_campaign(**ask, due_on=ON + DAY)
    assert [row.person for row in Attestation.objects.all()] == [manager]
    with pytest.raises(BadPolicy, match="asked about"):
        services.begin_campaign(**ask, due_on=ON + DAY)
    with pytest.raises(BadPolicy, match="were not asked"):
        services.attest(campaign=campaign, by=officer)
    first = services.attest(campaign=campaign, by=manager).attested_at
    assert services.attest(campaign=campaign, by=manager).attested_at == first
    (row,) = selectors.campaigns(viewer=officer)
    assert (getattr(row, "asked"), getattr(row, "attested")) == (1, 1)


def test_a_superseded_version_is_not_attested_any_more(
    published: Any, unit: Any, officer: Any, board: Any, manager: Any
) -> None:
    campaign = services.begin_campaign(
        policy_version=published, audience=unit, due_on=ON + DAY, on=ON, by=officer
    )
    second = services.write_version(document=published.document, text="Check twice.", by=officer)
    put_in_force(second, officer, board, ON)
    campaign.refresh_from_db()
    assert not selectors.attestations_owed(viewer=manager).exists()
    with pytest.raises(BadPolicy, match="no longer in force"):
        services.attest(campaign=campaign, by=manager)
    assert Attestation.objects.get().attested_at is None


def test_an_exception_ends_on_its_day_and_is_granted_by_somebody_else(
    published: Any, initiative: Any, officer: Any, board: Any
) -> None:
    ask = {
        "document": published.document, "node": initiative.node, "on": ON, "by": officer,
        "reason": "The old system cannot.",
    }  # fmt: skip
    for until in (ON, ON + 366 * DAY):
        with pytest.raises(BadPolicy, match="within 365 days"):
            services.request_exception(**ask, expires_on=until)
    with pytest.raises(BadPolicy, match="Say why"):
        services.request_exception(**{**ask, "reason": " "}, expires_on=ON + DAY)
    assert not DocumentException.objects.exists()
    row = services.request_exception(**ask, expires_on=ON + 30 * DAY)
    with pytest.raises(BadPolicy, match="Somebody else than who asked"):
        services.decide_exception(exception=row, is_granted=True, on=ON, by=officer)
    with pytest.raises(BadPolicy, match="which is over"):
        services.decide_exception(exception=row, is_granted=True, on=ON + 30 * DAY, by=board)
    with pytest.raises(BadPolicy, match="refused"):
        services.decide_exception(exception=row, is_granted=False, on=ON, by=board)
    row.refresh_from_db()
    assert row.is_granted is None

    def counted(days: int) -> int:
        (line,) = selectors.documents(viewer=officer, on=ON + days * DAY)
        return line.exceptions

    assert counted(0) == 0, "asked is not granted"
    services.decide_exception(exception=row, is_granted=True, on=ON, by=board)
    assert [counted(days) for days in (0, 30, 31)] == [1, 1, 0]
    with pytest.raises(BadPolicy, match="decided already"):
        services.decide_exception(exception=row, is_granted=False, reason="No", on=ON, by=board)


def test_its_owner_changes_and_two_editors_do_not_overwrite_each_other(
    published: Any, officer: Any, board: Any, manager: Any
) -> None:
    row = published.document
    changed = services.change_document(
        document=row, owner=board, review_months=6, version=row.version, by=officer
    )
    assert (changed.owner, changed.review_months) == (board, 6)
    with pytest.raises(StaleWrite):
        services.change_document(document=row, purpose="x", version=row.version, by=officer)
    with pytest.raises(BadPolicy, match="every month at most"):
        services.change_document(document=row, review_months=0, by=officer)
    with pytest.raises(Refused):
        services.change_document(document=row, purpose="x", by=manager)
    row.refresh_from_db()
    assert (row.purpose, row.review_months) == ("", 6)


def test_what_is_retired_asks_nobody_and_takes_nothing(
    published: Any, unit: Any, officer: Any, board: Any, manager: Any
) -> None:
    row = published.document
    services.begin_campaign(
        policy_version=published, audience=unit, due_on=ON + DAY, on=ON, by=officer
    )
    with pytest.raises(BadPolicy, match="Say why"):
        services.retire_document(document=row, reason=" ", on=ON, by=board)
    with pytest.raises(Refused):
        services.retire_document(document=row, reason="Old.", on=ON, by=manager)
    assert Document.objects.get().retired_on is None
    services.retire_document(document=row, reason="The group's own counts.", on=ON, by=board)
    assert selectors.documents(viewer=officer, on=ON) == []
    assert not selectors.attestations_owed(viewer=manager).exists()
    for act in (
        lambda: services.write_version(document=row, text="More.", by=officer),
        lambda: services.retire_document(document=row, reason="Again.", on=ON, by=board),
        lambda: services.request_exception(
            document=row, node=unit, reason="Old", expires_on=ON + DAY, on=ON, by=officer
        ),
    ):
        with pytest.raises(BadPolicy):
            act()
