"""What a change of rules moves: done for real, measured, and undone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from governance_app.domain.errors import Sentence
from governance_app.domain.money import exact_sum
from governance_app.initiatives.models import Initiative
from governance_app.spend import shares
from governance_app.spend.models import AllocationRun

WAIT_SECONDS = 8


@dataclass(frozen=True, slots=True)
class Move:
    """What one initiative would bear more (or less) in one currency; no key = unallocated."""

    key: str
    name: str
    currency: str
    billed: Decimal
    effective: Decimal


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change would move, exactly; the moves of a currency sum to nothing."""

    sentence: str
    moves: tuple[Move, ...]
    keys: int
    months: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Give it as it is stored with a proposal and answered by the API."""
        return {
            "sentence": self.sentence,
            "keys": self.keys,
            "months": list(self.months),
            "moves": [
                {
                    "initiative": one.key or None,
                    "name": one.name,
                    "currency": one.currency,
                    "billed": f"{one.billed:f}",
                    "effective": f"{one.effective:f}",
                }
                for one in self.moves
            ],
        }


def measure(change: Callable[[], Any]) -> Effect:
    """
    Say what a change would move: it is made, the ledger is shared by it, and all is undone.

    Raises:
        Sentence: the change is refused, or a bill is being loaded just now.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
        try:
            shares.lock_rules(cursor, alone=True)
        except OperationalError as error:
            raise Sentence("A bill is being loaded just now; ask again when it is done.") from error
        last = (
            AllocationRun.objects.filter(cause=AllocationRun.Cause.RULES)
            .order_by("-created_at", "-pk")
            .first()
        )
        waiting = shares.share_all_keys(cursor, last=last)
        change()
        changed = shares.share_all_keys(
            cursor,
            last=AllocationRun(
                cause=AllocationRun.Cause.RULES, created_at=timezone.now(), asked=waiting.asked
            ),
        )
        effect = _effect(changed)
        transaction.set_rollback(True)
    return effect


def _effect(changed: shares.Changed) -> Effect:
    named = Initiative.objects.in_bulk([one.initiative for one in changed.moved if one.initiative])
    moves = tuple(
        Move(
            key=named[one.initiative].key if one.initiative else "",
            name=named[one.initiative].name if one.initiative else "Unallocated",
            currency=one.currency,
            billed=one.billed,
            effective=one.effective,
        )
        for one in changed.moved
    )
    return Effect(
        sentence=sentence(moves),
        moves=moves,
        keys=changed.keys,
        months=tuple(f"{month:%Y-%m}" for month in changed.months),
    )


def sentence(moves: Sequence[Move]) -> str:
    """
    Say what moves in one sentence.

    >>> sentence([Move("AI-1", "A", "USD", Decimal("41200"), Decimal(0)),
    ...           Move("", "Unallocated", "USD", Decimal("-41200"), Decimal(0))])
    'This would move 41,200.00 USD from unallocated to 1 initiative.'
    """
    if not any(one.billed for one in moves):
        return "This would move nothing that has been billed so far."
    parts = []
    for currency in sorted({one.currency for one in moves}):
        here = [one for one in moves if one.currency == currency and one.billed]
        to = [one for one in here if one.billed > 0]
        gone = [one for one in here if one.billed < 0]
        if not to or not gone:
            continue
        amount = exact_sum(one.billed for one in to)
        parts.append(f"{amount:,.2f} {currency} from {_whom(gone)} to {_whom(to)}")
    return (
        f"This would move {', and '.join(parts)}."
        if parts
        else ("This would move nothing that has been billed so far.")
    )


def _whom(moves: Sequence[Move]) -> str:
    count = sum(1 for one in moves if one.key)
    words = [f"{count} initiative{'' if count == 1 else 's'}"] if count else []
    if any(not one.key for one in moves):
        words.insert(0, "unallocated")
    return " and ".join(words)
