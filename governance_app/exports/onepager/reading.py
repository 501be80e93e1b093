"""
What a one-pager says, read for a day as it was known at a moment.

Figures come from rows that say from when until when they were known; moves, updates and gate
decisions are never edited; what is edited in place (names, owners, milestones) is read back
through the trail. So the same day and moment give the same page, whatever came later.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from governance_app.audit import selectors as trail
from governance_app.domain import kpis as sums
from governance_app.domain import spelling
from governance_app.domain.risk import level_name
from governance_app.exports.packs.reading import written
from governance_app.gates import selectors as gates
from governance_app.gates.models import GateRequest
from governance_app.initiatives import choices
from governance_app.initiatives import selectors as register
from governance_app.initiatives.models import Initiative, Milestone, StageMove
from governance_app.people import access
from governance_app.people import selectors as people
from governance_app.people.models import ScopeNode, User
from governance_app.readings import selectors as readings
from governance_app.rollups import selectors as rollups
from governance_app.rollups import table
from governance_app.rollups.models import InitiativeNow
from governance_app.rollups.selectors import passports
from governance_app.value import selectors as value

MILESTONES, KPIS, DECISIONS = 6, 4, 3
_OWNERS = {
    "sponsor_id": "Sponsor",
    "business_owner_id": "Business owner",
    "program_manager_id": "Program manager",
    "risk_owner_id": "Risk owner",
}
_LADDER = {
    "promised_to_date": "Promised",
    "claimed_to_date": "Claimed",
    "measured_to_date": "Measured",
    "validated_to_date": "Validated by finance",
    "banked_to_date": "Banked",
}
_MOST_NOTE_LINES = 8


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the page: its words, how it is written, and the number of its note."""

    words: str
    text: str
    note: str = ""
    number: int = 0
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Rung:
    """One step from promise to bank; ``share`` is its length beside the longest, 0 to 100."""

    words: str
    text: str
    share: int
    number: int = 0


@dataclass(frozen=True, slots=True)
class Note:
    """Where one figure comes from."""

    number: int
    words: str
    text: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnePager:
    """Everything that the page says; ``sees_money`` False leaves the money out."""

    key: str
    name: str
    unit: str
    purpose: str
    nature: str
    stage: str
    stage_since: str
    status: str
    status_slug: str
    status_sentence: str
    status_on: str
    owners: tuple[tuple[str, str], ...]
    sees_money: bool
    through: str
    figures: tuple[Figure, ...]
    finding: str
    ladder: tuple[Rung, ...]
    kpis: tuple[tuple[str, ...], ...]
    milestones: tuple[tuple[str, ...], ...]
    decisions: tuple[tuple[str, ...], ...]
    notes: tuple[Note, ...]
    on: dt.date
    known_at: dt.datetime

    @property
    def source(self) -> str:
        """Say of which day and moment the page is."""
        known = self.known_at.astimezone(dt.UTC)
        return (
            f"{self.key}, figures of {spelling.day(self.on)} as known"
            f" {spelling.day(known.date())} {known:%H:%M} UTC"
        )


def read(*, viewer: User, key: str, on: dt.date, known_at: dt.datetime) -> OnePager | None:
    """Read the page of an initiative, or None when the viewer may not see it."""
    row = register.initiative(viewer=viewer, key=key)
    if row is None:
        return None
    was = _register(row, known_at)
    now = table.present(viewer=viewer, initiatives=[row.pk], as_of=known_at).get(row.pk)
    notes = _Notes(viewer, row, rollups.Moment(on, known_at))
    sees_money = access.sees_money(viewer, row.node)
    stage, since = _stage(row, on, known_at)
    status = (
        register.status_updates(viewer=viewer, initiative=row)
        .filter(on__lte=on, created_at__lte=known_at)
        .first()
    )
    return OnePager(
        key=row.key,
        name=was["name"],
        unit=_unit(was["unit_id"]),
        purpose=was["purpose"],
        nature=_nature(was),
        stage=stage,
        stage_since=since,
        status=choices.STATUSES[status.status] if status else "",
        status_slug=status.status if status else "none",
        status_sentence=status.sentence if status else "",
        status_on=spelling.day(status.on) if status else "",
        owners=_owners(was),
        sees_money=sees_money,
        through=spelling.month(now.through) if now else "",
        figures=tuple(_figures(now, notes, sees_money)),
        finding=_finding(now) if sees_money else "",
        ladder=tuple(_ladder(now, notes)) if sees_money else (),
        kpis=tuple(_kpis(viewer, row, on, known_at)),
        milestones=tuple(_milestones(viewer, row, on, known_at)),
        decisions=tuple(_decisions(viewer, row, known_at)),
        notes=tuple(notes.kept),
        on=on,
        known_at=known_at,
    )


