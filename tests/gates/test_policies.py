"""Policies: read whole or refused, four eyes, floors, nobody locked out, frozen once in force."""

import copy
import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance_app.domain.policy import BadPolicy
from governance_app.gates import services
from governance_app.gates.judging import Places
from governance_app.gates.models import PolicyVersion, UnitMode
from governance_app.gates.selectors.policies import differences
from governance_app.gates.services import GateRefused
from governance_app.gates.starting import starter
from governance_app.people.access import Refused
from tests.gates.test_deciding import Unchanged
from tests.gates.world import World

pytestmark = pytest.mark.django_db


def document(**changes: Any) -> dict[str, Any]:
    made = copy.deepcopy(starter()["document"])
    made.update(changes)
    return made


def own(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"rules": list(rules)}


def live_rule() -> dict[str, Any]:
    return copy.deepcopy(next(r for r in starter()["document"]["rules"] if r["id"] == "live"))


def test_the_recommended_policy_does_what_its_examples_say(bare: World) -> None:
    policy = bare.start()
    assert (policy.state, policy.activated_by) == ("active", bare.board[0])


def test_whoever_wrote_a_policy_does_not_put_it_in_force(bare: World) -> None:
    draft = services.write_policy(
        node=bare.organisation, title="Mine", document=document(), by=bare.officer
    )
    with Unchanged(), pytest.raises(GateRefused, match="somebody else puts it in force"):
        services.activate_policy(policy=draft, by=bare.officer)


def test_a_policy_that_locks_everybody_out_is_refused(bare: World) -> None:
    made = document()
    for rule in made["rules"]:
        for step in rule.get("steps", []):
            if step["slot"] == "board":
                step["quorum"] = 4
    draft = services.write_policy(
        node=bare.organisation, title="Too many", document=made, by=bare.officer
    )
    with Unchanged(), pytest.raises(GateRefused, match=r"wants 4\. Nobody could get through"):
        services.activate_policy(policy=draft, by=bare.board[0])


def test_a_policy_that_nobody_could_change_again_is_refused(
    organisation: Any, unit: Any, person: Any, admin: Any
) -> None:
    alone = person("risk_officer")
    draft = services.write_policy(node=organisation, title="Alone", document=document(), by=alone)
    second = person("governance_board")
    from governance_app.people import services as people

    people.set_active(user=alone, is_active=False, by=admin)
    with Unchanged(), pytest.raises(GateRefused, match="nobody could change it again"):
        services.activate_policy(policy=draft, by=second)


def test_an_example_that_comes_out_differently_stops_it(bare: World) -> None:
    example = {"title": "Bare", "mode": "central", "expect": "asks",
               "facts": {"to_stage": "production", "proposal": "scale"}}  # fmt: skip
    draft = services.write_policy(
        node=bare.organisation, title="Wrong", document=document(), examples=[example],
        by=bare.officer,
    )  # fmt: skip
    with Unchanged(), pytest.raises(GateRefused, match="“Bare” is blocked, but should be: asks"):
        services.activate_policy(policy=draft, by=bare.board[0])


def test_a_unit_that_drops_a_check_of_the_floor_is_refused(world: World) -> None:
    rule = live_rule()
    rule["checks"] = [check for check in rule["checks"] if check["id"] != "eu-tier"]
    with Unchanged(), pytest.raises(BadPolicy, match="“Its EU tier is known” is missing"):
        services.write_policy(
            node=world.unit, title="Lighter", document=own(rule), by=world.officer
        )
    assert not PolicyVersion.objects.filter(node=world.unit).exists()


