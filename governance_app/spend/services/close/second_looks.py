"""What of the close waits for a second person: asked for, approved and done, or rejected."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.books.models import LegalEntity
from governance_app.domain.errors import Sentence
from governance_app.files.models import StoredFile
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.people.selectors import organisation
from governance_app.spend.models import CodingRule, ManualCost, PurchaseOrder, SecondLook
from governance_app.spend.services.close.closing import put_reopening
from governance_app.spend.services.close.coding_rules import put_coding_end, put_coding_rule
from governance_app.spend.services.close.costing import put_manual_cost, put_withdrawal
from governance_app.spend.shares import ALWAYS
from governance_app.spend.telling import tell
from governance_app.spend.two_people import CODING, COSTS, REOPENING, needs_two

Action = SecondLook.Action
KIND_OF = {
    Action.COST: COSTS,
    Action.WITHDRAW_COST: COSTS,
    Action.ADD_CODING: CODING,
    Action.END_CODING: CODING,
    Action.REOPEN: REOPENING,
}
#: Who may ask for it, and so who may decide on it.
PERMISSION = {
    Action.COST: "close.prepare",
    Action.WITHDRAW_COST: "close.prepare",
    Action.ADD_CODING: "close.prepare",
    Action.END_CODING: "close.prepare",
    Action.REOPEN: "close.reopen",
}


class _Tried(Exception):
    """What was asked for can be done; undo the try."""


@recorded
def ask(*, action: str, asked: Mapping[str, Any], by: User, now: datetime) -> SecondLook | None:
    """
    Do something of the close, or let it wait for a second person where the setting says so.

    Args:
        action: cost, withdraw cost, add coding, end coding or reopen.
        asked: what the service of that name is given, as JSON: months as 2026-10, amounts as
            text, other rows by id (an initiative by its key, an entity by its code).

    Returns:
        what now waits; None when it was done at once.

    Raises:
        Sentence: it would be refused, and why; nothing waits then.
    """
    if action not in Action.values:
        raise Sentence(f"Nobody can be asked to {action!r}; {', '.join(Action.values)} can.")
    if by.is_system or not needs_two(KIND_OF[Action(action)], on=now.date()):
        _do(action, asked, by, now)
        return None
    try:
        with transaction.atomic():
            node = _do(action, asked, by, now)
            raise _Tried
    except _Tried:
        pass
    look = SecondLook.objects.create(
        node=node, action=action, asked=dict(asked), words=_words(action, asked), asked_by=by
    )
    audit.note(by=by, action="ask", subject=look, sentence=f"{look} waits for a second person.")
    return look


@recorded
def decide_second_look(
    *,
    look: SecondLook,
    is_approved: bool,
    by: User,
    now: datetime,
    reason: str = "",
    version: int | None = None,
) -> SecondLook:
    """
    Approve what somebody else asked for, which does it, or reject it with a reason.

    Raises:
        Sentence: it is decided, the one who asked would approve it, or it is refused by now.
    """
    access.require(by, PERMISSION[Action(look.action)], look)
    look = (
        SecondLook.objects.select_for_update(of=("self",))
        .select_related("asked_by", "node")
        .get(pk=look.pk)
    )
    check_version(look, version)
    if look.state != SecondLook.State.WAITING:
        raise Sentence(f"{look} is decided: {look.get_state_display().lower()}.")
    if not is_approved:
        if not reason.strip():
            raise Sentence("Say why it is rejected; who asked for it will read it.")
        save_changes(
            look, state=SecondLook.State.REJECTED, decided_by=by, decided_at=now,
            reason=reason.strip(),
        )  # fmt: skip
        audit.note(by=by, action="reject", subject=look, sentence=f"{look}: {reason.strip()}")
        _tell(look, by, f"{by} rejected it: “{reason.strip()}”")
        return look
    if look.asked_by_id == by.pk:
        raise Sentence("You asked for it; somebody else approves it.")
    _do(look.action, look.asked, look.asked_by, now)
    save_changes(look, state=SecondLook.State.DONE, decided_by=by, decided_at=now)
    audit.note(by=by, action="approve", subject=look, sentence=f"{look} is approved and done.")
    _tell(look, by, f"{by} approved it, and it is done.")
    return look


def _tell(look: SecondLook, by: User, sentence: str) -> None:
    tell(
        to=[look.asked_by], dedupe=f"second look:{look.pk}", subject=f"{look}"[:200],
        sentence=sentence, page="/spend/second-looks/", why="You asked for it.", by=by,
    )  # fmt: skip


def _do(action: str, asked: Mapping[str, Any], by: User, now: datetime) -> ScopeNode:
    """Do it in the name of who asked; gives the place it is about."""
    if action == Action.COST:
        cost = put_manual_cost(
            month=_month(asked.get("month")),
            description=str(asked.get("description") or ""),
            category=str(asked.get("category") or ""),
            amount=_amount(asked.get("amount")),
            currency=str(asked.get("currency") or ""),
            evidence=_row(StoredFile, asked.get("evidence"), "the file that proves it"),
            initiative=_known(Initiative, "key", asked.get("initiative"), "initiative"),
            tax=_amount(asked.get("tax") or "0"),
            tax_code=str(asked.get("tax_code") or ""),
            vendor=str(asked.get("vendor") or ""),
            entity=_known(LegalEntity, "code", asked.get("entity"), "legal entity"),
            order=_known(PurchaseOrder, "number", asked.get("order"), "purchase order"),
            is_capex=bool(asked.get("is_capex")),
            is_recurring=bool(asked.get("is_recurring")),
            by=by,
        )
        return cost.node
    if action == Action.WITHDRAW_COST:
        cost = _row(ManualCost, asked.get("cost"), "the cost")
        put_withdrawal(cost=cost, by=by, now=now, version=asked.get("version"))
        return cost.node
    if action == Action.ADD_CODING:
        put_coding_rule(
            field=str(asked.get("field") or ""),
            value=str(asked.get("value") or ""),
            conditions=asked.get("conditions") or (),
            from_month=_month(asked["from_month"]) if asked.get("from_month") else ALWAYS,
            position=asked.get("position"),
            by=by,
        )
    elif action == Action.END_CODING:
        put_coding_end(
            rule=_row(CodingRule, asked.get("rule"), "the rule"),
            until_month=_month(asked.get("until_month")),
            by=by,
            version=asked.get("version"),
        )
    else:
        put_reopening(
            month=_month(asked.get("month")), reason=str(asked.get("reason") or ""), by=by, now=now
        )
    place = organisation()
    if place is None:
        raise Sentence("Found the organisation first; its books belong to it.")
    return place


def _words(action: str, asked: Mapping[str, Any]) -> str:
    if action == Action.COST:
        who = asked.get("initiative") or "nobody's initiative"
        return (
            f"{asked.get('description')}, {asked.get('amount')} {asked.get('currency')} for {who}, "
            f"{_month(asked.get('month')):%B %Y}"
        )
    if action == Action.WITHDRAW_COST:
        cost = ManualCost.objects.get(pk=asked["cost"])
        return f"{cost.description}, {cost.amount.normalize():f} {cost.currency}"
    if action == Action.ADD_CODING:
        when = " and ".join(f"{one['dimension']} is {one['value']}" for one in
                            asked.get("conditions") or ()) or "everything else"  # fmt: skip
        return f"{asked.get('field')} is {asked.get('value')} where {when}"
    if action == Action.END_CODING:
        rule = CodingRule.objects.get(pk=asked["rule"])
        return f"{rule}, from {_month(asked.get('until_month')):%B %Y} on"
    return f"{_month(asked.get('month')):%B %Y}: {asked.get('reason')}"


def _month(text: Any) -> date:
    try:
        return date.fromisoformat(f"{str(text)[:7]}-01")
    except ValueError as error:
        raise Sentence(f"{text!r} is not a month such as 2026-11.") from error


def _amount(text: Any) -> Decimal:
    try:
        amount = Decimal(str(text))
    except InvalidOperation as error:
        raise Sentence(f"{text!r} is not an amount.") from error
    if not amount.is_finite():
        raise Sentence(f"{text!r} is not an amount.")
    return amount


def _row(model: Any, key: Any, what: str) -> Any:
    try:
        found = model.objects.filter(pk=uuid.UUID(str(key))).first()
    except ValueError:
        found = None
    if found is None:
        raise Sentence(f"Name {what}.")
    return found


def _known(model: Any, field: str, value: Any, what: str) -> Any:
    if not value:
        return None
    found = model.objects.filter(**{field: value}).first()
    if found is None:
        raise Sentence(f"There is no {what} {value}.")
    return found