class _Notes:
    """Passports as they are asked for, numbered in the order of the page."""

    def __init__(self, viewer: User, row: Initiative, at: rollups.Moment) -> None:
        self.viewer, self.row, self.at = viewer, row, at
        self.kept: list[Note] = []

    def add(self, figure: str, words: str, text: str) -> int:
        """Keep where a figure comes from; give its number, or 0 where nothing is kept of it."""
        try:
            found = passports.passport(
                figure=figure, subject=self.row.key, viewer=self.viewer, as_of=self.at
            )
        except passports.NoPassport:
            return 0
        said = [f"{found.title}: {found.formula}"]
        for line in found.lines[:_MOST_NOTE_LINES]:
            where = f" ({line.where})" if line.where else ""
            said.append(f"{line.label}: {written(line)}{where}")
        if len(found.lines) > _MOST_NOTE_LINES:
            said.append(f"and {len(found.lines) - _MOST_NOTE_LINES} more")
        said += [f"Left out: {one}" for one in found.left_out[:3]]
        said += [one for one in (found.completeness, found.confidence, found.stale) if one]
        note = Note(len(self.kept) + 1, words, text, tuple(said))
        self.kept.append(note)
        return note.number


def _register(row: Initiative, at: dt.datetime) -> dict[str, Any]:
    """Give the columns of the register that the page shows, as they were."""
    names = ("name", "purpose", "unit_id", "ai_type", "vendor", "kind", *_OWNERS)
    values = {
        name: str(held) if isinstance(held := getattr(row, name), uuid.UUID) else held
        for name in names
    }
    return trail.as_it_was(row=row.pk, table="initiatives_initiative", values=values, at=at)


def _unit(unit_id: str) -> str:
    return ScopeNode.objects.get(pk=unit_id).name


def _nature(was: Mapping[str, Any]) -> str:
    parts = [choices.AI_TYPES.get(was["ai_type"], ""), was["vendor"]]
    return ", ".join(part for part in parts if part)


