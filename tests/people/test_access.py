import datetime as dt

import pytest

from governance_app.domain.errors import Sentence
from governance_app.people import access, selectors, services
from governance_app.people.models import Grant, ScopeNode
from governance_app.people.roles import ROLES

pytestmark = pytest.mark.django_db


def test_nothing_is_allowed_without_a_grant(person, organisation, unit):
    nobody = person()
    assert not access.can(nobody, "view", unit)
    assert list(ScopeNode.objects.visible_to(nobody)) == []


def test_a_grant_counts_for_its_node_and_everything_below(person, unit, other_unit, admin):
    team = services.add_unit(name="Mortgages", parent=unit, by=admin)
    manager = person("program_manager", unit)
    assert access.can(manager, "initiative.edit", team)
    assert not access.can(manager, "initiative.edit", other_unit)
    assert set(ScopeNode.objects.visible_to(manager)) == {unit, team}


def test_the_refusal_says_what_is_missing_and_where(person, unit):
    reason = access.can(person("contributor", unit), "money.view", unit).reason
    assert reason == (
        "You may not see money figures in Retail banking. A grant as executive, program manager, "
        "business owner, finance partner, risk officer, governance board, auditor there allows it."
    )


@pytest.mark.parametrize(
    ("from_on", "until_on", "counts"),
    [(-1, None, True), (0, 0, True), (1, None, False), (-5, -1, False)],
)
def test_a_grant_counts_between_its_days(person, unit, admin, from_on, until_on, counts):
    from django.utils import timezone

    today = timezone.localdate()
    user = person()
    services.grant(
        user=user,
        role="executive",
        node=unit,
        from_on=today + dt.timedelta(days=from_on),
        until_on=None if until_on is None else today + dt.timedelta(days=until_on),
        by=admin,
    )
    assert bool(access.can(user, "view", unit)) is counts


def test_a_revoked_grant_ends_at_once_and_stays_as_history(person, unit, admin):
    user = person("executive", unit)
    assert access.can(user, "view", unit)
    services.revoke(grant=user.grants.get(), by=admin)
    again = type(user).objects.get(pk=user.pk)
    assert not access.can(again, "view", unit)
    assert Grant.objects.filter(user=user).count() == 1


def test_an_administrator_sees_no_money_and_approves_nothing(person, organisation):
    administrator = person("administrator")
    assert not access.sees_money(administrator)
    assert not {"value.approve", "value.validate"} & ROLES["administrator"].permissions


def test_an_auditor_changes_nothing():
    changing = {"edit", "add", "import", "approve", "validate", "push", "rules", "run", "update"}
    assert not [p for p in ROLES["auditor"].permissions if p.rsplit(".", 1)[-1] in changing]


def test_somebody_without_people_edit_adds_no_unit(person, unit, ledger_count):
    executive = person("executive")
    before = ledger_count(), ScopeNode.objects.count()
    with pytest.raises(access.Refused, match="manage people, units and grants"):
        services.add_unit(name="Secret", parent=unit, by=executive)
    assert (ledger_count(), ScopeNode.objects.count()) == before


def test_a_unit_moves_with_everything_below_and_rights_follow(person, unit, other_unit, admin):
    team = services.add_unit(name="Mortgages", parent=unit, by=admin)
    manager = person("program_manager", other_unit)
    assert not access.can(manager, "initiative.edit", team)
    services.move_node(node=unit, parent=other_unit, by=admin)
    team.refresh_from_db()
    assert team.path.startswith(other_unit.path)
    assert access.can(manager, "initiative.edit", team)


def test_a_unit_cannot_move_below_itself(unit, admin):
    team = services.add_unit(name="Mortgages", parent=unit, by=admin)
    with pytest.raises(Sentence, match="cannot move below itself"):
        services.move_node(node=unit, parent=team, by=admin)
    unit.refresh_from_db()
    assert unit.path.count("/") == 2


def test_a_token_acts_as_its_user_until_it_is_revoked(person, unit, admin):
    from django.utils import timezone

    user = person("contributor", unit)
    token, secret = services.add_token(user=user, name="pipeline", by=user)
    assert selectors.user_of_token(secret=secret, now=timezone.now()) == user
    assert selectors.user_of_token(secret=secret + "x", now=timezone.now()) is None
    assert secret not in str(token.__dict__)
    services.revoke_token(token=token, by=user)
    assert selectors.user_of_token(secret=secret, now=timezone.now()) is None


def test_a_locked_out_person_loses_tokens_too(person, unit, admin):
    from django.utils import timezone

    user = person("contributor", unit)
    _, secret = services.add_token(user=user, name="pipeline", by=user)
    services.set_active(user=user, is_active=False, by=admin)
    assert selectors.user_of_token(secret=secret, now=timezone.now()) is None
    user.refresh_from_db()
    assert not access.can(user, "view", unit)
