"""Where a decision takes a password that was given just now: which requests, and for how long."""

import datetime as dt

from governance_app.books.selectors import setting
from governance_app.gates.models import GateRequest
from governance_app.gates.refusing import GateRefused


class PasswordTooOld(GateRefused):
    """The decider has to give their password again first."""


def minutes_asked(*, request: GateRequest, on: dt.date) -> int:
    """
    Give how young a password must be to decide on a request, in minutes; 0 where it does not
    matter. The tier and the level of risk are those the request was submitted on.
    """
    told = setting(key="gate_fresh_password", on=on, node=request.initiative.node)
    minutes = int(told.get("minutes") or 0)
    if not minutes:
        return 0
    if request.facts.get("eu_tier") in (told.get("tiers") or ()):
        return minutes
    level, least = request.facts.get("risk_level"), told.get("risk_level")
    if level is not None and least is not None and int(level) >= int(least):
        return minutes
    return 0


def is_fresh(*, minutes: int, authenticated_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Tell whether a password was given in the last minutes; none was ever given is old."""
    if not minutes:
        return True
    if authenticated_at is None or authenticated_at > now:
        return False
    return now - authenticated_at <= dt.timedelta(minutes=minutes)


def check_fresh(
    request: GateRequest, authenticated_at: dt.datetime | None, now: dt.datetime
) -> None:
    """
    Refuse a decision on something of a high tier without a young password.

    Raises:
        PasswordTooOld: says how young it has to be.
    """
    minutes = minutes_asked(request=request, on=now.date())
    if not is_fresh(minutes=minutes, authenticated_at=authenticated_at, now=now):
        raise PasswordTooOld(
            f"{request} is of a tier that takes a password given in the last {minutes} minutes. "
            "Give yours again, then decide."
        )