def test_a_unit_adds_to_the_floor_and_the_stricter_counts(world: World) -> None:
    rule = live_rule()
    for step in rule["steps"]:
        if step["slot"] == "board":
            step["quorum"] = 3
    rule["checks"].append(
        {"id": "training", "title": "Users are trained", "level": "block",
         "must": {"fact": "evidence", "op": "has_any", "value": ["training"]}}
    )  # fmt: skip
    world.start(document=own(rule), node=world.unit)
    row = world.initiative()
    bare_request = world.asked(row)
    with pytest.raises(GateRefused, match="Users are trained"):
        world.decide(bare_request, world.board[0])
    services.withdraw(request=bare_request, by=world.manager)
    request = world.asked(row, evidence=["training"])
    quorum = {step["slot"]: step["quorum"] for step in request.verdict["steps"]}
    assert quorum["board"] == 3


def test_a_policy_in_force_cannot_be_edited_not_even_in_the_database(world: World) -> None:
    active = PolicyVersion.objects.get(state="active")
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        PolicyVersion.objects.filter(pk=active.pk).update(document={"rules": []})
    draft = services.write_policy(
        node=world.organisation, title="Next", document=document(), by=world.board[1]
    )
    assert draft.number == active.number + 1
    services.activate_policy(policy=draft, by=world.officer)
    active.refresh_from_db()
    assert active.state == "retired"
    assert active.retired_at is not None


def test_a_request_stays_under_the_policy_it_was_submitted_under(world: World) -> None:
    request = world.asked(world.initiative())
    made = document()
    made["rules"] = [rule for rule in made["rules"] if rule["id"] != "live"]
    draft = services.write_policy(
        node=world.organisation, title="Lighter", document=made, by=world.board[1]
    )
    services.activate_policy(policy=draft, by=world.officer)
    world.decide(request, world.board[0])
    request.refresh_from_db()
    assert request.state == "in_review"


def test_approval_cannot_hang_on_what_it_changes_itself(bare: World) -> None:
    with Unchanged(), pytest.raises(GateRefused, match="from_stage changes by the decision"):
        services.write_policy(
            node=bare.organisation, title="Loop", document=document(material=["from_stage"]),
            by=bare.officer,
        )  # fmt: skip


def test_a_manager_neither_writes_policies_nor_chooses_modes(world: World) -> None:
    with Unchanged(), pytest.raises(Refused):
        services.write_policy(node=world.unit, title="Mine", document=own(), by=world.manager)
    with Unchanged(), pytest.raises(Refused):
        services.choose_mode(
            node=world.unit, mode="distributed", reason="Faster.", by=world.manager
        )


def test_the_nearest_unit_says_how_it_decides_and_a_probation_above_it_wins(world: World) -> None:
    from governance_app.people import services as people

    below = people.add_unit(name="Cards", parent=world.unit, by=world.admin)
    world.decides_itself(below)
    today = timezone.localdate()
    assert Places(today).mode_at(below.path).mode == "distributed"
    assert Places(today).mode_at(world.unit.path).mode == "central"
    UnitMode.objects.create(
        node=world.unit, mode="central", from_on=today, origin="probation",
        reason="Three breaches.", decided_by=world.admin,
    )  # fmt: skip
    assert Places(today).mode_at(below.path).is_probation


def test_a_mode_does_not_begin_in_the_past(world: World) -> None:
    with Unchanged(), pytest.raises(GateRefused, match="is over"):
        services.choose_mode(
            node=world.unit, mode="distributed", reason="Since ever.", by=world.board[0],
            from_on=timezone.localdate() - dt.timedelta(days=1),
        )  # fmt: skip


def test_the_order_of_material_facts_is_no_difference(bare: World) -> None:
    before = bare.start()
    turned = document(material=list(reversed(starter()["document"]["material"])))
    draft = services.write_policy(
        node=bare.organisation, title="Turned", document=turned, by=bare.officer
    )
    assert differences(old=before, new=draft) == []

    fewer = document(material=["eu_tier", "vendor"])
    draft = services.write_policy(
        node=bare.organisation, title="Fewer", document=fewer, by=bare.officer
    )
    (only,) = differences(old=before, new=draft)
    assert (only.what, only.after) == ("Material facts", "EU AI Act tier, Vendor")
