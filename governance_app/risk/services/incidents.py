"""Incidents: reported, followed, told to authorities in time, closed with what was learned."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.refusing import refusals_noted
from governance_app.audit.rows import check_version, save_changes
from governance_app.compliance.models import Library
from governance_app.compliance.reading import CLOCKS, content_of
from governance_app.compliance.selectors import current_tier
from governance_app.domain.errors import Sentence
from governance_app.domain.questions import UNKNOWN, holds
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User
from governance_app.risk.models import (
    Incident,
    IncidentEvent,
    IncidentNotice,
    IncidentRisk,
    Risk,
    Signal,
)
from governance_app.risk.services.signals import cleared, raised

SERIOUS = Incident.Severity.HIGH
ANSWERS = ("yes", "no", UNKNOWN)
#: Numbers are given one after the other, whoever reports at the same time.
_NUMBERS = 0x1DC1


class BadIncident(Sentence):
    """Something about an incident that cannot be done; says what to mend."""


@recorded
def report_incident(
    *,
    initiative: Initiative,
    title: str,
    severity: int,
    occurred_at: dt.datetime,
    detected_at: dt.datetime,
    aware_at: dt.datetime,
    now: dt.datetime,
    by: User,
    description: str = "",
    facts: Mapping[str, str] | None = None,
    people_affected: int | None = None,
    owner: User | None = None,
) -> Incident:
    """
    Report an incident: the clocks of authorities start, a serious one raises a signal.

    Args:
        facts: the questions of the clocks' file -> yes, no or unknown; what is left out is
            unknown, and an unknown answer starts a clock.

    Raises:
        BadIncident: no title, an unknown severity or answer, or moments out of order.
    """
    access.require(by, "incident.report", initiative)
    if not title.strip():
        raise BadIncident("An incident needs a title: what happened to whom.")
    if severity not in Incident.Severity.values:
        raise BadIncident("The severity is 1 (low) to 4 (critical).")
    if not occurred_at <= detected_at <= aware_at <= now:
        raise BadIncident(
            "It happens, is detected, becomes known, in that order and not in the future."
        )
    if people_affected is not None and people_affected < 0:
        raise BadIncident("The people affected are none or more.")
    known = _checked({"eu_high_risk": _is_high_risk(initiative), **(facts or {})})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBERS])
    row = Incident.objects.create(
        number=(Incident.objects.aggregate(top=Max("number"))["top"] or 0) + 1,
        initiative=initiative,
        title=title.strip()[:300],
        description=description.strip(),
        severity=severity,
        facts=known,
        occurred_at=occurred_at,
        detected_at=detected_at,
        aware_at=aware_at,
        people_affected=people_affected,
        owner=owner or initiative.risk_owner or initiative.business_owner,
        reported_by=by,
    )
    _write(row, f"Reported: {row.get_severity_display().lower()}.", now, by)
    _wind_clocks(row)
    _signal(row, now.date(), by)
    return row


@recorded
def write_event(
    *, incident: Incident, text: str, at: dt.datetime, now: dt.datetime, by: User
) -> IncidentEvent:
    """
    Add a line to the timeline.

    Raises:
        BadIncident: nothing to say, in the future, or the incident is closed.
    """
    access.require(by, "incident.report", incident)
    row = _locked(incident)
    if not text.strip():
        raise BadIncident("Write what happened.")
    if at > now:
        raise BadIncident("The timeline tells what was, not what will be.")
    return _write(row, text.strip(), at, by)


@recorded
def change_incident(
    *,
    incident: Incident,
    now: dt.datetime,
    by: User,
    severity: int | None = None,
    state: str | None = None,
    owner: User | None = None,
    facts: Mapping[str, str] | None = None,
    cause: str | None = None,
    people_affected: int | None = None,
    version: int | None = None,
) -> Incident:
    """
    Change what is known of an incident; the timeline says so, the clocks follow.

    Raises:
        BadIncident: an unknown severity, state or answer; closing goes through its own door.
        StaleWrite: somebody changed it since ``version`` was read.
    """
    access.require(by, "incident.manage", incident)
    row = _locked(incident)
    check_version(row, version)
    changes: dict[str, Any] = {}
    if severity is not None:
        if severity not in Incident.Severity.values:
            raise BadIncident("The severity is 1 (low) to 4 (critical).")
        changes["severity"] = severity
    if state is not None:
        if state not in Incident.State.values or state == Incident.State.CLOSED:
            raise BadIncident("It is open, contained or resolved; close it with what was learned.")
        changes["state"] = state
    if owner is not None:
        changes["owner"] = owner
    if facts is not None:
        changes["facts"] = _checked({**row.facts, **facts})
    if cause is not None:
        changes["cause"] = cause.strip()
    if people_affected is not None:
        changes["people_affected"] = people_affected
    changed = save_changes(row, **changes)
    said = []
    if "severity" in changed:
        said.append(f"severity {row.get_severity_display().lower()}")
    if "state" in changed:
        said.append(row.get_state_display().lower())
    if "owner" in changed:
        said.append(f"led by {row.owner}")
    if "facts" in changed:
        said.append("what is known for authorities changed")
    if "cause" in changed:
        said.append("cause written down")
    if said:
        text = "; ".join(said)
        _write(row, text[0].upper() + text[1:] + ".", now, by)
    if "facts" in changed:
        _wind_clocks(row)
    if "severity" in changed:
        _signal(row, now.date(), by)
    return row


@recorded
def link_risk(*, incident: Incident, risk: Risk, now: dt.datetime, by: User) -> IncidentRisk:
    """
    Say that an incident is a risk of its initiative that came true.

    Raises:
        BadIncident: a risk of another initiative.
    """
    access.require(by, "incident.manage", incident)
    row = _locked(incident)
    if risk.initiative_id != row.initiative_id:
        raise BadIncident(f"“{risk}” is a risk of another initiative.")
    link, is_new = IncidentRisk.objects.get_or_create(incident=row, risk=risk)
    if is_new:
        _write(row, f"It was foreseen as “{risk}”.", now, by)
    return link


@recorded
def send_notice(
    *, notice: IncidentNotice, sent_at: dt.datetime, reference: str, now: dt.datetime, by: User
) -> IncidentNotice:
    """
    Record that an authority was told, and under which reference.

    Raises:
        BadIncident: told already, in the future, before it was known, or without reference.
    """
    access.require(by, "incident.manage", notice)
    incident = _locked(notice.incident)
    row = IncidentNotice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
    if row.sent_at is not None:
        raise BadIncident(f"{row.authority} was told already.")
    if not incident.occurred_at <= sent_at <= now:
        raise BadIncident("A notice is sent after the incident and not in the future.")
    if not reference.strip():
        raise BadIncident("Give the reference under which the authority keeps it.")
    save_changes(row, sent_at=sent_at, reference=reference.strip()[:200], sent_by=by)
    late = "" if sent_at <= row.due_at else ", late"
    _write(incident, f"Told {row.authority} ({row.title}){late}: {row.reference}.", sent_at, by)
    return row


@refusals_noted
@recorded
def close_incident(
    *,
    incident: Incident,
    lessons: str,
    cause: str,
    now: dt.datetime,
    by: User,
    version: int | None = None,
) -> Incident:
    """
    Close an incident with its cause and what was learned.

    Raises:
        BadIncident: closed already, nothing learned, or an authority has not been told yet.
    """
    access.require(by, "incident.manage", incident)
    row = _locked(incident)
    check_version(row, version)
    if not lessons.strip() or not cause.strip():
        raise BadIncident("Write the cause and what was learned before you close it.")
    owed = IncidentNotice.objects.filter(incident=row, sent_at=None, lapsed_because="")
    if owed.exists():
        titles = ", ".join(owed.order_by("due_at").values_list("title", flat=True))
        raise BadIncident(f"Tell the authorities first, or rule it out: {titles}.")
    save_changes(
        row,
        state=Incident.State.CLOSED,
        lessons=lessons.strip(),
        cause=cause.strip(),
        closed_at=now,
    )
    _write(row, "Closed.", now, by)
    _signal(row, now.date(), by)
    return row


def _locked(incident: Incident) -> Incident:
    rows = Incident.objects.select_for_update(of=("self",)).select_related("initiative__node")
    row = rows.get(pk=incident.pk)
    if row.state == Incident.State.CLOSED:
        raise BadIncident(f"{row.key} is closed; report a new incident.")
    return row


def _write(row: Incident, text: str, at: dt.datetime, by: User) -> IncidentEvent:
    return IncidentEvent.objects.create(incident=row, at=at, text=text, written_by=by)


def _is_high_risk(initiative: Initiative) -> str:
    tier = current_tier(initiative=initiative).tier
    if tier == UNKNOWN:
        return UNKNOWN
    return "yes" if tier in ("high", "prohibited") else "no"


def _file() -> Any:
    row = Library.objects.filter(key=CLOCKS, is_current=True).select_related("file").first()
    return content_of(row) if row is not None else None


def _checked(facts: Mapping[str, str]) -> dict[str, str]:
    file = _file()
    known = {question.key for question in file.tree.questions} if file else {"eu_high_risk"}
    for key, value in facts.items():
        if key not in known:
            raise BadIncident(f"Nobody asks “{key}” of an incident.")
        if value not in ANSWERS:
            raise BadIncident(f"“{key}” is answered with yes, no or unknown.")
    return {key: facts.get(key, UNKNOWN) for key in sorted(known)}


def _wind_clocks(row: Incident) -> None:
    """Start the clocks that cannot be ruled out; those ruled out lapse, unless already told."""
    file = _file()
    standing = {each.clock: each for each in row.notices.select_for_update()}
    for clock in file.clocks if file else ():
        start: dt.datetime = getattr(row, clock.counts_from)
        if clock.applies_from and start.date() < clock.applies_from:
            continue
        is_owed = holds(clock.when, answers=row.facts, facts={}) is not False
        notice = standing.get(clock.key)
        if notice is None and is_owed:
            IncidentNotice.objects.create(
                incident=row,
                clock=clock.key,
                title=clock.title,
                authority=clock.authority,
                article=clock.article,
                source_url=clock.source_url,
                due_at=start + dt.timedelta(hours=clock.hours),
            )
        elif notice is not None and notice.sent_at is None:
            because = "" if is_owed else "What is known now rules it out."
            save_changes(notice, lapsed_because=because)


def _signal(row: Incident, on: dt.date, by: User) -> None:
    """A serious open incident is a signal; a closed or lesser one is not."""
    standing = Signal.objects.filter(
        initiative=row.initiative, kind="incident.open", ref=row.key, cleared_at=None
    ).first()
    is_serious = row.severity >= SERIOUS and row.state != Incident.State.CLOSED
    if is_serious:
        day = timezone.localtime(row.aware_at).date()
        evidence = f"{row}, {row.get_severity_display().lower()}, known since {day}."
        raised(
            initiative=row.initiative, kind="incident.open", ref=row.key, evidence=evidence,
            on=on, by=by,
        )  # fmt: skip
    elif standing is not None:
        cleared(signal=standing, because=f"{row.key} is closed or less severe.", on=on, by=by)