def _owners(was: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    names = people.names(ids=[was[column] for column in _OWNERS if was[column]])
    return tuple(
        (words, names.get(str(was[column]), "nobody") if was[column] else "nobody")
        for column, words in _OWNERS.items()
    )


def _stage(row: Initiative, on: dt.date, known_at: dt.datetime) -> tuple[str, str]:
    moves = StageMove.objects.filter(initiative=row, on__lte=on, created_at__lte=known_at)
    last = moves.select_related("to_stage").order_by("on", "pk").last()
    return (last.to_stage.name, spelling.day(last.on)) if last else ("Stage unknown", "")


def _figures(now: InitiativeNow | None, notes: _Notes, sees_money: bool) -> list[Figure]:
    if now is None:
        return []
    found = []
    if sees_money:
        over = bool(now.spend_year and now.budget_year and now.spend_year > now.budget_year)
        found += [
            _money(now, notes, "spend_year", "Spend this fiscal year", _budget(now), is_bad=over),
            _money(now, notes, "validated_to_date", "Validated benefit", _promised(now)),
            _ratio(now, notes, "roi_validated", "ROI on validated benefit", _roi_promised(now)),
            _money(now, notes, "to_go", "Value to go", "still promised less still to be spent"),
        ]
    level = level_name(now.risk_level) if now.risk_level is not None else _why(now, "risk_level")
    above = f"{now.risk_above_appetite} above appetite" if now.risk_above_appetite else ""
    found.append(
        Figure(
            "Residual risk", level, above or spelling.plural(now.risk_count, "risk"),
            notes.add("risk_level", "Residual risk", level), bool(now.risk_above_appetite),
        )
    )  # fmt: skip
    if now.efficiency_gain is not None:
        found.append(_ratio(now, notes, "efficiency_gain", "Efficiency gain", now.efficiency_kpi))
    return found


def _money(
    now: InitiativeNow, notes: _Notes, name: str, words: str, note: str, *, is_bad: bool = False
) -> Figure:
    held = getattr(now, name)
    text = _why(now, name) if held is None else spelling.money(held, now.currency)
    return Figure(words, text, note, notes.add(name, words, text), is_bad)


def _ratio(now: InitiativeNow, notes: _Notes, name: str, words: str, note: str) -> Figure:
    held = getattr(now, name)
    text = _why(now, name) if held is None else spelling.percent(held, plus=True)
    return Figure(words, text, note, notes.add(name, words, text), bool(held and held < 0))


def _why(now: InitiativeNow, name: str) -> str:
    return str(now.reasons.get(name) or "unknown")


def _budget(now: InitiativeNow) -> str:
    if now.budget_year is None:
        return "no budget"
    return f"of {spelling.money(now.budget_year, now.currency)} budgeted"


def _promised(now: InitiativeNow) -> str:
    if now.promised_to_date is None:
        return "nothing promised"
    return f"of {spelling.money(now.promised_to_date, now.currency)} promised to date"


def _roi_promised(now: InitiativeNow) -> str:
    if now.roi_promised is None:
        return ""
    return f"{spelling.percent(now.roi_promised, plus=True)} promised over its life"


def _finding(now: InitiativeNow | None) -> str:
    """State what the ladder shows, or nothing."""
    if now is None or not now.promised_to_date or now.validated_to_date is None:
        return ""
    share = spelling.percent(now.validated_to_date / now.promised_to_date)
    return f"Finance validated {share} of what was promised to date"


def _ladder(now: InitiativeNow | None, notes: _Notes) -> list[Rung]:
    if now is None:
        return []
    held = {name: getattr(now, name) for name in _LADDER}
    longest = max((amount for amount in held.values() if amount), default=Decimal(0))
    rungs = []
    for name, words in _LADDER.items():
        amount = held[name]
        text = _why(now, name) if amount is None else spelling.money(amount, now.currency)
        share = int(100 * amount / longest) if amount and amount > 0 and longest > 0 else 0
        rungs.append(Rung(words, text, share, notes.add(name, words, text)))
    return rungs


def _kpis(
    viewer: User, row: Initiative, on: dt.date, known_at: dt.datetime
) -> list[tuple[str, str, str, str, str]]:
    """Give each KPI from baseline to target, with the reading that counted then."""
    kpis = list(value.kpis(initiative=row, viewer=viewer).filter(created_at__lte=known_at)[:KPIS])
    points = readings.points(viewer=viewer, series=[k.series for k in kpis], as_of=known_at)
    newest = {point.series_id: point for point in points.filter(period_on__lte=on)}
    found = []
    for kpi in kpis:
        point = newest.get(kpi.series_id)
        gain = "unknown"
        if point is not None and kpi.baseline is not None:
            figure = sums.efficiency_gain(kpi.baseline, point.value, sums.Direction(kpi.direction))
            if figure.value is not None:
                gain = spelling.percent(figure.value, plus=True)
        found.append(
            (
                kpi.name,
                _level(kpi.baseline, kpi.unit),
                f"{_level(point.value, kpi.unit)}, {spelling.day(point.period_on)}"
                if point is not None
                else "no reading",
                _level(kpi.target, kpi.unit),
                gain,
            )
        )
    return found


def _level(amount: Decimal | None, unit: str) -> str:
    if amount is None:
        return "not set"
    places = 0 if amount == amount.to_integral_value() else 2
    return f"{spelling.plain(amount, places)} {unit}".strip()


def _milestones(
    viewer: User, row: Initiative, on: dt.date, known_at: dt.datetime
) -> list[tuple[str, ...]]:
    """Give milestones as they stood: those ahead, then those reached last, by day."""
    kept = []
    for one in Milestone.objects.visible_to(viewer).filter(
        initiative=row, created_at__lte=known_at
    ):
        was = trail.as_it_was(
            row=one.pk,
            table="initiatives_milestone",
            values={
                "name": one.name,
                "due_on": one.due_on.isoformat(),
                "done_on": one.done_on.isoformat() if one.done_on else None,
            },
            at=known_at,
        )
        due = dt.date.fromisoformat(was["due_on"])
        done = dt.date.fromisoformat(was["done_on"]) if was["done_on"] else None
        if done is not None and done > on:
            done = None
        kept.append((done is not None, due, str(was["name"]), done))
    ahead = sorted((each for each in kept if not each[0]), key=lambda each: each[1:3])
    reached = sorted((each for each in kept if each[0]), key=lambda each: each[1:3])
    room = max(MILESTONES - len(ahead), 0)
    shown = [*reached[len(reached) - room :], *ahead][:MILESTONES] if room else ahead[:MILESTONES]
    return [(name, spelling.day(due), _reached(due, done, on)) for _done, due, name, done in shown]


def _reached(due: dt.date, done: dt.date | None, on: dt.date) -> str:
    if done is not None:
        return f"reached {spelling.day(done)}"
    late = (on - due).days
    return f"{spelling.plural(late, 'day')} late" if late > 0 else "ahead"


def _decisions(
    viewer: User, row: Initiative, known_at: dt.datetime
) -> list[tuple[str, str, str, str]]:
    decided = gates.requests(viewer=viewer, initiative=row).filter(decided_at__lte=known_at)
    found = []
    for one in decided.order_by("-decided_at", "-pk")[:DECISIONS]:
        assert one.decided_at is not None
        was = trail.as_it_was(
            row=one.pk, table="gates_gaterequest", values={"state": one.state}, at=known_at
        )
        found.append(
            (
                spelling.day(one.decided_at.date()),
                f"{one}, into {one.to_stage}",
                GateRequest.State(was["state"]).label,
                one.ending_sentence or one.reason,
            )
        )
    return found
