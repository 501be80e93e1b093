"""Saying what is known to be going wrong, and that it is over."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.domain.risk import CATEGORIES, SIGNAL_KINDS
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User
from governance_app.risk import scoring
from governance_app.risk.models import Signal
from governance_app.risk.services.register import BadRisk


@recorded
def raise_signal(
    *,
    initiative: Initiative,
    kind: str,
    evidence: str,
    on: dt.date,
    by: User,
    ref: str = "",
    effects: Mapping[str, Any] | None = None,
) -> Signal:
    """
    Say that something is going wrong; the same open signal again only renews its evidence.

    Args:
        kind: a key of ``domain.risk.SIGNAL_KINDS``, which gives the effects.
        evidence: value, threshold, source and time in a sentence.
        ref: tells two open signals of a kind apart.
        effects: categories, up, floor, likelihood_floor or lowers_confidence other than the
            default of the kind.

    Raises:
        BadRisk: an unknown kind or effect, or no evidence.
    """
    access.require(by, "risk.edit", initiative)
    return raised(
        initiative=initiative, kind=kind, evidence=evidence, on=on, by=by, ref=ref, effects=effects
    )


def raised(
    *,
    initiative: Initiative,
    kind: str,
    evidence: str,
    on: dt.date,
    by: User,
    ref: str = "",
    effects: Mapping[str, Any] | None = None,
) -> Signal:
    """Raise a signal inside another service, which asked for its own permission."""
    if kind not in SIGNAL_KINDS:
        raise BadRisk(f"The signal is one of {', '.join(SIGNAL_KINDS)}, not {kind!r}.")
    if not evidence.strip():
        raise BadRisk("A signal needs its evidence in a sentence.")
    fields: dict[str, Any] = {**scoring.signal_effects(kind, on), "evidence": evidence.strip()}
    unknown = sorted(set(effects or {}) - set(fields))
    if unknown:
        raise BadRisk(f"A signal has no effect called {', '.join(unknown)}.")
    fields |= effects or {}
    if not set(fields["categories"]) <= set(CATEGORIES):
        raise BadRisk(f"A signal touches some of {', '.join(CATEGORIES)}.")
    Initiative.objects.select_for_update(of=("self",)).get(pk=initiative.pk)
    standing = Signal.objects.filter(initiative=initiative, kind=kind, ref=ref, cleared_at=None)
    signal = standing.first()
    if signal is None:
        signal = Signal.objects.create(
            initiative=initiative,
            kind=kind,
            ref=ref,
            raised_at=timezone.now(),
            raised_by=by,
            **fields,
        )
    elif not save_changes(signal, **fields):
        return signal
    scoring.rescore(scoring.open_risks(initiative), on)
    return signal


@recorded
def clear_signal(*, signal: Signal, because: str, on: dt.date, by: User) -> Signal:
    """
    Say that what was signalled is over, and how one knows.

    Raises:
        BadRisk: no reason, or it is cleared already.
    """
    access.require(by, "risk.edit", signal)
    return cleared(signal=signal, because=because, on=on, by=by)


def cleared(*, signal: Signal, because: str, on: dt.date, by: User) -> Signal:
    """Clear a signal inside another service, which asked for its own permission."""
    signal = Signal.objects.select_for_update(of=("self",)).get(pk=signal.pk)
    if signal.cleared_at is not None:
        raise BadRisk(f"{signal}: cleared already.")
    if not because.strip():
        raise BadRisk(f"{signal}: say in a sentence why it is over.")
    save_changes(signal, cleared_at=timezone.now(), cleared_by=by, cleared_because=because.strip())
    scoring.rescore(scoring.open_risks(signal.initiative), on)
    return signal
